from datetime import date

from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import TODAY
from odoo.addons.crm_retention_reports.tools import churn, months

from .history import END, HistoryCommon, made_up, music_shop

OPEN = "open"


def expected_cohorts(frame, size):
    """Return ``{(cohort, age): (customers, revenue)}``, periods as numbers."""
    length = churn.SIZES[size]
    frame = frame.assign(period=frame["month"] // length)
    bought = frame[frame["amount"] > 0]
    born = bought.groupby("customer")["period"].min().rename("cohort")
    first = bought.groupby("customer")["month"].min().rename("first")
    table = frame.join(born, on="customer").join(first, on="customer")
    table = table[table["month"] >= table["first"]].astype({"cohort": int})
    table["age"] = table["period"] - table["cohort"]
    revenue = table.groupby(["cohort", "age"])["amount"].sum()
    buyers = table[table["amount"] > 0].groupby(["cohort", "age"])["customer"].nunique()
    return {
        key: (int(buyers.get(key, 0)), round(float(revenue[key]), 2))
        for key in revenue.index
    }


@tagged("post_install", "-at_install")
class TestCohort(HistoryCommon):
    """Cohorts are those of pandas; what is not over is empty, never 0."""

    def get_page(self, first, last, user=None, **options):
        report = self.env["retention.cohort"].with_user(user or self.env.user)
        return report.get_analysis(
            {"period": "own", "first": str(first), "last": str(last), **options}
        )

    def table(self, page):
        [table] = [block for block in page["blocks"] if block["block"] == "table"]
        return table

    def check(self, frame, first, last, size):
        """Compare every cell of both measures, and the averages, with pandas."""
        expected = expected_cohorts(frame, size)
        length = churn.SIZES[size]
        begin = churn.period_of(first, size)
        for place, measure in enumerate(("customers", "revenue")):
            table = self.table(self.get_page(first, last, size=size, measure=measure))
            *rows, average = table["rows"]
            sums = {}
            self.assertEqual(
                [row["cells"][1]["value"] for row in rows],
                [
                    expected[cohort, 0][0]
                    for cohort in sorted({key[0] for key in expected})
                    if begin <= self.to_day(cohort, length) <= last
                ],
            )
            for row in rows:
                self.check_row(row, expected, place, length, last, sums)
            for age, cell in enumerate(average["cells"][2:]):
                part, whole = sums.get(age, (0, 0))
                if not whole:
                    self.assertEqual(cell["state"], OPEN)
                else:
                    self.assertAlmostEqual(cell["value"], 100 * part / whole, 4)
        return table

    def to_day(self, period, length):
        return date(period * length // 12, period * length % 12 + 1, 1)

    def check_row(self, row, expected, place, length, last, sums):
        born = row["cells"][0]["target"]["domain"]
        cohort = next(leaf[2] for leaf in born if leaf[0] == "first_month")
        day = date.fromisoformat(cohort)
        number = (12 * day.year + day.month - 1) // length
        whole = expected[number, 0][place]
        for age, cell in enumerate(row["cells"][2:]):
            end = months.last_day(self.to_day(number + age, length))
            end = months.last_day(months.shift(end, length - 1))
            if end > last:
                self.assertEqual((cell["state"], cell["value"]), (OPEN, None))
                continue
            part = expected.get((number, age), (0, 0.0))[place]
            self.assertAlmostEqual(cell["value"], 100 * part / whole, 4)
            known = sums.get(age, (0, 0))
            sums[age] = known[0] + part, known[1] + whole

    def test_music_shop(self):
        frame = music_shop()
        self.load(frame, date(1998, 7, 1))
        first, last = date(1997, 1, 1), date(1998, 6, 15)
        table = self.check(frame[frame["day"] <= last], first, last, "month")
        self.assertEqual(len(table["rows"]), 4)  # three cohorts, and the average
        self.check(frame[frame["day"] <= last], first, last, "quarter")
        page = self.get_page(first, last)
        by_label = {card["label"]: card for card in page["blocks"][0]["cards"]}
        bought = frame[frame["amount"] > 0].groupby("customer")["month"]
        gaps = bought.apply(
            lambda known: (known[known > known.min()]).min() - known.min()
        )
        for span in (3, 12):
            card = by_label[f"Bought again within {span} months"]
            self.assertAlmostEqual(
                card["value"], 100 * (gaps <= span).sum() / len(gaps), 6
            )
            target = card["target"]
            found = self.env[target["model"]].search_count(target["domain"])
            self.assertEqual(found, len(gaps))

    def test_made_up_company(self):
        frame = made_up()
        self.load(frame, END)
        self.check(frame, date(2021, 1, 1), END, "month")
        self.check(frame, date(2021, 2, 1), END, "quarter")
        past = date(2023, 2, 20)
        self.check(
            frame[frame["day"] <= date(2023, 2, 28)], date(2022, 1, 1), past, "month"
        )
        self.check_targets()

    def check_targets(self):
        for size in churn.SIZES:
            table = self.table(self.get_page(date(2022, 1, 1), END, size=size))
            for row in table["rows"][:-1]:
                _name, size_cell, *cells = row["cells"]
                count = size_cell["value"]
                self.check_target(size_cell, count)
                for cell in cells[:7]:
                    if cell["target"]:
                        self.check_target(cell, round(cell["value"] * count / 100))

    def check_target(self, cell, count):
        """The number opens so many rows, each of another customer."""
        found = self.env["retention.month"].search(cell["target"]["domain"])
        self.assertEqual(len(found), count)
        self.assertEqual(len(found.partner_id), count)

    def test_empty_one_customer_and_young(self):
        first, last = date(2024, 1, 1), date(2024, 3, 15)
        page = self.get_page(first, last)
        self.assertFalse(page["blocks"])
        self.assertTrue(page["empty"]["text"])
        [one] = self.make_customers(1)
        self.buy(one, (date(2024, 3, 3), 10))
        self.count_months(TODAY)
        table = self.table(self.get_page(first, last))
        [row] = table["rows"]  # not over: no average either
        self.assertEqual([cell["value"] for cell in row["cells"][1:]], [1, None])
        self.assertEqual(row["cells"][2]["state"], OPEN)
        table = self.table(self.get_page(first, date(2024, 5, 31)))
        self.assertEqual(
            [cell["value"] for cell in table["rows"][0]["cells"][1:]], [1, 100, 0, 0]
        )
        self.assertEqual(table["rows"][1]["kind"], "average")

    def test_a_period_that_ends_within_a_quarter(self):
        """What the number counts is what opens: no month after the last one."""
        frame = music_shop()
        self.load(frame, date(1998, 7, 1))
        page = self.get_page(date(1997, 1, 1), date(1997, 2, 15), size="quarter")
        [row] = self.table(page)["rows"]
        name, size, first = row["cells"]
        born = frame[frame["amount"] > 0].groupby("customer")["month"].min()
        early = int((born <= 12 * 1997 + 1).sum())
        self.assertEqual((name["value"], size["value"]), ("Q1 1997", early))
        self.assertLess(early, len(born))
        self.assertIn("Feb 1997", size["title"])
        self.assertEqual(first["state"], OPEN)
        target = size["target"]
        found = self.env[target["model"]].search_count(target["domain"])
        self.assertEqual(found, early)

    def test_long_histories_are_cut(self):
        [one] = self.make_customers(1)
        self.buy(one, (date(2014, 1, 3), 10), (date(2024, 5, 3), 10))
        self.count_months(TODAY)
        table = self.table(self.get_page(date(2014, 1, 1), TODAY))
        self.assertEqual(len(table["columns"]), 2 + 37)
        self.assertEqual(len(table["notes"]), 2)  # few customers, and cut

    def test_rights_and_companies(self):
        own, others = self.make_customers(2)
        other = self.make_company()
        seller, lead = self.make_user("user"), self.make_user("lead")
        manager, auditor = self.make_user("manager"), self.make_user("auditor")
        own.user_id = seller
        team = self.env["crm.team"].create({"name": "Team", "user_id": lead.id})
        team.member_ids = seller
        for customer in (own, others):
            self.buy(customer, (date(2024, 1, 3), 10))
        self.buy(own, (date(2024, 2, 3), 10), company=other)
        self.count_months(TODAY)
        self.count_months(TODAY, other)
        span = date(2024, 1, 1), date(2024, 5, 31)
        for user, count in ((seller, 1), (lead, 1), (manager, 2), (auditor, 2)):
            table = self.table(self.get_page(*span, user=user))
            with self.subTest(user=user.login):
                [row] = table["rows"][:-1]
                self.assertEqual(row["cells"][1]["value"], count)
        manager.company_ids |= other
        report = self.env["retention.cohort"].with_user(manager)
        page = report.with_context(allowed_company_ids=other.ids).get_analysis(
            {"period": "own", "first": str(span[0]), "last": str(span[1])}
        )
        self.assertEqual(self.table(page)["rows"][0]["cells"][1]["value"], 1)
        self.assertEqual(self.table(page)["rows"][0]["cells"][0]["value"], "Feb 2024")
