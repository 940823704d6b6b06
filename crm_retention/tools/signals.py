"""Signs that a customer is leaving: what is found about one customer, pure."""

from datetime import date
from typing import NamedTuple


class Finding(NamedTuple):
    """One sign found in one customer's behaviour.

    ``strength``: how clearly it shows, 0 to 1. ``before`` and ``after``: the figure as
    it was and as it is, None where there is none. ``since``: from which day on, None
    where that cannot be told. ``words``: what the sentence about it needs.
    """

    customer_id: int
    strength: float
    before: float | None = None
    after: float | None = None
    since: date | None = None
    words: dict | None = None
