"""How satisfied customers are: what an answer means, and how sure a figure is.

A figure of few answers says little, so none is shown without how many answers it comes
from and the interval in which the truth lies with 95 % certainty.
"""

from math import sqrt
from typing import NamedTuple

NPS, CSAT, EFFORT = KINDS = ("nps", "csat", "effort")
PROMOTER, PASSIVE, DETRACTOR = "promoter", "passive", "detractor"
GOOD, NEUTRAL, BAD = "good", "neutral", "bad"
HIGH, MIDDLE, LOW = (
    frozenset({PROMOTER, GOOD}),
    frozenset({PASSIVE, NEUTRAL}),
    frozenset({DETRACTOR, BAD}),
)
SCALES = {NPS: (0, 10), CSAT: (1, 5), EFFORT: (1, 5)}  # a higher answer is better
LEAST = 20  # fewer answers are called too few
Z = 1.959964  # of 95 %
# added to n, and to promoters and detractors each: without it the interval of few
# answers, or of answers all alike, is far too narrow
ADDED, ADDED_EACH = 3, 0.75


class Figure(NamedTuple):
    """A net promoter score from −100 to 100, or a share of 0 to 100 %."""

    score: float
    low: float
    high: float
    answers: int

    @property
    def is_small(self) -> bool:
        """Tell whether too few answered to conclude anything."""
        return self.answers < LEAST


def grade(kind: str, raw: float) -> str:
    """Return what an answer means.

    >>> [grade(NPS, raw) for raw in (0, 6, 7, 8, 9, 10)]
    ['detractor', 'detractor', 'passive', 'passive', 'promoter', 'promoter']
    >>> [grade(CSAT, raw) for raw in (1, 2, 3, 4, 5)]
    ['bad', 'bad', 'neutral', 'good', 'good']
    """
    if kind == NPS:
        return PROMOTER if raw >= 9 else PASSIVE if raw >= 7 else DETRACTOR
    return GOOD if raw >= 4 else NEUTRAL if raw >= 3 else BAD


def points(kind: str, what: str) -> int:
    """Return what an answer adds to the score, whose average is the figure.

    >>> points(NPS, DETRACTOR), points(CSAT, BAD), points(CSAT, GOOD)
    (-100, 0, 100)
    """
    if what in HIGH:
        return 100
    return -100 if kind == NPS and what in LOW else 0


def net_promoter(promoters: int, passives: int, detractors: int) -> Figure | None:
    """Return the net promoter score with its adjusted Wald interval; None: no answers.

    >>> figure = net_promoter(60, 25, 15)
    >>> figure.score, round(figure.low, 2), round(figure.high, 2)
    (45.0, 29.34, 58.04)
    >>> net_promoter(2, 2, 2)[:1], net_promoter(2, 2, 2).is_small
    ((0.0,), True)
    >>> net_promoter(20, 0, 0).low < 100  # all alike, and still not certain
    True
    """
    answers = promoters + passives + detractors
    if not answers:
        return None
    score = 100 * (promoters - detractors) / answers
    n = answers + ADDED
    up, down = (promoters + ADDED_EACH) / n, (detractors + ADDED_EACH) / n
    middle, reach = up - down, Z * sqrt((up + down - (up - down) ** 2) / n)
    low, high = max(-1.0, middle - reach), min(1.0, middle + reach)
    return Figure(score, 100 * low, 100 * high, answers)


def share(good: int, answers: int) -> Figure | None:
    """Return the share of good answers with its adjusted Wald interval.

    >>> figure = share(8, 10)
    >>> figure.score, round(figure.low, 1), round(figure.high, 1)
    (80.0, 47.9, 95.4)
    >>> share(0, 0) is None
    True
    """
    if not answers:
        return None
    n = answers + Z**2
    middle = (good + Z**2 / 2) / n
    reach = Z * sqrt(middle * (1 - middle) / n)
    low, high = max(0.0, middle - reach), min(1.0, middle + reach)
    return Figure(100 * good / answers, 100 * low, 100 * high, answers)


def figure(kind: str, high: int, middle: int, low: int) -> Figure | None:
    """Return the figure of this kind from how many answers were high, middle, low.

    >>> figure(CSAT, 3, 1, 0).score, figure(NPS, 3, 0, 1).score
    (75.0, 50.0)
    """
    if kind == NPS:
        return net_promoter(high, middle, low)
    return share(high, high + middle + low)
