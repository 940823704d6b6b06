"""How safely a customer pays: the credit class from overdue days and the limit.

A: nothing is overdue and the limit holds. B: a little late. C: late, or over the
limit. D: very late, or both. What nobody ever owed has no class.
"""

from typing import NamedTuple

CLASSES = ("a", "b", "c", "d")


class Rules(NamedTuple):
    """What a company sets, in days. More than so many days late is ..."""

    late_days: int = 30
    bad_days: int = 90


USUAL = Rules()


def grade(overdue_days: int, owed: float, limit: float, rules: Rules = USUAL) -> str:
    """Return the class of a customer who has been sent an invoice.

    :param overdue_days: days since the earliest unpaid due date, 0 if none has passed.
    :param owed: what is open in all, in the company's currency.
    :param limit: how much may be open; 0 where no limit was agreed.

    >>> grade(0, 500, 0)
    'a'
    >>> grade(1, 500, 0), grade(30, 500, 0), grade(31, 500, 0), grade(91, 500, 0)
    ('b', 'b', 'c', 'd')

    Over the limit it is one of the two worst, whatever is due when:

    >>> grade(0, 500, 499.99), grade(31, 500, 499.99), grade(0, 500, 500)
    ('c', 'd', 'a')

    Who is owed by us owes nothing:

    >>> grade(0, -20, 100)
    'a'
    """
    over = limit > 0 and owed > limit
    late = overdue_days > rules.late_days
    if overdue_days > rules.bad_days or (over and late):
        return "d"
    if late or over:
        return "c"
    return "b" if overdue_days > 0 else "a"


def risk_level(likelihood: int, impact: int) -> str:
    """Return how grave a risk is, of likelihood and impact from 1 to 5 each.

    The product, as the usual matrix of five by five divides it; what would be a
    disaster is never low, however unlikely.

    >>> [risk_level(1, 1), risk_level(2, 2), risk_level(2, 4), risk_level(3, 5)]
    ['low', 'low', 'medium', 'high']
    >>> risk_level(4, 5), risk_level(1, 5), risk_level(5, 1)
    ('critical', 'medium', 'medium')
    """
    product = likelihood * impact
    if product >= 20:
        return "critical"
    if product >= 10:
        return "high"
    return "medium" if product >= 5 else "low"
