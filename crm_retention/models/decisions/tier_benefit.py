from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RetentionTier(models.Model):
    """What a tier gives its customers besides points."""

    _inherit = "retention.tier"

    pricelist_id = fields.Many2one(
        comodel_name="product.pricelist",
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        ondelete="restrict",
        help="Set on customers while they hold the tier; the one they had before comes "
        "back when they leave it. What a person chooses meanwhile stays.",
    )
    manager_id = fields.Many2one(
        comodel_name="res.users",
        string="Account Manager",
        domain="[('share', '=', False)]",
        ondelete="restrict",
        help="Becomes the salesperson of customers of this tier who have none.",
    )
    reward_ids = fields.Many2many(
        comodel_name="retention.reward",
        string="Reserved Rewards",
        help="Rewards that only customers of this tier (and others named there) get.",
    )

    @api.constrains("pricelist_id", "program_id")
    def _check_pricelist(self):
        for tier in self:
            company = tier.pricelist_id.company_id
            if company and company != tier.company_id:
                raise ValidationError(
                    self.env._(
                        "The pricelist %(pricelist)s belongs to another company.",
                        pricelist=tier.pricelist_id.name,
                    )
                )
