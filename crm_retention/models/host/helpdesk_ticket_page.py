from odoo import models
from odoo.exceptions import UserError

from ...tools import complaint, service
from .helpdesk_ticket_path import DATES


class HelpdeskTicket(models.Model):
    """What customers see of their complaints: steps and dates, what they got."""

    _inherit = "helpdesk.ticket"

    def _retention_get_portal_values(self):
        """Return what the page shows of this complaint; called with all rights."""
        self.ensure_one()
        names = dict(self._fields["retention_step"]._description_selection(self.env))
        dates = DATES | {
            service.RECEIVED: "retention_received_at",
            service.SOLVED: "retention_solved_at",
            service.CLOSED: "retention_last_closed_at",
        }
        here = complaint.rank(self.retention_step)
        return {
            "steps": [
                {
                    "name": names[step],
                    "is_reached": complaint.rank(step) <= here,
                    "is_here": step == self.retention_step,
                    "date": complaint.rank(step) <= here and self[dates[step]],
                }
                for step in service.STEPS
            ],
            "remedies": [
                {
                    "name": remedy._describe(),
                    "reason": remedy.reason,
                    "date": remedy.decided_at,
                    "expires_on": remedy.expires_on,
                }
                for remedy in self.retention_remedy_ids.sorted("id")
                if remedy.state == "given"
            ],
            "can_confirm": self.retention_step == service.SOLVED,
            "can_reopen": self._retention_may_reopen(),
            "closes_text": self._retention_say_closing(),
            "reopened_at": self.retention_reopened_at,
        }

    def _retention_say_closing(self):
        """Tell the customer what his silence means."""
        days = self.company_id.retention_silence_days
        if self.retention_step != service.SOLVED or not days:
            return False
        return self.env._(
            "If we hear nothing for %(days)s days we take it as settled.", days=days
        )

    def _retention_reopen_by_customer(self, reason, author):
        """Take it up again as the customer asks, within the time he has for it."""
        self.ensure_one()
        if (
            self.retention_step in service.SOLVED_STEPS
            and not self._retention_may_reopen()
        ):
            raise UserError(
                self.env._("It ended too long ago: please send a new complaint.")
            )
        self._retention_reopen(reason, author)
