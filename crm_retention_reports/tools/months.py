"""Months as their first days."""

from collections.abc import Iterable
from datetime import date, timedelta


def first_day(day: date) -> date:
    """Return the first day of the month of ``day``.

    >>> first_day(date(2024, 2, 29))
    datetime.date(2024, 2, 1)
    """
    return day.replace(day=1)


def shift(month: date, by: int) -> date:
    """Return the first day of the month ``by`` months later.

    >>> shift(date(2024, 1, 31), -1), shift(date(2023, 12, 1), 14)
    (datetime.date(2023, 12, 1), datetime.date(2025, 2, 1))
    """
    place = month.year * 12 + month.month - 1 + by
    return date(place // 12, place % 12 + 1, 1)


def last_day(month: date) -> date:
    """Return the last day of a month.

    >>> last_day(date(2024, 2, 10))
    datetime.date(2024, 2, 29)
    """
    return shift(month, 1) - timedelta(days=1)


def between(first: date, last: date) -> int:
    """Return how many months lie from one month to another.

    >>> between(date(2023, 11, 5), date(2024, 2, 1))
    3
    """
    return 12 * (last.year - first.year) + last.month - first.month


def span(first: date, last: date) -> list[date]:
    """Return the first days of all months from one to the other, both included.

    >>> [str(day) for day in span(date(2023, 12, 9), date(2024, 1, 9))]
    ['2023-12-01', '2024-01-01']
    """
    return [shift(first, place) for place in range(between(first, last) + 1)]


def is_over(month: date, as_of: date) -> bool:
    """Tell whether a month is complete on the evening of ``as_of``.

    >>> is_over(date(2024, 2, 1), date(2024, 2, 28))
    False
    >>> is_over(date(2024, 2, 1), date(2024, 2, 29))
    True
    """
    return last_day(month) <= as_of


def known(days: list[date], counted: Iterable[date]) -> list[date]:
    """Return the months from the first one of which anything is counted.

    A filter that reaches back ten years is no reason to show years of nothing.

    >>> days = span(date(2024, 1, 1), date(2024, 4, 1))
    >>> [day.month for day in known(days, [date(2024, 4, 1), date(2024, 2, 9)])]
    [2, 3, 4]
    >>> known(days, [])
    []
    """
    begin = min(map(first_day, counted), default=None)
    return [day for day in days if begin and day >= begin]
