from odoo import api, fields, models
from odoo.tools import SQL


class RetentionCustomerReport(models.AbstractModel):
    """For views of rows that speak of customers: what they are grouped by today.

    A view selects ``%(customer)s`` from :meth:`_customer_columns` and joins
    :meth:`_customer_joins`.
    """

    _name = "retention.customer.report"
    _inherit = ["retention.amounts"]
    _description = "Rows of Customers"

    tier_id = fields.Many2one(
        comodel_name="retention.tier",
        string="Tier Today",
        readonly=True,
        help="The tier that the customer holds now.",
    )
    segment_id = fields.Many2one(
        comodel_name="retention.segment", string="Segment Today", readonly=True
    )
    salesperson_id = fields.Many2one(
        comodel_name="res.users",
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

    _customer_depends = {
        "retention.profile": ["partner_id", "company_id", "tier_id", "segment_id"],
        "res.company": ["currency_id"],
        "res.partner": ["user_id", "industry_id", "country_id", "state_id"],
        "res.users": ["sale_team_id"],
    }

    @api.model
    def _customer_columns(self) -> SQL:
        return SQL(
            """company.currency_id, profile.tier_id, profile.segment_id,
               customer.user_id AS salesperson_id, seller.sale_team_id AS team_id,
               customer.industry_id, customer.country_id, customer.state_id"""
        )

    @api.model
    def _customer_joins(self, row) -> SQL:
        """Return the joins for rows of alias ``row``: partner_id, company_id."""
        return SQL(
            """
            LEFT JOIN res_company company ON company.id = %(row)s.company_id
            LEFT JOIN res_partner customer ON customer.id = %(row)s.partner_id
            LEFT JOIN res_users seller ON seller.id = customer.user_id
            LEFT JOIN retention_profile profile
              ON profile.partner_id = %(row)s.partner_id
             AND profile.company_id = %(row)s.company_id
            """,
            row=SQL.identifier(row),
        )
