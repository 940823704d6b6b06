from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """From when on a payment is late."""

    _inherit = "res.config.settings"

    retention_credit_late_days = fields.Integer(
        related="company_id.retention_credit_late_days", readonly=False
    )
    retention_credit_bad_days = fields.Integer(
        related="company_id.retention_credit_bad_days", readonly=False
    )
