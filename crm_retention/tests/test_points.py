"""The ledger: nothing lost, nothing spent twice, nothing changed afterwards."""

from datetime import timedelta

import psycopg2.errors

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_retention.tools import points

from .common import TODAY
from .common_points import PointsCommon


@tagged("post_install", "-at_install")
class TestLedger(PointsCommon):
    def assertAccount(self, balance, pending=0, debt=0, account=None):
        account = account or self.account
        self.assertEqual(
            (account.balance, account.pending, account.debt), (balance, pending, debt)
        )

    def test_refunded_in_two_parts_and_restored(self):
        earned = self.earn(100)
        self.reverse(earned, 40)
        self.assertAccount(60)
        rest = self.reverse(earned, 60)
        self.assertAccount(0)
        self.reverse(rest)
        self.assertAccount(60)
        self.assertEqual(self.left(earned), [60])

    def test_soonest_expiry_first_and_back_with_the_same_dates(self):
        june = self.earn(50, 180)
        march = self.earn(20, 90)
        never = self.earn(10)
        spent = self.redeem(30)
        self.assertEqual(self.left(march, june, never), [0, 40, 10])
        self.assertEqual(march.award_ids.state, "used")
        self.reverse(spent)
        self.assertEqual(self.left(march, june, never), [20, 50, 10])
        self.assertEqual(march.award_ids.state, "open")
        self.assertEqual(march.award_ids.expires_on, march.expires_on)

    def test_given_back_after_expiry_lives_on_a_while(self):
        earned = self.earn(20, 5)
        spent = self.redeem(20)
        until = TODAY + timedelta(days=40)
        self.reverse(spent, today=TODAY + timedelta(days=10), revive_until=until)
        award = earned.award_ids
        self.assertEqual((award.remaining, award.expires_on), (20, until))
        self.assertEqual(award.extension_ids.date_before, earned.expires_on)
        self.assertEqual(award.extension_ids.date_after, until)

    def test_never_more_than_available(self):
        self.earn(100)
        self.earn(50, available=14)
        self.assertAccount(150, 50)
        self.assertEqual(self.account.available, 100)
        with self.assertRaisesRegex(UserError, "101 .* 100 are available"):
            self.redeem(101)
        self.redeem(100)
        self.assertAccount(50, 50)
        with self.assertRaises(UserError):
            self.redeem(1)

    def test_released_exactly_at_the_end(self):
        earned = self.earn(50, available=14)
        for days, pending in ((13, 50), (14, 0)):
            self.Account._release(self.points, TODAY + timedelta(days=days))
            self.assertAccount(50, pending)
        self.assertEqual(earned.award_ids.state, "open")
        self.assertEqual(
            self.Account._release(self.points, TODAY + timedelta(days=15)), (0, False)
        )

    def test_taken_back_after_it_was_spent(self):
        earned = self.earn(100)
        self.redeem(80)
        back = self.reverse(earned)
        self.assertAccount(-80, 0, 80)
        with self.assertRaises(UserError):
            self.redeem(1)
        later = self.earn(30, available=5)
        self.assertAccount(-50, 30, 80)
        self.Account._release(self.points, TODAY + timedelta(days=5))
        self.assertAccount(-50, 0, 50)
        self.assertEqual(self.left(later), [0])
        self.earn(60)
        self.assertAccount(10, 0, 0)
        # the refund is cancelled
        self.reverse(back, today=TODAY + timedelta(days=6))
        self.assertAccount(110)
        self.assertEqual(self.left(earned, later), [20, 30])

    def test_told_again(self):
        first = self.earn(10, key="event")
        again = self.earn(10, key="event")
        self.assertEqual(first, again)
        self.assertAccount(10)
        with self.assertRaisesRegex(UserError, "event was posted before"):
            self.earn(11, key="event")
        other = self.account_of(self.make_customers(1))
        with self.assertRaises(UserError):
            self.earn(10, key="event", account=other)
        self.assertAccount(10)

    def test_never_reversed_beyond_its_points(self):
        earned = self.earn(100)
        self.earn(100)
        self.reverse(earned, 70)
        with self.assertRaisesRegex(UserError, "beyond"):
            self.reverse(earned, 31)
        self.reverse(earned, 30)
        spent = self.redeem(50)
        self.reverse(spent, 50)
        with self.assertRaisesRegex(UserError, "beyond"):
            self.reverse(spent, 1)

    def test_all_or_nothing(self):
        batch = [
            points.Posting(self.account.id, "a", points.EARN, 10),
            points.Posting(self.account.id, "b", points.REDEEM, -11),
        ]
        with self.assertRaises(UserError):
            self.Account._post(self.points, batch, TODAY)
        self.assertAccount(0)
        self.assertFalse(self.account.entry_ids)
        batch[1] = batch[1]._replace(points=-10)
        self.Account._post(self.points, batch, TODAY)
        self.assertAccount(0)
        self.assertEqual(self.account.entry_ids.mapped("balance_after"), [0, 10])

    def test_nobody_changes_a_row(self):
        entry = self.earn(10)
        spent = self.redeem(4)
        self.earn(5, 5)
        rows = entry | spent
        for action in (
            lambda: rows.write({"points": 1}),
            lambda: rows.unlink(),
            lambda: self.Entry.create({}),
            lambda: spent.allocation_ids.write({"points": 1}),
            lambda: spent.allocation_ids.unlink(),
            lambda: entry.award_ids.write({"remaining": 99}),
            lambda: entry.award_ids.unlink(),
            lambda: self.account.write({"balance": 99}),
            lambda: self.account.copy(),
            lambda: self.account.unlink(),
        ):
            with self.assertRaises(UserError):
                action()
        self.env.flush_all()
        for statement in (
            "UPDATE retention_points_entry SET points = 99",
            "UPDATE retention_points_entry SET expires_on = '2099-01-01'",
            "UPDATE retention_points_entry SET reason = 'another'",
            "UPDATE retention_points_entry SET create_uid = 2",
            "UPDATE retention_points_entry SET key = key || 'x'",
            "DELETE FROM retention_points_allocation",
            "DELETE FROM retention_points_entry",
            "TRUNCATE retention_points_entry CASCADE",
            "UPDATE retention_points_allocation SET points = 1 + points",
        ):
            with (
                self.subTest(statement),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.RestrictViolation),
                self.cr.savepoint(),
            ):
                self.env.cr.execute(statement)

    def test_a_customer_is_forgotten(self):
        """Texts go, numbers stay, and what was explained still is."""
        entry = self.post(points.ADJUST, 5, reason="Jo asked for it")
        award = self.earn(7, 5).award_ids
        self.account._extend(award, self.later(9), "Jo was ill")
        self.account.message_post(body="Jo again")
        with self.assertRaises(AccessError):
            self.account.with_user(self.make_user("user")).action_forget()
        self.account.with_user(self.make_user("manager")).action_forget()
        self.env.invalidate_all()
        self.assertAccount(12)
        self.assertEqual((entry.points, entry.reason), (5, ""))
        self.assertEqual(award.extension_ids.reason, "")
        self.assertNotIn("Jo", str(self.account.message_ids.mapped("body")))
        rows = self.env["retention.points.check"]._run(self.company)
        self.assertEqual(set(rows.mapped("state")), {"ok"})

    def test_a_colleague_is_forgotten(self):
        entry = self.post(points.ADJUST, 5, reason="For the delay")
        self.env.cr.execute(
            "UPDATE retention_points_entry SET create_uid = NULL WHERE id = %s",
            [entry.id],
        )
        entry.invalidate_recordset()
        self.assertEqual((entry.points, entry.create_uid.id), (5, False))
