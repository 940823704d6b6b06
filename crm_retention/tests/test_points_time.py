"""Points in time: events, expiry, warnings; and documents of the till."""

from datetime import date, timedelta
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.crm_retention.tools import caps, points

from .common import TODAY
from .common_earning import EarningCommon


@tagged("post_install", "-at_install")
class TestEvents(EarningCommon):
    def event(self, kind, **values):
        return self.env["retention.points.event"].create(
            {
                "program_id": self.points.id,
                "kind": kind,
                "points": 50,
                "start_date": date(2024, 1, 1),
                **values,
            }
        )

    def test_birthday_once_a_year(self):
        self.event("birthday")
        stranger = self.make_customers(1, birthdate_date=date(1980, 6, 15))
        self.customer.birthdate_date = date(1980, 6, 15)
        self.earn(1)
        self.settle("night", TODAY - timedelta(days=1))
        self.assertBalance(1)
        for days in (0, 0, 1):  # the pass of the 16th looks at the 15th again
            self.settle("night", TODAY + timedelta(days=days))
            self.assertBalance(51)
        self.settle("night", TODAY.replace(year=2025))
        self.assertBalance(101)
        self.assertBalance(0, account=self.account_of(stranger))

    def test_birthday_gift_of_a_tier(self):
        gold = self.tier("Gold")
        self.event("birthday", tier_ids=[Command.set(gold.ids)])
        other = self.make_customers(1)
        for customer in (self.customer, other):
            customer.birthdate_date = date(1980, 6, 15)
            self.earn(1, account=self.account_of(customer))
        self.Membership.create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "program_id": self.program.id,
                "tier_id": gold.id,
                "date_from": self.day(9),
                "valid_until": TODAY,
                "cause": "enter",
            }
        )
        self.settle("night")
        self.assertBalance(51)
        self.assertBalance(1, account=self.account_of(other))

    def test_birthday_of_a_night_without_a_pass(self):
        self.event("birthday")
        self.customer.birthdate_date = date(1996, 2, 29)
        self.earn(1)
        self.settle("night", date(2025, 2, 25))
        self.assertBalance(1)
        self.settle("night", date(2025, 3, 3))
        self.assertBalance(51)
        entry = self.account.entry_ids[0]
        self.assertEqual(entry.date, date(2025, 2, 28))

    def test_survey_once(self):
        survey = self.env["survey.survey"].create({"title": "How was it?"})
        self.event("survey", survey_id=survey.id)
        person = self.make_customers(1, parent_id=self.customer.id)
        answers = self.env["survey.user_input"].create(
            [
                {"survey_id": survey.id, "partner_id": person.id, "state": state}
                for state in ("done", "done", "in_progress")
            ]
        )
        answers.end_datetime = "2024-06-10 10:00:00"
        for _n in range(2):
            self.settle("night")
            self.assertBalance(50)
        self.assertEqual(self.account.entry_ids.reason, "How was it?")

    def test_first_points_and_not_those_taken_over(self):
        self.event("joining")
        self.post(points.OPENING, 500, reason="Taken over")
        new = self.make_customers(1)
        for customer in (self.customer, new):
            self.buy(customer, (5, 10), (3, 10))
        for _n in range(2):
            self.settle()
        self.assertBalance(520)
        self.assertBalance(70, account=self.account_of(new))

    def test_moving_up_to_a_tier(self):
        gold, silver = self.tier("Gold"), self.tier("Silver")
        self.event("tier", tier_ids=[Command.set(gold.ids)])
        common = {
            "partner_id": self.customer.id,
            "company_id": self.company.id,
            "program_id": self.program.id,
            "valid_until": TODAY,
        }
        self.Membership.create(
            [
                common
                | {
                    "tier_id": tier.id,
                    "previous_tier_id": before.id,
                    "date_from": self.day(days),
                    "date_to": self.day(days - 1),
                    "cause": "upgrade",
                }
                for days, tier, before in (
                    (9, gold, silver),
                    (8, silver, gold),
                    (7, gold, silver),
                )
            ]
        )
        for _n in range(2):
            self.settle("night")
            self.assertBalance(50)


@tagged("post_install", "-at_install")
class TestExpiry(EarningCommon):
    def test_expires_once_after_its_last_day(self):
        earned = self.earn(100, expires=5)
        never = self.earn(10)
        self.redeem(30)
        self.settle("light", TODAY + timedelta(days=5))
        self.assertBalance(80)
        for _n in range(2):
            self.settle("light", TODAY + timedelta(days=6))
            self.assertBalance(10)
        self.assertEqual(self.left(earned, never), [0, 10])
        self.assertEqual(earned.award_ids.state, "expired")
        entry = self.account.entry_ids.filtered(lambda each: each.kind == "expire")
        self.assertEqual(entry.points, -70)

    def test_given_back_after_expiry_expires_again(self):
        self.earn(100, expires=5)
        spent = self.redeem(30)
        self.settle("light", TODAY + timedelta(days=6))
        later = TODAY + timedelta(days=10)
        self.reverse(spent, today=later, revive_until=TODAY + timedelta(days=40))
        self.settle("light", TODAY + timedelta(days=40))
        self.assertBalance(30)
        self.settle("light", TODAY + timedelta(days=41))
        self.assertBalance(0)

    def test_without_activity(self):
        self.points.write({"expiry_model": "inactive", "expiry_months": 6})
        self.invoice(self.customer, 0, 100)
        self.settle()
        self.assertFalse(self.account.award_ids.expires_on)
        self.settle("light", date(2024, 12, 15))
        self.assertBalance(100)
        self.redeem(10, day=date(2024, 12, 15), today=date(2024, 12, 15))
        self.settle("light", date(2025, 6, 15))
        self.assertBalance(90)
        self.settle("light", date(2025, 6, 16))
        self.assertBalance(0)


@tagged("post_install", "-at_install")
class TestWarnings(EarningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["retention.cap"].search([]).unlink()
        cls.company.retention_sending = True
        cls.customer.email = "customer@example.com"
        cls.template = cls.env.ref("crm_retention.mail_template_points_expiring")

    def warned(self, days):
        """Return the subjects of mails queued by a night so many days after TODAY."""
        before = self.env["mail.mail"].search([])
        guard = type(self.env["retention.guard"])
        allowed = caps.Verdict(caps.ALLOWED)
        with patch.object(
            guard, "_judge", lambda _self, _company, asked: [allowed for _each in asked]
        ):
            self.settle("night", TODAY + timedelta(days=days))
        return self.env["mail.mail"].search([]) - before

    def test_two_warnings_each_once_in_one_mail(self):
        self.earn(120, expires=70)
        self.earn(30, expires=65)
        self.earn(7)
        self.assertFalse(self.warned(4))
        mail = self.warned(10)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertEqual(mail.state, "outgoing")
        self.assertFalse(self.warned(11))
        self.assertEqual(len(self.warned(56)), 1)
        self.assertFalse(self.warned(57))
        known = self.env["retention.points.warning"].search([])
        self.assertEqual(known.mapped("number"), [2, 2, 1, 1])
        touches = self.customer.retention_touch_ids
        self.assertEqual(touches.mapped("category"), ["service"] * 2)

    def test_what_the_mail_says(self):
        today = self.company._retention_today()
        for days, number in ((40, 120), (20, 30)):
            self.earn(number, expires=today + timedelta(days=days), today=today)
        self.assertEqual(self.account.warning_points, 150)
        self.assertRegex(self.account.warning_text, "^30 until .*, 120 until ")
        body = self.template._render_field("body_html", self.account.ids)
        self.assertIn(self.account.warning_text, body[self.account.id])

    def test_dry_run_warns_nobody_and_forgets_nothing(self):
        self.company.retention_sending = False
        self.earn(120, expires=50)
        self.assertFalse(self.warned(0))
        self.assertFalse(self.env["retention.points.warning"].search([]))
        self.company.retention_sending = True
        self.assertEqual(len(self.warned(1)), 1)

    def test_a_night_is_no_time_for_mails(self):
        self.env["retention.cap"].create(
            {
                "name": "Quiet",
                "kind": "quiet",
                "company_id": self.company.id,
                "obey_service": True,
                "quiet_from": 20,
                "quiet_to": 8,
            }
        )
        self.customer.tz = "UTC"
        self.earn(10, expires=50)
        before = self.env["mail.mail"].search([])
        with freeze_time("2024-06-15 02:00:00"):
            self.settle("night")
        mail = self.env["mail.mail"].search([]) - before
        self.assertEqual(str(mail.scheduled_date), "2024-06-15 08:00:00")

    def test_the_guard_is_asked(self):
        other = self.make_customers(1)
        silent = self.make_customers(1, email="silent@example.com")
        for customer in (self.customer, other, silent):
            self.earn(10, expires=50, account=self.account_of(customer))
        self.env["mail.blacklist"]._add("silent@example.com")
        self.settle("night")
        rows = self.env["retention.points.warning"].search([])
        reasons = {row.partner_id: row.reason for row in rows}
        self.assertFalse(reasons[self.customer])
        self.assertEqual(reasons[other], "No e-mail address")
        self.assertTrue(reasons[silent])


@tagged("post_install", "-at_install")
class TestSimulation(EarningCommon):
    def test_what_it_would_have_cost(self):
        self.points.write({"start_date": TODAY, "point_value": 0.05})
        move = self.invoice(self.customer, 10, 100)
        self.invoice(self.customer, 40, 1000)
        self.buy(self.make_customers(1), (10, 60))
        self.refund(move, 50)
        wizard = self.env["retention.points.simulation"].create(
            {
                "program_id": self.points.id,
                "date_from": self.day(20),
                "date_to": TODAY,
                "order_id": self.order(self.customer, TODAY, 80).id,
            }
        )
        self.points.start_date = self.day(30)
        self.assertIn("earns 80", wizard.order_text)
        wizard.with_user(self.make_user("manager")).action_simulate()
        self.assertEqual(
            (wizard.documents, wizard.customers, wizard.points, wizard.reversed),
            (2, 2, 160, 50),
        )
        self.assertAlmostEqual(wizard.cost, 5.5)
        self.assertFalse(self.Entry.search([]))


@tagged("post_install", "-at_install")
class TestTill(EarningCommon):
    """Skipped where there is no point of sale."""

    def setUp(self):
        super().setUp()
        if "pos.order" not in self.env:
            self.skipTest("no point of sale")
        method = self.env["pos.payment.method"].create({"name": "Cash"})
        config = self.env["pos.config"].create(
            {"name": "Shop", "payment_method_ids": [Command.set(method.ids)]}
        )
        config.open_ui()
        self.session = config.current_session_id

    def sell(self, amount, **values):
        return self.env["pos.order"].create(
            {
                "session_id": self.session.id,
                "company_id": self.company.id,
                "partner_id": self.customer.id,
                "date_order": f"{TODAY} 10:00:00",
                "state": "paid",
                "amount_total": amount,
                "amount_tax": 0,
                "amount_paid": amount,
                "amount_return": 0,
                "lines": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "qty": 1 if amount > 0 else -1,
                            "price_unit": abs(amount),
                            "price_subtotal": amount,
                            "price_subtotal_incl": amount,
                            **values,
                        }
                    )
                ],
            }
        )

    def test_order_refund_and_invoice(self):
        order = self.sell(100)
        for _n in range(2):
            self.settle("night")
            self.assertBalance(100)
        self.sell(-40, refunded_orderline_id=order.lines.id)
        self.settle("night")
        self.assertBalance(60)
        order.account_move = self.invoice(self.customer, 0, 100)
        self.settle("night")
        self.assertBalance(60)
        live = self.account.award_ids.filtered("remaining")
        self.assertEqual(live.entry_id.res_model, "account.move")
