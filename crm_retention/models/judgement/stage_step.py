from odoo import api, models


class RetentionProfile(models.Model):
    """The stage step: where in the lifecycle each customer is."""

    _inherit = "retention.profile"

    @api.model
    def _step_stage(self, run):
        """Do one batch of the stage step; as :meth:`_step_score`."""
        return 0, 0, None
