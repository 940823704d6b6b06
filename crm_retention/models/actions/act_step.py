from odoo import api, models


class RetentionTouch(models.Model):
    """The act step: planned touches to activities and mails."""

    _inherit = "retention.touch"

    @api.model
    def _step_act(self, run):
        """Do one batch of the act step; as ``retention.profile._step_score``."""
        return 0, 0, None
