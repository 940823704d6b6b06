from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import RetentionCommon


@tagged("post_install", "-at_install")
class TestServiceReport(RetentionCommon):
    """Who has how much to do and keeps what was promised: own rows, team, company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["helpdesk.ticket"].search([]).unlink()
        cls.Report = cls.env["retention.service.report"]
        cls.agent, cls.other = (
            cls.make_user(
                "none", login=login, groups="helpdesk_mgmt.group_helpdesk_user_own"
            )
            for login in ("agent", "other_agent")
        )
        cls.done = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        cls.tickets = cls.make_tickets(
            cls.agent,
            ("met", "missed", {}),
            ("met", "met", {"stage_id": cls.done.id}),
            ("missed", "running", {}),
            (False, False, {}),
        )
        cls.theirs = cls.make_tickets(cls.other, ("missed", "missed", {}))
        cls.tickets[2].retention_next_due = "2020-01-01 00:00:00"
        cls.tickets[3].duplicate_id = cls.tickets[0]
        cls.env.flush_all()

    @classmethod
    def make_tickets(cls, user, *rows):
        tickets = cls.env["helpdesk.ticket"].create(
            [
                {"name": "T", "description": "x", "user_id": user.id, **values}
                for _answer, _solve, values in rows
            ]
        )
        for ticket, (answer, solve, _values) in zip(tickets, rows, strict=True):
            ticket.write(
                {
                    "retention_answer_state": answer,
                    "retention_solve_state": solve,
                    "retention_next_due": False,
                }
            )
        return tickets

    def test_numbers(self):
        [numbers] = self.Report._read_group(
            [("user_id", "=", self.agent.id)],
            [],
            [
                "ticket_count:sum",
                "open_count:sum",
                "overdue_count:sum",
                "answered_share:avg",
                "solved_share:avg",
                "answered_count:sum",
                "late_answer_count:sum",
                "solved_count:sum",
                "late_count:sum",
            ],
        )
        self.assertEqual(numbers[:3], (3, 2, 1))
        self.assertAlmostEqual(numbers[3], 2 / 3)
        self.assertAlmostEqual(numbers[4], 1 / 2)
        self.assertEqual(numbers[5:], (2, 1, 1, 1))

    def test_who_sees_what(self):
        mine = self.tickets[:3]
        self.assertEqual(self.Report.with_user(self.agent).search([]).ticket_id, mine)
        for kind in ("manager", "auditor"):
            seen = self.Report.with_user(self.make_user(kind)).search([])
            self.assertEqual(seen.sudo().ticket_id, mine + self.theirs)
        for kind in ("none", "user", "portal", "public"):
            with self.assertRaises(AccessError):
                self.Report.with_user(self.make_user(kind)).search([])
        company = self.make_company()
        elsewhere = self.make_user(
            "manager",
            login="elsewhere",
            company_id=company.id,
            company_ids=company.ids,
        )
        self.assertFalse(self.Report.with_user(elsewhere).search([]))
