from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    retention_collect_months = fields.Integer(
        related="company_id.retention_collect_months", readonly=False, required=True
    )
