from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    retention_conversion_days = fields.Integer(
        related="company_id.retention_conversion_days", readonly=False
    )
