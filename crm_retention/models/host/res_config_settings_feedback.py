from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How satisfaction is asked for, and what follows from the answers."""

    _inherit = "res.config.settings"

    retention_csat_hours = fields.Integer(
        related="company_id.retention_csat_hours", readonly=False
    )
    retention_survey_id = fields.Many2one(
        related="company_id.retention_survey_id", readonly=False
    )
    retention_call_back_hours = fields.Integer(
        related="company_id.retention_call_back_hours", readonly=False
    )
    retention_call_back_first = fields.Selection(
        related="company_id.retention_call_back_first", readonly=False
    )
    retention_call_back_user_id = fields.Many2one(
        related="company_id.retention_call_back_user_id", readonly=False
    )
    retention_ask_promoters = fields.Boolean(
        related="company_id.retention_ask_promoters", readonly=False
    )
