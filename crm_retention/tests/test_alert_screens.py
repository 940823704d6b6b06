"""Alerts in the hands of people: buttons, Today, the notice of the day, the tour."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common import RetentionCommon


class AlertCommon(RetentionCommon):
    """One rule, one customer with a salesperson, alerts opened as at night."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["retention.signal"].with_context(active_test=False).search(
            [("company_id", "=", cls.company.id)]
        ).active = False
        cls.Alert = cls.env["retention.alert"]
        cls.Touch = cls.env["retention.touch"]
        cls.today = cls.company._retention_today()
        cls.owner = cls.make_user("user")
        cls.other = cls.make_user("user", login="retention_other")
        cls.customer = cls.make_customers(1, user_id=cls.owner.id)
        cls.customer.email = "customer@example.com"
        cls.signal = cls.env["retention.signal"].create(
            {
                "name": "Quiet",
                "company_id": cls.company.id,
                "active": True,
                "kind": "stage",
                "days": 30,
                "stage_id": cls.env.ref("crm_retention.stage_at_risk").id,
            }
        )

    @classmethod
    def warn(cls, customers=None, **values):
        """Open alerts as the watch step does."""
        customers = cls.customer if customers is None else customers
        alerts = cls.Alert.create(
            [
                {
                    "signal_id": cls.signal.id,
                    "partner_id": customer.id,
                    "company_id": cls.company.id,
                    "severity": "high",
                    "user_id": cls.owner.id,
                    "reason": "40 days late",
                    "value": 1000,
                    "opened_on": cls.today,
                    **values,
                }
                for customer in customers
            ]
        )
        alerts._opened()
        return alerts

    def contacts(self, alert):
        return self.Touch.search([("alert_id", "=", alert.id)], order="id")

    def dialog(self, alert, kind, user=None, **values):
        return (
            self.env["retention.alert.wizard"]
            .with_user(user or self.owner)
            .create({"kind": kind, "alert_ids": [Command.set(alert.ids)], **values})
            .action_apply()
        )


@tagged("post_install", "-at_install")
class TestButtons(AlertCommon):
    def test_from_new_to_saved(self):
        alert = self.warn()
        mine = alert.with_user(self.owner)
        mine.action_acknowledge()
        self.assertEqual(alert.state, "acknowledged")
        mine.action_work()
        self.assertEqual(alert.state, "working")
        self.dialog(alert, "saved", note="Ordered again")
        self.assertRecordValues(
            alert,
            [
                {
                    "state": "saved",
                    "closing_note": "Ordered again",
                    "closed_by_id": self.owner.id,
                    "is_open": False,
                }
            ],
        )
        self.assertEqual(self.signal.precision, 100)
        self.assertIn("1 closed", self.signal.precision_text)
        with self.assertRaises(UserError):
            mine.action_lost()

    def test_a_reason_is_asked_for(self):
        alert = self.warn()
        for kind in ("saved", "lost", "false", "snooze"):
            with self.subTest(kind), self.assertRaises(UserError):
                self.dialog(alert, kind, note=" ")

    def test_who_may(self):
        alert = self.warn()
        with self.assertRaises(AccessError):
            alert.with_user(self.make_user("auditor")).action_acknowledge()
        with self.assertRaises(AccessError):
            alert.with_user(self.other).action_acknowledge()
        with self.assertRaises(AccessError):
            self.dialog(alert, "false", user=self.other, note="x")
        self.assertEqual(alert.state, "new")

    def test_nobodys_alert_is_whose_it_is_taken_by(self):
        alert = self.warn(user_id=False)
        self.assertFalse(self.contacts(alert))
        alert.with_user(self.make_user("manager")).action_acknowledge()
        self.assertEqual(alert.user_id.login, "retention_manager")
        self.assertEqual(self.contacts(alert).user_id, alert.user_id)

    def test_what_an_empty_inbox_says(self):
        self.assertIn("not looked yet", self.Alert.get_empty()["title"])
        self.signal.watched_on = self.today
        self.assertIn("No customer", self.Alert.get_empty()["title"])
        self.signal.active = False
        empty = self.Alert.with_user(self.owner).get_empty()
        self.assertIn("switched on", empty["title"])
        self.assertFalse(empty["button"])


@tagged("post_install", "-at_install")
class TestToday(AlertCommon):
    def test_one_line_on_today(self):
        alert = self.warn()
        touch = self.contacts(alert)
        self.assertRecordValues(
            touch,
            [
                {
                    "state": "planned",
                    "user_id": self.owner.id,
                    "due_date": self.today,
                    "why": "40 days late",
                    "priority": 45,  # high: 40, a deep conversation: 5
                }
            ],
        )
        self.assertIn("early warning", touch.priority_text)
        self.assertIn(
            touch, self.Touch.search(self.Touch.with_user(self.owner)._get_mine())
        )
        self.assertFalse(self.Alert._prepare_today(self.company))
        alert.with_context(tracking_disable=True).reason = "47 days late"
        self.assertEqual(touch.why, "47 days late")

    def test_done_on_today_is_work_on_the_alert(self):
        alert = self.warn()
        touch = self.contacts(alert)
        touch.with_user(self.owner)._do({"outcome": "answered", "note": "Will order"})
        self.assertEqual((touch.state, alert.state), ("done", "working"))
        self.assertFalse(self.Alert._prepare_today(self.company))

    def test_put_off_together(self):
        alert = self.warn()
        later = self.today + timedelta(days=9)
        self.contacts(alert).with_user(self.owner)._snooze(later, "Away")
        self.assertEqual(alert.snooze_until, later)
        self.assertTrue(alert.is_snoozed)
        again = self.today + timedelta(days=20)
        self.dialog(alert, "snooze", until=again, note="Season")
        self.assertRecordValues(
            self.contacts(alert), [{"due_date": again, "state": "planned"}]
        )

    def test_handed_over_together(self):
        alert = self.warn()
        self.dialog(alert, "hand", user_id=self.other.id)
        self.assertEqual(self.contacts(alert).user_id, self.other)
        self.contacts(alert)._reassign(self.owner)
        self.assertEqual(alert.user_id, self.owner)

    def test_closed_together(self):
        alert = self.warn()
        self.dialog(alert, "false", note="Holiday")
        self.assertRecordValues(
            self.contacts(alert), [{"state": "dropped", "skip_reason": "Holiday"}]
        )

    def test_one_notice_a_day_and_no_activity_each(self):
        customers = self.make_customers(3, user_id=self.owner.id)
        alerts = self.warn(customers)
        kind = self.env.ref("crm_retention.mail_activity_type_watch")
        mine = [("user_id", "=", self.owner.id)]
        for _night in range(3):
            self.Alert._tell_owners(self.company, self.today)
            self.run_pass("light", self.today, steps=("act",))
        notice = self.env["mail.activity"].search(mine)
        self.assertEqual(len(notice), 1)
        self.assertEqual(notice.activity_type_id, kind)
        self.assertEqual(notice.summary, "3 new alerts")
        self.assertIn(customers[0].name, notice.note)
        alerts[0].state = "acknowledged"
        self.Alert._tell_owners(self.company, self.today)
        self.assertEqual(notice.summary, "2 new alerts")
        notice.action_done()
        self.Alert._tell_owners(self.company, self.today)
        self.assertFalse(self.env["mail.activity"].search(mine))

    def test_on_the_customers_page(self):
        self.buy(self.customer, (self.today, 10))
        self.Profile._score_customers(self.company, self.customer.ids)
        profile = self.profile_of(self.customer)
        found = [("has_alert", "=", True), ("partner_id", "=", self.customer.id)]
        self.assertFalse(self.Profile.search(found))
        alert = self.warn()
        self.assertEqual(profile.alert_ids, alert)
        self.assertEqual(self.Profile.search(found), profile)
        self.dialog(alert, "false", note="x")
        self.assertFalse(self.Profile.search(found))


@tagged("post_install", "-at_install")
class TestWatchTour(AlertCommon, HttpCase):
    """A rule is tried on the past and switched on; its alert is worked on."""

    def test_from_the_rule_to_its_precision(self):
        self.customer.name = "Quiet Customer"
        gone = self.make_customers(1)
        for customer, days in ((self.customer, 400), (gone, 400)):
            self.buy(customer, (self.today - timedelta(days=days), 900))
        self.env["retention.profile"]._score_customers(
            self.company, (self.customer | gone).ids
        )
        # in a year's nights one customer came into the stage, the other these days
        self.enter_stage(gone, 200)
        self.enter_stage(self.customer, 3)
        self.signal.active = False
        manager = self.make_user("manager")
        self.start_tour(
            "/odoo/retention-warning-rules",
            "crm_retention_watch_manager",
            login=manager.login,
        )
        self.assertTrue(self.signal.active)
        self.assertEqual(self.signal.backtest_count, 1)
        self.Alert._watch(self.signal, self.today)
        alert = self.signal.alert_ids
        self.assertEqual(alert.partner_id, self.customer)
        self.assertEqual(self.signal.precision, 0)
        self.start_tour(
            "/odoo/retention-today",
            "crm_retention_watch_salesperson",
            login=self.owner.login,
        )
        self.assertRecordValues(
            alert, [{"state": "saved", "closing_note": "Ordered again"}]
        )
        self.assertEqual(alert.played_id, self.env.ref("crm_retention.play_at_risk"))
        self.assertEqual(self.signal.precision, 100)

    def enter_stage(self, customer, days):
        """Let a customer have come into the stage at risk so many days ago."""
        begun = self.today - timedelta(days=days)
        stages = self.env["retention.stage"]._get_by_code()
        self.env["retention.stage.history"].create(
            {
                "partner_id": customer.id,
                "company_id": self.company.id,
                "previous_stage_id": stages["active"].id,
                "stage_id": stages["at_risk"].id,
                "date_from": begun,
                "reason": "Nothing bought for long",
            }
        )
