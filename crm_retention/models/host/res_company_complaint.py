from odoo import fields, models


class ResCompany(models.Model):
    """What agents may give for a complaint, and how complaints end."""

    _inherit = "res.company"

    retention_remedy_points = fields.Integer(
        string="Points Without Approval",
        default=500,
        help="More points for one complaint are approved by a manager.",
    )
    retention_remedy_amount = fields.Monetary(
        string="Money Without Approval",
        default=50.0,
        currency_field="currency_id",
        help="Refunds and costs above it for one complaint are approved by a manager.",
    )
    retention_silence_days = fields.Integer(
        string="Close After Silence of (days)",
        default=5,
        help="A solved complaint of which nothing is heard for so many whole days is "
        "closed at night. 0: never.",
    )
    retention_reopen_days = fields.Integer(
        string="Customers Reopen Within (days)",
        default=30,
        help="So long after the end customers can reopen a complaint on the web.",
    )
    retention_care_days = fields.Integer(
        string="Care Call After (days)",
        default=7,
        help="Customers of the high band are called so many days after a complaint of "
        "theirs was closed. 0: never.",
    )
    retention_recurring_least = fields.Integer(
        string="Recurring From so Many",
        default=3,
        help="A cause that came up so often in 90 days asks for a corrective measure. "
        "0: never.",
    )

    _retention_complaint_sane = models.Constraint(
        """CHECK (retention_remedy_points >= 0 AND retention_remedy_amount >= 0
            AND retention_silence_days BETWEEN 0 AND 365
            AND retention_reopen_days BETWEEN 0 AND 3650
            AND retention_care_days BETWEEN 0 AND 365
            AND retention_recurring_least >= 0)""",
        "Limits are 0 or more, and days of complaints at most 365.",
    )
