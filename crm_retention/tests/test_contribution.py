"""Signs of high value: as plain Python counts them, and what a person says of them."""

import random
from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_retention.tools import contribution

from ..models.judgement.score_columns import SIGNS
from .common import TODAY, RetentionCommon

STORED = (*SIGNS, "is_top", "contribution", "earned_tier_id")


class ContributionCommon(RetentionCommon):
    """A program by spend: Diamond from 1000, Gold from 100 (both high), Silver 10."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_metric("spend", (1000, 100, 10), top_share=0, brought_least=0)

    def review(self, customers, decision, reason="Looked at", user=None):
        wizard = self.env["retention.review.wizard"].create(
            {
                "profile_ids": [Command.set(self.profile_of_all(customers).ids)],
                "decision": decision,
                "reason": reason,
            }
        )
        return wizard.with_user(user or self.env.user).action_apply()

    def profile_of_all(self, customers):
        return self.Profile.search(
            [("partner_id", "in", customers.ids), ("company_id", "=", self.company.id)]
        )

    def earned(self, customer):
        return self.profile_of(customer).earned_tier_id.name


@tagged("post_install", "-at_install")
class TestSigns(ContributionCommon):
    def test_amount_and_repurchase_rate_as_in_python(self):
        """On every day of a month's end, by night as from scratch."""
        self.program.write({"amount_bound": 700, "steady_share": 75})
        rng = random.Random(5)
        documents = {}
        for number, customer in enumerate(self.make_customers(12)):
            every = 12 + 3 * number
            days = range(rng.randrange(40), 460, every)
            documents[customer] = [(day, rng.randrange(10, 90)) for day in days]
            self.buy(customer, *documents[customer])
        seen = set()
        for day in (-14, -15, -16, -17):  # 29 June to 2 July
            as_of = self.day(day)
            self.run_pass("full" if day == -14 else "night", as_of, steps=("score",))
            for customer, rows in documents.items():
                dated = [(self.day(when), amount) for when, amount in rows]
                since = contribution.year_from(as_of)
                amount = sum(each[1] for each in dated if each[0] > since) >= 700
                rate = contribution.repurchase_rate((each[0] for each in dated), as_of)
                profile = self.profile_of(customer)
                self.assertEqual(profile.gives_amount, amount)
                self.assertEqual(profile.gives_steady, rate >= 75, (rate, as_of))
                self.assertEqual(profile.contribution, amount + (rate >= 75))
                seen.add((amount, rate >= 75))
        self.assertGreaterEqual(len(seen), 3)
        by_night = self.rows_of("retention_profile", STORED)
        self.run_pass("full", self.day(-17), steps=("score",))
        self.assertEqual(self.rows_of("retention_profile", STORED), by_night)

    def test_quarters(self):
        self.program.write({"steady_share": 100, "steady_period": "3"})
        quarterly, gap = self.make_customers(2)
        days = [date(2023, 7, 3), date(2023, 10, 3), date(2024, 1, 3), date(2024, 5, 3)]
        self.buy(quarterly, *((day, 5) for day in days))
        self.buy(gap, *((day, 5) for day in days[1:]))
        self.run_pass()
        self.assertTrue(self.profile_of(quarterly).gives_steady)
        self.assertFalse(self.profile_of(gap).gives_steady)
        with freeze_time(TODAY):
            text = self.profile_of(gap).contribution_text
        self.assertIn("3 of 4 quarters (75 %)", text)

    def test_brought_customers(self):
        """Counted once the friend's first order is paid, and only what recurs."""
        self.program.write({"brought_least": 2, "brought_recurring": 40})
        holder, *friends = self.make_customers(4)
        points = self.env["retention.points.program"].create(
            {"name": "Stars", "referral_points": 5}
        )
        Account = self.env["retention.points.account"]
        account = Account.browse(Account._open(points, holder.ids)[holder.id])
        referrals = self.env["retention.referral"]
        for friend in friends:
            referrals |= referrals._record(account, friend, "staff")
        self.buy(holder, (400, 1))
        self.buy(friends[0], (200, 60), (90, 40))
        self.buy(friends[1], (200, 10))
        self.buy(friends[2], (200, 10))
        self.run_pass(steps=("score",))
        profile = self.profile_of(holder)
        self.assertFalse(profile.gives_friends, "no first order was paid yet")
        referrals[:2].state = "hold"
        self.run_pass("night", self.day(-1), steps=("score",))
        self.assertFalse(profile.gives_friends, "40 of 110 recur: 36 %")
        self.buy(friends[1], (0, 10))
        self.run_pass("night", self.day(-2), steps=("score",))
        self.assertTrue(profile.gives_friends, "50 of 120 recur: 42 %")
        referrals[0].state = "reversed"
        self.run_pass("night", self.day(-3), steps=("score",))
        self.assertFalse(profile.gives_friends)

    def test_index_as_metric(self):
        """A tier for each number of signs; any sign makes a customer of high value."""
        self.set_metric(
            "contribution", (3, 2, 1), amount_bound=100, steady_share=50, top_share=34
        )
        both, one, none = self.make_customers(3)
        self.program.min_customers = 3
        self.buy(both, *((30 * n + 20, 40) for n in range(10)))
        self.buy(one, (200, 150))
        self.buy(none, (300, 20))
        self.run_pass()
        self.assertEqual(self.profile_of(both).contribution, 3)
        self.assertEqual(
            [self.earned(each) for each in (both, one, none)],
            ["Diamond", "Silver", "Standard"],
        )
        high = self.Profile.search([("is_high_value", "=", True)]).partner_id
        self.assertEqual(high & (both | one | none), both | one)
        partners = self.env["res.partner"]
        found = partners.search([("retention_is_high_value", "=", True)])
        self.assertEqual(found & (both | one | none), both | one)
        with self.assertRaises(ValidationError):
            self.program.marks_high = False
        with self.assertRaises(ValidationError):
            self.program.tier_ids[0].threshold = 5


@tagged("post_install", "-at_install")
class TestReview(ContributionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.program.write({"top_share": 20, "min_customers": 5})
        cls.customers = cls.make_customers(10)
        cls.today = cls.company._retention_today()  # a review is judged by at once
        for number, customer in enumerate(cls.customers):
            day = cls.today - timedelta(days=10 + number)
            cls.buy(customer, (day, 1000 - 99 * number))
        cls.best = cls.customers[:2]

    def test_marked_and_counted_at_once(self):
        self.run_pass(as_of=self.today)
        waiting = self.Profile.search([("is_waiting", "=", True)])
        self.assertEqual(waiting.partner_id & self.customers, self.best)
        self.assertEqual(self.program.waiting_count, len(waiting))
        self.assertEqual(self.profile_of(self.best[0]).contribution, 1)
        self.assertEqual(self.earned(self.best[0]), "Diamond")
        self.review(self.best[0], "excluded", "One large order")
        profile = self.profile_of(self.best[0])
        self.assertEqual((profile.contribution, profile.is_waiting), (0, False))
        self.assertEqual(profile.earned_tier_id.name, "Silver")
        self.assertEqual(profile.tier_id.name, "Diamond", "promised until its end")
        self.assertIn("One large order", profile.review_text)
        self.assertIn("a review as a customer of high value", profile.fall_text)

    def test_counted_only_after_the_review(self):
        self.program.review_mode = "after"
        self.run_pass(as_of=self.today)
        # whoever's figures reach a high tier waits, too
        for customer in self.customers[:9]:
            self.assertEqual(self.earned(customer), "Silver")
            self.assertTrue(self.profile_of(customer).is_waiting)
        self.assertIn("needs a review", self.profile_of(self.best[0]).next_text)
        self.review(self.best, "confirmed")
        self.assertEqual(
            [self.profile_of(each).tier_id.name for each in self.best],
            ["Diamond", "Gold"],
        )
        stored = self.rows_of("retention_profile", STORED)
        self.run_pass("night", self.today)
        self.assertEqual(self.rows_of("retention_profile", STORED), stored)
        self.review(self.best[0], "back", "")
        self.assertEqual(self.earned(self.best[0]), "Silver")

    def test_who_when_and_why(self):
        self.run_pass(as_of=self.today)
        manager, seller = self.make_user("manager"), self.make_user("user")
        with self.assertRaises(ValidationError):
            self.review(self.best[0], "excluded", " ")
        with self.assertRaises(AccessError):
            self.review(self.best[0], "confirmed", user=seller)
        with self.assertRaises(AccessError):
            self.profile_of(self.best[0]).with_user(seller).action_confirm_high()
        profile = self.profile_of(self.best[0]).with_user(manager)
        profile.action_confirm_high()
        self.assertEqual(profile.review_user_id, manager)
        self.assertEqual(profile.review_state, "confirmed")
        note = self.best[0].message_ids[0]
        self.assertIn("Confirmed as of high value", note.body)
        self.assertEqual(note.author_id, manager.partner_id)

    def test_a_review_survives_a_merge(self):
        self.run_pass(as_of=self.today)
        self.review(self.best[0], "excluded", "A reseller")
        target = self.customers[5]
        self.Profile._merge(self.best[0], target)
        kept = self.profile_of(target)
        self.assertEqual(
            (kept.review_state, kept.review_reason), ("excluded", "A reseller")
        )
