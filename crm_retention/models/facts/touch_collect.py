from odoo import api, models


class RetentionTouch(models.Model):
    """The collect step: contacts out of Odoo's own records, each exactly once."""

    _inherit = "retention.touch"

    @api.model
    def _step_collect(self, run):
        """Do one batch of the collect step; as ``retention.profile._step_score``."""
        marked = self.env["retention.transaction"]._mark_unseen(run)
        return marked, marked, None
