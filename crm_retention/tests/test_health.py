"""The health of customers: parts, reasons, months, and what is not guessed."""

from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import TODAY, RetentionCommon

STEPS = ("score", "place", "stage", "predict")
PARTS = ("purchases", "contact", "service", "satisfaction", "payment", "use")


@tagged("post_install", "-at_install")
class TestHealth(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls.env["retention.health.model"]._get_of(cls.company)
        cls.History = cls.env["retention.health.history"]

    def judge(self, as_of=TODAY, kind="full"):
        return self.run_pass(kind, as_of, steps=STEPS).filtered(
            lambda run: run.step == "predict"
        )

    def talk(self, customer, days, outcome="answered", direction="out"):
        self.env["retention.touch"].create(
            {
                "partner_id": customer.id,
                "company_id": self.company.id,
                "channel_id": self.env.ref("crm_retention.channel_phone").id,
                "state": "done",
                "done_at": f"{TODAY - timedelta(days=days)} 10:00:00",
                "outcome": outcome,
                "direction": direction,
                "is_real": True,
                "origin": "manual",
            }
        )

    def say(self, customer, days, raw, key):
        self.env["retention.feedback"].create(
            {
                "partner_id": customer.id,
                "company_id": self.company.id,
                "kind": "csat",
                "state": "answered",
                "raw": raw,
                "grade": "good" if raw > 3 else "bad",
                "answered_at": f"{TODAY - timedelta(days=days)} 10:00:00",
                "key": f"health:{key}",
            }
        )

    def use(self, customer, *days):
        self.env["retention.event"].create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": self.company.id,
                    "kind": "use",
                    "moment": f"{TODAY - timedelta(days=ago)} 10:00:00",
                    "reference": f"{customer.id}-{ago}",
                }
                for ago in days
            ]
        )

    def complain(self, customer, days):
        return self.env["helpdesk.ticket"].create(
            {
                "name": "Noise",
                "description": "x",
                "partner_id": customer.id,
                "company_id": self.company.id,
                "retention_kind": "complaint",
                "retention_received_at": f"{TODAY - timedelta(days=days)} 10:00:00",
            }
        )

    def parts(self, profile):
        return {line.part: line for line in profile.health_line_ids}

    def test_all_parts(self):
        customer = self.make_customers(1)
        for days in (200, 160, 120, 80, 40, 0):
            self.invoice(
                customer, days, 100, invoice_date_due=TODAY + timedelta(days=9)
            )
        for days in (10, 50, 90):
            self.talk(customer, days, "answered" if days == 10 else "not_reached")
        self.complain(customer, 20)
        self.say(customer, 5, 5, "new")
        self.say(customer, 50, 1, "old")
        self.use(customer, 5, 6, 100, 101, 102, 103)
        self.judge()
        profile = self.profile_of(customer)
        scores = {name: profile[f"health_{name}"] for name in PARTS}
        self.assertEqual(
            scores,
            {
                "purchases": 100,
                "contact": 80,  # 0.7 × 100, and a third of the contacts answered
                "service": 60,  # one complaint, and it is open
                "satisfaction": 60,  # (3 × 100 + 2 × 0) / 5
                "payment": 100,
                "use": 50,
            },
        )
        self.assertEqual(profile.health_known, 100)
        # 30, 20, 15, 15, 15 and 5 percent of them
        self.assertEqual(profile.health, 82)
        self.assertEqual(profile.health_band, "good")
        lines = self.parts(profile)
        self.assertEqual(lines["contact"].weight, 20)
        self.assertIn("1 of our 3 contacts", lines["contact"].reason)
        self.assertIn("Complaints in 180 days: 1, open: 1", lines["service"].reason)
        self.assertIn("Invoices in 365 days: 6", lines["payment"].reason)
        self.assertIn("every 40 days", lines["purchases"].reason)
        self.assertFalse(lines["purchases"].change_text)  # nothing to compare with yet
        for name, line in lines.items():
            action = line.action_open_records()
            found = self.env[action["res_model"]].search_count(action["domain"])
            self.assertTrue(found, name)

    def test_too_little_is_not_guessed(self):
        customer = self.make_customers(1)
        self.buy(customer, (10, 100))
        self.judge()
        profile = self.profile_of(customer)
        self.assertEqual((profile.health_band, profile.health_known), ("unknown", 30))
        self.assertIn("Only 30 %", profile.health_text)
        lines = self.parts(profile)
        self.assertTrue(lines["purchases"].is_known)
        for name in PARTS[1:]:
            self.assertFalse(lines[name].is_known, name)
            self.assertIn("Not enough data", lines[name].reason)
        found = self.Profile.search([("health_band", "=", "poor")])
        self.assertNotIn(profile, found)
        self.model.action_use_shop()
        self.judge()
        self.assertEqual((profile.health, profile.health_band), (100, "good"))

    def test_revenue_against_the_year_before(self):
        customer = self.make_customers(1)
        self.buy(customer, (760, 10), (600, 600), (500, 600), (2, 500), (1, -200))
        self.judge()
        line = self.parts(self.profile_of(customer))["purchases"]
        self.assertIn("-75 %", line.reason)  # 300 of 1,200, the refund deducted
        self.assertEqual(line.score, 70)
        self.assertEqual(self.profile_of(customer).purchase_days, 4)

    def test_merge(self):
        """History of two contacts that become one: the target's is kept."""
        kept, gone = self.make_customers(2)
        for customer in (kept, gone):
            self.buy(customer, (10, 100))
            self.talk(customer, 5)
        self.judge()
        self.env["base.partner.merge.automatic.wizard"]._merge([kept.id, gone.id], kept)
        rows = self.History.search([("partner_id", "=", kept.id)])
        self.assertEqual(len(rows), 1)
        self.assertTrue(self.profile_of(kept).health_on)

    def test_overdue(self):
        customer = self.make_customers(1)
        move = self.invoice(
            customer, 50, 100, invoice_date_due=TODAY - timedelta(days=16)
        )
        self.judge()
        profile = self.profile_of(customer)
        self.assertEqual(profile.health_payment, 50)
        self.assertIn("Invoices overdue: 1", self.parts(profile)["payment"].reason)
        # the day on which it costs more points comes without anybody's doing
        run = self.judge(TODAY + timedelta(days=15), "night")
        self.assertEqual((profile.health_payment, run.changed), (25, 1))
        self.assertEqual(move.payment_state, "not_paid")

    def test_ordinary_night(self):
        """Only who did something is written, and nobody twice."""
        customers = self.make_customers(40)
        for customer in customers:
            self.buy(customer, (200, 50), (100, 50), (10, 50))
            self.talk(customer, 30)
        self.assertGreaterEqual(self.judge().changed, 40)
        self.assertEqual(self.judge().changed, 0)
        self.env.cr.execute("UPDATE retention_touch SET write_date = '2020-01-01'")
        self.env.cr.execute("UPDATE retention_profile SET changed_at = '2020-01-01'")
        tomorrow = TODAY + timedelta(days=1)
        self.buy(customers[0], (tomorrow, 50))
        run = self.judge(tomorrow, "night")
        self.assertEqual((run.seen, run.changed), (1, 1))
        weekly = self.judge(tomorrow + timedelta(days=6))
        self.assertGreaterEqual(weekly.changed, 40)  # brought up to its day
        day = tomorrow + timedelta(days=6)
        self.assertEqual(set(self.Profile.search([]).mapped("health_on")), {day})

    def test_months(self):
        customer = self.make_customers(1)
        self.buy(customer, (100, 50), (70, 50), (40, 50), (10, 50))
        self.talk(customer, 5)
        self.judge()
        profile = self.profile_of(customer)
        self.assertEqual(profile.health_change, 0)
        row = self.History.search([("partner_id", "=", customer.id)])
        self.assertEqual((row.day, row.month), (TODAY, TODAY.replace(day=1)))
        self.assertEqual(row.health, profile.health)
        before = profile.health
        self.judge(TODAY + timedelta(days=45))
        self.assertEqual(
            len(self.History.search([("partner_id", "=", customer.id)])), 2
        )
        self.assertLess(profile.health, before)
        self.assertEqual(profile.health_change, profile.health - before)
        line = self.parts(profile)["purchases"]
        self.assertEqual(line.before, 100)
        self.assertTrue(line.change_text.startswith("▼"))
        self.assertIn(f"{before} last month", profile.health_text)

    def test_weights(self):
        """They are 100 together; a change is a version, told and applied to all."""
        weights = {line.part: line for line in self.model.part_ids}
        with self.assertRaisesRegex(ValidationError, "they must be 100"):
            self.model.part_ids = [
                Command.update(weights["purchases"].id, {"weight": 31})
            ]
        with self.assertRaises(ValidationError):
            self.model.part_ids = [Command.delete(weights["use"].id)]
        customer = self.make_customers(1)
        self.buy(customer, (10, 50))
        self.judge()
        self.assertFalse(self.model.is_pending)
        version = self.model.version
        self.model.action_use_shop()
        self.assertEqual(self.model.version, version + 1)
        self.assertTrue(self.model.is_pending)
        self.assertIn("Purchases 50", self.model.message_ids[0].body)
        self.judge(TODAY + timedelta(days=1), "night")
        self.assertFalse(self.model.is_pending)
        self.assertEqual(self.profile_of(customer).health_known, 50)

    def test_form(self):
        with Form(self.model) as form:
            form.poor_below = 30
        self.assertEqual(self.model.poor_below, 30)

    def test_two_companies(self):
        other = self.make_company()
        customer = self.make_customers(1)
        self.talk(customer, 5)
        self.buy(customer, (10, 50))
        self.buy(customer, (10, 50), company=other)
        self.judge()
        self.run_pass(company=other, steps=STEPS)
        here, there = self.profile_of(customer), self.profile_of(customer, other)
        self.assertEqual((here.health_known, there.health_known), (50, 30))
        self.assertEqual(there.health_band, "unknown")

    def test_on_contact_and_ticket(self):
        customer = self.make_customers(1)
        self.buy(customer, (10, 50))
        self.talk(customer, 5)
        self.judge()
        self.assertEqual(customer.retention_health, self.profile_of(customer).health)
        found = self.env["res.partner"].search([("retention_health_band", "=", "good")])
        self.assertIn(customer, found)
        ticket = self.complain(customer, 0)
        self.assertEqual(ticket.retention_health_band, "good")
        # what came to light after the judgement is not said as if it had counted
        lines = self.parts(self.profile_of(customer))
        self.assertIn("Changed since", lines["service"].reason)
        self.assertNotIn("Changed since", lines["purchases"].reason)
        agent = self.make_user("none", login="agent")
        self.assertFalse(ticket.with_user(agent).sudo(False)._retention_shown())
