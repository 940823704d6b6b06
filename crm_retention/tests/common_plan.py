"""What the tests of policies, plan and adapting share."""

from datetime import date, datetime, time, timedelta
from unittest.mock import patch

from odoo.fields import Command

from .common import RetentionCommon

MONDAY = date(2024, 6, 17)
START = date(2024, 1, 1)


class PlanCommon(RetentionCommon):
    """Customers with purchases, no shipped policies, no limits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Touch = cls.env["retention.touch"]
        cls.Policy = cls.env["retention.contact.policy"]
        cls.State = cls.env["retention.cadence.state"]
        cls.Policy.search([]).unlink()
        cls.env["retention.cap"].search([]).unlink()
        cls.phone = cls.env.ref("crm_retention.channel_phone")
        cls.email = cls.env.ref("crm_retention.channel_email")
        cls.meeting = cls.env.ref("crm_retention.channel_meeting")
        cls.template = cls.env.ref("crm_retention.mail_template_value")

    @classmethod
    def make_known(cls, count, **values):
        """Return customers with a profile, who have been with us for years."""
        partners = cls.make_customers(count, **values)
        for partner in partners:
            cls.buy(partner, (date(2024, 5, 2), 100))
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE res_partner SET create_date = '2023-01-01' WHERE id = ANY(%s)",
            [partners.ids],
        )
        cls.env.invalidate_all()
        cls.Profile._score_customers(cls.company, partners.ids, MONDAY)
        return partners

    @classmethod
    def make_policy(cls, *lines, run=True, **values):
        policy = cls.Policy.create(
            {
                "name": "Policy",
                "company_id": cls.company.id,
                "cadence_ids": [
                    Command.create(
                        {
                            "name": f"Line {number}",
                            "channel_id": cls.phone.id,
                            "depth": "information",
                            "interval_days": 30,
                            "longest_days": 60,
                            "slowest_days": 180,
                            **line,
                        }
                    )
                    for number, line in enumerate(lines or ({},))
                ],
                **values,
            }
        )
        if run:
            policy.write({"state": "running", "started_on": START})
        return policy

    @classmethod
    def log(cls, partner, day, hour=10, **values):
        """Return a contact that took place, taken in as by the collect step."""
        with patch.object(type(cls.Touch), "_contacts_changed", lambda _self: None):
            return cls.Touch.create(
                {
                    "partner_id": partner.id,
                    "company_id": cls.company.id,
                    "channel_id": cls.phone.id,
                    "state": "done",
                    "done_at": datetime.combine(day, time(hour)),
                    "outcome": "reached",
                    **values,
                }
            )

    @classmethod
    def plan(cls, day=MONDAY, kind="full", company=None):
        """Do the plan step; return (seen, changed)."""
        run = cls.Run.create(
            {
                "company_id": (company or cls.company).id,
                "step": "plan",
                "kind": kind,
                "as_of": day,
            }
        )
        run._execute()
        cls.env.invalidate_all()
        return run.seen, run.changed

    @classmethod
    def planned(cls, partners=None, **values):
        domain = [("state", "=", "planned"), ("cadence_id", "!=", False)]
        if partners is not None:
            domain.append(("partner_id", "in", partners.ids))
        domain += [(name, "=", value) for name, value in values.items()]
        return cls.Touch.search(domain, order="partner_id, cadence_id")

    @staticmethod
    def ago(days):
        return MONDAY - timedelta(days=days)
