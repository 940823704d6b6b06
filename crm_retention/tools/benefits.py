"""When a value that a tier brings is set on a customer, and when it is put back.

A value is the id of a pricelist or person, or None. What a person chose after the
tier had set it is never overwritten, and nothing is put back over it.
"""

from typing import NamedTuple


class Given(NamedTuple):
    """What an open benefit says: what it set, and what was there before."""

    value: int | None
    before: int | None
    is_overruled: bool = False  # a person had chosen when the tier changed


class Step(NamedTuple):
    """What to do with one customer.

    ``write`` says whether ``value`` is to be set; ``given`` is the benefit from now
    on, None if there is none.
    """

    write: bool
    value: int | None
    given: Given | None


def next_step(
    wanted: int | None, current: int | None, given: Given | None, fills_only: bool
) -> Step | None:
    """Return what to do, or None if everything is as it should be.

    :param wanted: what the tier held now brings.
    :param current: what the customer has.
    :param fills_only: never replaces what was there before the tier.

    >>> gold = Given(7, 1)
    >>> next_step(7, 1, None, False)  # comes in
    Step(write=True, value=7, given=Given(value=7, before=1, is_overruled=False))
    >>> next_step(7, 7, gold, False) is next_step(7, 2, gold, False) is None
    True
    >>> next_step(None, 7, gold, False)  # leaves
    Step(write=True, value=1, given=None)
    >>> next_step(None, 2, gold, False)  # leaves; a person chose meanwhile
    Step(write=False, value=2, given=None)
    >>> next_step(9, 7, gold, False)  # moves on: what was before all of it is kept
    Step(write=True, value=9, given=Given(value=9, before=1, is_overruled=False))
    >>> step = next_step(9, 2, gold, False)  # moves on; a person chose meanwhile
    >>> step.write, step.given.is_overruled, next_step(9, 2, step.given, False)
    (False, True, None)
    >>> next_step(None, 2, step.given, False)
    Step(write=False, value=2, given=None)
    >>> next_step(7, 4, None, True), next_step(7, None, None, True).write
    (None, True)
    """
    if given is None:
        if wanted is None or (fills_only and current not in (None, wanted)):
            return None
        return Step(current != wanted, wanted, Given(wanted, current))
    if wanted == given.value:
        return None
    is_ours = current == given.value and not given.is_overruled
    if wanted is None:
        back = given.before if is_ours else current
        return Step(back != current, back, None)
    if not is_ours:
        return Step(False, current, Given(wanted, current, True))
    return Step(True, wanted, Given(wanted, given.before))
