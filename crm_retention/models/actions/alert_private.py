from odoo import api, models

from ...tools import alerts


class RetentionProfile(models.Model):
    """Warnings about who wishes not to be profiled end at once."""

    _inherit = "retention.profile"

    @api.model
    def _follow_profiling_wish(self, customers):
        private = customers.filtered("retention_no_profiling")
        warnings = self.env["retention.alert"].search(
            [("partner_id", "in", private.ids), ("is_open", "=", True)]
        )
        if warnings:
            note = self.env._("The customer wishes not to be profiled.")
            warnings._close(alerts.OVER, note, by_itself=True)
        return super()._follow_profiling_wish(customers)
