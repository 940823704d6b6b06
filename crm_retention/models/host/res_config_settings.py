from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    retention_revenue_source = fields.Selection(
        related="company_id.retention_revenue_source", readonly=False, required=True
    )
    retention_night_hour = fields.Integer(
        related="company_id.retention_night_hour", readonly=False
    )
