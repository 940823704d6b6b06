"""Which tier a customer has earned, and which one he holds.

Tiers form a ladder. Rung 0 is the floor, the highest number the best tier. A
customer's metric is a pair ``(value, tie breaker)``, compared as Python compares
tuples; a rung is earned from its *cut* on. A cut of ``None`` is one that nobody
reaches.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from dateutil.relativedelta import relativedelta

Metric = tuple[float, float]

ENTER, UPGRADE, RENEW, DOWNGRADE = "enter", "upgrade", "renew", "downgrade"
OVERRIDE, OVERRIDE_END, PROGRAM = "override", "override_end", "program"


def window_start(as_of: date, months: int) -> date | None:
    """Return the last day *before* a rolling window of ``months``, or None if it
    has no beginning (0 months: the whole history).

    >>> window_start(date(2026, 3, 31), 1), window_start(date(2026, 3, 31), 0)
    (datetime.date(2026, 2, 28), None)
    """
    return as_of - relativedelta(months=months) if months else None


def customer_share_cut(metrics: Iterable[Metric], share: float) -> Metric | None:
    """Return the lowest metric with which one belongs to the best ``share`` %.

    Customers with equal metrics stay together: where they do not all fit, none
    of them is in, so that a tier never holds more than its share.

    >>> customer_share_cut([(5, 0), (4, 0), (3, 0), (2, 0), (1, 0)], 40)
    (4, 0)
    >>> customer_share_cut([(5, 0), (4, 0), (4, 0), (4, 0), (1, 0)], 40)
    (5, 0)
    >>> customer_share_cut([(1, 0), (1, 0)], 50) is None
    True
    """
    counts = Counter(metrics)
    room = Fraction(str(share)) / 100 * sum(counts.values())
    cut, taken = None, 0
    for metric in sorted(counts, reverse=True):
        taken += counts[metric]
        if taken > room:
            break
        cut = metric
    return cut


def revenue_share_cut(revenues: Iterable[float], share: float) -> Metric | None:
    """Return the lowest revenue among those who make the first ``share`` % of all.

    The customer with whom the share is reached still belongs to it.

    >>> revenue_share_cut([50, 30, 15, 5], 80)
    (30, 0)
    >>> revenue_share_cut([50, 30, 15, 5], 81)
    (15, 0)
    >>> revenue_share_cut([0, -5], 50) is None
    True
    """
    counts = Counter(value for value in revenues if value > 0)
    goal = Fraction(str(share)) / 100 * sum(Fraction(v) * n for v, n in counts.items())
    cut, reached = None, Fraction(0)
    for value in sorted(counts, reverse=True):
        if reached >= goal:
            break
        reached += Fraction(value) * counts[value]
        cut = (value, 0)
    return cut


def earned(metric: Metric | None, cuts: Sequence[Metric | None]) -> int | None:
    """Return the number of the best rung that ``metric`` earns.

    ``cuts`` are those of rung 1 upwards; rung 0 needs nothing. Without a metric
    (no purchase yet) there is no rung.

    >>> cuts = [(100, 0), (500, 0), None]
    >>> [earned((v, 0), cuts) for v in (0, 100, 499, 9999)]
    [0, 1, 1, 2]
    >>> earned(None, cuts) is None
    True
    """
    if metric is None:
        return None
    for rung in range(len(cuts), 0, -1):
        if cuts[rung - 1] is not None and metric >= cuts[rung - 1]:
            return rung
    return 0


def in_order(thresholds: Sequence[float], *, shares: bool) -> bool:
    """Tell whether thresholds, best tier first, make a ladder.

    Values must fall strictly from the best tier down; shares of the customers
    must grow strictly.

    >>> in_order((1000, 500, 100), shares=False), in_order((5, 20, 20), shares=True)
    (True, False)
    """
    pairs = list(zip(thresholds, thresholds[1:], strict=False))
    return all(a < b if shares else a > b for a, b in pairs)


@dataclass(frozen=True)
class Rules:
    """What of a program decides about time: all lengths in the unit named."""

    period_months: int = 12
    grace_days: int = 30
    one_step: bool = True
    # a better tier begins with the next tier period, not at once
    up_waits: bool = False
    # first day of the period that runs now; None: one begins whenever a tier does
    begins: date | None = None


@dataclass(frozen=True)
class Standing:
    """The tier a customer holds: its rung, and the last day it is promised for."""

    rung: int
    valid_until: date
    overridden: bool = False


@dataclass(frozen=True)
class Override:
    """A person's decision, which holds up to and including ``until``."""

    rung: int
    until: date


@dataclass(frozen=True)
class Verdict:
    """What is to happen: the cause, the rung from now on, promised until when."""

    cause: str
    rung: int
    valid_until: date


def promise(as_of: date, rules: Rules) -> date:
    """Return the last day of a tier period that begins on ``as_of``.

    >>> promise(date(2026, 1, 1), Rules())
    datetime.date(2026, 12, 31)
    >>> promise(date(2026, 5, 9), Rules(begins=date(2026, 1, 1)))
    datetime.date(2026, 12, 31)
    """
    begins = rules.begins or as_of
    return begins + relativedelta(months=rules.period_months) - timedelta(days=1)


def fall_date(standing: Standing, rules: Rules) -> date:
    """Return the first day on which a tier that is no longer earned is lost.

    >>> fall_date(Standing(2, date(2026, 12, 31)), Rules(grace_days=30))
    datetime.date(2027, 1, 31)
    """
    return standing.valid_until + timedelta(days=rules.grace_days + 1)


def decide(
    earned_rung: int,
    standing: Standing | None,
    rules: Rules,
    as_of: date,
    override: Override | None = None,
) -> Verdict | None:
    """Say what happens to a customer's tier on ``as_of``; None: nothing.

    * A person's override wins until its end; then the customer stands where he earned.
    * Up at once, or with the next tier period. Down only after tier period and grace,
      by one step or to the earned tier. Still earned, also in the grace: renewed.

    >>> day = date(2026, 6, 1)
    >>> rules = Rules(period_months=12, grace_days=30)
    >>> decide(1, None, rules, day)
    Verdict(cause='enter', rung=1, valid_until=datetime.date(2027, 5, 31))
    >>> decide(2, Standing(1, date(2026, 12, 31)), rules, day).cause
    'upgrade'
    >>> waiting = Rules(up_waits=True)
    >>> decide(2, Standing(1, date(2026, 12, 31)), waiting, day) is None
    True
    >>> decide(2, Standing(1, date(2026, 5, 31)), waiting, day).cause
    'upgrade'
    >>> decide(0, Standing(2, date(2026, 5, 31)), rules, day) is None  # in grace
    True
    >>> decide(0, Standing(2, date(2026, 5, 1)), rules, day).rung
    1
    >>> decide(0, Standing(2, date(2026, 5, 1)), Rules(one_step=False), day).rung
    0
    >>> decide(2, Standing(2, date(2026, 5, 31)), rules, day).cause
    'renew'
    >>> decide(0, Standing(1, date(2027, 1, 1)), rules, day, Override(3, day)).rung
    3
    >>> decide(0, Standing(3, day, True), rules, day, Override(3, date(2026, 5, 1)))
    Verdict(cause='override_end', rung=0, valid_until=datetime.date(2027, 5, 31))
    """
    if override and as_of <= override.until:
        return _decide_override(standing, override)
    return _decide_by_rules(earned_rung, standing, rules, as_of)


def _decide_override(standing, override):
    """A person's decision: carried out unless it is already."""
    if standing and standing.overridden and standing.rung == override.rung:
        return None
    return Verdict(OVERRIDE, override.rung, override.until)


def _decide_by_rules(earned_rung, standing, rules, as_of):
    """The rules alone, as told in :func:`decide`."""
    fresh = promise(as_of, rules)
    if standing is None:
        return Verdict(ENTER, earned_rung, fresh)
    if standing.overridden:
        return Verdict(OVERRIDE_END, earned_rung, fresh)
    over = as_of > standing.valid_until
    if earned_rung > standing.rung:
        waits = rules.up_waits and not over
        return None if waits else Verdict(UPGRADE, earned_rung, fresh)
    if earned_rung == standing.rung:
        return Verdict(RENEW, earned_rung, fresh) if over else None
    if as_of < fall_date(standing, rules):
        return None
    rung = max(earned_rung, standing.rung - 1) if rules.one_step else earned_rung
    return Verdict(DOWNGRADE, rung, fresh)
