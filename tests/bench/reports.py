"""Benchmark of the reports: what each costs to open over two years of everything.

Makes customers with two million sales orders and two million contacts in a scratch
database, judges them, then measures

* counting the months of all customers, beside plain SQL that counts purchases and
  contacts of the same months straight into a table, once more without changes, and an
  ordinary night;
* opening every analysis over 24 months as a manager and as a salesperson, and every
  report's pivot table as it comes up; beside plain SQL that reads the cohorts from the
  documents;
* closing a month of key figures (before, so that the scorecard has some).

The last line printed is ``BENCH reports key=value …``.
"""

import datetime
import statistics
import time

from _common import memory, parser, say_result
from lxml import etree
from score import DAY
from watch import DOCUMENTS, TUNE, WatchBench

from odoo.fields import Command

FIRST = datetime.date(2024, 6, 1)  # 24 months up to the last of May
LAST = datetime.date(2026, 5, 31)
OPENS = {"retention.revenue.report": 90}  # days, where not two years come up first
STEPS = ("score", "place", "stage", "predict")
# what somebody would write by hand: the same months, without tiers and intervals
PLAIN_MONTHS = (
    TUNE
    + """
    DROP TABLE IF EXISTS bench_month;
    CREATE TABLE bench_month (LIKE retention_month INCLUDING ALL);
    """
    + DOCUMENTS
    + """
    , counted AS (
      SELECT partner_id, month, sum(p)::int AS p, sum(amount) AS amount,
             sum(c)::int AS c, sum(a)::int AS a, sum(m)::int AS m
        FROM (SELECT partner_id, date_trunc('month', date)::date AS month, 1 AS p,
                     amount, 0 AS c, 0 AS a, 0 AS m FROM doc
               UNION ALL
              SELECT partner_id,
                     date_trunc('month', done_at AT TIME ZONE 'UTC'
                                AT TIME ZONE %(tz)s)::date,
                     0, 0, (is_real)::int,
                     (is_real AND (direction = 'in' OR outcome = 'answered'))::int,
                     is_bulk::int
                FROM retention_touch
               WHERE state = 'done' AND company_id = %(company)s) event
       GROUP BY 1, 2)
    INSERT INTO bench_month (profile_id, partner_id, company_id, month, purchases,
                             revenue, contacts, answers, mailings)
    SELECT profile.id, counted.partner_id, %(company)s, month, p, round(amount, 2),
           c, a, m
      FROM counted JOIN retention_profile profile
        ON profile.partner_id = counted.partner_id
       AND profile.company_id = %(company)s
    """
)
PLAIN_COHORTS = (
    TUNE
    + DOCUMENTS
    + """
    SELECT first, month, count(*) FROM (
      SELECT DISTINCT partner_id, date_trunc('month', date) AS month,
             min(date_trunc('month', date)) OVER (PARTITION BY partner_id) AS first
        FROM doc) bought
     WHERE first BETWEEN %(first)s AND %(last)s GROUP BY 1, 2
    """
)


class ReportsBench(WatchBench):
    """Customers with purchases and contacts whose reports are opened."""

    def make_readers(self):
        """Make a manager and choose a salesperson; return their ids."""

        def job(env):
            groups = [env.ref("crm_retention.group_retention_manager").id]
            manager = env["res.users"].create(
                {
                    "name": "Bench manager",
                    "login": "benchmanager",
                    "group_ids": [Command.set(groups)],
                }
            )
            seller = env["res.users"].browse(self.values["people"][0])
            seller.group_ids = [
                Command.link(env.ref("crm_retention.group_retention_user").id)
            ]
            return {"manager": manager.id, "salesperson": seller.id}

        return self.work(job)

    def measure(self, kind, day):
        seconds, seen, changed = self.evaluate(kind, day, ("measure",))
        print(
            f"  measure {kind}: {seconds:.2f} s, {seen} customers, {changed} changed",
            flush=True,
        )
        return seconds, changed

    def plain(self, statement, rounds=1):
        """Return the median seconds of a plain statement."""
        values = self.values | {"first": FIRST, "last": LAST}
        return statistics.median(
            self.sql(statement, **values)[0] for _n in range(rounds)
        )

    # ---- opening ---------------------------------------------------------------

    def get_reports(self):
        """Return ([models of analyses], [models with a pivot table])."""

        def job(env):
            frame = env.registry["retention.analysis"]
            analyses = [
                name
                for name, model in env.registry.items()
                if model is not frame and issubclass(model, frame)
            ]
            views = env["ir.ui.view"].search([("type", "=", "pivot")])
            ours = views.filtered(
                lambda view: view.xml_id.startswith("crm_retention_reports.")
            )
            return sorted(analyses), sorted(set(ours.mapped("model")))

        return self.work(job)

    def open_as(self, user_id, job):
        """Return (median seconds, queries) of ``job(env)`` by a user."""
        seconds, queries = [], 0
        for _n in range(self.rounds):

            def once(env):
                own = env(user=user_id)
                own.company  # noqa: B018  what every request has read before
                before, start = env.cr.sql_log_count, time.monotonic()
                job(own)
                return time.monotonic() - start, env.cr.sql_log_count - before

            taken, queries = self.work(once)
            seconds.append(taken)
        return statistics.median(seconds), queries

    def open_analysis(self, name, user_id):
        first = LAST.replace(day=1) if name == "retention.scorecard" else FIRST
        options = {"period": "own", "first": str(first), "last": str(LAST)}
        return self.open_as(user_id, lambda env: env[name].get_analysis(options))

    def open_pivot(self, name, user_id):
        """Read what the pivot table shows first, over 24 months where it has days."""

        def job(env):
            model = env[name]
            arch = etree.fromstring(model.get_view(view_type="pivot")["arch"])
            rows, measures = [], []
            for node in arch.iter("field"):
                field = node.get("name")
                if node.get("type") == "measure":
                    measures.append(f"{field}:{model._fields[field].aggregator}")
                elif node.get("type") == "row":
                    interval = node.get("interval")
                    rows.append(f"{field}:{interval}" if interval else field)
            day = next((n for n in ("month", "date") if n in model._fields), None)
            first = LAST - datetime.timedelta(days=OPENS.get(name, 730))
            domain = [(day, ">", first), (day, "<=", LAST)] if day else []
            model.formatted_read_group(domain, rows, measures or ["__count"])

        return self.open_as(user_id, job)

    def open_everything(self, readers):
        """Return the seconds of every opening, ``{(report, reader): seconds}``."""
        analyses, pivots = self.get_reports()
        taken = {}
        for names, open_one in (
            (analyses, self.open_analysis),
            (pivots, self.open_pivot),
        ):
            for name in names:
                for reader, user_id in readers.items():
                    try:
                        seconds, queries = open_one(name, user_id)
                    except Exception as error:
                        if type(error).__name__ not in ("AccessError", "UserError"):
                            raise
                        continue  # not for this reader
                    taken[name, reader] = seconds
                    print(
                        f"  {name:34} {reader:12} {seconds:6.2f} s, {queries} queries",
                        flush=True,
                    )
        return taken

    def close(self):
        """Return the seconds of closing the figures of a month."""

        def job(env):
            start = time.monotonic()
            env["retention.review"]._close_period(env.company, "month", LAST)
            env.flush_all()
            return time.monotonic() - start

        seconds = self.work(job)
        print(f"  closed: {seconds:.1f} s", flush=True)
        return seconds


def percentile(values, share):
    """Return the value below which ``share`` percent of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share / 100 * (len(ordered) - 1)))]


def main():
    bench = ReportsBench(parser(__doc__).parse_args())
    before = memory()
    print(f"filling {bench.customers} customers, {bench.orders} orders", flush=True)
    bench.fill()
    print(f"judged: {bench.evaluate('full', DAY, STEPS)[0]:.1f} s", flush=True)
    bench.vacuum("retention_profile", "retention_membership")
    bench.longest.update({"write": 0.0, "compare": 0.0})
    first, rows = bench.measure("full", DAY)
    longest = dict(bench.longest)
    bench.vacuum("retention_month")
    plain = bench.plain(PLAIN_MONTHS)
    again, changed_again = bench.measure("full", DAY)
    day = DAY + datetime.timedelta(days=1)
    # what was written a moment ago was written the evening before
    bench.sql(
        "UPDATE retention_membership SET write_date = write_date - '1 d'::interval"
    )
    bench.buy(day)
    bench.evaluate("night", day, STEPS)
    night, _changed = bench.measure("night", day)
    close = bench.close()
    taken = bench.open_everything(bench.make_readers())
    cohorts = bench.plain(PLAIN_COHORTS, bench.rounds)
    slowest = max(taken, key=taken.get)
    print(f"  slowest: {slowest[0]} as {slowest[1]}", flush=True)
    say_result(
        "reports",
        {
            "p50_open_s": percentile(taken.values(), 50),
            "p95_open_s": percentile(taken.values(), 95),
            "max_open_s": taken[slowest],
            "open_ratio": taken["retention.cohort", "manager"] / cohorts,
            "close_s": close,
            "measure_ratio": first / plain,
            "again_ratio": again / plain,
            "night_ratio": night / plain,
            "measure_s": first,
            "changed_again": changed_again,
            "longest_tx_s": longest["write"],
            "rss_mb": memory() - before,
            "months": rows,
            "reports": len(taken),
            "customers": bench.customers,
            "orders": bench.orders,
        },
    )


if __name__ == "__main__":
    main()
