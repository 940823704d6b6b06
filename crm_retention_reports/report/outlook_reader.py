"""What the sales forecast reads: by month and rhythm, and by product category."""

from datetime import date, timedelta
from functools import cached_property

from odoo.tools import SQL

from ..tools import months, outlook, rhythms

MOST_MONTHS = 60  # of the past that are read
SHOWN = 10  # product categories, the biggest; the others together


def number_of(month: date) -> int:
    """Return a month as the whole number that the tools count with."""
    return 12 * month.year + month.month - 1


def month_of(number: int) -> date:
    """Return the first day of a month given as a whole number."""
    return date(number // 12, number % 12 + 1, 1)


class OutlookReader:
    """The history of the customers of a :class:`Scope`, read by two statements.

    ``last`` is the last complete month of which everything is known: the months are
    counted as of the evening before.
    """

    def __init__(self, scope, count):
        self.scope = scope
        self.count = count
        yesterday = scope.company._retention_today() - timedelta(days=1)
        as_of = min(scope.last, yesterday)
        month = months.first_day(as_of)
        if not months.is_over(month, as_of):
            month = months.shift(month, -1)
        self.last = number_of(month)
        # the last one that is over by now: what came of a forecast of then
        now = months.first_day(yesterday)
        over = months.is_over(now, yesterday)
        self.latest = number_of(now) - (0 if over else 1)

    @cached_property
    def _rows(self):
        """Rows (bought at all?, month, rhythm, after, customers, revenue, squares)."""
        return self.scope.rows(
            SQL(
                """
                SELECT purchases > 0, month, width_bucket(gap_before, %(edges)s),
                       CASE WHEN gap_after > %(most)s THEN 0 ELSE gap_after END,
                       count(*), sum(revenue)::float8,
                       sum(revenue * revenue)::float8
                  FROM retention_month
                 WHERE company_id = %(company)s AND month > %(floor)s
                   AND month <= %(latest)s AND (purchases > 0 OR revenue <> 0)
                   AND %(among)s
                 GROUP BY 1, 2, 3, 4
                """,
                edges=list(rhythms.EDGES),
                most=rhythms.MOST,
                company=self.scope.company.id,
                floor=month_of(self.last - MOST_MONTHS),
                latest=month_of(self.latest),
                among=self.scope.among_profiles(SQL("profile_id")),
            )
        )

    @cached_property
    def sold(self) -> dict[int, float]:
        """Revenue by month, refunds deducted; 0 where nothing was sold in between."""
        sold = {}
        for _bought, month, _rhythm, _after, _customers, revenue, _s in self._rows:
            number = number_of(month)
            sold[number] = sold.get(number, 0.0) + revenue
        if sold:
            everything = range(min(sold), self.latest + 1)
            sold = {number: sold.get(number, 0.0) for number in everything}
        return sold

    @cached_property
    def forecast(self) -> outlook.Outlook:
        cells = (
            rhythms.Cell(number_of(month), *figures)
            for bought, month, *figures in self._rows
            if bought
        )
        return outlook.Outlook(rhythms.Rhythms(cells), self.sold)

    @cached_property
    def told(self) -> list[float]:
        """What the rhythms tell for the next months; empty: too little is known."""
        return self.forecast.tell(self.last, self.count)

    @cached_property
    def plain(self) -> list[float | None]:
        """The same months a year before."""
        return [
            outlook.year_before(self.sold, self.last, target, self.forecast.first)
            for target in self.targets
        ]

    @property
    def targets(self) -> range:
        return range(self.last + 1, self.last + 1 + self.count)

    @cached_property
    def tries(self) -> list[outlook.Try]:
        return self.forecast.try_out(self.last, self.count)

    def of_year(self, tries) -> list[outlook.Try]:
        """Return those about the last twelve months that can be compared."""
        return [
            each
            for each in tries
            if each.target > self.last - rhythms.YEAR and each.plain is not None
        ]

    @cached_property
    def is_plain(self) -> bool:
        """Tell whether the same month a year before was the better forecast."""
        tries = self.of_year(self.tries)
        ours = outlook.error(tries)
        plain = outlook.error(outlook.by_year_before(tries))
        return ours is not None and plain is not None and plain < ours

    def choose(self, tries) -> list[outlook.Try]:
        """Return the tries of the way of telling that is used."""
        return outlook.by_year_before(tries) if self.is_plain else list(tries)

    @cached_property
    def values(self) -> list[outlook.Told]:
        """The forecast of each of the next months, with its range."""
        told = self.plain if self.is_plain else self.told
        tries = self.choose(self.tries)
        return [
            outlook.with_range(
                value, outlook.reach(each for each in tries if each.ahead == ahead)
            )
            for ahead, value in enumerate(told, 1)
        ]

    @cached_property
    def total(self) -> outlook.Told:
        """The forecast of all the next months together."""
        together = outlook.in_sum(self.choose(self.tries), self.count)
        value = sum(each.value for each in self.values)
        return outlook.with_range(value, outlook.reach(together))

    # ---- product categories ----------------------------------------------------------

    @cached_property
    def categories(self) -> dict[int | None, dict[int, float]]:
        """``{category id: {month: revenue}}``; None: of no category."""
        rows = self.scope.rows(
            SQL(
                """
                SELECT category_id, month, sum(revenue)::float8
                  FROM retention_month_category
                 WHERE company_id = %(company)s AND month > %(floor)s
                   AND month <= %(latest)s AND %(among)s
                 GROUP BY 1, 2
                """,
                company=self.scope.company.id,
                floor=month_of(self.last - MOST_MONTHS),
                latest=month_of(self.latest),
                among=self.scope.among_profiles(SQL("profile_id")),
            )
        )
        sold = {}
        rest = dict(self.sold)
        for category, month, revenue in rows:
            number = number_of(month)
            sold.setdefault(category, {})[number] = revenue
            rest[number] = rest.get(number, 0.0) - revenue
        sold[None] = rest
        return sold

    def year_of(self, sold) -> float:
        """Return the revenue of the last twelve months."""
        return sum(
            sold.get(month, 0.0)
            for month in range(self.last - rhythms.YEAR + 1, self.last + 1)
        )

    @cached_property
    def groups(self) -> list[tuple[list, dict[int, float]]]:
        """``[([category ids], {month: revenue})]``, the biggest first, then the rest.

        Together they are the whole. The last one has the id None among its own where
        something was sold without a category.
        """
        named = sorted(
            (each for each in self.categories if each is not None),
            key=lambda each: (-self.year_of(self.categories[each]), each),
        )
        groups = [([each], self.categories[each]) for each in named[:SHOWN]]
        rest = {}
        for each in [*named[SHOWN:], None]:
            for month, revenue in self.categories[each].items():
                rest[month] = rest.get(month, 0.0) + revenue
        if any(abs(revenue) >= 0.005 for revenue in rest.values()):
            groups.append(([*named[SHOWN:], None], rest))
        return groups

    def tell_part(self, sold) -> tuple[outlook.Told, list[outlook.Try]]:
        """Return the forecast of one group for all the next months, and its tries.

        It gets its part of what is foretold of all, so that groups make up the whole.
        """
        tries = []
        for each in self.choose(self.tries):
            share = outlook.part(sold, self.sold, each.origin, each.target)
            if share is not None:
                tries.append(
                    each._replace(
                        told=each.told * share,
                        real=sold.get(each.target, 0.0),
                        plain=outlook.year_before(
                            sold, each.origin, each.target, self.forecast.first
                        ),
                    )
                )
        parts = [
            outlook.part(sold, self.sold, self.last, target) for target in self.targets
        ]
        if None in parts:  # more was given back than sold: nothing to take parts of
            return outlook.Told(None), []
        value = sum(
            told.value * part for told, part in zip(self.values, parts, strict=True)
        )
        return outlook.with_range(
            value, outlook.reach(outlook.in_sum(tries, self.count))
        ), tries
