"""The clock of service: when a promise is due, and what became of it.

Moments are naive UTC, as Odoo keeps them; time limits are minutes, of working time
or of elapsed time. A promise is missed when it is kept *after* its due moment, which
is the first moment at which all of its minutes are used up.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from .service import ANSWER, COMPLAINT, PARTS, RECEIVED, SOLVE, is_solved

RUNNING, PAUSED, MET, MISSED, VOID = "running", "paused", "met", "missed", "void"
DAWN = datetime(2000, 1, 1)
HALF, MOST, ALL = LEVELS = (50, 80, 100)  # percent used at which somebody is warned

Pauses = Sequence[tuple[datetime, datetime]]


def _seconds(moment: datetime) -> float:
    return (moment - DAWN).total_seconds()


class Elapsed:
    """Time as it passes, day and night."""

    until = datetime.max

    def between(self, start: datetime, end: datetime) -> float:
        """Return the minutes from ``start`` to ``end``; 0 if that is before."""
        return max((end - start).total_seconds() / 60, 0)

    def after(self, start: datetime, minutes: float) -> datetime | None:
        """Return the first moment at which ``minutes`` have passed."""
        return start + timedelta(minutes=max(minutes, 0))


class Working:
    """Working time: ``spans`` are sorted and disjoint, known up to ``until``.

    >>> day = datetime(2024, 6, 14)  # a Friday, and the Monday after it
    >>> work = Working(
    ...     [(day.replace(hour=9), day.replace(hour=17)),
    ...      (datetime(2024, 6, 17, 9), datetime(2024, 6, 17, 17))],
    ...     datetime(2024, 6, 18))
    >>> work.after(day.replace(hour=16), 8 * 60)
    datetime.datetime(2024, 6, 17, 16, 0)
    >>> work.after(day.replace(hour=9), 8 * 60), work.after(day, 16 * 60 + 1)
    (datetime.datetime(2024, 6, 14, 17, 0), None)
    >>> work.between(day.replace(hour=16), datetime(2024, 6, 17, 10))
    120.0
    >>> work.is_open(day.replace(hour=9)), work.is_open(day.replace(hour=17))
    (True, False)
    """

    def __init__(
        self, spans: Iterable[tuple[datetime, datetime]], until: datetime
    ) -> None:
        spans = [(_seconds(start), _seconds(end)) for start, end in spans]
        self.until = until
        self.starts = [start for start, _end in spans]
        self.ends = [end for _start, end in spans]
        self.worked = [0, *accumulate(end - start for start, end in spans)]

    def _worked_until(self, seconds: float) -> float:
        place = bisect_right(self.starts, seconds)
        if not place:
            return 0
        return self.worked[place] - max(self.ends[place - 1] - seconds, 0)

    def between(self, start: datetime, end: datetime) -> float:
        """Return the working minutes from ``start`` to ``end``."""
        if end <= start:
            return 0
        worked = self._worked_until(_seconds(end)) - self._worked_until(_seconds(start))
        return worked / 60

    def after(self, start: datetime, minutes: float) -> datetime | None:
        """Return the first moment at which ``minutes`` were worked; None: not known."""
        if minutes <= 0:
            return start
        wanted = self._worked_until(_seconds(start)) + minutes * 60
        place = bisect_left(self.worked, wanted)
        if place == len(self.worked):
            return None
        seconds = self.ends[place - 1] - (self.worked[place] - wanted)
        return DAWN + timedelta(seconds=round(seconds))

    def is_open(self, moment: datetime) -> bool:
        """Tell whether somebody works at this moment."""
        place = bisect_right(self.starts, _seconds(moment))
        return bool(place) and _seconds(moment) < self.ends[place - 1]


ELAPSED = Elapsed()


class Limit(NamedTuple):
    """What was promised: minutes of working or elapsed time, at the latest so many."""

    minutes: float
    is_working: bool = False
    latest: float = 0  # elapsed minutes; 0: no second limit

    def parts(self, work) -> list[tuple[float, "Elapsed | Working"]]:
        """Return (minutes, in which time) of each limit."""
        first = (self.minutes, work if self.is_working else ELAPSED)
        return [first, (self.latest, ELAPSED)] if self.latest else [first]

    def is_longer(self, other: "Limit") -> bool:
        """Tell whether it certainly ends after ``other``, whatever is worked when.

        Working time never passes faster than time.

        >>> Limit(120).is_longer(Limit(60)), Limit(60).is_longer(Limit(120))
        (True, False)
        >>> Limit(120, True).is_longer(Limit(60)), Limit(120).is_longer(Limit(60, True))
        (True, False)
        """
        if self.is_working and other.is_working and not other.latest:
            return not self.latest and self.minutes > other.minutes
        longest = math.inf if other.is_working else other.minutes
        longest = min(longest, other.latest or math.inf)
        return min(self.minutes, self.latest or math.inf) > longest


def used(started: datetime, moment: datetime, pauses: Pauses, time) -> float:
    """Return the minutes that ran from ``started`` to ``moment``, pauses left out."""
    held = sum(
        time.between(max(begin, started), min(end, moment)) for begin, end in pauses
    )
    return time.between(started, moment) - held


def _reach(minutes: float, started: datetime, pauses: Pauses, time):
    due = time.after(started, minutes)
    for begin, end in pauses:
        if due is None or begin >= due:
            break
        if end > started:
            due = time.after(due, time.between(max(begin, started), end))
    return due


def find_due(
    limit: Limit, started: datetime, pauses: Pauses, work, share: float = 1
) -> datetime | None:
    """Return when ``share`` of a promise's time is used up; None: not in known time.

    Pauses (sorted) move it by exactly the working (or elapsed) time they hold, as far
    as they begin before it.

    >>> start, held = datetime(2024, 6, 14, 10), (
    ...     datetime(2024, 6, 14, 11), datetime(2024, 6, 14, 13))
    >>> find_due(Limit(240), start, [held], ELAPSED)
    datetime.datetime(2024, 6, 14, 16, 0)
    >>> find_due(Limit(30), start, [held], ELAPSED)
    datetime.datetime(2024, 6, 14, 10, 30)
    """
    moments = [
        _reach(minutes * share, started, pauses, time)
        for minutes, time in limit.parts(work)
    ]
    return min((moment for moment in moments if moment), default=None)


def minutes_left(
    limit: Limit, started: datetime, moment: datetime, pauses: Pauses, work
) -> int:
    """Return how many whole minutes of a promise are left at a moment, at least 0."""
    left = min(
        minutes - used(started, moment, pauses, time)
        for minutes, time in limit.parts(work)
    )
    return max(int(left), 0)


def minutes_over(
    limit: Limit, started: datetime, stopped: datetime, pauses: Pauses, work
) -> int:
    """Return by how many minutes a missed promise was missed, at least 1.

    In the time of that limit which was over first.

    >>> start = datetime(2024, 6, 14, 10)
    >>> minutes_over(Limit(60), start, datetime(2024, 6, 14, 11, 30), [], ELAPSED)
    30
    """
    over = [
        (_reach(minutes, started, pauses, time) or datetime.max, minutes, time)
        for minutes, time in limit.parts(work)
    ]
    _due, minutes, time = min(over, key=lambda each: each[0])
    return max(math.ceil(used(started, stopped, pauses, time) - minutes), 1)


# ---- what becomes of the clocks of a ticket ------------------------------------------


class Ticket(NamedTuple):
    """What the clocks go by.

    ``is_new``: its first clocks may start. ``is_reopened``: it was solved before.
    """

    kind: str
    step: str | None
    received: datetime
    answered: datetime | None = None
    is_closed: bool = False
    is_held: bool = False
    is_gone: bool = False  # a duplicate, or archived: it does not count
    is_new: bool = False
    is_reopened: bool = False

    @property
    def is_solved(self) -> bool:
        return is_solved(self.kind, self.step, self.is_closed)

    def has_kept(self, part: str) -> bool:
        """Tell whether what ``part`` promises has been done."""
        if part == ANSWER:
            return self.answered is not None
        if part == SOLVE or self.is_solved:
            return self.is_solved
        return self.kind != COMPLAINT or self.step != part


@dataclass
class Clock:
    """One promise about one ticket; another round begins when it is reopened."""

    part: str
    started: datetime
    limit: Limit
    round: int = 1
    id: int = 0
    limit_id: int = 0
    state: str = RUNNING
    due: datetime | None = None
    half: datetime | None = None
    most: datetime | None = None
    stopped: datetime | None = None
    left: int = 0
    over: int = 0
    warned: int = 0  # the highest level at which somebody was
    is_timed: bool = False  # its moments were computed

    def time(self, pauses: Pauses, work) -> None:
        """Compute the moments at which half, most and all of the time is used up."""
        self.half, self.most, self.due = (
            find_due(self.limit, self.started, pauses, work, level / 100)
            for level in LEVELS
        )
        self.left, self.is_timed = 0, True

    def check(self, moment: datetime) -> None:
        """Find it missed if its time is over; that stays so."""
        if self.state == RUNNING and self.due and moment > self.due:
            self.state = MISSED

    def stop(self, moment: datetime, pauses: Pauses, work, outcome=MET) -> None:
        """Say what became of the promise at ``moment``."""
        self.check(moment)
        if self.state == MISSED:
            self.over = minutes_over(self.limit, self.started, moment, pauses, work)
        else:
            self.state = outcome
        self.stopped, self.left = moment, 0

    def pause(self, moment: datetime, pauses: Pauses, work) -> None:
        """Stand still, unless it is too late for that: all of the time is used up."""
        self.check(moment)
        if self.state == RUNNING and not (self.due and moment >= self.due):
            self.left = minutes_left(self.limit, self.started, moment, pauses, work)
            self.state, self.due, self.half, self.most = PAUSED, None, None, None


def follow(
    ticket: Ticket,
    clocks: Iterable[Clock],
    find_limit: Callable[[str], tuple[Limit, int] | None],
    pauses: Pauses,
    work,
    now: datetime,
) -> list[Clock]:
    """Bring the clocks of a ticket in line with it, and return all of them.

    Doing it twice changes nothing. ``pauses`` are those that are over.

    >>> start = datetime(2024, 6, 14, 10)
    >>> limits = lambda part: (Limit(60), 1) if part in (ANSWER, SOLVE) else None
    >>> new = Ticket("question", None, start, is_new=True)
    >>> clocks = follow(new, [], limits, [], ELAPSED, start)
    >>> [(clock.part, clock.state) for clock in clocks]
    [('answer', 'running'), ('solve', 'running')]
    >>> later = new._replace(answered=start + timedelta(minutes=9), is_closed=True)
    >>> clocks = follow(later, clocks, limits, [], ELAPSED, start + timedelta(hours=2))
    >>> [(clock.part, clock.state, clock.over) for clock in clocks]
    [('answer', 'met', 0), ('solve', 'missed', 60)]
    """
    clocks = sorted(clocks, key=lambda clock: clock.round)
    last = {clock.part: clock for clock in clocks}
    for part in PARTS:
        clock = last.get(part)
        if clock is None or clock.stopped:
            clock = _start(ticket, part, clock, find_limit, now)
            if not clock:
                continue
            clocks.append(clock)
        _move(ticket, clock, pauses, work, now)
    return clocks


def _start(ticket, part, last, find_limit, now):
    """Return the next clock of a part, or None where none is to start."""
    is_kept, is_first = ticket.has_kept(part), last is None
    if ticket.is_gone or (ticket.is_closed and part != SOLVE):
        return None
    if is_kept and not (is_first and part == SOLVE and ticket.is_new):
        return None
    begins = ticket.is_new or (ticket.is_reopened and part == SOLVE)
    if is_first and part in (ANSWER, SOLVE) and not begins:
        return None  # from before there were clocks
    found = find_limit(part)
    if not found:
        return None
    limit, limit_id = found
    at_once = is_first and ticket.is_new and part in (ANSWER, SOLVE, RECEIVED)
    return Clock(
        part,
        ticket.received if at_once else now,
        limit,
        round=1 if is_first else last.round + 1,
        limit_id=limit_id,
    )


def _move(ticket, clock, pauses, work, now):
    """Stop, pause or run an open clock."""
    if not clock.is_timed and clock.state != PAUSED:
        clock.time(pauses, work)
    if ticket.is_gone:
        clock.state, clock.stopped, clock.left = VOID, now, 0
    elif ticket.has_kept(clock.part):
        moment = ticket.answered if clock.part == ANSWER else now
        clock.stop(moment, pauses, work)
    elif ticket.is_closed:
        clock.stop(now, pauses, work, VOID)
    elif ticket.is_held:
        if clock.state == RUNNING:
            clock.pause(now, pauses, work)
    elif clock.state == PAUSED:
        clock.state = RUNNING
        clock.time(pauses, work)


def apply_again(
    clocks: Iterable[Clock],
    find_limit: Callable[[str], tuple[Limit, int] | None],
    pauses: Pauses,
    work,
    moment: datetime,
    now: datetime,
) -> None:
    """Give clocks that run or stand still the promises of now; what is missed stays.

    :param moment: since when the ticket is on hold, else now

    >>> start = datetime(2024, 6, 14, 10)
    >>> clock = Clock(SOLVE, start, Limit(60))
    >>> clock.time([], ELAPSED)
    >>> apply_again([clock], lambda part: (Limit(90), 2), [], ELAPSED, start, start)
    >>> clock.due, clock.limit_id
    (datetime.datetime(2024, 6, 14, 11, 30), 2)
    """
    for clock in clocks:
        clock.check(now)
        if clock.stopped or clock.state == MISSED:
            continue
        found = find_limit(clock.part)
        if not found:
            clock.state, clock.stopped, clock.left = VOID, now, 0
            continue
        clock.limit, clock.limit_id = found
        if clock.state == PAUSED:
            clock.left = minutes_left(clock.limit, clock.started, moment, pauses, work)
        else:
            clock.time(pauses, work)


def find_next(clocks: Iterable[Clock]) -> tuple[datetime | None, str | None]:
    """Return the next moment at which an open promise is due, and which it is."""
    dues = [
        (clock.due, PARTS.index(clock.part), clock.part)
        for clock in clocks
        if clock.due and not clock.stopped
    ]
    due, _place, part = min(dues, default=(None, None, None))
    return due, part


def get_state(clocks: Iterable[Clock], part: str) -> str | None:
    """Return how a promise stands over all its rounds: once missed, it stays missed.

    >>> missed = Clock(SOLVE, DAWN, Limit(1), state=MISSED, stopped=DAWN)
    >>> get_state([missed, Clock(SOLVE, DAWN, Limit(1), round=2)], SOLVE)
    'missed'
    """
    states = [clock.state for clock in clocks if clock.part == part]
    if MISSED in states:
        return MISSED
    return states[-1] if states else None
