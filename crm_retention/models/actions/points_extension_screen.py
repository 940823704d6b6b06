from odoo import fields, models


class RetentionPointsExtension(models.Model):
    _inherit = "retention.points.extension"

    company_id = fields.Many2one(related="award_id.account_id.company_id")
