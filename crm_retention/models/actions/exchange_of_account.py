from odoo import fields, models


class RetentionPointsAccount(models.Model):
    """What a customer got for his points."""

    _inherit = "retention.points.account"

    reward_exchange_ids = fields.One2many(
        comodel_name="retention.reward.exchange",
        inverse_name="account_id",
        string="Rewards",
    )
