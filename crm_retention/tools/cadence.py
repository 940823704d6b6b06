"""When a customer is due, and how often he is to be contacted.

A *line* of a policy asks for a contact every so many days. A personal line counts
from the last real contact by any channel that was at least as deep as the line asks
for, so that a greeting does not do for a strategic review; an automatic one from the
last time of the same line, so that bulk mail neither starts personal intervals anew
nor repeats at once. Whoever was never contacted comes in turn over the first interval.
"""

import calendar
import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

RETRY_DAYS = 2  # after a try that reached nobody
LATE_DAYS = 3  # so long after its day a key date is still worth a word
HALF_YEAR = timedelta(days=183)
DRAWS = 1 << 28

LADDER = (7, 14, 30, 60, 90, 180, 365)
DEPTH_RANKS = {
    "greeting": 0,
    "information": 1,
    "onboarding": 1,
    "conversation": 2,
    "review": 3,
}
UNKNOWN_RANK = 2  # a contact of which nobody said how deep it was: a conversation

# what the plan says of a line whose interval it looked at
PINNED, COMPLAINT, OPT_OUT, BOUNDS = "pinned", "complaint", "opt_out", "bounds"
WAIT, FEW, UP, DOWN, SAME = "wait", "few", "up", "down", "same"


# ---- chance that stays the same ------------------------------------------------------


def draw(*keys: Hashable) -> int:
    """Return a number from 0 to 2²⁸ − 1 that depends on ``keys`` alone, everywhere.

    >>> draw(1, 2) == draw(1, 2), draw(1, 2) == draw(2, 1)
    (True, False)
    >>> 0 <= draw("any") < DRAWS
    True
    """
    text = ":".join(str(key) for key in keys)
    return int(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:7], 16)


def member(members: Sequence[int], *keys: Hashable) -> int | None:
    """Return the member whose turn the customer is: always the same one.

    When a member leaves, only his customers move to others.

    >>> member([], 7) is None
    True
    >>> four = {n: member([1, 2, 3, 4], n) for n in range(1000)}
    >>> [list(four.values()).count(each) for each in (1, 2, 3, 4)]
    [253, 243, 263, 241]
    >>> three = {n: member([1, 2, 4], n) for n in range(1000)}
    >>> {four[n] for n in four if four[n] != three[n]}
    {3}
    """
    return max(members, key=lambda each: draw(each, *keys), default=None)


# ---- depth ---------------------------------------------------------------------------


def rank(depth: str | None) -> int:
    """Return how deep a contact was; one of unknown depth counts as a conversation.

    >>> [rank(each) for each in ("greeting", "onboarding", None, "review")]
    [0, 1, 2, 3]
    """
    return DEPTH_RANKS.get(depth, UNKNOWN_RANK)


def depth_for(stage: str | None, depth: str) -> str:
    """Return the depth of a personal line for a customer in ``stage`` of the lifecycle.

    New customers are shown round, those at risk are talked to in earnest, and who
    sleeps or left gets a greeting. A strategic review stays one while he is with us.

    >>> for stage in ("active", "new", "at_risk", "dormant", None):
    ...     print(stage, *(depth_for(stage, depth) for depth in DEPTH_RANKS))
    active greeting information onboarding conversation review
    new onboarding onboarding onboarding conversation review
    at_risk conversation conversation conversation conversation review
    dormant greeting greeting greeting greeting greeting
    None greeting information onboarding conversation review
    """
    if stage in ("dormant", "lost"):
        return "greeting"
    if stage == "at_risk" and rank(depth) < DEPTH_RANKS["conversation"]:
        return "conversation"
    if stage == "new" and rank(depth) < DEPTH_RANKS["conversation"]:
        return "onboarding"
    return depth


# ---- the day by the interval ---------------------------------------------------------


def wanted(
    interval: int,
    start: date,
    seed: int,
    anchor: date | None = None,
    skipped: date | None = None,
    tried: date | None = None,
) -> date:
    """Return the day on which a line of a policy asks for the next contact.

    :param start: when the policy, or the customer, began: whoever was never contacted
        comes in turn over the first interval from there, by ``seed``.
    :param anchor: the last contact that counts for this line.
    :param skipped: when the line was last left out on purpose.
    :param tried: when it last reached nobody.

    >>> day = date(2026, 3, 1)
    >>> print(wanted(30, day, seed=0, anchor=date(2026, 2, 20)))
    2026-03-22
    >>> [wanted(30, day, seed).day for seed in (0, 1, 29, 30)]
    [1, 2, 30, 1]
    >>> print(wanted(30, day, 0, date(2026, 1, 1), skipped=date(2026, 2, 25)))
    2026-03-27
    >>> print(wanted(30, day, 0, date(2026, 1, 1), tried=date(2026, 2, 25)))
    2026-02-27
    """
    if anchor:
        due = anchor + timedelta(days=interval)
    else:
        due = start + timedelta(days=seed % interval)
    if skipped:
        due = max(due, skipped + timedelta(days=interval))
    if tried:
        due = max(due, tried + timedelta(days=RETRY_DAYS))
    return due


def in_year(day: date, year: int) -> date:
    """Return the day of ``year`` on which ``day`` is remembered.

    >>> print(in_year(date(2000, 2, 29), 2027), in_year(date(2000, 2, 29), 2028))
    2027-02-28 2028-02-29
    """
    if (day.month, day.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 2, 28)
    return day.replace(year=year)


def keydate(
    day: date, lead: int, as_of: date, handled: date | None = None
) -> tuple[date, date]:
    """Return the next day of remembrance that is to be seen to, and when it is due.

    Once a year: after ``handled``, the day on which the last one was due, comes the
    next year's, even if the date was corrected meanwhile. The day itself is none.

    >>> def show(*args): print(*keydate(*args))
    >>> show(date(1980, 5, 20), 3, date(2026, 5, 1))
    2026-05-20 2026-05-17
    >>> show(date(1980, 5, 20), 3, date(2026, 5, 23))
    2026-05-20 2026-05-17
    >>> show(date(1980, 5, 20), 3, date(2026, 5, 24))
    2027-05-20 2027-05-17
    >>> show(date(1980, 5, 20), 3, date(2026, 5, 18), date(2026, 5, 17))
    2027-05-20 2027-05-17
    >>> show(date(1980, 1, 2), 7, date(2026, 12, 20))
    2027-01-02 2026-12-26
    >>> show(date(1980, 2, 29), 0, date(2027, 1, 1))
    2027-02-28 2027-02-28
    >>> show(date(2026, 3, 1), 7, date(2026, 3, 1))
    2027-03-01 2027-02-22
    """
    year = as_of.year - 1
    while True:
        when = in_year(day, min(year, date.max.year - 1))
        due = when - timedelta(days=lead)
        past = when <= day or when + timedelta(days=LATE_DAYS) < as_of
        if not past and not (handled and due <= handled + HALF_YEAR):
            return when, due
        year += 1


# ---- room in the days ----------------------------------------------------------------


def spread(
    loads: Mapping[date, int],
    waiting: Mapping[date, Sequence[Hashable]],
    capacity: int,
    next_open: Callable[[date], date],
) -> dict[Hashable, date]:
    """Return the new days of those who do not fit into one person's days.

    :param loads: how many contacts each day has.
    :param waiting: of the days with more than ``capacity``, those that can be moved,
        the most urgent first: the last ones give way.
    :param next_open: the first working day from a day on.

    >>> day = date(2026, 3, 2)
    >>> later = lambda n: day + timedelta(days=n)
    >>> moved = spread({day: 5, later(1): 1}, {day: "abcde"}, 2, lambda each: each)
    >>> {who: when.day for who, when in moved.items()}
    {'c': 3, 'd': 4, 'e': 4}
    >>> spread({day: 5}, {day: "e"}, 2, lambda each: each)  # the others are fixed
    {'e': datetime.date(2026, 3, 3)}
    >>> spread({day: 5}, {day: "abcde"}, 0, lambda each: each)  # no limit
    {}
    """
    room, moved = dict(loads), {}
    if not capacity:
        return moved
    for day in sorted(waiting):
        excess = min(room[day] - capacity, len(waiting[day]))
        if excess <= 0:
            continue
        slot = next_open(day + timedelta(days=1))
        for item in waiting[day][len(waiting[day]) - excess :]:
            while room.get(slot, 0) >= capacity:
                slot = next_open(slot + timedelta(days=1))
            room[slot] = room.get(slot, 0) + 1
            moved[item] = slot
        room[day] -= excess
    return moved


# ---- adapting ------------------------------------------------------------------------


def ladder(shortest: int, slowest: int) -> tuple[int, ...]:
    """Return the intervals between two bounds, both included.

    >>> ladder(7, 90), ladder(10, 45), ladder(30, 30)
    ((7, 14, 30, 60, 90), (10, 14, 30, 45), (30,))
    """
    between = (each for each in LADDER if shortest < each < slowest)
    return tuple(sorted({shortest, *between, slowest}))


def step(interval: int, by: int, shortest: int, slowest: int) -> int:
    """Return the interval a step longer (1), shorter (−1) or the same (0), in bounds.

    >>> step(30, -1, 7, 90), step(30, 1, 7, 90), step(90, 1, 7, 90), step(45, -1, 7, 90)
    (14, 60, 90, 30)
    >>> step(365, 0, 7, 90)
    90
    """
    interval = min(max(interval, shortest), slowest)
    rungs = ladder(shortest, slowest)
    if by > 0:
        return next((each for each in rungs if each > interval), interval)
    if by < 0:
        return next((each for each in reversed(rungs) if each < interval), interval)
    return interval


def start_interval(
    engagement: str | None, ideal: int, active: int, warm: int, bounds: tuple[int, int]
) -> int:
    """Return the interval from which a line starts by how warm the contact is.

    >>> [start_interval(each, 30, 7, 90, (7, 180))
    ...  for each in ("active", "warm", "frozen", None)]
    [7, 90, 180, 30]
    >>> start_interval("active", 30, 7, 90, (14, 180))
    14
    """
    start = {"active": active, "warm": warm, "frozen": bounds[1]}.get(engagement, ideal)
    return step(start, 0, *bounds)


@dataclass(frozen=True)
class Rules:
    """How much must be seen before an interval changes, and how often it may.

    ``margin`` is the hysteresis: the response must have moved by so much.
    ``expected`` is what is taken for the response before anything was seen.
    """

    min_touches: int = 3
    margin: float = 0.2
    cycle_days: int = 30
    expected: float = 1 / 3


@dataclass(frozen=True)
class Rhythm:
    """The interval decided so far, on which day, and the response at that time."""

    interval: int
    changed_on: date | None = None
    rate: float | None = None
    pinned: bool = False


@dataclass(frozen=True)
class Seen:
    """What happened in the window: contacts, those answered, and what speaks against.

    ``refused`` is "complaint", "opt_out" or None.
    """

    touches: int
    responses: int
    refused: str | None = None

    @property
    def rate(self) -> float:
        return self.responses / self.touches if self.touches else 0.0


@dataclass(frozen=True)
class Decision:
    """The interval from now on, and which rule said so."""

    interval: int
    cause: str


def adapt(
    rhythm: Rhythm,
    seen: Seen,
    bounds: tuple[int, int],
    as_of: date,
    rules: Rules | None = None,
) -> Decision:
    """Return the interval that follows from how a customer responds.

    The table of cases is that of ``__test__["adapt"]``.
    """
    rules = rules or Rules()
    if rhythm.pinned:
        return Decision(rhythm.interval, PINNED)
    if seen.refused:
        return Decision(bounds[1], seen.refused)
    interval = step(rhythm.interval, 0, *bounds)
    if interval != rhythm.interval:
        return Decision(interval, BOUNDS)
    if rhythm.changed_on and (as_of - rhythm.changed_on).days < rules.cycle_days:
        return Decision(interval, WAIT)
    if seen.touches < rules.min_touches:
        return Decision(interval, FEW)
    before = rules.expected if rhythm.rate is None else rhythm.rate
    by = 0
    if seen.rate - before >= rules.margin:
        by = -1
    elif before - seen.rate >= rules.margin or not seen.responses:
        by = 1
    moved = step(interval, by, *bounds)
    if moved == interval:
        return Decision(interval, SAME)
    return Decision(moved, UP if by < 0 else DOWN)


def jitter(share: int, *keys: Hashable) -> tuple[int, float]:
    """Return a step that chance adds (1 longer, −1 shorter, 0) and its probability.

    ``share`` % of the customers get one, half of them in each direction, always the
    same ones: so what an interval does can be told from what it merely goes with.

    >>> jitter(0, 1, 2)
    (0, 1.0)
    >>> steps = [jitter(20, n, 5) for n in range(2000)]
    >>> [(by, steps.count((by, p))) for by, p in ((-1, 0.1), (0, 0.8), (1, 0.1))]
    [(-1, 165), (0, 1643), (1, 192)]
    """
    number = draw("jitter", *keys) % 10_000
    if number < 50 * share:
        return -1, share / 200
    if number < 100 * share:
        return 1, share / 200
    return 0, 1 - share / 100


__test__ = {
    "adapt": """
    >>> day, bounds = date(2026, 6, 1), (7, 90)
    >>> def case(*seen, changed=date(2026, 4, 1), rate=0.3, pinned=False, interval=30):
    ...     rhythm = Rhythm(interval, changed, rate, pinned)
    ...     verdict = adapt(rhythm, Seen(*seen), bounds, day)
    ...     print(verdict.interval, verdict.cause)
    >>> case(6, 4)  # 67 %, before 30 %
    14 up
    >>> case(6, 0)
    60 down
    >>> case(6, 2)  # 33 %: within the margin
    30 same
    >>> case(2, 2)  # too little to say
    30 few
    >>> case(6, 6, changed=date(2026, 5, 20))  # one step a cycle
    30 wait
    >>> case(6, 4, rate=None), case(6, 2, rate=None), case(6, 0, rate=None)
    14 up
    30 same
    60 down
    (None, None, None)
    >>> case(6, 0, rate=0.0)  # still no answer at all
    60 down
    >>> case(6, 0, interval=90)  # the bound holds
    90 same
    >>> case(6, 6, interval=7)
    7 same
    >>> case(1, 1, "complaint", changed=day)  # at once, however little was seen
    90 complaint
    >>> case(9, 9, "opt_out", interval=90)
    90 opt_out
    >>> case(9, 9, "complaint", pinned=True), case(9, 9, pinned=True, interval=365)
    30 pinned
    365 pinned
    (None, None)
    >>> case(0, 0, interval=365)  # the bounds were changed
    90 bounds
    """
}
