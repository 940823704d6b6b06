from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import behavior, lifecycle

BEHAVIORS = [
    ("prospect", "Prospect"),
    ("new", "First purchase"),
    ("occasional", "Occasional buyer"),
    ("regular", "Regular buyer"),
    ("quiet", "Gone quiet"),
    ("lost", "Lost"),
]
TYPES = [("company", "Company"), ("person", "Person")]


class RetentionProfile(models.Model):
    """To which class a customer belongs: industry, region, type and behavior.

    Nothing of it is stored: it is the contact's own data, or follows from the stage
    and the number of purchases. So it never goes out of date, and no night writes it.
    """

    _inherit = "retention.profile"

    behavior = fields.Selection(
        selection=BEHAVIORS,
        string="Buying Behavior",
        compute="_compute_behavior",
        search="_search_behavior",
        help="First purchase: has bought once, lately. Occasional: more than once, but "
        "not often enough for an own rhythm. Regular: buys in an own rhythm. Gone "
        "quiet: at risk or dormant. The numbers stand in the settings.",
    )
    customer_type = fields.Selection(
        selection=TYPES,
        compute="_compute_customer_type",
        search="_search_customer_type",
    )
    state_id = fields.Many2one(related="partner_id.state_id", string="Region")

    # ---- behavior ------------------------------------------------------------------

    @api.depends(
        "stage_id", "purchase_count", "is_prospect", "company_id", "no_profiling"
    )
    def _compute_behavior(self):
        for profile in self:
            profile.behavior = not profile.no_profiling and behavior.behavior(
                profile.stage_id.code,
                profile.purchase_count,
                profile.is_prospect,
                profile.company_id.retention_own_from,
            )

    @api.model
    def _get_behavior_domains(self):
        """Return the domain of each behavior, of which the first that fits counts.

        The same as :func:`tools.behavior.behavior`, for the companies of the database.
        """
        silent = Domain("stage_id.code", "in", (lifecycle.AT_RISK, lifecycle.DORMANT))
        # sudo: a number of purchases, of companies whose profiles are found by rule
        companies = self.env["res.company"].sudo().search([("active", "=", True)])
        rhythm = Domain.OR(
            Domain("company_id", "in", some.ids) & Domain("purchase_count", ">=", count)
            for count, some in companies.grouped("retention_own_from").items()
        )
        bought = Domain("purchase_count", ">", 0)
        return {
            "lost": bought & Domain("stage_id.code", "=", lifecycle.LOST),
            "quiet": bought & silent,
            "regular": bought & rhythm,
            "occasional": Domain("purchase_count", ">", 1),
            "new": bought,
            "prospect": Domain("is_prospect", "=", True),
        }

    def _search_behavior(self, operator, value):
        if operator != "in":
            return NotImplemented
        fits, before = [], Domain.FALSE
        private = Domain("no_profiling", "=", True)
        for name, domain in self._get_behavior_domains().items():
            if name in value:
                fits.append(domain & ~before & ~private)
            before |= domain
        if False in value:
            fits.append(~before | private)
        return Domain.OR(fits)

    # ---- type ----------------------------------------------------------------------

    @api.depends("partner_id.is_company")
    def _compute_customer_type(self):
        for profile in self:
            profile.customer_type = (
                "company" if profile.partner_id.is_company else "person"
            )

    def _search_customer_type(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(
            Domain("partner_id.is_company", "=", name == "company")
            for name, _label in TYPES
            if name in value
        )

    # ---- grouping ------------------------------------------------------------------

    def _field_to_sql(self, alias, field_expr, query=None):
        """Give the classes their SQL, so that lists and reports can group by them."""
        if field_expr == "behavior":
            domains = {
                name: self._search_behavior("in", [name]) for name, _label in BEHAVIORS
            }
        elif field_expr == "customer_type":
            domains = {
                name: self._search_customer_type("in", [name]) for name, _label in TYPES
            }
        else:
            return super()._field_to_sql(alias, field_expr, query)
        cases = SQL(" ").join(
            SQL(
                "WHEN %s THEN %s",
                Domain(domain).optimize_full(self)._to_sql(self, alias, query),
                name,
            )
            for name, domain in domains.items()
        )
        return SQL("CASE %s END", cases)
