from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Who hears of broken promises."""

    _inherit = "res.config.settings"

    retention_service_manager_id = fields.Many2one(
        related="company_id.retention_service_manager_id", readonly=False
    )
