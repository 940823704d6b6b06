from odoo import models

from .act_step import BATCH


class RetentionTouch(models.Model):
    """The act step also closes complaints that are over, once a night."""

    _inherit = "retention.touch"

    def _act_complaints(self, run, after):
        """Close what customers confirmed, and what nothing was heard of for days."""
        if run.kind == "light":
            return 0, 0, None
        tickets = self.env["helpdesk.ticket"]._retention_find_quiet(
            run.company_id, run.as_of, after, BATCH
        )
        if not tickets:
            return 0, 0, None
        done = run._in_pieces(tickets, lambda piece: piece._retention_close_quiet())
        return len(tickets), done, tickets[-1:].id
