from odoo import api, models


class RetentionPointsAccount(models.Model):
    """Tiers give their benefits where there is no points program, too."""

    _inherit = "retention.points.account"

    @api.model
    def _step_settle(self, run):
        seen, changed, cursor = super()._step_settle(run)
        if not self._get_programs(run) and run.kind != "light":
            moved = self.env["retention.benefit"]._apply(run.company_id, run.as_of)
            return seen + moved, changed + moved, cursor
        return seen, changed, cursor
