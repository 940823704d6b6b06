from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    retention_offer_months = fields.Integer(
        related="company_id.retention_offer_months", readonly=False
    )
    retention_offer_horizon = fields.Integer(
        related="company_id.retention_offer_horizon", readonly=False
    )
    retention_offer_least = fields.Integer(
        related="company_id.retention_offer_least", readonly=False
    )
    retention_offer_quiet_days = fields.Integer(
        related="company_id.retention_offer_quiet_days", readonly=False
    )
