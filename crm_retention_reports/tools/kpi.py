"""What a figure is, what it should be, and what to think of it.

A figure is made of sums over customers, never of figures: a quotient of sums, a plain
sum, or a median. Goals are absolute or told from a baseline; a status allows for a
tolerance and says nothing where too few cases stand behind the figure.
"""

from collections.abc import Sequence
from datetime import date
from math import isfinite
from typing import NamedTuple

SHARE, RATIO, NPS, SUM, MEDIAN = KINDS = ("share", "ratio", "nps", "sum", "median")
COMPANY, TEAM, USER, TIER = DIMENSIONS = ("company", "team", "user", "tier")
UP, DOWN = "up", "down"
ABSOLUTE, RELATIVE, POINTS = "absolute", "relative", "points"
WHOLE, GROWTH = "whole", "growth"
MET, NEAR, MISSED, UNKNOWN = "met", "near", "missed", "unknown"
BETTER, WORSE, SAME = "better", "worse", "same"
Z = 1.959964  # of 95 %
ADDED, ADDED_EACH = 3, 0.75  # see crm_retention/tools/satisfaction.py
STILL = 0.01  # a change of less than a hundredth of the figure is none


class Sums(NamedTuple):
    """Sums over the cases: of what counts, of what it is taken of, and of squares.

    ``middle`` is the median of ``above``; it may be infinite, where more than half of
    the cases have no end yet.
    """

    above: float | None
    below: float | None
    n: int
    squares: float = 0.0
    middle: float | None = None


class Figure(NamedTuple):
    """A figure, what it is made of, and the range of it with 95 % certainty.

    ``low`` and ``high`` are None where the range is not known.
    """

    value: float
    numerator: float
    denominator: float
    n: int
    low: float | None = None
    high: float | None = None


def make(kind: str, sums: Sums, factor: float = 1.0) -> Figure | None:
    """Return the figure of some sums; None: there is nothing to take it of.

    The cases of a share are what it is taken of, those of all else the rows summed.

    The range of shares is Agresti & Coull's, that of the net promoter score the
    adjusted Wald interval.

    >>> figure = make("share", Sums(8, 10, 10), 100)
    >>> figure.value, figure.n, round(figure.low, 1), round(figure.high, 1)
    (80.0, 10, 47.9, 95.4)
    >>> make("ratio", Sums(300, 120, 7)).value, make("ratio", Sums(3, 0, 0)) is None
    (2.5, True)
    >>> make("ratio", Sums(3, -5, 2)) is None
    True
    >>> figure = make("nps", Sums(45, 100, 100, 75), 100)  # 60 promoters, 15 detractors
    >>> figure.value, round(figure.low, 2), round(figure.high, 2)
    (45.0, 29.34, 58.04)
    >>> make("sum", Sums(12.5, None, 3)).value, make("sum", Sums(None, None, 0)) is None
    (12.5, True)
    >>> make("median", Sums(99, 3, 3, 0, 20.0)).value
    20.0
    >>> make("median", Sums(99, 3, 3, 0, float("inf"))) is None
    True
    """
    if not sums.n or sums.above is None:
        return None
    above = float(sums.above)
    if kind == SUM:
        return Figure(factor * above, above, 1, sums.n)
    if kind == MEDIAN:
        if sums.middle is None or not isfinite(sums.middle):
            return None
        return Figure(factor * sums.middle, sums.middle, 1, sums.n)
    # points given back may be more than those spent: there is nothing to take it of
    return _quotient(kind, sums, factor) if (sums.below or 0) > 0 else None


def _quotient(kind, sums, factor):
    above, below = float(sums.above), float(sums.below)
    low = high = None
    if kind == SHARE:
        low, high = _share_range(above, below)
    elif kind == NPS:
        low, high = _nps_range(above, below, sums.squares)
    if low is not None:
        low, high = factor * low, factor * high
    n = round(below) if kind == SHARE else sums.n
    return Figure(factor * above / below, above, below, n, low, high)


def _share_range(above, below):
    n = below + Z**2
    middle = (above + Z**2 / 2) / n
    reach = Z * (max(middle * (1 - middle), 0) / n) ** 0.5
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _nps_range(above, below, squares):
    """Return the range from the sums of +1, 0 and −1 and of their squares."""
    n = below + ADDED
    up = ((squares + above) / 2 + ADDED_EACH) / n
    down = ((squares - above) / 2 + ADDED_EACH) / n
    middle, reach = up - down, Z * ((up + down - (up - down) ** 2) / n) ** 0.5
    return max(-1.0, middle - reach), min(1.0, middle + reach)


def elapsed(first: date, last: date, day: date) -> float:
    """Return which part of the time from ``first`` to ``last`` is over after ``day``.

    >>> elapsed(date(2024, 1, 1), date(2024, 1, 10), date(2024, 1, 5))
    0.5
    >>> elapsed(date(2024, 1, 1), date(2024, 1, 10), date(2023, 1, 5))
    0.0
    >>> elapsed(date(2024, 1, 1), date(2024, 1, 10), date(2025, 1, 5))
    1.0
    """
    whole = (last - first).days + 1
    return min(max(((day - first).days + 1) / whole, 0.0), 1.0)


def goal(kind: str, amount: float, baseline: float | None, part: float = 1.0):
    """Return what a figure should be; None: it is told from a baseline, which is not.

    :param kind: absolute: ``amount`` itself. relative: ``amount`` % more than the
        baseline, of which 0 is none. points: ``amount`` more than the baseline, in the
        figure's unit.
    :param part: how much of the change from the baseline is due by now, 0 to 1.

    >>> goal("absolute", 50, None)
    50
    >>> goal("relative", 25, 400.0), goal("relative", 25, 400.0, 0.5)
    (500.0, 450.0)
    >>> goal("points", -3, 12.0), goal("points", -3, None) is None
    (9.0, True)
    >>> goal("relative", 5, -40.0), goal("relative", 5, 0.0) is None
    (-38.0, True)
    >>> goal("absolute", 80, 60.0, 0.25)  # a quarter of the way
    65.0
    >>> goal("absolute", 80, None, 0.25) is None
    True
    """
    if kind == ABSOLUTE and part >= 1:
        return amount
    if baseline is None or kind == RELATIVE and not baseline:
        return None
    if kind == ABSOLUTE:
        return baseline + (amount - baseline) * part
    change = abs(baseline) * amount / 100 if kind == RELATIVE else amount
    return baseline + change * part


def status(value, wanted, direction: str, tolerance: float, enough=True) -> str:
    """Return how a figure stands against its goal.

    :param tolerance: what may be missing, in % of the goal, to be called near.

    >>> status(52, 50, "up", 5), status(48, 50, "up", 5), status(47, 50, "up", 5)
    ('met', 'near', 'missed')
    >>> status(20, 20, "down", 5), status(21, 20, "down", 5), status(22, 20, "down", 5)
    ('met', 'near', 'missed')
    >>> [status(*each, "up", 5) for each in ((52, None), (None, 5))]
    ['unknown', 'unknown']
    >>> status(52, 50, "up", 5, False)
    'unknown'
    """
    if value is None or wanted is None or not enough:
        return UNKNOWN
    missing = wanted - value if direction == UP else value - wanted
    if missing <= 1e-9:
        return MET
    return NEAR if missing <= abs(wanted) * tolerance / 100 + 1e-9 else MISSED


def trend(value, before, direction: str) -> str:
    """Return whether a figure became better, worse, or stayed the same.

    >>> trend(12, 10, "up"), trend(12, 10, "down"), trend(10.05, 10, "up")
    ('better', 'worse', 'same')
    >>> trend(12, None, "up"), trend(0, 0, "up")
    ('unknown', 'same')
    """
    if value is None or before is None:
        return UNKNOWN
    change = value - before
    if abs(change) <= STILL * abs(before):
        return SAME
    return BETTER if (change > 0) == (direction == UP) else WORSE


def change_share(value, before):
    """Return by how many % a figure changed; None: from nothing, or not known.

    >>> change_share(12, 10), change_share(8, -10), change_share(3, 0)
    (20.0, 180.0, None)
    """
    if value is None or not before:
        return None
    return 100 * (value - before) / abs(before)


def worked(start, now, expected, direction: str) -> str:
    """Return what became of a figure since a measure: a comparison, not an effect.

    :param expected: by how much it was to change, in its unit; 0: not said.
    :return: reached (as much as expected), better, same, worse, or unknown.

    >>> tuple(worked(12, now, -3, "down") for now in (9, 10, 14))
    ('reached', 'better', 'worse')
    >>> worked(50, 50, 5, "up"), worked(None, 50, 5, "up"), worked(50, 58, 0, "up")
    ('same', 'unknown', 'better')
    """
    found = trend(now, start, direction)
    if found != BETTER or not expected:
        return found
    return "reached" if abs(now - start) >= abs(expected) - 1e-9 else BETTER


def spark(values: Sequence[float | None]) -> str:
    """Return a row of bars as text, a gap where there is no figure.

    >>> spark([1, 2, None, 4]), spark([3, 3]), spark([None])
    ('▁▃ █', '▄▄', ' ')
    """
    known = [value for value in values if value is not None]
    bars = "▁▂▃▄▅▆▇█"
    low, high = min(known, default=0), max(known, default=0)
    if high == low:
        return "".join(" " if value is None else "▄" for value in values)
    return "".join(
        " " if value is None else bars[int(7 * (value - low) / (high - low))]
        for value in values
    )
