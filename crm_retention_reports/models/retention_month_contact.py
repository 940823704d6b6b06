from odoo import fields, models
from odoo.tools import SQL

RATIOS = {  # percent of the contacts
    "answer_share:avg": ("answers", "touches"),
    "order_share:avg": ("conversions", "touches"),
}


class RetentionMonthContact(models.Model):
    """Contacts with one customer in one month by one channel, and what came after.

    Contacts are those that began with us and took place or were tried, personal ones
    and mailings; messages about orders are counted apart. Derived by the measure step
    from the contacts and documents; never written otherwise.
    """

    _name = "retention.month.contact"
    _inherit = ["retention.amounts"]
    _description = "Contacts by Channel"
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
    channel_id = fields.Many2one(
        comodel_name="retention.channel",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    touches = fields.Integer(
        string="Contacts",
        readonly=True,
        help="Begun by us, personal ones and mailings, also those that reached nobody.",
    )
    mailings = fields.Integer(
        readonly=True, help="Of the contacts, mass mailings and notifications."
    )
    reached = fields.Integer(
        readonly=True, help="Of the contacts, those that got through."
    )
    answers = fields.Integer(
        readonly=True,
        help="Of the contacts, those answered: also by a click or a reply. Opening a "
        "mailing is no answer.",
    )
    mailing_answers = fields.Integer(
        string="Mailings Answered", readonly=True, help="By a click or a reply."
    )
    opened = fields.Integer(string="Mailings Opened", readonly=True)
    clicked = fields.Integer(string="Mailings Clicked", readonly=True)
    notices = fields.Integer(
        string="Messages about Orders",
        readonly=True,
        help="Confirmations, invoices and the like; not among the contacts.",
    )
    incoming = fields.Integer(
        string="From the Customer",
        readonly=True,
        help="Begun by the customer. Purchases are not counted here.",
    )
    conversions = fields.Integer(
        string="Contacts Followed by a Purchase", readonly=True
    )
    orders = fields.Integer(
        string="Purchases after",
        readonly=True,
        help="Each purchase counts for the last contact before it, within the days "
        "set. That it came after does not say that it came of it.",
    )
    revenue = fields.Monetary(
        string="Revenue after",
        readonly=True,
        help="Of these purchases, without taxes, in company currency; refunds are not "
        "deducted.",
    )
    within_days = fields.Integer(
        string="Days Looked at",
        readonly=True,
        aggregator=None,
        help="So many days after a contact a purchase counts for it.",
    )
    answer_share = fields.Float(
        string="Answered (%)", compute="_compute_shares", aggregator="avg"
    )
    order_share = fields.Float(
        string="Followed by a Purchase (%)",
        compute="_compute_shares",
        aggregator="avg",
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
        "(partner_id, company_id, month, channel_id)",
        "A customer has one row a month and channel.",
    )
    _month_idx = models.Index("(company_id, month)")
    _profile_idx = models.Index("(profile_id)")
    _channel_idx = models.Index("(channel_id)")

    def _compute_shares(self):
        for row in self:
            row.answer_share = 100 * row.answers / row.touches if row.touches else 0
            row.order_share = 100 * row.conversions / row.touches if row.touches else 0

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec not in RATIOS:
            return super()._read_group_select(aggregate_spec, query)
        above, below = (
            self._field_to_sql(self._table, name, query)
            for name in RATIOS[aggregate_spec]
        )
        return SQL("100.0 * SUM(%s) / NULLIF(SUM(%s), 0)", above, below)

    def action_open_customer(self):
        """Open the profile of the customer."""
        self.ensure_one()
        return self.profile_id.get_formview_action()
