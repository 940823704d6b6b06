"""How a customer buys, in one word: a coarser class than the lifecycle's stages."""

from .lifecycle import AT_RISK, DORMANT, LOST


def behavior(stage: str | None, count: int, is_prospect: bool, own_from: int):
    """Return the class of who is in ``stage`` after ``count`` purchases, or None.

    :param own_from: with so many purchases one has a rhythm of one's own.

    >>> [behavior("active", count, False, 3) for count in (1, 2, 3, 9)]
    ['new', 'occasional', 'regular', 'regular']
    >>> [behavior(stage, 5, False, 3) for stage in ("at_risk", "dormant", "lost", None)]
    ['quiet', 'quiet', 'lost', 'regular']
    >>> behavior("prospect", 0, True, 3), behavior(None, 0, False, 3)
    ('prospect', None)
    >>> behavior("won_back", 1, True, 1)
    'regular'

    What was given back leaves nobody a customer, and no rhythm can be too short:

    >>> behavior("lost", -1, False, 3), behavior("lost", -1, True, 3)
    (None, 'prospect')
    >>> behavior("active", 1, False, 0)
    'regular'
    """
    if count <= 0:
        return "prospect" if is_prospect else None
    if stage == LOST:
        return "lost"
    if stage in (AT_RISK, DORMANT):
        return "quiet"
    if count >= own_from:
        return "regular"
    return "occasional" if count > 1 else "new"
