"""What helps the person who has a customer's ticket before him."""

LEAST_TRIES = 2  # fewer say nothing about a channel


def best_channel(tried: dict, answered: dict):
    """Return by what a customer answers most often, or None if nobody can tell.

    One answer more and one silence more are assumed for each, so that two of two
    do not beat nine of ten:

    >>> best_channel({"phone": 10, "mail": 2}, {"phone": 9, "mail": 2})
    'phone'
    >>> best_channel({"phone": 1}, {"phone": 1}) is None
    True
    >>> best_channel({"mail": 5}, {}) is None
    True

    Who never answered by a channel is not called by it, however often it was tried:

    >>> best_channel({"phone": 50, "mail": 9}, {"mail": 1})
    'mail'
    >>> best_channel({"phone": 4, "mail": 4}, {"phone": 1, "mail": 3})
    'mail'
    >>> best_channel({}, {}) is None
    True
    """
    usable = [
        channel
        for channel, tries in tried.items()
        if tries >= LEAST_TRIES and answered.get(channel)
    ]
    return max(
        usable,
        key=lambda each: (answered[each] + 1) / (tried[each] + 2),
        default=None,
    )
