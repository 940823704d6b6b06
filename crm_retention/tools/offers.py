"""What to offer next: which products go with which, and what suits a customer.

A rule says of everybody looked at: so many had one product (``chances``), so many of
those had another one too (``hits``), and so many had the other at all (``buyers``, of
``base``). Support, confidence and lift are those of Agrawal, Imieliński & Swami (1993)
and Brin et al. (1997). A rule is *sure* where even the lower end of the confidence's
range (Wilson's score interval, one-sided 95 %) is above what everybody buys anyway:
few observations then do not pass for a pattern.
"""

from collections.abc import Iterable, Mapping, Set
from datetime import date, timedelta
from math import sqrt
from typing import NamedTuple

Z = 1.6448536269514722  # one-sided 95 %


def wilson_low(hits: float, trials: float, z: float = Z) -> float:
    """Return the lower end of the range of a share, from what was counted.

    >>> round(wilson_low(10, 10), 4), round(wilson_low(5, 10), 4)
    (0.7871, 0.2693)
    >>> round(wilson_low(500, 1000), 4)
    0.474
    >>> wilson_low(0, 7), wilson_low(0, 0)
    (0.0, 0.0)
    """
    if not hits:
        return 0.0
    share, square = hits / trials, z * z
    middle = share + square / (2 * trials)
    spread = z * sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    return (middle - spread) / (1 + square / trials)


class Rule(NamedTuple):
    """That who has one product takes another one: the counts.

    >>> rule = Rule(1, 2, hits=20, chances=40, buyers=50, base=200)
    >>> rule.support, rule.confidence, rule.lift, rule.is_sure
    (0.1, 0.5, 2.0, True)
    >>> Rule(1, 2, hits=2, chances=4, buyers=50, base=200).is_sure
    False
    >>> Rule(1, 2, hits=10, chances=40, buyers=50, base=200).lift
    1.0
    """

    product: int
    offer: int
    hits: int
    chances: int
    buyers: int
    base: int

    @property
    def support(self) -> float:
        """The share of all who had both."""
        return self.hits / self.base

    @property
    def confidence(self) -> float:
        """The share of those with the one who took the other."""
        return self.hits / self.chances

    @property
    def lift(self) -> float:
        """How many times as often as all take the other."""
        return self.confidence / (self.buyers / self.base)

    @property
    def is_sure(self) -> bool:
        """Tell whether it is more than chance, by all we know."""
        return wilson_low(self.hits, self.chances) > self.buyers / self.base


def rules_next(
    first_days: Mapping[int, Mapping[int, date]], least: int, horizon: int
) -> list[Rule]:
    """Return the rules "who bought this bought that next", counted by customer.

    A customer counts for a pair unless he had the offer already, on the day when he
    first bought the product; he took it if he first bought it within ``horizon`` days
    after. The specification of what the database counts.

    :param first_days: ``{customer: {product: day of the first purchase}}``

    >>> day = lambda n: date(2024, 1, n)
    >>> bought = {
    ...     1: {"pen": day(1), "ink": day(9)},
    ...     2: {"pen": day(2), "ink": day(5)},
    ...     3: {"pen": day(3), "ink": day(3)},  # together, not next
    ...     4: {"ink": day(1), "pen": day(4)},  # had it before
    ...     5: {"pen": day(1)},
    ...     6: {}, 7: {"cap": day(1)}, 8: {"cap": day(1)}, 9: {"cap": day(1)},
    ... }
    >>> [tuple(rule) for rule in rules_next(bought, 2, 90)]
    [('pen', 'ink', 2, 3, 4, 8)]
    >>> rules_next(bought, 2, 5)
    []
    """
    had: dict = {}
    taken: dict = {}
    buyers: dict = {}
    for days in first_days.values():
        for product, since in days.items():
            buyers[product] = buyers.get(product, 0) + 1
            for offer in days.keys() - {product}:
                pair = product, offer
                if days[offer] <= since:
                    had[pair] = had.get(pair, 0) + 1
                elif days[offer] <= since + timedelta(days=horizon):
                    taken[pair] = taken.get(pair, 0) + 1
    base = sum(1 for days in first_days.values() if days)
    return [
        Rule(
            *(product, offer, hits, buyers[product] - had.get((product, offer), 0)),
            *(buyers[offer], base),
        )
        for (product, offer), hits in sorted(taken.items())
        if hits >= least
    ]


def rules_together(baskets: Iterable[Set], least: int) -> list[Rule]:
    """Return the rules "who buys this buys that with it", counted by document.

    >>> baskets = [{"pen", "ink"}, {"pen", "ink"}, {"pen"}, {"cap"}]
    >>> [tuple(rule) for rule in rules_together(baskets, 2)]
    [('ink', 'pen', 2, 2, 3, 4), ('pen', 'ink', 2, 3, 2, 4)]
    """
    both: dict = {}
    buyers: dict = {}
    base = 0
    for basket in baskets:
        base += 1
        for product in basket:
            buyers[product] = buyers.get(product, 0) + 1
            for offer in basket - {product}:
                both[product, offer] = both.get((product, offer), 0) + 1
    return [
        Rule(product, offer, hits, buyers[product], buyers[offer], base)
        for (product, offer), hits in sorted(both.items())
        if hits >= least
    ]


class Choice(NamedTuple):
    """One rule as it may be chosen for a customer."""

    rule: int
    product: int
    offer: int
    own: bool  # of his own segment
    confidence: float
    lift: float


def choose(
    choices: Iterable[Choice],
    owned: Set[int],
    unwanted: Set[int],
    limit: int,
) -> list[int]:
    """Return the rules that suit a customer best, at most one an offer.

    Where his segment says anything about a pair, that counts and not what everybody
    does. Best is the highest confidence, then the highest lift.

    :param owned: what he has, of which a rule must start.
    :param unwanted: what is not to be offered: just bought, given back, on the order.

    >>> rules = [
    ...     Choice(1, 10, 20, False, 0.9, 3.0), Choice(2, 10, 20, True, 0.2, 1.5),
    ...     Choice(3, 11, 20, False, 0.4, 2.0), Choice(4, 10, 21, False, 0.3, 2.0),
    ...     Choice(5, 10, 22, False, 0.8, 2.0), Choice(6, 12, 23, False, 0.8, 2.0),
    ... ]
    >>> choose(rules, {10, 11}, {22}, 5)
    [3, 4]
    >>> choose(rules, {10, 11}, {22}, 1)
    [3]
    >>> choose(rules, {10}, {22}, 5)
    [4, 2]
    >>> choose(rules, set(), set(), 5)
    []
    """
    fits = [
        each for each in choices if each.product in owned and each.offer not in unwanted
    ]
    own = {(each.product, each.offer) for each in fits if each.own}
    ranked = sorted(
        (each for each in fits if each.own or (each.product, each.offer) not in own),
        key=lambda each: (-each.confidence, -each.lift, each.rule),
    )
    best: dict = {}
    for each in ranked:
        best.setdefault(each.offer, each.rule)
    return list(best.values())[:limit]
