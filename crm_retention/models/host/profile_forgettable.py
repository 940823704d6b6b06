from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

SIGNS = (
    "last_purchase",
    "last_interaction",
    "last_contact",
    "last_answer",
    "last_event",
)


class RetentionProfile(models.Model):
    """Customers of whom nothing was heard for so long that they may be forgotten."""

    _inherit = "retention.profile"

    is_forgettable = fields.Boolean(
        string="Proposed to Be Forgotten",
        compute="_compute_is_forgettable",
        search="_search_is_forgettable",
        help="No purchase, request, contact or login for as many months as the "
        "settings say.",
    )

    def _compute_is_forgettable(self):
        found = self.with_context(active_test=False).filtered_domain(
            self._get_forgettable_domain()
        )
        for profile in self:
            profile.is_forgettable = profile in found

    def _search_is_forgettable(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_forgettable_domain()

    @api.model
    def _get_forgettable_domain(self):
        domains = []
        for company in self.env.companies:
            months = company.retention_forget_months
            if not months:
                continue
            day = company._retention_today() - relativedelta(months=months)
            silent = Domain.AND(
                Domain(sign, "=", False) | Domain(sign, "<", day) for sign in SIGNS
            )
            known = Domain("partner_id.create_date", "<", day)
            domains.append(Domain("company_id", "=", company.id) & silent & known)
        return Domain.OR(domains)
