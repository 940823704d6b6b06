"""Benchmark of the reports: what each costs to open over two years of everything.

Makes customers with two million sales orders (and their lines), two million contacts,
two million awards of points, mailings, tickets, alerts and three years of tiers in a
scratch database, judges them, then measures

* counting the months of all customers, beside plain SQL that counts purchases and
  contacts of the same months straight into a table, once more without changes, and an
  ordinary night;
* opening every analysis over 24 months as a manager and as a salesperson, and every
  report's pivot table as it comes up; beside plain SQL that reads the cohorts from the
  documents;
* closing a month of key figures (before, so that the scorecard has some).

``--only points --only roi`` opens reports with these words in their names, and nothing
else; ``--filled`` does so on a database that was kept (``./dev bench reports --keep``).
The last line printed is ``BENCH reports key=value …``.
"""

import datetime
import statistics
import time

import _reports_data as data
from _common import memory, parser, say_result
from lxml import etree
from score import DAY
from watch import DOCUMENTS, TUNE, WatchBench

from odoo.fields import Command
from odoo.tools import SQL

FIRST = datetime.date(2024, 6, 1)  # 24 months up to the last of May
LAST = datetime.date(2026, 5, 31)
OPENS = {"retention.revenue.report": 90}  # days, where not two years come up first
STEPS = ("score", "place", "stage", "predict")
FILL = (
    "LINES",
    "POINTS",
    "REWARD_LINES",
    "MAILINGS",
    "RHYTHMS",
    "TICKETS",
    "ALERTS",
)
MONTHLY = (
    "retention_month",
    "retention_month_contact",
    "retention_month_category",
    "retention_mailing_reach",
)
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
    """Customers with everything that reports read, and the reports opened."""

    def __init__(self, args):
        super().__init__(args)
        self.only = args.only

    # ---- filling -----------------------------------------------------------------

    def fill(self):
        """Make all but memberships, which only who was judged has."""
        super().fill()
        self.sql(data.UNCHECK, tables=list(data.UNCHECKED))
        self.values |= self.work(self.make_records) | {
            "customers": self.customers,
            "orders": self.orders,
            "tickets": self.orders // 40,
        }
        for name in FILL:
            self.insert(name)
        self.vacuum(*data.FILLED)

    def insert(self, name):
        seconds, _rows = self.sql(TUNE + getattr(data, name), **self.values)
        print(f"  filled {name.lower()}: {seconds:.1f} s", flush=True)

    def make_records(self, env):
        """Make what is set up by people; return the ids that rows are made of."""
        from odoo.addons.crm_retention_reports.report.roi_sql import in_holdout

        company = env.company
        company.retention_holdout_share = 10
        ids = self.make_points(env)
        env["retention.cost"].create(self.get_costs(env))
        mailings = env["mailing.mailing"].create(
            [
                {
                    "subject": f"Bench {n}",
                    "mailing_model_id": env["ir.model"]._get_id("res.partner"),
                    "body_arch": "<p>Bench</p>",
                    "retention_category": "promotion",
                }
                for n in range(64)
            ]
        )
        teams = env["helpdesk.ticket.team"].create(
            [{"name": f"Bench {n}"} for n in range(4)]
        )
        causes = env["retention.complaint.cause"].search([])
        if not causes:
            causes = causes.create([{"name": f"Bench {n}"} for n in range(7)])
        signals = env["retention.signal"].search([])
        unit = env.ref("uom.product_uom_unit")
        state = env["ir.model.fields"]._get("retention.alert", "state")
        env.cr.execute(
            SQL(
                "SELECT id FROM res_partner WHERE name LIKE 'Bench %%' AND %s",
                in_holdout(company, SQL("id")),
            )
        )
        held = [row[0] for row in env.cr.fetchall()]
        env.cr.commit()
        return ids | {
            "mailings": mailings.ids,
            "sources": mailings.source_id.ids,
            "held": held,
            "teams": teams.ids,
            "done": env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done").id,
            "causes": causes.ids,
            "cause_count": len(causes),
            "signals": signals.ids,
            "signal_count": len(signals),
            "unit": unit.id,
            "author": env.user.partner_id.id,
            "state_field": state.id,
            "tiers": company.retention_program_ids.tier_ids[:4].ids,
        }

    def make_points(self, env):
        """Make a points program, accounts in it, a coupon, and products with costs."""
        program = env["retention.points.program"].create(
            {"name": "Bench", "start_date": DAY - datetime.timedelta(days=1095)}
        )
        env.cr.execute("SELECT id FROM res_partner WHERE name LIKE 'Bench %'")
        ids = sorted(row[0] for row in env.cr.fetchall())
        for start in range(0, len(ids), 10_000):
            env["retention.points.account"]._open(program, ids[start : start + 10_000])
        reward = env["retention.reward"].create(
            {"name": "Bench", "program_id": program.id, "amount": 5}
        )
        reward.action_create_program()
        native = reward.loyalty_program_id
        categories = env["product.category"].create(
            [{"name": f"Bench {n}"} for n in range(16)]
        )
        products = env["product.product"].create(
            [
                {
                    "name": f"Bench {n}",
                    "categ_id": categories[n % 16].id,
                    "list_price": 100,
                    "standard_price": 30 + n % 40,
                }
                for n in range(128)
            ]
        )
        return {
            "reward": reward.id,
            "native": native.id,
            "native_reward": native.reward_ids.id,
            "free": native.reward_ids.discount_line_product_id.id,
            "products": products.ids,
        }

    def get_costs(self, env):
        """Return costs of every month, a budget, and what a contact costs."""
        every = {"basis": "month", "date_from": FIRST, "amount": 1000}
        channels = ("mail", "phone")
        return [
            {"name": "System", "kind": "system", **every},
            {"name": "People", "kind": "people", **every},
            {"name": "Budget", "kind": "people", "is_budget": True, **every},
            {"name": "Desk", "kind": "people", "purpose": "service", **every},
            {"name": "Ads", "kind": "campaign", "purpose": "winning", **every},
            *(
                {
                    "name": channel,
                    "kind": "contact",
                    "channel_id": self.values[channel],
                    "date_from": FIRST,
                    "amount": 0.5,
                }
                for channel in channels
            ),
        ]

    def fill_memberships(self):
        self.insert("MEMBERSHIPS")
        # what was written a moment ago was written the evening before
        self.sql(
            "UPDATE retention_membership SET write_date = write_date - '1 d'::interval"
        )
        self.vacuum("retention_profile", "retention_membership")

    # ---- the pass ----------------------------------------------------------------

    def make_readers(self):
        """Make a manager, and let one of the people be a salesperson."""

        def job(env):
            groups = [env.ref("crm_retention.group_retention_manager").id]
            env["res.users"].create(
                {
                    "name": "Bench manager",
                    "login": "benchmanager",
                    "group_ids": [Command.set(groups)],
                }
            )
            seller = env["res.users"].search([("login", "=", "bench0")])
            seller.group_ids = [
                Command.link(env.ref("crm_retention.group_retention_user").id)
            ]

        self.work(job)

    def get_readers(self):
        """Return ``{name: id}`` of those who open the reports."""

        def job(env):
            users = env["res.users"]
            names = {"manager": "benchmanager", "salesperson": "bench0"}
            return {
                name: users.search([("login", "=", login)]).id
                for name, login in names.items()
            }

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

        names = self.work(job)
        if not self.only:
            return names
        return [
            [name for name in part if any(word in name for word in self.only)]
            for part in names
        ]

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
            rows, cols, measures = [], [], []
            for node in arch.iter("field"):
                field = node.get("name")
                if node.get("type") == "measure":
                    measures += get_specs(model, field)
                else:
                    interval = node.get("interval")
                    group = f"{field}:{interval}" if interval else field
                    (rows if node.get("type") == "row" else cols).append(group)
            domain = self.get_domain(model)
            # totals, rows, columns and cells: in one go, as the browser asks for them
            sets = [
                rows[:row] + cols[:col]
                for row in range(len(rows) + 1)
                for col in range(len(cols) + 1)
            ]
            model.formatted_read_grouping_sets(domain, sets, ["__count", *measures])

        return self.open_as(user_id, job)

    def get_domain(self, model):
        """Return the rows that come up first, of 24 months where they have days."""
        if model._name == "retention.points.report":
            since = LAST - datetime.timedelta(days=365)
            return ["|", ("expires_on", "=", False), ("expires_on", ">=", since)]
        day = next((n for n in ("month", "date") if n in model._fields), None)
        first = LAST - datetime.timedelta(days=OPENS.get(model._name, 730))
        return [(day, ">", first), (day, "<=", LAST)] if day else []

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


def get_specs(model, name):
    """Return what the browser asks for to show a measure."""
    field = model._fields[name]
    specs = [f"{name}:{field.aggregator}"]
    if field.type == "monetary":
        specs.append(f"{field.get_currency_field(model)}:array_agg_distinct")
        specs.append(f"{name}:sum_currency")
    return specs


def percentile(values, share):
    """Return the value below which ``share`` percent of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share / 100 * (len(ordered) - 1)))]


def main():
    arguments = parser(__doc__)
    arguments.add_argument("--only", action="append", help="reports named like this")
    arguments.add_argument("--filled", action="store_true", help="fill nothing")
    arguments = arguments.parse_args()
    bench = ReportsBench(arguments)
    if arguments.filled:
        bench.open_everything(bench.get_readers())
        return
    before = memory()
    print(f"filling {bench.customers} customers, {bench.orders} orders", flush=True)
    bench.fill()
    print(f"judged: {bench.evaluate('full', DAY, STEPS)[0]:.1f} s", flush=True)
    bench.fill_memberships()
    bench.longest.update({"write": 0.0, "compare": 0.0})
    first, rows = bench.measure("full", DAY)
    longest = dict(bench.longest)
    bench.vacuum(*MONTHLY)
    plain = bench.plain(PLAIN_MONTHS)
    again, changed_again = bench.measure("full", DAY)
    day = DAY + datetime.timedelta(days=1)
    bench.buy(day)
    bench.evaluate("night", day, STEPS)
    night, _changed = bench.measure("night", day)
    close = bench.close()
    bench.make_readers()
    taken = bench.open_everything(bench.get_readers())
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
