"""The rhythm of purchases, the share of mails opened, the size of purchases.

What is usual for one customer, from what he did and, where that is little, from what
others do; and from where on something is hardly chance.
"""

from collections.abc import Sequence
from math import exp, lgamma, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

from .drop import LEAST_CUSTOMERS, SAME

# ---- the rhythm of purchases -------------------------------------------------------


class Rhythm(NamedTuple):
    """The gaps between purchases of many customers, as logarithms of days.

    ``mean`` of the customers' means; ``within`` one customer and ``between``
    customers: variances.
    """

    mean: float
    within: float
    between: float

    @property
    def weight(self) -> float:
        """How many own gaps the customers' rhythm is worth."""
        return self.within / self.between if self.between else SAME

    @property
    def typical(self) -> float:
        """The middle gap in days."""
        return exp(self.mean)


def rhythm(customers: int, gaps: int, mean: float, total: float, within: float):
    """Return the :class:`Rhythm` of a group; None where it has too little.

    :param customers: with at least two gaps, and ``gaps`` of them all together;
        ``mean`` and ``total`` variance of the customers' means; ``within`` the sum
        of squared distances of gaps from their customer's mean.

    >>> rhythm(40, 240, 3.4, 0.30, 50.0)
    Rhythm(mean=3.4, within=0.25, between=0.2583333333333333)
    >>> rhythm(5, 30, 3.4, 0.30, 6.0) is None
    True
    """
    if customers < LEAST_CUSTOMERS or gaps <= customers:
        return None
    inside = max(within / (gaps - customers), 1e-4)
    # what the means differ by chance is no difference between customers
    return Rhythm(mean, inside, max(total - inside * customers / gaps, 0.0))


def rhythm_of(rows: Sequence[tuple[int, float, float]]) -> Rhythm | None:
    """Return the :class:`Rhythm` of customers with these (gaps, mean, variance).

    >>> rhythm_of([(5, 3.0 + n % 5 / 10, 0.2) for n in range(30)])
    Rhythm(mean=3.2, within=0.25, between=0.0)
    >>> round(rhythm_of([(10, 2.0 + n % 3, 0.2) for n in range(30)]).weight, 2)
    0.34
    """
    if not rows:
        return None
    mean = sum(each for _n, each, _v in rows) / len(rows)
    return rhythm(
        len(rows),
        sum(number for number, _m, _v in rows),
        mean,
        sum((each - mean) ** 2 for _n, each, _v in rows) / len(rows),
        sum(number * variance for number, _m, variance in rows),
    )


def gap_limit(
    gaps: int, mean: float, variance: float, own: float | None, of: Rhythm, share: float
) -> float:
    """Return after how many days without a purchase a customer is overdue.

    The ``share`` quantile of the next gap, log-normal, with the customer's mean and
    variance drawn to those of the group by their weights. From four gaps on the
    quantile ``own`` of the gaps themselves takes part: half with four, more with
    more.

    :param mean, variance: of the logarithms of the customer's gaps.

    >>> of = Rhythm(3.4, 0.25, 0.25)
    >>> round(gap_limit(1, 3.4, 0, None, of, 0.9))
    60
    >>> round(gap_limit(12, 3.4, 0.01, 33, of, 0.9))  # every 30 days, regularly
    35
    >>> gap_limit(12, 2.0, 0.01, 8, of, 0.9) < gap_limit(3, 2.0, 0.01, 8, of, 0.9)
    True
    """
    middle = (gaps * mean + of.weight * of.mean) / (gaps + of.weight)
    spread = (gaps * variance + 4 * of.within) / (gaps + 4)
    width = sqrt(spread * (1 + 1 / (gaps + of.weight)))
    limit = middle + NormalDist().inv_cdf(share) * width
    if gaps >= 4 and own:
        believed = gaps / (gaps + 4)
        limit = believed * log(own) + (1 - believed) * limit
    return exp(limit)


# ---- shares ---------------------------------------------------------------------


class Rate(NamedTuple):
    """How the shares of customers (of mails opened, say) are spread: Beta(a, b)."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        return self.a / (self.a + self.b)


def share_prior(mean: float, variance: float, trials: float) -> Rate:
    """Return the spread of shares from their mean and variance over customers.

    :param trials: how many each customer had, on average (harmonic mean).

    >>> [round(each, 6) for each in share_prior(0.4, 0.06, 10)]
    [2.0, 3.0]
    >>> share_prior(0.4, 0.02, 10).a > 100  # no more than chance
    True
    """
    mean = min(max(mean, 0.01), 0.99)
    chance = mean * (1 - mean)
    # variance of x/n: chance/n + (1 − 1/n) · spread
    spread = (variance - chance / trials) / (1 - 1 / trials) if trials > 1 else 0
    size = min(max(chance / spread - 1, 0.5), SAME) if spread > 0 else SAME
    return Rate(mean * size, (1 - mean) * size)


def share_tail(count: int, trials: int, of: Rate) -> float:
    """Return the chance of at most ``count`` of ``trials``: beta-binomial.

    >>> round(share_tail(0, 5, Rate(8, 4)), 4), share_tail(5, 5, Rate(8, 4))
    (0.0128, 1.0)
    """
    if count >= trials:
        return 1.0
    a, b = of
    both = _beta(a, b)
    return sum(
        exp(
            lgamma(trials + 1)
            - lgamma(n + 1)
            - lgamma(trials - n + 1)
            + _beta(n + a, trials - n + b)
            - both
        )
        for n in range(count + 1)
    )


def _beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


# ---- sizes ------------------------------------------------------------------------


def size_score(
    recent: float, number: int, before: float, numbers: int, spread: float
) -> float:
    """Return how far the typical size of purchases has fallen, in deviations.

    Of logarithms: ``recent`` and ``before`` are medians, ``spread`` the deviation
    of one purchase within a customer. The median of n lies off by 1.2533/√n.

    >>> round(size_score(log(50), 4, log(100), 12, 0.5), 2)
    -1.92
    >>> size_score(log(100), 4, log(100), 12, 0.5)
    0.0
    """
    width = 1.2533 * spread * sqrt(1 / number + 1 / numbers)
    return (recent - before) / width if width else 0.0


def fall(before: float, after: float) -> float:
    """Return by what share a size has fallen, of logarithms.

    >>> round(fall(log(200), log(150)), 9)
    0.25
    """
    return 1 - exp(after - before)


def size(logarithm: float) -> float:
    """Return the size of a logarithm.

    >>> round(size(log(80)), 9)
    80.0
    """
    return exp(logarithm)


def score_limit(share: float) -> float:
    """Return the score that ``share`` (0 to 1) of unchanged customers fall below.

    >>> round(score_limit(0.02), 3)
    -2.054
    """
    return NormalDist().inv_cdf(min(max(share, 1e-6), 0.5))
