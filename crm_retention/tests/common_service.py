"""What the tests of service share."""

from datetime import datetime

from odoo.fields import Command
from odoo.tests import freeze_time

from odoo.addons.crm_retention.tools import service

from .common import RetentionCommon

FRIDAY = datetime(2024, 6, 14)
MONDAY = datetime(2024, 6, 17)


class ServiceCommon(RetentionCommon):
    """A team that works from 9 to 17, its agent, and own targets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Ticket = cls.env["helpdesk.ticket"].with_context(tracking_disable=True)
        cls.Target = cls.env["retention.service.target"]
        cls.Clock = cls.env["retention.service.clock"]
        cls.calendar = cls.make_calendar()
        cls.agent = cls.make_user(
            "none", login="agent", groups="helpdesk_mgmt.group_helpdesk_user"
        )
        cls.lead = cls.make_user(
            "none", login="team_lead", groups="helpdesk_mgmt.group_helpdesk_user"
        )
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {
                "name": "Help",
                "user_id": cls.lead.id,
                "user_ids": [Command.set((cls.agent + cls.lead).ids)],
                "retention_calendar_id": cls.calendar.id,
            }
        )
        cls.customer = cls.make_customers(1, email="customer@example.com")
        stages = cls.env["helpdesk.ticket.stage"]
        cls.new, cls.waiting, cls.done = (
            stages.create({"name": name, "sequence": 90, "company_id": False, **values})
            for name, values in (
                ("Open", {}),
                ("Waiting", {"retention_on_hold": True}),
                ("Finished", {"closed": True}),
            )
        )
        cls.Target.search([]).filtered(lambda each: not each.is_fallback).unlink()
        cls.fallback = cls.Target.search([("company_id", "=", cls.company.id)])

    @classmethod
    def make_calendar(cls, start=9, end=17, **values):
        return cls.env["resource.calendar"].create(
            {
                "name": "Nine to Five",
                "tz": "UTC",
                "company_id": cls.company.id,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": "Day",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": end,
                            "day_period": "full_day",
                        }
                    )
                    for day in range(5)
                ],
                **values,
            }
        )

    @classmethod
    def promise(cls, part, amount, unit="hour", mode="working", latest=0, **target):
        """Make a target with one promise."""
        return cls.Target.create(
            {
                "name": f"Promise {next(cls._numbers)}",
                "limit_ids": [
                    Command.create(
                        {
                            "part": part,
                            "amount": amount,
                            "unit": unit,
                            "mode": mode,
                            "latest_hours": latest,
                        }
                    )
                ],
                **target,
            }
        )

    @classmethod
    def ticket(cls, at, **values):
        with freeze_time(at):
            return cls.Ticket.create(
                {
                    "name": "It does not work",
                    "description": "At all",
                    "partner_id": cls.customer.id,
                    "team_id": cls.team.id,
                    "stage_id": cls.new.id,
                    "user_id": cls.agent.id,
                    **values,
                }
            )

    @classmethod
    def move(cls, ticket, at, stage=None, **values):
        """Write a ticket at a moment."""
        if stage:
            values["stage_id"] = stage.id
        with freeze_time(at):
            ticket.write(values)

    @classmethod
    def clock(cls, ticket, part=service.SOLVE):
        """Return the last round's clock of a part."""
        return ticket.retention_clock_ids.filtered(
            lambda each: each.part == part
        ).sorted("round")[-1:]
