"""Comparing people whose customers differ in number and kind, without a ranking.

A share is compared with what is to be expected of such customers: of each kind (tier)
the share that all people together reach, times how many of them somebody looks after
(indirect standardisation). How far it may be off by chance follows from the number:
limits of a funnel plot (Spiegelhalter, Statistics in Medicine 24, 2005), at 95 % and
99.8 %. Where people differ by more than chance anyway, as they do with many customers,
the limits are widened by as much (his multiplicative overdispersion).
"""

from collections.abc import Mapping
from math import sqrt
from typing import NamedTuple

LEAST = 20  # of fewer customers nothing is concluded
WARN, SURE = 1.96, 3.09  # 95 % and 99.8 % of a normal distribution
SPREAD_LEAST = 5  # people, to tell by how much they differ anyway
FEW, SAME = "few", "same"
ABOVE, BELOW = "above", "below"
MAYBE_ABOVE, MAYBE_BELOW = "maybe_above", "maybe_below"


class Part(NamedTuple):
    """Of so many customers, for so many something was done."""

    whole: int
    hits: int


class Fair(NamedTuple):
    """A share in percent, what is expected of such customers, and how sure it is."""

    share: float
    expected: float
    low: float
    high: float
    whole: int
    verdict: str


Strata = Mapping[object, Part]


def total(strata: Strata) -> Part:
    """Return several parts as one.

    >>> total({"a": Part(3, 1), "b": Part(4, 4)})
    Part(whole=7, hits=5)
    >>> total({})
    Part(whole=0, hits=0)
    """
    return Part(
        sum(each.whole for each in strata.values()),
        sum(each.hits for each in strata.values()),
    )


def merge(several) -> dict:
    """Return the parts of several people together, by kind.

    >>> merge([{"a": Part(3, 1)}, {"a": Part(1, 1), "b": Part(2, 0)}])
    {'a': Part(whole=4, hits=2), 'b': Part(whole=2, hits=0)}
    """
    result = {}
    for strata in several:
        for kind, part in strata.items():
            known = result.get(kind, Part(0, 0))
            result[kind] = Part(known.whole + part.whole, known.hits + part.hits)
    return result


def expect(strata: Strata, overall: Strata) -> tuple[float, float]:
    """Return how many hits are to be expected of such customers, and their variance.

    >>> overall = {"high": Part(100, 80), "low": Part(400, 40)}
    >>> expect({"high": Part(10, 3)}, overall), expect({"low": Part(100, 3)}, overall)
    ((8.0, 1.5999999999999996), (10.0, 9.0))
    """
    mean = variance = 0.0
    for kind, part in strata.items():
        share = overall[kind].hits / overall[kind].whole if overall[kind].whole else 0.0
        mean += part.whole * share
        variance += part.whole * share * (1 - share)
    return mean, variance


def compare(people: Mapping[object, Strata]) -> dict[object, Fair]:
    """Compare everybody's share with what is expected of such customers.

    Half of the customers of the high tier are reached, a tenth of the low one, by both:
    nobody is better, though one reaches 42 % and the other 18 %.

    >>> one = {"high": Part(200, 100), "low": Part(50, 5)}
    >>> two = {"high": Part(50, 25), "low": Part(200, 20)}
    >>> found = compare({1: one, 2: two})
    >>> [(each.share, round(each.expected), each.verdict) for each in found.values()]
    [(42.0, 42, 'same'), (18.0, 18, 'same')]

    A small portfolio is given more room than a large one:

    >>> found = compare({1: {0: Part(1000, 500)}, 2: {0: Part(25, 8)},
    ...                  3: {0: Part(400, 130)}, 4: {0: Part(5, 0)}})
    >>> {key: each.verdict for key, each in found.items()}
    {1: 'above', 2: 'same', 3: 'below', 4: 'few'}

    Who has nobody is not compared:

    >>> compare({1: {}, 2: {0: Part(0, 0)}})
    {}
    """
    people = {who: strata for who, strata in people.items() if total(strata).whole}
    overall = merge(people.values())
    found = {who: (total(its), *expect(its, overall)) for who, its in people.items()}
    wide = sqrt(spread([_score(*each) for each in found.values()]))
    return {who: _judge(*each, wide) for who, each in found.items()}


def spread(scores) -> float:
    """Return how many times more than by chance people differ, at least 1.

    The mean of the squared scores, each tenth at the ends drawn in, so that a single
    person far off does not hide himself. Of fewer than five people it is not known.

    >>> spread([0.5, -0.5, 1.0, -1.0, 0.2]), spread([9.0, -9.0])
    (1.0, 1.0)
    >>> spread([2.0, -2.0, 2.0, -2.0, 2.0, -2.0, 50.0])
    4.0
    """
    scores = sorted(scores)
    count = len(scores)
    if count < SPREAD_LEAST:
        return 1.0
    cut = max(1, count // 10)
    low, high = scores[cut], scores[-cut - 1]
    return max(1.0, sum(min(max(each, low), high) ** 2 for each in scores) / count)


def _score(part, mean, variance):
    return (part.hits - mean) / sqrt(variance) if variance else 0.0


def _judge(part, mean, variance, wide):
    reach = wide * sqrt(variance)
    low, high = max(0.0, mean - WARN * reach), min(part.whole, mean + WARN * reach)
    off = part.hits - mean
    verdict = SAME
    if part.whole < LEAST:
        verdict = FEW
    elif abs(off) > SURE * reach + 0.5:  # hits are whole numbers
        verdict = ABOVE if off > 0 else BELOW
    elif abs(off) > WARN * reach + 0.5:
        verdict = MAYBE_ABOVE if off > 0 else MAYBE_BELOW
    percent = [100 * each / part.whole for each in (part.hits, mean, low, high)]
    return Fair(*percent, part.whole, verdict)
