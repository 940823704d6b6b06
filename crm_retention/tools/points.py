"""What postings do to a customer's points: which awards are drawn on, what is owed.

A *lot* is what is left of one award. A debit draws on the lot it is about first, then
on the others, soonest expiry first, never-expiring last. What no lot can give is
either refused or owed; the next points that come pay it. Giving back a debit returns
the points to the very lots they came from. Points are whole numbers; days are dates.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

EARN, REDEEM, EXPIRE, REVERSE = "earn", "redeem", "expire", "reverse"
ADJUST, TRANSFER, OPENING = "adjust", "transfer", "opening"
KINDS = (EARN, REDEEM, EXPIRE, REVERSE, ADJUST, TRANSFER, OPENING)
SPENDING = (REDEEM,)  # never more than what is available, whatever else may be owed
PENDING, OPEN, USED, EXPIRED = "pending", "open", "used", "expired"
NEVER = date.max
MOST = 10**9  # points in one posting; more is a slip of the keyboard


class Short(Exception):
    """A debit asked for more than may be spent; ``args`` are (wanted, available)."""


class Posting(NamedTuple):
    """One change of an account, as it is asked for.

    ``key`` names the event in its program: it is posted once. ``points`` is never 0;
    above 0 it makes an award, below 0 it draws. ``reverses_id`` is the entry taken or
    given back. ``award_id`` is the award that a debit draws on first. A debit that
    ``may_owe`` is never refused. ``revive_until`` is until when points given back
    live at least. ``amount`` is the value they were earned on, in the currency of the
    program.
    """

    account_id: int
    key: str
    kind: str
    points: int
    day: date | None = None
    available_on: date | None = None
    expires_on: date | None = None
    res_model: str | None = None
    res_id: int | None = None
    reverses_id: int | None = None
    award_id: int | None = None
    campaign_id: int | None = None
    amount: float | None = None
    reason: str | None = None
    may_owe: bool = False
    revive_until: date | None = None

    @property
    def is_award(self) -> bool:
        """Whether it makes an award (giving back a debit makes none).

        >>> Posting(1, "k", EARN, 5).is_award, Posting(1, "k", REDEEM, -5).is_award
        (True, False)
        >>> Posting(1, "k", REVERSE, 5, reverses_id=7).is_award
        False
        """
        return self.points > 0 and not self.reverses_id


@dataclass(slots=True)
class Lot:
    """What is left of an award. An ``id`` below 0 is not stored yet.

    ``is_pending`` until the nightly step releases it: its day alone does not.
    """

    id: int
    left: int
    expires_on: date | None = None
    is_pending: bool = False
    available_on: date | None = None
    entry_id: int | None = None
    is_changed: bool = False

    def state(self) -> str:
        """Say how the award stands; an expired one has nothing left.

        >>> Lot(1, 0).state(), Lot(1, 2).state(), Lot(1, 2, is_pending=True).state()
        ('used', 'open', 'pending')
        """
        if not self.left:
            return USED
        return PENDING if self.is_pending else OPEN


class Draw(NamedTuple):
    """``points`` that ``entry`` took from a lot (below 0: gave back to it).

    Entries and lots below 0 are those of the batch: -1 is its first posting.
    """

    entry: int
    lot: int
    points: int


def in_order(lots: Iterable[Lot]) -> list[Lot]:
    """Return the lots that may be spent, in the order in which they are.

    >>> lots = [Lot(1, 5), Lot(2, 50, date(2024, 6, 30)), Lot(3, 20, date(2024, 3, 31))]
    >>> [lot.id for lot in in_order([*lots, Lot(4, 9, is_pending=True)])]
    [3, 2, 1]
    """
    usable = [lot for lot in lots if lot.left and not lot.is_pending]
    return sorted(
        usable, key=lambda lot: (lot.expires_on or NEVER, lot.id < 0, abs(lot.id))
    )


def take(lots: Iterable[Lot], points: int) -> tuple[list[tuple[Lot, int]], int]:
    """Return what each lot gives, in turn, and what is missing in the end.

    >>> a, b = Lot(1, 20), Lot(2, 50)
    >>> [(lot.id, part) for lot, part in take([a, b], 30)[0]], take([a, b], 100)[1]
    ([(1, 20), (2, 10)], 30)
    """
    parts = []
    for lot in lots:
        part = min(lot.left, points)
        if part > 0:
            parts.append((lot, part))
            points -= part
    return parts, points


@dataclass
class Holding:
    """One account while postings are applied to it.

    ``owed`` is what each debit could not draw, oldest first; ``drawn`` what debits
    that may be given back took from which lot.
    """

    balance: int = 0
    pending: int = 0
    lots: dict[int, Lot] = field(default_factory=dict)
    owed: dict[int, int] = field(default_factory=dict)
    drawn: dict[int, dict[int, int]] = field(default_factory=dict)

    @property
    def debt(self) -> int:
        """The points that debits could not draw yet."""
        return sum(self.owed.values())

    @property
    def available(self) -> int:
        """What may be spent; below 0 is owed."""
        return self.balance - self.pending

    def apply(self, entry: int, posting: Posting, today: date) -> list[Draw]:
        """Do one posting, as entry ``entry``; return what was drawn.

        >>> a, b = Lot(1, 20, date(2024, 3, 31)), Lot(2, 50, date(2024, 6, 30))
        >>> held, today = Holding(70, lots={1: a, 2: b}), date(2024, 1, 15)
        >>> held.apply(9, Posting(1, "buy", REDEEM, -30), today)
        [Draw(entry=9, lot=1, points=20), Draw(entry=9, lot=2, points=10)]
        >>> a.left, b.left, held.available
        (0, 40, 40)
        >>> back = Posting(1, "undo", REVERSE, 30, reverses_id=9)
        >>> held.apply(10, back, today)
        [Draw(entry=10, lot=2, points=-10), Draw(entry=10, lot=1, points=-20)]
        >>> a.left, b.left, held.available
        (20, 50, 70)
        >>> held.apply(11, Posting(1, "much", REDEEM, -71), today)
        ... # doctest: +IGNORE_EXCEPTION_DETAIL
        Traceback (most recent call last):
            ...
        Short: (71, 70)
        """
        if posting.is_award:
            draws = self._award(entry, posting, today)
        elif posting.points < 0:
            draws = self._debit(entry, posting)
        else:
            draws = self._give_back(entry, posting, today)
        self.balance += posting.points
        return draws

    def _award(self, entry, posting, today):
        may = posting.available_on
        lot = Lot(
            entry,
            posting.points,
            posting.expires_on,
            bool(may and may > today),
            may,
            entry_id=entry,
            is_changed=True,
        )
        self.lots[entry] = lot
        if lot.is_pending:
            self.pending += lot.left
            return []
        return self.pay([lot])

    def _debit(self, entry, posting):
        wanted = -posting.points
        if posting.kind in SPENDING and wanted > self.available:
            raise Short(wanted, self.available)
        first = [
            lot
            for lot in self.lots.values()
            if (posting.award_id and lot.id == posting.award_id)
            or (posting.reverses_id and lot.entry_id == posting.reverses_id)
        ]
        rest = [lot for lot in in_order(self.lots.values()) if lot not in first]
        parts, short = take(first + rest, wanted)
        if short and not posting.may_owe:
            raise Short(wanted, wanted - short)
        if short:
            self.owed[entry] = short
        return self._draw(entry, parts)

    def _draw(self, entry, parts):
        drawn = self.drawn.setdefault(entry, {})
        for lot, part in parts:
            lot.left -= part
            lot.is_changed = True
            drawn[lot.id] = drawn.get(lot.id, 0) + part
            if lot.is_pending:
                self.pending -= part
        return [Draw(entry, lot.id, part) for lot, part in parts]

    def _give_back(self, entry, posting, today):
        """Cancel what the debit still owes, then return points to its lots."""
        debit, points = posting.reverses_id, posting.points
        owing = min(points, self.owed.get(debit, 0))
        if owing:
            self.owed[debit] -= owing
        points -= owing
        draws, freed = [], []
        drawn = self.drawn.get(debit, {})
        for lot_id, part in reversed(list(drawn.items())):
            back = min(part, points)
            if back <= 0:
                continue
            lot = self.lots[lot_id]
            points -= back
            drawn[lot_id] -= back
            self._refill(lot, back, posting, today)
            draws.append(Draw(entry, lot_id, -back))
            if not lot.is_pending:
                freed.append(lot)
        if points:
            raise Short(posting.points, posting.points - points)
        return draws + self.pay(freed)

    def _refill(self, lot, points, posting, today):
        """Return points to a lot; one that would expire at once lives on a while.

        >>> lot, today = Lot(1, 0, date(2024, 3, 31)), date(2024, 4, 20)
        >>> back = Posting(1, "b", REVERSE, 5, reverses_id=9,
        ...                revive_until=date(2024, 5, 20))
        >>> held = Holding(0, lots={1: lot}, drawn={9: {1: 5}})
        >>> held.apply(10, back, today)
        [Draw(entry=10, lot=1, points=-5)]
        >>> lot.left, lot.expires_on
        (5, datetime.date(2024, 5, 20))
        """
        if not lot.left:
            lot.is_pending = bool(lot.available_on and lot.available_on > today)
        lot.left += points
        lot.is_changed = True
        if lot.is_pending:
            self.pending += points
        until = posting.revive_until
        if until and lot.expires_on and lot.expires_on < until:
            lot.expires_on = until

    def release(self, lot: Lot) -> list[Draw]:
        """Count a lot whose pending time is over as available; pay what is owed.

        The caller says that its day has come.

        >>> lot = Lot(1, 50, is_pending=True)
        >>> held = Holding(20, 50, {1: lot}, owed={8: 30})
        >>> held.release(lot)
        [Draw(entry=8, lot=1, points=30)]
        >>> held.pending, held.debt, lot.left
        (0, 0, 20)
        """
        self.pending -= lot.left
        lot.is_pending, lot.is_changed = False, True
        return self.pay([lot])

    def pay(self, lots: Iterable[Lot]) -> list[Draw]:
        """Let lots that may be spent pay what is owed, oldest first.

        >>> held = Holding(-30, owed={7: 20, 8: 10}, lots={1: Lot(1, 25)})
        >>> held.pay(held.lots.values())
        [Draw(entry=7, lot=1, points=20), Draw(entry=8, lot=1, points=5)]
        >>> held.debt
        5
        """
        draws = []
        for entry, owing in list(self.owed.items()):
            parts, missing = take(lots, owing)
            for lot, part in parts:
                lot.left -= part
                lot.is_changed = True
                drawn = self.drawn.setdefault(entry, {})
                drawn[lot.id] = drawn.get(lot.id, 0) + part
                draws.append(Draw(entry, lot.id, part))
            self.owed[entry] = missing
        return draws
