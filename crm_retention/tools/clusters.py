"""Groups of customers who are alike, and the boxes of scores that come closest.

k-means (Lloyd 1982) with the starting points of Arthur & Vassilvitskii (2007) on
standardised logarithms of recency, frequency and revenue. Seeded: the same customers
always give the same groups. How many groups there are follows from the index of
Caliński & Harabasz (1974) unless a person says so.
"""

from collections.abc import Mapping, Sequence
from math import log1p, sqrt
from random import Random
from typing import NamedTuple

Point = tuple[float, float, float]
Cell = tuple[int, int, int]  # scores of recency, frequency and revenue, 1 to 5
FEWEST, MOST = 3, 8
ROUNDS = 60
TRIES = 4
ENOUGH = 500  # points to tell how many groups there are
SCORES = range(1, 6)


def features(days: float, purchases: float, revenue: float) -> Point:
    """Return the figures on a scale on which twice as much is as far everywhere.

    >>> [round(value, 2) for value in features(0, 9, -5)]
    [0.0, 2.3, 0.0]
    """
    return log1p(max(days, 0)), log1p(max(purchases, 0)), log1p(max(revenue, 0))


class Scale(NamedTuple):
    """Mean and spread of each figure."""

    means: Point
    spreads: Point

    def standard(self, point: Point) -> Point:
        """Return ``point`` in spreads from the mean."""
        return tuple(
            (value - mean) / spread
            for value, mean, spread in zip(point, self.means, self.spreads, strict=True)
        )


def scale(points: Sequence[Point]) -> Scale:
    """Return mean and spread of points; a figure without spread counts as it is.

    >>> scale([(0, 1, 5), (2, 3, 5)])
    Scale(means=(1.0, 2.0, 5.0), spreads=(1.0, 1.0, 1.0))
    """
    means, spreads = [], []
    for values in zip(*points, strict=True):
        mean = sum(values) / len(values)
        spread = sqrt(sum((value - mean) ** 2 for value in values) / len(values))
        means.append(mean)
        spreads.append(spread or 1.0)
    return Scale(tuple(means), tuple(spreads))


def distance(one: Point, other: Point) -> float:
    """Return the squared distance."""
    x, y, z = one
    a, b, c = other
    return (x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2


def nearest(point: Point, centers: Sequence[Point]) -> int:
    """Return which center is nearest; of equals, the first.

    >>> nearest((0, 0, 1), [(0, 0, 3), (0, 0, 0), (0, 0, 2)])
    1
    """
    found, least = 0, float("inf")
    for number, center in enumerate(centers):
        away = distance(point, center)
        if away < least:
            found, least = number, away
    return found


class Clusters(NamedTuple):
    """Centers, and the sum of squared distances to the nearest of them."""

    centers: tuple[Point, ...]
    inertia: float


def k_means(points: Sequence[Point], count: int, seed: int = 0) -> Clusters:
    """Return the best of a few runs.

    >>> points = [(0, 0, n / 9) for n in range(9)] + [(9, 9, n / 9) for n in range(9)]
    >>> found = k_means(points, 2)
    >>> sorted(tuple(round(v, 1) for v in center) for center in found.centers)
    [(0.0, 0.0, 0.4), (9.0, 9.0, 0.4)]
    >>> k_means(points, 2) == found
    True
    >>> k_means([(1.0, 1.0, 1.0)] * 5, 3).inertia
    0.0
    """
    chance = Random(seed)
    return min(
        (_run(points, _start(points, count, chance)) for _n in range(TRIES)),
        key=lambda found: found.inertia,
    )


def _start(points, count, chance):
    """Return starting centers, far from each other by chance."""
    centers = [chance.choice(points)]
    far = [distance(point, centers[0]) for point in points]
    while len(centers) < count:
        if not any(far):
            centers.append(centers[0])  # fewer different points than centers
            continue
        [center] = chance.choices(points, weights=far)
        centers.append(center)
        far = [
            min(known, distance(point, center))
            for known, point in zip(far, points, strict=True)
        ]
    return centers


def _run(points, centers):
    for _round in range(ROUNDS):
        sums = [[0.0, 0.0, 0.0, 0] for _center in centers]
        for point in points:
            own = sums[nearest(point, centers)]
            for axis in range(3):
                own[axis] += point[axis]
            own[3] += 1
        fresh = [
            (x / n, y / n, z / n) if n else center
            for (x, y, z, n), center in zip(sums, centers, strict=True)
        ]
        if fresh == centers:
            break
        centers = fresh
    inertia = sum(distance(point, centers[nearest(point, centers)]) for point in points)
    return Clusters(tuple(centers), inertia)


def how_many(points: Sequence[Point], seed: int = 0) -> int:
    """Return the number of groups that are most apart for what is within them.

    From the first points only, which are to be in no particular order.

    >>> groups = [(0, 0, 0), (9, 0, 0), (0, 9, 0), (0, 0, 9)]
    >>> chance = Random(1)
    >>> points = [tuple(v + chance.random() for v in groups[n % 4]) for n in range(80)]
    >>> how_many(points)
    4
    """
    points = points[:ENOUGH]
    total = k_means(points, 1, seed).inertia
    best, number = -1.0, FEWEST
    for count in range(FEWEST, min(MOST, len(points) - 1) + 1):
        within = k_means(points, count, seed).inertia
        if not within:
            return count
        index = ((total - within) / (count - 1)) / (within / (len(points) - count))
        if index > best:
            best, number = index, count
    return number


# ---- as boxes of scores ------------------------------------------------------------


class Box(NamedTuple):
    """Ranges of the three scores, whose group it is, and how many it gets right."""

    low: Cell
    high: Cell
    group: int
    right: int
    total: int


def boxes(cells: Mapping[Cell, Sequence[int]], most: int) -> list[Box]:
    """Return boxes that fill the cube of scores and part the groups best.

    A decision tree (Breiman et al. 1984, by the Gini index): the cut that tells most
    of the customers' groups comes first, until there are ``most`` boxes or every box
    holds one group.

    :param cells: ``{scores: customers by group}``

    >>> cells = {(5, 5, 5): [9, 0], (5, 4, 5): [5, 1], (1, 1, 1): [0, 8]}
    >>> for box in boxes(cells, 2):
    ...     print(*box)
    (1, 1, 1) (1, 5, 5) 1 8 8
    (2, 1, 1) (5, 5, 5) 0 14 15
    >>> len(boxes(cells, 3)), sum(box.right for box in boxes(cells, 3))
    (3, 22)
    >>> [box.total for box in boxes({}, 4)]
    [0]
    """
    found = [((1, 1, 1), (5, 5, 5))]
    while len(found) < most:
        cuts = [
            (gain, -place, parts)
            for place, box in enumerate(found)
            for gain, parts in [_best_cut(cells, box)]
            if gain > 1e-9
        ]
        if not cuts:
            break
        _gain, place, parts = max(cuts, key=lambda cut: cut[:2])
        found[-place : -place + 1] = parts
    return [_judge(cells, *box) for box in found]


def _counts(cells, low, high):
    """Return customers by group in a box."""
    inside = [
        groups
        for cell, groups in cells.items()
        if all(a <= c <= b for a, c, b in zip(low, cell, high, strict=True))
    ]
    return [sum(column) for column in zip(*inside, strict=True)]


def _impurity(counts):
    total = sum(counts)
    return total - sum(count * count for count in counts) / total if total else 0.0


def _best_cut(cells, box):
    """Return (what it gains, the two parts) of the best cut of a box."""
    low, high = box
    before = _impurity(_counts(cells, low, high))
    best = (0.0, [])
    for axis in range(3):
        for at in range(low[axis], high[axis]):
            under = (*high[:axis], at, *high[axis + 1 :])
            above = (*low[:axis], at + 1, *low[axis + 1 :])
            gain = (
                before
                - _impurity(_counts(cells, low, under))
                - _impurity(_counts(cells, above, high))
            )
            if gain > best[0] + 1e-9:
                best = (gain, [(low, under), (above, high)])
    return best


def _judge(cells, low, high):
    counts = _counts(cells, low, high) or [0]
    right = max(counts)
    return Box(low, high, counts.index(right), right, sum(counts))


# ---- in words -----------------------------------------------------------------------


def kind(recency: float, frequency: float, monetary: float) -> str:
    """Return what customers of these mean scores (1 to 5) are like.

    >>> [kind(*scores) for scores in ((5, 5, 5), (4.5, 1.2, 2), (1, 4, 4), (1, 1, 2))]
    ['best', 'newcomers', 'missed', 'asleep']
    >>> kind(2, 2.6, 2), kind(1.9, 1, 1.2)
    ('cooling', 'asleep')
    >>> kind(4, 4, 2), kind(4, 2, 4.6), kind(3, 3, 3), kind(1.5, 2, 4.2)
    ('regulars', 'spenders', 'middle', 'missed')
    """
    recent, often, much = recency >= 3.5, frequency >= 3.5, monetary >= 3.5
    if recent and often and much:
        return "best"
    if recency <= 2.5:
        if often or much:
            return "missed"
        return "cooling" if frequency >= 2.5 or monetary >= 2.5 else "asleep"
    if often:
        return "regulars"
    if much:
        return "spenders"
    return "newcomers" if recent and frequency <= 2.5 else "middle"
