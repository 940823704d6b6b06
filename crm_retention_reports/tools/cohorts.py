"""Cohorts: who first bought in one month or quarter, and what they do later.

The age of a cohort counts its periods: 0 is the one of the first purchase. A cell is
known once its period is over; until then it is empty, never 0.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from . import churn, months

MOST = 36  # periods that are followed; the table becomes unreadable beyond

Found = Mapping[tuple[date, int], tuple[int, float]]


def age_of(cohort: date, month: date, size: str) -> int:
    """Return how many periods ``month`` lies after a cohort.

    >>> age_of(date(2024, 1, 1), date(2024, 3, 1), "month")
    2
    >>> age_of(date(2024, 1, 1), date(2024, 3, 1), "quarter")
    0
    >>> age_of(date(2023, 10, 1), date(2024, 4, 1), "quarter")
    2
    """
    period = churn.period_of(month, size)
    return months.between(cohort, period) // churn.SIZES[size]


def period_at(cohort: date, age: int, size: str) -> date:
    """Return the first day of the period in which a cohort has an age.

    >>> period_at(date(2023, 10, 1), 2, "quarter")
    datetime.date(2024, 4, 1)
    >>> period_at(date(2023, 12, 1), 1, "month")
    datetime.date(2024, 1, 1)
    """
    return months.shift(cohort, age * churn.SIZES[size])


def is_known(cohort: date, age: int, size: str, as_of: date) -> bool:
    """Tell whether the period of a cell is over on the evening of ``as_of``.

    >>> is_known(date(2024, 1, 1), 1, "month", date(2024, 2, 28))
    False
    >>> is_known(date(2024, 1, 1), 1, "month", date(2024, 2, 29))
    True
    >>> is_known(date(2024, 1, 1), 0, "quarter", date(2024, 2, 29))
    False
    """
    last = churn.last_month(period_at(cohort, age, size), size)
    return months.is_over(last, as_of)


def ages(first: date, as_of: date, size: str) -> range:
    """Return the ages that the oldest cohort has reached, at most MOST of them.

    >>> ages(date(2024, 1, 1), date(2024, 3, 5), "month")
    range(0, 3)
    >>> ages(date(2000, 1, 1), date(2024, 3, 5), "quarter") == range(MOST + 1)
    True
    """
    return range(min(age_of(first, as_of, size), MOST) + 1)


def fold(rows: Iterable[tuple], size: str) -> dict[tuple[date, int], tuple[int, float]]:
    """Return ``{(cohort, age): (customers, revenue)}`` of rows by month.

    :param rows: (month of the first purchase, month, customers, revenue); a customer
        is counted once a period.

    >>> jan, feb, apr = (date(2024, month, 1) for month in (1, 2, 4))
    >>> rows = [(jan, jan, 3, 30), (jan, feb, 1, 5), (feb, feb, 2, 8), (feb, apr, 1, 1)]
    >>> fold(rows, "month")[jan, 1]
    (1, 5.0)
    >>> list(fold(rows, "quarter").values())
    [(6, 43.0), (1, 1.0)]
    """
    result = {}
    for born, month, customers, revenue in rows:
        cohort = churn.period_of(born, size)
        key = cohort, age_of(cohort, month, size)
        known = result.get(key, (0, 0.0))
        result[key] = known[0] + customers, known[1] + float(revenue or 0)
    return result


def weigh(
    found: Found, cohorts: Iterable[date], age: int, size: str, as_of: date, place: int
) -> tuple[float, float] | None:
    """Return (part, whole) at an age of all cohorts of which it is known together.

    Their quotient is the average weighted by the cohorts' size, not the mean of their
    percentages. None: no cohort is that old.

    :param place: 0 customers, 1 revenue.

    >>> jan, feb = date(2024, 1, 1), date(2024, 2, 1)
    >>> found = {(jan, 0): (10, 9), (jan, 1): (5, 9), (feb, 0): (90, 9)}
    >>> found[feb, 1] = (9, 9)
    >>> weigh(found, [jan, feb], 1, "month", date(2024, 3, 31), 0)
    (14, 100)
    >>> weigh(found, [jan, feb], 1, "month", date(2024, 3, 30), 0)
    (5, 10)
    >>> weigh(found, [jan, feb], 2, "month", date(2024, 3, 30), 0) is None
    True
    """
    known = [
        cohort
        for cohort in cohorts
        if (cohort, 0) in found and is_known(cohort, age, size, as_of)
    ]
    if not known:
        return None
    empty = (0, 0.0)
    return (
        sum(found.get((cohort, age), empty)[place] for cohort in known),
        sum(found[cohort, 0][place] for cohort in known),
    )
