from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    retention_quiet_days = fields.Integer(
        related="company_id.retention_quiet_days", readonly=False
    )
