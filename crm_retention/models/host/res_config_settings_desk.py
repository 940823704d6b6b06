from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """How tickets of the better customers begin."""

    _inherit = "res.config.settings"

    retention_priority_high = fields.Selection(
        related="company_id.retention_priority_high", readonly=False
    )
    retention_priority_middle = fields.Selection(
        related="company_id.retention_priority_middle", readonly=False
    )
