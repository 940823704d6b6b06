from odoo import models
from odoo.tools import SQL


class RetentionSignal(models.Model):
    """Who wishes not to be profiled is not watched by any rule."""

    _inherit = "retention.signal"

    def _find(self, scope):
        findings, few = super()._find(scope)
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM res_partner"
                " WHERE retention_no_profiling AND id = ANY(%s)",
                [each.customer_id for each in findings],
            )
        )
        private = {row[0] for row in rows}
        return [each for each in findings if each.customer_id not in private], few
