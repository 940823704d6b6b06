"""How well a customer relationship is, from 0 to 100, and why.

Six parts, each judged from figures of its own and said in a sentence with them. A
part of which nothing is known is left out, and the weights of the others grow; where
too little of the whole is known, there is no score.

"Within n days" includes the n-th day before the day of judgement.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from . import lifecycle, satisfaction

PURCHASES, CONTACT, SERVICE = "purchases", "contact", "service"
SATISFACTION, PAYMENT, USE = "satisfaction", "payment", "use"
PARTS = (PURCHASES, CONTACT, SERVICE, SATISFACTION, PAYMENT, USE)
PRESETS = {
    "b2b": dict(zip(PARTS, (30, 20, 15, 15, 15, 5), strict=True)),
    "shop": dict(zip(PARTS, (50, 5, 15, 15, 5, 10), strict=True)),
}
GOOD, FAIR, POOR, UNKNOWN = BANDS = ("good", "fair", "poor", "unknown")

YEAR, HALF, QUARTER = 365, 180, 90  # days that are looked back
RISK, SLEEP = 50, 20  # points at the ends of "in rhythm" and "at risk"
RHYTHM = 0.7  # of the points for purchases; the rest is for amounts
RECENT = 0.7  # of the points for contact; the rest is for answers
ASKED = 3  # contacts without which the share of answers says nothing
COMPLAINT, OPEN, REOPENED = 20, 20, 15  # points a complaint costs, and if so, more
OVERDUE = ((60, 0), (30, 25), (14, 50), (0, 80))  # more days than: points
NEWEST = (3, 2, 1)  # weights of the last three answers about satisfaction
USED = 3  # signs of use without which a fall says nothing


class Facts(NamedTuple):
    """What is known of one customer on the day of judgement.

    Revenue is that of the last 365 days and of the 365 before; contacts are those of
    180 days, ours to a person, and how many of them were answered; complaints, use
    and invoices are counted in the window that the part names.
    """

    buying: lifecycle.Facts
    revenue: float = 0.0
    revenue_before: float = 0.0
    answered_on: date | None = None  # last word from the customer
    contacts: int = 0
    answers: int = 0
    tickets: int = 0  # of 365 days, or still open
    complaints: int = 0  # of 180 days, or still open
    open_complaints: int = 0
    reopened: int = 0
    grades: tuple[str, ...] = ()  # of 365 days, the newest first, at most three
    invoices: int = 0  # of 365 days
    overdue: int = 0
    overdue_since: date | None = None  # due date of the oldest that is unpaid
    used: int = 0  # of 90 days
    used_before: int = 0  # of the 90 days before
    used_on: date | None = None


class Part(NamedTuple):
    """One part: points from 0 to 100 or None, and why as a key with its numbers."""

    score: int | None
    key: str
    numbers: dict


class Verdict(NamedTuple):
    """The whole, or None where too little is known; how much of the weights is."""

    score: int | None
    known: int
    parts: dict[str, Part]


def judge(
    facts: Facts,
    rules: lifecycle.Rules,
    as_of: date,
    weights: Mapping[str, int],
    least_known: int,
) -> Verdict:
    """Return the health of one customer.

    :param weights: of the parts, together 100.
    :param least_known: percent of the weights; with less there is no score.

    >>> d = date.fromisoformat
    >>> regular = lifecycle.Facts(d("2024-01-01"), d("2026-05-01"), 20, 40.0)
    >>> facts = Facts(regular, invoices=9, overdue=1, overdue_since=d("2026-05-01"))
    >>> verdict = judge(facts, lifecycle.Rules(), d("2026-05-21"), PRESETS["b2b"], 40)
    >>> verdict.score, verdict.known
    (83, 45)
    >>> [(name, part.score) for name, part in verdict.parts.items() if part.score]
    [('purchases', 100), ('payment', 50)]
    >>> judge(facts, lifecycle.Rules(), d("2026-05-21"), PRESETS["b2b"], 50).score
    """
    parts = {name: PART[name](facts, rules, as_of) for name in PARTS}
    score, known = weighed(
        {name: part.score for name, part in parts.items()}, weights, least_known
    )
    return Verdict(score, known, parts)


def weighed(
    scores: Mapping[str, int | None], weights: Mapping[str, int], least_known: int
) -> tuple[int | None, int]:
    """Return (the whole or None, percent of the weights of which something is known).

    >>> weighed({"a": 80, "b": None, "c": 20}, {"a": 30, "b": 40, "c": 30}, 50)
    (50, 60)
    >>> weighed({"a": 80, "b": None}, {"a": 30, "b": 70}, 50)
    (None, 30)
    >>> weighed({"a": None}, {"a": 0}, 0)
    (None, 0)
    """
    told = {name: score for name, score in scores.items() if score is not None}
    known = sum(weights.get(name, 0) for name in told)
    if not known or known < least_known:
        return None, known
    total = sum(score * weights.get(name, 0) for name, score in told.items())
    return _half_up(total, known), known


def band(score: int | None, good_from: int, poor_below: int) -> str:
    """Return how a score is called.

    >>> [band(score, 70, 40) for score in (70, 69, 40, 39, None)]
    ['good', 'fair', 'fair', 'poor', 'unknown']
    """
    if score is None:
        return UNKNOWN
    return GOOD if score >= good_from else POOR if score < poor_below else FAIR


def purchases(facts: Facts, rules: lifecycle.Rules, as_of: date) -> Part:
    """Judge the rhythm, and where two years are known, how much was spent.

    >>> d = date.fromisoformat
    >>> every_40 = lifecycle.Facts(d("2024-01-01"), d("2026-01-01"), 20, 40.0)
    >>> [purchases(Facts(every_40), lifecycle.Rules(), d(day)).score
    ...  for day in ("2026-02-10", "2026-03-02", "2026-05-01", "2026-09-01")]
    [100, 50, 20, 0]
    >>> half = Facts(every_40, revenue=600, revenue_before=1200)
    >>> purchases(half, lifecycle.Rules(), d("2026-02-10")).score
    80
    """
    buying = facts.buying
    if not buying.last:
        return Part(None, "purchases_none", {})
    allowed = lifecycle.limits(buying, rules)
    rhythm = _rhythm((as_of - buying.last).days, allowed)
    numbers = {
        "last": buying.last,
        "interval": allowed.interval,
        "count": buying.count,
    }
    key = f"purchases_{'own' if allowed.is_own else 'usual'}"
    two_years = (as_of - buying.first).days >= 2 * YEAR
    if not two_years or facts.revenue_before <= 0:
        return Part(round(rhythm), key, numbers)
    change = facts.revenue / facts.revenue_before - 1
    amount = min(100, max(0, 100 * (change + 0.75) / 0.75))  # a quarter left is none
    numbers["change"] = round(100 * change)
    return Part(
        round(RHYTHM * rhythm + (1 - RHYTHM) * amount), f"{key}_change", numbers
    )


def _rhythm(silence: int, allowed: lifecycle.Limits) -> float:
    """Return the points for so many days of silence, where so many are allowed."""
    calm = min(allowed.interval, allowed.risk)
    return _along(
        silence,
        (
            (calm, 100),
            (allowed.risk, RISK),
            (allowed.dormant, SLEEP),
            (allowed.lost, 0),
        ),
    )


def contact(facts: Facts, rules: lifecycle.Rules, as_of: date) -> Part:
    """Judge how long ago the customer said something, and how often we got an answer.

    >>> d = date.fromisoformat
    >>> nobody = lifecycle.Facts(None, None, 0)
    >>> heard = Facts(nobody, answered_on=d("2026-01-01"), contacts=4, answers=1)
    >>> contact(heard, lifecycle.Rules(), d("2026-01-31")).score
    78
    >>> contact(heard._replace(answered_on=None), lifecycle.Rules(), d("2026-01-31"))[0]
    8
    >>> contact(Facts(nobody), lifecycle.Rules(), d("2026-01-31")).score
    """
    if not facts.answered_on and not facts.contacts:
        return Part(None, "contact_none", {})
    numbers = {
        "answered": facts.answered_on,
        "contacts": facts.contacts,
        "answers": facts.answers,
        "days": HALF,
    }
    recent = 0.0
    if facts.answered_on:
        ago = (as_of - facts.answered_on).days
        recent = _along(ago, ((rules.active_days, 100), (rules.warm_days, 0)))
    key = "contact" if facts.answered_on else "contact_silent"
    if facts.contacts < ASKED:
        if not facts.answered_on:  # asked once or twice, which says nothing
            return Part(None, "contact_few", numbers)
        return Part(round(recent), f"{key}_few", numbers)
    share = 100 * facts.answers / facts.contacts
    return Part(round(RECENT * recent + (1 - RECENT) * share), key, numbers)


def service(facts: Facts, _rules: lifecycle.Rules, _as_of: date) -> Part:
    """Judge by complaints; who never asks for help says nothing of our service.

    >>> nobody = lifecycle.Facts(None, None, 0)
    >>> service(Facts(nobody, tickets=4), None, None).score
    100
    >>> service(Facts(nobody, tickets=4, complaints=2, reopened=1), None, None).score
    45
    """
    if not facts.tickets:
        return Part(None, "service_none", {"days": YEAR})
    lost = COMPLAINT * facts.complaints + OPEN * facts.open_complaints
    numbers = {
        "tickets": facts.tickets,
        "complaints": facts.complaints,
        "open": facts.open_complaints,
        "reopened": facts.reopened,
        "days": HALF,
    }
    key = "service" if facts.complaints else "service_calm"
    return Part(max(0, 100 - lost - REOPENED * facts.reopened), key, numbers)


def satisfied(facts: Facts, _rules: lifecycle.Rules, _as_of: date) -> Part:
    """Judge by the last three answers within a year, the newest counting most.

    >>> nobody = lifecycle.Facts(None, None, 0)
    >>> satisfied(Facts(nobody, grades=("promoter", "bad")), None, None).score
    60
    """
    if not facts.grades:
        return Part(None, "satisfaction_none", {"days": YEAR})
    grades = facts.grades[: len(NEWEST)]
    weights = NEWEST[: len(grades)]
    total = sum(
        weight * _points(grade) for weight, grade in zip(weights, grades, strict=True)
    )
    good = sum(grade in satisfaction.HIGH for grade in grades)
    bad = sum(grade in satisfaction.LOW for grade in grades)
    numbers = {"answers": len(grades), "good": good, "bad": bad}
    return Part(_half_up(total, sum(weights)), "satisfaction", numbers)


def payment(facts: Facts, _rules: lifecycle.Rules, as_of: date) -> Part:
    """Judge by the oldest invoice that is overdue, in steps as for credit.

    >>> d = date.fromisoformat
    >>> owing = Facts(lifecycle.Facts(None, None, 0), invoices=3, overdue=1)
    >>> [payment(owing._replace(overdue_since=d(day)), None, d("2026-04-01")).score
    ...  for day in ("2026-03-31", "2026-03-17", "2026-03-01", "2026-01-01")]
    [80, 50, 25, 0]
    >>> payment(owing._replace(overdue=0), None, None).score
    100
    """
    if not facts.invoices and not facts.overdue:
        return Part(None, "payment_none", {"days": YEAR})
    if not facts.overdue:
        return Part(100, "payment_calm", {"invoices": facts.invoices, "days": YEAR})
    late = (as_of - facts.overdue_since).days
    score = next((points for days, points in OVERDUE if late > days), 100)
    numbers = {"overdue": facts.overdue, "since": facts.overdue_since}
    return Part(score, "payment", numbers)


def use(facts: Facts, _rules: lifecycle.Rules, _as_of: date) -> Part:
    """Judge visits and use of a quarter against the quarter before.

    >>> nobody = lifecycle.Facts(None, None, 0)
    >>> day = date(2026, 1, 1)
    >>> [use(Facts(nobody, used=now, used_before=before, used_on=day), None, None).score
    ...  for now, before in ((9, 3), (5, 10), (0, 10), (1, 0), (0, 2))]
    [100, 50, 0, 100, 0]
    """
    if not facts.used and not facts.used_before:
        return Part(None, "use_none", {"days": HALF})
    numbers = {
        "used": facts.used,
        "before": facts.used_before,
        "last": facts.used_on,
        "days": QUARTER,
    }
    if facts.used_before < USED:  # too few to speak of a fall
        return Part(100 if facts.used else 0, "use", numbers)
    share = _half_up(100 * facts.used, facts.used_before)
    return Part(min(100, share), "use", numbers)


PART: dict[str, Callable[[Facts, lifecycle.Rules, date], Part]] = {
    PURCHASES: purchases,
    CONTACT: contact,
    SERVICE: service,
    SATISFACTION: satisfied,
    PAYMENT: payment,
    USE: use,
}


def _along(value: float, corners) -> float:
    """Return the height of a line through these corners: level before and after.

    >>> [_along(days, ((10, 100), (20, 0))) for days in (5, 10, 15, 25)]
    [100.0, 100.0, 50.0, 0.0]
    """
    before, height = corners[0]
    if value <= before:
        return float(height)
    for place, points in corners[1:]:
        if value <= place:
            part = (value - before) / (place - before)
            return height + part * (points - height)
        before, height = place, points
    return float(height)


def _points(grade: str) -> int:
    if grade in satisfaction.HIGH:
        return 100
    return 0 if grade in satisfaction.LOW else 50


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
