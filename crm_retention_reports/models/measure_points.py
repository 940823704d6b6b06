from odoo import api, models


class RetentionMonth(models.Model):
    """At the end of the measure step the points of all customers are counted."""

    _inherit = "retention.month"

    @api.model
    def _step_measure(self, run):
        seen, changed, cursor = super()._step_measure(run)
        if not cursor and run.kind != "light":
            self.env["retention.points.day"]._count(run.company_id)
        return seen, changed, cursor
