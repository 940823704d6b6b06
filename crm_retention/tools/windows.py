"""The periods in which purchases count towards a tier.

*Rolling*: the last months up to today. *Calendar*: periods that begin on 1 January, or
a whole number of such periods after it. *Anniversary*: periods that begin on a
customer's own day.

A period stays open until the grace after it is over, and some days more for the pass
that decides: until then its figures still count, together with what came since.
"""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

ROLLING, CALENDAR, ANNIVERSARY = "rolling", "calendar", "anniversary"
NEW_YEAR = date(2000, 1, 1)  # where all calendar periods begin to count
CLOSING_DAYS = 7  # after the grace, so that a late pass still sees the old figures


def months_between(anchor: date, day: date) -> int:
    """Return how many whole months lie between two days (negative: before it).

    >>> months_between(date(2024, 2, 29), date(2025, 2, 28))
    12
    >>> months_between(date(2024, 1, 31), date(2024, 2, 28))
    0
    >>> months_between(date(2024, 1, 15), date(2024, 1, 14))
    -1
    """
    months = 12 * (day.year - anchor.year) + day.month - anchor.month
    return months - (anchor + relativedelta(months=months) > day)


def period_start(anchor: date, months: int, day: date) -> date:
    """Return the first day of the period of ``months`` in which ``day`` lies.

    Periods are counted from ``anchor``; before it is the first of them.

    >>> period_start(NEW_YEAR, 3, date(2026, 5, 20))
    datetime.date(2026, 4, 1)
    >>> period_start(date(2024, 2, 29), 12, date(2026, 3, 1))
    datetime.date(2026, 2, 28)
    >>> period_start(date(2026, 5, 1), 12, date(2026, 4, 1))
    datetime.date(2026, 5, 1)
    """
    periods = max(0, months_between(anchor, day) // months)
    return anchor + relativedelta(months=periods * months)


def settled(as_of: date, grace_days: int) -> date:
    """Return the day whose period counts on ``as_of``: the grace keeps it open.

    >>> settled(date(2027, 2, 7), 30), settled(date(2027, 2, 6), 30)
    (datetime.date(2027, 1, 1), datetime.date(2026, 12, 31))
    """
    return as_of - timedelta(days=grace_days + CLOSING_DAYS)


def window_from(anchor: date, months: int, grace_days: int, as_of: date) -> date:
    """Return the first day whose purchases count on ``as_of``.

    >>> day = date(2027, 1, 31)  # grace of last year: its figures decide
    >>> window_from(NEW_YEAR, 12, 30, day), window_from(NEW_YEAR, 12, 0, day)
    (datetime.date(2026, 1, 1), datetime.date(2027, 1, 1))
    """
    return period_start(anchor, months, settled(as_of, grace_days))
