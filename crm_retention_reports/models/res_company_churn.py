from odoo import fields, models


class ResCompany(models.Model):
    """When a customer counts as lost in the reports.

    Not the lifecycle's own "lost": that follows each customer's rhythm and today's
    thresholds, and is known only since the first evaluation. Reports compare years,
    also past ones, and need one rule that every past day can be judged by.
    """

    _inherit = "res.company"

    retention_churn_months = fields.Integer(
        string="Active within (months)",
        default=12,
        help="In the reports a customer is active who bought within so many months, "
        "and lost when they have passed without a purchase.",
    )

    _retention_churn_months_sane = models.Constraint(
        "CHECK (retention_churn_months BETWEEN 3 AND 60)",
        "A customer counts as active for 3 to 60 months after a purchase.",
    )
