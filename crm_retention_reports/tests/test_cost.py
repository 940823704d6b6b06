from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.crm_retention.tests.common import RetentionCommon

YEAR = (date(2023, 1, 1), date(2023, 12, 31))


@tagged("post_install", "-at_install")
class TestCost(RetentionCommon):
    """What a stretch of days cost, and who may know."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Cost = cls.env["retention.cost"]
        cls.Cost.search([]).unlink()
        cls.phone = cls.env.ref("crm_retention.channel_phone")
        cls.campaign = cls.env["utm.campaign"].create({"name": "Spring"})

    @classmethod
    def cost(cls, amount, first, last=None, **values):
        values |= {"date_to": last} if last else {}
        return cls.Cost.create(
            {
                "name": "Something",
                "amount": amount,
                "date_from": first,
                "company_id": cls.company.id,
                **values,
            }
        )

    def sums(self, *days, field="kind", user=None, company=None, **more):
        model = self.Cost.with_user(user) if user else self.Cost
        return model._sum_by(company or self.company, *days, field, **more)

    def test_amounts_follow_the_days(self):
        self.cost(3650, *YEAR, kind="system")
        self.cost(280, date(2023, 2, 15), kind="people", basis="month")
        self.cost(50, date(2023, 1, 10), kind="campaign", campaign_id=self.campaign.id)
        january = (date(2023, 1, 1), date(2023, 1, 31))
        self.assertEqual(self.sums(*january), {"system": 310, "campaign": 50})
        self.assertEqual(
            self.sums(date(2023, 2, 1), date(2023, 3, 31)),
            {"system": 590, "people": 140 + 280},
        )
        self.assertEqual(
            self.sums(*january, field="campaign_id"), {self.campaign.id: 50, False: 310}
        )
        self.assertEqual(
            self.sums(*YEAR, domain=[("kind", "=", "campaign")]), {"campaign": 50}
        )

    def test_a_budget_is_no_cost(self):
        self.cost(100, *YEAR, is_budget=True, channel_id=self.phone.id)
        self.assertFalse(self.sums(*YEAR))
        self.assertEqual(
            self.sums(*YEAR, field="channel_id", is_budget=True), {self.phone.id: 100}
        )

    def test_a_price_in_another_currency_follows_its_rate(self):
        other = self.set_rates()
        self.cost(
            8,
            YEAR[0],
            kind="contact",
            channel_id=self.phone.id,
            currency_id=other.id,
        )
        days = (date(2023, 1, 20), date(2023, 2, 10))
        self.assertEqual(
            self.Cost._get_contact_prices(self.company, *days),
            [
                (self.phone.id, date(2023, 1, 20), date(2023, 1, 31), 4.0),
                (self.phone.id, date(2023, 2, 1), date(2023, 2, 10), 2.0),
            ],
        )

    def test_another_currency_is_turned_into_the_companys(self):
        other = self.set_rates()
        self.cost(100, *YEAR, basis="month", currency_id=other.id)
        self.assertEqual(
            self.sums(date(2023, 1, 1), date(2023, 2, 28)), {"other": 50 + 25}
        )

    def set_rates(self):
        """Return a currency of which a unit is a half, and from February a quarter."""
        other = self.env.ref("base.CHF")
        other.active = True
        self.env["res.currency.rate"].search(
            [("currency_id", "in", (other | self.company.currency_id).ids)]
        ).unlink()
        for day, rate in ((date(2022, 1, 1), 2), (date(2023, 2, 1), 4)):
            self.env["res.currency.rate"].create(
                {
                    "name": day,
                    "rate": rate,
                    "currency_id": other.id,
                    "company_id": self.company.id,
                }
            )
        return other

    def test_every_contact_costs(self):
        customers = self.make_customers(2)
        rows = [
            (customers[0], "2023-03-31 22:30:00", {}),  # 1 April in Paris
            (customers[1], "2023-04-10 08:00:00", {}),
            (customers[1], "2023-05-10 08:00:00", {"direction": "in"}),
            (customers[1], "2023-05-10 08:00:00", {"state": "planned"}),
            (customers[1], "2023-06-10 08:00:00", {}),
        ]
        self.company.resource_calendar_id.tz = "Europe/Paris"
        self.env["retention.touch"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "channel_id": self.phone.id,
                    "state": "done",
                    "done_at": moment,
                    **values,
                }
                for partner, moment, values in rows
            ]
        )
        cost = self.cost(3, date(2023, 4, 1), kind="contact", channel_id=self.phone.id)
        self.assertEqual(cost.basis, "contact")
        self.assertFalse(self.sums(*YEAR))
        count = self.Cost._sum_contacts
        self.assertEqual(count(self.company, *YEAR), {self.phone.id: 9})
        april = (date(2023, 4, 1), date(2023, 4, 30))
        among = SQL("touch.partner_id = %s", customers[0].id)
        self.assertEqual(count(self.company, *april), {self.phone.id: 6})
        self.assertEqual(count(self.company, *april, among), {self.phone.id: 3})

    def test_entered_in_a_form(self):
        manager = self.make_user("manager")
        with Form(self.Cost.with_user(manager)) as form:
            form.name = "Calls"
            form.amount = 4
            form.date_from = date(2023, 2, 10)
            self.assertEqual((form.basis, form.date_to), ("total", date(2023, 2, 28)))
            form.kind = "contact"
            self.assertEqual(form.basis, "contact")
            form.channel_id = self.phone
        self.assertFalse(form.record.date_to)
        with Form(form.record) as form:
            form.kind = "people"
            form.basis = "month"
            form.date_to = False
        self.assertEqual(self.sums(date(2023, 3, 1), date(2023, 3, 31)), {"people": 4})

    @mute_logger("odoo.sql_db")
    def test_what_cannot_be(self):
        wrong = (
            {"amount": -1},
            {"date_to": date(2022, 1, 1), "basis": "month"},
            {"kind": "contact"},  # by which channel?
            {"kind": "contact", "channel_id": self.phone.id, "is_budget": True},
            {"kind": "people", "basis": "contact", "channel_id": self.phone.id},
        )
        for values in wrong:
            with self.subTest(values), self.assertRaises(IntegrityError):
                with self.cr.savepoint():
                    self.cost(values.pop("amount", 1), YEAR[0], **values)

    def test_who_may_know(self):
        self.cost(100, *YEAR, kind="people")
        self.cost(20, *YEAR, kind="campaign")
        both = {"people": 100, "campaign": 20}
        expected = {"manager": both, "auditor": both, "lead": {"campaign": 20}}
        for kind in ("manager", "auditor", "lead", "user", "none"):
            user = self.make_user(kind)
            with self.subTest(kind):
                self.assertEqual(self.sums(*YEAR, user=user), expected.get(kind, {}))
            writes = self.Cost.with_user(user).has_access("write")
            self.assertEqual(writes, kind == "manager")
        with self.assertRaises(AccessError):
            self.Cost.with_user(self.make_user("user", login="other")).search([])

    def test_companies_apart(self):
        other = self.make_company()
        self.cost(100, *YEAR)
        self.cost(7, *YEAR, company_id=other.id, currency_id=other.currency_id.id)
        self.assertEqual(self.sums(*YEAR), {"other": 100})
        self.assertEqual(self.sums(*YEAR, company=other), {"other": 7})
        manager = self.make_user("manager")
        self.assertFalse(self.sums(*YEAR, user=manager, company=other))
