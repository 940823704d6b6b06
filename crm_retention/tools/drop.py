"""Whether somebody buys, writes or opens less than before, or just by chance.

**Counts.** A customer's count in a month is Poisson with a rate of its own, the rates
of all customers are Gamma(shape, rate). From what a customer did before, and the
others, follows how often it will do so in the next months: negative binomial. The
chance of as few as were counted is the evidence (``tail``). A month of the year has
its own weight (``season``), so "exposure" is a number of average months.

**How small is too small.** Not 5 %: with thousands of customers looked at every month
the limit is set so that, of those who did not change, no more than a given share is
warned about (``threshold``). This follows from the same model, so real losses do not
spoil it.

**What cannot be seen.** Who buys once a month is silent for three months by chance in
one case of twenty: with few purchases no method finds out in time (``is_rare``).
"""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, exp, lgamma, log, log1p, sqrt
from random import Random
from statistics import NormalDist
from typing import NamedTuple

RARE = 1.5  # a month: at most every fifth fall to a third is seen within 3 months
LEAST_CUSTOMERS = 20  # fewer tell nothing about how customers differ
MOST = 0.5  # chances above this are no evidence of anything
SAME = 1e6  # shape of rates that do not differ
NEARLY = 1 + 1e-9  # sums of chances that should be equal may differ in the last digit


class Prior(NamedTuple):
    """How the rates of customers are spread: Gamma with this shape and rate."""

    shape: float
    rate: float

    @property
    def mean(self) -> float:
        return self.shape / self.rate


class Sums(NamedTuple):
    """Sums over customers of a count ``x``, its exposure ``e``, and their products."""

    customers: int
    x: float
    e: float
    xx: float
    xe: float
    ee: float


def prior(sums: Sums) -> Prior | None:
    """Return the spread of rates by the method of moments; None: too little known.

    With x ~ Poisson(rate · e) and rates of mean m and variance v, the expected sum
    of (x − m·e)² is m·Σe + v·Σe². Customers that do not differ get a very narrow
    spread.

    >>> counts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 24] * 3
    >>> prior(count_sums((x, 2) for x in counts))
    Prior(shape=1.0, rate=0.3333333333333333)
    >>> prior(count_sums((3, 1) for _n in range(50))).mean
    3.0
    >>> prior(count_sums([(3, 1)])) is None, prior(count_sums([(0, 1)] * 50)) is None
    (True, True)
    """
    if sums.customers < LEAST_CUSTOMERS or sums.x <= 0 or sums.ee <= 0:
        return None
    mean = sums.x / sums.e
    squares = sums.xx - 2 * mean * sums.xe + mean * mean * sums.ee
    spread = (squares - mean * sums.e) / sums.ee
    if spread * SAME <= mean * mean:
        return Prior(SAME, SAME / mean)
    return Prior(mean * mean / spread, mean / spread)


def count_sums(pairs: Iterable[tuple[float, float]]) -> Sums:
    """Return the sums of (count, exposure) pairs.

    >>> count_sums([(1, 2), (3, 2)])
    Sums(customers=2, x=4, e=4, xx=10, xe=8, ee=8)
    """
    pairs = list(pairs)
    return Sums(
        len(pairs),
        sum(x for x, _e in pairs),
        sum(e for _x, e in pairs),
        sum(x * x for x, _e in pairs),
        sum(x * e for x, e in pairs),
        sum(e * e for _x, e in pairs),
    )


def season(totals: Mapping[int, tuple[float, float]]) -> list[float]:
    """Return the weights of the twelve months of the year, of mean 1.

    A month is drawn to 1 by as much as chance alone would part it from 1. Without two
    whole years the year tells nothing: all weights are then 1.

    :param totals: ``{1 … 12: (count, how often the month was counted)}``.

    >>> year = {month: (1000, 2) for month in range(1, 13)}
    >>> set(season(year))
    {1.0}
    >>> [round(each, 2) for each in season(year | {12: (3400, 2)})][-2:]
    [0.83, 2.83]
    >>> set(season({month: (2 + month % 2, 2) for month in range(1, 13)}))
    {1.0}
    >>> set(season({month: (1000, 1) for month in range(1, 13)} | {12: (9, 1)}))
    {1.0}
    """
    if any(totals.get(month, (0, 0))[1] < 2 for month in range(1, 13)):
        return [1.0] * 12
    means = [totals[month][0] / totals[month][1] for month in range(1, 13)]
    average = sum(means) / 12
    if not average:
        return [1.0] * 12
    raw = [mean / average for mean in means]
    # of a month counted so often, chance alone makes a variance of 1/count
    chance = [1 / (average * totals[month][1]) for month in range(1, 13)]
    spread = sum((each - 1) ** 2 for each in raw) / 12 - sum(chance) / 12
    if spread <= 0:
        return [1.0] * 12
    pairs = zip(raw, chance, strict=True)
    drawn = [1 + spread / (spread + by) * (each - 1) for each, by in pairs]
    return [weight * 12 / sum(drawn) for weight in drawn]


def dispersion(counts: Sequence[float], weights: Sequence[float]) -> float:
    """Return how many times more than by chance a customer's months differ.

    Pearson's statistic by its degrees of freedom: 1 on average for a Poisson
    customer, less for a regular one, more for one that buys in bursts.

    >>> dispersion([2, 2, 2, 2], [1, 1, 1, 1])
    0.0
    >>> round(dispersion([0, 8, 0, 0, 8, 0], [1] * 6), 2)
    6.4
    """
    total, exposure = sum(counts), sum(weights)
    if not total or len(counts) < 2:
        return 1.0
    rate = total / exposure
    pairs = zip(counts, weights, strict=True)
    return sum((n - rate * w) ** 2 / (rate * w) for n, w in pairs) / (len(counts) - 1)


class Predicted(NamedTuple):
    """The negative binomial of what comes: shape, and exposure to prior exposure."""

    shape: float
    odds: float

    @property
    def mean(self) -> float:
        return self.shape * self.odds


def predict(known: Prior, count: float, exposure: float, ahead: float) -> Predicted:
    """Return what is expected in ``ahead`` average months after ``exposure`` of them.

    >>> predict(Prior(2, 1), 22, 11, 3)
    Predicted(shape=24, odds=0.25)
    >>> predict(Prior(2, 1), 22, 11, 3).mean
    6.0
    """
    return Predicted(known.shape + count, ahead / (known.rate + exposure))


def tail(count: float, ahead: Predicted) -> float:
    """Return the chance of at most ``count``: small, if it is too few by chance.

    >>> round(tail(0, Predicted(24, 0.25)), 6), round(tail(6, Predicted(24, 0.25)), 4)
    (0.004722, 0.607)
    >>> round(tail(1000, Predicted(24, 0.25)), 9)
    1.0
    >>> 0 < tail(400, Predicted(4000, 0.25)) < 1e-60  # of 1,000 expected
    True
    """
    return sum(_chances(int(count), ahead))


def _chances(most: int, ahead: Predicted):
    """Yield the chances of 0, 1 … ``most``; each from the one before, in logs."""
    shape, odds = ahead
    chance = -shape * log1p(odds)
    step = log(odds) - log1p(odds)
    for n in range(most + 1):
        yield exp(chance)
        chance += log(shape + n) - log(n + 1) + step


def threshold(customers: Iterable[Predicted], share: float) -> float:
    """Return the chance below which one warns, so that few are warned for nothing.

    Of customers who did not change, at most ``share`` (0 to 1) then has a ``tail``
    at or below it: chances are summed over what each may count. 0: never.

    >>> one = Predicted(24, 0.25)
    >>> limit = threshold([one], 0.02)
    >>> tail(0, one) < limit < tail(1, one), limit == tail(0, one)
    (False, True)
    >>> mixed = [Predicted(0.5, 0.1)] * 60 + [Predicted(50, 0.2)] * 40
    >>> limit = threshold(mixed, 0.02)
    >>> sum(_false_share(each, limit) for each in mixed) / 100 <= 0.02
    True
    >>> threshold([], 0.02), threshold([Predicted(0.5, 0.1)], 0.02)
    (0.0, 0.0)
    """
    steps, number = [], 0
    for ahead in customers:
        number += 1
        reached = 0.0
        for chance in _chances(ceil(ahead.mean), ahead):
            reached += chance
            if reached > MOST:
                break
            steps.append((reached, chance))
    limit, spent = 0.0, 0.0
    steps.sort()
    for place, (reached, chance) in enumerate(steps):
        spent += chance
        if spent > share * number * NEARLY:
            break
        # those with the very same chance are warned together or not at all
        if place + 1 == len(steps) or steps[place + 1][0] > reached:
            limit = reached
    return limit


def _false_share(ahead: Predicted, limit: float) -> float:
    """Return the chance that a customer who did not change is warned about."""
    found, reached = 0.0, 0.0
    for chance in _chances(ceil(ahead.mean), ahead):
        reached += chance
        if reached > limit:
            break
        found = reached
    return found


def is_rare(ahead: Predicted, months: float) -> bool:
    """Tell whether a customer buys so seldom that a fall can hardly be seen.

    >>> is_rare(Predicted(24, 0.25), 3), is_rare(Predicted(10, 0.25), 3)
    (False, True)
    """
    return ahead.mean <= RARE * months


# ---- slow declines ----------------------------------------------------------------


def ewma(
    known: Prior,
    count: float,
    exposure: float,
    counts: Sequence[float],
    weights: Sequence[float],
    memory: float = 0.25,
) -> float:
    """Return the weighted mean of how far months lie off what was expected.

    Each month's distance is in standard deviations of its prediction; the last one
    weighs ``memory``, each one before ``1 − memory`` times as much as the next
    (Roberts 1959). Scaled to a deviation of 1: −2 is a clear decline.

    >>> ewma(Prior(2, 1), 46, 23, [2, 2, 2], [1, 1, 1])
    0.0
    >>> fall = ewma(Prior(2, 1), 46, 23, [2, 2, 1, 1, 1, 0, 1, 0], [1] * 8)
    >>> round(fall, 2)
    -2.22
    """
    shape, rate = known.shape + count, known.rate + exposure
    mean, found = shape / rate, 0.0
    for n, weight in zip(counts, weights, strict=True):
        expected = mean * weight
        deviation = sqrt(expected * (1 + weight / rate)) or 1.0
        found += memory * ((n - expected) / deviation - found)
    return found / sqrt(memory / (2 - memory)) + 0.0


def ewma_limit(
    known: Prior,
    customers: Sequence[tuple[float, float]],
    weights: Sequence[float],
    share: float,
    seed: int = 1,
) -> float:
    """Return the ``ewma`` that at most ``share`` of unchanged customers fall below.

    From months drawn by the model for customers with these (count, exposure)
    pairs: the same seed gives the same limit.

    >>> customers = [(2 * n, 12) for n in range(1, 400)]
    >>> limit = ewma_limit(Prior(2, 0.5), customers, [1.0] * 12, 0.02)
    >>> -2.6 < limit < -1.6
    True
    """
    if not customers:
        return float("-inf")
    random = Random(seed)
    found = []
    for count, exposure in customers:
        rate = random.gammavariate(known.shape + count, 1 / (known.rate + exposure))
        drawn = [poisson(random, rate * weight) for weight in weights]
        found.append(ewma(known, count, exposure, drawn, weights))
    found.sort()
    return found[min(int(share * len(found)), len(found) - 1)]


def poisson(random: Random, mean: float) -> int:
    """Return a number drawn from the Poisson distribution.

    >>> random = Random(7)
    >>> draws = [poisson(random, 3.0) for _n in range(2000)]
    >>> 2.9 < sum(draws) / 2000 < 3.1
    True
    >>> 970 < poisson(random, 1000.0) < 1100
    True
    """
    if mean > 50:
        return max(round(random.gauss(mean, sqrt(mean))), 0)
    limit, number, product = exp(-mean), 0, random.random()
    while product > limit:
        number += 1
        product *= random.random()
    return number


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
