from odoo import fields, models
from odoo.tools import SQL

STATES = [
    ("delivered", "Delivered"),
    ("bounced", "Not Delivered"),
    ("held_out", "Kept for Comparison"),
    ("left_out", "Left Out or Waiting"),
]


class RetentionMailingReach(models.Model):
    """One customer and one mass mailing meant for it: what became of it.

    Derived by the measure step from the contacts, the guard's log and the documents;
    never written otherwise.
    """

    _name = "retention.mailing.reach"
    _inherit = ["retention.amounts"]
    _description = "Campaign Recipient"
    _rec_name = "partner_id"
    _order = "day desc, id desc"
    _log_access = False

    profile_id = fields.Many2one(
        comodel_name="retention.profile",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    mailing_id = fields.Many2one(
        comodel_name="mailing.mailing",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    day = fields.Date(
        required=True, readonly=True, help="When it was sent, or would have been."
    )
    state = fields.Selection(selection=STATES, required=True, readonly=True)
    opened = fields.Boolean(readonly=True)
    clicked = fields.Boolean(readonly=True)
    replied = fields.Boolean(readonly=True)
    orders = fields.Integer(
        string="Purchases after", readonly=True, help="Within the days looked at."
    )
    revenue = fields.Monetary(
        string="Revenue after",
        readonly=True,
        help="Without taxes, refunds deducted, in company currency.",
    )
    within_days = fields.Integer(
        string="Days Looked at", readonly=True, aggregator=None
    )
    customer_count = fields.Integer(
        string="Customers",
        compute="_compute_customer_count",
        aggregator="count_distinct",
        help="Each customer counted once.",
    )
    current_tier_id = fields.Many2one(related="profile_id.tier_id", string="Tier Today")
    segment_id = fields.Many2one(
        related="profile_id.segment_id", string="Segment Today"
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    team_id = fields.Many2one(related="partner_id.user_id.sale_team_id")
    industry_id = fields.Many2one(related="partner_id.industry_id")
    country_id = fields.Many2one(related="partner_id.country_id")
    region_id = fields.Many2one(related="partner_id.state_id", string="Region")

    _customer_unique = models.UniqueIndex(
        "(partner_id, company_id, mailing_id)",
        "A customer has one row a mailing.",
    )
    _day_idx = models.Index("(company_id, day)")
    _profile_idx = models.Index("(profile_id)")
    _mailing_idx = models.Index("(mailing_id)")

    def _compute_customer_count(self):
        self.customer_count = 1

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec != "customer_count:count_distinct":
            return super()._read_group_select(aggregate_spec, query)
        column = self._field_to_sql(self._table, "profile_id", query)
        return SQL("COUNT(DISTINCT %s)", column)

    def action_open_customer(self):
        """Open the profile of the customer."""
        self.ensure_one()
        return self.profile_id.get_formview_action()
