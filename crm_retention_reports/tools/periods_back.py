"""Periods that lie one before the other."""

from datetime import date

from .months import between, first_day, last_day, shift


def spans_back(first: date, last: date, number: int) -> list[tuple[date, date]]:
    """Return ``number`` periods of whole months as long as the first one, back in time.

    >>> from datetime import date
    >>> for one, other in spans_back(date(2024, 4, 1), date(2024, 6, 30), 3):
    ...     print(one, other)
    2024-04-01 2024-06-30
    2024-01-01 2024-03-31
    2023-10-01 2023-12-31
    >>> spans_back(date(2024, 2, 1), date(2024, 2, 29), 1)[0][1].day
    29
    >>> found = spans_back(date(2024, 3, 1), date(2024, 3, 31), 2)
    >>> [str(last) for _first, last in found]
    ['2024-03-31', '2024-02-29']
    >>> len(spans_back(date(2024, 1, 1), date(2024, 12, 31), 12))
    12
    >>> spans_back(date(2024, 1, 1), date(2024, 12, 31), 0)
    []
    """
    length = between(first, last) + 1
    starts = [shift(first_day(first), -length * n) for n in range(number)]
    return [(start, last_day(shift(start, length - 1))) for start in starts]


def label(first: date, last: date) -> str:
    """Return a short name of a period that means the same everywhere.

    >>> label(date(2024, 2, 1), date(2024, 2, 29))
    '2024-02'
    >>> label(date(2024, 4, 1), date(2024, 6, 30))
    '2024-04 06'
    >>> label(date(2023, 1, 1), date(2023, 12, 31))
    '2023'
    >>> label(date(2023, 7, 1), date(2024, 6, 30))
    '2023-07 2024-06'
    >>> label(date(2024, 2, 1), date(2024, 2, 9))
    '2024-02-01 2024-02-09'
    """
    if first.day != 1 or last != last_day(last):
        return f"{first} {last}"
    start, end = first.strftime("%Y-%m"), last.strftime("%Y-%m")
    if start == end:
        return start
    if first.year != last.year:
        return f"{start} {end}"
    whole = first.month == 1 and last.month == 12
    return str(first.year) if whole else f"{start} {last.strftime('%m')}"
