from odoo import api, models

from ..tools import churn, months
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
from .churn_sql import ChurnSQL

KINDS = ("opening", "new", "won_back", "lost", "closing")


class RetentionChurn(models.AbstractModel):
    """How many customers came, came back and left, and what that did to the revenue."""

    _name = "retention.churn"
    _inherit = "retention.analysis"
    _description = "Customers Won and Lost"

    @api.model
    def _get_choices(self):
        return [
            {
                "name": "size",
                "label": self.env._("By"),
                "choices": [
                    ("month", self.env._("Month")),
                    ("quarter", self.env._("Quarter")),
                ],
            },
        ]

    @api.model
    def _get_help(self):
        within = self.env.company.retention_churn_months
        return [
            self.env._(
                "Active: bought within %(within)s months, counted by whole months "
                "(Settings, Reports). Lost: the months have passed without a "
                "purchase. Won back: buys again after having been lost. New: the "
                "first purchase.",
                within=within,
            ),
            self.env._(
                "Churn: lost customers divided by the active ones at the beginning. "
                "Kept: the rest of 100 %."
            ),
            self.env._(
                "Revenue compares the last 12 finished months with the 12 before, "
                "customer by customer, without taxes, refunds deducted. GRR (gross "
                "revenue retention): what the customers with revenue before still "
                "bring of it, each counted at most at the revenue before. NRR (net "
                "revenue retention): all that they bring now. New customers and those "
                "won back count in neither."
            ),
            self.env._(
                "Months that are not over are left empty, and so are those for which "
                "the history does not reach back far enough: nobody can be seen to "
                "leave then. Tier, salesperson and other filters are those of today."
            ),
        ]

    @api.model
    def _get_blocks(self, scope):
        sql = ChurnSQL(scope)
        if not sql.since:
            return []
        size = scope.options.get("size") or "month"
        flow = sql.flow(size)
        told = {period: row for period, row in flow.items() if row}
        if not any(row.opening or row.closing for row in told.values()):
            told = {}
        years = sql.years()
        if years and not (years[0].opening or years[0].revenue.parts):
            years = []
        result = []
        if told or years:
            cards = self._get_flow_cards(sql, told, size) if told else []
            result.append(Cards(cards + self._get_year_cards(sql, *years)))
        if told:
            result += self._get_customer_blocks(sql, flow, told, size)
            last = churn.last_month(max(told), size)
            result += self._get_comparison(sql, sql.between(min(told), last))
        if years and years[0].revenue.parts:
            result += self._get_revenue_blocks(sql, years[0].revenue)
        return result + self._get_notes(sql)

    @api.model
    def _get_comparison(self, sql, told):
        """Return blocks that set groups of customers side by side.

        :param told: the same as ``sql``, of the periods that are told.
        """
        return []

    # ---- what cannot be told yet -----------------------------------------------------

    @api.model
    def _get_notes(self, sql):
        """Return what cannot be told yet, and from when on it can."""
        since = self._say(sql.since, "month")
        result = []
        if sql.told_from > sql.first:
            begin = self._say(sql.told_from, "month")
            text = self.env._(
                "The first purchase known is of %(since)s. Who was won and who was "
                "lost can be told of months from %(begin)s on.",
                since=since,
                begin=begin,
            )
            result.append(Note(text, "info", name="early"))
        if sql.revenue_from > sql.last:
            text = self.env._(
                "GRR and NRR compare 12 finished months with the 12 before. The first "
                "purchase known is of %(since)s: they can be told at the end of "
                "%(end)s.",
                since=since,
                end=self._say(sql.revenue_from, "month"),
            )
            result.append(Note(text, "info", name="early_revenue"))
        return result

    # ---- at a glance -----------------------------------------------------------------

    @api.model
    def _get_flow_cards(self, sql, told, size):
        last = churn.last_month(max(told), size)
        whole = churn.total(told)
        active = Card(
            self.env._("Active Customers"),
            whole.closing,
            note=self.env._("at the end of %(month)s", month=self._say(last, "month")),
            target=sql.target("closing", last, last),
        )
        average = self._say(_average_churn(told), "percent")
        by_month = self.env._("%(share)s a month on average", share=average)
        by_quarter = self.env._("%(share)s a quarter on average", share=average)
        lost = Card(
            self.env._("Lost in These Months"),
            whole.lost,
            note=by_month if size == "month" else by_quarter,
        )
        return [active, lost]

    @api.model
    def _get_year_cards(self, sql, now=None, before=None):
        """Return what became of the customers of a year ago, and of their revenue."""
        if not now:
            return []
        first = months.shift(sql.last, 1 - churn.WINDOW)
        kept = Card(
            self.env._("Customers Kept over 12 Months"),
            now.retention,
            "percent",
            self._compare(now.opening, now.is_few, before and before.retention),
            target=sql.target("opening", first, sql.last),
        )
        revenue = now.revenue
        labels = {
            "gross": self.env._("Revenue Kept (GRR)"),
            "net": self.env._("Revenue Kept with Growth (NRR)"),
        }
        money = [
            Card(
                label,
                getattr(revenue, name),
                "percent",
                self._compare(
                    revenue.customers,
                    revenue.is_few,
                    before and getattr(before.revenue, name),
                ),
            )
            for name, label in labels.items()
        ]
        return [card for card in (kept, *money) if card.value is not None]

    @api.model
    def _compare(self, count, is_few, before):
        """Return of how many customers a share is, and what it was a year before."""
        values = {
            "count": self._say(count, "integer"),
            "before": self._say(before, "percent"),
        }
        if is_few:
            return self.env._("of %(count)s customers: too few to say much", **values)
        if before is None:
            return self.env._("of %(count)s customers", **values)
        return self.env._("of %(count)s customers; a year before: %(before)s", **values)

    # ---- customers -------------------------------------------------------------------

    @api.model
    def _get_labels(self):
        """Return what the numbers of :class:`churn.Counts` are called."""
        return {
            "opening": self.env._("At the Beginning"),
            "new": self.env._("New"),
            "won_back": self.env._("Won Back"),
            "lost": self.env._("Lost"),
            "closing": self.env._("At the End"),
        }

    @api.model
    def _get_customer_blocks(self, sql, flow, told, size):
        labels = list(self._get_labels().values())
        whole = churn.total(told)
        title = self.env._(
            "Customers from %(first)s to %(last)s",
            first=self._say(min(told), "month"),
            last=self._say(churn.last_month(max(told), size), "month"),
        )
        steps = [getattr(whole, kind) for kind in KINDS]
        steps[3] = -whole.lost
        names = [self._say(period, size) for period in told]
        rates = [row.churn for row in told.values()]
        by_month = self.env._("Lost of 100 active customers, by month")
        by_quarter = self.env._("Lost of 100 active customers, by quarter")
        return [
            Chart(
                "customers",
                title,
                labels,
                [Series(self.env._("Customers"), steps, look="step")],
                unit="integer",
                totals=(0, 4),
            ),
            self._get_flow_table(sql, flow, told, size),
            Chart(
                "churn",
                by_month if size == "month" else by_quarter,
                names,
                [Series(self.env._("Churn"), rates, look="line")],
                unit="percent",
            ),
        ]

    @api.model
    def _get_flow_table(self, sql, flow, told, size):
        labels = self._get_labels()
        columns = [
            Column("period", self.env._("Period")),
            *(Column(kind, labels[kind], "integer") for kind in KINDS),
            Column("churn", self.env._("Churn"), "percent"),
            Column("retention", self.env._("Kept"), "percent"),
        ]
        rows = [self._get_flow_row(sql, period, flow[period], size) for period in flow]
        if len(told) > 1:
            rows += self._get_sum_rows(told)
        title = self.env._("Customers won and lost")
        return Table("flow", title, columns, rows)

    @api.model
    def _get_flow_row(self, sql, period, counts, size):
        name = Cell(self._say(period, size))
        if not counts:
            title = self.env._("Not over yet, or too early to tell")
            open_cells = [
                Cell(state="open", title=title) for _place in range(len(KINDS) + 2)
            ]
            return Row([name, *open_cells])
        last = churn.last_month(period, size)
        numbers = [
            Cell(
                getattr(counts, kind),
                target=getattr(counts, kind) and sql.target(kind, period, last) or None,
            )
            for kind in KINDS
        ]
        title = self.env._(
            "%(lost)s of %(opening)s", lost=counts.lost, opening=counts.opening
        )
        rates = [Cell(counts.churn, title=title), Cell(counts.retention)]
        return Row([name, *numbers, *rates])

    @api.model
    def _get_sum_rows(self, told):
        whole = churn.total(told)
        rate = _average_churn(told)
        return [
            Row(
                [
                    Cell(self.env._("Together")),
                    *(Cell(getattr(whole, kind)) for kind in KINDS),
                    Cell(),
                    Cell(),
                ],
                "total",
            ),
            Row(
                [
                    Cell(self.env._("Average")),
                    *(Cell() for _kind in KINDS),
                    Cell(rate),
                    Cell(None if rate is None else 100 - rate),
                ],
                "average",
            ),
        ]

    # ---- revenue ---------------------------------------------------------------------

    @api.model
    def _get_part_labels(self):
        """Return what the parts of :class:`churn.Revenue` are called."""
        return {
            "lost": self.env._("Bought no More"),
            "less": self.env._("Bought Less"),
            "same": self.env._("Bought as Much"),
            "more": self.env._("Bought More"),
            "won_back": self.env._("Came Back"),
            "new": self.env._("First Purchase"),
            "refunds": self.env._("Refunds of Earlier Purchases"),
        }

    @api.model
    def _get_revenue_blocks(self, sql, revenue):
        labels = self._get_part_labels()
        shown = [name for name in labels if revenue.part(name).change]
        first = months.shift(sql.last, 1 - churn.WINDOW)
        span = {
            "first": self._say(first, "month"),
            "last": self._say(sql.last, "month"),
        }
        chart = Chart(
            "revenue",
            self.env._(
                "Revenue of %(first)s to %(last)s against the year before", **span
            ),
            [
                self.env._("Before"),
                *(labels[name] for name in shown),
                self.env._("Now"),
            ],
            [
                Series(
                    self.env._("Revenue"),
                    [
                        revenue.opening,
                        *(revenue.part(name).change for name in shown),
                        revenue.closing,
                    ],
                    look="step",
                )
            ],
            unit="money",
            totals=(0, len(shown) + 1),
        )
        return [chart, self._get_revenue_table(revenue, labels)]

    @api.model
    def _get_revenue_table(self, revenue, labels):
        columns = [
            Column("part", self.env._("Customers Who")),
            Column("customers", self.env._("Customers"), "integer"),
            Column("before", self.env._("12 Months Before"), "money"),
            Column("now", self.env._("Last 12 Months"), "money"),
            Column("change", self.env._("Change"), "money"),
            Column("share", self.env._("Of the Revenue Before"), "percent"),
        ]
        rows = [
            self._get_part_row(labels[name], revenue.part(name), revenue)
            for name in labels
            if revenue.part(name).customers
        ]
        parts = [revenue.part(name) for name in labels]
        whole = churn.Part(
            sum(part.customers for part in parts), revenue.opening, revenue.closing
        )
        rows.append(self._get_part_row(self.env._("Together"), whole, revenue, "total"))
        cohort = self.env._(
            "Opening cohort: %(count)s customers with %(base)s. Of it %(kept)s was "
            "kept: GRR %(gross)s, NRR %(net)s.",
            count=self._say(revenue.customers, "integer"),
            base=self._say(revenue.base, "money", short=True),
            kept=self._say(revenue.kept, "money", short=True),
            gross=self._say(revenue.gross, "percent"),
            net=self._say(revenue.net, "percent"),
        )
        notes = [cohort] if revenue.base else []
        title = self.env._(
            "Revenue kept, lost and won, in %(currency)s",
            currency=self.env.company.currency_id.name,
        )
        return Table("revenue_parts", title, columns, rows, notes)

    @api.model
    def _get_part_row(self, label, part, revenue, kind=""):
        target = None
        if part.ids:
            target = Target("retention.profile", [("id", "in", list(part.ids))])
        return Row(
            [
                Cell(label),
                Cell(part.customers, target=target),
                *(
                    Cell(value, text=self._say(value, "money", short=True))
                    for value in (part.before, part.now, part.change)
                ),
                Cell(share(part.change, revenue.opening)),
            ],
            kind,
        )


def _average_churn(told):
    """Return all lost ones divided by all who could be: not a mean of rates."""
    rows = told.values()
    return share(sum(row.lost for row in rows), sum(row.opening for row in rows))
