"""What the tests of complaints share."""

from odoo.fields import Command

from odoo.addons.crm_retention.tools import service

from .common_points import PointsCommon

AGENT = "helpdesk_mgmt.group_helpdesk_user"


class ComplaintCommon(PointsCommon):
    """A customer with a complaint, an agent who works on it, and a manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agent = cls.make_user("none", login="agent", groups=AGENT)
        cls.chief = cls.make_user("manager", login="chief", groups=AGENT)
        cls.Cause = cls.env["retention.complaint.cause"]
        cls.Remedy = cls.env["retention.complaint.remedy"]
        cls.cause = cls.Cause.create({"name": "Cracked"})
        stages = cls.env["helpdesk.ticket.stage"]
        stages.search([]).write({"retention_step": False, "mail_template_id": False})
        cls.new, cls.working, cls.done = stages.create(
            [
                {"name": name, "company_id": False} | values
                for name, values in (
                    ("Just In", {"sequence": -9, "unattended": True}),
                    ("At It", {"sequence": -8, "retention_step": "classified"}),
                    ("Over", {"sequence": -7, "closed": True}),
                )
            ]
        )
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {"name": "Care", "user_ids": [Command.set((cls.agent + cls.chief).ids)]}
        )
        for stage in cls.new + cls.working + cls.done:
            stage.team_ids = cls.team
        cls.customer.email = "customer@example.com"

    @classmethod
    def complain(cls, customer=None, **values):
        """Return a complaint of the customer; with the rights of the system."""
        return cls.env["helpdesk.ticket"].create(
            {
                "name": "Broken glass",
                "description": "x",
                "partner_id": (customer or cls.customer).id,
                "team_id": cls.team.id,
                "retention_kind": service.COMPLAINT,
                "stage_id": cls.new.id,
                "user_id": False,
            }
            | values
        )

    @classmethod
    def solve(cls, ticket, **values):
        """Classify a minor complaint and solve it with an apology, as the agent."""
        own = ticket.with_user(cls.agent)
        own.write({"retention_cause_id": cls.cause.id, "retention_severity": "minor"})
        cls.give(ticket, **values)
        own._retention_advance(service.SOLVED)
        return own

    @classmethod
    def give(cls, ticket, user=None, **values):
        """Give a remedy as the agent does; return it with all rights."""
        return cls.Remedy.with_user(user or cls.agent)._propose(
            ticket.with_user(user or cls.agent),
            {"kind": "apology", "reason": "For the crack"} | values,
        )
