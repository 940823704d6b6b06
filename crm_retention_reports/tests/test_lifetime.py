from datetime import date, timedelta

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import TODAY

from .common import ReportCommon

FIRST, LAST = date(2023, 7, 1), date(2024, 6, 30)


@tagged("post_install", "-at_install")
class TestLifetime(ReportCommon):
    """Past and expected revenue by group are what pandas makes of the documents."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_pass()
        cls.mine = [("partner_id", "in", cls.customers.ids)]
        cls.profiles = cls.Profile.search(cls.mine)
        for place, profile in enumerate(cls.profiles.sorted("id")):
            told = place % 4 != 0
            cls.env.cr.execute(
                "UPDATE retention_profile SET forecast_on = %s, year_value = %s"
                " WHERE id = %s",
                (TODAY if told else None, 100 * place if told else None, profile.id),
            )
        cls.env.invalidate_all()
        cls.manager = cls.make_user("manager")

    def look(self, group="segment", user=None, domain=None, company=None):
        model = self.env["retention.lifetime"].with_user(user or self.manager)
        model = model.with_context(
            allowed_company_ids=(company or self.company).ids,
        )
        return model.get_analysis(
            {
                "period": "own",
                "first": str(FIRST),
                "last": str(LAST),
                "domain": self.mine if domain is None else domain,
                "group": group,
            }
        )

    def table(self, page, name):
        return next(each for each in page["blocks"] if each["name"] == name)

    def frame(self, field, profiles=None):
        """Return what pandas makes of documents and forecasts, by group."""
        import pandas as pd

        profiles = profiles or self.profiles
        documents = pd.DataFrame(
            [
                (each.partner_id.id, each.date, each.amount)
                for each in self.env["retention.transaction"].search(
                    [("partner_id", "in", profiles.partner_id.ids)]
                )
                if each.date <= TODAY
            ],
            columns=["customer", "date", "amount"],
        )
        inside = documents[(documents.date >= FIRST) & (documents.date <= LAST)]
        frame = pd.DataFrame(
            [
                (
                    each.partner_id.id,
                    each[field].display_name or "None",
                    each.year_value,
                    bool(each.forecast_on),
                )
                for each in profiles
            ],
            columns=["customer", "group", "expected", "told"],
        ).set_index("customer")
        frame["so_far"] = documents.groupby("customer").amount.sum()
        frame["in_period"] = inside.groupby("customer").amount.sum()
        frame["told_past"] = frame.so_far.where(frame.told, 0)
        frame["expected"] = frame.expected.where(frame.told, 0)
        frame["customers"] = 1
        sums = frame.groupby("group").sum()
        sums["value"] = (sums.told_past + sums.expected) / sums.told.where(
            sums.told > 0
        )
        return sums

    def check(self, page, expected, user=None):
        profiles = self.Profile.with_user(user or self.manager)
        rows = self.table(page, "value")["rows"]
        self.assertEqual(
            {row["cells"][0]["value"] for row in rows[:-1]}, set(expected.index)
        )
        for row in rows[:-1]:
            name, *cells = (cell["value"] for cell in row["cells"])
            line = expected.loc[name]
            self.assertEqual((cells[0], cells[3]), (line.customers, line.told))
            for found, wanted in (
                (cells[1], line.so_far),
                (cells[2], line.in_period),
                (cells[4] or 0, line.expected),
                (cells[6] or 0, line.value if line.told else 0),
            ):
                self.assertAlmostEqual(found, wanted, 2)
            target = row["cells"][1]["target"]
            found = profiles.search_count(target["domain"])
            self.assertEqual(found, line.customers)

    def test_by_group(self):
        for group in ("segment", "tier"):
            with self.subTest(group=group):
                self.check(self.look(group), self.frame(f"{group}_id"))

    def test_by_industry(self):
        page = self.look("industry")
        self.check(page, self.frame("industry_id"))
        names = [row["cells"][0]["value"] for row in self.table(page, "value")["rows"]]
        self.assertEqual(names, ["Baking", "None", "Together"])

    def test_cards(self):
        sums = self.frame("segment_id").sum()
        cards = {
            card["label"]: card for card in self.table(self.look(), "cards")["cards"]
        }
        self.assertEqual(cards["Customers"]["value"], len(self.customers))
        self.assertAlmostEqual(cards["Revenue so Far"]["value"], sums.so_far, 2)
        self.assertAlmostEqual(cards["Expected in 12 Months"]["value"], sums.expected)
        value = (sums.told_past + sums.expected) / sums.told
        self.assertAlmostEqual(cards["Lifetime Value per Customer"]["value"], value, 2)
        self.assertIn("3", cards["Expected in 12 Months"]["note"])

    def test_nothing_can_be_told(self):
        self.env.cr.execute(
            "UPDATE retention_profile SET forecast_on = NULL, year_value = NULL"
        )
        self.env["retention.model"].search([]).unlink()
        self.env.invalidate_all()
        page = self.look()
        total = self.table(page, "value")["rows"][-1]["cells"]
        self.assertEqual([cell["value"] for cell in total[4:]], [0, None, None, None])
        self.assertIn("No forecast", self.table(page, "forecast")["text"])

    def test_says_how_good_the_forecast_is(self):
        self.env["retention.model"].create(
            {
                "company_id": self.company.id,
                "question": "buying",
                "fitted_on": self.company._retention_today(),
                "method": "bg",
                "why": "wins",
                "days": 90,
                "tested_count": 500,
                "error": 0.785,
                "plain_error": 1.024,
            }
        )
        table = self.table(self.look(), "forecast")
        texts = [cell["text"] for cell in table["rows"][0]["cells"]]
        self.assertEqual(texts[1], "BG/NBD")
        self.assertIn("0.785", texts[2])
        self.assertIn("1.024", texts[3])
        self.assertIn("1.024", table["notes"][0])
        self.assertIn("90 days ahead", table["notes"][-1])

    def test_empty_and_one_customer(self):
        page = self.look(domain=[("partner_id", "=", self.env.user.partner_id.id)])
        self.assertFalse(page["blocks"])
        one = self.profiles.sorted("id")[1]
        page = self.look(domain=[("id", "=", one.id)])
        self.check(page, self.frame("segment_id", one))

    def test_rights_and_companies(self):
        seller, lead = self.make_user("user"), self.make_user("lead")
        colleague = self.make_user("user", login="retention_colleague")
        members = [Command.set(colleague.ids)]
        self.env["crm.team"].create(
            {"name": "Team", "user_id": lead.id, "member_ids": members}
        )
        self.customers[:3].user_id = seller
        self.customers[3:7].user_id = colleague
        for user, customers in (
            (seller, self.customers[:3]),
            (lead, self.customers[3:7]),
            (self.make_user("auditor"), self.customers),
        ):
            with self.subTest(user=user.login):
                profiles = self.profiles.filtered(
                    lambda each, customers=customers: each.partner_id in customers
                )
                page = self.look(user=user)
                self.check(page, self.frame("segment_id", profiles), user)
        other = self.make_company()
        self.manager.company_ids |= other
        self.buy(self.customers[0], (40, 500), company=other)
        self.run_pass(as_of=TODAY + timedelta(days=1), company=other)
        page = self.look(company=other)
        total = self.table(page, "value")["rows"][-1]["cells"]
        self.assertEqual((total[1]["value"], total[2]["value"]), (1, 500))
