"""How often to contact: what goes with it, and what comes of it.

What goes with a number of contacts (an association) says little: engaged customers
are contacted more and buy more, whatever contacts do. What comes of one more contact
can only be told where chance decided who got it: here, by the step that chance added
to the interval of some customers (``tools.cadence.jitter`` of the first addon).
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import NamedTuple

LIKELY = 1.96  # 95 % of a normal distribution
EDGES = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0)  # contacts a month, upper bounds
FEWEST = 20  # customers of whom a share is said
FEWEST_ARM = 100  # customers that chance must have moved, each way
# how surely chance must have changed the contacts (Stock & Yogo 2005: F above 10)
FIRM = 10.0
MONTH_DAYS = 30.4375


def level(contacts: float, months: float) -> int:
    """Return the place among EDGES of so many contacts in so many months.

    0: none at all; the last place is above the last edge.

    >>> [level(n, 12) for n in (0, 1, 6, 7, 12, 24, 25, 96, 97)]
    [0, 1, 1, 2, 2, 3, 4, 7, 8]
    >>> level(3, 0)
    0
    """
    return bisect_left(EDGES, contacts / months) if months else 0


class Share(NamedTuple):
    """A share of ``n`` in percent, and the range in which it lies."""

    value: float
    low: float
    high: float
    n: int


def share(hits: int, n: int, z: float = LIKELY) -> Share | None:
    """Return a share with its interval (Wilson 1927); None of nobody.

    >>> [round(x, 1) for x in share(10, 100)[:3]]
    [10.0, 5.5, 17.4]
    >>> [round(x, 1) for x in share(0, 20)[:3]]
    [0.0, 0.0, 16.1]
    >>> share(0, 0) is None
    True
    """
    if not n:
        return None
    part = hits / n
    middle = (part + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(part * (1 - part) / n + z * z / (4 * n * n))
    low = max(0.0, middle - half) if hits else 0.0
    high = min(1.0, middle + half) if hits < n else 1.0
    return Share(100 * part, 100 * low, 100 * high, n)


# ---- what comes of one more contact --------------------------------------------------


@dataclass
class Sums:
    """Sums over customers of y (what came), x (the same before) and d (contacts).

    >>> both = Sums.of([(5, 2, 1), (7, 4, 3)])
    >>> both.n, both.y, both.xd, both.mean("d")
    (2, 12.0, 14.0, 2.0)
    >>> both.covariance("y", "y"), both.covariance("x", "d")
    (2.0, 2.0)
    """

    n: int = 0
    y: float = 0.0
    x: float = 0.0
    d: float = 0.0
    yy: float = 0.0
    xx: float = 0.0
    dd: float = 0.0
    xy: float = 0.0
    yd: float = 0.0
    xd: float = 0.0

    @classmethod
    def of(cls, rows: Iterable[tuple[float, float, float]]) -> "Sums":
        """Return the sums of (y, x, d) of each customer."""
        result = cls()
        for y, x, d in rows:
            terms = (1, y, x, d, y * y, x * x, d * d, x * y, y * d, x * d)
            for name, term in zip(cls.__dataclass_fields__, terms, strict=True):
                setattr(result, name, getattr(result, name) + term)
        return result

    def mean(self, name: str) -> float:
        return getattr(self, name) / self.n

    def moment(self, one: str, other: str) -> float:
        """Return the sum of products around the means."""
        both = "".join(sorted((one, other), key="xyd".index))
        return getattr(self, both) - getattr(self, one) * getattr(self, other) / self.n

    def covariance(self, one: str, other: str) -> float:
        return self.moment(one, other) / (self.n - 1) if self.n > 1 else 0.0


@dataclass
class Arm:
    """Those whom chance gave the same: 1 more contacts, −1 fewer, 0 neither.

    ``stratum`` names among whom chance chose, and how likely: only within it are arms
    alike, so only within it they are compared.
    """

    by: int
    stratum: Hashable
    sums: Sums = field(default_factory=Sums)


class Effect(NamedTuple):
    """What one more contact a month brings a customer and month, with its range.

    ``level`` is the policy's contacts a month; ``moved`` by how many contacts a month
    chance moved the ones against the others; ``n`` customers of (more, as decided,
    fewer).
    """

    level: float
    value: float
    low: float
    high: float
    moved: float
    n: tuple[int, int, int]

    @property
    def sign(self) -> int:
        """1: surely brings more, −1: surely less, 0: cannot be told."""
        return (self.low > 0) - (self.high < 0)


class Unclear(NamedTuple):
    """Why nothing can be said of a level: customers "few", or contacts not "moved"."""

    level: float
    cause: str
    n: tuple[int, int, int]


def marginal(at: float, arms: Sequence[Arm], fewest: int = FEWEST_ARM):
    """Return the :class:`Effect` of one more contact at a level, or :class:`Unclear`.

    The difference in what came, between those whom chance gave more and fewer contacts,
    divided by the difference in contacts (Wald's estimator). Differences are taken
    within each stratum, where all had the same lot, and weigh by its customers (the
    same as weighing each by the inverse of how likely its lot was). What they brought
    before is taken off as far as it explains what came (CUPED: Deng et al. 2013). The
    interval is that of the ratio by the delta method.

    >>> fewer = Arm(-1, 1, Sums.of((10 + n % 5, 10.0, 3.0 + n % 2) for n in range(400)))
    >>> more = Arm(1, 1, Sums.of((11 + n % 5, 10.0, 5.0 + n % 2) for n in range(400)))
    >>> found = marginal(4, [fewer, more])
    >>> [round(x, 2) for x in found[1:5]], found.sign
    ([0.5, 0.4, 0.6, 2.0], 1)
    >>> marginal(4, [fewer, Arm(1, 1, Sums.of([(1, 1, 1)] * 9))]).cause
    'few'
    >>> marginal(4, [fewer, Arm(1, 1, fewer.sums)]).cause
    'moved'
    >>> marginal(4, [fewer, Arm(1, 2, more.sums)]).cause  # nobody to compare with
    'few'
    """
    pairs = _pairs(arms)
    counts = (
        sum(more.n for more, _fewer in pairs),
        sum(arm.sums.n for arm in arms if not arm.by),
        sum(fewer.n for _more, fewer in pairs),
    )
    if min(counts[0], counts[2]) < fewest:
        return Unclear(at, "few", counts)
    moved = _difference(pairs, "d")
    if moved <= 0 or moved * moved <= FIRM * _variance(pairs, (0, 0, 1)):
        return Unclear(at, "moved", counts)
    theta = _theta(arms)
    value = (_difference(pairs, "y") - theta * _difference(pairs, "x")) / moved
    half = LIKELY * sqrt(_variance(pairs, (1, -theta, -value))) / moved
    return Effect(at, value, value - half, value + half, moved, counts)


def _pairs(arms):
    """Return the sums of (more, fewer) of each stratum that has both."""
    strata = defaultdict(dict)
    for arm in arms:
        strata[arm.stratum][arm.by] = arm.sums
    pairs = [(lots.get(1), lots.get(-1)) for lots in strata.values()]
    return [pair for pair in pairs if all(sums and sums.n > 1 for sums in pair)]


def _theta(arms):
    """Return how much of what came goes with what was before, within the arms."""
    together = sum(arm.sums.moment("x", "y") for arm in arms if arm.sums.n)
    alone = sum(arm.sums.moment("x", "x") for arm in arms if arm.sums.n)
    return together / alone if alone > 1e-9 else 0.0


def _weights(pairs):
    """Return the part that each stratum has of the customers compared."""
    total = sum(more.n + fewer.n for more, fewer in pairs)
    return [(more.n + fewer.n) / total for more, fewer in pairs]


def _difference(pairs, name):
    return sum(
        weight * (more.mean(name) - fewer.mean(name))
        for weight, (more, fewer) in zip(_weights(pairs), pairs, strict=True)
    )


def _variance(pairs, parts):
    """Return the squared error of the difference of a sum of parts of y, x and d."""
    return sum(
        weight * weight * max(0.0, _spread(sums, parts)) / sums.n
        for weight, pair in zip(_weights(pairs), pairs, strict=True)
        for sums in pair
    )


def _spread(sums, parts):
    """Return the variance of a sum of parts of y, x and d of a customer."""
    return sum(
        one * other * sums.covariance(a, b)
        for a, one in zip("yxd", parts, strict=True)
        for b, other in zip("yxd", parts, strict=True)
    )


class Range(NamedTuple):
    """From how many to how many contacts a month; None: nothing bounds it there."""

    low: float | None
    high: float | None


def suggest(found: Iterable[Effect | Unclear]) -> Range | None:
    """Return between which levels the best one lies; None: it cannot be told.

    Where one more contact surely brings more, there may be more of them; where it
    surely brings less, there should be fewer. Findings that contradict each other
    suggest nothing.

    >>> def at(level, low, high): return Effect(level, 0, low, high, 1, (9, 9, 9))
    >>> suggest([at(1, .2, .9), at(2, .1, .8), at(4, -.3, .3), at(7, -.9, -.1)])
    Range(low=2, high=7)
    >>> suggest([at(1, .2, .9), at(4, -.3, .3)])
    Range(low=1, high=None)
    >>> suggest([at(4, -.3, .3), Unclear(2, "few", (3, 9, 2))]) is None
    True
    >>> suggest([at(6, .2, .9), at(2, -.3, -.1)]) is None
    True
    """
    effects = [each for each in found if isinstance(each, Effect)]
    low = max((each.level for each in effects if each.sign > 0), default=None)
    high = min((each.level for each in effects if each.sign < 0), default=None)
    if low is None and high is None:
        return None
    if low is not None and high is not None and low >= high:
        return None
    return Range(low, high)


def monthly(interval_days: float) -> float:
    """Return how many contacts a month an interval makes.

    >>> monthly(7) > 4, round(monthly(30), 2), round(monthly(90), 2)
    (True, 1.01, 0.34)
    """
    return MONTH_DAYS / interval_days
