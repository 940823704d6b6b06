from odoo import api, models

from ..report.points_sql import BASES


class RetentionMonth(models.Model):
    """After the months the points of all customers are counted, a batch a kind of day.

    Each is whole in its own transaction: a report uses it where it is of today.
    """

    _inherit = "retention.month"

    @api.model
    def _step_measure(self, run):
        basis = (run.cursor or {}).get("points")
        if basis:
            self.env["retention.points.day"]._count(run.company_id, basis)
            following = BASES[BASES.index(basis) + 1 :]
            return 0, 0, {"points": following[0]} if following else None
        seen, changed, cursor = super()._step_measure(run)
        if not cursor and run.kind != "light":
            cursor = {"points": BASES[0]}
        return seen, changed, cursor
