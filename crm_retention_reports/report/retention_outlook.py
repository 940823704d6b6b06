from odoo import api, models
from odoo.tools.misc import formatLang

from ..tools import outlook, rhythms
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
from .outlook_reader import OutlookReader, month_of


class RetentionOutlook(models.AbstractModel):
    """What will be sold in the next months, and how well that was told so far."""

    _name = "retention.outlook"
    _inherit = "retention.analysis"
    _description = "Sales Forecast"

    _period = "months_24"

    @api.model
    def _get_choices(self):
        return [
            {
                "name": "ahead",
                "label": self.env._("Months Ahead"),
                "choices": [
                    ("6", self.env._("6 months")),
                    ("3", self.env._("3 months")),
                    ("12", self.env._("12 months")),
                ],
            }
        ]

    @api.model
    def _get_help(self):
        return [
            self.env._(
                "Customers are counted by their rhythm (the months between their last "
                "two months with a purchase) and by how long they have been silent. "
                "What customers like them did in the last %(window)s months tells how "
                "many will buy, and for how much; what was really sold sets the level "
                "and, from %(season)s months of history on, the season.",
                window=rhythms.WINDOW,
                season=outlook.SEASON_MONTHS,
            ),
            self.env._(
                "Every month of the past is forecast again from what was known before "
                "it. The error is the sum of all misses by the sum of what was sold. "
                "The range held in 8 of 10 cases like those tried; with fewer than "
                "%(least)s tries none is given.",
                least=outlook.LEAST_TRIES,
            ),
            self.env._(
                "Where the same month of the year before was the better forecast of "
                "the last twelve months, it is the one that is shown."
            ),
            self.env._(
                "A product category gets its part of each month: the mean of its part "
                "in the last twelve months and in the same month a year before."
            ),
            self.env._(
                "Revenue is without taxes, refunds deducted. A forecast knows nothing "
                "of promotions, prices and shortages to come. A period that ends in "
                "the past shows what would have been foretold then."
            ),
        ]

    @api.model
    def _get_empty(self, scope):
        return {
            "title": self.env._("Too little is known to foretell sales"),
            "text": self.env._(
                "%(least)s complete months with purchases of these customers are "
                "needed. Choose other filters, or come back later.",
                least=outlook.LEAST_MONTHS,
            ),
        }

    @api.model
    def _get_blocks(self, scope):
        reader = OutlookReader(scope, int(scope.options.get("ahead") or 6))
        if not reader.told:
            return []
        return [
            self._make_cards(reader),
            self._make_verdict(reader),
            self._make_chart(reader),
            self._make_months(reader),
            *self._make_categories(reader),
            self._make_rhythms(reader),
            *self._make_trial(reader),
        ]

    # ---- the forecast ----------------------------------------------------------------

    def _make_cards(self, reader):
        following, total = reader.values[0], reader.total
        before = None if None in reader.plain else sum(reader.plain)
        month = self._say(month_of(reader.targets[0]), "month")
        cards = [
            Card(
                self.env._("Next: %(month)s", month=month),
                following.value,
                "money",
                self._say_range(following),
            ),
            Card(
                self.env._("Next %(count)s Months", count=reader.count),
                total.value,
                "money",
                self._say_range(total),
            ),
            Card(
                self.env._("Same Months, a Year before"),
                before,
                "money",
                "" if reader.is_plain else self._say_change(total.value, before),
            ),
        ]
        return Cards([*cards, self._make_error_card(reader)])

    def _say_range(self, told):
        if told.low is None:
            return self.env._("No range: too few months to try it on")
        return self.env._(
            "%(low)s to %(high)s in 8 of 10 cases",
            low=self._say(told.low, "money", short=True),
            high=self._say(told.high, "money", short=True),
        )

    def _say_change(self, value, before):
        change = share(value - before, before) if before else None
        if change is None or before < 0:
            return ""
        return self.env._(
            "Forecast: %(change)s %% against it",
            change=f"{change:+.0f}",
        )

    def _make_error_card(self, reader):
        tries = reader.choose(reader.of_year(reader.tries))
        held, ranges = outlook.covered(
            reader.choose(reader.tries), reader.last - rhythms.YEAR
        )
        note = self.env._(
            "Of the last 12 months, 1 to %(count)s months ahead.", count=reader.count
        )
        if ranges:
            note = self.env._(
                "Of the last 12 months, 1 to %(count)s months ahead. The range held "
                "in %(held)s of %(ranges)s.",
                count=reader.count,
                held=held,
                ranges=ranges,
            )
        return Card(self.env._("Past Error"), outlook.error(tries), "percent", note)

    def _make_verdict(self, reader):
        tries = reader.of_year(reader.tries)
        ours = outlook.error(tries)
        plain = outlook.error(outlook.by_year_before(tries))
        if ours is None or plain is None:
            return Note(
                self.env._(
                    "Forecast from purchase rhythms. There are not yet two years to "
                    "compare it with the same month of the year before: rely on it "
                    "with care."
                ),
                "warning",
            )
        figures = {
            "ours": formatLang(self.env, ours, digits=1),
            "plain": formatLang(self.env, plain, digits=1),
        }
        if reader.is_plain:
            return Note(
                self.env._(
                    "Tried on the last twelve months, purchase rhythms were wrong by "
                    "%(ours)s %%, the same month of the year before only by "
                    "%(plain)s %%: that is what is shown.",
                    **figures,
                ),
                "warning",
            )
        return Note(
            self.env._(
                "Forecast from purchase rhythms: tried on the last twelve months, they "
                "were wrong by %(ours)s %%, the same month of the year before by "
                "%(plain)s %%.",
                **figures,
            ),
            "info",
        )

    def _make_chart(self, reader):
        first = max(reader.forecast.first, reader.last + 1 - len(reader.scope.months))
        past = range(first, reader.last + 1)
        everything = [*past, *reader.targets]
        gap = [None] * len(past)
        before = [reader.sold.get(month - rhythms.YEAR) for month in everything]
        series = [
            Series(
                self.env._("Sold"),
                [
                    reader.sold.get(month) if month <= reader.latest else None
                    for month in everything
                ],
            ),
            Series(
                self.env._("Forecast"),
                gap + [each.value for each in reader.values],
                gap + [each.low for each in reader.values],
                gap + [each.high for each in reader.values],
                look="line",
            ),
            Series(self.env._("A Year before"), before, look="line"),
        ]
        labels = [self._say(month_of(month), "month") for month in everything]
        return Chart(
            "outlook",
            self.env._("Revenue by month: sold, and to be expected"),
            labels,
            series,
            unit="money",
            marks=[(len(past), self.env._("From here on a forecast"))],
        )

    def _make_months(self, reader):
        columns = [
            Column("month", self.env._("Month"), "month"),
            Column("told", self.env._("Forecast"), "money"),
            Column("low", self.env._("At Least"), "money"),
            Column("high", self.env._("At Most"), "money"),
            Column("before", self.env._("A Year before"), "money"),
        ]
        if reader.latest > reader.last:  # a forecast of then: what came of it
            columns.append(Column("real", self.env._("Really Sold"), "money"))
        rows = [
            self._make_month(reader, month, *found)[: len(columns)]
            for month, *found in zip(
                reader.targets, reader.values, reader.plain, strict=True
            )
        ]
        title = self.env._("Month by month")
        return Table("months", title, columns, [Row(cells) for cells in rows])

    def _make_month(self, reader, month, told, before):
        known = month <= reader.latest
        return [
            Cell(month_of(month)),
            Cell(told.value),
            Cell(told.low),
            Cell(told.high),
            Cell(before, target=self._target(reader, month - rhythms.YEAR)),
            Cell(
                reader.sold.get(month, 0.0) if known else None,
                state="" if known else "open",
                target=self._target(reader, month) if known else None,
            ),
        ]

    def _target(self, reader, month):
        """Return the customers' months behind the revenue of a month."""
        if month < reader.forecast.first:
            return None
        domain = [
            ("profile_id", "any", list(reader.scope.profile_domain())),
            ("month", "=", str(month_of(month))),
            "|",
            ("purchases", ">", 0),
            ("revenue", "!=", 0),
        ]
        return Target("retention.month", domain)

    # ---- by product category ---------------------------------------------------------

    def _make_categories(self, reader):
        groups = reader.groups
        if all(ids == [None] for ids, _sold in groups):
            return [
                Note(
                    self.env._(
                        "No forecast by product category: the purchases of these "
                        "customers name no products, or have not been counted by "
                        "category yet (every night, for all every week)."
                    )
                )
            ]
        columns = [
            Column("category", self.env._("Product Category")),
            Column("year", self.env._("Sold in 12 Months"), "money"),
            Column("told", self.env._("Next %s Months", reader.count), "money"),
            Column("low", self.env._("At Least"), "money"),
            Column("high", self.env._("At Most"), "money"),
            Column("before", self.env._("A Year before"), "money"),
            Column("error", self.env._("Past Error"), "percent"),
            Column("plain", self.env._("Error of a Year before"), "percent"),
        ]
        rows = [self._make_category(reader, ids, sold) for ids, sold in groups]
        total = [
            Cell(self.env._("Together")),
            Cell(sum(row.cells[1].value for row in rows)),
            Cell(reader.total.value),
            Cell(reader.total.low),
            Cell(reader.total.high),
            Cell(None if None in reader.plain else sum(reader.plain)),
            *self._make_errors(reader, reader.choose(reader.tries)),
        ]
        rows.append(Row(total, "total"))
        notes = [
            self.env._(
                "The errors are those of single months. A category with a larger "
                "error than the year before is better planned by hand."
            )
        ]
        title = self.env._("By product category")
        return [Table("categories", title, columns, rows, notes)]

    def _make_category(self, reader, ids, sold):
        told, tries = reader.tell_part(sold)
        plain = [
            outlook.year_before(sold, reader.last, month, reader.forecast.first)
            for month in reader.targets
        ]
        names = self.env["product.category"].browse([each for each in ids if each])
        if None not in ids:
            name, target = names.display_name, self._target_category(reader, names)
        elif names:
            name, target = self.env._("Other and no category"), None
        else:
            name, target = self.env._("No category"), None
        return Row(
            [
                Cell(name),
                Cell(reader.year_of(sold), target=target),
                Cell(told.value),
                Cell(told.low),
                Cell(told.high),
                Cell(None if None in plain else sum(plain)),
                *self._make_errors(reader, tries),
            ]
        )

    def _target_category(self, reader, category):
        return Target(
            "retention.month.category",
            [
                ("profile_id", "any", list(reader.scope.profile_domain())),
                ("category_id", "=", category.id),
                ("month", ">", str(month_of(reader.last - rhythms.YEAR))),
                ("month", "<=", str(month_of(reader.last))),
            ],
        )

    def _make_errors(self, reader, tries):
        tries = reader.of_year(tries)
        return [
            Cell(outlook.error(tries)),
            Cell(outlook.error(outlook.by_year_before(tries))),
        ]
