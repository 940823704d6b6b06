"""Points of contacts that become one, and the checks that nothing went missing."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.crm_retention.tools import points

from .common import TODAY
from .common_points import PointsCommon


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestMerging(PointsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.make_customers(1)
        cls.theirs = cls.account_of(cls.other)

    def merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((source | target).ids, target)
        self.env.invalidate_all()

    def total(self):
        accounts = self.Account.search([("program_id", "=", self.points.id)])
        return sum(accounts.mapped("balance"))

    def test_points_move_with_their_dates(self):
        self.earn(20, 30)
        self.earn(30, 60, available=14)
        self.earn(5)
        before = self.total()
        self.merge(self.customer, self.other)
        self.assertEqual(self.total(), before)
        self.assertEqual((self.theirs.balance, self.theirs.pending), (55, 30))
        self.assertEqual(
            self.theirs.award_ids.sorted("remaining").mapped(
                lambda award: (award.remaining, award.expires_on, award.available_on)
            ),
            [
                (5, False, False),
                (20, self.later(30), False),
                (30, self.later(60), self.later(14)),
            ],
        )
        self.assertEqual(self.account.merged_into_id, self.theirs)
        self.assertEqual(self.account.partner_id, self.other)
        self.assertEqual((self.account.balance, self.account.pending), (0, 0))

    def test_only_the_source_has_an_account(self):
        self.earn(20)
        third = self.make_customers(1)
        self.merge(self.customer, third)
        self.assertEqual(self.account.partner_id, third)
        self.assertEqual(self.account.balance, 20)
        self.assertFalse(self.account.merged_into_id)

    def test_debts_move(self):
        earned = self.earn(20)
        self.redeem(20)
        self.reverse(earned)
        self.earn(50, account=self.theirs)
        self.merge(self.customer, self.other)
        self.assertEqual((self.account.balance, self.account.debt), (0, 0))
        self.assertEqual((self.theirs.balance, self.theirs.debt), (30, 0))

    def test_what_happens_to_the_source_afterwards(self):
        earned = self.earn(100)
        spent = self.redeem(30)
        self.merge(self.customer, self.other)
        self.assertEqual(self.theirs.balance, 70)
        self.reverse(spent)  # the exchange is undone: to the one who is left
        self.assertEqual((self.account.balance, self.theirs.balance), (0, 100))
        self.reverse(earned, 40)  # the purchase is returned
        self.assertEqual((self.account.balance, self.theirs.balance), (0, 60))
        self.assertEqual(self.account.debt, 0)
        self.assertHolds()

    def test_a_person_joins_a_firm(self):
        self.earn(20)
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        self.customer.parent_id = firm
        account = self.Account.search([("partner_id", "=", firm.id)])
        self.assertEqual(account.balance, 20)
        self.assertEqual(account, self.account)

    def test_deleting(self):
        self.other.unlink()
        self.assertFalse(self.theirs.exists())
        self.earn(1)
        with self.assertRaisesRegex(UserError, "has collected points"):
            self.customer.unlink()

    def assertHolds(self, company=None):
        """All invariants hold, and awards made anew are the same."""
        company = company or self.company
        rows = self.env["retention.points.check"]._run(company)
        wrong = rows.filtered(lambda row: row.state != "ok")
        self.assertFalse(wrong, wrong.mapped(lambda row: (row.code, row.detail)))
        self.assertEqual(self.Award._rebuild(self.points, TODAY), 0)


@tagged("post_install", "-at_install")
class TestChecks(PointsCommon):
    """Each invariant notices what it is there for."""

    def check(self):
        rows = self.env["retention.points.check"]._run(self.company)
        return set(rows.filtered(lambda row: row.state == "failed").mapped("code"))

    def spoil(self, statement, *values):
        """Change what no user can, and see which checks notice."""
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            for table in ("entry", "allocation", "extension"):
                self.env.cr.execute(
                    f"ALTER TABLE retention_points_{table} DISABLE TRIGGER USER"
                )
            self.env.cr.execute(statement, values)
            self.assertTrue(self.env.cr.rowcount, statement)
            self.env.invalidate_all()
            found = self.check()
            savepoint.rollback()
            self.env.invalidate_all()
        return found

    def test_each_notices(self):
        earned = self.earn(100, 30)
        self.earn(7, available=14)
        spent = self.post(points.ADJUST, -30, reason="Lost a bet")
        back = self.reverse(spent, 10)
        again = self.reverse(earned, 100)
        self.assertEqual(self.account.debt, 20)
        self.assertFalse(self.check())
        account = "UPDATE retention_points_account SET {} WHERE id = %s"
        entry = "UPDATE retention_points_entry SET {} WHERE id = %s"
        award = "UPDATE retention_points_award SET {} WHERE entry_id = %s"
        for expected, statement, record in (
            ({"I1"}, account.format("balance = balance + 1"), self.account),
            ({"I1"}, account.format("entry_count = 1"), self.account),
            ({"I2"}, account.format("pending = pending - 1"), self.account),
            ({"I2", "I3"}, award.format("remaining = 6"), self.account.entry_ids[3]),
            ({"I3"}, award.format("state = 'open'"), earned),
            ({"I4"}, account.format("debt = debt + 1"), self.account),
            ({"I1", "I4", "I5", "I9"}, entry.format("points = points - 1"), again),
            ({"I5", "I1", "I4", "I9"}, entry.format("points = points + 99"), back),
            ({"I6", "I9"}, entry.format("res_id = -1"), earned),
            ({"I9"}, account.format("checksum = checksum + 1"), self.account),
            ({"I9"}, entry.format("payload_hash = 'other'"), earned),
        ):
            with self.subTest(statement):
                self.assertEqual(self.spoil(statement, record.id), expected)
        self.assertFalse(self.check())

    def test_a_moved_entry_is_noticed(self):
        other = self.account_of(self.make_customers(1))
        earned = self.post(points.ADJUST, 5, reason="Sorry")
        found = self.spoil(
            "UPDATE retention_points_entry SET account_id = %s WHERE id = %s",
            other.id,
            earned.id,
        )
        self.assertEqual(found, {"I1", "I3", "I9"})

    def test_a_transfer_that_went_nowhere(self):
        self.post(points.TRANSFER, 5, reason="?")
        self.assertIn("I7", self.check())

    def test_how_much_is_explained(self):
        self.post(points.ADJUST, 30, reason="Sorry")
        self.earn(10, res_model=None, res_id=None)
        rows = self.env["retention.points.check"]._run(self.company)
        row = rows.filtered(lambda row: row.code == "I6")
        self.assertEqual((row.state, row.failing, row.share), ("failed", 1, 75.0))

    def test_rebuilt(self):
        first = self.earn(100, 30)
        second = self.earn(50, 60, available=14)
        spent = self.redeem(100)
        self.earn(7)
        self.reverse(spent, 20, today=self.later(40), revive_until=self.later(70))
        self.account._extend(second.award_ids, self.later(90), "Was ill")
        self.post(
            points.EXPIRE,
            -20,
            award_id=first.award_ids.id,
            today=self.later(75),
        )
        awards = first.award_ids | second.award_ids
        self.assertEqual(awards.mapped("state"), ["expired", "pending"])
        before = self.snapshot()
        self.assertEqual(self.Award._rebuild(self.points, TODAY), 0)
        self.env.cr.execute(
            "UPDATE retention_points_award SET remaining = 1, state = 'open',"
            " expires_on = NULL, available_on = NULL"
        )
        self.env.invalidate_all()
        self.assertEqual(self.Award._rebuild(self.points, TODAY), 3)
        self.assertEqual(self.snapshot(), before)

    def snapshot(self):
        return self.account.award_ids.mapped(
            lambda row: (
                row.id,
                row.remaining,
                row.state,
                row.available_on,
                row.expires_on,
            )
        )

    def test_extending(self):
        award = self.earn(5, 30).award_ids
        self.account._extend(award, TODAY + timedelta(days=60), "Was ill")
        self.assertEqual(award.expires_on, self.later(60))
        self.assertEqual(award.extension_ids.reason, "Was ill")
        for until, reason in ((self.later(60), "Again"), (self.later(90), " ")):
            with self.assertRaises(UserError):
                self.account._extend(award, until, reason)


@tagged("post_install", "-at_install")
class TestCompanies(PointsCommon):
    def test_one_event_in_two_companies(self):
        """Each company has its own program, account and keys."""
        other = self.make_company(currency="USD")
        program = self.env["retention.points.program"].create(
            {"name": "Miles", "company_id": other.id, "domain": "[]"}
        )
        account = self.account_of(self.customer, program)
        self.earn(10, key="same")
        self.earn(12, key="same", account=account)
        self.assertEqual((self.account.balance, account.balance), (10, 12))
        reader = self.make_user("manager", company_ids=[Command.set(self.company.ids)])
        self.assertEqual(
            self.Account.with_user(reader).search(
                [("partner_id", "=", self.customer.id)]
            ),
            self.account,
        )
