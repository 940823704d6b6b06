"""How a complaint goes on: what each step asks for, and what may be given at once."""

from typing import NamedTuple

from .service import (
    CLASSIFIED,
    CONFIRMED,
    INVESTIGATED,
    SOLVED,
    SOLVED_STEPS,
    STEPS,
)

MINOR, SERIOUS, CRITICAL = SEVERITIES = ("minor", "serious", "critical")
(
    APOLOGY,
    REPAIR,
    REPLACEMENT,
    REFUND,
    POINTS,
    DISCOUNT,
) = REMEDIES = (
    "apology",
    "repair",
    "replacement",
    "refund",
    "points",
    "discount",
)
WORTH_MONEY = frozenset({REPAIR, REPLACEMENT, REFUND, DISCOUNT})
# what may be missing, each from the step on that asks for it
CAUSE, SEVERITY, FINDING, REMEDY, APPROVAL, CONFIRMATION = (
    "cause",
    "severity",
    "finding",
    "remedy",
    "approval",
    "confirmation",
)
CUSTOMER, PHONE, SILENCE = "customer", "phone", "silence"  # who confirmed it, and how


class Facts(NamedTuple):
    """What is known of a complaint. ``has_remedy``: one was given in this round."""

    has_cause: bool = False
    severity: str | None = None
    has_finding: bool = False
    has_remedy: bool = False
    awaits_approval: bool = False
    is_confirmed: bool = False


def rank(step: str | None) -> int:
    """Return the place of a step on the path; what has none is before the first.

    >>> rank("received"), rank("closed"), rank(None)
    (0, 5, -1)
    """
    return STEPS.index(step) if step else -1


def following(step: str | None) -> str | None:
    """Return the step after this one.

    >>> following("received"), following("closed"), following(None)
    ('classified', None, 'received')
    """
    place = rank(step) + 1
    return STEPS[place] if place < len(STEPS) else None


def passed(before: str | None, after: str) -> list[str]:
    """Return the steps that a move comes by, the last one first.

    >>> passed("received", "investigated"), passed("solved", "classified")
    (['investigated', 'classified'], ['classified'])
    """
    return [*reversed(STEPS[rank(before) + 1 : rank(after) + 1])] or [after]


def reopens(before: str | None, after: str | None) -> bool:
    """Tell whether going from one step to another takes a solution back.

    >>> reopens("closed", "classified"), reopens("closed", "solved")
    (True, False)
    >>> reopens("investigated", "received")
    False
    """
    return before in SOLVED_STEPS and after not in SOLVED_STEPS


def missing(step: str, facts: Facts) -> list[str]:
    """Return what keeps a complaint from being at a step, first things first.

    >>> missing("received", Facts())
    []
    >>> missing("classified", Facts())
    ['cause', 'severity']

    What was found has to be written down, but of a trifle:

    >>> missing("investigated", Facts(True, "serious"))
    ['finding']
    >>> missing("solved", Facts(True, "minor"))
    ['remedy']

    A remedy that waits for a manager is none yet:

    >>> missing("solved", Facts(True, "minor", awaits_approval=True))
    ['approval']
    >>> missing("closed", Facts(True, "minor", has_remedy=True))
    ['confirmation']
    >>> missing("closed", Facts(True, "minor", has_remedy=True, is_confirmed=True))
    []
    """
    needs = (
        (CLASSIFIED, CAUSE, facts.has_cause),
        (CLASSIFIED, SEVERITY, facts.severity),
        (INVESTIGATED, FINDING, facts.has_finding or facts.severity in (None, MINOR)),
        (SOLVED, APPROVAL, not facts.awaits_approval),
        (SOLVED, REMEDY, facts.has_remedy or facts.awaits_approval),
        (CONFIRMED, CONFIRMATION, facts.is_confirmed),
    )
    return [
        what for since, what, there in needs if rank(step) >= rank(since) and not there
    ]


def needs_approval(value: float | None, before: float, limit: float) -> bool:
    """Tell whether a manager has to agree, after ``before`` of the same on a ticket.

    >>> needs_approval(200, 300, 500), needs_approval(201, 300, 500)
    (False, True)

    What nobody can put a number to is always asked for; nothing at all never:

    >>> needs_approval(None, 0, 500), needs_approval(0, 900, 500)
    (True, False)
    """
    return value is None or (value > 0 and before + value > limit)
