"""What work on customers brought: differences of groups, with the range they lie in.

A difference of averages has an interval by Welch (Biometrika 34, 1947); where it is
known what the customers bought before, the groups are made alike first: CUPED (Deng,
Xu, Kohavi, Walker: Improving the Sensitivity of Online Controlled Experiments by
Utilizing Pre-Experiment Data, WSDM 2013). Amounts are for one customer unless a
function says otherwise.
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

LEVEL = 0.95  # how often the truth lies in a range


@dataclass(frozen=True)
class Sums:
    """Sums over the customers of a group.

    ``y`` is what each bought for in the period, ``x`` before it; ``yy``, ``xx`` and
    ``xy`` are the sums of the squares and products.
    """

    n: int = 0
    y: float = 0.0
    yy: float = 0.0
    x: float = 0.0
    xx: float = 0.0
    xy: float = 0.0

    @property
    def mean(self) -> float | None:
        """What a customer bought for, on average; None: there is none."""
        return self.y / self.n if self.n else None


@dataclass(frozen=True)
class Range:
    """A figure, and between what it lies in 95 of 100 cases."""

    value: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether it is not 0 by more than chance explains."""
        return self.low > 0 or self.high < 0

    def times(self, factor: float) -> "Range":
        """Return it multiplied.

        >>> Range(2.0, 1.0, 3.0).times(-10)
        Range(value=-20.0, low=-30.0, high=-10.0)
        """
        ends = sorted((self.low * factor, self.high * factor))
        return Range(self.value * factor, *ends)

    def less(self, amount: float) -> "Range":
        """Return it with a known amount taken off.

        >>> Range(2.0, 1.0, 3.0).less(2)
        Range(value=0.0, low=-1.0, high=1.0)
        """
        return Range(self.value - amount, self.low - amount, self.high - amount)


def t_quantile(df: float, level: float = LEVEL) -> float:
    """Return how many standard errors a two-sided range reaches to each side.

    Student's t by its expansion in 1/df (Abramowitz and Stegun, 26.7.5): right to the
    third digit from 6 degrees of freedom on.

    >>> round(t_quantile(10), 3), round(t_quantile(30), 3), round(t_quantile(1e9), 3)
    (2.228, 2.042, 1.96)
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92_160,
    )
    return z + sum(term / df**power for power, term in enumerate(terms, 1))


def spread(total: float, squares: float, other: float, n: int) -> float:
    """Return the (co)variance from sums: of products, of one, of the other.

    >>> spread(6.0, 14.0, 6.0, 3)  # of 1, 2, 3
    1.0
    """
    return (squares - total * other / n) / (n - 1)


def theta(groups) -> float:
    """Return how much of a customer's purchases before shows in those after.

    Of all groups together, each around its own average. 0: nothing is known of before.

    >>> theta([Sums(3, 12.0, 56.0, 6.0, 14.0, 28.0)])  # bought twice as much after
    2.0
    >>> theta([Sums(3, 12.0, 56.0)])
    0.0
    """
    both = sum(group.xy - group.x * group.y / group.n for group in groups)
    own = sum(group.xx - group.x * group.x / group.n for group in groups)
    return both / own if own > 1e-9 * sum(group.xx for group in groups) else 0.0


def difference(treated: Sums, rest: Sums, adjust: bool = True) -> Range | None:
    """Return how much more a customer of the first group bought for.

    Of a group much smaller than the other, the few who buy most may all be missing:
    then its average is too low and its spread, too, so that chance would be called
    significant twice as often as said (in trials with uneven amounts 8 instead of 2.5
    of 100). It counts as at least as uneven as both groups together.

    :param adjust: take off what the groups differed by before already (CUPED); right
        only where chance alone decided who is in which group.
    :return: None: a group has fewer than two customers.

    >>> difference(Sums(1, 5.0, 25.0), Sums(9)) is None
    True
    >>> one, other = Sums(4, 40.0, 440.0), Sums(4, 24.0, 184.0)
    >>> found = difference(one, other)
    >>> [round(x, 2) for x in (found.value, found.low, found.high)]
    [4.0, -2.32, 10.32]
    >>> difference(Sums(5, 10.0, 20.0), Sums(5, 5.0, 5.0))  # all the same
    Range(value=1.0, low=1.0, high=1.0)
    >>> few, many = Sums(4, 24.0, 144.0), Sums(8, 80.0, 880.0)  # few: all the same
    >>> found = difference(many, few)
    >>> [round(x, 2) for x in (found.value, found.low, found.high)]
    [4.0, -0.35, 8.35]
    """
    groups = (treated, rest)
    if min(group.n for group in groups) < 2:
        return None
    slope = theta(groups) if adjust else 0.0
    value = treated.mean - rest.mean
    value -= slope * (treated.x / treated.n - rest.x / rest.n)
    errors = [
        uneven / group.n
        for uneven, group in zip(_variances(groups, slope), groups, strict=True)
    ]
    if not sum(errors):
        return Range(value, value, value)
    parts = zip(errors, groups, strict=True)
    df = sum(errors) ** 2 / sum(error**2 / (group.n - 1) for error, group in parts)
    half = t_quantile(df) * sqrt(sum(errors))
    return Range(value, value - half, value + half)


def _variances(groups, slope):
    """Return how uneven each group is; the smaller one at least as both together."""
    own = [_variance(group, slope) for group in groups]
    degrees = [group.n - 1 for group in groups]
    pairs = zip(own, degrees, strict=True)
    both = sum(one * degree for one, degree in pairs) / sum(degrees)
    small = min(degrees)
    return [
        max(one, both) if degree == small < max(degrees) else one
        for one, degree in zip(own, degrees, strict=True)
    ]


def _variance(group, slope):
    """Return the variance of what customers bought less what was to be expected."""
    own = spread(group.y, group.yy, group.y, group.n)
    before = spread(group.x, group.xx, group.x, group.n)
    both = spread(group.x, group.xy, group.y, group.n)
    return max(0.0, own - 2 * slope * both + slope * slope * before)


def margin_of(revenue: float, cost: float) -> float | None:
    """Return the share of the revenue that is left after what products cost.

    >>> margin_of(200.0, 120.0), margin_of(0.0, 5.0), margin_of(-5.0, 1.0)
    (0.4, None, None)
    """
    return 1 - cost / revenue if revenue > 0 else None


def lost_to_discounts(discounts: float, margin: float) -> float:
    """Return what discounts cost beside the margin of the lower revenue.

    Sold for 100 with 10 off, products cost 60: 30 are left. A margin of 40 % of the
    90 paid says 36; the 6 between are the discount's part of the product costs.

    >>> round(lost_to_discounts(10.0, 0.4), 2), lost_to_discounts(10.0, 1.0)
    (6.0, 0.0)
    """
    return discounts * (1 - margin)


def returned(gain: Range, cost: float) -> Range | None:
    """Return what came back for what was spent beside it, in percent of the cost.

    >>> returned(Range(150.0, 50.0, 250.0), 100.0)
    Range(value=50.0, low=-50.0, high=150.0)
    >>> returned(Range(1.0, 0.0, 2.0), 0) is None
    True
    """
    return gain.less(cost).times(100 / cost) if cost > 0 else None


def verdict(found: Range | None) -> str:
    """Return in one word what a range says: more, less, chance, or unknown.

    >>> verdict(Range(5, 1, 9)), verdict(Range(-5, -9, -1)), verdict(Range(5, -1, 9))
    ('more', 'less', 'chance')
    >>> verdict(None)
    'unknown'
    """
    if found is None:
        return "unknown"
    if not found.is_sure:
        return "chance"
    return "more" if found.low > 0 else "less"
