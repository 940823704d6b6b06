"""Which forecast may be shown: each is tried on the past first.

What customers did until ``days`` ago is given to the model, and what it then says of
these days is compared with what came. The model counts only where it is closer than
the plain rate, "as often as so far"; else customers who have been silent for as long
are counted, and what they did is what is expected.
"""

from collections.abc import Sequence
from typing import NamedTuple

from . import backtest, clv, spend

LEAST_COUNTED = 60  # customers to count rates of
LEAST = 200  # customers to learn from
LEAST_BACK = 50  # of them, how many must have bought again
CALIBRATED = 0.1  # the share told may be off by so much
CLOSE = 0.03  # of two models the one whose share is off by less goes before
YEAR = 365
MODEL, RATE, NONE = "model", "rate", "none"
GAMMA, OWN = "gamma", "own"
# why: the model is used, or what speaks against it
WINS, FEW, UNSETTLED, LOSES, OFF, DEPENDS = (
    "wins",
    "few",
    "unsettled",
    "loses",
    "off",
    "depends",
)


class Past(NamedTuple):
    """One customer until ``days`` ago, and on how many days he bought since."""

    history: clv.History
    later: int

    @property
    def silence(self) -> int:
        return round((self.history.T - self.history.tx) * clv.DAYS)


class Trial(NamedTuple):
    """How a forecast did on the past, beside the plain one.

    Errors are purchases a customer, or money a purchase; ranks are those of
    :func:`backtest.ranked`, of which the plain one is by days of silence.
    """

    count: int
    error: float
    plain_error: float
    rank: float | None = None
    plain_rank: float | None = None
    told: float = 0.0  # share said to buy nothing
    came: float = 0.0  # share that bought nothing


class Buying(NamedTuple):
    """How purchases are foretold from now on, and why so."""

    method: str
    why: str
    kind: str | None = None
    fit: clv.Fit | None = None
    trial: Trial | None = None
    steps: tuple[backtest.Step, ...] = ()


class Spending(NamedTuple):
    """How the value of a purchase is foretold from now on, and why so."""

    method: str
    why: str
    fit: spend.SpendFit | None = None
    trial: Trial | None = None
    correlation: float = 0.0


class Forecast(NamedTuple):
    """Of one customer: percent to buy nothing in the next days; purchases in a year."""

    quiet: float
    purchases: float


def buying(past: Sequence[Past], now: Sequence[clv.History], days: int) -> Buying:
    """Try both models on the past and return what is to be used.

    >>> buying([], [], 90)[:2]
    ('none', 'few')
    """
    if len(past) < LEAST_COUNTED or not any(each.later for each in past):
        return Buying(NONE, FEW)
    steps = tuple(backtest.by_silence((each.silence, each.later) for each in past))
    back = sum(each.history.x > 0 for each in past)
    if len(past) < LEAST or back < LEAST_BACK:
        return Buying(RATE, FEW, steps=steps)
    histories = [each.history for each in past]
    tried = []
    for kind in clv.KINDS:
        fit = clv.fit(histories, kind)
        if fit and fit.settled:
            tried.append((trial(past, fit.spread, kind, days), kind))
    if not tried:
        return Buying(RATE, UNSETTLED, steps=steps)
    best, kind = min(tried, key=lambda each: _rank(each[0]))
    if best.error >= best.plain_error or (best.rank or 0) <= 0.5:  # or a mere coin
        return Buying(RATE, LOSES, kind, None, best, steps)
    if abs(best.told - best.came) > CALIBRATED:
        return Buying(RATE, OFF, kind, None, best, steps)
    fit = clv.fit(now, kind)
    if not fit or not fit.settled:
        return Buying(RATE, UNSETTLED, kind, fit, best, steps)
    return Buying(MODEL, WINS, kind, fit, best, steps)


def _rank(tried: Trial) -> tuple:
    """Return by what trials are compared: the smallest is the best.

    The share who buy nothing is what people read: it goes before the mean error.

    >>> rough = Trial(9, 0.7, 1.0, told=0.76, came=0.71)
    >>> close = Trial(9, 0.8, 1.0, told=0.73, came=0.71)
    >>> min(rough, close, key=_rank) is close
    True
    """
    return abs(tried.told - tried.came) > CLOSE, tried.error


def trial(past: Sequence[Past], spread: clv.Spread, kind: str, days: int) -> Trial:
    """Compare what the parameters say of the past with what came.

    >>> seen = [Past(clv.History(0, 0, 10), 0), Past(clv.History(5, 9, 10), 3)]
    >>> found = trial(seen, clv.Spread(0.5, 4, 0.8, 2.5), "bg", 70)
    >>> found.count, round(found.plain_error, 2), found.rank, found.came
    (2, 1.0, 1.0, 0.5)
    """
    weeks = days / clv.DAYS
    histories = [each.history for each in past]
    later = [each.later for each in past]
    silent = [not each for each in later]
    risks = [clv.quiet(spread, each, weeks, kind) for each in histories]
    ahead = [clv.expected(spread, each, weeks, kind) for each in histories]
    plain = [weeks * each.x / each.T if each.T else 0.0 for each in histories]
    return Trial(
        len(past),
        backtest.missed(ahead, later),
        backtest.missed(plain, later),
        backtest.ranked(risks, silent),
        backtest.ranked([each.silence for each in past], silent),
        sum(risks) / len(risks),
        sum(silent) / len(silent),
    )


def foretell(
    method: str,
    kind: str | None,
    spread: clv.Spread | None,
    steps: Sequence[backtest.Step],
    history: clv.History,
    days: int,
) -> Forecast | None:
    """Return what is expected of one customer; None where nothing can be said.

    >>> steps = (backtest.Step(0, 40, 0.25, 1.5), backtest.Step(30, 40, 0.8, 0.3))
    >>> foretell("rate", None, None, steps, clv.History(3, 8, 10), 90)
    Forecast(quiet=0.25, purchases=6.083333333333333)
    >>> foretell("none", None, None, (), clv.History(3, 8, 10), 90)
    """
    if method == MODEL:
        return Forecast(
            clv.quiet(spread, history, days / clv.DAYS, kind),
            clv.expected(spread, history, YEAR / clv.DAYS, kind),
        )
    if method == RATE and steps:
        silence = round((history.T - history.tx) * clv.DAYS)
        step = backtest.of_silence(steps, max(0, silence))
        return Forecast(step.quiet, step.purchases * YEAR / days)
    return None


class Paid(NamedTuple):
    """One customer's amounts: repeat purchases and their mean, the mean of all
    purchases until ``days`` ago, and the mean of those that came (None: none)."""

    x: int
    mean: float
    own: float
    later: float | None


def spending(past: Sequence[Paid], now: Sequence[tuple[int, float]]) -> Spending:
    """Try Gamma-Gamma on the past and return what is to be used.

    >>> spending([], [])[:2]
    ('own', 'few')
    """
    repeaters = [(x, mean) for x, mean in now if x and mean > 0]
    if len(repeaters) < LEAST_BACK:
        return Spending(OWN, FEW)
    together = spend.correlation(repeaters)
    if abs(together) > spend.MOST_CORRELATED:
        return Spending(OWN, DEPENDS, correlation=together)
    before = spend.fit((each.x, each.mean) for each in past)
    fit = spend.fit(repeaters)
    if not (before and before.settled and fit.settled):
        return Spending(OWN, UNSETTLED, fit, None, together)
    seen = [each for each in past if each.later is not None]
    if len(seen) < LEAST_BACK:
        return Spending(OWN, FEW, fit, None, together)
    later = [each.later for each in seen]
    tried = Trial(
        len(seen),
        backtest.missed(
            [spend.expected(before.spend, each.x, each.mean) for each in seen], later
        ),
        backtest.missed([each.own for each in seen], later),
    )
    wins = tried.error < tried.plain_error
    return Spending(
        GAMMA if wins else OWN, WINS if wins else LOSES, fit, tried, together
    )


def worth(
    method: str, values: spend.Spend | None, x: int, mean: float, own: float
) -> float:
    """Return what one purchase of a customer is expected to be worth.

    >>> round(worth("gamma", spend.Spend(6.25, 3.74, 15.44), 1, 11.77, 20.0), 2)
    18.92
    >>> worth("own", None, 1, 11.77, 20.0)
    20.0
    """
    return spend.expected(values, x, mean) if method == GAMMA else own
