"""What a search for warning signs finds, and how clearly it shows.

A sign shows with a strength from 0.5 (just beyond the limit) to 1 (beyond any doubt);
what is vaguer is no finding. Rules about counts look at whole calendar months, so that
a customer is looked at once a month and not thirty times: thirty looks find thirty
times as many by chance.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from math import ceil, log
from types import MappingProxyType
from typing import Any, NamedTuple

from dateutil.relativedelta import relativedelta

from . import drop

REGULAR, EVEN = 1.2, 0.4  # see _burst
CLEAR = 100.0  # so many times less likely than the limit: beyond any doubt


class Finding(NamedTuple):
    """A sign found in one customer.

    ``before`` and ``after`` are figures of the same kind, None where there are none;
    ``words`` holds what the sentence about it needs. ``late``: it has been there for
    so long that it is no early warning any more; an alert that is open about it stays.
    """

    customer_id: int
    strength: float
    before: float | None = None
    after: float | None = None
    since: date | None = None
    words: Mapping[str, Any] = MappingProxyType({})
    late: bool = False


class Counted(NamedTuple):
    """How often a customer did something: before, in how many months, and lately."""

    customer_id: int
    before: float
    exposure: float
    recent: float
    ahead: float  # average months in which ``recent`` was counted


class Fallen(NamedTuple):
    """Somebody who did it less often than can well be chance."""

    counted: Counted
    expected: float
    chance: float
    strength: float


# ---- days and months ----------------------------------------------------------


def month_end(day: date) -> date:
    """Return the day after the last month that is complete at the end of ``day``.

    >>> month_end(date(2026, 5, 20)), month_end(date(2026, 5, 31))
    (datetime.date(2026, 5, 1), datetime.date(2026, 6, 1))
    """
    return (day + timedelta(days=1)).replace(day=1)


def months_before(end: date, count: int) -> date:
    """Return the first day of ``count`` months that end before ``end``.

    >>> months_before(date(2026, 3, 1), 3)
    datetime.date(2025, 12, 1)
    """
    return end - relativedelta(months=count)


def month_weights(start: date, count: int, season: Sequence[float]) -> list[float]:
    """Return the weight of each of ``count`` months from ``start`` on.

    >>> month_weights(date(2025, 12, 1), 3, [2, 1] + [1] * 9 + [3])
    [3, 2, 1]
    """
    return [season[(start.month - 1 + n) % 12] for n in range(count)]


# ---- how clearly ------------------------------------------------------------------


def by_chance(chance: float, limit: float) -> float:
    """Return the strength of what has this chance, where ``limit`` is just enough.

    >>> by_chance(0.02, 0.02), by_chance(0.002, 0.02), by_chance(0.0, 0.02)
    (0.5, 0.75, 1.0)
    """
    if chance <= 0:
        return 1.0
    return min(0.5 + 0.5 * max(log(limit / chance), 0) / log(CLEAR), 1.0)


def by_distance(value: float, least: float, full: float) -> float:
    """Return the strength of a value between just enough and beyond any doubt.

    >>> [by_distance(n, 30, 90) for n in (30, 60, 90, 500)]
    [0.5, 0.75, 1.0, 1.0]
    >>> by_distance(2, 3, 1)  # less is clearer
    0.75
    >>> by_distance(5, 5, 5)
    1.0
    """
    if full == least:
        return 1.0
    return min(max(0.5 + 0.5 * (value - least) / (full - least), 0.5), 1.0)


# ---- fewer than before ------------------------------------------------------------


def fallen(
    rows: Iterable[Counted], known: drop.Prior, limit: float, least: int
) -> tuple[list[Fallen], int]:
    """Return who did it too seldom to be chance, and of how many too little is known.

    Too little: fewer than ``least`` times before.

    >>> known = drop.Prior(2, 1)
    >>> rows = [Counted(1, 24, 12, 0, 3), Counted(2, 24, 12, 5, 3),
    ...         Counted(3, 2, 12, 0, 3)]
    >>> found, few = fallen(rows, known, 0.02, least=4)
    >>> [(each.counted.customer_id, each.expected) for each in found], few
    ([(1, 6.0)], 1)
    """
    found, few = [], 0
    for row in rows:
        if row.before < least:
            few += 1
            continue
        ahead = drop.predict(known, row.before, row.exposure, row.ahead)
        if row.recent >= ahead.mean:
            continue
        chance = drop.tail(ceil(row.recent - 1e-9), ahead)
        if chance <= limit:
            found.append(Fallen(row, ahead.mean, chance, by_chance(chance, limit)))
    return found, few


def fit_fallen(rows: Sequence[Counted], share: float, least: int) -> dict:
    """Return what :func:`fallen` needs to know of everybody, to be stored as JSON.

    ``{"shape", "rate", "limit"}``; empty: too little known, or nobody can be warned of
    without more than ``share`` (0 to 1) of false alarms.

    >>> rows = [Counted(n, 10 + n % 9, 12, 3, 3) for n in range(100)]
    >>> fit = fit_fallen(rows, 0.02, 4)
    >>> sorted(fit), 0 < fit["limit"] < 0.1
    (['limit', 'rate', 'shape'], True)
    >>> fit_fallen(rows[:10], 0.02, 4)
    {}
    """
    known = drop.prior(drop.count_sums((row.before, row.exposure) for row in rows))
    if not known:
        return {}
    limit = drop.threshold(
        (
            drop.predict(known, row.before, row.exposure, row.ahead)
            for row in rows
            if row.before >= least
        ),
        share,
    )
    return {"shape": known.shape, "rate": known.rate, "limit": limit} if limit else {}


class Months(NamedTuple):
    """What customers did month by month: ``{customer id: counts}``, oldest first.

    ``first`` is the place of the first month that counts for a customer: the one after
    that of the first purchase, which alone makes somebody a customer.
    """

    start: date
    number: int
    counts: Mapping[int, Sequence[float]]
    first: Mapping[int, int]
    few: int = 0  # customers left out, because they did it too seldom


def fit_months(months: Months, share: float, recent: int, least: int) -> dict:
    """Return what is to be known of everybody's months, as :func:`fit_fallen`.

    With ``season``, the weights of January to December, and ``burst``: how many times
    more than by chance the months of a customer differ, or how much less.

    >>> counts = {n: [1 + n % 3] * 24 for n in range(60)}
    >>> months = Months(date(2024, 1, 1), 24, counts, dict.fromkeys(counts, 0))
    >>> fit = fit_months(months, 0.02, 3, 6)
    >>> fit["burst"], set(fit["season"]), fit["limit"] > 0
    (0.4, {1.0}, True)
    >>> found, few = fallen_months(months, fit, 3, 6)
    >>> len(found), few
    (0, 0)
    >>> counts[61] = [3] * 21 + [0] * 3
    >>> found, few = fallen_months(months._replace(first={61: 0, **months.first}),
    ...     fit, 3, 6)
    >>> [(each.counted.customer_id, each.counted.recent) for each in found]
    [(61, 0.0)]
    """
    season = _season(months, recent)
    weights = month_weights(months.start, months.number, season)
    until = months.number - recent
    bursts = []
    for customer_id, counts in months.counts.items():
        own = slice(months.first[customer_id], until)
        if sum(counts[own]) >= least and len(counts[own]) > 5:
            bursts.append(drop.dispersion(counts[own], weights[own]))
    bursts.sort()
    burst = _burst(bursts)
    shared = {"season": season, "burst": burst}
    fit = fit_fallen(list(_counted(months, shared, recent)), share, least / burst)
    return fit and fit | shared


def _burst(ordered: Sequence[float]) -> float:
    """Return by what counts are divided: the middle of how customers' months differ.

    Buyers by chance lie a little below 1 in the middle, so what is clearly regular
    only counts as such.

    >>> _burst([0.9, 0.95, 1.2]), _burst([1.5, 2.5, 9.0]), _burst([0.4, 0.5, 0.6])
    (1.0, 2.5, 0.6)
    >>> _burst([0.0, 0.0, 0.1]), _burst([])
    (0.4, 1.0)
    """
    if not ordered:
        return 1.0
    middle = ordered[len(ordered) // 2]
    return middle if middle > 1 else max(min(REGULAR * middle, 1.0), EVEN)


def fallen_months(
    months: Months, fit: Mapping, recent: int, least: int
) -> tuple[list[Fallen], int]:
    """Return who did it too seldom in the last ``recent`` months; as :func:`fallen`.

    Counts and expectations are divided by ``fit["burst"]``; so purchases in bursts
    tell less, and regular ones more.
    """
    rows = _counted(months, fit, recent)
    known = drop.Prior(fit["shape"], fit["rate"])
    found, few = fallen(rows, known, fit["limit"], least / fit["burst"])
    return found, few + _new(months, recent)


def _new(months: Months, recent: int) -> int:
    """Return how many are customers only since the last months, or were left out."""
    until = months.number - recent
    return months.few + sum(first >= until for first in months.first.values())


def _season(months: Months, recent: int) -> list[float]:
    """Return the year's weights, from all months but the last ones."""
    totals = {}
    for place in range(months.number - recent):
        month = (months.start + relativedelta(months=place)).month
        count, times = totals.get(month, (0, 0))
        seen = sum(
            counts[place]
            for customer_id, counts in months.counts.items()
            # those who were customers all the time: else growth looks like a season
            if months.first[customer_id] == 0
        )
        totals[month] = (count + seen, times + 1)
    return drop.season(totals)


def _counted(months: Months, fit: Mapping, recent: int):
    """Yield :class:`Counted` of each customer whose months before count at all."""
    weights = month_weights(months.start, months.number, fit["season"])
    until, burst = months.number - recent, fit["burst"]
    ahead = sum(weights[until:])
    for customer_id, counts in months.counts.items():
        first = months.first[customer_id]
        if first < until:
            yield Counted(
                customer_id,
                sum(counts[first:until]) / burst,
                sum(weights[first:until]),
                sum(counts[until:]) / burst,
                ahead,
            )


# ---- slowly less ------------------------------------------------------------------


class Declined(NamedTuple):
    """Somebody who has been doing it less and less."""

    customer_id: int
    score: float
    before: float  # a month
    after: float  # a month, in the last three


def fit_slow(months: Months, share: float, recent: int, least: int) -> dict:
    """Return what :func:`declined` needs to know of everybody, to be stored as JSON.

    >>> counts = {n: [1 + n % 3] * 36 for n in range(60)}
    >>> months = Months(date(2023, 1, 1), 36, counts, dict.fromkeys(counts, 0))
    >>> fit = fit_slow(months, 0.02, 12, 6)
    >>> -3 < fit["limit"] < -1
    True
    >>> declined(months, fit, 12, 6)
    ([], 0)
    >>> counts[7] = [2] * 24 + [2, 2, 1, 2, 1, 1, 1, 0, 1, 0, 0, 0]
    >>> found, few = declined(months, fit, 12, 6)
    >>> [each[:1] + each[2:] for each in found]
    [(7, 2.0, 0.0)]
    """
    fit = fit_months(months, share, recent, least)
    if not fit:
        return {}
    rows = [row for row in _counted(months, fit, recent) if row.before >= least]
    weights = month_weights(months.start, months.number, fit["season"])
    limit = drop.ewma_limit(
        drop.Prior(fit["shape"], fit["rate"]),
        [(row.before, row.exposure) for row in rows],
        weights[months.number - recent :],
        share,
    )
    return fit | {"limit": limit} if rows else {}


def declined(
    months: Months, fit: Mapping, recent: int, least: int
) -> tuple[list[Declined], int]:
    """Return whose last ``recent`` months sink too far, and of how many is too little
    known, as :func:`fallen`.
    """
    known = drop.Prior(fit["shape"], fit["rate"])
    weights = month_weights(months.start, months.number, fit["season"])
    until, burst = months.number - recent, fit["burst"]
    found, few = [], _new(months, recent)
    for row in _counted(months, fit, recent):
        if row.before * burst < least:
            few += 1
            continue
        counts = months.counts[row.customer_id]
        lately = [n / burst for n in counts[until:]]
        score = drop.ewma(known, row.before, row.exposure, lately, weights[until:])
        rate = row.before * burst / row.exposure
        last = sum(counts[-3:]) / 3
        if score < fit["limit"] and last < rate:
            found.append(Declined(row.customer_id, score, rate, last))
    return found, few


# ---- sentences --------------------------------------------------------------------


def number(value: float) -> str:
    """Write a number as short as it may be: 3, 2.5, 0.04.

    >>> [number(n) for n in (3.0, 2.54, 0.042, 1234.5, 0)]
    ['3', '2.5', '0.04', '1234', '0']
    """
    if abs(value) >= 100:
        return f"{value:.0f}"
    text = f"{value:.1f}" if abs(value) >= 0.1 or not value else f"{value:.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


Sayer = Callable[[date], str]
