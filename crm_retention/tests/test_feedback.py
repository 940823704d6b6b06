"""Satisfaction: asked once, never too often, counted honestly, followed up."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.crm_retention.tools import satisfaction

from .common import RetentionCommon

DAY = timedelta(days=1)


class FeedbackCommon(RetentionCommon):
    """Customers of a salesperson with tickets, sending on, one limit: on surveys."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Feedback = cls.env["retention.feedback"]
        cls.Ticket = cls.env["helpdesk.ticket"]
        cls.env["retention.cap"]._add_survey_default(cls.company)
        caps = cls.env["retention.cap"].search([("company_id", "=", cls.company.id)])
        cls.cap = caps.filtered(lambda cap: cap.kind == "survey")
        (caps - cls.cap).unlink()  # the night and other limits have tests of their own
        cls.company.retention_sending = True
        cls.company.retention_csat_hours = 0
        cls.seller = cls.make_user("user")
        cls.agent = cls.make_user(
            "none",
            login="helpdesk_agent",
            groups="helpdesk_mgmt.group_helpdesk_user",
        )
        cls.customer, cls.other = cls.make_customers(2, user_id=cls.seller.id)
        cls.customer.email, cls.other.email = "a@example.com", "b@example.com"
        ref = cls.env.ref
        cls.new = ref("helpdesk_mgmt.helpdesk_ticket_stage_new")
        cls.done = ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        cls.done.rating_mail_template_id = ref("crm_retention.mail_template_rating")
        cls.survey = ref("crm_retention.survey_nps")
        cls.question = ref("crm_retention.survey_nps_question")
        cls.effort = ref("crm_retention.survey_nps_effort")
        cls.said = ref("crm_retention.survey_nps_comment")

    @classmethod
    def ticket(cls, partner=None, **values):
        return cls.Ticket.create(
            {
                "name": "Help",
                "description": "x",
                "partner_id": (partner or cls.customer).id,
                "user_id": cls.agent.id,
                **values,
            }
        )

    @classmethod
    def act(cls):
        cls.run_pass(as_of=cls.company._retention_today(), steps=("act",))

    @classmethod
    def of(cls, ticket):
        return cls.Feedback.search([("ticket_id", "=", ticket.id)])

    @classmethod
    def mails(cls, partner=None):
        partner = partner or cls.customer
        return cls.env["mail.mail"].search([("recipient_ids", "in", partner.ids)])

    @classmethod
    def answer(cls, partner, score, comment="", effort=None, invited=False):
        """Answer the survey as its page does."""
        moment = fields.Datetime.now() if invited else False
        given = cls.survey._retention_open_inputs(partner, moment)
        given._save_lines(cls.question, str(score))
        if effort:
            given._save_lines(cls.effort, str(effort))
        if comment:
            given._save_lines(cls.said, comment)
        given._mark_done()
        return cls.Feedback.search([("input_id", "=", given.id)], order="kind desc")


@tagged("post_install", "-at_install")
class TestTickets(FeedbackCommon):
    def test_two_tickets_closed_on_one_day_are_one_survey(self):
        first, second = self.ticket(), self.ticket()
        (first | second).stage_id = self.done
        self.assertFalse(self.mails(), "closing itself sends nothing")
        self.act()
        self.act()
        self.assertEqual(len(self.mails()), 1)
        states = self.of(first).state, self.of(second).state
        self.assertEqual(sorted(states), ["asked", "skipped"])
        skipped = (self.of(first) | self.of(second)).filtered("reason")
        self.assertIn("At most one survey", skipped.reason)
        self.assertEqual(self.mails().state, "outgoing", "queued, not sent")

    def test_stages_teams_and_reopening_ask_once(self):
        team = self.env["helpdesk.ticket.team"].create({"name": "Other"})
        ticket = self.ticket()
        self.cap.unlink()  # not the limit keeps it to one
        for stage in (self.done, self.new, self.done, self.done):
            ticket.with_user(self.agent).write({"stage_id": stage.id})
        self.act()
        ticket.write({"team_id": team.id, "stage_id": self.new.id})
        ticket.write({"team_id": False, "stage_id": self.done.id})
        self.act()
        self.assertEqual(len(self.of(ticket)), 1)
        self.assertEqual(len(self.mails()), 1)
        self.assertEqual(len(ticket.rating_ids), 1)

    def test_team_change_does_not_ask(self):
        ticket = self.ticket()
        team = self.env["helpdesk.ticket.team"].create({"name": "Other"})
        ticket.write({"team_id": team.id, "stage_id": self.done.id})
        self.assertFalse(self.of(ticket))

    def test_opened_again_before_it_was_asked(self):
        ticket = self.ticket()
        ticket.stage_id = self.done
        ticket.stage_id = self.new
        self.act()
        self.assertEqual(self.of(ticket).state, "skipped")
        self.assertFalse(self.mails())
        ticket.stage_id = self.done
        self.act()
        self.assertEqual(self.of(ticket).state, "asked")

    def test_dry_run_waits_and_then_forgets(self):
        self.company.retention_sending = False
        ticket = self.ticket()
        ticket.stage_id = self.done
        self.act()
        row = self.of(ticket)
        self.assertEqual((row.state, len(self.mails())), ("planned", 0))
        row.ask_until = fields.Datetime.now() - DAY
        self.company.retention_sending = True
        self.act()
        self.assertEqual((row.state, len(self.mails())), ("skipped", 0))

    def test_own_mail_of_the_company_goes_once_while_sending_is_off(self):
        self.company.retention_sending = False
        self.done.rating_mail_template_id = self.env.ref(
            "helpdesk_mgmt_rating.rating_ticket_email_template"
        )
        ticket = self.ticket()
        for stage in (self.done, self.new, self.done):
            ticket.stage_id = stage
        self.assertEqual(len(ticket.rating_ids), 1)
        self.assertEqual(self.of(ticket).state, "asked")

    def test_complaint_is_asked_about_at_its_end(self):
        """Not when it was solved, and not again when it is reopened afterwards."""
        ticket = self.ticket(retention_kind="complaint")
        for step in ("solved", "confirmed"):
            ticket.retention_step = step
            self.assertFalse(self.of(ticket))
        ticket.retention_step = "closed"
        self.assertTrue(ticket.closed)
        self.assertEqual(self.of(ticket).state, "planned")
        ticket.retention_step = "classified"
        self.act()
        self.assertEqual(self.of(ticket).state, "skipped")
        ticket.retention_step = "closed"
        self.act()
        self.assertEqual(self.of(ticket).state, "asked")
        ticket.retention_step = "classified"
        ticket.retention_step = "closed"
        self.act()
        ratings = ticket.rating_ids
        self.assertEqual((self.of(ticket).state, len(ratings)), ("asked", 1))

    def test_refusal_holds(self):
        self.env["retention.consent"].create(
            {"partner_id": self.customer.id, "state": "refused"}
        )
        ticket = self.ticket()
        ticket.stage_id = self.done
        self.act()
        self.assertEqual(self.of(ticket).state, "skipped")
        self.assertFalse(self.mails())

    def test_answer_is_taken_in_at_once_and_once(self):
        ticket = self.ticket()
        ticket.stage_id = self.done
        self.act()
        ticket.rating_apply(1, rating=ticket.rating_ids, feedback="Too slow")
        row = self.of(ticket)
        self.assertRecordValues(
            row,
            [
                {
                    "state": "answered",
                    "raw": 1,
                    "grade": "bad",
                    "score": 0,
                    "comment": "Too slow",
                    "partner_id": self.customer.id,
                }
            ],
        )
        ticket.rating_apply(5, rating=ticket.rating_ids, feedback="Better")
        self.assertEqual((row.grade, row.score, len(self.of(ticket))), ("good", 100, 1))


@tagged("post_install", "-at_install")
class TestAnswers(FeedbackCommon):
    def test_nps_of_the_whole_scale(self):
        """0 counts, and the worked figures of the interval."""
        people = self.make_customers(6)
        for person, score in zip(people, (0, 6, 7, 8, 9, 10), strict=True):
            self.answer(person, score)
        rows = self.Feedback.search([("partner_id", "in", people.ids)])
        self.assertEqual(len(rows), 6)
        grades = rows.mapped("grade")
        figure = satisfaction.figure(
            "nps",
            *(grades.count(each) for each in ("promoter", "passive", "detractor")),
        )
        self.assertEqual(figure.score, 0)
        self.assertAlmostEqual(figure.low, -51.07, 2)
        self.assertAlmostEqual(figure.high, 51.07, 2)
        self.assertTrue(figure.is_small)
        zero = rows.filtered(lambda row: row.partner_id == people[0])
        self.assertEqual((zero.raw, zero.grade, zero.score), (0, "detractor", -100))
        self.assertEqual(zero.answer_text, "0 of 10")

    def test_collect_finds_what_came_in_otherwise_and_nothing_twice(self):
        rows = self.answer(self.customer, 4, "Slow", effort=2)
        self.assertEqual(rows.mapped("kind"), ["nps", "effort"])
        self.assertEqual(rows.mapped("comment"), ["Slow", "Slow"])
        self.env.flush_all()
        before = rows.read(["raw", "grade", "write_date", "company_id"])
        rows.unlink()
        for _again in range(2):
            self.run_pass(as_of=self.company._retention_today(), steps=("collect",))
        again = self.Feedback.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(
            sorted(again.mapped("raw")), sorted(each["raw"] for each in before)
        )

    def test_low_answer_calls_back_once(self):
        rows = self.answer(self.customer, 3, effort=1)
        touch = rows.touch_id
        self.assertEqual(len(touch), 1)
        self.assertEqual(touch.user_id, self.seller)
        self.assertTrue(touch.activity_id)
        self.assertEqual(touch.due_date, self.company._retention_today())
        self.assertEqual(
            rows[0].call_back_by, rows[0].answered_at + timedelta(hours=24)
        )
        self.assertFalse(rows[0].is_late)
        late = self.Feedback.search([("is_late", "=", True)])
        self.assertFalse(late & rows)
        rows.call_back_by = fields.Datetime.now() - DAY
        self.assertTrue(rows[0].is_late)
        self.assertEqual(self.Feedback.search([("is_late", "=", True)]) & rows, rows)
        touch._do({"outcome": "reached"})
        self.assertFalse(self.Feedback.search([("is_late", "=", True)]) & rows)

    def test_high_answer_calls_nobody_unless_wanted(self):
        self.assertFalse(self.answer(self.customer, 9).touch_id)
        self.company.retention_ask_promoters = True
        self.assertTrue(self.answer(self.other, 10).touch_id)

    def test_agent_is_called_first_as_the_company_has_it(self):
        ticket = self.ticket()
        ticket.stage_id = self.done
        self.act()
        ticket.rating_apply(1, rating=ticket.rating_ids)
        self.assertEqual(self.of(ticket).touch_id.user_id, self.agent)

    def test_complaint_of_an_answer(self):
        row = self.answer(self.customer, 2, "Broken <b>")
        self.manager = self.make_user(
            "manager", groups="helpdesk_mgmt.group_helpdesk_user"
        )
        action = row.with_user(self.manager).action_open_complaint()
        ticket = self.Ticket.with_context(**action["context"]).create({})
        self.assertEqual(
            (ticket.retention_kind, ticket.partner_id, row.complaint_ids),
            ("complaint", self.customer, ticket),
        )
        self.assertIn("&lt;b&gt;", ticket.description)
        again = row.with_user(self.manager).action_open_complaint()
        self.assertEqual(again["res_id"], ticket.id)

    def test_answers_go_along_with_the_person(self):
        person = self.make_customers(1, parent_id=self.customer.id)
        row = self.answer(person, 9)
        self.assertEqual(row.partner_id, self.customer)
        person.parent_id = self.other
        self.env.invalidate_all()
        self.assertEqual(row.partner_id, self.other)

    def test_agents_read_what_was_said_of_their_tickets(self):
        own = self.make_user(
            "none", login="own_agent", groups="helpdesk_mgmt.group_helpdesk_user_own"
        )
        mine, theirs = self.ticket(user_id=own.id), self.ticket()
        (mine | theirs).stage_id = self.done
        self.answer(self.other, 9)
        seen = self.Feedback.with_user(own).search([])
        self.assertEqual(seen.sudo().ticket_id, mine)
        self.assertEqual(len(seen), 1)
