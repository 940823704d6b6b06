"""The customer's side of a complaint: filing, following, confirming, reopening."""

from odoo import http
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_complaint import ComplaintCommon


@tagged("post_install", "-at_install")
class TestComplaintPortal(ComplaintCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person, cls.stranger = cls.make_customers(2)
        cls.customer.is_company = True
        cls.person.parent_id = cls.customer
        cls.portal = cls.make_user("portal", partner_id=cls.person.id)
        cls.other = cls.make_user(
            "portal", login="other_portal", partner_id=cls.stranger.id
        )

    def page(self, path, **arguments):
        return self.url_open(path, allow_redirects=False, **arguments)

    def send(self, path, token=True, **data):
        """Send a form as the page does."""
        if token:
            data["csrf_token"] = http.Request.csrf_token(self)
        return self.page(path, data=data)

    def test_file_follow_confirm_reopen(self):
        self.authenticate(self.portal.login, self.portal.login)
        self.assertIn('value="complaint"', self.page("/new/ticket").text)
        answer = self.send(
            "/submitted/ticket",
            subject="Glass broken",
            description="Again",
            kind="complaint",
        )
        ticket = self.env["helpdesk.ticket"].browse(
            int(answer.headers["Location"].rsplit("/", 1)[1].split("?")[0])
        )
        self.assertEqual(ticket.retention_kind, "complaint")
        self.assertEqual(ticket.commercial_partner_id, self.customer)
        own = f"/my/ticket/{ticket.id}"
        text = self.page(own).text
        self.assertIn("o_retention_complaint", text)
        self.assertIn("Investigated", text)
        self.assertNotIn("/confirm", text)
        self.assertNotIn("ticket/close", text)
        ticket.team_id = self.team
        self.solve(ticket, kind="points", points=30, reason="For your trouble")
        ticket.retention_finding = "Our secret"
        for path in (own, f"/my/complaint/{ticket.id}"):
            text = self.page(path).text
            for shown in ("/confirm", "/reopen", "30 points", "For your trouble"):
                self.assertIn(shown, text)
            self.assertNotIn("Our secret", text)
            self.assertNotIn(self.cause.name, text)
        self.assertEqual(
            self.page(f"/my/complaint/{ticket.id}/confirm").status_code, 405
        )
        answer = self.send(f"/my/complaint/{ticket.id}/confirm")
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(ticket.retention_step, "confirmed")
        self.assertEqual(ticket.retention_confirmed_by, "customer")
        self.send(f"/my/complaint/{ticket.id}/reopen", reason=" ")
        self.assertEqual(ticket.retention_step, "confirmed")
        self.send(f"/my/complaint/{ticket.id}/reopen", reason="<b>No</b>")
        self.assertEqual(ticket.retention_step, "classified")
        message = ticket.message_ids.filtered(lambda each: "No" in (each.body or ""))
        self.assertEqual(message.author_id, self.person)
        self.assertNotIn("<b>No", message.body)

    def test_only_one_s_own(self):
        ticket = self.complain()
        self.solve(ticket)
        self.authenticate(self.other.login, self.other.login)
        path = f"/my/complaint/{ticket.id}"
        self.assertEqual(self.page(path).status_code, 404)
        for action in ("confirm", "reopen"):
            for token in ("", "abc", "0", "é", "\x00"):
                answer = self.send(f"{path}/{action}", reason="x", access_token=token)
                self.assertEqual(answer.status_code, 404)
            for wrong in ("0", "9" * 30, "-1", "abc"):
                answer = self.send(f"/my/complaint/{wrong}/{action}", reason="x")
                self.assertEqual(answer.status_code, 404)
        self.assertEqual(ticket.retention_step, "solved")
        question = self.complain(self.stranger, retention_kind="question")
        self.assertEqual(self.page(f"/my/complaint/{question.id}").status_code, 404)
        with mute_logger("odoo.http"):
            answer = self.send(f"{path}/confirm", False, reason="x")
        self.assertEqual(answer.status_code, 400)

    def test_by_the_link_of_the_mail(self):
        """Nobody logged in: the link opens this complaint alone, a button confirms."""
        ticket, other = self.complain(), self.complain()
        self.solve(ticket)
        self.solve(other)
        token = ticket._portal_ensure_token()
        path = f"/my/complaint/{ticket.id}"
        self.authenticate(None, None)
        text = self.page(f"{path}?access_token={token}").text
        self.assertIn(token, text)
        self.assertEqual(ticket.retention_step, "solved")  # looking changes nothing
        self.assertEqual(
            self.page(f"/my/complaint/{other.id}?access_token={token}").status_code,
            404,
        )
        answer = self.send(f"{path}/confirm", access_token=token)
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(ticket.retention_step, "confirmed")
        self.assertEqual(
            ticket.message_ids.filtered(
                lambda m: "confirmed" in (m.body or "")
            ).author_id,
            self.customer,
        )
        self.assertIn("Thank you", self.page(answer.headers["Location"]).text)

    def test_too_late_to_reopen(self):
        self.company.retention_reopen_days = 0
        ticket = self.complain()
        self.solve(ticket)
        ticket._retention_confirm("customer")
        ticket.retention_confirmed_at = "2024-01-01 00:00:00"
        self.authenticate(self.portal.login, self.portal.login)
        path = f"/my/complaint/{ticket.id}"
        self.assertNotIn("/reopen", self.page(path).text)
        self.send(f"{path}/reopen", reason="x")
        self.assertEqual(ticket.retention_step, "confirmed")
        self.assertIn("too long ago", self.page(path).text)
