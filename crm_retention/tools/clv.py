"""How often a customer will buy, told from how often and until when it was so far.

The models take three figures of a customer's history, in weeks:

* ``x``: days with a purchase after the first one,
* ``tx``: from the first to the last of them (0 where ``x`` is 0),
* ``T``: from the first purchase to today.

Customers buy at random moments, each at an own rate, until each drops out for good
after one of the purchases. Rates are spread as a gamma distribution (``r``,
``alpha``), the probabilities to drop out as a beta distribution (``a``, ``b``). In
BG/NBD one may drop out after each repeat purchase; in MBG/NBD after the first
purchase, too.

Sources: Fader, Hardie & Lee, "Counting your customers the easy way", Marketing
Science 24(2), 2005; Hardie, notes 021 and 027 (the likelihood in a form that does
not overflow); Batislam, Denizel & Filiztekin, IJRM 24(3), 2007 (MBG/NBD).
"""

from collections import Counter
from collections.abc import Iterable
from math import exp, inf, lgamma, log, log1p
from typing import NamedTuple

from . import simplex

BG, MBG = KINDS = ("bg", "mbg")
DAYS = 7.0  # in a unit of time
EDGE = 9.0  # logarithms of parameters beyond it say that there is no optimum
TERMS = 20_000  # of a series, at most; none needs so many
SMALL = 1e-13
FEW = 1_000  # different histories: so many are enough to come near the optimum
FIRST_LOOKS, LOOKS = 500, 400  # at the function, at most


class Spread(NamedTuple):
    """The four parameters: how rates and dropping out vary among the customers."""

    r: float
    alpha: float
    a: float
    b: float


class History(NamedTuple):
    """What is known of one customer; times in weeks."""

    x: int
    tx: float
    T: float


class Fit(NamedTuple):
    """Parameters found, their log-likelihood, and whether they can be trusted."""

    spread: Spread
    likelihood: float
    count: int
    settled: bool


# ---- fitting -------------------------------------------------------------------


def likelihood(spread: Spread, histories: Iterable[History], kind: str = BG) -> float:
    """Return the logarithm of the probability of these histories.

    >>> pin = Spread(0.25, 4.0, 0.8, 2.5)
    >>> f"{likelihood(pin, [History(0, 0, 40)]):.8f}"
    '-0.59947382'
    >>> f"{likelihood(pin, [History(200, 38, 40)]):.4f}"  # of 200 purchases
    '100.7957'
    >>> f"{likelihood(pin, [History(0, 0, 40)], MBG):.8f}"
    '-0.41792826'
    >>> f"{likelihood(pin, [History(200, 38, 40)], MBG):.4f}"
    '100.7869'
    """
    return _Sample(Counter(histories)).likelihood(spread, kind)


def fit(histories: Iterable[History], kind: str = BG) -> Fit | None:
    """Return the parameters under which these histories are most likely.

    Of many, from some of them first: where those have no optimum, it is not looked
    for among all. None: there is nothing to learn from, as nobody ever came back.
    """
    sample = _Sample(Counter(histories))
    if not any(sample.repeats):
        return None
    place, step, exact = [0.0, log(sample.mean_age() / 2 + 1), 0.0, 0.5], 0.5, 1e-6
    if len(sample.rows) > 2 * FEW:
        found = _lowest(sample.part(FEW), kind, place, step, 1e-3, FIRST_LOOKS)
        if not _is_sound(found):
            return _as_fit(found, sample, False)
        # chance leaves the parameters far less sure than this
        place, step, exact = found.point, 0.1, 1e-4
    found = _lowest(sample, kind, place, step, exact, LOOKS)
    if _is_sound(found) and exact < 1e-5:  # a figure may settle too early
        found = _lowest(sample, kind, found.point, step / 5, exact, LOOKS)
    return _as_fit(found, sample, _is_sound(found))


def _is_sound(found):
    return found.settled and max(map(abs, found.point)) < EDGE


def _as_fit(found, sample, settled):
    return Fit(Spread._make(map(exp, found.point)), -found.value, sample.count, settled)


def _lowest(sample, kind, start, step, tolerance, most):
    def height(place):
        if max(map(abs, place)) > EDGE + 1:
            return inf
        return -sample.likelihood(Spread._make(map(exp, place)), kind)

    return simplex.lowest(height, start, step, tolerance, most)


class _Sample:
    """Histories, the same ones together, prepared for many looks at them."""

    def __init__(self, counted):
        self.count = sum(counted.values())
        self.rows = [(*history, number) for history, number in counted.items()]
        self.repeats = Counter()
        for x, _tx, _T, number in self.rows:
            self.repeats[x] += number
        self.times = {time for row in self.rows for time in row[1:3]}

    def part(self, size):
        """Return about ``size`` of the different histories, evenly taken."""
        rows = sorted(self.rows)[:: max(1, len(self.rows) // size)]
        return _Sample({row[:3]: row[3] for row in rows})

    def mean_age(self):
        return sum(row[2] * row[3] for row in self.rows) / self.count

    def likelihood(self, spread, kind):
        """As :func:`likelihood`; what is the same for many is computed once."""
        r, alpha, a, b = spread
        more = kind == MBG  # one more chance to drop out
        logs = {time: log(alpha + time) for time in self.times}
        chances = {x: a / (b + x - 1 + more) for x in self.repeats if x or more}
        total = sum(
            number * _of_count(spread, x, more) for x, number in self.repeats.items()
        )
        for x, tx, T, number in self.rows:
            late, own = logs[T], r + x
            if x or more:
                power = own * (late - logs[tx])
                # log(1 + chance · e^power), of numbers that e^power cannot hold
                gone = (
                    log1p(chances[x] * exp(power))
                    if power < 600
                    else power + log(chances[x])
                )
                total += number * (gone - own * late)
            else:
                total -= number * own * late
        return total


def _of_count(spread, x, more):
    """Return the part of the log-likelihood that depends on the count alone."""
    r, alpha, a, b = spread
    return (
        lgamma(r + x)
        - lgamma(r)
        + r * log(alpha)
        + lgamma(a + b)
        + lgamma(b + x + more)
        - lgamma(b)
        - lgamma(a + b + x + more)
    )


# ---- telling -------------------------------------------------------------------


def alive(spread: Spread, history: History, kind: str = BG) -> float:
    """Return the probability that the customer has not dropped out.

    >>> cdnow = Spread(0.2425982, 4.4136842, 0.7929899, 2.4261667)
    >>> round(alive(cdnow, History(26, 30.857143, 31)), 5)
    0.96885
    >>> alive(cdnow, History(0, 0, 39))  # as the model has it
    1.0
    >>> alive(cdnow, History(1000, 10, 500)) < 1e-300  # nothing overflows
    True
    """
    r, alpha, a, b = spread
    x, tx, T = history
    more = kind == MBG
    if not x and not more:
        return 1.0
    power = (r + x) * (log(alpha + T) - log(alpha + tx)) + log(a / (b + x - 1 + more))
    return 1 / (1 + exp(power)) if power < 600 else exp(-power)


def quiet(spread: Spread, history: History, ahead: float, kind: str = BG) -> float:
    """Return the probability of no purchase in the next ``ahead`` weeks.

    This, not the probability to have dropped out, is the risk that is shown: after
    one purchase BG/NBD holds everybody for a customer still.

    >>> cdnow = Spread(0.2425982, 4.4136842, 0.7929899, 2.4261667)
    >>> risk = [quiet(cdnow, History(2, 30.43, 38.86), weeks) for weeks in (0, 13, 39)]
    >>> [round(each, 3) for each in risk]
    [1.0, 0.677, 0.445]
    """
    r, alpha, _a, _b = spread
    still = alive(spread, history, kind)
    none = exp(
        (r + history.x) * (log(alpha + history.T) - log(alpha + history.T + ahead))
    )
    return 1 - still * (1 - none)


def expected(spread: Spread, history: History, ahead: float, kind: str = BG) -> float:
    """Return how often the customer will buy in the next ``ahead`` weeks.

    >>> cdnow = Spread(0.2425982, 4.4136842, 0.7929899, 2.4261667)
    >>> round(expected(cdnow, History(2, 30.43, 38.86), 39), 3)
    1.226
    >>> round(expected(cdnow, History(26, 30.857143, 31), 52), 3)  # reference 25.75659
    25.757
    >>> [f"{expected(cdnow, History(x, 20, 39), 52):.5f}" for x in (10, 25)]
    ['0.34746', '0.00036']
    """
    still = alive(spread, history, kind)
    more = kind == MBG
    r, alpha = spread.r + history.x, spread.alpha + history.T
    b = spread.b + history.x + more
    return still * _purchases(Spread(r, alpha, spread.a, b), ahead)


def expected_new(spread: Spread, ahead: float, kind: str = BG) -> float:
    """Return how often one who has just bought for the first time will buy again.

    >>> cdnow = Spread(0.2425982, 4.4136842, 0.7929899, 2.4261667)
    >>> round(expected_new(cdnow, 52), 4)
    1.444
    """
    return expected(spread, History(0, 0, 0), ahead, kind)


def _purchases(spread, ahead):
    """Return the expected purchases of one who is alive, by the own parameters.

    With z = t/(α+t): (a+b−1)/(a−1) · (1 − (1−z)^r · ₂F₁(r, b; a+b−1; z)), where Euler's
    transformation makes (1−z)^(a−1) · ₂F₁(a+b−1−r, a−1; a+b−1; z) of the last product:
    its terms stay small however often one has bought.
    """
    r, alpha, a, b = spread
    if abs(a - 1) < 1e-7:  # the limit, as 0/0 cannot be divided
        a = 1 + 1e-7
    z = ahead / (alpha + ahead)
    c = a + b - 1
    rest = exp((a - 1) * log1p(-z)) * _series(c - r, a - 1, c, z)
    return max(0.0, c / (a - 1) * (1 - rest))


def _series(one, two, under, z):
    """Return ₂F₁(one, two; under; z) for 0 ≤ z < 1.

    >>> round(_series(1, 1, 2, 0.5), 10) == round(2 * log(2), 10)
    True
    """
    term = total = 1.0
    for n in range(TERMS):
        term *= (one + n) * (two + n) / ((under + n) * (n + 1)) * z
        total += term
        if abs(term) <= SMALL * abs(total):
            break
    return total


def share_buying(spread: Spread, times: int, weeks: float, kind: str = BG) -> float:
    """Return which share of new customers buys exactly so often in so many weeks.

    >>> round(share_buying(Spread(0.243, 4.414, 0.793, 2.426), 0, 39), 7)
    0.5737864
    """
    r, alpha, a, b = spread
    more = kind == MBG
    near, far = log(alpha) - log(alpha + weeks), log(weeks) - log(alpha + weeks)

    def poisson(n):  # of rates that differ: n purchases of one who never drops out
        return exp(lgamma(r + n) - lgamma(r) - lgamma(n + 1) + r * near + n * far)

    stayed = _beta(a, b + times + more) - _beta(a, b)
    share = exp(stayed) * poisson(times)
    if times or more:
        left = _beta(a + 1, b + times - 1 + more) - _beta(a, b)
        at_least = 1 - sum(poisson(n) for n in range(times))
        share += exp(left) * max(0.0, at_least)
    return share


def _beta(a, b):
    return lgamma(a) + lgamma(b) - lgamma(a + b)
