from odoo import models


class RetentionTouch(models.Model):
    """The act step also asks about tickets that were closed."""

    _inherit = "retention.touch"

    def _act_feedback(self, run, after):
        """Ask what is due, if sending is on."""
        if not run.company_id.retention_sending:
            return 0, 0, None
        rows = self.env["retention.feedback"]._get_due(run.company_id, after)
        done = run._in_pieces(rows, lambda some: some._ask()) if rows else 0
        return len(rows), done, rows[-1:].id
