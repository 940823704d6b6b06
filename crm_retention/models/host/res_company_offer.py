from odoo import fields, models


class ResCompany(models.Model):
    """What counts for the next best offer."""

    _inherit = "res.company"

    retention_offer_months = fields.Integer(
        string="Purchases of the Last (months)", default=24
    )
    retention_offer_horizon = fields.Integer(string="Next within (days)", default=180)
    retention_offer_least = fields.Integer(string="From so Many Cases", default=10)
    retention_offer_quiet_days = fields.Integer(
        string="Not Again within (days)", default=90
    )
    retention_offers_on = fields.Date(
        string="Offers Counted on", readonly=True, copy=False
    )

    _retention_offer_sane = models.Constraint(
        """CHECK (retention_offer_months BETWEEN 1 AND 120
            AND retention_offer_horizon BETWEEN 1 AND 3650
            AND retention_offer_least BETWEEN 3 AND 1000
            AND retention_offer_quiet_days BETWEEN 0 AND 3650)""",
        "Offers look back from 1 to 120 months and need at least 3 cases; days are "
        "from 1 up, and at most 3,650.",
    )
