from datetime import timedelta

from odoo import fields, models

from .compare_sql import compared_count

GROWTH = 2  # times as many customers: the old fifths no longer part them


class RetentionProgram(models.Model):
    """When a program compares all its customers with each other anew."""

    _inherit = "retention.program"

    refreshed_on = fields.Date(
        string="Compared on", readonly=True, help="Date of break points and limits."
    )
    compared_count = fields.Integer(string="Customers Compared", readonly=True)
    is_comparison_asked = fields.Boolean(
        string="Comparison Asked for",
        readonly=True,
        copy=False,
        help="The next pass over all customers compares them, whatever the day.",
    )

    def write(self, vals):
        if "refreshed_on" in vals:  # compared: what was asked for is done
            vals = dict(vals, is_comparison_asked=False)
        return super().write(vals)

    def _is_refresh_due(self, as_of):
        """Tell whether break points and limits are to be computed on ``as_of``."""
        self.ensure_one()
        return (
            not self.refreshed_on
            or self.is_pending
            or self.is_comparison_asked
            or self.compared_count < self.min_customers  # there was nothing yet
            or self.refreshed_on > as_of
            or self.refreshed_on + timedelta(days=self.refresh_days) <= as_of
            or self._has_outgrown()
        )

    def _has_outgrown(self):
        """Tell whether many more customers buy than were compared the last time."""
        self.ensure_one()
        limit = GROWTH * self.compared_count
        [(count,)] = self.env.execute_query(compared_count(self, limit))
        return count >= limit

    def _ask_comparison(self):
        """Have the next pass over all customers compare them, whatever the day."""
        self.is_comparison_asked = True
