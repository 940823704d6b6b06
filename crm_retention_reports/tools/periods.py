"""Months, quarters and years as (first day, last day)."""

from datetime import date, timedelta

from . import months

MONTH, QUARTER, YEAR = NAMES = ("month", "quarter", "year")
LENGTHS = {MONTH: 1, QUARTER: 3, YEAR: 12}


def holding(name: str, day: date) -> tuple[date, date]:
    """Return the period of this name in which ``day`` lies.

    >>> [str(day) for day in holding("quarter", date(2024, 5, 9))]
    ['2024-04-01', '2024-06-30']
    >>> [str(day) for day in holding("year", date(2024, 5, 9))]
    ['2024-01-01', '2024-12-31']
    """
    length = LENGTHS[name]
    first = date(day.year, (day.month - 1) // length * length + 1, 1)
    return first, months.last_day(months.shift(first, length - 1))


def finished(name: str, day: date) -> tuple[date, date]:
    """Return the last period of this name that was over before ``day`` began.

    >>> [str(day) for day in finished("month", date(2024, 3, 1))]
    ['2024-02-01', '2024-02-29']
    >>> [str(day) for day in finished("quarter", date(2024, 3, 31))]
    ['2023-10-01', '2023-12-31']
    """
    first, _last = holding(name, day)
    return holding(name, first - timedelta(days=1))


def back(name: str, first: date, count: int) -> list[tuple[date, date]]:
    """Return ``count`` periods of this name up to the one of ``first``, oldest first.

    >>> [str(first) for first, _last in back("quarter", date(2024, 4, 1), 3)]
    ['2023-10-01', '2024-01-01', '2024-04-01']
    """
    begin, _last = holding(name, first)
    return [
        holding(name, months.shift(begin, -LENGTHS[name] * place))
        for place in range(count - 1, -1, -1)
    ]


def name_of(first: date, last: date) -> str | None:
    """Return of what kind these days are exactly one; None: of none.

    >>> name_of(date(2024, 4, 1), date(2024, 6, 30))
    'quarter'
    >>> name_of(date(2024, 4, 1), date(2024, 4, 30))
    'month'
    >>> name_of(date(2024, 4, 1), date(2024, 5, 31)) is None
    True
    """
    return next((name for name in NAMES if holding(name, first) == (first, last)), None)
