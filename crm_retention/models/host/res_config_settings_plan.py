from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    retention_daily_capacity = fields.Integer(
        related="company_id.retention_daily_capacity", readonly=False
    )
    retention_adapt_days = fields.Integer(
        related="company_id.retention_adapt_days", readonly=False
    )
    retention_adapt_cycle = fields.Integer(
        related="company_id.retention_adapt_cycle", readonly=False
    )
    retention_adapt_touches = fields.Integer(
        related="company_id.retention_adapt_touches", readonly=False
    )
    retention_response_days = fields.Integer(
        related="company_id.retention_response_days", readonly=False
    )
    retention_jitter_share = fields.Integer(
        related="company_id.retention_jitter_share", readonly=False
    )
