from odoo import api, models
from odoo.tools import SQL, format_date

from ..tools import costs
from ..tools.blocks import Cell, Chart, Column, Row, Series, Table, Target, share

YEAR = 12  # months


class RetentionRoi(models.AbstractModel):
    """What it cost, what was expected, what it is in proportion to the rest."""

    _inherit = "retention.roi"

    @api.model
    def _get_money(self, scope, chosen, sheet, days, margin, terms):
        """Return the blocks about money, below the comparisons."""
        gain, net, percent = self._get_return(scope, chosen, sheet, margin)
        return [
            *self._list_gain(chosen, gain, net, percent, sheet),
            *self._list_costs(sheet),
            *self._draw_costs(scope, sheet, days),
            *self._list_forecast(gain, net, sheet, days, terms),
            *self._list_ratios(scope, gain, sheet, days, terms),
            self._list_terms(terms),
        ]

    # ---- gain and return -------------------------------------------------------------

    @api.model
    def _list_gain(self, chosen, gain, net, percent, sheet):
        if not chosen or not chosen.effect:
            return []
        rows = [
            self._make_range(self.env._("Gain in revenue"), chosen.gain),
            self._make_range(self.env._("Gain on margin"), gain),
        ]
        if net:
            rows += [
                Row(
                    [Cell(self.env._("Costs")), Cell(round(sheet.counted, 2))]
                    + _none(3)
                ),
                self._make_range(self.env._("Net"), net),
            ]
        if percent:
            label = self.env._("Return on investment")
            rows.append(self._make_range(label, percent, "percent"))
        columns = [
            Column("what", self.env._("What")),
            *self._get_range_columns(),
            Column("verdict", self.env._("What It Says")),
        ]
        title = self.env._(
            "Gain and return by: %(method)s (%(count)s customers)",
            method=chosen.name,
            count=self._say(chosen.treated.n, "integer"),
        )
        return [Table("gain", title, columns, rows)]

    @api.model
    def _get_range_columns(self):
        return [
            Column("value", self.env._("Amount"), "money"),
            Column("low", self.env._("At Least"), "money"),
            Column("high", self.env._("At Most"), "money"),
        ]

    @api.model
    def _make_range(self, label, found, kind="money"):
        if found is None:
            return Row(
                [Cell(label), *_none(3), Cell(self.env._("No margin is known."))]
            )
        ends = (found.value, found.low, found.high)
        cells = [Cell(round(end, 2), kind=kind) for end in ends]
        return Row([Cell(label), *cells, Cell(self._tell(found))])

    # ---- costs -----------------------------------------------------------------------

    @api.model
    def _list_costs(self, sheet):
        if not sheet.rows:
            return []
        columns = [
            Column("what", self.env._("Spent On")),
            Column("amount", self.env._("Amount"), "money"),
            Column(
                "counted",
                self.env._("Counted"),
                "money",
                self.env._("What the gain is lessened by."),
            ),
            Column("budget", self.env._("Budget"), "money"),
        ]
        rows = [
            Row(
                [
                    Cell(row.label),
                    Cell(round(row.amount, 2), target=row.target),
                    Cell(round(row.counted, 2)),
                    Cell(None if row.budget is None else round(row.budget, 2)),
                ]
            )
            for row in sheet.rows
        ]
        amount = sum(row.amount for row in sheet.rows)
        budget = None if sheet.budget is None else round(sheet.budget, 2)
        label = Cell(self.env._("Total"))
        total = [Cell(round(amount, 2)), Cell(round(sheet.counted, 2)), Cell(budget)]
        rows.append(Row([label, *total], "total"))
        notes = [
            self.env._(
                "Revenue is counted after the rewards taken off orders: of those only "
                "the part is counted that the margin does not lose anyway. With those "
                "redeemed at tills, where the price of a free product is taken off."
            )
        ]
        return [Table("costs", self.env._("Costs"), columns, rows, notes)]

    @api.model
    def _draw_costs(self, scope, sheet, days):
        """Return the picture of what was entered, month by month."""
        model, company = self.env["retention.cost"], scope.company
        spent = model._sum_by_month(company, *days, sheet.get_domain())
        planned = model._sum_by_month(company, *days, sheet.get_domain(), True)
        if not spent:
            return []
        span = costs.months.span(*days)
        kinds = model._fields["kind"]._description_selection(self.env)
        series = [
            Series(label, [round(spent.get((month, kind), 0), 2) for month in span])
            for kind, label in kinds
            if any(kind == found for _month, found in spent)
        ]
        if planned:
            sums = [
                sum(x for (month, _kind), x in planned.items() if month == one)
                for one in span
            ]
            values = [round(x, 2) for x in sums]
            series.append(Series(self.env._("Budget"), values, look="line"))
        labels = [self._say(month, "month") for month in span]
        title = self.env._("Costs entered, by month")
        return [Chart("months", title, labels, series, "money", stacked=True)]

    # ---- expected against actual -----------------------------------------------------

    @api.model
    def _list_forecast(self, gain, net, sheet, days, terms):
        count = costs.months.between(*days) + 1  # whole ones
        expected = terms.expected_gain * count / YEAR or None
        if expected is None and sheet.budget is None:
            return []
        columns = [
            Column("what", self.env._("What")),
            Column("expected", self.env._("Expected"), "money"),
            *self._get_range_columns(),
            Column("verdict", self.env._("What It Says")),
        ]
        spent = sheet.counted
        rows = [self._make_forecast(self.env._("Gain on margin"), expected, gain)]
        over = None if sheet.budget is None else spent - sheet.budget
        text = ""
        if over is not None:
            text = (
                self.env._("Over the budget") if over > 0 else self.env._("Within it")
            )
        cells = [Cell(_round(sheet.budget)), Cell(_round(spent)), *_none(2), Cell(text)]
        rows.append(Row([Cell(self.env._("Costs")), *cells]))
        if expected is not None and sheet.budget is not None:
            label = self.env._("Net")
            rows.append(self._make_forecast(label, expected - sheet.budget, net))
        title = self.env._("Expected and actual")
        return [Table("forecast", title, columns, rows)]

    @api.model
    def _make_forecast(self, label, expected, found):
        cells = [Cell(label), Cell(_round(expected))]
        if found is None:
            text = self.env._("Not measured.")
            return Row([*cells, *_none(3), Cell(text)])
        text = ""
        if expected is not None and expected > found.high:
            text = self.env._("Less than expected")
        elif expected is not None and expected < found.low:
            text = self.env._("More than expected")
        elif expected is not None:
            text = self.env._("What was expected lies within the range")
        ends = (found.value, found.low, found.high)
        return Row([*cells, *(Cell(_round(end)) for end in ends), Cell(text)])

    # ---- in proportion ---------------------------------------------------------------

    @api.model
    def _list_ratios(self, scope, gain, sheet, days, terms):
        counted, system = sheet.counted, sheet.of_kind("system")
        points = sheet.worth_of_points()
        high = sheet.worth_of_points(band="high")
        filtered = self._is_filtered(scope) or sheet.program_id
        # read only where it is set against costs
        needed = counted and not filtered
        revenue, buyers = self._get_revenue(scope, days) if needed else (0, 0)
        rows = []
        if system and revenue > 0:
            label = self.env._("System cost to revenue")
            rows.append(self._make_ratio(label, system, revenue, "percent"))
        if revenue > 0:
            label = self.env._("All costs to revenue")
            rows.append(self._make_ratio(label, counted, revenue, "percent"))
        if buyers:
            label = self.env._("Costs for each customer who bought")
            rows.append(self._make_ratio(label, counted, buyers, "money", "integer"))
        if points > 0:  # more may have been given back than spent
            label = self.env._("Share of spent points by the high tiers")
            rows.append(self._make_ratio(label, high, points, "percent"))
        if gain and terms.people:
            label = self.env._("Gain on margin for each person at work")
            rows.append(
                self._make_ratio(
                    label, gain.value, terms.people, "money", "number", gain
                )
            )
        columns = [
            Column("ratio", self.env._("Ratio")),
            Column("value", self.env._("Value"), "percent"),
            Column("low", self.env._("At Least"), "money"),
            Column("high", self.env._("At Most"), "money"),
            Column("part", self.env._("Of It"), "money"),
            Column("whole", self.env._("To"), "money"),
        ]
        title = self.env._("In proportion")
        return [Table("ratios", title, columns, rows)] if rows else []

    @api.model
    def _make_ratio(self, label, part, whole, kind, unit="money", found=None):
        value = share(part, whole) if kind == "percent" else part / whole
        ends = found.times(1 / whole) if found else None
        return Row(
            [
                Cell(label),
                Cell(round(value, 2), kind=kind),
                Cell(_round(ends and ends.low)),
                Cell(_round(ends and ends.high)),
                Cell(round(part, 2)),
                Cell(round(whole, 2), kind=unit),
            ]
        )

    @api.model
    def _get_revenue(self, scope, days):
        """Return (revenue, customers who bought) of the whole months."""
        [row] = scope.rows(
            SQL(
                """
                SELECT COALESCE(sum(revenue), 0)::float8,
                       count(*) FILTER (WHERE bought)
                  FROM (SELECT sum(revenue) AS revenue,
                               bool_or(purchases > 0) AS bought
                          FROM retention_month
                         WHERE company_id = %s AND month BETWEEN %s AND %s AND %s
                         GROUP BY profile_id) customer
                """,
                scope.company.id,
                *days,
                scope.among_profiles(SQL("profile_id")),
            )
        )
        return row

    # ---- what is taken for granted ---------------------------------------------------

    @api.model
    def _list_terms(self, terms):
        target = Target(
            "retention.assumption", [("company_id", "=", terms.company_id.id)]
        )
        basis = dict(terms._fields["margin_basis"]._description_selection(self.env))
        shown = [("margin_basis", basis[terms.margin_basis], "text")]
        if terms.margin_basis == "assumed":
            shown.append(("margin", terms.margin, "percent"))
        shown += [
            ("launched_on", terms.launched_on or None, "date"),
            ("holdout_from", terms.holdout_from or None, "date"),
            ("people", terms.people or None, "number"),
            ("expected_gain", terms.expected_gain or None, "money"),
            ("least", terms.least, "integer"),
        ]
        labels = terms.fields_get([name for name, *_rest in shown], ["string"])
        rows = [
            Row([Cell(labels[name]["string"]), Cell(value, kind=kind, target=target)])
            for name, value, kind in shown
        ]
        columns = [
            Column("what", self.env._("Assumption")),
            Column("value", self.env._("Value")),
        ]
        saved = self.env._("Nobody saved any: these are what one starts from.")
        if terms.id:
            saved = self.env._(
                "Saved by %(person)s on %(day)s: %(reason)s",
                person=terms.create_uid.name,
                day=format_date(self.env, terms.create_date),
                reason=terms.reason,
            )
        title = self.env._("What is taken for granted")
        return Table("assumptions", title, columns, rows, [saved])

    @api.model
    def _get_help(self):
        return [
            self.env._(
                "Comparison group: customers whom chance keeps from all promotions, "
                "against the others. Pilot: customers whom chance chose for other "
                "rules, against those under the rules in force. Before and after: "
                "customers who bought in the twelve months before, against such "
                "customers of the same months of an earlier year. Trusted in this "
                "order; only customers who bought before the first month count."
            ),
            self.env._(
                "The range of a difference is Welch's at 95 %; the smaller group "
                "counts as at least as uneven as both together, since those who buy "
                "most may be missing in it by chance. With a comparison group and a "
                "pilot, what customers bought in the twelve months before is taken "
                "into account (CUPED), which narrows it. Of before and after, many "
                "customers are in both groups, so the true range is narrower."
            ),
            self.env._(
                "Gain: the difference times all customers of the group. On margin: "
                "times the margin. Net: less the costs. Return: net to costs. The "
                "range says what chance does; that of the margin is not in it."
            ),
            self.env._(
                "Costs are those entered with the purpose “Keeping customers”, spread "
                "by days, with contacts by their price, points at their worth, and "
                "rewards on sales orders and at tills."
            ),
        ]


def _none(count):
    return [Cell() for _place in range(count)]


def _round(value):
    return None if value is None else round(value, 2)
