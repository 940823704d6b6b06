"""What a ticket is about, and how far a complaint has come: the words of service."""

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


def is_solved(kind: str, step: str | None, closed: bool) -> bool:
    """Tell whether a ticket needs no solution any more.

    A complaint is solved when a remedy was given, not only when it is closed:

    >>> is_solved(COMPLAINT, SOLVED, False), is_solved(QUESTION, None, False)
    (True, False)
    >>> is_solved(QUESTION, None, True)
    True
    """
    return closed or (kind == COMPLAINT and step in SOLVED_STEPS)
