"""When a warning about a customer is opened, kept, put right and closed: pure.

One open alert a customer and rule. A cause found again brings its figures up to date; a
cause that is gone closes it; after closing the rule is silent for a while (cooldown).
New ones are opened in the order of what is at stake, no more than somebody can work on
(budget a person and week), because a list that nobody can finish is not read.
"""

from collections import Counter
from datetime import date, timedelta
from typing import NamedTuple

LEVELS = ("low", "medium", "high")
STATES_OPEN = ("new", "acknowledged", "working")
SAVED, LOST, FALSE, OVER = "saved", "lost", "false", "over"
STATES_CLOSED = (SAVED, LOST, FALSE, OVER)
WEEK = timedelta(days=7)

SURE = 0.9  # a strength from which on a warning counts as a level graver
VAGUE = 0.5  # below it, as a level lighter


class Known(NamedTuple):
    """An alert that exists already: open, or the last one closed."""

    customer_id: int
    state: str
    owner_id: int | None
    opened_on: date
    cooldown_until: date | None = None


class New(NamedTuple):
    """What is to be opened: a cause that was found, with whom it would go to."""

    customer_id: int
    owner_id: int | None
    level: str
    stake: float
    is_late: bool = False  # too late for a warning: keeps an open alert, opens none


class Night(NamedTuple):
    """What one night does with the alerts of one rule: ids of customers."""

    opened: list
    found_again: list
    gone: list
    held_back: list
    cooling: list


def level(base, strength, band=None):
    """Return how grave a warning is, from the rule, how sure it is, and whose it is.

    :param base: the level that the rule gives: low, medium or high.
    :param strength: how clearly the cause shows, 0 to 1.
    :param band: of the customer's tier: high, middle, low, or None.

    >>> level("medium", 0.7, "middle")
    'medium'
    >>> level("medium", 0.7, "high"), level("medium", 0.95, "low")
    ('high', 'medium')
    >>> level("low", 0.2, None), level("high", 1.0, "high")
    ('low', 'high')
    """
    place = LEVELS.index(base) + {"high": 1, "low": -1}.get(band, 0)
    place += (strength >= SURE) - (strength < VAGUE)
    return LEVELS[min(max(place, 0), len(LEVELS) - 1)]


def urgency(new):
    """Return the key by which warnings are ranked, the most urgent first.

    >>> sorted([New(1, 9, "low", 900.0), New(2, 9, "high", 5.0)], key=urgency)[0][0]
    2
    """
    return (-LEVELS.index(new.level), -new.stake, new.customer_id)


def night(found, known, as_of, budget):
    """Decide what happens to the alerts of one rule in one night.

    :param found: ``{customer id: New}`` for whom the cause is there today.
    :param known: of each customer the open alert, or the last closed one
        (:class:`Known`), in any order.
    :param budget: new alerts a person in seven days; 0: as many as there are. Those
        without an owner share one budget.

    >>> day = date(2026, 5, 10)
    >>> found = {1: New(1, 7, "high", 10.0), 2: New(2, 7, "high", 20.0),
    ...          3: New(3, 7, "low", 99.0), 4: New(4, 8, "low", 1.0)}
    >>> known = [Known(3, "working", 7, date(2026, 5, 1)),
    ...          Known(5, "new", 7, date(2026, 5, 1)),
    ...          Known(4, "false", 8, date(2026, 5, 1), date(2026, 6, 1))]
    >>> night(found, known, day, budget=1)
    Night(opened=[2], found_again=[3], gone=[5], held_back=[1], cooling=[4])

    The same night twice opens nothing more:

    >>> again = [*known, Known(2, "new", 7, day)]
    >>> night(found, again, day, budget=1)
    Night(opened=[], found_again=[2, 3], gone=[5], held_back=[1], cooling=[4])

    >>> night(found, known, date(2026, 6, 1), budget=0).opened
    [2, 1, 4]

    What has been so for too long is no news, but an open alert about it stays:

    >>> late = {each: new._replace(is_late=True) for each, new in found.items()}
    >>> night(late, known, date(2026, 6, 1), budget=0)
    Night(opened=[], found_again=[3], gone=[5], held_back=[], cooling=[])
    """
    opened_now = {each.customer_id for each in known if each.state in STATES_OPEN}
    cooling = {each.customer_id for each in known if _cools(each, as_of)}
    cooling = (cooling - opened_now) & set(found)
    used = Counter(
        each.owner_id for each in known if as_of - WEEK < each.opened_on <= as_of
    )
    opened, held_back = [], []
    waiting = {each for each, new in found.items() if not new.is_late}
    waiting -= opened_now | cooling
    for new in sorted((found[each] for each in waiting), key=urgency):
        if budget and used[new.owner_id] >= budget:
            held_back.append(new.customer_id)
        else:
            used[new.owner_id] += 1
            opened.append(new.customer_id)
    return Night(
        opened,
        sorted(opened_now & set(found)),
        sorted(opened_now - set(found)),
        held_back,
        sorted(cooling),
    )


def _cools(known, as_of):
    """Tell whether the rule is still silent about a customer after a closing."""
    return bool(known.cooldown_until and known.cooldown_until > as_of)


def judged(state, bought):
    """Tell whether what a person said of an alert agrees with what followed.

    :param bought: whether the customer bought within the rule's horizon.
    :return: "right" or "wrong"; None for one that went away by itself.

    >>> judged("saved", True), judged("lost", True), judged("false", False)
    ('right', 'wrong', 'wrong')
    >>> judged("over", True)
    """
    if state not in (SAVED, LOST, FALSE):
        return None
    return "right" if bought == (state != LOST) else "wrong"


def precision(counts):
    """Return (share of closed alerts that were worth it, share of false alarms).

    In percent, one decimal; None with nothing closed. Worth it: saved or lost, so the
    customer was really about to leave. What went away by itself counts as closed.

    >>> precision({"saved": 3, "lost": 1, "false": 1, "over": 3})
    (50.0, 12.5)
    >>> precision({"new": 4})
    (None, None)
    """
    closed = sum(counts.get(state, 0) for state in STATES_CLOSED)
    if not closed:
        return None, None
    true = counts.get(SAVED, 0) + counts.get(LOST, 0)
    return (
        round(100.0 * true / closed, 1),
        round(100.0 * counts.get(FALSE, 0) / closed, 1),
    )
