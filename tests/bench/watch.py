"""Benchmark of the watch: every shipped rule looks at every customer.

Makes customers with two million sales orders and two million contacts (personal ones,
answers, mailings opened and not) in a scratch database, then measures

* fitting a model of purchases on a sample, and looking back a year by one rule;
* the first night of the watch with all shipped rules switched on, beside plain SQL
  that finds the same kinds of signs (own rhythm, falling purchases, contacts, answers
  and mails) without weighing chance, and keeps as many rows;
* ordinary nights of the watch, and a whole night of all steps.

The last line printed is ``BENCH watch key=value …``.
"""

import datetime
import statistics
import time

from _common import Bench, memory, parser, say_result
from score import DAY, NIGHT_SHARE, ScoreBench

CUSTOMERS_EACH = 1_000  # whom one salesperson looks after

# of ten contacts four are mailings (one in three opened), four are ours, two theirs
TOUCHES = """
INSERT INTO retention_touch (partner_id, company_id, channel_id, direction, category,
    state, done_at, outcome, reaction, origin, key, is_bulk, is_real, create_date,
    write_date)
SELECT id, %(company)s, CASE WHEN k %% 10 < 4 THEN %(mail)s ELSE %(phone)s END,
       CASE WHEN k %% 10 < 8 THEN 'out' ELSE 'in' END,
       CASE WHEN k %% 10 < 4 THEN 'promotion' ELSE 'relationship' END, 'done', moment,
       CASE WHEN k %% 10 < 4 THEN NULL WHEN k %% 10 < 6 THEN 'reached'
            ELSE 'answered' END,
       CASE WHEN k %% 10 = 0 AND id %% 4 <> 0 THEN 'opened' END,
       CASE WHEN k %% 10 < 4 THEN 'mailing' ELSE 'manual' END,
       'bench:' || id || ':' || k, k %% 10 < 4, k %% 10 >= 4, moment,
       moment
  FROM (SELECT id, ceil(2 * %(mean)s * (hashint4(id + 7) & 1023) / 1024.0) AS most
          FROM res_partner WHERE name LIKE 'Bench %%') p,
       generate_series(1, p.most::integer) k,
       LATERAL (SELECT %(day)s::date - make_interval(secs => 86400 * 1000.0
                       * (hashint4(p.id * 31 + k) & 65535) / 65536) AS moment) m;
UPDATE res_partner SET user_id = (%(people)s::integer[])[1 + id %% %(crew)s]
 WHERE name LIKE 'Bench %%';
"""
TUNE = (
    "SET LOCAL work_mem = '256MB'; SET LOCAL jit = off;"
    "SET LOCAL max_parallel_workers_per_gather = 0;"
)
DOCUMENTS = """
WITH doc AS MATERIALIZED (
  SELECT p.commercial_partner_id AS partner_id,
         (o.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS date,
         o.amount_untaxed / o.currency_rate AS amount
    FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
   WHERE o.state = 'sale' AND o.company_id = %(company)s AND o.amount_untaxed <> 0)
"""
# What somebody would write by hand: rhythm, purchases that become fewer at once, slowly
# or smaller, no second one, contacts and answers, mails.
PLAIN = (
    DOCUMENTS
    + """
    INSERT INTO bench_found
    SELECT 'overdue', partner_id, usual, %(day)s::date - last FROM (
      SELECT partner_id, max(date) AS last, count(*) AS gaps,
             percentile_cont(0.9) WITHIN GROUP (ORDER BY gap) AS usual
        FROM (SELECT partner_id, date, date - lag(date) OVER (
                PARTITION BY partner_id ORDER BY date) AS gap
                FROM (SELECT DISTINCT partner_id, date FROM doc) days) gaps
       GROUP BY partner_id) own
     WHERE gaps > 4 AND %(day)s::date - last > usual
    """,
    DOCUMENTS
    + """
    INSERT INTO bench_found
    SELECT 'drop', partner_id, avg(n) FILTER (WHERE age > 3),
           avg(n) FILTER (WHERE age <= 3)
      FROM (SELECT partner_id, (%(day)s::date - date) / 30 + 1 AS age, count(*) AS n,
                   sum(amount) AS amount
              FROM doc WHERE date > %(day)s::date - 720 GROUP BY 1, 2) months
     GROUP BY partner_id
    HAVING sum(n) FILTER (WHERE age > 3) >= 12
       AND COALESCE(avg(n) FILTER (WHERE age <= 3), 0)
           < 0.5 * avg(n) FILTER (WHERE age > 3)
    """,
    DOCUMENTS
    + """
    INSERT INTO bench_found
    SELECT 'slow', partner_id, first, last FROM (
      SELECT partner_id,
             count(*) FILTER (WHERE age > 12) / 24.0 AS first,
             count(*) FILTER (WHERE age BETWEEN 7 AND 12) / 6.0 AS middle,
             count(*) FILTER (WHERE age <= 6) / 6.0 AS last, count(*) AS n
        FROM (SELECT partner_id, (%(day)s::date - date) / 30 + 1 AS age FROM doc
               WHERE date > %(day)s::date - 1080) months
       GROUP BY partner_id) t WHERE n >= 12 AND middle < first AND last < 0.5 * middle
    """,
    DOCUMENTS
    + """
    INSERT INTO bench_found
    SELECT 'amount', partner_id, before, now FROM (
      SELECT partner_id,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY amount)
               FILTER (WHERE date <= %(day)s::date - 90) AS before,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY amount)
               FILTER (WHERE date > %(day)s::date - 90) AS now, count(*) AS n
        FROM doc WHERE date > %(day)s::date - 820 GROUP BY partner_id) t
     WHERE n >= 6 AND now < 0.5 * before
    """,
    DOCUMENTS
    + """
    INSERT INTO bench_found
    SELECT 'second', partner_id, 1, %(day)s::date - max(date) FROM doc
     GROUP BY partner_id
    HAVING count(DISTINCT date) = 1 AND max(date) < %(day)s::date - 60
    """,
    """
    INSERT INTO bench_found
    SELECT 'contacts', partner_id, before, now FROM (
      SELECT partner_id,
             count(*) FILTER (WHERE done_at > %(day)s::date - 90) AS now,
             count(*) FILTER (WHERE done_at <= %(day)s::date - 90) / 3.0 AS before
        FROM retention_touch
       WHERE state = 'done' AND company_id = %(company)s AND is_real
         AND (direction = 'in' OR outcome = 'answered')
         AND done_at > %(day)s::date - 360
       GROUP BY partner_id) t WHERE before >= 1 AND now < 0.3 * before
    """,
    """
    INSERT INTO bench_found
    SELECT 'mails', partner_id, before, now FROM (
      SELECT partner_id,
             count(reaction) FILTER (WHERE done_at > %(day)s::date - 90) AS now,
             count(reaction) FILTER (WHERE done_at <= %(day)s::date - 90) AS before,
             count(*) FILTER (WHERE done_at > %(day)s::date - 90) AS sent
        FROM retention_touch
       WHERE state = 'done' AND company_id = %(company)s AND is_bulk
         AND done_at > %(day)s::date - 360
       GROUP BY partner_id) t WHERE before >= 2 AND now = 0 AND sent >= 3
    """,
    """
    INSERT INTO bench_alert (signal_id, partner_id, company_id, state, is_open,
        severity, severity_rank, reason, before, after, opened_on, create_date,
        write_date)
    SELECT %(signal)s, partner_id, %(company)s, 'new', TRUE, 'medium', 1,
           kind || ': ' || round(before::numeric, 1) || ' before, now ' || after,
           before, after, %(day)s, now(), now()
      FROM (SELECT DISTINCT ON (partner_id) * FROM bench_found
             ORDER BY partner_id, kind) f
     ORDER BY hashint4(partner_id) LIMIT %(alerts)s
    """,
)


class WatchBench(ScoreBench):
    """Customers with purchases and contacts, and all shipped rules switched on."""

    evaluate = Bench.evaluate  # all steps, not scoring and placing alone

    def fill(self):
        """Make customers, orders, contacts, salespeople."""
        super().fill()
        crew = max(1, self.customers // CUSTOMERS_EACH)

        def look(env):
            users = [
                {"name": f"Bench person {n}", "login": f"bench{n}"} for n in range(crew)
            ]
            env["retention.signal"].with_context(active_test=False).search(
                [("company_id", "=", env.company.id)]
            ).active = True
            return {
                "company": env.company.id,
                "mail": env.ref("crm_retention.channel_email").id,
                "phone": env.ref("crm_retention.channel_phone").id,
                "people": env["res.users"].create(users).ids,
                "crew": crew,
                "day": DAY,
                "tz": self.tz,
                "signal": env["retention.signal"].search([], limit=1).id,
            }

        self.values = self.work(look)
        self.sql(TOUCHES, **self.values, mean=self.orders / self.customers)
        self.vacuum("res_partner", "retention_touch")

    def plain(self, alerts):
        """Find and keep the same by plain SQL; return the seconds."""
        self.sql(
            "CREATE TABLE bench_found (kind varchar, partner_id int, before float8,"
            " after float8);"
            "CREATE TABLE bench_alert (LIKE retention_alert INCLUDING ALL);"
            "ALTER TABLE bench_alert ADD FOREIGN KEY (partner_id)"
            " REFERENCES res_partner, ADD FOREIGN KEY (signal_id)"
            " REFERENCES retention_signal"
        )
        total = 0.0
        for statement in PLAIN:
            seconds, rows = self.sql(TUNE + statement, **self.values, alerts=alerts)
            total += seconds
            print(f"  plain: {seconds:6.2f} s, {rows} rows", flush=True)
        return total

    def watch(self, kind, day):
        """Run the watch alone; say what each rule found."""
        seconds, seen, changed = self.evaluate(kind, day, ("watch",))
        print(f"  watch {day}: {seconds:.2f} s, {seen} found, {changed} changed")
        return seconds, changed

    def rules_one_by_one(self, day):
        """Print how long each rule takes to look, and what it finds."""

        def job(env):
            from odoo.addons.crm_retention.models.actions.watch_read import Watch

            for signal in env["retention.signal"].search([]):
                start = time.monotonic()
                watch = Watch(signal, day).look()
                seconds = time.monotonic() - start
                print(
                    f"  {signal.kind:16} {seconds:6.2f} s, {len(watch.findings)} found,"
                    f" {watch.few} known too little",
                    flush=True,
                )

        self.work(job)

    def predict(self, day):
        """Return seconds of the predict step, which fits the models."""
        return self.evaluate("full", day, ("predict",))[0]

    def look_back(self):
        """Return seconds of looking back a year by the rule of overdue purchases."""

        def job(env):
            signal = env["retention.signal"].search([("kind", "=", "overdue")], limit=1)
            start = time.monotonic()
            signal._look_back(DAY)
            print("  " + signal.backtest_text, flush=True)
            return time.monotonic() - start

        return self.work(job)


def main():
    bench = WatchBench(parser(__doc__).parse_args())
    before = memory()
    print(f"filling {bench.customers} customers, {bench.orders} orders", flush=True)
    bench.fill()
    steps = ("score", "place", "stage")
    print(f"judged: {bench.evaluate('full', DAY, steps)[0]:.1f} s", flush=True)
    bench.vacuum("retention_profile", "retention_membership")
    predict = bench.predict(DAY)
    print(f"predicted: {predict:.1f} s", flush=True)
    bench.longest.update({"write": 0.0, "compare": 0.0})
    first, alerts = bench.watch("full", DAY)
    longest = dict(bench.longest)
    bench.rules_one_by_one(DAY)
    plain = bench.plain(alerts)
    again, changed_again = bench.watch("full", DAY)
    bench.evaluate("full", DAY, ("plan", "act", "settle"))
    nights, whole = [], []
    for n in range(1, bench.rounds + 1):
        day = DAY + datetime.timedelta(days=n)
        bench.buy(day)
        whole.append(bench.evaluate("night", day)[0])
        print(f"  whole night {day}: {whole[-1]:.1f} s", flush=True)
        nights.append(bench.watch("night", day)[0])
    result = {
        "full_ratio": first / plain,
        "again_ratio": again / plain,
        "night_ratio": statistics.median(nights) / plain,
        "changed_again": changed_again,
        "predict_s": predict,
        "look_back_s": bench.look_back(),
        "night_s": statistics.median(whole),
        "rss_mb": memory() - before,
        "longest_tx_s": longest["write"],
        "seconds": first,
        "plain_s": plain,
        "alerts": alerts,
        "night_share": NIGHT_SHARE,
        "customers": bench.customers,
        "orders": bench.orders,
    }
    say_result("watch", result)


if __name__ == "__main__":
    main()
