"""Where in the lifecycle a customer is, and how warm the contact.

A customer is judged against the own rhythm: the median number of days between two
purchases, or the company's usual one where there are too few purchases to tell.
From the last purchase on silence leads from *in rhythm* over *at risk* and
*dormant* to *lost*; only a purchase leads back. In rhythm one is new for a while,
then active, loyal after many purchases, and won back for a while after having
been dormant or lost.

"For n days" and "within n days" include the n-th day; the day after is the first
day of what follows.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

PROSPECT, NEW, ACTIVE, LOYAL = "prospect", "new", "active", "loyal"
AT_RISK, DORMANT, LOST, WON_BACK = "at_risk", "dormant", "lost", "won_back"
STAGES = (PROSPECT, NEW, ACTIVE, LOYAL, AT_RISK, DORMANT, LOST, WON_BACK)
ASLEEP = (DORMANT, LOST)

WARM, FROZEN = "warm", "frozen"
ENGAGEMENTS = (ACTIVE, WARM, FROZEN)

LONGEST = 36_500  # days; no limit is later, so that every day has a date


class Rules(NamedTuple):
    """What a company sets. Factors are multiples of the interval."""

    new_days: int = 60
    own_from: int = 3  # purchases that make an interval of one's own
    default_interval: int = 60
    loyal_from: int = 5
    risk_factor: float = 1.5
    risk_days: int = 30  # at least, however short the interval
    dormant_factor: float = 3.0
    dormant_days: int = 90
    lost_factor: float = 6.0
    lost_days: int = 180
    won_back_days: int = 90
    active_days: int = 30
    warm_days: int = 180


class Facts(NamedTuple):
    """What is known of one customer on the day of judgement.

    ``interval`` is the median gap in days, 0 where there is none.
    """

    first: date | None
    last: date | None
    count: int
    interval: float = 0.0
    is_prospect: bool = False


class Standing(NamedTuple):
    """The stage in which the customer has been until now."""

    stage: str | None
    since: date | None


class Verdict(NamedTuple):
    """A stage, and the first day on which it changes if nothing happens."""

    stage: str | None
    check_on: date | None = None


class Limits(NamedTuple):
    """How many days of silence still belong to a rhythm, to at risk, to dormant."""

    interval: float
    is_own: bool
    risk: int
    dormant: int
    lost: int


def limits(facts: Facts, rules: Rules) -> Limits:
    """Return the days of silence that the customer's rhythm allows.

    >>> d = date.fromisoformat
    >>> regular = Facts(d("2026-01-01"), d("2026-06-01"), 9, 40.0)
    >>> limits(regular, Rules())
    Limits(interval=40.0, is_own=True, risk=60, dormant=120, lost=240)
    >>> limits(regular._replace(count=2), Rules())
    Limits(interval=60, is_own=False, risk=90, dormant=180, lost=360)
    >>> limits(regular._replace(interval=7.0), Rules())[2:]
    (30, 90, 180)
    >>> limits(regular._replace(interval=30.0), Rules(risk_factor=1.1))[2:3]
    (33,)
    """
    is_own = facts.count >= rules.own_from and facts.interval > 0
    return _limits(facts.interval if is_own else rules.default_interval, is_own, rules)


@lru_cache(maxsize=4096)  # many customers, few different intervals
def _limits(interval: float, is_own: bool, rules: Rules) -> Limits:
    return Limits(
        interval,
        is_own,
        _days(interval, rules.risk_factor, rules.risk_days),
        _days(interval, rules.dormant_factor, rules.dormant_days),
        _days(interval, rules.lost_factor, rules.lost_days),
    )


def _days(interval: float, factor: float, least: int) -> int:
    """Return ``factor`` intervals in whole days, rounded up; ``least`` at least.

    In whole tenths and hundredths, so that 1.1 times 30 days is 33 and not 34.
    """
    days = -(-round(interval * 10) * round(factor * 100) // 1000)
    return min(max(days, least), LONGEST)


def judge(
    facts: Facts, rules: Rules, as_of: date, standing: Standing | None = None
) -> Verdict:
    """Return the stage on the day ``as_of``; none for who neither buys nor asks.

    Won back is who bought again since having become dormant or lost; a purchase
    of before that comes to light later wins nobody back.
    """
    if not facts.last:
        return Verdict(PROSPECT if facts.is_prospect else None)
    allowed = limits(facts, rules)
    silence = (as_of - facts.last).days
    if silence > allowed.lost:
        return Verdict(LOST)
    if silence > allowed.dormant:
        return Verdict(DORMANT, after(facts.last, allowed.lost))
    if silence > allowed.risk:
        return Verdict(AT_RISK, after(facts.last, allowed.dormant))
    stage, check_on = _in_rhythm(facts, rules, as_of, standing)
    late = after(facts.last, allowed.risk)
    return Verdict(stage, min(check_on, late) if check_on else late)


def _in_rhythm(facts, rules, as_of, standing):
    """Return (stage, its own end or None) of who buys in rhythm."""
    since = _back_since(facts, as_of, standing)
    if since and as_of < after(since, rules.won_back_days):
        return WON_BACK, after(since, rules.won_back_days)
    if as_of < after(facts.first, rules.new_days):
        return NEW, after(facts.first, rules.new_days)
    return (LOYAL if facts.count >= rules.loyal_from else ACTIVE), None


def _back_since(facts, as_of, standing):
    """Return the day on which the customer came back, if that was the last move."""
    if not standing:
        return None
    if standing.stage == WON_BACK:
        return standing.since
    bought = standing.stage in ASLEEP and facts.last >= standing.since
    return as_of if bought else None


def after(day: date, days: int) -> date:
    """Return the first day that is more than ``days`` days after ``day``.

    >>> after(date(2026, 1, 1), 30)
    datetime.date(2026, 2, 1)
    """
    return day + timedelta(days=days + 1)


def engagement(answered: date | None, rules: Rules, as_of: date) -> Verdict:
    """Return how warm the contact is by the day of the last answer or purchase.

    >>> d = date.fromisoformat
    >>> for day in ("2026-01-31", "2026-02-01", "2026-06-30", "2026-07-01"):
    ...     verdict = engagement(d("2026-01-01"), Rules(), d(day))
    ...     print(day, verdict.stage, "until", verdict.check_on)
    2026-01-31 active until 2026-02-01
    2026-02-01 warm until 2026-07-01
    2026-06-30 warm until 2026-07-01
    2026-07-01 frozen until None
    >>> engagement(None, Rules(), d("2026-01-01"))
    Verdict(stage=None, check_on=None)
    """
    if not answered:
        return Verdict(None)
    if as_of < (cools := after(answered, rules.active_days)):
        return Verdict(ACTIVE, cools)
    if as_of < (freezes := after(answered, rules.warm_days)):
        return Verdict(WARM, freezes)
    return Verdict(FROZEN)


def next_check(*verdicts: Verdict) -> date | None:
    """Return the first day on which one of these verdicts changes.

    >>> next_check(Verdict(LOST), Verdict(WARM, date(2026, 5, 1)))
    datetime.date(2026, 5, 1)
    >>> next_check(Verdict(LOST), Verdict(FROZEN)) is None
    True
    """
    return min((each.check_on for each in verdicts if each.check_on), default=None)


class Reason(NamedTuple):
    """Why a stage: a key for a sentence, and what stands in it."""

    key: str
    numbers: dict


def explain(stage: str | None, facts: Facts, rules: Rules, since=None) -> Reason:
    """Return why the customer is in ``stage``: dates and limits, never ages.

    >>> d = date.fromisoformat
    >>> old = Facts(d("2024-01-01"), d("2026-01-01"), 4, 40.0)
    >>> explain(AT_RISK, old, Rules()).key
    'at_risk_own'
    >>> explain(AT_RISK, old, Rules()).numbers  # doctest: +NORMALIZE_WHITESPACE
    {'last': datetime.date(2026, 1, 1), 'interval': 40.0, 'count': 4, 'days': 60,
     'until': datetime.date(2026, 5, 1)}
    >>> explain(ACTIVE, old._replace(count=2), Rules()).key
    'active_usual'
    >>> explain(PROSPECT, Facts(None, None, 0, is_prospect=True), Rules())
    Reason(key='prospect', numbers={})
    """
    if not facts.last or stage in (None, PROSPECT):
        return Reason(stage or "none", {})
    allowed = limits(facts, rules)
    in_rhythm = stage not in (AT_RISK, *ASLEEP)
    days = {AT_RISK: allowed.risk, DORMANT: allowed.dormant, LOST: allowed.lost}
    ends = {AT_RISK: allowed.dormant, DORMANT: allowed.lost}
    until = facts.last + timedelta(days=ends.get(stage, allowed.risk))
    if stage == NEW:
        until = min(until, facts.first + timedelta(days=rules.new_days))
    if stage == WON_BACK and since:
        until = min(until, since + timedelta(days=rules.won_back_days))
    numbers = {
        "last": facts.last,
        "interval": allowed.interval,
        "count": facts.count,
        "days": allowed.risk if in_rhythm else days[stage],
        "until": until,
    }
    if stage == NEW:
        numbers["first"] = facts.first
    if stage in (NEW, WON_BACK):
        return Reason(stage, numbers)
    return Reason(f"{stage}_{'own' if allowed.is_own else 'usual'}", numbers)


__test__ = {
    "cases": """
    What a customer is judged to be, day by day, and when to look again.

    >>> d = date.fromisoformat
    >>> new = Facts(d("2026-01-01"), d("2026-01-01"), 1)
    >>> old = Facts(d("2024-01-01"), d("2026-01-01"), 4, 40.0)
    >>> much = old._replace(count=5)
    >>> asleep = Standing(DORMANT, d("2025-12-01"))
    >>> back = Standing(WON_BACK, d("2026-01-02"))
    >>> for facts, day, standing in [
    ...     (Facts(None, None, 0), "2026-01-01", None),
    ...     (Facts(None, None, 0, is_prospect=True), "2026-01-01", None),
    ...     (new, "2026-01-01", None),
    ...     (new, "2026-03-02", None),
    ...     (new, "2026-03-03", None),
    ...     (new, "2026-04-01", None),
    ...     (new, "2026-04-02", None),
    ...     (old, "2026-01-01", None),
    ...     (old, "2026-03-02", None),
    ...     (old, "2026-03-03", None),
    ...     (old, "2026-05-02", None),
    ...     (old, "2026-08-30", None),
    ...     (much, "2026-01-01", None),
    ...     (much, "2026-03-03", None),
    ...     (much, "2026-01-02", asleep),
    ...     (much, "2026-01-02", Standing(DORMANT, d("2026-01-02"))),
    ...     (much, "2026-01-02", Standing(AT_RISK, d("2025-12-01"))),
    ...     (old._replace(interval=80.0), "2026-04-02", back),
    ...     (old._replace(interval=80.0), "2026-04-03", back),
    ...     (much, "2026-03-03", back),
    ... ]:
    ...     verdict = judge(facts, Rules(), d(day), standing)
    ...     print(day, verdict.stage, "until", verdict.check_on)
    2026-01-01 None until None
    2026-01-01 prospect until None
    2026-01-01 new until 2026-03-03
    2026-03-02 new until 2026-03-03
    2026-03-03 active until 2026-04-02
    2026-04-01 active until 2026-04-02
    2026-04-02 at_risk until 2026-07-01
    2026-01-01 active until 2026-03-03
    2026-03-02 active until 2026-03-03
    2026-03-03 at_risk until 2026-05-02
    2026-05-02 dormant until 2026-08-30
    2026-08-30 lost until None
    2026-01-01 loyal until 2026-03-03
    2026-03-03 at_risk until 2026-05-02
    2026-01-02 won_back until 2026-03-03
    2026-01-02 loyal until 2026-03-03
    2026-01-02 loyal until 2026-03-03
    2026-04-02 won_back until 2026-04-03
    2026-04-03 active until 2026-05-02
    2026-03-03 at_risk until 2026-05-02
    """
}
