"""Benchmark of the score and place steps, beside plain SQL on the same data.

Makes customers with confirmed sales orders in the database it is given (a scratch
one), evaluates them for the first time, then measures in turn, each several times:

* the full recomputation, with every row different and with none, beside one
  hand-written SQL statement that computes and writes the same columns;
* an ordinary night (1.3 % of the customers bought), with the same customers and
  ten times the history as well, to show what it depends on;
* how long somebody who saves a contact meanwhile has to wait.

The last line printed is ``BENCH score key=value …``.
"""

import datetime
import statistics
import threading
import time

from _common import Bench, memory, parser, say_result

from odoo.tools import SQL

DAY = datetime.date(2026, 6, 1)
YEARS = 3
NIGHT_SHARE = 0.013
SEED = 0.42

PARTNERS = """
INSERT INTO res_partner (name, complete_name, active, type, is_company, create_date,
                         write_date, create_uid, write_uid, autopost_bills, user_id)
SELECT 'Bench ' || n, 'Bench ' || n, TRUE, 'contact', TRUE, now() AT TIME ZONE 'UTC',
       now() AT TIME ZONE 'UTC', 1, 1, 'ask', 2
  FROM generate_series(1, %(customers)s) n;
UPDATE res_partner SET commercial_partner_id = id WHERE name LIKE 'Bench %%';
"""

# A log-normal number of orders (median 0.4 of the mean, 90th percentile 2.3 times
# it), spread evenly over a random part of the years; 92 % confirmed.
ORDERS = """
SELECT setseed(%(seed)s);
CREATE TEMP TABLE plan ON COMMIT DROP AS
SELECT id,
       ceil(0.4 * %(mean)s * exp(1.353 * sqrt(-2 * ln(1 - random()))
            * cos(2 * pi() * random())))::integer AS orders,
       floor(random() * %(days)s)::integer AS start, random() AS life,
       20 * exp(3 * random()) AS size
  FROM res_partner WHERE name LIKE 'Bench %%';
INSERT INTO sale_order (name, partner_id, partner_invoice_id, partner_shipping_id,
    company_id, currency_id, currency_rate, state, date_order, amount_untaxed,
    amount_total, amount_tax, create_date, write_date, create_uid, write_uid)
SELECT 'B' || plan.id || '-' || n, plan.id, plan.id, plan.id, %(company)s, %(currency)s,
       1, CASE WHEN random() < 0.92 THEN 'sale' ELSE 'cancel' END,
       %(day)s::date - make_interval(secs => 86400 * plan.start * (1 - life * random())
                                     + 3600),
       round((size * exp(random() - 0.5))::numeric, 2), 0, 0,
       %(day)s::date, %(day)s::date, 1, 1
  FROM plan, generate_series(1, plan.orders) n;
"""

# What somebody would write by hand for the same columns: one statement, break
# points and limits as constants, only rows that differ are written.
PLAIN = """
WITH doc AS (
  SELECT p.commercial_partner_id AS partner_id,
         (o.date_order AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS date,
         round(o.amount_untaxed / o.currency_rate::numeric, 6) AS amount
    FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
   WHERE o.state = 'sale' AND o.company_id = %(company)s AND o.amount_untaxed <> 0
), gap AS (
  SELECT *, date - lag(date) OVER (PARTITION BY partner_id, amount > 0 ORDER BY date)
              AS gap
    FROM doc WHERE date <= %(day)s
), bought AS (
  SELECT partner_id,
         min(date) FILTER (WHERE amount > 0) AS first_purchase,
         max(date) FILTER (WHERE amount > 0) AS last_purchase,
         count(*) FILTER (WHERE amount > 0) AS purchase_count,
         sum(amount) AS lifetime_revenue,
         avg(amount) FILTER (WHERE amount > 0) AS average_order,
         count(*) FILTER (WHERE amount > 0 AND date > %(start)s) AS window_purchases,
         sum(amount) FILTER (WHERE date > %(start)s) AS window_revenue,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY gap)
           FILTER (WHERE amount > 0 AND gap > 0) AS purchase_interval
    FROM gap GROUP BY partner_id
), asked AS (
  SELECT partner_id, max(day) AS last_interaction FROM (
    SELECT p.commercial_partner_id AS partner_id, l.create_date::date AS day
      FROM crm_lead l JOIN res_partner p ON p.id = l.partner_id
     UNION ALL
    SELECT p.commercial_partner_id, o.create_date::date
      FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
     WHERE o.state IN ('draft', 'sent')
     UNION ALL
    SELECT commercial_partner_id, create_date::date FROM helpdesk_ticket) a
   GROUP BY partner_id
), figure AS (
  SELECT b.partner_id, first_purchase, last_purchase,
         greatest(last_purchase, last_interaction) AS last_interaction,
         purchase_count::integer, round(lifetime_revenue, 2) AS lifetime_revenue,
         round(average_order, 2) AS average_order, window_purchases::integer,
         COALESCE(round(window_revenue, 2), 0) AS window_revenue,
         COALESCE(round(purchase_interval::numeric, 1), 0) AS purchase_interval
    FROM bought b LEFT JOIN asked a ON a.partner_id = b.partner_id
), scored AS (
  SELECT figure.*, 5 - (%(recency)s) AS recency_score,
         1 + (%(frequency)s) AS frequency_score, 1 + (%(monetary)s) AS monetary_score
    FROM figure
), judged AS (
  SELECT scored.*, segment.id AS segment_id, %(tier)s AS earned_tier_id
    FROM scored LEFT JOIN retention_segment segment
      ON recency_score BETWEEN recency_min AND recency_max
     AND frequency_score BETWEEN frequency_min AND frequency_max
     AND monetary_score BETWEEN monetary_min AND monetary_max
     AND is_other IS NOT TRUE
)
UPDATE bench_profile t SET changed_at = now(), %(assign)s
  FROM judged j
 WHERE t.partner_id = j.partner_id AND t.company_id = %(company)s
   AND (%(old)s) IS DISTINCT FROM (%(new)s)
"""
COLUMNS = (
    "first_purchase last_purchase last_interaction purchase_count lifetime_revenue "
    "average_order window_purchases window_revenue purchase_interval recency_score "
    "frequency_score monetary_score segment_id earned_tier_id"
).split()


class ScoreBench(Bench):
    """The measurements of scoring and placing."""

    def evaluate(self, kind, day, steps=("score", "place")):
        return super().evaluate(kind, day, steps)

    # ---- data ----------------------------------------------------------------

    def fill(self):
        """Make customers and orders."""
        company, currency, tz = self.work(
            lambda env: (
                env.company.id,
                env.company.currency_id.id,
                env.company.resource_calendar_id.tz or "UTC",
            )
        )
        self.company, self.tz = company, tz
        self.sql(PARTNERS, customers=self.customers)
        self.add_orders(self.orders / self.customers, currency)
        self.work(lambda env: env.company.write({"retention_revenue_source": "order"}))
        self.vacuum("res_partner", "sale_order")

    def add_orders(self, mean, currency=None):
        self.sql(
            ORDERS,
            seed=SEED,
            mean=mean,
            days=365 * YEARS,
            day=DAY,
            company=self.company,
            currency=currency or self.work(lambda env: env.company.currency_id.id),
        )

    def buy(self, day):
        """Let some customers buy on ``day``, through plain inserts and marks."""
        self.sql(
            """
            INSERT INTO sale_order (name, partner_id, partner_invoice_id,
                partner_shipping_id, company_id, currency_id, currency_rate, state,
                date_order, amount_untaxed, amount_total, amount_tax, create_date,
                write_date, create_uid, write_uid)
            SELECT 'N' || id, id, id, id, %(company)s, company.currency_id, 1, 'sale',
                   %(day)s::date + time '10:00', 100, 0, 0, %(day)s, %(day)s, 1, 1
              FROM (SELECT p.id, c.currency_id FROM res_partner p, res_company c
                     WHERE p.name LIKE 'Bench %%' AND c.id = %(company)s
                     ORDER BY hashint4(p.id + %(salt)s) LIMIT %(count)s) company;
            INSERT INTO retention_mark (partner_id, company_id)
            SELECT partner_id, company_id FROM sale_order
             WHERE name LIKE 'N%%' AND create_date = %(day)s
            """,
            company=self.company,
            day=day,
            salt=day.toordinal(),
            count=int(self.customers * NIGHT_SHARE),
        )

    # ---- measurements --------------------------------------------------------

    def plain_statement(self):
        """Return PLAIN with today's break points and limits filled in."""

        def job(env):
            program = env.company.retention_program_ids
            points = {line.dimension: line._points() for line in program.break_ids}

            def above(value, name):
                return " + ".join(f"({value} > {p!r})::integer" for p in points[name])

            score = "(recency_score + frequency_score + monetary_score)"
            tiers = "".join(
                f" WHEN ({score}, window_revenue) >= "
                f"({tier.cut_value!r}, {tier.cut_tie!r}) THEN {tier.id}"
                for tier in program.tier_ids
                if tier.has_cut
            )
            return PLAIN % {
                "company": self.company,
                "tz": f"'{self.tz}'",
                "day": f"'{DAY}'::date",
                "start": f"'{program._window_start(DAY)}'::date",
                "recency": above(f"('{DAY}'::date - last_purchase)", "recency"),
                "frequency": above("window_purchases", "frequency"),
                "monetary": above("window_revenue", "monetary"),
                "tier": f"CASE {tiers} ELSE {program.tier_ids[-1].id} END",
                "assign": ", ".join(f"{name} = j.{name}" for name in COLUMNS),
                "old": ", ".join(f"t.{name}" for name in COLUMNS),
                "new": ", ".join(f"j.{name}" for name in COLUMNS),
            }

        return self.work(job)

    def compare_full(self):
        """Full recomputation and plain SQL in turn; return the medians."""
        self.sql(
            "CREATE TABLE bench_profile (LIKE retention_profile INCLUDING ALL)"
            " WITH (fillfactor = 50);"
            "INSERT INTO bench_profile SELECT * FROM retention_profile"
        )
        self.vacuum("bench_profile", "retention_profile")
        plain = self.plain_statement()
        settings = (
            "SET LOCAL work_mem = '256MB'; SET LOCAL jit = off;"
            "SET LOCAL max_parallel_workers_per_gather = 0;"
        )
        times = {}
        spoil = "UPDATE {} SET window_revenue = window_revenue + 1, recency_score = 0"
        for _round in range(self.rounds):
            for changed in (False, True):
                for table, name in (
                    ("retention_profile", "ours"),
                    ("bench_profile", "plain"),
                ):
                    if changed:
                        self.sql(spoil.format(table))
                    self.vacuum(table)
                    if name == "ours":
                        seconds, _seen, rows = self.evaluate("full", DAY)
                    else:
                        seconds, rows = self.sql(settings + plain)
                    times.setdefault((name, changed), []).append(seconds)
                    print(
                        f"  {name:5} {'all rows' if changed else 'no row  '} different:"
                        f" {seconds:7.2f} s, {rows} written",
                        flush=True,
                    )
        self.check_same()
        return {key: statistics.median(values) for key, values in times.items()}

    def check_same(self):
        """Stop if ours and plain SQL do not hold the same figures."""
        same = " AND ".join(f"p.{n} IS NOT DISTINCT FROM b.{n}" for n in COLUMNS)
        [(differ,)] = self.work(
            lambda env: env.execute_query(
                SQL(
                    "SELECT count(*) FROM retention_profile p JOIN bench_profile b"
                    f" ON b.id = p.id WHERE NOT ({same})"  # constant column names
                )
            )
        )
        if differ:
            raise SystemExit(f"{differ} customers differ from plain SQL")

    def nights(self, first):
        """Measure ordinary nights; return (median seconds, share of rows written)."""
        seconds, shares = [], []
        for n in range(self.rounds):
            day = first + datetime.timedelta(days=n)
            self.buy(day)
            taken, _seen, written = self.evaluate("night", day)
            seconds.append(taken)
            shares.append(written / self.customers)
            print(f"  night {day}: {taken:.2f} s, {written} written", flush=True)
        return statistics.median(seconds), max(shares)

    def wait_of_user(self):
        """Return the longest wait of somebody saving contacts during a full run."""
        stop, worst = threading.Event(), [0.0]

        def save():
            while not stop.is_set():
                start = time.monotonic()
                self.sql(
                    "UPDATE res_partner SET write_date = now() AT TIME ZONE 'UTC'"
                    " WHERE id = (SELECT min(id) + (random() * %(n)s)::integer"
                    " FROM res_partner WHERE name LIKE 'Bench 1%%')",
                    n=self.customers // 2,
                )
                worst[0] = max(worst[0], time.monotonic() - start)
                time.sleep(0.02)

        thread = threading.Thread(target=save)
        thread.start()
        self.evaluate("full", DAY)
        stop.set()
        thread.join()
        return worst[0]


def main():
    arguments = parser(__doc__).parse_args()
    bench = ScoreBench(arguments)
    before = memory()
    print(f"filling {bench.customers} customers, {bench.orders} orders", flush=True)
    bench.fill()
    first, _seen, written = bench.evaluate("full", DAY)
    print(f"first fill: {first:.1f} s, {written} written", flush=True)
    bench.vacuum("retention_profile", "retention_membership")
    bench.longest.update({"write": 0.0, "compare": 0.0})
    full = bench.compare_full()
    longest = dict(bench.longest)
    wait = bench.wait_of_user()
    night, share = bench.nights(DAY + datetime.timedelta(days=1))
    bench.add_orders(bench.orders / bench.customers)
    bench.vacuum("sale_order")
    bench.evaluate("full", DAY + datetime.timedelta(days=bench.rounds))
    late, _share = bench.nights(DAY + datetime.timedelta(days=bench.rounds + 1))
    ours = full["ours", True]
    result = {
        "full_ratio": full["ours", True] / full["plain", True],
        "unchanged_ratio": full["ours", False] / full["plain", False],
        "night_ratio": night / full["plain", False],
        "night_share": night / ours,
        "night_double_history": late / night,
        "written_share": share,
        "rss_mb": memory() - before,
        "longest_tx_s": longest["write"],
        "comparison_s": longest["compare"],  # reads everybody, locks nobody
        "user_wait_s": wait,
        "first_fill_s": first,
        "seconds": ours,
        "rows_per_s": bench.customers / ours,
        "customers": bench.customers,
        "orders": bench.orders,
    }
    say_result("score", result)


if __name__ == "__main__":
    main()
