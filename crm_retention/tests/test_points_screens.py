"""Points on screens: figures of the wallet, dialogs, and what a person clicks."""

from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged

from odoo.addons.crm_retention.tools import points

from .common_points import PointsCommon


class ScreensCommon(PointsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.make_user("manager")
        cls.today = cls.company._retention_today()

    @classmethod
    def post(cls, kind, number, account=None, today=None, key=None, **values):
        """Post as of today: screens count from it."""
        return super().post(kind, number, account, today or cls.today, key, **values)

    @classmethod
    def later(cls, when):
        today = cls.company._retention_today()
        return today + timedelta(days=when) if isinstance(when, int) else when

    def dialog(self, kind, **values):
        wizards = self.env[f"retention.points.{kind}.wizard"].with_user(self.manager)
        return wizards.create({"reason": "Test"} | values)


@tagged("post_install", "-at_install")
class TestWallet(ScreensCommon):
    def test_figures(self):
        """What was collected less what was spent and expired is the balance."""
        earned = self.earn(100, 10)
        self.earn(40, 50)
        self.earn(30, 20, available=5)
        spent = self.redeem(60)
        self.reverse(spent, 20)
        award = earned.award_ids
        self.post(points.EXPIRE, -award.remaining, award_id=award.id)
        undone = self.reverse(earned, 10)
        self.reverse(undone)
        account = self.account
        self.assertEqual(
            (account.collected, account.spent, account.expired), (170, 40, 60)
        )
        self.assertEqual(
            account.collected - account.spent - account.expired, account.balance
        )
        self.assertEqual((account.balance, account.pending), (70, 30))
        self.assertFalse(account.expiring)
        self.assertEqual(account.next_expiry, self.later(50))
        soon = self.earn(5, 30)
        account.invalidate_recordset()
        self.assertEqual((account.expiring, account.next_expiry), (5, self.later(30)))
        self.assertIn(
            account,
            self.Account.search(
                [
                    (
                        "award_ids",
                        "any",
                        [("state", "=", "open"), ("expires_on", "<=", "today +30d")],
                    )
                ]
            ),
        )
        self.assertEqual(undone.reversible, 0)
        self.assertEqual(spent.reversed_points, 20)
        self.assertEqual(spent.reversible, -40)
        self.assertEqual(soon.reversible, 5)

    def test_unexplained(self):
        order = self.order(self.customer, self.today, 10, False)
        entries = (
            self.earn(1, res_model="sale.order", res_id=order.id)
            | self.earn(2, res_model=None, res_id=None)
            | self.post(points.ADJUST, 3, reason="Because")
        )
        found = self.Entry.search(
            [("account_id", "=", self.account.id), ("is_explained", "=", False)]
        )
        self.assertEqual(found, entries[1])
        self.assertEqual(entries.mapped("is_explained"), [True, False, True])
        self.assertEqual(entries[0].origin, order.display_name)
        self.assertEqual(entries.mapped("why"), [order.display_name, "", "Because"])
        action = entries[0].action_open_document()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (order._name, order.id)
        )
        with self.assertRaises(UserError):
            entries[1].action_open_document()

    def test_liability_by_month(self):
        self.earn(10, self.today.replace(day=1) + timedelta(days=70))
        self.earn(5)
        rows = self.Award.with_user(self.manager)._read_group(
            [("account_id", "=", self.account.id)],
            ["program_id", "expires_on:month"],
            ["remaining:sum"],
        )
        self.assertEqual(sorted(row[2] for row in rows), [5, 10])
        self.assertEqual({row[0] for row in rows}, {self.points})

    def test_contact_and_profile(self):
        self.earn(12)
        person = self.make_customers(1, parent_id=self.customer.id)
        self.run_pass(as_of=self.today)
        texts = (self.customer | person).with_user(self.manager)
        self.assertEqual(texts.mapped("retention_points_text"), ["12 points", False])
        action = self.customer.with_user(self.manager).action_view_points()
        self.assertEqual(action["res_id"], self.account.id)
        seller = self.make_user("user")
        self.assertFalse(self.customer.with_user(seller).retention_points_text)

    def test_words(self):
        """The rules are sentences that follow the fields."""
        program = self.points
        program.write({"expiry_model": "never", "pending_days": 0})
        self.assertNotIn("spent after", program.rules_text)
        self.assertIn("never expire", program.rules_text)
        program.write({"expiry_model": "day", "pending_days": 9, "earn_points": 3})
        self.assertIn("31 December", program.rules_text)
        self.assertIn("after 9 days", program.rules_text)
        self.assertIn("3 for every", program.rules_text)


@tagged("post_install", "-at_install")
class TestDialogs(ScreensCommon):
    def test_adjust(self):
        self.earn(120)
        wizards = self.env["retention.points.adjust.wizard"].with_user(self.manager)
        with Form(wizards.with_context(default_account_id=self.account.id)) as form:
            self.assertFalse(form.is_possible)
            form.number = 30
            form.reason = "For the delay"
            self.assertIn("120 → 150", form.preview)
            self.assertEqual(form.expires_on, self.points._get_expiry(self.today))
        wizard = form.record
        for _twice in range(2):  # the button pressed twice
            wizard.action_apply()
        self.assertEqual(self.account.balance, 150)
        entry = self.account.entry_ids[0]
        self.assertEqual(
            (entry.kind, entry.reason, entry.create_uid, entry.points),
            ("adjust", "For the delay", self.manager, 30),
        )
        self.assertEqual(entry.expires_on, wizard.expires_on)
        self.dialog(
            "adjust", account_id=self.account.id, number=150, direction="take"
        ).action_apply()
        self.assertEqual(self.account.balance, 0)

    def test_adjust_refused(self):
        self.earn(100)
        self.earn(50, available=9)
        wizard = self.dialog(
            "adjust", account_id=self.account.id, number=101, direction="take"
        )
        self.assertFalse(wizard.is_possible)
        self.assertIn("100 are available", wizard.preview)
        with self.assertRaises(UserError):
            wizard.action_apply()
        for values in (
            {"number": 0},
            {"number": -5},
            {"number": 5, "reason": "  "},
            {"number": 5, "expires_on": self.later(-1)},
        ):
            wizard = self.dialog("adjust", account_id=self.account.id, **values)
            with self.subTest(values), self.assertRaises(ValidationError):
                wizard.action_apply()
        self.assertEqual(self.account.balance, 150)

    def test_reverse(self):
        earned = self.earn(100, 40)
        self.earn(30, 60)
        spent = self.redeem(120)
        wizard = self.dialog("reverse", entry_id=spent.id, number=20)
        self.assertEqual(wizard.most, 120)
        self.assertIn("10 → 30", wizard.preview)
        self.assertIn("20 come back", wizard.preview)
        for _twice in range(2):
            wizard.action_apply()
        self.assertEqual(self.account.balance, 30)
        self.assertEqual(self.dialog("reverse", entry_id=spent.id).number, 100)
        wizard = self.dialog("reverse", entry_id=earned.id)
        self.assertIn("30 → -70", wizard.preview)
        self.assertIn("70 are owed", wizard.preview)
        self.account.invalidate_recordset()
        self.assertEqual(self.account.balance, 30)  # nothing was done by looking
        wizard.action_apply()
        self.assertEqual((self.account.balance, self.account.debt), (-70, 70))
        with self.assertRaises(UserError):
            earned.with_user(self.manager).action_reverse()
        wizard = self.dialog("reverse", entry_id=spent.id, number=101)
        self.assertFalse(wizard.is_possible)
        with self.assertRaises(UserError):
            wizard.action_apply()

    def test_extend(self):
        other = self.account_of(self.make_customers(1))
        entries = (
            self.earn(10, 5)
            | self.earn(20, 9, account=other)
            | self.earn(30, 90)
            | self.earn(40)
        )
        wizard = self.dialog(
            "extend",
            award_ids=[Command.set(entries.award_ids.ids)],
            until=self.later(60),
        )
        self.assertIn("Points: 30. Customers: 2.", wizard.preview)
        self.assertIn("2 are left out", wizard.preview)
        for _twice in range(2):
            wizard.action_apply()
        self.assertEqual(
            entries.award_ids.mapped("expires_on"),
            [self.later(60), self.later(60), self.later(90), False],
        )
        logged = self.env["retention.points.extension"].search(
            [("award_id", "in", entries.award_ids.ids)]
        )
        self.assertEqual(len(logged), 2)
        self.assertEqual(set(logged.mapped("create_uid")), {self.manager})
        wizard = self.dialog(
            "extend",
            award_ids=[Command.set(entries[0].award_ids.ids)],
            until=self.later(-1),
        )
        self.assertFalse(wizard.is_possible)
        with self.assertRaises(UserError):
            wizard.action_apply()


@tagged("post_install", "-at_install")
class TestPointsTours(ScreensCommon, HttpCase):
    def test_desk(self):
        self.customer.name = "First Customer"
        self.earn(120, 20)
        self.start_tour(
            f"/odoo/retention-points/{self.account.id}?debug=1",
            "crm_retention_points_desk",
            login=self.manager.login,
        )
        entries = self.account.entry_ids.sorted("id")
        self.assertEqual(
            entries.mapped(lambda each: (each.kind, each.points)),
            [("earn", 120), ("adjust", 30), ("reverse", -50)],
        )
        self.assertEqual(self.account.balance, 100)

    def test_auditor(self):
        """Who only reads is offered nothing that would refuse him."""
        self.customer.name = "First Customer"
        self.earn(120, 20)
        self.start_tour(
            f"/odoo/retention-points/{self.account.id}",
            "crm_retention_points_auditor",
            login=self.make_user("auditor").login,
        )


@tagged("post_install", "-at_install")
class TestPortalTour(ScreensCommon, HttpCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_telephone(self):
        portal = self.make_user("portal", partner_id=self.customer.id)
        self.earn(120, 20)
        self.earn(30, 60, available=3)
        self.env["retention.reward"].create(
            {
                "name": "Basket",
                "program_id": self.points.id,
                "kind": "gift",
                "cost": 100,
            }
        )
        self.start_tour("/my", "crm_retention_points_portal", login=portal.login)
        wish = self.env["retention.wish"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(wish.most_a_month, 2)
        self.assertEqual(self.account.available, 20)
