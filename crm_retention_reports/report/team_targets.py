from odoo import models
from odoo.fields import Domain

from ..tools import months
from ..tools.blocks import Target
from .people import get_visible_people


class RetentionTeam(models.AbstractModel):
    """The records behind the figures of a person or a team."""

    _inherit = "retention.team"

    def _whose(self, scope, name, key):
        """Return the condition that ``name``, a user, is this person or of this team.

        Of the team those whose own figures the reader may see. None: of nobody in
        particular, whose records cannot be named by it.
        """
        if scope.options["by"] == "team":
            if key is None:
                return None
            people = get_visible_people(self.env)
            seen = Domain.TRUE if people is None else Domain(name, "in", list(people))
            return seen & Domain(f"{name}.sale_team_id", "=", key)
        return Domain(name, "=", key or False)

    def _target_customers(self, scope, key):
        whose = self._whose(scope, "partner_id.user_id", key)
        if whose is None:
            return None
        domain = whose & scope.profile_domain() & Domain("partner_id.active", "=", True)
        domain &= Domain("first_purchase", "<=", str(scope.last))
        return Target("retention.profile", list(domain))

    def _target_reach(self, scope, key):
        """Return the months with contacts of the customers of a person."""
        target = self._target_customers(scope, key)
        if not target:
            return None
        domain = [
            ("profile_id", "any", target.domain),
            ("contacts", ">", 0),
            ("month", ">=", str(months.first_day(scope.first))),
            ("month", "<=", str(scope.last)),
        ]
        return Target("retention.month", domain)

    def _target_contacts(self, sql, key, *days):
        """Return the planned contacts of a person on some days, as conditions."""
        scope = sql.scope
        domain = (
            self._whose(scope, "user_id", key)
            & Domain("state", "=", "planned")
            & Domain("company_id", "=", scope.company.id)
            & Domain.AND(Domain("due_date", *each) for each in days)
            & (
                Domain("cadence_id", "=", False)
                | Domain("cadence_id.mode", "=", "personal")
                | Domain("for_person", "=", True)
            )
        )
        if not scope.domain.is_true():
            domain &= Domain("partner_id.retention_profile_id", "any", scope.domain)
        return Target("retention.touch", list(domain))

    def _target_alerts(self, scope, key, *conditions):
        whose = self._whose(scope, "user_id", key)
        if whose is None:
            return None
        domain = (
            whose
            & Domain("company_id", "=", scope.company.id)
            & Domain("state", "!=", "over")
            & Domain("opened_on", ">=", str(scope.first))
            & Domain("opened_on", "<=", str(scope.last))
            & Domain.AND(Domain(*each) for each in conditions)
        )
        if not scope.domain.is_true():
            domain &= Domain("partner_id.retention_profile_id", "any", scope.domain)
        return Target("retention.alert", list(domain))
