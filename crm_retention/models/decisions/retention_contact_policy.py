from odoo import fields, models


class RetentionContactPolicy(models.Model):
    """How often, how deeply and by whom a group of customers is to be contacted.

    A customer is served by the first policy, in order of ``sequence``, whose tiers,
    bands, stages and domain all fit him; an empty criterion fits everybody.
    """

    _name = "retention.contact.policy"
    _inherit = ["mail.thread"]
    _description = "Contact Policy"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(string="Priority", default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        default=lambda self: self.env.user,
        ondelete="set null",
        help="Is warned when complaints or opt-outs rise; the domain is read with "
        "this person's rights.",
    )
    tier_ids = fields.Many2many(
        comodel_name="retention.tier", string="Tiers", check_company=True
    )
    band = fields.Selection(
        selection=[("high", "High"), ("middle", "Middle"), ("low", "Low")],
        help="All tiers of this band. Empty: every tier.",
    )
    stage_ids = fields.Many2many(comodel_name="retention.stage", string="Stages")
    domain = fields.Char(string="Only Contacts Where", default="[]")
    pilot_share = fields.Integer(
        string="Share of Customers (%)",
        default=100,
        help="Below 100 the policy is a pilot: always the same share of the customers "
        "gets it, the rest the next policy that fits.",
    )
    description = fields.Text(translate=True)
    cadence_ids = fields.One2many(
        comodel_name="retention.cadence", inverse_name="policy_id", copy=True
    )

    _share = models.Constraint(
        "CHECK (pilot_share BETWEEN 1 AND 100)",
        "The share of customers is a number from 1 to 100.",
    )
