from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_retention.models.facts.retention_transaction import SOURCES

# measures that are quotients of sums: never the mean of the rows' quotients
RATIOS = {
    "customer_average:avg": ("amount", "COUNT(DISTINCT %s)", "customer_count"),
    "refund_share:avg": ("refunded", "SUM(%s) / 100", "sold"),
}


class RetentionRevenueReport(models.Model):
    """Revenue documents, each with the tier that its customer held on that day.

    Read only. What was bought before the first evaluation has no tier: nobody knew
    one then, and none is made up afterwards.
    """

    _name = "retention.revenue.report"
    _inherit = ["retention.amounts"]
    _description = "Revenue by Tier"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "reference"

    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    date = fields.Date(readonly=True)
    amount = fields.Monetary(
        string="Revenue", readonly=True, help="Without taxes, refunds deducted."
    )
    sold = fields.Monetary(readonly=True, help="Without taxes, before refunds.")
    refunded = fields.Monetary(
        string="Refunds", readonly=True, help="Without taxes, as a positive number."
    )
    purchase_count = fields.Integer(string="Purchases", readonly=True)
    customer_count = fields.Integer(
        string="Customers",
        readonly=True,
        aggregator="count_distinct",
        help="Each customer counted once, however much he bought.",
    )
    customer_average = fields.Monetary(
        string="Revenue per Customer",
        readonly=True,
        aggregator="avg",
        help="Revenue divided by the number of different customers.",
    )
    refund_share = fields.Float(
        string="Refunds (% of Sold)", readonly=True, aggregator="avg"
    )
    kind = fields.Selection(
        selection=[("sale", "Purchase"), ("refund", "Refund")], readonly=True
    )
    source = fields.Selection(selection=SOURCES, readonly=True)
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Document", model_field="res_model", readonly=True, aggregator=None
    )
    reference = fields.Char(readonly=True)
    tier_id = fields.Many2one(
        comodel_name="retention.tier",
        string="Tier Held Then",
        readonly=True,
        help="The tier that the customer held on the day of the document.",
    )
    band = fields.Selection(
        selection=[
            ("high", "High"),
            ("middle", "Middle"),
            ("low", "Low"),
            ("none", "No tier yet"),
        ],
        string="Band Then",
        readonly=True,
    )
    segment_id = fields.Many2one(
        comodel_name="retention.segment", string="Segment Today", readonly=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        readonly=True,
        help="The customer's salesperson today.",
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales Team",
        readonly=True,
        help="The team of the customer's salesperson today.",
    )
    industry_id = fields.Many2one(comodel_name="res.partner.industry", readonly=True)
    country_id = fields.Many2one(comodel_name="res.country", readonly=True)
    state_id = fields.Many2one(
        comodel_name="res.country.state", string="Region", readonly=True
    )

    _depends = {
        "retention.transaction": ["partner_id", "company_id", "date", "amount"],
        "retention.membership": [
            "partner_id",
            "company_id",
            "tier_id",
            "date_from",
            "date_to",
            "end_cause",
        ],
        "retention.profile": ["partner_id", "company_id", "segment_id"],
        "retention.tier": ["band"],
        "res.company": ["currency_id"],
        "res.partner": ["user_id", "industry_id", "country_id", "state_id"],
        "res.users": ["sale_team_id"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL("%s %s", self._select(), self._from())

    def _select(self) -> SQL:
        return SQL(
            """
            SELECT doc.id, doc.partner_id, doc.partner_id AS customer_count,
                   doc.company_id, company.currency_id, doc.date, doc.amount,
                   GREATEST(doc.amount, 0) AS sold,
                   GREATEST(-doc.amount, 0) AS refunded,
                   (doc.kind = 'sale')::integer AS purchase_count,
                   doc.amount AS customer_average,
                   CASE WHEN doc.kind = 'refund' THEN 100 ELSE 0 END AS refund_share,
                   doc.kind, doc.source, doc.res_model, doc.res_id, doc.reference,
                   %(tier)s AS tier_id, COALESCE(%(band)s, 'none') AS band,
                   profile.segment_id,
                   customer.user_id, customer.industry_id, customer.country_id,
                   customer.state_id, seller.sale_team_id AS team_id
            """,
            tier=self._held(SQL("held.tier_id")),
            band=self._held(SQL("tier.band")),
        )

    def _from(self) -> SQL:
        return SQL(
            """
              FROM (%s) doc
              JOIN res_company company ON company.id = doc.company_id
              LEFT JOIN res_partner customer ON customer.id = doc.partner_id
              LEFT JOIN res_users seller ON seller.id = customer.user_id
              LEFT JOIN retention_profile profile
                ON profile.partner_id = doc.partner_id
               AND profile.company_id = doc.company_id
            """,
            self.env["retention.transaction"]._table_query,
        )

    def _held(self, column) -> SQL:
        """Return the sub-select of ``column`` of the membership on the day of ``doc``.

        One row at most, also where two histories were merged into one customer, so
        that no document counts twice. A sub-select costs nothing where nobody asks.
        """
        return SQL(
            """
            (SELECT %s FROM retention_membership held
               JOIN retention_tier tier ON tier.id = held.tier_id
              WHERE held.partner_id = doc.partner_id
                AND held.company_id = doc.company_id AND held.date_from <= doc.date
                AND (held.date_to IS NULL OR held.date_to > doc.date)
              ORDER BY held.end_cause IS NOT NULL, held.date_from DESC, held.id DESC
              LIMIT 1)
            """,
            column,
        )

    @api.model
    def _reads_groups_apart(self):
        return True

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec not in RATIOS:
            return super()._read_group_select(aggregate_spec, query)
        above, below, column = RATIOS[aggregate_spec]
        return SQL(
            "SUM(%s) / NULLIF(%s, 0)",
            self._field_to_sql(self._table, above, query),
            SQL(below, self._field_to_sql(self._table, column, query)),
        )

    def action_open_document(self):
        """Open the document that this row stands for."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }
