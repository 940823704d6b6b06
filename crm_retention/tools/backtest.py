"""How well a forecast did, judged by what came after."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


def ranked(scores: Iterable[float], truths: Iterable[bool]) -> float | None:
    """Return how often, of a pair, the one it befell had the higher score (AUC).

    0.5 is a coin, 1 is perfect; ties count half. None: it befell all, or nobody.

    >>> ranked([0.9, 0.8, 0.3, 0.1], [True, False, True, False])
    0.75
    >>> ranked([0.5, 0.5], [True, False]), ranked([0.2], [True])
    (0.5, None)
    """
    pairs = sorted(zip(scores, truths, strict=True))
    befell = sum(truth for _score, truth in pairs)
    spared = len(pairs) - befell
    if not befell or not spared:
        return None
    total, place = 0.0, 0
    while place < len(pairs):
        end, score, hits = place, pairs[place][0], 0
        while end < len(pairs) and pairs[end][0] == score:
            hits += pairs[end][1]
            end += 1
        total += hits * (place + 1 + end) / 2  # the mean rank of those who tie
        place = end
    return (total - befell * (befell + 1) / 2) / (befell * spared)


def missed(forecasts: Sequence[float], actual: Sequence[float]) -> float:
    """Return by how much the forecasts were wrong on average, up or down.

    >>> missed([1, 2], [2, 4])
    1.5
    """
    return sum(abs(f - a) for f, a in zip(forecasts, actual, strict=True)) / len(actual)


class Step(NamedTuple):
    """Customers alike, as they were found: from how many days of silence on, how many
    they were, which share then bought nothing, and how often they bought on average."""

    since: int
    count: int
    quiet: float
    purchases: float


def by_silence(
    rows: Iterable[tuple[int, int]], steps: int = 8, least: int = 30
) -> list[Step]:
    """Return what became of customers, by how long they had been silent.

    :param rows: (days of silence, purchases in the time after).
    :param least: in a step, so that a share of it means something.

    This is the plain rate that a model has to beat: no assumption, only counting.

    >>> rows = [(5, 2), (9, 1), (20, 0), (30, 1), (200, 0), (300, 0)]
    >>> for step in by_silence(rows, steps=3, least=2):
    ...     print(*step)
    0 2 0.0 1.5
    20 2 0.5 0.5
    200 2 1.0 0.0
    >>> len(by_silence(rows, steps=3, least=4))
    1
    """
    rows = sorted(rows)
    wanted = max(least, -(-len(rows) // steps)) if rows else 1
    groups, group = [], []
    for row in rows:
        if len(group) >= wanted and row[0] != group[-1][0]:
            groups.append(group)
            group = []
        group.append(row)
    if groups and len(group) < least:  # too few for a step of their own
        groups[-1] += group
    elif group:
        groups.append(group)
    return [
        Step(
            group[0][0] if place else 0,
            len(group),
            sum(not purchases for _days, purchases in group) / len(group),
            sum(purchases for _days, purchases in group) / len(group),
        )
        for place, group in enumerate(groups)
    ]


def of_silence(steps: Sequence[Step], days: int) -> Step:
    """Return the step of one who has been silent for so many days.

    >>> steps = [Step(0, 9, 0.1, 2.0), Step(30, 9, 0.8, 0.3)]
    >>> of_silence(steps, 29).quiet, of_silence(steps, 30).quiet
    (0.1, 0.8)
    """
    return max((step for step in steps if step.since <= days), key=lambda s: s.since)
