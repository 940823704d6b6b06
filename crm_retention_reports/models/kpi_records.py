from odoo import models
from odoo.fields import Domain

from ..report.scope import ALL
from ..tools.blocks import Target
from ..tools.kpi import COMPANY, TIER, USER
from .kpi_sql import KpiSQL

LISTED = 5_000  # ids that a list can hold
CUSTOMERS = "retention.profile"
TICKETS = "retention.service.report"
# code → model and the path from it to the customer; all others open customers
SOURCES = {
    "nps": ("retention.feedback", "partner_id"),
    "satisfaction": ("retention.feedback", "partner_id"),
    "first_answer": (TICKETS, "partner_id"),
    "answered_in_time": (TICKETS, "partner_id"),
    "complaints_24h": (TICKETS, "partner_id"),
    "targeting": ("retention.alert", "partner_id"),
    "breakage": ("retention.points.entry", "partner_id"),
}


class RetentionKpi(models.Model):
    """The records behind a figure."""

    _inherit = "retention.kpi"

    def _is_about_customers(self):
        """Tell whether a figure opens customers, not what was said or done to them."""
        return self.code not in SOURCES

    def _get_source(self):
        """Return (model, path to the customer) of what a figure opens for the reader.

        Who sees not all customers may not read all tickets of his own ones: he is shown
        these customers.
        """
        model, path = SOURCES.get(self.code, (CUSTOMERS, "partner_id"))
        if model == TICKETS and not self.env.user.has_groups(ALL):
            return CUSTOMERS, "partner_id"
        return model, path

    def _get_records(self, scope, dimension=COMPANY, key=False):
        """Return the :class:`tools.blocks.Target` of a figure of a scope.

        The answers, tickets, alerts or entries that it is taken of; of figures about
        customers those who count in it, the first 5,000 where there are more.
        """
        self.ensure_one()
        statements = KpiSQL(scope)
        model, path = self._get_source()
        is_about = self._is_about_customers()
        if model == CUSTOMERS:
            ids = statements.partners(self.code, LISTED, dimension, key, is_about)
            domain = Domain("partner_id", "in", ids)
            domain &= Domain("company_id", "=", scope.company.id)
            return Target(model, list(domain), self.name)
        domain = getattr(self, f"_get_domain_{model.rpartition('.')[2]}")(statements)
        domain &= Domain("company_id", "=", scope.company.id)
        sees_all = self.env.user.has_groups(ALL)
        if sees_all and scope.domain.is_true() and dimension != TIER:
            domain &= self._among_people(path, dimension, key)
        else:
            ids = statements.partners(self.code, LISTED, dimension, key, is_about)
            domain &= Domain(path, "in", ids)
        return Target(model, list(domain), self.name)

    def _get_records_of(self, scope, ids):
        """Return the same where the customers behind the figure are known."""
        self.ensure_one()
        model, path = self._get_source()
        if self.is_whole:
            return None
        domain = Domain("company_id", "=", scope.company.id)
        if model != CUSTOMERS:
            statements = KpiSQL(scope)
            domain &= getattr(self, f"_get_domain_{model.rpartition('.')[2]}")(
                statements
            )
        if model == CUSTOMERS or scope.domain or not self.env.user.has_groups(ALL):
            domain &= Domain(path, "in", ids)
        return Target(model, list(domain), self.name)

    def _among_people(self, path, dimension, key):
        """Return the condition that a customer is of a team or a person."""
        if dimension == COMPANY:
            return Domain.TRUE
        nobody = Domain(f"{path}.user_id", "=", False)
        if dimension == USER:
            return Domain(f"{path}.user_id", "=", key) if key else nobody
        of_team = Domain(f"{path}.user_id.sale_team_id", "=", key)
        return of_team if key else of_team | nobody

    def _get_domain_feedback(self, statements):
        begin, end = str(statements.begin), str(statements.end)
        kind = "nps" if self.code == "nps" else "csat"
        invited = Domain("invited_at", ">=", begin) & Domain("invited_at", "<", end)
        given = Domain("answered_at", ">=", begin) & Domain("answered_at", "<", end)
        return (
            Domain("kind", "=", kind)
            & Domain("state", "=", "answered")
            & (invited | (Domain("invited_at", "=", False) & given))
        )

    def _get_domain_report(self, statements):
        domain = (
            Domain("partner_id", "!=", False)
            & Domain("received_on", ">=", str(statements.begin))
            & Domain("received_on", "<", str(statements.end))
        )
        if self.code == "complaints_24h":
            return domain & Domain("kind", "=", "complaint")
        if self.code == "answered_in_time":
            return domain & Domain("answer_state", "in", ["met", "missed"])
        return (
            domain
            & Domain("is_in_hours", "=", True)
            & Domain("answer_state", "!=", "void")
        )

    def _get_domain_alert(self, statements):
        return (
            Domain("state", "in", ["saved", "lost", "false"])
            & Domain("closed_on", ">=", str(statements.first))
            & Domain("closed_on", "<=", str(statements.last))
        )

    def _get_domain_entry(self, statements):
        spent = Domain("kind", "in", ["expire", "redeem"])
        undone = Domain("reverses_id.kind", "=", "redeem")
        return (
            (spent | undone)
            & Domain("date", ">=", str(statements.first))
            & Domain("date", "<=", str(statements.last))
        )
