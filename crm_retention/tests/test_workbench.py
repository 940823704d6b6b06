"""Today in a browser: as a salesperson at a desk and on a telephone, as a manager."""

from odoo.tests import HttpCase, tagged

from .test_act import ActCommon


@tagged("post_install", "-at_install")
class TestWorkbench(ActCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user.group_ids += cls.env.ref("base.group_partner_manager")
        cls.first, cls.second, *_others = cls.customers
        cls.first.name, cls.second.name = "First Customer", "Second Customer"
        foreign = cls.make_customers(1, user_id=cls.stranger.id)
        foreign.name = "Foreign Customer"
        cls.touches = cls.plan(cls.first | cls.second, cls.call, days=3)
        cls.plan(foreign, cls.call, user_id=cls.stranger.id)
        cls.plan(cls.customers[2:], cls.call, days=-1)
        cls.act()

    def test_desk(self):
        self.start_tour(
            "/odoo/retention-today", "crm_retention_workbench", login=self.user.login
        )
        self.assertEqual(self.touches[0].state, "done")
        self.assertFalse(self.touches[0].activity_id.active)
        self.assertTrue(self.touches[1].snoozed_until)

    def test_bulk(self):
        self.env["mail.blacklist"]._add(self.second.email)
        self.start_tour(
            "/odoo/retention-today?debug=1",  # where Odoo checks what we registered
            "crm_retention_workbench_bulk",
            login=self.admin_of_today().login,
        )
        self.assertEqual(self.touches.mapped("state"), ["done", "planned"])
        self.assertEqual(self.touches[0].mail_id.recipient_ids, self.first)

    def admin_of_today(self):
        self.touches.with_user(self.manager)._reassign(self.manager)
        return self.manager

    def test_bar(self):
        bar = self.Touch.with_user(self.user).get_today_bar()
        self.assertEqual(bar["capacity"]["left"], 2)
        self.assertIn("tomorrow", bar["empty"]["text"])
        self.assertFalse([each for each in bar["banners"] if "off" in each["text"]])
        self.company.retention_sending = False
        bar = self.Touch.with_user(self.user).get_today_bar()
        self.assertTrue([each for each in bar["banners"] if "off" in each["text"]])
        self.assertTrue(self.touches[0].with_user(self.user).can_act)
        self.assertFalse(self.touches[0].with_user(self.auditor).can_act)
        nobody = self.Touch.with_user(self.auditor).get_today_bar()
        self.assertFalse(nobody["capacity"])

    def test_priority_is_its_sum(self):
        profiles = self.Profile.with_user(self.user)
        self.buy(self.first, (self.today, 90_000))
        self.Profile._recalculate(self.first, self.company)
        touches = self.Touch.with_user(self.user).search(
            [("state", "=", "planned")], order="priority desc, due_date, id"
        )
        points = touches.mapped("priority")
        self.assertEqual(points, sorted(points, reverse=True))
        best = touches[0]
        self.assertTrue(profiles.search([("partner_id", "=", self.first.id)]))
        self.assertEqual(best.partner_id, self.first)
        said = [int(part.split()[0]) for part in best.priority_text.split(", ")]
        self.assertEqual(sum(said), best.priority)
        self.assertIn("3 days overdue", best.priority_text)


@tagged("post_install", "-at_install")
class TestWorkbenchOnTelephone(TestWorkbench):
    browser_size = "390x844"
    touch_enabled = True

    def test_desk(self):
        self.start_tour(
            "/odoo/retention-today",
            "crm_retention_workbench_phone",
            login=self.user.login,
        )
        self.assertEqual(self.touches[0].outcome, "bought")
        self.assertEqual(self.touches[1].state, "skipped")
        self.assertIn("Asked us to", self.touches[1].skip_reason)

    test_bulk = test_bar = test_priority_is_its_sum = None
