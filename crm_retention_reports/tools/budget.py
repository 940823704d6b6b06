"""How money for contacts might be divided among channels."""

from collections.abc import Mapping
from typing import NamedTuple

FEWEST = 30  # purchases of a channel from which it is moved
STEP = 0.25  # how much of what a channel costs now it may change


class Spent(NamedTuple):
    """What a channel cost, and the purchases and revenue that came after it."""

    cost: float
    orders: int
    revenue: float


def divide(
    channels: Mapping[object, Spent], step: float = STEP, fewest: int = FEWEST
) -> dict[object, float]:
    """Return what each channel would get of the same money; empty: nothing to divide.

    Assumed: revenue after contacts grows with the square root of what they cost, so
    that each further coin brings less. Then the best division is in proportion to
    (revenue / √cost)². No channel changes by more than ``step`` at once; with fewer
    purchases than ``fewest``, or no cost, it stays. At least two must be able to move.

    >>> better = {"mail": Spent(100, 50, 2000), "phone": Spent(100, 50, 1000)}
    >>> divide(better)
    {'mail': 125.0, 'phone': 75.0}
    """
    movable = {
        name: spent
        for name, spent in channels.items()
        if spent.cost > 0 and spent.orders >= fewest and spent.revenue > 0
    }
    if len(movable) < 2:
        return {}
    result = {name: spent.cost for name, spent in channels.items()}
    pull = {name: each.revenue**2 / each.cost for name, each in movable.items()}
    bounds = {
        name: (each.cost * (1 - step), each.cost * (1 + step))
        for name, each in movable.items()
    }
    total = sum(each.cost for each in movable.values())
    result.update(_within(total, pull, bounds))
    return result


def _within(total, pull, bounds):
    """Return parts of ``total`` in proportion to ``pull``, each within its bounds.

    The factor of proportion is found by halving: the sum grows with it, and at its
    ends lies below and above the total.
    """

    def parts(factor):
        return {
            name: min(max(factor * pull[name], low), high)
            for name, (low, high) in bounds.items()
        }

    below, above = 0.0, max(high / pull[name] for name, (_low, high) in bounds.items())
    for _round in range(200):
        middle = (below + above) / 2
        if sum(parts(middle).values()) < total:
            below = middle
        else:
            above = middle
    return {name: round(part, 6) for name, part in parts(above).items()}


__test__ = {
    "divide": """
    >>> alike = {"mail": Spent(100, 50, 1000), "phone": Spent(100, 50, 1000)}
    >>> divide(alike)
    {'mail': 100.0, 'phone': 100.0}
    >>> near = {"mail": Spent(100, 50, 1050), "phone": Spent(100, 50, 1000)}
    >>> {name: round(cost, 1) for name, cost in divide(near).items()}
    {'mail': 104.9, 'phone': 95.1}
    >>> better = {"mail": Spent(100, 50, 2000), "phone": Spent(100, 50, 1000)}
    >>> divide(better | {"visit": Spent(500, 3, 9000)})["visit"]  # too few to move
    500
    >>> sum(divide(better | {"visit": Spent(300, 60, 100)}).values())
    500.0
    >>> divide({"mail": Spent(100, 50, 2000), "phone": Spent(100, 2, 1)})
    {}
    """
}
