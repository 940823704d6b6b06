from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How planned contacts are carried out."""

    _inherit = "res.config.settings"

    retention_sending = fields.Boolean(
        related="company_id.retention_sending", readonly=False
    )
    retention_holdout_share = fields.Integer(
        related="company_id.retention_holdout_share", readonly=False
    )
    retention_undo_seconds = fields.Integer(
        related="company_id.retention_undo_seconds", readonly=False
    )
    retention_watch_percent = fields.Float(
        related="company_id.retention_watch_percent", readonly=False
    )
    retention_watch_least = fields.Integer(
        related="company_id.retention_watch_least", readonly=False
    )
    retention_watch_stops = fields.Boolean(
        related="company_id.retention_watch_stops", readonly=False
    )
