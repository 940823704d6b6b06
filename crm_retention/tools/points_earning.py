"""How many points a purchase earns, until when they live, what a refund takes back.

Amounts are counted exactly: 0.1 + 0.2 is 0.3, and a threshold that is exactly met is
met. Points are whole numbers, rounded down once a document. A refund takes back in
proportion, together with the refunds before it never more than there was, and all of
it when everything is refunded.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction

from dateutil.relativedelta import relativedelta

NEVER, MONTHS, DAY, INACTIVE = "never", "months", "day", "inactive"
DIGITS = 6  # of a converted amount; what lies behind is noise of the exchange rate


def exact(number: float | int | None) -> Fraction:
    """Return a number as it is written.

    >>> exact(0.1) + exact(0.2) == exact(0.3)
    True
    """
    return Fraction(str(round(number or 0, DIGITS)))


def base_points(
    amount: float, points: int, every: float, factors: Iterable[float] = ()
) -> int:
    """Return what ``amount`` earns at ``points`` for ``every`` amount, times factors.

    >>> base_points(99.99, 1, 100), base_points(100, 1, 100), base_points(199, 1, 100)
    (0, 1, 1)
    >>> base_points(120, 1, 1, [1.5]), base_points(0.3, 10, 0.1), base_points(-5, 1, 1)
    (180, 30, 0)
    """
    if amount <= 0 or every <= 0:
        return 0
    return math.floor(
        exact(amount) * points * math.prod(map(exact, factors)) / exact(every)
    )


def extra_points(points: int, factor: float) -> int:
    """Return what a factor adds to points.

    >>> extra_points(101, 1.5), extra_points(100, 2), extra_points(100, 1)
    (50, 100, 0)
    """
    return max(math.floor(points * exact(factor)) - points, 0)


def reversed_points(points: int, amount: float, refunded: float) -> int:
    """Return how many of ``points`` earned on ``amount`` its refunds take, in all.

    >>> [reversed_points(100, 250, back) for back in (100, 249.99, 250, 300, -1)]
    [40, 99, 100, 100, 0]
    >>> reversed_points(7, 0, 5)
    7
    """
    if refunded <= 0:
        return 0
    if exact(refunded) >= exact(amount):
        return points
    return math.floor(points * exact(refunded) / exact(amount))


def wanted_reversals(
    points: int,
    amount: float,
    refunds: Sequence[tuple[Hashable, float]],
    gone: int = 0,
) -> dict:
    """Return ``{refund: points}`` to be reversed of one earning entry.

    :param refunds: (document, amount) of what was refunded, oldest first.
    :param gone: points of it that are lost already: expired, or reversed by a person.

    >>> wanted_reversals(100, 100, [("a", 40), ("b", 60)])
    {'a': 40, 'b': 60}
    >>> wanted_reversals(10, 99, [("a", 33), ("b", 33), ("c", 33)])
    {'a': 3, 'b': 3, 'c': 4}
    >>> wanted_reversals(100, 100, [("a", 40), ("b", 60)], gone=70)
    {'a': 30, 'b': 0}
    """
    wanted, done, total = {}, 0, Fraction(0)
    for document, refunded in refunds:
        total += exact(refunded)
        upto = min(reversed_points(points, amount, float(total)), points - gone)
        wanted[document] = max(upto - done, 0)
        done += wanted[document]
    return wanted


def corrections(
    held: Mapping[Hashable, int], wanted: Mapping[Hashable, int]
) -> tuple[dict, dict]:
    """Return ({document: points to give back}, {document: points to take}).

    >>> corrections({"a": 40, "b": 5}, {"a": 30, "c": 7})
    ({'a': 10, 'b': 5}, {'c': 7})
    """
    gives, takes = {}, {}
    for document in [*held, *(name for name in wanted if name not in held)]:
        change = wanted.get(document, 0) - held.get(document, 0)
        if change < 0:
            gives[document] = -change
        elif change > 0:
            takes[document] = change
    return gives, takes


def on_day(year: int, month: int, day: int) -> date:
    """Return a day of a month, or its last one where it is shorter.

    >>> on_day(2023, 2, 29), on_day(2024, 2, 29)
    (datetime.date(2023, 2, 28), datetime.date(2024, 2, 29))
    """
    return date(year, month, 1) + relativedelta(day=day)


def expiry_day(
    model: str, earned: date, months: int, month: int = 12, day: int = 31
) -> date | None:
    """Return the last day on which points earned on a day can be spent; None: any.

    >>> expiry_day(MONTHS, date(2024, 8, 31), 6)
    datetime.date(2025, 2, 28)
    >>> expiry_day(DAY, date(2024, 6, 30), 6), expiry_day(DAY, date(2024, 7, 1), 6)
    (datetime.date(2024, 12, 31), datetime.date(2025, 12, 31))
    >>> expiry_day(NEVER, date(2024, 1, 1), 6), expiry_day(INACTIVE, date.today(), 6)
    (None, None)
    """
    if model not in (MONTHS, DAY):
        return None
    least = earned + relativedelta(months=months)
    if model == MONTHS:
        return least
    found = on_day(least.year, month, day)
    # December at least, on 30 December: the first such day from then on
    return found if found >= least else on_day(least.year + 1, month, day)


def available_day(earned: date, pending_days: int) -> date | None:
    """Return from when on points can be spent; None: at once.

    >>> available_day(date(2024, 2, 20), 14), available_day(date(2024, 2, 20), 0)
    (datetime.date(2024, 3, 5), None)
    """
    return earned + timedelta(days=pending_days) if pending_days else None


def birthday_in(born: date, year: int) -> date:
    """Return on which day of a year a birthday is kept.

    >>> birthday_in(date(1996, 2, 29), 2023), birthday_in(date(1996, 2, 29), 2024)
    (datetime.date(2023, 2, 28), datetime.date(2024, 2, 29))
    """
    return on_day(year, born.month, born.day)
