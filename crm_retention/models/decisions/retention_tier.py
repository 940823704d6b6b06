from odoo import fields, models


class RetentionTier(models.Model):
    """What a tier's customers earn."""

    _inherit = "retention.tier"

    points_factor = fields.Float(
        string="Points ×",
        default=1.0,
        digits=(8, 2),
        help="Purchases made while a customer holds this tier earn the ordinary "
        "points times this.",
    )

    _points_factor_sane = models.Constraint(
        "CHECK (points_factor >= 0 AND points_factor <= 1000)",
        "The multiple of points is a number from 0 to 1,000.",
    )
