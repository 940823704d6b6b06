from odoo import fields, models


class RetentionPointsProgram(models.Model):
    """What customers of a program get for bringing friends."""

    _inherit = "retention.points.program"

    referral_points = fields.Integer(
        string="For Bringing a Friend",
        tracking=True,
        help="Points for who brought a new customer in. 0 here and beside: there is no "
        "referral link.",
    )
    friend_points = fields.Integer(
        string="For the Friend",
        tracking=True,
        help="Points for the new customer.",
    )
    referral_hold_days = fields.Integer(
        string="Hold (days)",
        default=14,
        tracking=True,
        help="So long after the friend's first paid order both get their points. If "
        "the order is refunded until then, the next one counts.",
    )
    referral_least = fields.Monetary(
        string="First Order at Least",
        tracking=True,
        help="A smaller order of the friend does not count, without taxes.",
    )
    referral_review = fields.Selection(
        selection=[
            ("never", "Never"),
            ("many", "When a customer brings many"),
            ("always", "Always"),
        ],
        string="A Person Looks First",
        default="many",
        required=True,
        tracking=True,
    )
    referral_many = fields.Integer(
        string="More Than",
        default=5,
        tracking=True,
        help="Friends of one customer within 30 days.",
    )
    has_referral = fields.Boolean(compute="_compute_has_referral")

    _referral_sane = models.Constraint(
        """CHECK (referral_points BETWEEN 0 AND 1000000
              AND friend_points BETWEEN 0 AND 1000000
              AND referral_hold_days BETWEEN 0 AND 3650
              AND referral_least >= 0 AND referral_many >= 0)""",
        "Points for friends are from 0 to 1,000,000, days from 0 to 3,650, and the "
        "rest is 0 or more.",
    )

    def _compute_has_referral(self):
        for program in self:
            program.has_referral = bool(
                program.active and (program.referral_points or program.friend_points)
            )
