from odoo import api, models


class RetentionProfile(models.Model):
    """The quality step looks for corrections to propose, weekly."""

    _inherit = "retention.profile"

    @api.model
    def _step_quality(self, run):
        seen, changed, cursor = super()._step_quality(run)
        if cursor is None and run.kind == "full" and self._judges_quality(run):
            self.env["retention.correction"]._find(run.company_id)
        return seen, changed, cursor
