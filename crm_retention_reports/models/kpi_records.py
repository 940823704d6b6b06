from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from ..report.scope import ALL
from ..tools.blocks import Target
from ..tools.kpi import COMPANY, TEAM, TIER, USER
from .kpi_sql import KpiSQL

LISTED = 5_000  # ids that a list can hold
CUSTOMERS = "retention.profile"
# code → model and the path from it to the customer; all others open customers
SOURCES = {
    "nps": ("retention.feedback", "partner_id"),
    "satisfaction": ("retention.feedback", "partner_id"),
    "first_answer": ("helpdesk.ticket", "commercial_partner_id"),
    "answered_in_time": ("helpdesk.ticket", "commercial_partner_id"),
    "complaints_24h": ("helpdesk.ticket", "commercial_partner_id"),
    "targeting": ("retention.alert", "partner_id"),
    "breakage": ("retention.points.entry", "partner_id"),
}


class RetentionKpi(models.Model):
    """The records behind a figure."""

    _inherit = "retention.kpi"

    def _is_about_customers(self):
        """Tell whether a figure opens customers, not what was said or done to them."""
        return self.code not in SOURCES

    def _get_records(self, scope, dimension=COMPANY, key=False):
        """Return the :class:`tools.blocks.Target` of a figure of a scope.

        The answers, tickets, alerts or entries that it is taken of; of figures about
        customers those who count in it, the first 5,000 where there are more.
        """
        self.ensure_one()
        statements = KpiSQL(scope)
        model, path = SOURCES.get(self.code, (CUSTOMERS, "partner_id"))
        if model == CUSTOMERS:
            ids = statements.partners(self.code, LISTED, dimension, key)
            domain = Domain("partner_id", "in", ids)
            domain &= Domain("company_id", "=", scope.company.id)
            return Target(model, list(domain), self.name)
        domain = getattr(self, f"_get_domain_{model.rpartition('.')[2]}")(statements)
        domain &= Domain("company_id", "=", scope.company.id)
        if scope.domain.is_true() and dimension != TIER:
            domain &= self._among_people(path, dimension, key)
        else:
            ids = statements.partners(
                self.code, LISTED, dimension, key, only_counted=False
            )
            domain &= Domain(path, "in", ids)
        return Target(model, list(domain), self.name)

    def _get_records_of(self, scope, ids):
        """Return the same where the customers behind the figure are known."""
        self.ensure_one()
        model, path = SOURCES.get(self.code, (CUSTOMERS, "partner_id"))
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
        field = {TEAM: "user_id.sale_team_id", USER: "user_id"}.get(dimension)
        return Domain(f"{path}.{field}", "=", key) if field else Domain.TRUE

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

    def _get_domain_ticket(self, statements):
        domain = (
            Domain("duplicate_id", "=", False)
            & Domain("active", "=", True)
            & Domain("commercial_partner_id", "!=", False)
            & Domain("retention_received_at", ">=", str(statements.begin))
            & Domain("retention_received_at", "<", str(statements.end))
        )
        if self.code == "complaints_24h":
            day_ago = fields.Datetime.now() - timedelta(hours=24)
            is_told = Domain("retention_solved_at", "!=", False)
            is_told |= Domain("retention_received_at", "<=", str(day_ago))
            return domain & is_told & Domain("retention_kind", "=", "complaint")
        if self.code == "answered_in_time":
            return domain & Domain("retention_answer_state", "in", ["met", "missed"])
        return (
            domain
            & Domain("retention_outside_hours", "=", False)
            & Domain("retention_answer_state", "!=", "void")
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
