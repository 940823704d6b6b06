from odoo import api, models
from odoo.tools import SQL


class RetentionCampaign(models.Model):
    """What campaigns have given."""

    _inherit = "retention.campaign"

    def _hold_budgets(self):
        """Return ``{campaign: points left}`` of those with a budget.

        Another transaction that spends of the same budget waits, fails and retries.
        """
        limited = self.filtered("budget")
        if not limited:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "UPDATE retention_campaign SET granted = granted WHERE id = ANY(%s)"
                " RETURNING id, budget - COALESCE(granted, 0)",
                limited.ids,
            )
        )
        return {self.browse(row[0]): max(row[1], 0) for row in rows}

    def _get_budgets(self):
        """Return the same, without keeping others from spending."""
        return {
            each: max(each.budget - each.granted, 0) for each in self.filtered("budget")
        }

    @api.model
    def _book(self, change):
        """Add to what campaigns gave, ``{id: points}``."""
        rows = [(key, number) for key, number in sorted(change.items()) if number]
        if not rows:
            return
        ids, numbers = map(list, zip(*rows, strict=True))
        self.env.cr.execute(
            SQL(
                """
                UPDATE retention_campaign campaign
                   SET granted = COALESCE(granted, 0) + new.points
                  FROM unnest(%s::integer[], %s::integer[]) AS new (id, points)
                 WHERE campaign.id = new.id
                """,
                ids,
                numbers,
            )
        )
        self.invalidate_model(["granted"])
