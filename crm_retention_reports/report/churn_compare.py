from odoo import api, models
from odoo.fields import Domain

from ..tools import churn, months
from ..tools.blocks import Cell, Column, Row, Table, Target
from .retention_churn import KINDS

# what can be compared, and what it is
MODELS = {"tier": "retention.tier", "team": "crm.team", "user": "res.users"}

PATHS = {"team": "partner_id.user_id.sale_team_id", "user": "partner_id.user_id"}


class RetentionChurn(models.AbstractModel):
    """Customers won and lost by tier, team or salesperson, side by side."""

    _inherit = "retention.churn"

    @api.model
    def _get_choices(self):
        return [
            *super()._get_choices(),
            {
                "name": "split",
                "label": self.env._("Compare"),
                "choices": [
                    ("none", self.env._("Nothing")),
                    ("tier", self.env._("Tiers")),
                    ("team", self.env._("Sales Teams")),
                    ("user", self.env._("Salespeople")),
                ],
            },
        ]

    @api.model
    def _get_comparison(self, sql, told):
        """Return the customers and revenue kept by tier, team or salesperson."""
        by = sql.scope.options.get("split")
        if by not in MODELS:
            return []
        counts, revenue = told.counts(by), sql.revenue_retention(by)
        names = self._name_keys(by, {*counts, *revenue})
        rows = [
            self._get_group_row(
                name,
                counts.get(key, churn.Counts()),
                revenue.get(key, churn.Revenue({})),
                self._get_group_targets(told, by, key),
            )
            for key, name in names.items()
        ]
        columns = self._get_group_columns(by)
        title = self.env._(
            "Compared, %(first)s to %(last)s",
            first=self._say(told.first, "month"),
            last=self._say(told.last, "month"),
        )
        note = self.env._(
            "Each customer counts once, by the beginning and the end of these months. "
            "Shares of fewer than %(least)s customers are left empty: they say little. "
            "GRR and NRR are those of the last 12 finished months. Customers differ: "
            "a difference between rows is not by itself the work of anybody.",
            least=churn.LEAST,
        )
        return [Table("split", title, columns, rows, [note])]

    @api.model
    def _get_group_columns(self, by):
        labels = self._get_labels()
        titles = {
            "tier": self.env._("Tier at the Beginning"),
            "team": self.env._("Sales Team Today"),
            "user": self.env._("Salesperson Today"),
        }
        return [
            Column("name", titles[by]),
            *(Column(kind, labels[kind], "integer") for kind in KINDS),
            Column("churn", self.env._("Churn"), "percent"),
            Column("gross", self.env._("GRR"), "percent"),
            Column("net", self.env._("NRR"), "percent"),
        ]

    @api.model
    def _name_keys(self, by, keys):
        """Return ``{id or False: name}`` in the order of the records, nobody last."""
        # sudo: only names, of those to whom customers belong that the reader may see
        model = self.env[MODELS[by]].sudo().with_context(active_test=False)
        found = model.search([("id", "in", [key for key in keys if key])])
        names = {record.id: record.display_name for record in found}
        return names | ({False: self.env._("None")} if False in keys else {})

    @api.model
    def _get_group_targets(self, sql, by, key):
        """Return ``{kind: Target}`` of one row of the comparison."""
        if by == "tier":
            condition = self._get_tier_condition(sql, key)
        else:
            condition = Domain(PATHS[by], "=", key)
            if not key:
                condition |= Domain("partner_id.user_id", "=", False)
        targets = {kind: sql.target(kind, sql.first, sql.last) for kind in KINDS}
        return {
            kind: Target(target.model, [*target.domain, *condition])
            for kind, target in targets.items()
            if target
        }

    @api.model
    def _get_tier_condition(self, sql, key):
        """Return the condition that a tier, or none, was held at the beginning."""
        day = str(months.last_day(months.shift(sql.first, -1)))
        held = [
            ("date_from", "<=", day),
            "|",
            ("date_to", "=", False),
            ("date_to", ">", day),
        ]
        if key:
            some = [("membership_ids", "any", [("tier_id", "=", key), *held])]
        else:
            some = [("membership_ids", "not any", held)]
        return Domain("profile_id", "any", some)

    @api.model
    def _get_group_row(self, name, counts, revenue, targets):
        numbers = [
            Cell(count, target=targets.get(kind) if count else None)
            for kind, count in ((kind, getattr(counts, kind)) for kind in KINDS)
        ]
        few = self.env._("Too few customers")
        rates = [
            Cell(None, title=few) if is_few else Cell(value)
            for value, is_few in (
                (counts.churn, counts.is_few),
                (revenue.gross, revenue.is_few),
                (revenue.net, revenue.is_few),
            )
        ]
        return Row([Cell(name), *numbers, *rates])
