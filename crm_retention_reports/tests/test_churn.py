from datetime import date
from itertools import pairwise

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import TODAY
from odoo.addons.crm_retention_reports.report.churn_sql import ChurnSQL
from odoo.addons.crm_retention_reports.report.scope import Scope
from odoo.addons.crm_retention_reports.tools import churn, months

from .history import END, HistoryCommon, made_up, music_shop


def number(day):
    return 12 * day.year + day.month - 1


def active(frame, end, within):
    """Return who bought within the months that end with ``end``."""
    bought = frame[(frame["amount"] > 0) & (frame["month"] <= end)]
    return set(bought.loc[bought["month"] > end - within, "customer"])


def expected_counts(frame, first, last, within):
    """Return (opening, new, won back, lost) with sets, from the purchases."""
    opening = active(frame, first - 1, within)
    closing = active(frame, last, within)
    bought = frame[frame["amount"] > 0]
    known = set(bought.loc[bought["month"] < first, "customer"])
    return (
        len(opening),
        len(closing - known),
        len((closing & known) - opening),
        len(opening - closing),
    )


def expected_revenue(frame, last, window):
    """Return (GRR, NRR, opening, closing) from the purchases."""
    before = frame[frame["month"].between(last - 2 * window + 1, last - window)]
    now = frame[frame["month"].between(last - window + 1, last)]
    table = (
        before.groupby("customer")["amount"]
        .sum()
        .to_frame("before")
        .join(now.groupby("customer")["amount"].sum().rename("now"), how="outer")
        .fillna(0)
        .round(2)
    )
    cohort = table[table["before"] > 0]
    base = cohort["before"].sum()
    kept = cohort[["before", "now"]].min(axis=1).where(cohort["now"] > 0, cohort["now"])
    return (
        100 * kept.sum() / base,
        100 * cohort["now"].sum() / base,
        table["before"].sum(),
        table["now"].sum(),
    )


@tagged("post_install", "-at_install")
class TestChurn(HistoryCommon):
    """Won, lost and kept are what sets of customers and sums by pandas say."""

    def scope(self, first, last, **values):
        env = self.env(user=values.pop("user", self.env.user))
        return Scope(env, first, last, **values)

    def check_flow(self, frame, first, last, size):
        sql = ChurnSQL(self.scope(first, last))
        found = {period: row for period, row in sql.flow(size).items() if row}
        for period, row in found.items():
            with self.subTest(period=period, size=size):
                end = churn.last_month(period, size)
                expected = expected_counts(
                    frame, number(period), number(end), sql.within
                )
                self.assertEqual(
                    (row.opening, row.new, row.won_back, row.lost), expected
                )
                self.assertEqual(
                    row.closing, len(active(frame, number(end), sql.within))
                )
        for before, after in pairwise(found.values()):
            self.assertEqual(before.closing, after.opening)
        return found

    def check_whole(self, frame, first, last):
        sql = ChurnSQL(self.scope(first, last))
        row = sql.counts()[False]
        expected = expected_counts(
            frame, number(first), number(months.first_day(last)), sql.within
        )
        self.assertEqual((row.opening, row.new, row.won_back, row.lost), expected)
        return row

    def test_music_shop(self):
        frame = music_shop()
        self.load(frame, date(1998, 7, 1))
        self.company.retention_churn_months = 6
        first, last = date(1997, 1, 1), date(1998, 6, 29)
        found = self.check_flow(frame, first, last, "month")
        self.assertEqual(len(found), 11)  # July 1997 to May 1998
        self.check_flow(frame, first, last, "quarter")
        self.check_whole(frame, date(1997, 10, 1), date(1998, 3, 31))
        late = ChurnSQL(self.scope(first, date(1998, 6, 30)))
        self.assertFalse(late.revenue_retention())  # 18 months are not two years
        row = late.revenue_retention(window=9)[False]
        gross, net, opening, closing = expected_revenue(
            frame, number(date(1998, 6, 1)), 9
        )
        self.assertAlmostEqual(row.gross, gross, 6)
        self.assertAlmostEqual(row.net, net, 6)
        self.assertAlmostEqual(row.opening, opening, 2)
        self.assertAlmostEqual(row.closing, closing, 2)

    def test_made_up_company(self):
        frame = made_up()
        ids = self.load(frame, END)
        found = self.check_flow(frame, date(2023, 1, 1), END, "month")
        self.assertIn(date(2024, 5, 1), found)
        self.assertNotIn(date(2024, 6, 1), found)  # not over
        self.assertTrue(any(row.won_back for row in found.values()))
        self.check_flow(frame, date(2022, 11, 1), END, "quarter")
        self.company.retention_churn_months = 3
        self.check_flow(frame, date(2022, 1, 1), date(2023, 12, 31), "quarter")
        year = self.check_whole(frame, date(2023, 1, 1), date(2023, 12, 31))
        self.assertGreater(year.lost, 0)
        self.check_targets(frame)
        self.check_revenue(frame)
        self.check_split(frame, ids)

    def check_targets(self, frame):
        """Every number opens so many rows, each of another customer."""
        sql = ChurnSQL(self.scope(date(2023, 1, 1), date(2023, 12, 31)))
        for size in churn.SIZES:
            for period, row in sql.flow(size).items():
                last = churn.last_month(period, size)
                for kind in ("opening", "new", "won_back", "lost", "closing"):
                    target = sql.target(kind, period, last)
                    rows = self.env[target.model].search(target.domain)
                    with self.subTest(period=period, size=size, kind=kind):
                        self.assertEqual(len(rows.partner_id), len(rows))
                        self.assertEqual(len(rows), getattr(row, kind))
        self.assertIsNone(sql.target("lost", date(2023, 1, 1), date(2023, 12, 1)))

    def check_revenue(self, frame):
        for last in (date(2023, 12, 31), date(2024, 5, 31)):
            sql = ChurnSQL(self.scope(months.first_day(last), last))
            row = sql.revenue_retention()[False]
            gross, net, opening, closing = expected_revenue(frame, number(last), 12)
            self.assertAlmostEqual(row.gross, gross, 6)
            self.assertAlmostEqual(row.net, net, 6)
            self.assertAlmostEqual(row.opening, opening, 2)
            self.assertAlmostEqual(row.closing, closing, 2)
            change = sum(part.change for part in row.parts.values())
            self.assertAlmostEqual(row.opening + change, row.closing, 2)
            self.assertTrue({"lost", "less", "more", "won_back"} < set(row.parts))
            self.assertLessEqual(row.gross, min(100, row.net))
            self.check_years(frame, sql, row)

    def check_years(self, frame, sql, revenue):
        """What is read of two years at once is what each by itself is."""
        now, before = sql.years()
        self.assertEqual(set(now.revenue.parts), set(revenue.parts))
        for name, part in revenue.parts.items():
            found = now.revenue.part(name)
            self.assertEqual(found.customers, part.customers)
            self.assertEqual(len(set(found.ids)), part.customers)
            self.assertAlmostEqual(found.change, part.change, 2)
        for back, year in ((0, now), (12, before)):
            last = number(sql.last) - back
            opening, _new, _won_back, lost = expected_counts(
                frame, last - 11, last, sql.within
            )
            self.assertEqual((year.opening, year.kept), (opening, opening - lost))
        gross, net, *_sums = expected_revenue(frame, number(sql.last) - 12, 12)
        self.assertAlmostEqual(before.revenue.gross, gross, 6)
        self.assertAlmostEqual(before.revenue.net, net, 6)

    def check_split(self, frame, ids):
        """Parts by person, team and tier are the parts of the whole."""
        seller = self.make_user("user")
        team = self.env["crm.team"].create(
            {"name": "Team", "member_ids": [(6, 0, seller.ids)]}
        )
        names = sorted(ids)[:40]
        own = self.env["res.partner"].browse([ids[name] for name in names])
        own.user_id = seller
        tier = self.program.tier_ids[0]
        self.Membership.create(
            {
                "partner_id": own[0].id,
                "company_id": self.company.id,
                "program_id": self.program.id,
                "tier_id": tier.id,
                "date_from": date(2020, 1, 1),
                "valid_until": date(2030, 1, 1),
                "cause": "enter",
            }
        )
        scope = self.scope(date(2023, 1, 1), date(2023, 12, 31))
        sql = ChurnSQL(scope)
        whole, revenue = sql.counts()[False], sql.revenue_retention()[False]
        for by, key in (("user", seller.id), ("team", team.id), ("tier", tier.id)):
            with self.subTest(by=by):
                counts, parts = sql.counts(by), sql.revenue_retention(by)
                self.assertLessEqual(set(counts), {key, False})
                for kind in ("opening", "new", "won_back", "lost"):
                    self.assertEqual(
                        sum(getattr(row, kind) for row in counts.values()),
                        getattr(whole, kind),
                    )
                self.assertAlmostEqual(
                    sum(row.closing for row in parts.values()), revenue.closing, 2
                )
        part = frame[frame["customer"].isin(names)]
        row = sql.counts("user")[seller.id]
        expected = expected_counts(part, number(scope.first), number(scope.last), 3)
        self.assertEqual((row.opening, row.new, row.won_back, row.lost), expected)
        gross, net, *_sums = expected_revenue(part, number(scope.last), 12)
        self.assertAlmostEqual(sql.revenue_retention("team")[team.id].gross, gross, 6)
        self.check_compared(seller, team, tier)
        # the same by the reader's rights: a salesperson sees what is his
        mine = ChurnSQL(self.scope(scope.first, scope.last, user=seller))
        self.assertEqual(mine.counts()[False], row)
        self.assertAlmostEqual(mine.revenue_retention()[False].net, net, 6)
        filtered = self.scope(
            scope.first, scope.last, domain=[("user_id", "=", seller.id)]
        )
        self.assertEqual(ChurnSQL(filtered).counts()[False], row)

    def check_compared(self, seller, team, tier):
        """The page shows the parts by name; shares of few are left empty."""
        first, last = date(2023, 10, 1), date(2023, 12, 31)
        whole = ChurnSQL(self.scope(first, last)).counts()[False]
        for split, record in (("user", seller), ("team", team), ("tier", tier)):
            page = self.env["retention.churn"].get_analysis(
                {
                    "period": "own",
                    "first": str(first),
                    "last": str(last),
                    "split": split,
                }
            )
            [table] = [block for block in page["blocks"] if block["name"] == "split"]
            cells = [cell for row in table["rows"] for cell in row["cells"]]
            targets = [cell for cell in cells if cell["target"]]
            counts = [
                cell
                for row in table["rows"]
                for cell in row["cells"][1:6]
                if cell["value"]
            ]
            self.assertEqual(targets, counts)
            for cell in targets:
                rows = self.env["retention.month"].search(cell["target"]["domain"])
                self.assertEqual(len(rows), cell["value"])
            values = {
                row["cells"][0]["value"]: [cell["value"] for cell in row["cells"][1:]]
                for row in table["rows"]
            }
            self.assertEqual(set(values), {record.display_name, "None"})
            self.assertEqual(sum(row[0] for row in values.values()), whole.opening)
            for opening, _new, _back, lost, _closing, rate, *_money in values.values():
                if opening < churn.LEAST:
                    self.assertIsNone(rate)
                else:
                    self.assertAlmostEqual(rate, 100 * lost / opening)

    def test_all_lost_one_customer_and_nobody(self):
        [one] = self.make_customers(1)
        today = self.company._retention_today()
        sql = ChurnSQL(self.scope(date(2023, 1, 1), date(2023, 12, 31)))
        self.assertFalse(sql.since)
        self.assertEqual(sql.counts(), {})
        self.assertEqual(set(sql.flow().values()), {None})
        self.assertFalse(self.get_page(today)["blocks"])
        self.buy(one, (date(2022, 1, 5), 100), (date(2022, 6, 5), 50))
        self.count_months(TODAY)
        sql = ChurnSQL(self.scope(date(2023, 1, 1), date(2023, 12, 31)))
        row = sql.counts()[False]
        self.assertEqual((row.churn, row.closing, row.is_few), (100.0, 0, True))
        self.assertEqual(sql.flow()[date(2023, 6, 1)].lost, 1)
        self.assertEqual(sum(found.lost for found in sql.flow().values()), 1)
        revenue = sql.revenue_retention()[False]
        self.assertEqual((revenue.gross, revenue.net, revenue.closing), (0.0, 0.0, 0))
        early = ChurnSQL(self.scope(date(2022, 1, 1), date(2022, 12, 31)))
        self.assertEqual(early.counts(), {})  # the history is too short to tell
        self.assertEqual(early.revenue_retention(), {})

    def get_page(self, day, user=None, **options):
        first = months.shift(day, -11)
        report = self.env["retention.churn"].with_user(user or self.env.user)
        return report.get_analysis(
            {"period": "own", "first": str(first), "last": str(day), **options}
        )

    def test_the_page(self):
        """Cards, charts and tables say the same; the table adds up."""
        frame = made_up(60)
        self.load(frame, END)
        for size in churn.SIZES:
            page = self.get_page(date(2024, 3, 31), size=size)
            by_name = {block["name"]: block for block in page["blocks"]}
            self.assertEqual(
                list(by_name),
                ["cards", "customers", "flow", "churn", "revenue", "revenue_parts"],
            )
            *rows, whole, _average = by_name["flow"]["rows"]
            values = [[cell["value"] for cell in row["cells"]] for row in rows]
            for row in values:
                self.assertEqual(row[1] + row[2] + row[3] - row[4], row[5])
                self.assertAlmostEqual(row[6] + row[7], 100)
            total = [cell["value"] for cell in whole["cells"]]
            self.assertEqual(total[1], values[0][1])
            self.assertEqual(
                total[2:5], [sum(row[n] for row in values) for n in (2, 3, 4)]
            )
            self.assertEqual(total[5], values[-1][5])
            steps = by_name["customers"]["series"][0]["values"]
            self.assertEqual(sum(steps[:-1]), steps[-1])
            self.assertEqual(steps[-1], by_name["cards"]["cards"][0]["value"])
            money = by_name["revenue"]["series"][0]["values"]
            self.assertAlmostEqual(sum(money[:-1]), money[-1], 2)
        early = self.get_page(date(2021, 12, 31))
        self.assertEqual(
            [block["name"] for block in early["blocks"]], ["early", "early_revenue"]
        )

    def test_companies_and_rights(self):
        other = self.make_company()
        [one] = self.make_customers(1)
        self.buy(one, (date(2022, 1, 5), 100), (date(2023, 2, 5), 50))
        self.buy(one, (date(2022, 2, 5), 900), company=other)
        self.count_months(TODAY)
        self.count_months(TODAY, other)
        seller, manager = self.make_user("user"), self.make_user("manager")
        stranger = self.make_user("none")
        manager.company_ids |= other
        first, last = date(2023, 2, 1), date(2023, 4, 30)
        for user, company, expected in (
            (seller, self.company, churn.Counts()),
            (manager, self.company, churn.Counts(won_back=1)),
            (manager, other, churn.Counts(opening=1, lost=1)),
        ):
            env = self.env(user=user, context={"allowed_company_ids": company.ids})
            with self.subTest(user=user.login, company=company.name):
                row = ChurnSQL(Scope(env, first, last)).counts()[False]
                self.assertEqual(row, expected)
        self.assertFalse(self.get_page(TODAY, user=seller)["blocks"])
        with self.assertRaisesRegex(UserError, "may not open"):
            self.get_page(TODAY, user=stranger)

    def test_setting(self):
        settings = self.env["res.config.settings"].create(
            {"retention_churn_months": 18}
        )
        settings.execute()
        self.assertEqual(self.company.retention_churn_months, 18)
        help_text = self.env["retention.churn"]._get_help()
        self.assertIn("18", help_text[0])
