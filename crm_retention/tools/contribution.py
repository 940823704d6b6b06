"""The contribution index: what makes a customer one of high value, sign by sign.

A customer is of high value if *any* sign is there: revenue of twelve months from an
amount on, buying again and again over twelve months, new customers brought in, or a
place among the best by RFM (which a person may have to review).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil

from dateutil.relativedelta import relativedelta

YEAR = 12  # months that all signs look at
SIGNS = ("amount", "steady", "friends", "top")
CONFIRMED, EXCLUDED = "confirmed", "excluded"
AT_ONCE, AFTER = "at_once", "after"


def year_from(as_of: date) -> date:
    """Return the last day before the twelve months that end on ``as_of``.

    >>> year_from(date(2024, 2, 29))
    datetime.date(2023, 2, 28)
    """
    return as_of - relativedelta(months=YEAR)


def months_span(as_of: date) -> tuple[date, date]:
    """Return the first day of the last twelve whole calendar months, and the day
    after them.

    >>> months_span(date(2026, 6, 15))
    (datetime.date(2025, 6, 1), datetime.date(2026, 6, 1))
    >>> months_span(date(2026, 6, 30))[1]  # a month is whole on the day after it
    datetime.date(2026, 6, 1)
    """
    end = as_of.replace(day=1)
    return end - relativedelta(months=YEAR), end


def repurchase_rate(days: Iterable[date], as_of: date, period_months: int = 1) -> float:
    """Return in how many percent of the last periods the customer bought.

    The last twelve whole calendar months are cut, in a row, into periods of
    ``period_months``; one in which he bought at least once counts, how often is all
    the same. The month that is still running does not count.

    >>> monthly = [date(2025, month, 5) for month in range(1, 13)]
    >>> repurchase_rate(monthly, date(2026, 1, 31))
    100.0
    >>> round(repurchase_rate(monthly[1:], date(2026, 1, 31)), 1)
    91.7
    >>> repurchase_rate([date(2025, 2, 1), date(2025, 5, 1)], date(2026, 1, 1), 3)
    50.0
    >>> repurchase_rate([date(2026, 1, 1)], date(2026, 1, 31))
    0.0
    """
    first, end = months_span(as_of)
    hit = {
        (12 * (day.year - first.year) + day.month - first.month) // period_months
        for day in days
        if first <= day < end
    }
    return 100 * len(hit) / (YEAR // period_months)


def needed(share: float, period_months: int = 1) -> int:
    """Return in how many periods a customer must have bought to reach ``share`` %.

    >>> needed(95), needed(90), needed(95, 3), needed(50, 6)
    (12, 11, 4, 1)
    """
    return ceil(Fraction(str(share)) * (YEAR // period_months) / 100)


def masks(period_months: int) -> list[int]:
    """Return the bits of the months of each period, month 0 being the first.

    >>> [bin(mask) for mask in masks(6)]
    ['0b111111', '0b111111000000']
    """
    block = (1 << period_months) - 1
    return [block << begin for begin in range(0, YEAR, period_months)]


@dataclass(frozen=True)
class Signs:
    """Which signs of high value one customer shows."""

    amount: bool = False
    steady: bool = False
    friends: bool = False
    top: bool = False


def contribution(signs: Signs, mode: str, review: str | None) -> int:
    """Return how many signs count: 0 means that the customer is not of high value.

    Who is among the best counts at once, or after a person confirmed it. Who was
    excluded by a person (an outlier) never counts.

    >>> best = Signs(top=True)
    >>> contribution(best, AT_ONCE, None), contribution(best, AFTER, None)
    (1, 0)
    >>> contribution(best, AFTER, CONFIRMED), contribution(best, AT_ONCE, EXCLUDED)
    (1, 0)
    >>> contribution(Signs(True, True, True, True), AFTER, None)
    3
    """
    if review == EXCLUDED:
        return 0
    top = signs.top and (mode == AT_ONCE or review == CONFIRMED)
    return signs.amount + signs.steady + signs.friends + top


def may_be_high(mode: str, review: str | None, count: int) -> bool:
    """Tell whether a customer may earn a tier of high value by his figures.

    >>> may_be_high(AT_ONCE, None, 0), may_be_high(AFTER, None, 0)
    (True, False)
    >>> may_be_high(AFTER, CONFIRMED, 1), may_be_high(AT_ONCE, EXCLUDED, 0)
    (True, False)
    """
    return review != EXCLUDED and (mode == AT_ONCE or count > 0)
