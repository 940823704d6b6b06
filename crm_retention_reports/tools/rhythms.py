"""Who will buy when: customers by their own rhythm and by how long they are silent.

Months are whole numbers: 12 × year + month − 1. A customer's rhythm is the number of
months between the last two months in which he bought. Of customers with the same
rhythm it is counted how many bought again in the first, second, third … month of
silence, of those who were still silent (discrete hazards; Kaplan & Meier, Journal of
the American Statistical Association 53, 1958). Month by month those who buy begin anew
with the rhythm that their silence has become, the others are silent for a month more:
a semi-Markov chain (Howard, Dynamic Probabilistic Systems II, 1971).

Who was silent for longer than MOST months is no longer waited for; who then buys, and
who buys for the first time, comes from outside: as many a month as in the last year.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

MOST = 24  # months of silence after which nobody is waited for
# a rhythm is the number of these that its months reach: 0 the first purchase,
# 1, 2, 3 months, 4 to 6, 7 to 12, 13 to 24 months, and back after more
EDGES = (1, 2, 3, 4, 7, 13, MOST + 1)
FIRST, BACK = 0, len(EDGES)
RHYTHMS = range(BACK + 1)
WINDOW = 24  # months from which chances are counted
YEAR = 12
DRAW = 5  # a rhythm of fewer customers is drawn towards all


def rhythm(gap: int) -> int:
    """Return the rhythm of a purchase so many months after the one before; 0: first.

    >>> [rhythm(gap) for gap in (0, 1, 2, 3, 4, 6, 7, 12, 13, 24, 25, 90)]
    [0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 7, 7]
    """
    return bisect_right(EDGES, gap)


def span_of(which: int) -> tuple[int, int | None]:
    """Return the least and the most months of a rhythm; None: no most.

    >>> span_of(FIRST), span_of(4), span_of(BACK)
    ((0, 0), (4, 6), (25, None))
    """
    if which == FIRST:
        return 0, 0
    return EDGES[which - 1], None if which == BACK else EDGES[which] - 1


class Cell(NamedTuple):
    """Customers who bought in a month with one rhythm, and next after so many months.

    ``after`` is 0 for those who did not buy again within MOST months, or not yet;
    ``squares`` is the sum of the squared revenues.
    """

    month: int
    rhythm: int
    after: int
    customers: int
    revenue: float
    squares: float


class Rhythms:
    """The months of all customers, counted: what was, and what follows from it.

    >>> monthly = [Cell(m, FIRST if m == 0 else 1, 1 if m < 30 else 0, 10, 100, 1000)
    ...            for m in range(31)]
    >>> them = Rhythms(monthly)
    >>> them.silent(30, 1, 0), them.silent(29, 1, 0), them.silent(30, 1, 1)
    (10, 10, 0)
    >>> [round(sum(buyers)) for buyers in them.ahead(30, 3)]
    [10, 10, 10]

    What happened later is not known at an earlier month:

    >>> them.silent(3, 1, 0), them.chances(3)[1][1] > 0.9
    (10, True)
    """

    def __init__(self, cells: Iterable[Cell]):
        # by month of purchase and rhythm: how many bought next after n months
        self.next = defaultdict(lambda: [0] * (MOST + 1))
        self.paid = defaultdict(lambda: [0, 0.0, 0.0])
        for cell in cells:
            self.next[cell.month, cell.rhythm][cell.after] += cell.customers
            sums = self.paid[cell.month, cell.rhythm]
            for place, value in enumerate(cell[3:]):
                sums[place] += value
        self.left = {key: _left(counts) for key, counts in self.next.items()}
        self.months = sorted({month for month, _rhythm in self.next})

    def silent(self, month, which, since):
        """Return how many of a rhythm had last bought ``since`` months before."""
        left = self.left.get((month - since, which))
        return left[since + 1] if left else 0

    def chances(self, origin):
        """Return ``[rhythm][months of silence]``: the chance to buy in that month.

        Counted from what was known in month ``origin``. Few customers say little: they
        are drawn towards all with as much silence, as if these were DRAW more of them.
        """
        bought = [[0] * (MOST + 1) for _each in RHYTHMS]
        could = [[0] * (MOST + 1) for _each in RHYTHMS]
        for (month, which), counts in self.next.items():
            left = self.left[month, which]
            soonest = max(1, origin - WINDOW + 1 - month)
            for since in range(soonest, min(MOST, origin - month) + 1):
                bought[which][since] += counts[since]
                could[which][since] += left[since]
        return [
            [0.0] + [_chance(bought, could, which, since) for since in _silences()]
            for which in RHYTHMS
        ]

    def newcomers(self, origin):
        """Return how many a month bought first, and were back, in the last year."""
        known = [month for month in self.months if origin - YEAR < month <= origin]
        return {
            which: sum(self.paid[month, which][0] for month in known)
            / min(YEAR, max(1, origin - self.months[0] + 1))
            for which in (FIRST, BACK)
        }

    def worth(self, origin):
        """Return by rhythm what one who buys spends in that month: of the last year.

        >>> cells = [Cell(5, 1, 0, 100, 5000, 0), Cell(5, 2, 0, 100, 1000, 0)]
        >>> [round(each) for each in Rhythms(cells).worth(5)[:3]]
        [30, 49, 11]
        """
        sums = [[0, 0.0] for _each in RHYTHMS]
        for month in range(origin - YEAR + 1, origin + 1):
            for which in RHYTHMS:
                if (month, which) in self.paid:
                    customers, revenue, _squares = self.paid[month, which]
                    sums[which][0] += customers
                    sums[which][1] += revenue
        customers, revenue = (sum(each) for each in zip(*sums, strict=True))
        mean = revenue / customers if customers else 0.0
        return [(paid + DRAW * mean) / (n + DRAW) for n, paid in sums]

    def scatter(self, origin):
        """Return by how much one customer's month differs: variance by squared mean.

        >>> Rhythms([Cell(5, 1, 0, 2, 40, 1000)]).scatter(5)  # 10 and 30
        0.25
        """
        sums = [0, 0.0, 0.0]
        for (month, _rhythm), paid in self.paid.items():
            if origin - YEAR < month <= origin:
                sums = [one + more for one, more in zip(sums, paid, strict=True)]
        customers, revenue, squares = sums
        return max(0.0, squares * customers / revenue**2 - 1) if revenue else 0.0

    def buyers(self, month):
        """Return how many customers bought in a month.

        >>> Rhythms([Cell(5, 1, 0, 2, 4, 0), Cell(5, 2, 1, 3, 3, 0)]).buyers(5)
        5
        """
        return sum(
            self.paid[month, which][0]
            for which in RHYTHMS
            if (month, which) in self.paid
        )

    def standing(self, month):
        """Return ``[rhythm][months of silence so far]``: customers after a month."""
        return [
            [self.silent(month, which, since) for since in range(MOST)]
            for which in RHYTHMS
        ]

    def ahead(self, origin, count, chances=None, standing=None):
        """Return for each of the next months: buyers expected, by rhythm.

        A buyer is counted with the rhythm that he has then.

        >>> first = [Cell(m, FIRST, 2 if m < 29 else 0, 6, 60, 600) for m in range(31)]
        >>> again = [Cell(m, 2, 0, 6, 60, 600) for m in range(2, 31)]
        >>> found = Rhythms(first + again).ahead(30, 2)
        >>> [[round(each, 1) for each in month[:4]] for month in found]
        [[6.0, 0.0, 6.0, 0.0], [6.0, 0.0, 6.0, 0.0]]
        """
        chances = chances or self.chances(origin)
        standing = standing or self.standing(origin)
        outside = self.newcomers(origin)
        result = []
        for _month in range(count):
            bought = [0.0] * len(RHYTHMS)
            following = [[0.0] * MOST for _each in RHYTHMS]
            for which, silences in enumerate(standing):
                for since, customers in enumerate(silences):
                    if not customers:
                        continue
                    now = customers * chances[which][since + 1]
                    bought[rhythm(since + 1)] += now
                    if since + 1 < MOST:
                        following[which][since + 1] += customers - now
            for which, customers in outside.items():
                bought[which] += customers
            for which, customers in enumerate(bought):
                following[which][0] += customers
            result.append(bought)
            standing = following
        return result


def _silences():
    return range(1, MOST + 1)


def _left(counts):
    """Return how many were still silent before the n-th month of silence."""
    left = [0] * (MOST + 2)
    left[MOST + 1] = counts[0]
    for since in range(MOST, 0, -1):
        left[since] = left[since + 1] + counts[since]
    return left


def _chance(bought, could, which, since):
    everybody = sum(each[since] for each in could)
    if not everybody:
        return 0.0
    share = sum(each[since] for each in bought) / everybody
    return (bought[which][since] + DRAW * share) / (could[which][since] + DRAW)
