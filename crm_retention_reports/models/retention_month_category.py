from odoo import api, fields, models

from .category_sql import KEYS, CategorySQL
from .month_sql import replace_rows


class RetentionMonthCategory(models.Model):
    """What one customer bought of one product category in one month: one narrow row.

    Derived from the lines of invoices, orders and tills by the measure step; never
    written otherwise. Purchases from elsewhere name no products and have no row.
    """

    _name = "retention.month.category"
    _inherit = ["retention.amounts"]
    _description = "Purchases by Category"
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
    category_id = fields.Many2one(
        comodel_name="product.category",
        string="Product Category",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    revenue = fields.Monetary(
        readonly=True, help="Without taxes, refunds deducted, in company currency."
    )
    tier_id = fields.Many2one(related="profile_id.tier_id", string="Tier Today")
    segment_id = fields.Many2one(
        related="profile_id.segment_id", string="Segment Today"
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    team_id = fields.Many2one(
        related="partner_id.user_id.sale_team_id", string="Sales Team"
    )
    industry_id = fields.Many2one(related="partner_id.industry_id")
    country_id = fields.Many2one(related="partner_id.country_id")
    state_id = fields.Many2one(related="partner_id.state_id", string="Region")

    _customer_unique = models.UniqueIndex(
        "(partner_id, company_id, month, category_id)",
        "A customer has one row a month and category.",
    )
    _profile_idx = models.Index("(profile_id)")
    _category_idx = models.Index("(category_id)")

    @api.model
    def _measure(self, company, customer_ids, as_of):
        """Make the rows of these customers right; return how many changed."""
        fresh = CategorySQL(company, as_of, customer_ids).months()
        [(changed,)] = self.env.execute_query(
            replace_rows(self._table, KEYS, ("revenue",), fresh, customer_ids, company)
        )
        self.invalidate_model()
        return changed

    def action_open_customer(self):
        """Open the profile of the customer."""
        self.ensure_one()
        return self.profile_id.get_formview_action()
