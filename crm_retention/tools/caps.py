"""Whether a customer may be contacted at a moment, and from when on.

Every rule answers one question: from ``moment`` on, when does it first allow the
contact? ``judge`` asks all rules that fit until none of them moves the moment any
more: that is the first instant which satisfies all together. Moments are naive UTC,
as Odoo keeps them. A limit of 0 limits nothing; whoever builds the rules leaves such
a rule out (``Rolling`` and ``Quiet`` also bear it).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import NamedTuple
from zoneinfo import ZoneInfo

ALLOWED, DEFERRED, BLOCKED = "allowed", "deferred", "blocked"
DEFER, SKIP, PERSON = "defer", "skip", "person"
SEVERITY = {DEFER: 0, PERSON: 1, SKIP: 2}
CATEGORIES = ("transactional", "service", "relationship", "promotion")
BUT_TRANSACTIONAL = frozenset(CATEGORIES) - {"transactional"}
# an invitation to a survey counts once more by itself, whatever category it has
SURVEY = frozenset({"survey"})
HORIZON = timedelta(days=400)  # nobody waits longer
ROUNDS = 1000  # of asking all rules; each moves the moment on
UTC = ZoneInfo("UTC")


class Request(NamedTuple):
    """May this customer be contacted so, at ``moment`` (None: now)?

    ``since`` is when the contact was first wanted: a rule's longest wait counts from
    it. ``last`` is the last moment at which it still makes sense. ``source`` names
    what is sent (a policy's line, a mailing): two persons with one address get it
    once. ``is_survey``: it asks for an answer about satisfaction.
    """

    customer_id: int
    person_id: int | None
    channel_id: int
    category: str
    purpose_id: int | None = None
    moment: datetime | None = None
    touch_id: int | None = None
    since: datetime | None = None
    last: datetime | None = None
    source: tuple | None = None
    is_survey: bool = False


class Verdict(NamedTuple):
    """The guard's answer.

    ``allowed``; ``deferred``: ask again at ``until``; ``blocked``: leave it out
    (action ``skip``) or let a person decide (``person``).
    """

    state: str
    until: datetime | None = None
    reason: str = ""
    cap_id: int | None = None
    action: str = ""
    cause: str = ""  # the kind of reason, for counting


class Contact(NamedTuple):
    """One contact from us that took place or is on its way."""

    moment: datetime
    channel_id: int
    category: str
    person_id: int | None = None
    source: tuple | None = None
    address: str | None = None


class Finding(NamedTuple):
    """What ``judge`` found: as ``Verdict``, with the rule that decided."""

    state: str
    until: datetime | None = None
    rule: "Rule | None" = None
    action: str = ""
    is_late: bool = False  # would be allowed, but later than it may wait


@dataclass(frozen=True)
class Rule:
    """What all rules have: whom they bind, and what happens then."""

    name: str = ""
    cause: str = ""  # what kind of reason it is
    cap_id: int | None = None
    obeys: frozenset = BUT_TRANSACTIONAL
    channels: frozenset = frozenset()  # empty: all
    action: str = DEFER
    days: int = 0  # the longest wait; 0: any

    def binds(self, channel_id: int, category: str) -> bool:
        """Tell whether the rule holds for this channel and category."""
        return category in self.obeys and (
            not self.channels or channel_id in self.channels
        )

    def earliest(self, moment: datetime, _contacts: Sequence) -> datetime | None:
        """Return the first allowed instant from ``moment`` on; None: never."""
        return moment


@dataclass(frozen=True)
class Rolling(Rule):
    """At most ``most`` contacts in any stretch of ``window``.

    A minimum gap is the same with one contact. Contacts of the categories in
    ``counts`` and of the rule's channels count, also those already queued for later.

    >>> day = datetime(2026, 3, 2, 23, 30)
    >>> two = [Contact(day, 1, "promotion"), Contact(day + timedelta(hours=1), 1,
    ...        "promotion")]
    >>> Rolling(most=2, window=timedelta(hours=24)).earliest(two[1].moment, two)
    datetime.datetime(2026, 3, 3, 23, 30)
    >>> Rolling(most=0, window=timedelta(hours=24)).earliest(day, two) == day
    True
    """

    most: int = 1
    window: timedelta = timedelta(days=7)
    counts: frozenset = BUT_TRANSACTIONAL

    def earliest(self, moment, contacts):
        if not self.most or not self.window:
            return moment
        times = sorted(
            contact.moment
            for contact in contacts
            if contact.category in self.counts
            and (not self.channels or contact.channel_id in self.channels)
        )
        # where ``most`` contacts lie closer together than the window, there is no
        # room for another nearer than the window to both their first and their last
        for first, last in zip(times, times[self.most - 1 :], strict=False):
            if (
                last - first < self.window
                and last - self.window < moment < first + self.window
            ):
                moment = first + self.window
        return moment


@dataclass(frozen=True)
class Never(Rule):
    """Not at all: a refusal, an opt-out, no promotions for some customers."""

    action: str = SKIP

    def earliest(self, moment, contacts):
        return None


@dataclass(frozen=True)
class Quiet(Rule):
    """Not between two times of the customer's day, in minutes from midnight.

    >>> quiet = Quiet(start=20 * 60, end=8 * 60, zone=ZoneInfo("Europe/Berlin"))
    >>> quiet.earliest(datetime(2026, 3, 28, 19, 30), ())  # the clock goes forward
    datetime.datetime(2026, 3, 29, 6, 0)
    >>> quiet.earliest(datetime(2026, 3, 27, 19, 30), ())
    datetime.datetime(2026, 3, 28, 7, 0)
    """

    start: int = 0
    end: int = 0
    zone: ZoneInfo = UTC

    def is_quiet(self, minute: int) -> bool:
        """Tell whether this minute of the day is quiet."""
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def earliest(self, moment, contacts):
        local = moment.replace(tzinfo=UTC).astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        if not self.is_quiet(minute):
            return moment
        day = local.date() + timedelta(days=minute >= self.start > self.end)
        wall = datetime.combine(day, time(self.end // 60, self.end % 60))
        found = first_instant(wall, self.zone)
        # the clock went back: the end of the quiet time comes a second time
        return found if found > moment else to_utc(wall.replace(fold=1), self.zone)


@dataclass(frozen=True)
class Closed(Rule):
    """Not on days without work: weekdays (Monday is 0) or dates.

    >>> weekend = Closed(weekdays=frozenset({5, 6}))
    >>> weekend.earliest(datetime(2026, 3, 7, 10), ())
    datetime.datetime(2026, 3, 9, 0, 0)
    """

    weekdays: frozenset = frozenset()
    dates: frozenset = frozenset()
    zone: ZoneInfo = UTC

    def is_closed(self, day: date) -> bool:
        """Tell whether nobody works on ``day``."""
        return day.weekday() in self.weekdays or day in self.dates

    def earliest(self, moment, contacts):
        day = moment.replace(tzinfo=UTC).astimezone(self.zone).date()
        if not self.is_closed(day):
            return moment
        last = day + HORIZON
        while self.is_closed(day):
            day += timedelta(days=1)
            if day > last:
                return None
        return first_instant(datetime.combine(day, time.min), self.zone)


@dataclass(frozen=True)
class After(Rule):
    """Not before ``start``: the customer asked for a pause."""

    start: datetime = datetime.min

    def earliest(self, moment, contacts):
        return max(moment, self.start)


@dataclass(frozen=True)
class Complaint(Rule):
    """While a complaint is open nobody knows how long; ask again a day later.

    >>> now = datetime(2026, 3, 2, 12)
    >>> Complaint(now=now).earliest(now, ())
    datetime.datetime(2026, 3, 3, 12, 0)
    >>> Complaint(now=now).earliest(now + timedelta(days=9), ()).day
    11
    """

    now: datetime = datetime.min
    again: timedelta = timedelta(days=1)

    def earliest(self, moment, contacts):
        # what is planned for later than that may find it closed
        return moment if moment >= self.now + self.again else self.now + self.again


@dataclass(frozen=True)
class Twin(Rule):
    """Another person with the same address gets the same thing: once is enough."""

    action: str = SKIP
    person_id: int | None = None
    source: tuple | None = None
    address: str | None = None
    window: timedelta = timedelta(hours=24)

    def earliest(self, moment, contacts):
        for contact in contacts:
            if (
                contact.source == self.source
                and contact.address == self.address
                and contact.person_id != self.person_id
                and abs(contact.moment - moment) < self.window
            ):
                return None
        return moment


def to_utc(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the UTC moment of a wall clock time.

    >>> to_utc(datetime(2026, 7, 1, 12), ZoneInfo("Europe/Berlin"))
    datetime.datetime(2026, 7, 1, 10, 0)
    """
    return wall.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def first_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the first UTC moment at which the clock shows ``wall`` or later.

    A time that the clock leaps over begins where it leaps.

    >>> first_instant(datetime(2026, 3, 29, 2, 30), ZoneInfo("Europe/Berlin"))
    datetime.datetime(2026, 3, 29, 1, 0)
    >>> first_instant(datetime(2026, 10, 25, 2, 30), ZoneInfo("Europe/Berlin"))
    datetime.datetime(2026, 10, 25, 0, 30)
    """
    found = to_utc(wall, zone)

    def shown(moment):
        return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)

    if shown(found) == wall:
        return found
    before, after = to_utc(wall.replace(fold=1), zone), found
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        before, after = (before, middle) if shown(middle) >= wall else (middle, after)
    return after


def judge(
    request: Request, rules: Iterable[Rule], contacts: Sequence[Contact], now: datetime
) -> Finding:
    """Judge one request by all rules that bind it.

    Several rules hold together: a refusal beats everything, else the first instant
    that all allow counts, and the strictest action of those that moved it.

    >>> now = datetime(2026, 3, 6, 19, 30)  # a Friday
    >>> ask = Request(1, None, 7, "promotion")
    >>> rules = [Quiet(start=1140, end=480), Closed(weekdays=frozenset({5, 6})),
    ...          Rolling(most=1, window=timedelta(days=3), days=14)]
    >>> judge(ask, rules, [], now)[:2]
    ('deferred', datetime.datetime(2026, 3, 9, 8, 0))
    >>> judge(ask, rules, [Contact(now, 7, "service")], now)[:2]
    ('deferred', datetime.datetime(2026, 3, 10, 8, 0))
    >>> judge(ask._replace(category="transactional"), rules, [], now).state
    'allowed'
    >>> judge(ask, [*rules, Never("no")], [], now).rule.name
    'no'
    >>> judge(ask._replace(last=now + timedelta(days=1)), rules, [], now).is_late
    True
    """
    start = request.moment or now
    binding = [
        rule for rule in rules if rule.binds(request.channel_id, request.category)
    ]
    until, rule, pushed = _first_allowed(start, binding, contacts)
    if until is None:
        return Finding(BLOCKED, None, rule, PERSON if rule.action == PERSON else SKIP)
    if not pushed:
        return Finding(ALLOWED)
    return _wait(request, start, until, pushed)


def _first_allowed(start, rules, contacts):
    """Return (first instant that all allow, None, how far each rule moved it).

    Where there is none: (None, the rule that never allows, ...).
    """
    moment, pushed = start, {}
    for _round in range(ROUNDS):
        latest = moment
        for rule in rules:
            allowed = rule.earliest(moment, contacts)
            if allowed is None or allowed > start + HORIZON:
                return None, rule, pushed
            if allowed > moment:
                pushed.setdefault(rule, allowed - moment)
                latest = max(latest, allowed)
        if latest == moment:
            return moment, None, pushed
        moment = latest
    return None, max(pushed, key=pushed.get), pushed


def _wait(request, start, until, pushed) -> Finding:
    """Return what becomes of a request that the rules ``pushed`` put off."""
    strictest = max(pushed, key=lambda rule: (SEVERITY[rule.action], pushed[rule]))
    if strictest.action != DEFER:
        return Finding(BLOCKED, until, strictest, strictest.action)
    since = request.since or start
    limits = [since + timedelta(days=rule.days) for rule in pushed if rule.days]
    limits += [request.last] if request.last else []
    if limits and until > min(limits):
        return Finding(BLOCKED, until, strictest, SKIP, is_late=True)
    return Finding(DEFERRED, until, strictest, DEFER)


class Word(NamedTuple):
    """What a customer said of being contacted, at a moment."""

    moment: datetime
    id: int
    state: str  # granted, refused, withdrawn
    channel_id: int | None
    purpose_id: int | None


def latest_word(words: Iterable[Word], channel_id, purpose_id) -> Word | None:
    """Return the latest word about this channel and purpose.

    Said without a channel (purpose) it is about all of them.

    >>> first, second = datetime(2026, 1, 1), datetime(2026, 1, 2)
    >>> words = [Word(first, 1, "withdrawn", None, None),
    ...          Word(second, 2, "granted", 5, 9)]
    >>> latest_word(words, 5, 9).state, latest_word(words, 5, 8).state
    ('granted', 'withdrawn')
    """
    fitting = [
        word
        for word in words
        if word.channel_id in (None, channel_id)
        and word.purpose_id in (None, purpose_id)
    ]
    return max(fitting, key=lambda word: (word.moment, word.id), default=None)


def in_share(key: str, share: float) -> bool:
    """Tell whether ``key`` belongs to a stable share (in %) of all keys.

    Whoever is in a small share is in every larger one.

    >>> in_share("holdout:1:7", 0), in_share("holdout:1:7", 100)
    (False, True)
    >>> sum(in_share(f"k:{n}", 10) for n in range(10_000)) // 100
    9
    """
    place = int.from_bytes(sha256(key.encode()).digest()[:8], "big")
    return place < share / 100 * 2**64
