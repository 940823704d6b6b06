"""What will be sold in the next months, and how far such forecasts were off so far.

From the rhythms of customers (:mod:`rhythms`) follows how many will buy and for how
much; what was really sold, against that, gives the level and the season. Every month of
the past is forecast again from what was known before it (rolling origin), and compared
with what came and with the plainest forecast there is, the same month a year before.
See Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, 5.8 and
5.10. The error is the sum of all misses by the sum of what was sold (WAPE).
"""

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import NamedTuple

from .rhythms import YEAR, Rhythms

LEAST_MONTHS = 12  # complete ones, to foretell anything
LEAST_TRIES = 6  # to say how sure a forecast is
SEASON_MONTHS = 24  # of history, to tell a season
SURE = 1.281552  # of 80 %: 9 of 10 lie below it
TRIED = 24  # months from which forecasts are tried
RECENT = 12  # tries from which a range is made: older ones tell less
LEAST_PART = 0.1  # of a usual month must be left, for a part to be taken of it
FADE = 0.8  # what a month counts for the level, of the month after it


class Try(NamedTuple):
    """What was told for a month, from what was known ``ahead`` months before it."""

    origin: int
    target: int
    told: float
    real: float
    plain: float | None  # the same month a year before

    @property
    def ahead(self) -> int:
        return self.target - self.origin


class Told(NamedTuple):
    """A forecast: value, and the range in which 8 of 10 should lie, if known."""

    value: float | None
    low: float | None = None
    high: float | None = None


def season(
    pairs: Mapping[int, tuple[float, float]], chance: Mapping[int, float], years: int
) -> list[float]:
    """Return the weights of the twelve months, of mean 1; places 0 … 11.

    A month is drawn to 1 by as much as chance alone would part it from 1, and half way
    more where only one year tells of it.

    :param pairs: ``{month: (sold, expected without a season)}``.
    :param chance: ``{month: variance of its quotient by chance}``.

    >>> flat = {month: (100.0, 100.0) for month in range(12)}
    >>> none = dict.fromkeys(range(12), 0.0)
    >>> set(season(flat, none, 2)), set(season({3: (5.0, 1.0)}, none, 2))
    ({1.0}, {1.0})
    >>> [round(each, 2) for each in season(flat | {11: (320.0, 100.0)}, none, 2)][-2:]
    [0.85, 2.7]
    >>> [round(each, 2) for each in season(flat | {11: (320.0, 100.0)}, none, 1)][-2:]
    [0.92, 1.85]
    >>> noisy = dict.fromkeys(range(12), 9.0)
    >>> set(season(flat | {11: (320.0, 100.0)}, noisy, 2))
    {1.0}
    """
    expected = sum(told for _sold, told in pairs.values())
    sold = sum(real for real, _told in pairs.values())
    if len(pairs) < 12 or min(told for _s, told in pairs.values()) <= 0 or sold <= 0:
        return [1.0] * 12
    raw = [pairs[m][0] / pairs[m][1] * expected / sold for m in range(12)]
    spread = (
        sum((each - 1) ** 2 for each in raw) - sum(chance[m] for m in range(12))
    ) / 12
    if spread <= 0:
        return [1.0] * 12
    trust = 1.0 if years > 1 else 0.5
    drawn = [
        max(0.0, 1 + trust * spread / (spread + chance[m]) * (raw[m] - 1))
        for m in range(12)
    ]
    return [each * 12 / sum(drawn) for each in drawn]


class Outlook:
    """Forecasts of a company, or of some of its customers, by their rhythms.

    :param sold: ``{month: revenue}``, of complete months, refunds deducted.

    >>> from .rhythms import Cell
    >>> cells = [Cell(m, min(m, 1), 1 if m < 35 else 0, 20, 800, 32000)
    ...          for m in range(36)]
    >>> outlook = Outlook(Rhythms(cells), {m: 800.0 for m in range(36)})
    >>> [round(each) for each in outlook.tell(35, 3)]
    [800, 800, 800]

    Too little is known to tell anything before a year is over:

    >>> outlook.tell(10, 3), len(outlook.tell(11, 3))
    ([], 3)
    """

    def __init__(self, them: Rhythms, sold: Mapping[int, float]):
        self.them = them
        self.sold = sold
        self.first = min(sold, default=0)
        self.known = {}

    def tell(self, origin: int, count: int) -> list[float]:
        """Return the revenue of the next months as it is to be expected in one."""
        if origin - self.first + 1 < LEAST_MONTHS or not self.them.months:
            return []
        if len(self.known.get(origin, ())) < count:
            self.known[origin] = self._tell(origin, count)
        return self.known[origin][:count]

    def _tell(self, origin, count):
        chances, worth = self.them.chances(origin), self.them.worth(origin)
        past = self._history(origin, chances, worth)
        weights = [1.0] * 12
        if origin - self.first + 1 >= SEASON_MONTHS:
            weights = self._weigh(origin, past)
        level = self._level(origin, past, weights)
        return [
            level * weights[(origin + ahead) % 12] * _value(bought, worth)
            for ahead, bought in enumerate(self.them.ahead(origin, count, chances), 1)
        ]

    def _history(self, origin, chances, worth):
        """Return what each month of the past would have been told, without a season."""
        start = max(self.first + YEAR, origin - 3 * YEAR + 1)
        if origin - start < LEAST_MONTHS:
            start = self.first + YEAR // 2
        return {
            month: _value(self.them.ahead(month - 1, 1, chances)[0], worth)
            for month in range(start, origin + 1)
        }

    def _level(self, origin, past, weights):
        """Return what was sold of what was told, the last months the most."""
        sold = told = 0.0
        for month in range(origin - YEAR + 1, origin + 1):
            if month in past and weights[month % 12]:
                trust = FADE ** (origin - month)
                sold += trust * self.sold.get(month, 0.0) / weights[month % 12]
                told += trust * past[month]
        return max(0.0, sold / told) if told else 1.0

    def _weigh(self, origin, plain):
        pairs, buyers = {}, {}
        for month, expected in plain.items():
            place = month % 12
            sold, before = pairs.get(place, (0.0, 0.0))
            pairs[place] = sold + self.sold.get(month, 0.0), before + expected
            buyers[place] = buyers.get(place, 0) + self.them.buyers(month)
        noise = 1 + self.them.scatter(origin)
        chance = {place: noise / max(1, count) for place, count in buyers.items()}
        return season(pairs, chance, len(plain) // 12)

    def try_out(self, last: int, count: int) -> list[Try]:
        """Return all forecasts of the last years as they would have been made then."""
        result = []
        for origin in range(max(self.first, last - TRIED), last):
            for place, told in enumerate(self.tell(origin, count), 1):
                target = origin + place
                if target <= last:
                    real = self.sold.get(target, 0.0)
                    plain = year_before(self.sold, origin, target, self.first)
                    result.append(Try(origin, target, told, real, plain))
        return result


def _value(bought, worth):
    return sum(customers * each for customers, each in zip(bought, worth, strict=True))


def year_before(sold, origin: int, target: int, first: int) -> float | None:
    """Return what was sold in the same month of the last year known; None: not known.

    The ``first`` month of all is seldom a whole one, and compared with nothing.

    >>> year_before({3: 7.0}, 14, 15, 0), year_before({3: 7.0}, 14, 27, 0)
    (7.0, 7.0)
    >>> year_before({3: 7.0}, 14, 16, 0), year_before({3: 7.0}, 14, 15, 3) is None
    (0.0, True)
    """
    month = target - YEAR
    while month > origin:
        month -= YEAR
    return sold.get(month, 0.0) if month > first else None


def by_year_before(tries: Iterable[Try]) -> list[Try]:
    """Return the same tries with the plainest forecast in place of ours.

    >>> by_year_before([Try(1, 2, 9.0, 8.0, 5.0), Try(1, 3, 9.0, 8.0, None)])
    [Try(origin=1, target=2, told=5.0, real=8.0, plain=5.0)]
    """
    return [each._replace(told=each.plain) for each in tries if each.plain is not None]


def error(tries: Iterable[Try]) -> float | None:
    """Return the sum of all misses in percent of what was sold; None: cannot be said.

    >>> error([Try(1, 2, 90.0, 100.0, None), Try(1, 3, 230.0, 200.0, None)])
    13.333333333333334
    >>> error([]) is None, error([Try(1, 2, 5.0, 0.0, None)]) is None
    (True, True)
    """
    tries = list(tries)
    sold = sum(each.real for each in tries)
    if sold <= 0:
        return None
    return 100 * sum(abs(each.told - each.real) for each in tries) / sold


def in_sum(tries: Iterable[Try], count: int) -> list[Try]:
    """Return one try an origin: of all of the next ``count`` months together.

    >>> tries = [Try(1, 2, 1.0, 2.0, 3.0), Try(1, 3, 4.0, 5.0, 6.0),
    ...          Try(2, 3, 9.0, 5.0, 6.0)]
    >>> in_sum(tries, 2)
    [Try(origin=1, target=3, told=5.0, real=7.0, plain=9.0)]
    """
    groups = {}
    for each in tries:
        if each.ahead <= count:
            groups.setdefault(each.origin, []).append(each)
    result = []
    for origin, group in groups.items():
        if len(group) == count:
            plain = [each.plain for each in group]
            result.append(
                Try(
                    origin,
                    origin + count,
                    sum(each.told for each in group),
                    sum(each.real for each in group),
                    None if None in plain else sum(plain),
                )
            )
    return result


def reach(tries: Iterable[Try]) -> float | None:
    """Return by which part of itself a forecast may be off in 8 of 10 cases.

    From the squares of the last misses and of what was told, with Student's quantile
    of their number (Abramowitz & Stegun, 26.7.5). None: too few were tried to say.
    Forecasts of ``ahead`` months that begin a month apart share most of what comes, so
    that they count as fewer: by the sum of their squared correlations (Bartlett,
    Supplement to the Journal of the Royal Statistical Society 8, 1946), which fall by
    1 / ahead a month.

    >>> tries = [Try(n, n + 1, 100.0, 100.0 + 10 * (-1) ** n, None) for n in range(8)]
    >>> round(reach(tries), 3), reach(tries[:5]) is None
    (0.14, True)
    >>> round(reach(each._replace(origin=each.origin - 5) for each in tries), 3)
    0.186
    >>> round(reach(tries * 9), 3)  # the last twelve count
    0.136
    >>> reach([Try(n, n + 1, 0.0, 0.0, None) for n in range(8)]) is None
    True
    """
    recent = sorted(tries, key=lambda each: each.target)[-RECENT:]
    count, told = len(recent), sum(each.told**2 for each in recent)
    if count < LEAST_TRIES or not told:
        return None
    z, ahead = SURE, recent[-1].ahead
    count *= 3 * ahead / (2 * ahead**2 + 1)
    student = (
        z
        + (z**3 + z) / (4 * count)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * count * count)
    )
    return student * sqrt(sum((each.real - each.told) ** 2 for each in recent) / told)


def with_range(value: float, width: float | None) -> Told:
    """Return a forecast with its range.

    >>> with_range(200.0, 0.25), with_range(200.0, 2.0).low, with_range(5.0, None).low
    (Told(value=200.0, low=150.0, high=250.0), 0.0, None)

    More was given back than sold, in the month a year before:

    >>> with_range(-200.0, 0.25)
    Told(value=-200.0, low=-250.0, high=-150.0)
    """
    if width is None:
        return Told(value)
    low, high = sorted((value * (1 - width), value * (1 + width)))
    return Told(value, max(0.0, low) if value >= 0 else low, high)


def covered(tries: Sequence[Try], since: int) -> tuple[int, int]:
    """Return how many of the ranges, made from what was known then, held the month.

    :return: (held, ranges), of targets after ``since``.

    >>> tries = [Try(n, n + 1, 100.0, 100.0 + 10 * (-1) ** n, None) for n in range(9)]
    >>> covered(tries, 0), covered(tries, 8)
    ((3, 3), (1, 1))
    >>> covered([*tries, Try(9, 10, 100.0, 300.0, None)], 0)
    (3, 4)
    """
    held = ranges = 0
    for each in tries:
        if each.target <= since:
            continue
        before = [
            one
            for one in tries
            if one.target <= each.origin and one.ahead == each.ahead
        ]
        told = with_range(each.told, reach(before))
        if told.low is not None:
            ranges += 1
            held += told.low <= each.real <= told.high
    return held, ranges


def part(sold, total, origin: int, target: int) -> float | None:
    """Return the part that one kind of goods will have of a month's revenue.

    The mean of its part in the last year and in the same month of the last year known,
    unless next to nothing was left of what was sold in that month after refunds; None:
    nothing was sold in the last year.

    >>> goods = {m: 10.0 for m in range(12)} | {5: 30.0}
    >>> everything = {m: 100.0 for m in range(12)}
    >>> part(goods, everything, 11, 17), part(goods, everything, 11, 18)
    (0.20833333333333331, 0.10833333333333334)
    >>> part({}, {}, 11, 17) is None
    True
    >>> part({5: 900.0}, everything | {5: 1.0}, 11, 17)  # and 899 of others came back
    0.8174386920980926
    """
    last = range(origin - YEAR + 1, origin + 1)
    whole = sum(total.get(month, 0.0) for month in last)
    if whole <= 0:
        return None
    year = sum(sold.get(month, 0.0) for month in last) / whole
    month = target - YEAR
    while month > origin:
        month -= YEAR
    if total.get(month, 0.0) <= LEAST_PART * whole / YEAR:
        return year
    return (year + sold.get(month, 0.0) / total[month]) / 2
