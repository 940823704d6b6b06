from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools import churn, cohorts, months
from ..tools.blocks import (
    Card,
    Cards,
    Cell,
    Chart,
    Column,
    Row,
    Series,
    Table,
    Target,
    share,
)

SPANS = (3, 12)  # months within which a second purchase is looked for
PLACES = {"customers": 0, "revenue": 1}  # in what is counted of a cell


class RetentionCohort(models.AbstractModel):
    """Of those who first bought in one period: how many bought again, and how much."""

    _name = "retention.cohort"
    _inherit = "retention.analysis"
    _description = "Cohorts"

    _period = "months_24"

    @api.model
    def _get_choices(self):
        return [
            {
                "name": "size",
                "label": self.env._("First Purchase by"),
                "choices": [
                    ("month", self.env._("Month")),
                    ("quarter", self.env._("Quarter")),
                ],
            },
            {
                "name": "measure",
                "label": self.env._("Measure"),
                "choices": [
                    ("customers", self.env._("Customers who bought (%)")),
                    ("revenue", self.env._("Revenue (%)")),
                ],
            },
        ]

    @api.model
    def _get_help(self):
        return [
            self.env._(
                "A row holds the customers whose first purchase was in that month or "
                "quarter. A column says how many of them bought so many months or "
                "quarters later, or what revenue they brought against that of their "
                "first one. Revenue is without taxes, refunds deducted."
            ),
            self.env._(
                "Hatched: that time is not over yet. Nothing after the last month of "
                "the period is looked at. The average weighs each cohort by its size, "
                "and takes only cohorts that are old enough."
            ),
            self.env._(
                "Bought again: in a later month than that of the first purchase. Only "
                "customers who could be followed so long are counted."
            ),
        ]

    @api.model
    def _get_blocks(self, scope):
        size = scope.options.get("size") or "month"
        measure = scope.options.get("measure") or "customers"
        found = self._count(scope, size)
        if not found:
            return []
        grid = Grid(scope, found, size, measure)
        result = [self._get_table(grid)]
        again = self._get_cards(scope, size)
        if again:
            result.insert(0, Cards(again))
        chart = self._get_chart(grid)
        return [*result, chart] if chart else result

    # ---- counting --------------------------------------------------------------------

    @api.model
    def _count(self, scope, size):
        """Return ``{(cohort, age): (customers who bought, revenue)}``."""
        rows = scope.rows(
            SQL(
                """
                SELECT first_month, month,
                       count(*) FILTER (WHERE purchases > 0 AND (gap_before = 0
                           OR gap_before > mod(
                               extract(month FROM month)::integer - 1, %(size)s))),
                       sum(revenue)
                  FROM retention_month
                 WHERE company_id = %(company)s AND month >= first_month
                   AND first_month BETWEEN %(first)s AND %(last)s
                   AND month <= %(as_of)s AND %(mine)s
                 GROUP BY 1, 2
                """,
                size=churn.SIZES[size],
                company=scope.company.id,
                first=churn.period_of(scope.first, size),
                last=scope.as_of,
                as_of=scope.as_of,
                mine=scope.among_profiles(SQL("profile_id")),
            )
        )
        return cohorts.fold(rows, size)

    @api.model
    def _count_again(self, scope, size):
        """Return ``{months: (customers followed so long, bought again by then)}``."""
        columns = []
        for span in SPANS:
            columns.append(
                SQL(
                    """count(*) FILTER (WHERE month <= %(old)s),
                       count(*) FILTER (WHERE month <= %(old)s
                                          AND gap_after BETWEEN 1 AND %(span)s)""",
                    old=self._get_latest(scope, span),
                    span=span,
                )
            )
        [row] = scope.rows(
            SQL(
                """SELECT %s FROM retention_month
                    WHERE company_id = %s AND month BETWEEN %s AND %s
                      AND purchases > 0 AND gap_before = 0 AND %s""",
                SQL(", ").join(columns),
                scope.company.id,
                churn.period_of(scope.first, size),
                scope.as_of,
                scope.among_profiles(SQL("profile_id")),
            )
        )
        return {
            span: row[2 * place : 2 * place + 2] for place, span in enumerate(SPANS)
        }

    @api.model
    def _get_latest(self, scope, span):
        """Return the last month whose customers could be followed so many months."""
        last = months.first_day(scope.as_of)
        if not months.is_over(last, scope.as_of):
            last = months.shift(last, -1)
        return months.shift(last, -span)

    @api.model
    def _target_followed(self, scope, size, span):
        """Return the first purchases of the customers followed so long."""
        domain = [
            ("profile_id", "any", list(scope.profile_domain())),
            ("purchases", ">", 0),
            ("gap_before", "=", 0),
            ("month", ">=", str(churn.period_of(scope.first, size))),
            ("month", "<=", str(self._get_latest(scope, span))),
        ]
        return Target("retention.month", domain)

    # ---- blocks ----------------------------------------------------------------------

    @api.model
    def _get_cards(self, scope, size):
        return [
            Card(
                self.env._("Bought again within %(months)s months", months=span),
                share(again, followed),
                "percent",
                self._note_on(followed),
                target=self._target_followed(scope, size, span),
            )
            for span, (followed, again) in self._count_again(scope, size).items()
            if followed
        ]

    @api.model
    def _note_on(self, followed):
        count = self._say(followed, "integer")
        if followed < churn.LEAST:
            return self.env._(
                "of %(count)s customers: too few to say much", count=count
            )
        return self.env._("of %(count)s customers followed so long", count=count)

    @api.model
    def _get_table(self, grid):
        columns = [
            Column("cohort", self.env._("First Purchase")),
            Column("size", self.env._("Customers"), "integer"),
            *(
                Column(f"age_{age}", str(age), "percent", self._name_age(age, grid))
                for age in grid.ages
            ),
        ]
        rows = [self._get_row(grid, cohort) for cohort in grid.cohorts]
        average = self._get_average_row(grid)
        if average:
            rows.append(average)
        return Table(
            "cohorts",
            self._get_grid_title(grid),
            columns,
            rows,
            self._get_notes(grid),
            look="heat",
        )

    @api.model
    def _get_grid_title(self, grid):
        titles = {
            ("customers", "month"): self.env._(
                "Customers who bought again, by months after the first purchase"
            ),
            ("customers", "quarter"): self.env._(
                "Customers who bought again, by quarters after the first purchase"
            ),
            ("revenue", "month"): self.env._(
                "Revenue of the first month that came again, by months after it"
            ),
            ("revenue", "quarter"): self.env._(
                "Revenue of the first quarter that came again, by quarters after it"
            ),
        }
        return titles[grid.measure, grid.size]

    @api.model
    def _get_notes(self, grid):
        notes = []
        if any(grid.found[cohort, 0][0] < churn.LEAST for cohort in grid.cohorts):
            notes.append(
                self.env._(
                    "The shares in rows of fewer than %(least)s customers jump by "
                    "chance.",
                    least=churn.LEAST,
                )
            )
        if grid.is_cut:
            notes.append(
                self.env._(
                    "Of each row only the first %(most)s are shown.", most=cohorts.MOST
                )
            )
        return notes

    @api.model
    def _name_age(self, age, grid):
        """Return what a column means, where it is pointed at."""
        if grid.size == "quarter":
            return self.env._("Quarters after the first one: %(age)s", age=age)
        return self.env._("Months after the first one: %(age)s", age=age)

    @api.model
    def _get_row(self, grid, cohort):
        size = grid.found[cohort, 0][0]
        name = format_date(
            self.env,
            cohort,
            date_format="QQQ y" if grid.size == "quarter" else "MMM y",
        )
        cells = [
            Cell(name, target=grid.target(cohort)),
            Cell(size, target=grid.target(cohort)),
        ]
        if not grid.is_known(cohort, 0):
            cells[1].title = self.env._("So far")
            if grid.scope.as_of < grid.scope.yesterday:
                month = self._say(grid.last, "month")
                cells[1].title = self.env._(
                    "Until the end of %(month)s, counted by whole months", month=month
                )
        return Row(cells + [self._get_cell(grid, cohort, age) for age in grid.ages])

    @api.model
    def _get_cell(self, grid, cohort, age):
        if not grid.is_known(cohort, age):
            return Cell(state="open", title=self.env._("Not over yet"))
        part, whole = grid.value(cohort, age), grid.value(cohort, 0)
        customers = grid.found.get((cohort, age), (0,))[0]
        target = grid.target(cohort, age) if customers else None
        return self._make_cell(grid, part, whole, target)

    @api.model
    def _make_cell(self, grid, part, whole, target=None):
        kind = "integer" if grid.measure == "customers" else "money"
        value = share(part, whole) if whole > 0 else None
        title = self.env._(
            "%(part)s of %(whole)s",
            part=self._say(part, kind),
            whole=self._say(whole, kind),
        )
        shade = None if value is None else min(max(value / 100, 0), 1)
        # without digits that so few customers do not have
        text = self._say(value, "percent", short=True)
        return Cell(value, shade=shade, title=title, text=text, target=target)

    @api.model
    def _get_average_row(self, grid):
        """Return the average of the cohorts that are old enough, or None."""
        parts = [grid.weigh(age) for age in grid.ages]
        if not parts[0]:
            return None
        cells = [
            self._make_cell(grid, *part) if part else Cell(state="open")
            for part in parts
        ]
        finished = [row for row in grid.cohorts if grid.is_known(row, 0)]
        size = sum(grid.found[cohort, 0][0] for cohort in finished)
        return Row(
            [Cell(self.env._("Weighted Average")), Cell(size), *cells], "average"
        )

    @api.model
    def _get_chart(self, grid):
        ages = [age for age in grid.ages[1:] if grid.followed(age) >= churn.LEAST]
        parts = [grid.weigh(age) for age in ages]
        values = [share(*part) if part[1] > 0 else None for part in parts]
        if len(values) < 2:
            return None
        return Chart(
            "average",
            self.env._("Weighted average of the cohorts that are old enough"),
            [str(age) for age in ages],
            [Series(self.env._("Weighted Average"), values, look="line")],
            unit="percent",
            notes=[
                self.env._(
                    "Only as far as at least %(least)s customers were followed.",
                    least=churn.LEAST,
                )
            ],
            axis=self._get_axis(grid),
        )

    @api.model
    def _get_axis(self, grid):
        if grid.size == "quarter":
            return self.env._("Quarters after the first one")
        return self.env._("Months after the first one")


class Grid:
    """What was counted, cohort by age, and how it is to be shown."""

    def __init__(self, scope, found, size, measure):
        self.scope, self.found = scope, found
        self.size, self.measure = size, measure
        every = churn.periods(scope.first, scope.as_of, size)
        self.cohorts = [cohort for cohort in every if (cohort, 0) in found]
        oldest = self.cohorts[0] if self.cohorts else every[0]
        self.ages = cohorts.ages(oldest, scope.as_of, size)
        reached = cohorts.age_of(oldest, scope.as_of, size)
        self.is_cut = reached > self.ages[-1]
        self.last = months.first_day(scope.as_of)  # the last month that is counted

    def is_known(self, cohort, age):
        return cohorts.is_known(cohort, age, self.size, self.scope.as_of)

    def value(self, cohort, age):
        """Return customers or revenue of one cell."""
        return self.found.get((cohort, age), (0, 0.0))[PLACES[self.measure]]

    def weigh(self, age):
        return cohorts.weigh(
            self.found,
            self.cohorts,
            age,
            self.size,
            self.scope.as_of,
            PLACES[self.measure],
        )

    def followed(self, age):
        """Return how many customers are in cohorts that are so old."""
        return sum(
            self.found[cohort, 0][0]
            for cohort in self.cohorts
            if self.is_known(cohort, age)
        )

    def target(self, cohort, age=0):
        """Return the customers behind a cell: of each the first month in its period."""
        period = cohorts.period_at(cohort, age, self.size)
        last = min(churn.last_month(period, self.size), self.last)
        born = min(churn.last_month(cohort, self.size), self.last)
        domain = Domain.AND(
            [
                Domain("profile_id", "any", list(self.scope.profile_domain())),
                Domain("first_month", ">=", str(cohort)),
                Domain("first_month", "<=", str(born)),
                Domain("purchases", ">", 0),
                Domain.OR(
                    Domain("month", "=", str(month))
                    & (Domain("gap_before", "=", 0) | Domain("gap_before", ">", gap))
                    for gap, month in enumerate(months.span(period, last))
                ),
            ]
        )
        return Target("retention.month", list(domain))
