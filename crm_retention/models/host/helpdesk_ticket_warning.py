from odoo import models


class HelpdeskTicket(models.Model):
    """Warnings end with what they warn of."""

    _inherit = "helpdesk.ticket"

    def _retention_end_warnings(self):
        """Take away the warnings of promises that were kept or dropped."""
        activities = self.env["mail.activity"].search(
            [
                ("retention_clock_id.ticket_id", "in", self.ids),
                ("retention_clock_id.stopped_at", "!=", False),
            ]
        )
        activities.unlink()
