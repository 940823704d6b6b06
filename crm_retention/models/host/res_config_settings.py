from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    retention_revenue_source = fields.Selection(
        related="company_id.retention_revenue_source", readonly=False, required=True
    )
    retention_night_hour = fields.Integer(
        related="company_id.retention_night_hour", readonly=False
    )

    def set_values(self):
        """Note that a person chose the revenue source, once it was changed here."""
        before = self.company_id.retention_revenue_source
        result = super().set_values()
        if self.retention_revenue_source != before:
            self.company_id.retention_source_chosen = True
        return result
