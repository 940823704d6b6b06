"""Recency, frequency and monetary scores from break points.

A score is 1 (lowest) to 5 (best). Four ascending break points part the
customers; equal values always fall on the same side, so two customers with the
same figures get the same score. ``NOT_ENOUGH`` (0) is a value of its own: there
was nothing to compare.

The quantile is the inverse of the empirical distribution function (type 1 of
Hyndman & Fan 1996): always a value that occurs, so no rounding can move a
customer from one score to the next.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import ceil
from statistics import median

NOT_ENOUGH = 0
NEUTRAL = 3
BINS = 5
DIMENSIONS = ("recency", "frequency", "monetary")
HIGHEST = BINS * len(DIMENSIONS)  # of the three scores together


def break_points(values: Iterable[float]) -> tuple[float, ...]:
    """Return the four values that part ``values`` into fifths.

    Values without spread cannot be parted: the result is then empty, and
    :func:`score` answers the neutral 3.

    >>> break_points([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    (2, 4, 6, 8)
    >>> break_points([1, 1, 1, 1, 1, 1, 2, 3, 7])
    (1, 1, 1, 3)
    >>> break_points([4, 4, 4])
    ()
    >>> break_points([])
    ()
    """
    ordered = sorted(values)
    if not ordered or ordered[0] == ordered[-1]:
        return ()
    ranks = (ceil(Fraction(k, BINS) * len(ordered)) for k in range(1, BINS))
    return tuple(ordered[max(rank, 1) - 1] for rank in ranks)


def score(value: float, breaks: Sequence[float], *, lower_is_better=False) -> int:
    """Return 1 to 5: how many break points ``value`` lies above (or below).

    >>> [score(v, (2, 4, 6, 8)) for v in (1, 2, 3, 8, 9)]
    [1, 1, 2, 4, 5]
    >>> [score(days, (7, 30, 90, 365), lower_is_better=True) for days in (0, 7, 8, 400)]
    [5, 5, 4, 1]
    >>> score(12, ())
    3
    """
    if not breaks:
        return NEUTRAL
    above = sum(value > point for point in breaks)
    return BINS - above if lower_is_better else 1 + above


def is_ascending(breaks: Sequence[float]) -> bool:
    """Tell whether break points a person typed part the values without overlap.

    >>> is_ascending((7, 30, 90, 365)), is_ascending((7, 30, 30, 365))
    (True, False)
    """
    return all(a < b for a, b in zip(breaks, breaks[1:], strict=False))


def purchase_interval(days: Iterable[date]) -> float | None:
    """Return the median number of days between one purchase day and the next.

    Several purchases on one day are one occasion. One occasion has no interval.

    >>> d = date.fromisoformat
    >>> purchase_interval([d("2026-01-01"), d("2026-01-11"), d("2026-01-11")])
    10.0
    >>> purchase_interval([d("2026-01-01"), d("2026-01-05"), d("2026-02-14")])
    22.0
    >>> purchase_interval([d("2026-01-01")]) is None
    True
    """
    ordered = sorted(set(days))
    gaps = [(b - a).days for a, b in zip(ordered, ordered[1:], strict=False)]
    return float(median(gaps)) if gaps else None


Box = Mapping[str, tuple[int, int]]


def boxes_overlap(one: Box, other: Box) -> bool:
    """Tell whether two segments claim the same combination of scores.

    A box maps each dimension to its lowest and highest score.

    >>> low = {"recency": (1, 2), "frequency": (1, 5), "monetary": (1, 5)}
    >>> high = low | {"recency": (3, 5)}
    >>> boxes_overlap(low, high), boxes_overlap(low, low | {"frequency": (5, 5)})
    (False, True)
    """
    return all(
        one[name][0] <= other[name][1] and other[name][0] <= one[name][1]
        for name in DIMENSIONS
    )


def uncovered(boxes: Sequence[Box]) -> int:
    """Count the combinations of scores (of 125) that no segment claims.

    >>> uncovered([{"recency": (1, 2), "frequency": (1, 5), "monetary": (1, 5)}])
    75
    """
    scores = range(1, BINS + 1)
    return sum(
        not any(
            all(
                box[n][0] <= v <= box[n][1]
                for n, v in zip(DIMENSIONS, cell, strict=True)
            )
            for box in boxes
        )
        for cell in ((r, f, m) for r in scores for f in scores for m in scores)
    )
