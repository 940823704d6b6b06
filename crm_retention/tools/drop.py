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
from math import ceil, exp, log, log1p, sqrt
from random import Random
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
