"""What a customer's next purchases will be worth: Gamma-Gamma.

Each customer spends around an own mean; these means vary among the customers. The
fewer purchases are known, the more the mean of all counts (``E[M|x,z]``).

Source: Fader & Hardie, "The Gamma-Gamma model of monetary value", note 025, 2013.
Valid only where how much one spends does not depend on how often one buys.
"""

from collections.abc import Iterable
from math import exp, inf, lgamma, log, sqrt
from typing import NamedTuple

from . import simplex
from .clv import EDGE, FEW, FIRST_LOOKS

MOST_CORRELATED = 0.3  # more than that, and one must not speak of independence


class Spend(NamedTuple):
    """The three parameters; ``v`` in the unit of the amounts."""

    p: float
    q: float
    v: float


class SpendFit(NamedTuple):
    """Parameters found, their log-likelihood, and whether they can be trusted."""

    spend: Spend
    likelihood: float
    count: int
    settled: bool


def likelihood(spend: Spend, repeaters: Iterable[tuple[int, float]]) -> float:
    """Return the log-likelihood of ``(repeat purchases, their mean amount)``.

    >>> f"{likelihood(Spend(6.25, 3.74, 15.44), [(2, 22.35), (1, 11.77)]):.4f}"
    '-7.2890'
    """
    p, q, v = spend
    fixed = q * log(v) - lgamma(q)
    total, times = 0.0, {}
    for x, mean in repeaters:
        if x not in times:
            times[x] = fixed + lgamma(p * x + q) - lgamma(p * x) + p * x * log(x)
        total += times[x] + (p * x - 1) * log(mean) - (p * x + q) * log(x * mean + v)
    return total


def fit(repeaters: Iterable[tuple[int, float]]) -> SpendFit | None:
    """Return the parameters under which these means are most likely.

    None: nobody bought twice. Amounts are measured in their own mean, so that yen
    and dinars are searched from the same start.

    >>> known = [(n % 5 + 1, 20.0 + 7 * (n * n % 11)) for n in range(60)]
    >>> fit(known).settled, fit([(0, 0.0)]) is None
    (True, True)
    """
    repeaters = [(x, mean) for x, mean in repeaters if x > 0 and mean > 0]
    if not repeaters:
        return None
    unit = sum(mean for _x, mean in repeaters) / len(repeaters)
    scaled = [(x, mean / unit) for x, mean in repeaters]

    place, step, exact = [1.0, 1.0, 0.0], 0.5, 1e-6
    if len(scaled) > 2 * FEW:
        part = scaled[:: len(scaled) // FEW]
        found = _lowest(part, place, step, 1e-3)
        if not _is_sound(found):
            return _as_fit(found, unit, len(scaled), False)
        place, step, exact = found.point, 0.1, 1e-4
    found = _lowest(scaled, place, step, exact)
    if _is_sound(found) and exact < 1e-5:  # a figure may settle too early
        found = _lowest(scaled, found.point, step / 5, exact)
    return _as_fit(found, unit, len(scaled), _is_sound(found))


def _lowest(repeaters, start, step, tolerance):
    def height(place):
        if max(map(abs, place)) > EDGE + 1:
            return inf
        return -likelihood(Spend._make(map(exp, place)), repeaters)

    return simplex.lowest(height, start, step, tolerance, FIRST_LOOKS)


def _is_sound(found):
    # with q ≤ 1 the mean of all would be infinite
    return found.settled and found.point[1] > 0 and max(map(abs, found.point)) < EDGE


def _as_fit(found, unit, count, settled):
    p, q, v = map(exp, found.point)
    # densities per unit of the amount: each customer's is divided by the unit
    value = -found.value - count * log(unit)
    return SpendFit(Spend(p, q, v * unit), value, count, settled)


def typical(spend: Spend) -> float:
    """Return the mean of all customers, for whom nothing is known yet.

    >>> round(typical(Spend(6.25, 3.74, 15.44)), 2)
    35.22
    """
    return spend.p * spend.v / (spend.q - 1)


def expected(spend: Spend, x: int, mean: float) -> float:
    """Return what one purchase will be worth, of a customer with ``x`` repeat ones.

    >>> pin = Spend(6.25, 3.74, 15.44)
    >>> [round(expected(pin, *known), 1) for known in ((2, 22.35), (1, 11.77), (0, 0))]
    [24.7, 18.9, 35.2]
    """
    p, q, v = spend
    return p * (v + x * mean) / (p * x + q - 1)


def correlation(pairs: Iterable[tuple[float, float]]) -> float:
    """Return the correlation of two figures, 0 where one of them never differs.

    >>> round(correlation([(1, 2), (2, 4), (3, 6)]), 6), correlation([(1, 2), (1, 5)])
    (1.0, 0.0)
    """
    pairs = list(pairs)
    if not pairs:
        return 0.0
    n = len(pairs)
    left, right = (sum(side) / n for side in zip(*pairs, strict=True))
    together = sum((x - left) * (y - right) for x, y in pairs)
    apart = sum((x - left) ** 2 for x, _y in pairs) * sum(
        (y - right) ** 2 for _x, y in pairs
    )
    return together / sqrt(apart) if apart > 0 else 0.0
