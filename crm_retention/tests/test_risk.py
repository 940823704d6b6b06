"""Risks of the relationship: level, review, closing; and how safely customers pay."""

from datetime import timedelta

import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_retention.tools import credit

from .common import RetentionCommon


class RiskCommon(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Risk = cls.env["retention.risk"]
        cls.today = cls.company._retention_today()
        cls.owner = cls.make_user("user")
        cls.customer = cls.make_customers(1, user_id=cls.owner.id)

    @classmethod
    def make_risk(cls, **values):
        return cls.Risk.create(
            {
                "name": "The buyer leaves",
                "partner_id": cls.customer.id,
                "kind": "person",
                "user_id": cls.owner.id,
                **values,
            }
        )


@tagged("post_install", "-at_install")
class TestRisk(RiskCommon):
    def test_level_follows_likelihood_and_impact(self):
        risk = self.make_risk(likelihood="4", impact="5")
        self.assertRecordValues(risk, [{"score": 20, "level": "critical"}])
        risk.likelihood = "1"
        self.assertRecordValues(risk, [{"score": 5, "level": "medium"}])

    def test_one_open_risk_of_a_kind(self):
        first = self.make_risk()
        self.make_risk(kind="other")
        self.make_risk(kind="other")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.cr.savepoint(),
        ):
            self.make_risk().flush_recordset()
        first.result = "gone"
        first.action_close()
        self.assertTrue(self.make_risk())

    def test_the_owner_is_reminded_once(self):
        risk = self.make_risk(review_on=self.today)
        activity = risk.activity_ids
        self.assertRecordValues(
            activity, [{"user_id": self.owner.id, "date_deadline": self.today}]
        )
        later = self.today + timedelta(days=30)
        risk.review_on = later
        self.assertEqual(risk.activity_ids, activity)
        self.assertEqual(activity.date_deadline, later)
        risk.result = "reduced"
        risk.action_close()
        self.assertFalse(activity.exists())

    def test_closing_needs_a_result(self):
        risk = self.make_risk()
        with self.assertRaises(UserError):
            risk.action_close()
        risk.result = "happened"
        risk.action_close()
        self.assertRecordValues(risk, [{"state": "closed", "closed_on": self.today}])
        risk.action_reopen()
        self.assertRecordValues(
            risk, [{"state": "open", "closed_on": False, "result": False}]
        )

    def test_review_overdue(self):
        risk = self.make_risk(review_on=self.today - timedelta(days=1))
        calm = self.make_risk(kind="other", review_on=self.today)
        late = self.Risk.search([("is_late", "=", True)])
        self.assertIn(risk, late)
        self.assertNotIn(calm, late)
        self.assertTrue(risk.is_late)

    def test_only_of_whole_customers(self):
        contact = self.make_customers(1, parent_id=self.customer.id)
        with self.assertRaises(ValidationError):
            self.make_risk(partner_id=contact.id)

    def test_auditors_only_read(self):
        risk = self.make_risk()
        risk.result = "gone"
        auditor = self.make_user("auditor")
        self.assertTrue(risk.with_user(auditor).read(["name"]))
        with self.assertRaises(AccessError):
            risk.with_user(auditor).action_close()
        risk.with_user(self.owner).action_close()
        self.assertEqual(risk.state, "closed")

    def test_merging_customers_keeps_the_gravest(self):
        other = self.make_customers(1)
        small = self.make_risk(likelihood="1", impact="1")
        grave = self.make_risk(partner_id=other.id, likelihood="5", impact="5")
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | other).ids, self.customer)
        self.assertEqual(grave.partner_id, self.customer)
        self.assertEqual((grave.state, small.state), ("open", "closed"))


@tagged("post_install", "-at_install")
class TestCredit(RiskCommon):
    def owe(self, customer, days_late, amount=100.0):
        """Send an invoice that was due so many days ago."""
        due = self.today - timedelta(days=days_late)
        return self.invoice(
            customer,
            min(due, self.today),
            amount,
            invoice_payment_term_id=False,
            invoice_date_due=due,
        )

    def pay(self, invoice):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()

    def grade(self, **kwargs):
        return self.Profile._grade_credit(self.company, self.today, **kwargs)

    def test_same_as_the_arithmetic(self):
        """The class that SQL gives is the one of ``tools.credit``, at every bound."""
        self.company.account_use_credit_limit = True
        cases = [
            (late, limit)
            for late in (-5, 0, 1, 30, 31, 90, 91)
            for limit in (0, 100, 99)
        ]
        customers = self.make_customers(len(cases))
        for customer, (late, limit) in zip(customers, cases, strict=True):
            customer.with_company(self.company).credit_limit = limit
            self.owe(customer, late)
        self.Profile._score_customers(self.company, customers.ids)
        self.assertEqual(self.grade(), len(cases))
        for customer, (late, limit) in zip(customers, cases, strict=True):
            with self.subTest(late=late, limit=limit):
                profile = self.profile_of(customer)
                due = customer.invoice_ids.invoice_date_due
                days = max((self.today - due).days, 0)
                self.assertEqual(days, max(late, 0))
                self.assertEqual(profile.credit_class, credit.grade(days, 100, limit))
                self.assertEqual(profile.overdue_since, days and due or False)
        self.assertEqual(self.grade(), 0)  # a second night writes nothing
        late = self.Profile.search(
            [("overdue_days", ">", 30), ("partner_id", "in", customers.ids)]
        )
        self.assertEqual(len(late), 9)

    def test_paid_is_the_best_class_and_nobody_knows_is_none(self):
        invoice = self.owe(self.customer, 100)
        stranger = self.make_customers(1)
        self.buy(stranger, (self.today, 5))
        both = self.customer | stranger
        self.Profile._recalculate(both, self.company)
        profile = self.profile_of(self.customer)
        self.assertEqual(profile.credit_class, "d")
        self.assertIn("100 days", profile.credit_text)
        self.assertEqual(profile.credit_overdue, 100)
        self.assertFalse(self.profile_of(stranger).credit_class)
        self.pay(invoice)
        self.grade()
        self.assertRecordValues(
            profile, [{"credit_class": "a", "overdue_since": False, "overdue_days": 0}]
        )

    def test_who_is_not_profiled_has_no_class(self):
        self.owe(self.customer, 100)
        self.Profile._recalculate(self.customer, self.company)
        found = [("retention_credit_class", "=", "d"), ("id", "=", self.customer.id)]
        self.assertTrue(self.env["res.partner"].search(found))
        self.customer.retention_no_profiling = True
        self.assertFalse(self.profile_of(self.customer).credit_class)
        self.assertFalse(self.env["res.partner"].search(found))

    def test_the_past_is_not_judged_by_the_books_of_today(self):
        self.owe(self.customer, 100)
        self.Profile._score_customers(self.company, self.customer.ids)
        yesterday = self.today - timedelta(days=1)
        self.assertEqual(self.Profile._grade_credit(self.company, yesterday), 0)

    def test_a_night_finds_it(self):
        self.owe(self.customer, 40)
        self.run_pass("full", self.today, steps=("score", "stage"))
        profile = self.profile_of(self.customer)
        self.assertEqual(profile.credit_class, "c")
        salesperson = profile.with_user(self.owner)
        self.assertEqual(salesperson.credit_owed, 100)

    def test_limits_of_days_are_settings(self):
        self.owe(self.customer, 40)
        self.company.retention_credit_late_days = 45
        self.Profile._recalculate(self.customer, self.company)
        self.assertEqual(self.profile_of(self.customer).credit_class, "b")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.CheckViolation),
            self.cr.savepoint(),
        ):
            self.company.retention_credit_bad_days = 10
            self.company.flush_recordset()
