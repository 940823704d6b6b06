from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    retention_churn_months = fields.Integer(
        related="company_id.retention_churn_months", readonly=False
    )
