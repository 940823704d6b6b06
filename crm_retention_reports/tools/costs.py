"""What part of a cost falls into a stretch of days; days are included at both ends."""

from datetime import date, timedelta

from . import months

TOTAL, MONTH, CONTACT = "total", "month", "contact"  # what an amount is of


def overlap(start: date, end: date | None, first: date, last: date):
    """Return the days that two stretches share, or None; ``end`` None goes on.

    >>> overlap(date(2026, 1, 10), None, date(2026, 1, 1), date(2026, 1, 31))
    (datetime.date(2026, 1, 10), datetime.date(2026, 1, 31))
    >>> overlap(date(2026, 1, 1), date(2026, 1, 9), date(2026, 2, 1), date(2026, 2, 9))
    """
    begin, stop = max(start, first), min(end or last, last)
    return (begin, stop) if begin <= stop else None


def days(first: date, last: date) -> int:
    """Return how many days, both included.

    >>> days(date(2026, 2, 1), date(2026, 2, 28))
    28
    """
    return (last - first).days + 1


def pieces(basis: str, amount: float, start: date, end: date | None, first, last):
    """Return [(day, amount)] of what falls into ``first`` to ``last``, month by month.

    An amount for the whole is spread evenly over its days, one a month over the days
    of each month. One a contact is no matter of days: nothing.

    >>> year = (date(2026, 1, 1), date(2026, 12, 31))
    >>> pieces("total", 3650.0, *year, date(2026, 1, 30), date(2026, 2, 28))
    [(datetime.date(2026, 1, 30), 20.0), (datetime.date(2026, 2, 1), 280.0)]
    >>> found = pieces("month", 280.0, date(2026, 2, 15), None, *year)
    >>> len(found), found[0]
    (11, (datetime.date(2026, 2, 15), 140.0))
    >>> sum(amount for _day, amount in found)
    2940.0
    >>> pieces("contact", 2.0, *year, *year)
    []
    >>> pieces("total", 5.0, *year, date(2027, 1, 1), date(2027, 1, 2))
    []
    """
    shared = overlap(start, end, first, last)
    if not shared or basis == CONTACT:
        return []
    result = []
    for month in months.span(*shared):
        whole = (month, months.last_day(month))
        within = overlap(*shared, *whole)
        if basis == TOTAL:
            whole = (start, end or last)
        result.append((within[0], amount * days(*within) / days(*whole)))
    return result


def by_month(first: date, last: date):
    """Return [(first, last)] day of the parts of some days that lie in one month each.

    >>> [(str(begin), str(end)) for begin, end in by_month(
    ...     date(2026, 1, 20), date(2026, 2, 3))]
    [('2026-01-20', '2026-01-31'), ('2026-02-01', '2026-02-03')]
    """
    return [
        overlap(month, months.last_day(month), first, last)
        for month in months.span(first, last)
    ]


def whole_months(first: date, last: date):
    """Return (first, last) day of the whole months within some days, or None.

    >>> whole_months(date(2026, 1, 2), date(2026, 3, 31))
    (datetime.date(2026, 2, 1), datetime.date(2026, 3, 31))
    >>> whole_months(date(2026, 1, 2), date(2026, 2, 27))
    """
    begin = first if first.day == 1 else months.shift(first, 1)
    end = last
    if last != months.last_day(last):
        end = months.first_day(last) - timedelta(days=1)
    return (begin, end) if begin <= end else None
