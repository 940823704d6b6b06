"""The queue of complaints in a real browser, as an agent of the helpdesk sees it."""

from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.fields import Domain
from odoo.tests import HttpCase, tagged
from odoo.tools.safe_eval import safe_eval

from .test_ticket_customer import TicketCommon


class QueueCommon(TicketCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.best.write({"name": "Best Customer", "phone": "+12025550143"})
        cls.Ticket.search([]).unlink()
        cls.now = fields.Datetime.now()
        cls.overdue, cls.soon, cls.waiting, cls.plain = (
            cls.make_ticket(
                name=name, retention_kind="complaint", user_id=cls.agent.id
            ).sudo()
            for name in ("Overdue One", "Soon One", "Waiting One", "Plain One")
        )
        held = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_awaiting")
        held.retention_on_hold = True
        cls.waiting.stage_id = held
        for ticket, hours in ((cls.overdue, -3), (cls.soon, 1), (cls.plain, 30)):
            ticket.write(
                {
                    "retention_next_due": cls.now + timedelta(hours=hours),
                    "retention_answer_state": "running",
                    "retention_solve_state": "running",
                    "retention_is_paused": False,
                }
            )
        cls.waiting.write({"retention_next_due": False, "retention_is_paused": True})
        cls.plain.partner_id = cls.other
        cls.env.flush_all()


@tagged("post_install", "-at_install")
class TestQueue(QueueCommon):
    def find(self, *names):
        """Return the tickets that filters of the queue show to the agent."""
        view = self.env.ref("crm_retention.helpdesk_ticket_view_search_queue")
        arch = etree.fromstring(view.arch)
        domain = Domain.TRUE
        for name in names:
            [node] = arch.xpath(f"//filter[@name='{name}']")
            words = safe_eval(node.get("domain"), {"uid": self.agent.id})
            domain &= Domain(words)
        return self.Ticket.with_user(self.agent).search(domain)

    def test_filters(self):
        all_of_them = self.overdue + self.soon + self.waiting + self.plain
        for name, expected in (
            ("mine", all_of_them),
            ("open", all_of_them),
            ("unassigned", self.Ticket),
            ("breached", self.overdue),
            ("soon", self.soon),
            ("waiting", self.waiting),
            ("best", self.overdue + self.soon + self.waiting),
            ("repeat", self.overdue + self.soon + self.waiting),
            ("no_cause", all_of_them),
            ("reopened", self.Ticket),
        ):
            with self.subTest(name):
                self.assertEqual(self.find(name), expected)
        self.plain.retention_answer_state = "missed"
        self.assertEqual(self.find("breached"), self.overdue + self.plain)

    def test_order(self):
        """The promise that ends first is on top; what waits comes last."""
        view = self.env.ref("crm_retention.helpdesk_ticket_view_list_queue")
        order = etree.fromstring(view.arch).get("default_order")
        found = self.Ticket.with_user(self.agent).search([], order=order)
        expected = self.overdue + self.soon + self.plain + self.waiting
        self.assertEqual(found.ids, expected.ids)


@tagged("post_install", "-at_install")
class TestQueueTour(QueueCommon, HttpCase):
    def test_queue(self):
        self.start_tour(
            "/odoo/retention-complaints", "crm_retention_complaint_queue", login="agent"
        )
