from odoo import fields, models

from ...tools import credit


class ResCompany(models.Model):
    """From when on a payment is late."""

    _inherit = "res.company"

    retention_credit_late_days = fields.Integer(
        string="Late After (days)",
        default=30,
        help="Customers who are overdue for longer are of credit class C.",
    )
    retention_credit_bad_days = fields.Integer(
        string="Very Late After (days)",
        default=90,
        help="Customers who are overdue for longer are of credit class D.",
    )

    _retention_credit_sane = models.Constraint(
        """CHECK (retention_credit_late_days BETWEEN 0 AND 3650
            AND retention_credit_bad_days BETWEEN retention_credit_late_days
                                              AND 3650)""",
        "Very late comes after late, and both are at most 3,650 days.",
    )

    def _retention_credit_rules(self):
        """Return by what customers are classed, as ``tools.credit`` takes it."""
        self.ensure_one()
        return credit.Rules(
            self.retention_credit_late_days, self.retention_credit_bad_days
        )
