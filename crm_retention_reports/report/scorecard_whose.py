from odoo import api, models

from ..tools import kpi
from .scope import ALL

# filters of which figures are kept: path → what they are by, model
FILTERS = {
    "user_id": (kpi.USER, "res.users"),
    "user_id.sale_team_id": (kpi.TEAM, "crm.team"),
    "tier_id": (kpi.TIER, "retention.tier"),
}


class RetentionScorecard(models.AbstractModel):
    """Of whom a scorecard is: of one thing whose figures are kept, or of many."""

    _inherit = "retention.scorecard"

    @api.model
    def _get_whose(self):
        """Return (dimension, key) of what the reader sees; None: of no one thing."""
        user = self.env.user
        if user.has_groups(ALL):
            return kpi.COMPANY, False
        if not user.has_group("crm_retention.group_retention_lead"):
            return kpi.USER, user.id
        # sudo: which teams somebody leads
        teams = self.env["crm.team"].sudo().search([("user_id", "=", user.id)])
        return (kpi.TEAM, teams.id) if len(teams) == 1 else None

    @api.model
    def _get_filtered(self, scope):
        """Return (dimension, key) of a filter by exactly one thing; else None.

        Of a tier they are all who held it on the first day, so for who sees all.
        """
        terms = list(scope.domain)
        if len(terms) != 1 or terms[0][0] not in FILTERS:
            return None
        path, operator, value = terms[0]
        dimension, model = FILTERS[path]
        if dimension == kpi.TIER and not self.env.user.has_groups(ALL):
            return None
        if operator == "ilike" and value:
            # sudo: which one is meant; its figures are read with the reader's rights
            named = self.env[model].sudo().name_search(value, limit=2)
            ids = [key for key, _name in named]
        elif operator in ("=", "in"):
            ids = value if operator == "in" else [value]
        else:
            ids = []
        return (dimension, ids[0]) if len(ids) == 1 and ids[0] else None
