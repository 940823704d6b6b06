from odoo import fields, models
from odoo.tools import SQL


class RetentionMonth(models.Model):
    """What one customer did in one month, and what was done: one narrow row.

    The reports of the addon read these rows instead of every document and contact.
    There is a row for a month in which anything happened. Derived from the documents
    by the measure step, as of the evening before; never written otherwise.
    """

    _name = "retention.month"
    _inherit = ["retention.amounts"]
    _description = "Customer Month"
    _rec_name = "partner_id"
    _order = "month desc, id desc"
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
    month = fields.Date(required=True, readonly=True, help="Its first day.")
    first_month = fields.Date(
        string="Month of the First Purchase",
        readonly=True,
        help="Empty: has not bought yet.",
    )
    purchases = fields.Integer(readonly=True)
    revenue = fields.Monetary(
        readonly=True, help="Without taxes, refunds deducted, in company currency."
    )
    gap_before = fields.Integer(
        string="Months since the Purchase before",
        readonly=True,
        aggregator=None,
        help="From the month of the purchase before to this one. 0: the first one. Of "
        "months with a purchase only.",
    )
    gap_after = fields.Integer(
        string="Months until the Next Purchase",
        readonly=True,
        aggregator=None,
        help="0: none so far. Of months with a purchase only.",
    )
    contacts = fields.Integer(
        readonly=True,
        help="Personal contacts that took place, whoever began them; without mass "
        "mailings.",
    )
    answers = fields.Integer(
        readonly=True,
        help="Of these, what the customer answered or began.",
    )
    mailings = fields.Integer(readonly=True, help="Mass mailings and notifications.")
    complaints = fields.Integer(
        readonly=True, help="Tickets that are complaints; duplicates are left out."
    )
    objections = fields.Integer(
        string="Opt-outs",
        readonly=True,
        help="Consents refused or withdrawn.",
    )
    tier_id = fields.Many2one(
        comodel_name="retention.tier",
        string="Tier Held Then",
        readonly=True,
        ondelete="set null",
        help="On the last day of the month.",
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
    state_id = fields.Many2one(related="partner_id.state_id", string="Region")

    _customer_unique = models.UniqueIndex(
        "(partner_id, company_id, month)", "A customer has one row a month."
    )
    # reports read the months of many customers: from the index alone, half the time
    _month_idx = models.Index(
        "(company_id, month) INCLUDE (profile_id, purchases, first_month, gap_before,"
        " gap_after, revenue)"
    )
    _profile_idx = models.Index("(profile_id)")

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
