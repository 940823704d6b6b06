"""A complaint from the customer's first word to the last, in a browser."""

from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from .common_points import PointsCommon


@tagged("post_install", "-at_install")
class TestServiceFlow(PointsCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.retention_sending = True
        cls.company.retention_csat_hours = 0
        cls.portal = new_test_user(
            cls.env,
            "portal_customer",
            groups="base.group_portal",
            partner_id=cls.customer.id,
        )
        cls.customer.email = "customer@example.com"
        cls.agent = new_test_user(
            cls.env,
            "service_agent",
            groups="helpdesk_mgmt.group_helpdesk_user,"
            "crm_retention.group_retention_lead",
            email="agent@example.com",
        )
        limits = cls.env["retention.cap"].search([("kind", "in", ("quiet", "closed"))])
        limits.unlink()  # whatever hour or day it is
        cls.env["retention.complaint.cause"].create({"name": "Broken"})
        cls.buy(cls.customer, (9, 500))
        cls.run_pass(as_of=cls.company._retention_today())

    def test_filed_solved_confirmed_asked(self):
        self.start_tour(
            "/new/ticket", "crm_retention_customer_complains", login=self.portal.login
        )
        ticket = self.env["helpdesk.ticket"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(
            (ticket.retention_kind, ticket.retention_step), ("complaint", "received")
        )
        self.assertTrue(ticket.retention_next_due)
        ticket.user_id = self.agent
        self.start_tour(
            f"/odoo/helpdesk.ticket/{ticket.id}",
            "crm_retention_agent_solves",
            login=self.agent.login,
        )
        ticket.invalidate_recordset()
        self.assertEqual(ticket.retention_step, "solved")
        self.assertTrue(ticket.retention_answered_at)
        self.assertEqual(ticket.retention_solve_state, "met")
        self.assertEqual(self.account.balance, 40)
        entry = self.account.entry_ids.filtered(lambda each: each.points == 40)
        self.assertIn("For the six glasses", entry.reason)

        self.start_tour(
            f"/my/complaint/{ticket.id}",
            "crm_retention_customer_confirms",
            login=self.portal.login,
        )
        ticket.invalidate_recordset()
        self.assertEqual(ticket.retention_step, "confirmed")
        night = fields.Datetime.now() + timedelta(days=1)
        for number in range(3):
            day = night + timedelta(days=number)
            self.run_pass(kind="full", as_of=day.date(), steps=("act",))
        self.assertEqual(ticket.retention_step, "closed")
        asked = self.env["retention.feedback"].search([("ticket_id", "=", ticket.id)])
        self.assertEqual(asked.mapped("kind"), ["csat"])
        self.assertEqual(asked.state, "asked")
        ratings = self.env["rating.rating"].search([("res_id", "=", ticket.id)])
        mails = self.env["mail.mail"].search(
            [("body_html", "like", ratings.access_token)]
        )
        self.assertEqual(len(mails), 1, "asked once")
        profile = self.profile_of(self.customer)
        self.assertEqual(profile.complaint_ids, ticket)
        self.assertIn(asked, profile.feedback_ids)
