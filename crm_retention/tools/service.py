"""What a ticket is, how far a complaint has come, which promise holds for it."""

from collections.abc import Iterable
from itertools import combinations
from typing import NamedTuple

QUESTION, REQUEST, COMPLAINT = "question", "request", "complaint"

RECEIVED, CLASSIFIED, INVESTIGATED, SOLVED, CONFIRMED, CLOSED = STEPS = (
    "received",
    "classified",
    "investigated",
    "solved",
    "confirmed",
    "closed",
)
# a remedy was given: what was promised about solving is kept from here on
SOLVED_STEPS = frozenset({SOLVED, CONFIRMED, CLOSED})

# what can be promised: a first answer, a solution, and the end of each step of a
# complaint before its solution
ANSWER, SOLVE = "answer", "solve"
STEP_PARTS = (RECEIVED, CLASSIFIED, INVESTIGATED)
PARTS = (ANSWER, SOLVE, *STEP_PARTS)
# promised to visitors of the live chat, of whom no ticket tells
CHAT = "chat"


def is_solved(kind: str, step: str | None, closed: bool) -> bool:
    """Tell whether a ticket needs no solution any more.

    A complaint is solved when a remedy was given, not only when it is closed:

    >>> is_solved(COMPLAINT, SOLVED, False), is_solved(QUESTION, None, False)
    (True, False)
    >>> is_solved(QUESTION, None, True)
    True
    """
    return closed or (kind == COMPLAINT and step in SOLVED_STEPS)


# ---- which promise holds for a ticket ------------------------------------------------


class Case(NamedTuple):
    """What decides which promises hold for a ticket."""

    team_id: int | None
    tier_id: int | None
    band: str | None
    kind: str
    priority: str


class Rule(NamedTuple):
    """A promise and for which tickets it holds; empty: whatever it is."""

    id: int
    part: str
    teams: frozenset = frozenset()
    tier_id: int | None = None
    band: str | None = None  # with a tier: the band of that tier
    kind: str | None = None
    priority: str | None = None

    def fits(self, case: Case) -> bool:
        """Tell whether it holds for a ticket."""
        return (
            (not self.teams or case.team_id in self.teams)
            and (not self.tier_id or case.tier_id == self.tier_id)
            and (not self.band or case.band == self.band)
            and (not self.kind or case.kind == self.kind)
            and (not self.priority or case.priority == self.priority)
        )

    def covers(self, other: "Rule") -> bool:
        """Tell whether every ticket of ``other`` is one of this rule too."""
        return (
            (not self.teams or bool(other.teams) and other.teams <= self.teams)
            and (not self.tier_id or other.tier_id == self.tier_id)
            and (not self.band or other.band == self.band)
            and (not self.kind or other.kind == self.kind)
            and (not self.priority or other.priority == self.priority)
        )

    def meets(self, other: "Rule") -> bool:
        """Tell whether a ticket could be one of both."""
        return all(
            not mine or not theirs or mine == theirs
            for mine, theirs in (
                (self.tier_id, other.tier_id),
                (self.band, other.band),
                (self.kind, other.kind),
                (self.priority, other.priority),
            )
        ) and (
            not self.teams or not other.teams or not self.teams.isdisjoint(other.teams)
        )


def pick(rules: Iterable[Rule], case: Case) -> Rule | None:
    """Return the rule that holds for a ticket: the most special of those that fit.

    >>> all_of, high = Rule(1, ANSWER), Rule(2, ANSWER, band="high")
    >>> pick([high, all_of], Case(None, 7, "high", QUESTION, "1")).id
    2
    >>> pick([high, all_of], Case(None, None, None, QUESTION, "1")).id
    1
    """
    best = None
    for rule in rules:
        if rule.fits(case) and (best is None or best.covers(rule)):
            best = rule
    return best


def find_conflict(rules: Iterable[Rule]) -> tuple[Rule, Rule] | None:
    """Return two rules about the same promise of which neither is the special case.

    >>> band, kind = Rule(1, ANSWER, band="high"), Rule(2, ANSWER, kind=COMPLAINT)
    >>> [rule.id for rule in find_conflict([band, kind])]
    [1, 2]
    >>> find_conflict([band, kind._replace(part=SOLVE)])
    >>> find_conflict([band, Rule(3, ANSWER, band="high", kind=COMPLAINT)])
    """
    for one, other in combinations(rules, 2):
        if one.part == other.part and one.meets(other):
            if one.covers(other) == other.covers(one):  # the same, or crossing
                return one, other
    return None
