from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How often results are reviewed, and by whom."""

    _inherit = "res.config.settings"

    retention_review_period = fields.Selection(
        related="company_id.retention_review_period", readonly=False
    )
    retention_review_user_id = fields.Many2one(
        related="company_id.retention_review_user_id", readonly=False
    )
