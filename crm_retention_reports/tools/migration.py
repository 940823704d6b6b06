"""Who moved from which tier to which: the arithmetic of a table of moves.

A place is a :class:`Rung`, or None for "held no tier". A table of moves is a dictionary
``{(place before, place after): customers}``; its rows add up to the customers at the
start, its columns to those at the end.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

NEW, LEFT, UP, DOWN, SAME, OTHER = "new", "left", "up", "down", "same", "program"
SIGNS = {UP: "▲", DOWN: "▼", SAME: "=", NEW: "+", LEFT: "−", OTHER: "⇄"}


class Rung(NamedTuple):
    """A tier as a place on a ladder; in a program the smaller sequence is better."""

    tier_id: int
    program_id: int
    sequence: int


def direction(before: Rung | None, after: Rung | None) -> str | None:
    """Tell which way a customer went; None for one who held nothing on either day.

    >>> gold, silver, pilot = Rung(1, 1, 10), Rung(2, 1, 20), Rung(3, 2, 10)
    >>> direction(silver, gold), direction(gold, silver), direction(gold, gold)
    ('up', 'down', 'same')
    >>> direction(None, gold), direction(gold, None), direction(gold, pilot)
    ('new', 'left', 'program')
    >>> direction(None, None)
    """
    if before is None or after is None:
        if before is after:
            return None
        return NEW if before is None else LEFT
    if before.program_id != after.program_id:
        return OTHER
    if before.sequence == after.sequence:
        return SAME
    return UP if after.sequence < before.sequence else DOWN


def starts(moves: Mapping) -> Counter:
    """Return how many customers were in each place at the start.

    >>> gold, silver = Rung(1, 1, 10), Rung(2, 1, 20)
    >>> moves = {(gold, gold): 3, (gold, silver): 1, (None, gold): 2, (silver, None): 5}
    >>> starts(moves)[gold], starts(moves)[silver], starts(moves)[None]
    (4, 5, 2)
    """
    result = Counter()
    for (before, _after), count in moves.items():
        result[before] += count
    return result


def ends(moves: Mapping) -> Counter:
    """Return how many customers were in each place at the end.

    >>> gold, silver = Rung(1, 1, 10), Rung(2, 1, 20)
    >>> moves = {(gold, gold): 3, (gold, silver): 1, (None, gold): 2, (silver, None): 5}
    >>> ends(moves)[gold], ends(moves)[silver], ends(moves)[None]
    (5, 1, 5)
    """
    result = Counter()
    for (_before, after), count in moves.items():
        result[after] += count
    return result


def directions(moves: Mapping) -> Counter:
    """Return how many customers went each way.

    >>> gold, silver = Rung(1, 1, 10), Rung(2, 1, 20)
    >>> found = directions({(gold, silver): 1, (silver, gold): 4, (gold, gold): 9})
    >>> found[UP], found[DOWN], found[SAME], found[NEW]
    (4, 1, 9, 0)
    """
    result = Counter()
    for (before, after), count in moves.items():
        way = direction(before, after)
        if way:
            result[way] += count
    return result


def net(moves: Mapping) -> Counter:
    """Return by how many customers each tier grew (below 0: shrank).

    >>> gold, silver = Rung(1, 1, 10), Rung(2, 1, 20)
    >>> found = net({(gold, silver): 1, (silver, gold): 4, (None, silver): 2})
    >>> found[gold], found[silver]
    (3, -1)
    """
    result = ends(moves)
    result.subtract(starts(moves))
    del result[None]
    return result


def ladder(rungs: Iterable[Rung]) -> list[Rung]:
    """Return the places of a table, program by program, the lowest tier first.

    So a move to a better tier stands above the diagonal, one to a worse tier below.

    >>> gold, silver, pilot = Rung(1, 1, 10), Rung(2, 1, 20), Rung(3, 2, 10)
    >>> [rung.tier_id for rung in ladder([gold, pilot, silver])]
    [2, 1, 3]
    """
    return sorted(
        set(rungs), key=lambda rung: (rung.program_id, -rung.sequence, rung.tier_id)
    )
