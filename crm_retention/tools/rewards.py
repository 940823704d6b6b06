"""What a reward costs and what is left of one, in whole points and exact money."""

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

COUPON, CODE, WALLET, GIFT, EVENT = "coupon", "code", "wallet", "gift", "event"
# why an offer cannot be taken, the first that holds
NOT_READY, CLOSED, NOT_YET, OVER = "not_ready", "closed", "not_yet", "over"
TIER, SOLD_OUT, ENOUGH, SHORT = "tier", "sold_out", "enough", "short"


def cost_of(amount: float, cost: int, worth: float) -> int:
    """Return what ``amount`` costs where ``worth`` costs ``cost`` points; rounded up.

    >>> cost_of(5, 100, 5), cost_of(7.5, 100, 5), cost_of(0.01, 100, 5)
    (100, 150, 1)
    >>> cost_of(0.3, 10, 0.1)  # as decimals, not as floats
    30
    """
    share = Decimal(str(amount)) * cost / Decimal(str(worth))
    return int(share.to_integral_value(ROUND_CEILING))


def left_of(balance: float, amounts: Iterable[float]) -> list[float]:
    """Return what is left of amounts put on one wallet, oldest first.

    Who pays with a wallet uses up the oldest money first.

    >>> left_of(12, [10, 5, 5])
    [2, 5, 5]
    >>> left_of(3, [10, 5]), left_of(100, [10]), left_of(0, [10])
    ([0, 3], [10], [0])
    """
    left = []
    for amount in reversed(list(amounts)):
        part = max(0, min(balance, amount))
        left.append(part)
        balance -= part
    return left[::-1]


class Offer(NamedTuple):
    """What decides whether a customer may take a reward on a day."""

    cost: int
    is_ready: bool = True
    is_open: bool = True
    starts_in: int = 0  # days; above 0: later
    is_over: bool = False
    fits_tier: bool = True
    stock: int | None = None  # what is left; None: no end
    taken: int = 0  # by this customer
    most: int = 0  # a customer; 0: no end


def obstacle(offer: Offer, available: int) -> str | None:
    """Return why an offer cannot be taken, or None.

    >>> obstacle(Offer(100), 100), obstacle(Offer(100), 99)
    (None, 'short')
    >>> obstacle(Offer(100, stock=0), 0), obstacle(Offer(9, taken=2, most=2), 50)
    ('sold_out', 'enough')
    >>> obstacle(Offer(9, fits_tier=False), 50), obstacle(Offer(9, starts_in=1), 50)
    ('tier', 'not_yet')
    """
    checks = (
        (not offer.is_ready, NOT_READY),
        (not offer.is_open, CLOSED),
        (offer.starts_in > 0, NOT_YET),
        (offer.is_over, OVER),
        (not offer.fits_tier, TIER),
        (offer.stock is not None and offer.stock <= 0, SOLD_OUT),
        (bool(offer.most) and offer.taken >= offer.most, ENOUGH),
        (offer.cost > available, SHORT),
    )
    return next((reason for holds, reason in checks if holds), None)
