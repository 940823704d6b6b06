"""Whether the customers of a pilot do better or worse than the rest."""

from dataclasses import dataclass
from math import sqrt

LIKELY, SURE = 1.96, 2.58  # 95 % and 99 % of a normal distribution


@dataclass(frozen=True)
class Group:
    """What a group of customers did since the pilot began.

    ``squares`` is the sum of the squared revenues of its customers.
    """

    customers: int
    buyers: int
    revenue: float = 0.0
    squares: float = 0.0


@dataclass(frozen=True)
class Difference:
    """Pilot less rest, with the range in which it lies in 95 of 100 cases."""

    value: float
    low: float
    high: float


def share_difference(pilot: Group, rest: Group, z: float = LIKELY) -> Difference | None:
    """Return by how many percentage points more customers of the pilot bought.

    Newcombe's interval from Wilson's of each share: sound with few customers and with
    shares near 0 and 100 %. None: one of the groups is empty.

    >>> share_difference(Group(0, 0), Group(5, 5)) is None
    True
    >>> found = share_difference(Group(100, 40), Group(400, 200))
    >>> [round(x, 1) for x in (found.value, found.low, found.high)]
    [-10.0, -20.3, 0.9]
    """
    if not pilot.customers or not rest.customers:
        return None
    p, low_p, high_p = _wilson(pilot, z)
    q, low_q, high_q = _wilson(rest, z)
    below = sqrt((p - low_p) ** 2 + (high_q - q) ** 2)
    above = sqrt((high_p - p) ** 2 + (q - low_q) ** 2)
    return Difference(*(100 * x for x in (p - q, p - q - below, p - q + above)))


def _wilson(group, z):
    """Return (share, low, high) of the buyers among the customers."""
    n, share = group.customers, group.buyers / group.customers
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return share, middle - half, middle + half


def revenue_difference(
    pilot: Group, rest: Group, z: float = LIKELY
) -> Difference | None:
    """Return how much more a customer of the pilot bought for, on average.

    The smaller group counts as at least as uneven as both together: the few who buy
    most may all be missing in it, and then its average and its spread are too low, so
    that chance would be taken for a difference. None: a group has fewer than two
    customers.

    >>> same = Group(4, 4, 40.0, 400.0)  # 10 each
    >>> revenue_difference(same, Group(2, 1, 10.0, 100.0))
    Difference(value=5.0, low=-4.8, high=14.8)
    >>> revenue_difference(Group(2, 2, 20.0, 200.0), Group(4, 4, 40.0, 450.0))
    Difference(value=0.0, low=-6.33, high=6.33)
    """
    groups = (pilot, rest)
    if min(group.customers for group in groups) < 2:
        return None
    value = pilot.revenue / pilot.customers - rest.revenue / rest.customers
    around = [_around(group) for group in groups]
    both = sum(around) / (pilot.customers + rest.customers - 2)
    small = min(group.customers for group in groups)
    error = 0.0
    for group, squares in zip(groups, around, strict=True):
        own = squares / (group.customers - 1)
        is_small = group.customers == small and pilot.customers != rest.customers
        error += (max(own, both) if is_small else own) / group.customers
    half = z * sqrt(error)
    return Difference(round(value, 2), round(value - half, 2), round(value + half, 2))


def _around(group):
    """Return the sum of the squared distances from the average revenue."""
    mean = group.revenue / group.customers
    return max(0.0, group.squares - group.customers * mean * mean)


def must_stop(pilot: Group, rest: Group, points: float, least: int) -> bool:
    """Tell whether a pilot is to end: surely fewer buy, by ``points`` or more.

    Surely: not even in 1 of 100 cases by chance. It is asked once a week.

    >>> rest = Group(1000, 500)
    >>> must_stop(Group(200, 60), rest, 5, 100), must_stop(Group(200, 95), rest, 2, 100)
    (True, False)
    >>> must_stop(Group(50, 10), rest, 5, 100)  # too few to say
    False
    """
    if min(pilot.customers, rest.customers) < max(1, least):
        return False
    found = share_difference(pilot, rest, SURE)
    return found.high < 0 and found.value <= -points
