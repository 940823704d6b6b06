"""Plays: previewed, run once, everything kept; messages only through the guard."""

from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .test_alert_screens import AlertCommon


class PlayCommon(AlertCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["retention.cap"].search([]).unlink()
        cls.call = cls.env.ref("mail.mail_activity_data_call")
        cls.todo = cls.env.ref("mail.mail_activity_data_todo")
        cls.plan = cls.env["mail.activity.plan"].create(
            {
                "name": "Plan",
                "res_model": "res.partner",
                "company_id": False,
                "template_ids": [
                    Command.create(
                        {"activity_type_id": kind.id, "summary": text, **when}
                    )
                    for kind, text, when in (
                        (cls.todo, "Prepare", {}),
                        (cls.call, "Call", {"sequence": 20}),
                        (
                            cls.call,
                            "Call again",
                            {
                                "delay_count": 7,
                                "delay_from": "after_plan_date",
                                "sequence": 30,
                            },
                        ),
                    )
                ],
            }
        )
        cls.template = cls.env["mail.template"].create(
            {
                "name": "Come back",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "subject": "We miss you",
                "body_html": "<p>Hello</p>",
                "partner_to": "{{ object.id }}",
            }
        )
        cls.points = cls.env["retention.points.program"].create(
            {"name": "Stars", "company_id": cls.company.id}
        )
        cls.play = cls.env["retention.play"].create(
            {
                "name": "Everything",
                "plan_id": cls.plan.id,
                "message": "mail",
                "mail_template_id": cls.template.id,
                "points": 50,
                "points_reason": "We are sorry",
                "makes_ticket": True,
                "ticket_title": "Look into it",
            }
        )

    def run_play(self, alerts, user=None):
        wizard = (
            self.env["retention.play.wizard"]
            .with_user(user or self.owner)
            .create({"alert_ids": [Command.set(alerts.ids)], "play_id": self.play.id})
        )
        preview = wizard.preview
        wizard.action_apply()
        self.env.flush_all()
        return preview

    def parts(self, alert):
        return self.Touch.search(
            [("alert_id", "=", alert.id), ("play_id", "=", self.play.id)], order="id"
        )

    def act(self, day):
        return self.run_pass("light", day, steps=("act",))


@tagged("post_install", "-at_install")
class TestRun(PlayCommon):
    def test_everything_once(self):
        alert = self.warn()
        preview = self.run_play(alert)
        for text in ("Prepare", "Call again", "Come back", "50 points", "Look into it"):
            self.assertIn(text, preview)
        first, second, mail = self.parts(alert)
        self.assertRecordValues(
            first + second + mail,
            [
                {"reason": "Call", "due_date": self.today, "is_bulk": False},
                {
                    "reason": "Call again",
                    "due_date": self.today + timedelta(days=7),
                    "is_bulk": False,
                },
                {
                    "reason": "Play: Everything",
                    "due_date": self.today,
                    "is_bulk": True,
                },
            ],
        )
        self.assertEqual(first.activity_id.user_id, self.owner)
        self.assertFalse(second.activity_id)
        self.assertEqual(alert.play_activity_ids.summary, "Prepare")
        self.assertEqual(alert.entry_id.points, 50)
        self.assertEqual(alert.ticket_id.partner_id, self.customer)
        self.assertRecordValues(
            alert,
            [
                {
                    "state": "working",
                    "played_id": self.play.id,
                    "played_by_id": self.owner.id,
                }
            ],
        )
        self.assertIn("Look into it", alert.message_ids[:1].body)
        self.assertIn("Everything", self.customer.message_ids[:1].body)
        with self.assertRaises(UserError):
            alert.with_user(self.owner)._run_play(self.play)
        self.assertEqual(len(self.parts(alert)), 3)
        # the line that asked to look at the alert has become the play's own
        line = self.contacts(alert).filtered(lambda touch: not touch.play_id)
        self.assertEqual(line.state, "dropped")

    def test_the_message_waits_for_sending_and_for_the_guard(self):
        self.company.retention_sending = False
        alert = self.warn()
        self.assertIn("sending is off", self.run_play(alert))
        mail = self.parts(alert)[-1]
        self.act(self.today)
        self.assertEqual((mail.state, mail.mail_id.ids), ("planned", []))
        mine = self.Touch.with_user(self.owner)._get_mine()
        self.assertNotIn(mail, self.Touch.search(mine))
        self.company.retention_sending = True
        self.env["retention.consent"].create(
            {"partner_id": self.customer.id, "state": "refused"}
        )
        self.act(self.today)
        self.assertFalse(mail.mail_id)
        self.assertTrue(mail.skip_reason)

    def test_the_message_leaves_once(self):
        self.company.retention_sending = True
        alert = self.warn()
        self.run_play(alert)
        mail = self.parts(alert)[-1]
        self.act(self.today)
        self.assertEqual(mail.state, "done")
        self.assertEqual(mail.mail_id.recipient_ids, self.customer)
        self.assertFalse(mail.is_real)
        queued = self.env["mail.mail"].search_count([("subject", "=", "We miss you")])
        self.act(self.today)
        self.assertEqual(
            self.env["mail.mail"].search_count([("subject", "=", "We miss you")]),
            queued,
        )
        self.assertEqual(queued, 1)

    def test_an_unwritten_text_is_not_sent(self):
        self.company.retention_sending = True
        self.template.body_html = "<p>✎ write it</p>"
        alert = self.warn()
        self.assertTrue(self.play.is_unfinished)
        self.assertIn("to be written", self.run_play(alert))
        self.act(self.today)
        mail = self.parts(alert)[-1]
        self.assertEqual(mail.state, "planned")
        self.assertIn("Come back", mail.act_error)

    def test_many_at_once(self):
        customers = self.make_customers(3, user_id=self.owner.id)
        alerts = self.warn(customers)
        preview = self.run_play(alerts)
        self.assertIn("9 activities", preview)
        self.assertEqual(alerts.mapped("entry_id.points"), [50, 50, 50])
        self.assertEqual(len(alerts.ticket_id), 3)
        self.assertEqual(self.play.run_count, 3)
        alerts[0]._close("saved", "x")
        self.assertEqual(self.play.saved_count, 1)

    def test_done_activities_of_the_play_count_as_contacts(self):
        alert = self.warn()
        self.run_play(alert)
        first = self.parts(alert)[0]
        first.activity_id.with_user(self.owner).action_feedback("Spoke to them")
        self.assertEqual((first.state, first.note), ("done", "Spoke to them"))
        self.assertTrue(first.is_real)

    def test_plays_of_other_companies_are_not_run(self):
        self.play.company_id = self.make_company()
        with self.assertRaises(UserError):
            self.warn()._run_play(self.play)


@tagged("post_install", "-at_install")
class TestDefinition(PlayCommon):
    def test_a_play_does_something(self):
        with self.assertRaises(ValidationError):
            self.env["retention.play"].create({"name": "Nothing"})
        for values in (
            {"message": "mail"},
            {"message": "sms"},
            {"points": 5},
            {"makes_ticket": True},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.env["retention.play"].create({"name": "Half", **values})

    def test_shipped_plays(self):
        names = (
            "onboarding",
            "second_purchase",
            "cooling",
            "at_risk",
            "win_back",
            "low_satisfaction",
            "high_value_complaint",
        )
        for name in names:
            play = self.env.ref(f"crm_retention.play_{name}")
            with self.subTest(name):
                self.assertTrue(play.plan_id.template_ids)
                self.assertEqual(play.is_unfinished, play.message == "mail")

    def test_a_rule_suggests_a_play(self):
        self.assertEqual(
            self.signal.play_id, self.env.ref("crm_retention.play_at_risk")
        )
        self.signal.play_id = self.play
        self.signal.days = 20
        self.assertEqual(self.warn().play_id, self.play)
