from odoo import api, models
from odoo.tools import SQL, format_date

from ..tools import months
from ..tools.blocks import (
    Card,
    Cards,
    Cell,
    Chart,
    Column,
    Note,
    Row,
    Series,
    Table,
    Target,
    share,
)

# what customers are told apart by: (column, model of its values, field of profiles)
GROUPS = {
    "segment": ("profile.segment_id", "retention.segment", "segment_id"),
    "tier": ("profile.tier_id", "retention.tier", "tier_id"),
    "stage": ("profile.stage_id", "retention.stage", "stage_id"),
    "industry": ("customer.industry_id", "res.partner.industry", "industry_id"),
    "country": ("customer.country_id", "res.country", "country_id"),
    "team": ("seller.sale_team_id", "crm.team", "user_id.sale_team_id"),
}
SUMS = ("customers", "so_far", "in_period", "told", "told_past", "expected")


class RetentionLifetime(models.AbstractModel):
    """What customers have brought and will bring, group by group."""

    _name = "retention.lifetime"
    _inherit = "retention.analysis"
    _description = "Lifetime Value"

    @api.model
    def _get_choices(self):
        return [
            {
                "name": "group",
                "label": self.env._("By"),
                "choices": [
                    ("segment", self.env._("Segment")),
                    ("tier", self.env._("Tier")),
                    ("stage", self.env._("Lifecycle Stage")),
                    ("industry", self.env._("Industry")),
                    ("country", self.env._("Country")),
                    ("team", self.env._("Sales Team")),
                ],
            }
        ]

    @api.model
    def _get_help(self):
        return [
            self.env._(
                "Customers are those who have bought at least once, in the groups of "
                "today. Revenue so far: everything they bought until now, without "
                "taxes, refunds deducted; in the period: in its whole months."
            ),
            self.env._(
                "Expected: purchases expected in the next twelve months times what one "
                "will be worth, customer by customer, as their profiles say; whatever "
                "the period. Whose future cannot be told is left out and counted apart."
            ),
            self.env._(
                "Lifetime value: what a customer brought so far and is expected to "
                "bring in the next twelve months, on average, of those of whom it can "
                "be told. Later years are not guessed. It is revenue, not margin."
            ),
            self.env._(
                "How far the forecast can be trusted stands below: it was tried on "
                "days that were over, and compared with “as much as so far”."
            ),
        ]

    @api.model
    def _get_blocks(self, scope):
        rows = self._read(scope)
        if not rows:
            return []
        if not self._is_counted(scope):
            rows = [row | {"in_period": None} for row in rows]
        names = self._get_names(scope, [row["key"] for row in rows])
        rows.sort(key=lambda row: names[row["key"]][0])
        return [
            self._make_cards(scope, rows),
            self._make_chart(rows, names),
            self._make_table(scope, rows, names),
            *self._make_honesty(scope),
        ]

    # ---- reading ---------------------------------------------------------------------

    def _read(self, scope):
        """Return the sums of each group, as dictionaries."""
        column, _model, _field = GROUPS[scope.options.get("group") or "segment"]
        bought = SQL(
            """SELECT profile_id, sum(revenue) AS revenue FROM retention_month
                WHERE company_id = %s AND month BETWEEN %s AND %s AND %s GROUP BY 1""",
            scope.company.id,
            months.first_day(scope.first),
            scope.last,
            scope.few(profile=SQL("profile_id")),
        )
        found = scope.rows(
            SQL(
                """
                SELECT %(key)s, count(*), sum(profile.lifetime_revenue),
                       sum(bought.revenue), count(*) FILTER (WHERE %(told)s),
                       sum(profile.lifetime_revenue) FILTER (WHERE %(told)s),
                       sum(profile.year_value) FILTER (WHERE %(told)s)
                  FROM retention_profile profile
                  JOIN res_partner customer ON customer.id = profile.partner_id
                  LEFT JOIN res_users seller ON seller.id = customer.user_id
                  LEFT JOIN (%(bought)s) bought ON bought.profile_id = profile.id
                 WHERE profile.company_id = %(company)s AND profile.purchase_count > 0
                   AND %(among)s
                 GROUP BY 1
                """,
                key=SQL(column),
                told=SQL("profile.forecast_on IS NOT NULL"),
                bought=bought,
                company=scope.company.id,
                among=scope.among_profiles(SQL("profile.id")),
            )
        )
        return [
            {"key": key}
            | {name: float(value or 0) for name, value in zip(SUMS, row, strict=True)}
            for key, *row in found
        ]

    @api.model
    def _is_counted(self, scope):
        """Tell whether the months of this company have been counted at all."""
        # sudo: whether there are any, whoever looks
        counted = self.env["retention.month"].sudo()
        domain = [("company_id", "=", scope.company.id)]
        return bool(counted.search_count(domain, limit=1))

    def _get_names(self, scope, keys):
        """Return ``{key: (place in order, name)}`` of the groups."""
        _column, model, _field = GROUPS[scope.options.get("group") or "segment"]
        # sudo: names of groups that the reader's own customers are in
        records = self.env[model].sudo().browse(key for key in keys if key)
        ordered = (
            records.sorted()
            if model != "retention.tier"
            else records.sorted(
                lambda tier: (
                    tier.program_id.sequence,
                    tier.program_id.id,
                    tier.sequence,
                )
            )
        )
        names = {
            record.id: (place, record.display_name)
            for place, record in enumerate(ordered)
        }
        return names | {None: (len(names), self.env._("None"))}

    # ---- blocks ----------------------------------------------------------------------

    def _make_cards(self, scope, rows):
        total = self._add(rows)
        bought = [*scope.profile_domain(), ("purchase_count", ">", 0)]
        target = Target("retention.profile", bought)
        uncounted = self.env._("counted by the next nightly evaluation")
        return Cards(
            [
                Card(self.env._("Customers"), int(total["customers"]), target=target),
                Card(self.env._("Revenue so Far"), total["so_far"], "money"),
                Card(
                    self.env._("Revenue in the Period"),
                    total["in_period"],
                    "money",
                    uncounted if total["in_period"] is None else "",
                ),
                Card(
                    self.env._("Expected in 12 Months"),
                    total["expected"] if total["told"] else None,
                    "money",
                    self._say_told(total),
                ),
                Card(
                    self.env._("Lifetime Value per Customer"),
                    self._value(total),
                    "money",
                    self.env._("so far and the next 12 months"),
                ),
            ]
        )

    def _say_told(self, total):
        """Say of how many customers it is told what is expected of them."""
        missing = int(total["customers"] - total["told"])
        if missing:
            count = self._say(missing, "integer")
            return self.env._("without %s of whom it cannot be told", count)
        return self.env._("of %s customers", self._say(total["told"], "integer"))

    def _add(self, rows):
        """Return the sums over all groups; None where nothing is known."""
        result = {}
        for name in SUMS:
            known = [row[name] for row in rows if row[name] is not None]
            result[name] = sum(known) if known else None
        return result

    def _value(self, row):
        """Return what a customer of the row is worth, of those of whom it is told."""
        if not row["told"]:
            return None
        return (row["told_past"] + row["expected"]) / row["told"]

    def _make_chart(self, rows, names):
        told = [row for row in rows if row["told"]]
        return Chart(
            "value_chart",
            self.env._("Lifetime value of one customer"),
            [names[row["key"]][1] for row in told],
            [
                Series(
                    self.env._("So far"),
                    [row["told_past"] / row["told"] for row in told],
                ),
                Series(
                    self.env._("Expected in 12 months"),
                    [row["expected"] / row["told"] for row in told],
                ),
            ],
            unit="money",
            stacked=True,
        )

    def _make_table(self, scope, rows, names):
        labels = dict(self._get_choices()[0]["choices"])
        group = scope.options.get("group") or "segment"
        columns = [
            Column("group", labels[group]),
            Column("customers", self.env._("Customers"), "integer"),
            Column("so_far", self.env._("Revenue so Far"), "money"),
            Column("in_period", self.env._("In the Period"), "money"),
            Column("told", self.env._("With a Forecast"), "integer"),
            Column("expected", self.env._("Expected in 12 Months"), "money"),
            Column("part", self.env._("Share of Expected"), "percent"),
            Column("value", self.env._("Lifetime Value per Customer"), "money"),
        ]
        total = self._add(rows)
        lines = []
        for row in rows:
            domain = list(scope.profile_domain())
            domain += [("purchase_count", ">", 0)]
            domain += [(GROUPS[group][2], "=", row["key"] or False)]
            target = Target("retention.profile", domain)
            head = Cell(names[row["key"]][1])
            lines.append(Row([head, *self._make_line(row, total, target)]))
        head = Cell(self.env._("Together"))
        lines.append(Row([head, *self._make_line(total, total)], "total"))
        title = self.env._("Revenue so far and expected")
        return Table("value", title, columns, lines)

    def _make_line(self, row, total, target=None):
        told = row["told"]
        expected = row["expected"] if told else None
        part = share(expected, total["expected"])
        return [
            Cell(int(row["customers"]), target=target),
            self._make_money(row["so_far"]),
            self._make_money(row["in_period"]),
            Cell(int(told)),
            self._make_money(expected),
            Cell(part),
            self._make_money(self._value(row)),
        ]

    def _make_money(self, value):
        """Return a cell of an amount in whole units, so that a column reads alike."""
        return Cell(value, text=self._say(value, "money", short=True))

    # ---- how good the forecast is ----------------------------------------------------

    def _make_honesty(self, scope):
        """Return how it is told, and how it did where it could be checked."""
        current = self.env["retention.model"]._get_current(
            scope.company, scope.company._retention_today()
        )
        fits = [current[each] for each in ("buying", "spending") if current.get(each)]
        if not fits:
            text = self.env._(
                "No forecast has been made yet: too little is known of the customers, "
                "or the nightly evaluation has not run."
            )
            return [Note(text, "warning", "forecast")]
        columns = [
            Column("question", self.env._("Question")),
            Column("method", self.env._("Method")),
            Column("error", self.env._("Error per Customer"), "number"),
            Column("plain", self.env._("Error of “as so Far”"), "number"),
            Column("tested", self.env._("Tested on Customers"), "integer"),
            Column("fitted", self.env._("Made on"), "date"),
        ]
        title = self.env._("How the forecast did on days that are over")
        rows = [self._make_fit(fit) for fit in fits]
        notes = [fit.verdict for fit in fits] + [self._say_limits(fits[0])]
        return [Table("forecast", title, columns, rows, notes=notes)]

    def _say_limits(self, fit):
        if not fit.tested_count:
            return self.env._(
                "By how much it is wrong could not be tried here, and has not been "
                "measured."
            )
        return self.env._(
            "It was tried %(days)s days ahead. Twelve months ahead it is wrong by "
            "more, and by how much has not been measured.",
            days=fit.days,
        )

    def _make_fit(self, fit):
        labels = {
            name: dict(fit._fields[name]._description_selection(self.env))
            for name in ("question", "method")
        }
        tested = fit.tested_count or None
        target = Target("retention.model", [("id", "=", fit.id)])
        return Row(
            [
                Cell(labels["question"][fit.question], target=target),
                Cell(labels["method"][fit.method]),
                Cell(fit.error if tested else None, text=self._say_error(fit, "error")),
                Cell(
                    fit.plain_error if tested else None,
                    text=self._say_error(fit, "plain_error"),
                ),
                Cell(tested),
                Cell(fit.fitted_on, text=format_date(self.env, fit.fitted_on)),
            ]
        )

    def _say_error(self, fit, name):
        return fit._format_error(fit[name]) if fit.tested_count else "–"
