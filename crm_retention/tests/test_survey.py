"""Surveys: sent by rhythms, invited by hand, answered in the portal; one limit."""

from datetime import timedelta

from odoo import fields, http
from odoo.exceptions import UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .test_feedback import FeedbackCommon


class SurveyCommon(FeedbackCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["retention.contact.policy"].search([]).active = False
        cls.today = cls.company._retention_today()
        cls.invitation = cls.env.ref("crm_retention.mail_template_survey")
        cls.email = cls.env.ref("crm_retention.channel_email")
        policy = cls.env["retention.contact.policy"].create(
            {
                "name": "Ask",
                "state": "running",
                "started_on": cls.today,
                "domain": "[('id', '=', 0)]",  # plans nothing by itself
            }
        )
        cls.line = cls.env["retention.cadence"].create(
            {
                "policy_id": policy.id,
                "name": "How are we doing?",
                "channel_id": cls.email.id,
                "interval_days": 180,
                "longest_days": 200,
                "slowest_days": 365,
                "mode": "automatic",
                "survey_id": cls.survey.id,
                "mail_template_id": cls.invitation.id,
            }
        )

    def plan_survey(self, partner):
        return self.env["retention.touch"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "cadence_id": self.line.id,
                "channel_id": self.email.id,
                "due_date": self.today,
                "origin": "plan",
            }
        )

    def invite(self, partners):
        wizard = self.env["survey.invite"].create(
            {
                "survey_id": self.survey.id,
                "partner_ids": partners.ids,
                "template_id": self.invitation.id,
                "subject": "Ask",
                "body": "<p>Ask</p>",
            }
        )
        wizard.action_invite()


@tagged("post_install", "-at_install")
class TestSurvey(SurveyCommon):
    def test_invitation_by_a_rhythm(self):
        touches = self.plan_survey(self.customer) | self.plan_survey(self.other)
        self.act()
        self.assertEqual(touches.mapped("state"), ["done", "done"])
        mail = self.mails()
        self.assertEqual(mail.state, "outgoing")
        rows = self.Feedback.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(sorted(rows.mapped("kind")), ["effort", "nps"])
        self.assertEqual(set(rows.mapped("state")), {"asked"})
        given = rows.input_id
        self.assertIn(given.access_token, mail.body_html)
        given._save_lines(self.question, "0")
        given._mark_done()
        nps = rows.filtered(lambda row: row.kind == "nps")
        self.assertEqual((nps.state, nps.raw, nps.grade), ("answered", 0, "detractor"))
        self.assertTrue(nps.invited_at)
        effort = rows - nps
        self.assertEqual(effort.state, "asked", "left out")

    def test_dry_run_invites_nobody(self):
        self.company.retention_sending = False
        touch = self.plan_survey(self.customer)
        self.act()
        self.assertEqual((touch.state, len(self.mails())), ("planned", 0))

    def test_one_limit_over_all_surveys(self):
        """An invitation that was never answered counts, whatever asked."""
        ticket = self.ticket()
        ticket.stage_id = self.done
        self.act()
        self.assertEqual(self.of(ticket).state, "asked")
        touch = self.plan_survey(self.customer)
        self.act()
        self.assertEqual(touch.state, "planned")
        self.assertIn("At most one survey", touch.skip_reason)
        wait = touch.act_at - self.of(ticket).invited_at
        self.assertEqual(wait, timedelta(days=90))
        with self.assertRaisesRegex(UserError, "At most one survey"):
            self.invite(self.customer)
        self.invite(self.customer | self.other)
        self.assertEqual(len(self.mails()), 1)
        self.assertEqual(len(self.mails(self.other)), 1)
        second = self.ticket(self.other)
        second.stage_id = self.done
        self.act()
        self.assertEqual(self.of(second).state, "skipped")
        self.of(ticket).invited_at -= timedelta(days=91)
        touch.act_at = fields.Datetime.now()
        self.act()
        self.assertEqual(touch.state, "done")

    def test_exams_and_colleagues_are_left_alone(self):
        """Nobody's opinion is asked there: no limit, no contact, no feedback."""
        self.invite(self.customer)
        touch = self.env["retention.touch"].search(
            [("key", "like", "survey.user_input:"), ("state", "=", "done")]
        )
        self.assertEqual(touch.partner_id, self.customer)
        self.invite(self.seller.partner_id)
        self.invite(self.seller.partner_id)
        self.assertFalse(
            self.Feedback.search([("person_id", "=", self.seller.partner_id.id)])
        )
        self.survey.scoring_type = "scoring_with_answers"
        self.invite(self.customer)
        self.assertEqual(len(self.mails()), 2)

    def test_limit_counts_the_whole_customer(self):
        person = self.make_customers(
            1, parent_id=self.customer.id, email="p@example.com"
        )
        self.answer(person, 8)  # came by himself: is not asked either
        touch = self.plan_survey(self.customer)
        self.act()
        self.assertEqual(touch.state, "planned")

    def test_lines_and_questions_that_cannot_work(self):
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.line.mode = "personal"
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.line.mail_template_id = self.env.ref(
                "crm_retention.mail_template_value"
            )
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.question.scale_min = 1
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.said.retention_kind = "nps"

    def test_shipped_policies_ask(self):
        company = self.make_company()
        lines = self.env["retention.cadence"].search(
            [("company_id", "=", company.id), ("survey_id", "!=", False)]
        )
        self.assertEqual(lines.policy_id.mapped("band"), ["high", "middle"])
        self.assertEqual(lines.survey_id, self.survey)


@tagged("post_install", "-at_install")
class TestPortalOpinion(SurveyCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.retention_survey_id = cls.survey
        cls.portal = cls.make_user("portal", partner_id=cls.customer.id)

    def page(self, path="/my/feedback", **arguments):
        return self.url_open(path, allow_redirects=False, **arguments)

    def start(self):
        token = http.Request.csrf_token(self)
        return self.page("/my/feedback/start", data={"csrf_token": token})

    @mute_logger("odoo.http")
    def test_page_asks_once_and_thanks(self):
        login = self.page()
        self.assertIn("/web/login", login.headers["Location"])
        self.authenticate(self.portal.login, self.portal.login)
        self.assertIn("Would you recommend us?", self.page().text)
        self.assertIn("how we are doing", self.page("/my").text)
        self.assertEqual(self.page("/my/feedback/start").status_code, 405)
        first, second = self.start(), self.start()
        self.assertEqual(first.status_code, 303)
        self.assertEqual(first.headers["Location"], second.headers["Location"])
        self.assertEqual(self.url_open(first.headers["Location"]).status_code, 200)
        given = self.env["survey.user_input"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(len(given), 1)
        self.post_answer(given)
        row = self.Feedback.search([("input_id", "=", given.id)])
        self.assertRecordValues(
            row, [{"raw": 0, "state": "answered", "invited_at": False, "kind": "nps"}]
        )
        self.assertIn("Thank you for your answer", self.page().text)
        self.assertIn("/my/feedback", self.start().headers["Location"])

    def post_answer(self, given):
        """Answer as the survey's own page does: 0 of 10."""
        path = f"/survey/{{}}/{self.survey.access_token}/{given.access_token}"
        for what, data in (
            ("begin", {}),
            ("submit", {str(self.question.id): "0"}),
        ):
            answer = self.make_jsonrpc_request(path.format(what), data)
            self.assertFalse(answer and answer[0].get("error"), answer)
        self.env.invalidate_all()
