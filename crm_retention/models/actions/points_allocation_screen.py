from odoo import fields, models


class RetentionPointsAllocation(models.Model):
    """From which points an entry took: named for people."""

    _inherit = "retention.points.allocation"

    award_date = fields.Date(related="award_id.date", string="From Those of")
    award_points = fields.Integer(related="award_id.points", string="Given")
    award_expires_on = fields.Date(related="award_id.expires_on", string="Expires")
    company_id = fields.Many2one(related="award_id.account_id.company_id")
