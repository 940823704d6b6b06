"""Quality of contact data: how good it is, and how a name is usually written."""

import re

GOOD = 80  # from this score on the data of a customer is good
SMALL = frozenset(
    "al da de del della den der des di do du e el la le of ten van von y".split()
)
_PART = re.compile(r"[^\W\d_]+")


def score(failed: int, applicable: int) -> int:
    """Return 0–100: what is left when the weights of failed rules are taken off.

    >>> score(0, 120), score(30, 120), score(120, 120)
    (100, 75, 0)
    >>> score(0, 0)  # no rule has anything to say
    100
    >>> score(1, 8)  # halves are rounded up, as the database does
    88
    """
    if not applicable:
        return 100
    return (200 * (applicable - failed) + applicable) // (2 * applicable)


def tidy_name(name: str, is_company: bool) -> str:
    """Return how a name is usually written: a proposal, since names are what they are.

    Companies keep their capitals: many are written so.

    >>> tidy_name("  ann   marie SMITH ", False)
    'ann marie SMITH'
    >>> tidy_name("ANNE-MARIE VAN DER BERG", False)
    'Anne-Marie van der Berg'
    >>> tidy_name("o'neil", False), tidy_name("de wit", False)
    ("O'Neil", 'De Wit')
    >>> tidy_name("ACME  TRADING", True), tidy_name("acme", True)
    ('ACME TRADING', 'acme')
    >>> tidy_name("王 小明", False), tidy_name("3M", False), tidy_name("Li", False)
    ('王 小明', '3M', 'Li')
    """
    words = name.split()
    text = " ".join(words)
    cased = [each for each in text if each.lower() != each.upper()]
    one_case = text in (text.lower(), text.upper())
    if is_company or not one_case or len(cased) < 3:
        return text
    return " ".join(
        word.lower()
        if place and word.lower() in SMALL
        else _PART.sub(lambda part: part[0].capitalize(), word)
        for place, word in enumerate(words)
    )
