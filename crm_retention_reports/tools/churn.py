"""Customers won and lost, and the revenue that stays: what the words mean.

A customer is active at the end of a month who bought within the last N months, that
month included. Of two ends of months: *new* is who is active at the second one and
first bought in between; *won back*, who is active at the second one, was not at the
first, and had bought before; *lost*, who was active at the first one and no longer is
at the second. So ``opening + new + won back - lost = closing``, always.

Revenue compares twelve months with the twelve before, customer by customer. The
opening cohort are the customers with revenue in the months before. Gross revenue
retention (GRR) is what they still bring of it, each counted at most at what he brought
before; net revenue retention (NRR) is all that they bring now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from . import months
from .blocks import share

SIZES = {"month": 1, "quarter": 3}  # months of a period
WINDOW = 12  # months of revenue that are compared
NEVER = 10**6  # months until a purchase that does not come
LISTED = 1_000  # customers behind a figure that are opened by their ids
LEAST = 20  # customers of whom a share is said without a warning
KEPT = ("lost", "less", "same", "more")  # of the opening cohort
PARTS = (*KEPT, "won_back", "new", "refunds")


@dataclass(frozen=True)
class Counts:
    """Customers between two ends of months.

    >>> found = Counts(200, 30, 10, 40)
    >>> found.closing, found.churn, found.retention
    (200, 20.0, 80.0)
    >>> Counts(0, 3, 0, 0).churn is None
    True
    >>> found.is_few, Counts(19, 0, 0, 1).is_few
    (False, True)
    """

    opening: int = 0
    new: int = 0
    won_back: int = 0
    lost: int = 0

    @property
    def closing(self) -> int:
        return self.opening + self.new + self.won_back - self.lost

    @property
    def churn(self) -> float | None:
        """Of 100 customers active at the beginning: how many no longer are."""
        return share(self.lost, self.opening)

    @property
    def retention(self) -> float | None:
        return share(self.opening - self.lost, self.opening)

    @property
    def is_few(self) -> bool:
        """Whether there are too few customers for a share to say much."""
        return self.opening < LEAST


@dataclass(frozen=True)
class Part:
    """Customers whose revenue changed in one way: how many, from what, to what.

    ``ids`` are their profiles, as far as they are read; None where they are too many.

    >>> (Part(1, 5, 3, (7,)) + Part(2, 5, 3, (8, 9))).ids
    (7, 8, 9)
    >>> (Part(1, 5, 3, None) + Part(2, 5, 3, (8, 9))).ids is None
    True
    """

    customers: int = 0
    before: float = 0.0
    now: float = 0.0
    ids: tuple | None = field(default=(), repr=False)

    def __add__(self, other: "Part") -> "Part":
        count = self.customers + other.customers
        listed = None
        if count <= LISTED and None not in (self.ids, other.ids):
            listed = (*self.ids, *other.ids)
        return Part(count, self.before + other.before, self.now + other.now, listed)

    @property
    def change(self) -> float:
        return self.now - self.before


@dataclass(frozen=True)
class Revenue:
    """Revenue of twelve months and of the twelve before, by what became of customers.

    ``parts`` has a :class:`Part` for each of PARTS that there is.

    >>> found = Revenue({
    ...     "lost": Part(1, 100, 0), "less": Part(1, 300, 200), "same": Part(1, 50, 50),
    ...     "more": Part(1, 50, 150), "new": Part(2, 0, 90), "refunds": Part(1, 0, -5),
    ... })
    >>> found.base, found.opening, found.closing
    (500, 500.0, 485.0)
    >>> found.gross, found.net, found.customers
    (60.0, 80.0, 4)
    >>> Revenue({"new": Part(2, 0, 90)}).net is None
    True
    >>> Revenue({"lost": Part(2, 90, 0)}).gross
    0.0
    """

    parts: Mapping[str, Part]

    def part(self, name: str) -> Part:
        return self.parts.get(name) or Part()

    def _sum(self, names: Iterable[str], value: str):
        return sum(getattr(self.part(name), value) for name in names)

    @property
    def opening(self) -> float:
        return self._sum(PARTS, "before")

    @property
    def closing(self) -> float:
        return self._sum(PARTS, "now")

    @property
    def base(self) -> float:
        """What the opening cohort brought in the months before."""
        return self._sum(KEPT, "before")

    @property
    def customers(self) -> int:
        """How many are in the opening cohort."""
        return self._sum(KEPT, "customers")

    @property
    def kept(self) -> float:
        """What the opening cohort still brings, each at most as much as before."""
        return self.base + self._sum(("lost", "less"), "change")

    @property
    def gross(self) -> float | None:
        """GRR in percent."""
        return share(self.kept, self.base)

    @property
    def net(self) -> float | None:
        """NRR in percent."""
        return share(self._sum(KEPT, "now"), self.base)

    @property
    def is_few(self) -> bool:
        return self.customers < LEAST


@dataclass(frozen=True)
class Year:
    """What became of the customers who were active twelve months before.

    >>> Year(40, 30).retention, Year(0, 0).retention is None, Year(5, 5).is_few
    (75.0, True, True)
    """

    opening: int
    kept: int
    revenue: Revenue = field(default_factory=lambda: Revenue({}))

    def only(self, customers: bool, revenue: bool) -> "Year":
        """Return the same without what cannot be told.

        >>> Year(40, 30).only(False, True).retention is None
        True
        """
        counts = (self.opening, self.kept) if customers else (0, 0)
        return Year(*counts, self.revenue if revenue else Revenue({}))

    @property
    def retention(self) -> float | None:
        return share(self.kept, self.opening)

    @property
    def is_few(self) -> bool:
        return self.opening < LEAST


def fold_years(rows: Iterable[tuple]) -> tuple[Year, Year]:
    """Return the last twelve months and the twelve before them.

    :param rows: groups of customers: what became of their revenue in the last year and
        in the one before (see :func:`part_of`), whether they were active at the end,
        twelve months and 24 months earlier; how many they are, their revenue in the
        last, the second and the third last twelve months, and the ids of their profiles
        or None.

    >>> now, before = fold_years([
    ...     ("more", "lost", True, True, False, 3, 50, 40, 0, [1, 2, 3]),
    ...     ("lost", "less", False, True, True, 1, 0, 20, 30, [4]),
    ...     ("lost", "more", False, True, True, 1, 0, 9, 8, [5]),
    ...     (None, "lost", False, False, True, 2, 0, 0, 7, None),
    ... ])
    >>> (now.opening, now.kept), (before.opening, before.kept)
    ((5, 3), (4, 2))
    >>> now.revenue.part("lost")
    Part(customers=2, before=29.0, now=0.0)
    >>> before.revenue.part("less"), "same" in before.revenue.parts
    (Part(customers=1, before=30.0, now=20.0), False)
    >>> now.revenue.part("lost").ids
    (4, 5)
    >>> fold_years([])[0].retention is None
    True
    """
    counts, parts = [[0, 0], [0, 0]], ({}, {})
    for *names, active, earlier, long_ago, count, now, before, first, ids in rows:
        ends = (active, earlier, long_ago)
        sums = (float(now), float(before), float(first))
        for place, name in enumerate(names):
            counts[place][0] += count * ends[place + 1]
            counts[place][1] += count * (ends[place + 1] and ends[place])
            if name:
                known = None if ids is None else tuple(ids)
                found = Part(count, sums[place + 1], sums[place], known)
                parts[place][name] = parts[place].get(name, Part()) + found
    return tuple(
        Year(*found, Revenue(own)) for found, own in zip(counts, parts, strict=True)
    )


def part_of(before: float, now: float, is_new: bool) -> str | None:
    """Return which of PARTS a customer belongs to; None: no revenue in either.

    :param is_new: the first purchase ever is in the months now.

    >>> part_of(100, 0, False), part_of(100, -3, False), part_of(100, 99, False)
    ('lost', 'lost', 'less')
    >>> part_of(100, 100, False), part_of(100, 101, False)
    ('same', 'more')
    >>> part_of(0, 5, True), part_of(-2, 5, False), part_of(-2, -5, False)
    ('new', 'won_back', 'refunds')
    >>> part_of(0, 0, False) is None
    True
    """
    if not before and not now:
        return None
    if before > 0:
        if now <= 0:
            return "lost"
        return "less" if now < before else "more" if now > before else "same"
    if now <= 0:
        return "refunds"
    return "new" if is_new else "won_back"


def period_of(month: date, size: str) -> date:
    """Return the first day of the month or quarter in which ``month`` lies.

    >>> period_of(date(2024, 5, 1), "quarter"), period_of(date(2024, 5, 9), "month")
    (datetime.date(2024, 4, 1), datetime.date(2024, 5, 1))
    """
    return date(month.year, month.month - (month.month - 1) % SIZES[size], 1)


def last_month(period: date, size: str) -> date:
    """Return the first day of the last month of a period.

    >>> last_month(date(2024, 4, 1), "quarter"), last_month(date(2024, 4, 1), "month")
    (datetime.date(2024, 6, 1), datetime.date(2024, 4, 1))
    """
    return months.shift(period, SIZES[size] - 1)


def periods(first: date, last: date, size: str) -> list[date]:
    """Return the periods that touch the days from one to the other.

    >>> [str(day) for day in periods(date(2023, 12, 9), date(2024, 4, 2), "quarter")]
    ['2023-10-01', '2024-01-01', '2024-04-01']
    """
    first = period_of(first, size)
    return months.span(first, last)[:: SIZES[size]]


def least_gap(month: date, size: str, within: int) -> int:
    """Return from which gap on a purchase in ``month`` wins a customer back.

    That is: months since the purchase before, so many that the customer was not active
    when the period of ``month`` began. It is the customer's first purchase in it then.

    :param within: months within which one must have bought to be active.

    >>> least_gap(date(2024, 5, 1), "month", 12)  # bought in April 2023: lost in April
    13
    >>> least_gap(date(2024, 4, 1), "quarter", 12)
    13
    >>> least_gap(date(2024, 6, 1), "quarter", 12)  # March 2023 is too long ago
    15
    """
    return within + months.between(period_of(month, size), month) + 1


def most_gap(month: date, size: str, within: int) -> int:
    """Return up to which gap a customer who bought in ``month`` is not lost by it.

    Whose next purchase comes later, or never, is lost in the period of the month
    ``within`` months after ``month``: see :func:`lost_in`.

    >>> most_gap(date(2023, 5, 1), "month", 12)
    12
    >>> [most_gap(date(2023, month, 1), "quarter", 12) for month in (4, 5, 6)]
    [14, 13, 12]
    """
    return months.between(month, last_month(lost_in(month, size, within), size))


def lost_in(month: date, size: str, within: int) -> date:
    """Return the period in which one is lost who bought last in ``month``.

    >>> lost_in(date(2023, 5, 1), "quarter", 12)
    datetime.date(2024, 4, 1)
    """
    return period_of(months.shift(month, within), size)


def flow(rows: Iterable[tuple], begun: list[date], size: str, within: int) -> dict:
    """Return ``{period: Counts}`` of periods that follow each other.

    Each month with a purchase is judged by itself, by its gaps in months to the one
    before and the one after (0: none): it opens, it is new, it wins back, or it is the
    last one before the customer is lost.

    :param rows: (month, gap before, gap after, customers) of the months from ``within``
        before the first period on; gaps of more than ``within`` + 3 may be cut to that.
    :param begun: the periods, without a gap; not longer than ``within`` months.

    >>> d = lambda month: date(2024, month, 1)
    >>> rows = [
    ...     (d(1), 0, 0, 5), (d(1), 7, 3, 4),  # 5 do not come again, 4 come in April
    ...     (d(2), 1, 9, 2), (d(4), 3, 0, 4), (d(4), 4, 0, 1), (d(4), 0, 0, 7),
    ... ]
    >>> april, may = flow(rows, [d(4), d(5)], "month", 3).values()
    >>> april
    Counts(opening=11, new=7, won_back=1, lost=5)
    >>> may
    Counts(opening=14, new=0, won_back=0, lost=2)
    >>> flow([], [d(4)], "month", 3)
    {datetime.date(2024, 4, 1): Counts(opening=0, new=0, won_back=0, lost=0)}
    >>> flow(rows, [], "month", 3)
    {}
    """
    if not begun:
        return {}
    sums = {period: [0, 0, 0] for period in begun}
    before = months.shift(begun[0], -1)
    opening = sum(
        _add(sums, month, row, (size, within), months.between(month, before))
        for month, row in _by_month(rows)
    )
    result = {}
    for period in begun:
        result[period] = Counts(opening, *sums[period])
        opening = result[period].closing
    return result


def _add(sums, month, rows, rules, to_opening) -> int:
    """Add the customers of one month to ``{period: [new, won back, lost]}``.

    :return: how many of them are active when the first period begins.
    """
    least, most = least_gap(month, *rules), most_gap(month, *rules)
    nothing = [0, 0, 0]
    here = sums.get(period_of(month, rules[0]), nothing)
    then = sums.get(lost_in(month, *rules), nothing)
    opening = 0
    for gap_before, gap_after, count in rows:
        gap_after = gap_after or NEVER
        if not gap_before:
            here[0] += count
        elif gap_before >= least:
            here[1] += count
        if gap_after > most:
            then[2] += count
        if 0 <= to_opening < gap_after:
            opening += count
    return opening


def _by_month(rows):
    """Return (month, [the rest of each of its rows])."""
    result = {}
    for month, *row in rows:
        result.setdefault(month, []).append(row)
    return result.items()


def total(found: Mapping[date, Counts]) -> Counts:
    """Return periods that follow each other as one: what went in and out in each.

    >>> total({1: Counts(9, 1, 2, 5), 2: Counts(7, 0, 0, 1)})
    Counts(opening=9, new=1, won_back=2, lost=6)
    >>> total({})
    Counts(opening=0, new=0, won_back=0, lost=0)
    """
    rows = list(found.values())
    return Counts(
        rows[0].opening if rows else 0,
        sum(row.new for row in rows),
        sum(row.won_back for row in rows),
        sum(row.lost for row in rows),
    )
