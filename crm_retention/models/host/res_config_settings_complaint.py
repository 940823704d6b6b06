from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """What agents may give for a complaint, and how complaints end."""

    _inherit = "res.config.settings"

    retention_remedy_points = fields.Integer(
        related="company_id.retention_remedy_points", readonly=False
    )
    retention_remedy_amount = fields.Monetary(
        related="company_id.retention_remedy_amount",
        readonly=False,
        currency_field="currency_id",
    )
    retention_silence_days = fields.Integer(
        related="company_id.retention_silence_days", readonly=False
    )
    retention_reopen_days = fields.Integer(
        related="company_id.retention_reopen_days", readonly=False
    )
    retention_care_days = fields.Integer(
        related="company_id.retention_care_days", readonly=False
    )
    retention_recurring_least = fields.Integer(
        related="company_id.retention_recurring_least", readonly=False
    )
