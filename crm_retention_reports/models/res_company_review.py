from odoo import fields, models


class ResCompany(models.Model):
    """How often results are reviewed, and by whom."""

    _inherit = "res.company"

    retention_review_period = fields.Selection(
        selection=[
            ("none", "By hand"),
            ("month", "Every month"),
            ("quarter", "Every quarter"),
            ("year", "Every year"),
        ],
        string="Reviews Begin",
        default="quarter",
        required=True,
    )
    retention_review_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Reviews Are Held by",
        ondelete="set null",
        domain="[('share', '=', False)]",
    )
