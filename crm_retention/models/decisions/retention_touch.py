from odoo import fields, models


class RetentionTouch(models.Model):
    """What a planned touch owes to a policy."""

    _inherit = "retention.touch"

    cadence_id = fields.Many2one(
        comodel_name="retention.cadence", string="Rhythm", ondelete="set null"
    )
    policy_id = fields.Many2one(related="cadence_id.policy_id")

    # exactly one open planned touch of a customer and line
    _plan_unique = models.UniqueIndex(
        "(partner_id, company_id, cadence_id)"
        " WHERE state = 'planned' AND cadence_id IS NOT NULL",
        "This customer has a planned contact of this rhythm already.",
    )
