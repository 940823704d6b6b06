"""The lowest point of a function of a few variables, found without derivatives.

The simplex search of Nelder and Mead (1965): a figure of n + 1 points that rolls,
stretches and shrinks its way down.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

# how far the worst point is thrown, along the line through the middle of the others
REFLECT, EXPAND, CONTRACT, SHRINK = 1.0, 2.0, 0.5, 0.5


class Found(NamedTuple):
    """Where the search ended, the value there, and whether it had settled."""

    point: list[float]
    value: float
    looks: int
    settled: bool


def lowest(
    function: Callable[[Sequence[float]], float],
    start: Sequence[float],
    step: float = 0.5,
    tolerance: float = 1e-7,
    most: int = 2_000,
) -> Found:
    """Search from ``start`` until neither the value nor the place changes.

    :param step: size of the first figure.
    :param tolerance: how far apart the points may lie at the end; the values may
        differ by as much of a ten-thousandth.
    :param most: give up after about so many looks at the function.

    >>> found = lowest(lambda p: (p[0] - 3) ** 2 + 10 * (p[1] + 1) ** 2, [0, 0])
    >>> [round(x, 4) for x in found.point], found.settled
    ([3.0, -1.0], True)
    >>> lowest(lambda p: -p[0], [0.0], most=50).settled  # falls for ever
    False

    A bent valley, in which many searches stay (Rosenbrock 1960):

    >>> def valley(p):
    ...     return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2
    >>> found = lowest(valley, [-1, 1])
    >>> [round(x, 3) for x in found.point], found.settled
    ([1.0, 1.0], True)
    >>> found.looks < 1000
    True
    """
    figure = [list(start)]
    for place in range(len(start)):
        corner = list(start)
        corner[place] += step
        figure.append(corner)
    points = sorted((function(corner), corner) for corner in figure)
    looks = len(points)
    while looks < most and not _settled(points, tolerance):
        points, used = _roll(function, points)
        looks += used
    value, point = points[0]
    return Found(point, value, looks, _settled(points, tolerance))


def _settled(points, tolerance):
    low, place = points[0]
    far = max(
        abs(x - y)
        for _value, other in points[1:]
        for x, y in zip(place, other, strict=True)
    )
    return far <= tolerance or (
        far <= 100 * tolerance and points[-1][0] - low <= tolerance * 1e-4
    )


def _roll(function, points):
    """Return (the next figure, how often the function was looked at)."""
    *kept, (worst, corner) = points
    middle = [
        sum(axis) / len(kept) for axis in zip(*(p for _v, p in kept), strict=True)
    ]

    def look(factor):
        place = [m + factor * (m - c) for m, c in zip(middle, corner, strict=True)]
        return function(place), place

    thrown = look(REFLECT)
    used = 1
    if thrown[0] < kept[0][0]:
        thrown, used = min(look(EXPAND), thrown), 2
    elif thrown[0] >= kept[-1][0]:
        inside = look(CONTRACT if thrown[0] < worst else -CONTRACT)
        used = 2
        if inside[0] >= min(worst, thrown[0]):
            return _shrink(function, points), used + len(kept)
        thrown = inside
    return sorted([*kept, thrown]), used


def _shrink(function, points):
    """Draw all points towards the best one."""
    best = points[0][1]
    shrunk = [points[0]]
    for _value, point in points[1:]:
        place = [b + SHRINK * (p - b) for p, b in zip(point, best, strict=True)]
        shrunk.append((function(place), place))
    return sorted(shrunk)
