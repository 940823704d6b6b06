from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How the quality of customers' data is kept."""

    _inherit = "res.config.settings"

    retention_confirm_week = fields.Integer(
        related="company_id.retention_confirm_week", readonly=False
    )
