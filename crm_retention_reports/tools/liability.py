"""What points cost: how many are spent in the end, and what is owed for the rest.

*Redemption* is the share of points that were spent, *breakage* the share that expired,
both of awards whose time is over: of younger ones nothing is known yet, and counting
them as "not spent" would make breakage too small and redemption too large or small as
the program grows. (Breakage as an entity's expected right: IFRS 15, B44 to B47.)
"""

from collections.abc import Mapping
from typing import NamedTuple

LEAST = 30  # awards whose time is over, before a share is told
LEAST_PART = 0.1  # of the points held, before it is said what becomes of them


class Life(NamedTuple):
    """What became of awards whose time is over; ``count`` is how many awards."""

    given: int = 0
    spent: int = 0
    expired: int = 0
    taken_back: int = 0
    moved: int = 0
    left: int = 0
    count: int = 0

    @classmethod
    def of(cls, points: Mapping[str, int], count: int) -> "Life":
        """Return it from what was read.

        >>> Life.of({"given": 10, "spent": 4, "back": 1, "expired": 5}, 2)
        Life(given=10, spent=4, expired=5, taken_back=1, moved=0, left=0, count=2)
        """
        get = points.get
        return cls(
            get("given", 0),
            get("spent", 0),
            get("expired", 0),
            get("back", 0),
            get("moved", 0),
            get("left", 0),
            count,
        )

    @property
    def kept(self) -> int:
        """What customers really had: without what was taken back or moved away.

        >>> Life(given=100, taken_back=20, moved=5).kept
        75
        """
        return self.given - self.taken_back - self.moved

    def redemption(self) -> float | None:
        """Return how much of what customers had they spent, in percent.

        >>> Life(given=100, spent=60, expired=30, taken_back=10).redemption()
        66.66666666666667
        >>> Life().redemption()
        """
        return 100 * self.spent / self.kept if self.kept > 0 else None

    def breakage(self) -> float | None:
        """Return how much of what customers had expired, in percent.

        >>> Life(given=100, spent=60, expired=30, taken_back=10).breakage()
        33.333333333333336
        >>> Life(given=10, taken_back=10).breakage()
        """
        return 100 * self.expired / self.kept if self.kept > 0 else None

    def is_enough(self) -> bool:
        """Tell whether there are enough awards to tell a share from.

        >>> Life(count=LEAST).is_enough(), Life(count=LEAST - 1).is_enough()
        (True, False)
        """
        return self.count >= LEAST


def total(lives) -> Life:
    """Return the sum of several.

    >>> total([Life(given=2, spent=1, count=1), Life(given=3, expired=3, count=1)])
    Life(given=5, spent=1, expired=3, taken_back=0, moved=0, left=0, count=2)
    >>> total([]).given
    0
    """
    lives = list(lives)
    return Life(*map(sum, zip(*lives, strict=True))) if lives else Life()


def expected(worth: float, held: int, life: Life) -> float | None:
    """Return what of a liability will be paid if as many expire as of those over.

    None where too few awards are over to say so, or where what is over is next to
    nothing beside the points ``held``: the first points of a young program, say.

    >>> life = Life(given=100, spent=75, expired=25, count=50)
    >>> expected(1000.0, 400, life)
    750.0
    >>> expected(1000.0, 400, life._replace(count=3))
    >>> expected(1000.0, 4000, life)
    """
    part = life.breakage()
    if part is None or not life.is_enough() or life.kept < LEAST_PART * held:
        return None
    return worth * (1 - part / 100)
