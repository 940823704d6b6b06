from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How long what was noted about persons is kept."""

    _inherit = "res.config.settings"

    retention_keep_events = fields.Integer(
        related="company_id.retention_keep_events", readonly=False
    )
    retention_keep_notes = fields.Integer(
        related="company_id.retention_keep_notes", readonly=False
    )
    retention_keep_decisions = fields.Integer(
        related="company_id.retention_keep_decisions", readonly=False
    )
    retention_forget_months = fields.Integer(
        related="company_id.retention_forget_months", readonly=False
    )
