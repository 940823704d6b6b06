"""Periods of the calendar and of the customer's own, warnings, and extensions."""

import random
from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.crm_retention.tools import windows

from ..models.judgement.score_columns import FACTS, JUDGEMENTS
from ..models.judgement.windows_sql import period_start
from .common import TODAY, RetentionCommon

FIGURES = ("window_purchases", "window_revenue", "earned_tier_id")


class WindowCommon(RetentionCommon):
    """A program by spend: Diamond from 1000, Gold from 100, Silver from 10."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_metric("spend", (1000, 100, 10), marks_high=False)
        cls.customer = cls.make_customers(1)

    def held(self):
        return self.profile_of(self.customer).tier_id.name

    def promised(self):
        return self.history_of(self.customer)[-1].valid_until


@tagged("post_install", "-at_install")
class TestPeriods(WindowCommon):
    def test_sql_as_python(self):
        rng = random.Random(9)
        for _round in range(60):
            anchor = date(2020, 1, 1) + timedelta(days=rng.randrange(1500))
            day = date(2020, 1, 1) + timedelta(days=rng.randrange(3000))
            months = rng.choice((1, 2, 3, 5, 6, 12, 24))
            query = SQL("SELECT %s", period_start(SQL("%s::date", anchor), months, day))
            self.assertEqual(
                self.env.execute_query(query),
                [(windows.period_start(anchor, months, day),)],
                (anchor, months, day),
            )

    def test_calendar_year(self):
        """The year decides, with its grace; what is bought in the grace counts, too."""
        self.program.window_kind = "calendar"
        self.buy(self.customer, (date(2024, 3, 1), 150))
        self.run_pass(as_of=date(2024, 6, 1))
        self.assertEqual((self.held(), self.promised()), ("Gold", date(2024, 12, 31)))
        self.run_pass("night", date(2025, 1, 1))
        self.assertEqual((self.held(), self.promised()), ("Gold", date(2025, 12, 31)))
        self.run_pass("night", date(2025, 2, 6))
        profile = self.profile_of(self.customer)
        self.assertEqual((profile.window_revenue, profile.is_falling), (150, False))
        self.run_pass("night", date(2025, 2, 7))
        self.assertEqual((profile.window_revenue, profile.is_falling), (0, True))
        self.assertEqual(profile.fall_date, date(2026, 1, 31))
        self.assertIn("Falls to Silver", profile.fall_text)
        self.assertIn("100.00", profile.fall_text.replace("\xa0", " "))
        self.buy(self.customer, (date(2025, 8, 1), 60))
        self.run_pass("light", date(2025, 8, 1))
        self.assertIn("40.00", profile.fall_text)
        self.buy(self.customer, (date(2026, 1, 20), 45))
        self.run_pass("night", date(2026, 1, 20))  # 60 last year, 45 in the grace
        self.assertEqual((self.held(), self.promised()), ("Gold", date(2026, 12, 31)))
        self.run_pass("night", date(2027, 1, 30))
        self.assertEqual(self.held(), "Gold")
        self.run_pass("night", date(2027, 1, 31))
        self.assertEqual(self.held(), "Silver")

    def test_own_year(self):
        self.program.write({"window_kind": "anniversary", "grace_days": 0})
        self.buy(self.customer, (date(2023, 2, 28), 150), (date(2024, 2, 27), 20))
        self.run_pass(as_of=date(2024, 2, 27))
        profile = self.profile_of(self.customer)
        self.assertEqual((profile.window_revenue, self.held()), (170, "Gold"))
        self.assertEqual(self.promised(), date(2024, 2, 27))
        self.run_pass("night", date(2024, 2, 28))  # renewed: the year's figures stand
        self.assertEqual(self.promised(), date(2025, 2, 27))
        self.run_pass("night", date(2024, 3, 6))
        self.assertEqual(profile.window_revenue, 0)

    def test_own_periods_by_night_as_from_scratch(self):
        self.program.write(
            {
                "window_kind": "anniversary",
                "window_months": 1,
                "period_months": 1,
                "grace_days": 3,
            }
        )
        rng = random.Random(3)
        for customer in self.make_customers(8):
            days = sorted(rng.sample(range(120), 6))
            self.buy(customer, *((day, rng.randrange(5, 200)) for day in days))
        self.run_pass(as_of=TODAY, steps=("score",))
        for offset in (1, 4, 9, 17, 26):
            as_of = TODAY + timedelta(days=offset)
            self.run_pass("night", as_of, steps=("score",))
            by_night = self.rows_of("retention_profile", (*FACTS, *JUDGEMENTS))
            self.run_pass("full", as_of, steps=("score",))
            again = self.rows_of("retention_profile", (*FACTS, *JUDGEMENTS))
            self.assertEqual(again, by_night, as_of)

    def test_up_with_the_next_period(self):
        self.program.write({"window_kind": "calendar", "up_waits": True})
        self.buy(self.customer, (date(2024, 3, 1), 50))
        self.run_pass(as_of=date(2024, 6, 1))
        self.buy(self.customer, (date(2024, 7, 1), 150))
        self.run_pass("light", date(2024, 7, 2))
        profile = self.profile_of(self.customer)
        self.assertEqual((self.held(), profile.earned_tier_id.name), ("Silver", "Gold"))
        self.assertIn("next tier period", profile.next_text)
        self.run_pass("night", date(2024, 12, 31))
        self.assertEqual(self.held(), "Silver")
        self.run_pass("night", date(2025, 1, 1))
        self.assertEqual((self.held(), self.promised()), ("Gold", date(2025, 12, 31)))

    def test_periods_that_make_no_sense(self):
        for values in (
            {"window_kind": "calendar", "window_months": 5, "period_months": 5},
            {"window_kind": "calendar", "window_months": 6, "period_months": 8},
            {"window_kind": "anniversary", "window_months": 0},
            {"window_kind": "anniversary", "window_months": 1, "grace_days": 30},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.program.write(values)


@tagged("post_install", "-at_install")
class TestExtension(WindowCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.make_user("manager")
        cls.buy(cls.customer, (1, 150))
        cls.run_pass()

    def extend(self, until, reason="Rebuilding", user=None):
        wizard = self.env["retention.tier.extension.wizard"].create(
            {
                "profile_ids": [Command.set(self.profile_of(self.customer).ids)],
                "until": until,
                "reason": reason,
            }
        )
        return wizard.with_user(user or self.manager).action_apply()

    def test_extended_with_reason(self):
        until = date(2025, 12, 31)
        self.extend(until)
        row = self.history_of(self.customer)
        self.assertEqual(
            (row.valid_until, row.extension_reason, row.extended_user_id),
            (until, "Rebuilding", self.manager),
        )
        self.assertIn("Rebuilding", self.customer.message_ids[0].body)
        self.run_pass("night", date(2026, 1, 30))
        self.assertEqual(self.held(), "Gold")
        self.assertEqual(self.profile_of(self.customer).fall_date, date(2026, 1, 31))
        self.run_pass("night", date(2026, 1, 31))
        self.assertEqual(self.held(), "Silver")

    def test_refused(self):
        until = self.promised()
        with self.assertRaises(ValidationError):
            self.extend(until)
        with self.assertRaises(ValidationError):
            self.extend(until + timedelta(days=1), " ")
        with self.assertRaises(ValidationError):
            self.extend(date(2200, 1, 1))
        with self.assertRaises(AccessError):
            self.extend(until + timedelta(days=1), user=self.make_user("lead"))
        self.customer = self.make_customers(1)
        self.env["crm.lead"].create({"name": "Asks", "partner_id": self.customer.id})
        self.run_pass(as_of=self.company._retention_today())
        with self.assertRaises(UserError):
            self.extend(until + timedelta(days=1))
