from odoo import api, models
from odoo.tools import SQL

from .settle_step import TABLES


class RetentionPointsCheck(models.Model):
    """What the settle step does about documents that were deleted."""

    _inherit = "retention.points.check"

    @api.model
    def _is_explained(self) -> SQL:
        """An entry is also explained if its deleted document takes nothing any more."""
        return SQL(
            """(%s OR (x.kind = 'earn' AND x.res_model = ANY(%s) AND x.points = (
                SELECT -sum(taken.points + COALESCE((
                           SELECT sum(back.points) FROM retention_points_entry back
                            WHERE back.reverses_id = taken.id), 0))
                  FROM retention_points_entry taken
                 WHERE taken.reverses_id = x.id)))""",
            super()._is_explained(),
            list(TABLES),
        )
