from odoo import api, models


class RetentionTouch(models.Model):
    """The plan step: policies to planned touches."""

    _inherit = "retention.touch"

    @api.model
    def _step_plan(self, run):
        """Do one batch of the plan step; as ``retention.profile._step_score``."""
        return 0, 0, None
