from odoo import api, models


class RetentionProfile(models.Model):
    """The predict step: what customers will do, and how they are."""

    _inherit = "retention.profile"

    @api.model
    def _step_predict(self, run):
        """Do one batch of the predict step; as :meth:`_step_score`."""
        return 0, 0, None
