"""Reading balances that come from elsewhere: cards of Odoo, another system's table."""

import csv
from collections.abc import Iterable
from datetime import date, datetime
from math import isfinite
from typing import NamedTuple

from .points import MOST

# what a column may be called, in any case
COLUMNS = {
    "customer": ("customer", "id", "reference", "ref", "email", "e-mail", "partner"),
    "points": ("points", "balance"),
    "expires": ("expires", "expiry", "expires_on", "expiry date", "valid until"),
    "key": ("number", "card", "code", "account"),
}
DATES = ("%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%d/%m/%Y")
NO_NUMBER, NOTHING, TOO_MANY, NO_DATE = "no_number", "nothing", "too_many", "no_date"


class Row(NamedTuple):
    """One line of a table, as it was written."""

    customer: str
    points: str
    expires: str
    key: str


def read_table(text: str) -> list[Row] | None:
    """Return the rows of a table with a line of titles; None if columns are missing.

    Commas, semicolons or tabs; the customer is an id, a reference or an e-mail.

    >>> read_table("Email;Points;Expires\\na@example.com;120;2025-03-31\\n\\n")
    [Row(customer='a@example.com', points='120', expires='2025-03-31', key='')]
    >>> read_table("\\ufeffcustomer,points,card\\nC7,5,044-1")
    [Row(customer='C7', points='5', expires='', key='044-1')]
    >>> read_table("name,age\\nAnna,5") is None, read_table("") is None
    (True, True)
    """
    lines = text.lstrip("\ufeff").splitlines()
    if not lines:
        return None
    separator = max(";\t,", key=lines[0].count)
    titles, *rows = csv.reader(lines, delimiter=separator)
    places = {}
    for place, title in enumerate(titles):
        for name, words in COLUMNS.items():
            if title.strip().casefold() in words:
                places.setdefault(name, place)
    if not {"customer", "points"} <= set(places):
        return None
    return [
        Row(*(cell(row, places.get(name)) for name in Row._fields))
        for row in rows
        if any(each.strip() for each in row)
    ]


def cell(row: list[str], place: int | None) -> str:
    """Return a cell without blanks around it; empty where there is none.

    >>> cell([" a ", "b"], 0), cell(["a"], 3), cell(["a"], None)
    ('a', '', '')
    """
    return row[place].strip() if place is not None and place < len(row) else ""


def whole_points(written: str | float, factor: float = 1) -> tuple[int, str | None]:
    """Return whole points, rounded down, and what is wrong with the number.

    >>> whole_points("120"), whole_points("1 250,7"), whole_points(10.99, 2)
    ((120, None), (1250, None), (21, None))
    >>> whole_points("12x"), whole_points("0.4"), whole_points("nan")
    ((0, 'no_number'), (0, 'nothing'), (0, 'no_number'))
    >>> whole_points("-5"), whole_points("1e30")
    ((0, 'nothing'), (0, 'too_many'))
    """
    number = as_number(written)
    if number is None:
        return 0, NO_NUMBER
    if abs(number * factor) > MOST:
        return 0, TOO_MANY
    whole = int(round(number * factor, 6) // 1)
    return (whole, None) if whole > 0 else (0, NOTHING)


def as_number(written: str | float) -> float | None:
    """Return the number that is written, or None.

    >>> as_number("1 250,7"), as_number(3), as_number("x"), as_number("inf")
    (1250.7, 3.0, None, None)
    """
    text = str(written).replace("\u00a0", "").replace(" ", "").replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def day(written: str) -> tuple[date | None, str | None]:
    """Return the day that is written, and what is wrong with it.

    >>> day("2025-03-31"), day("31.03.2025"), day("")
    ... # doctest: +NORMALIZE_WHITESPACE
    ((datetime.date(2025, 3, 31), None), (datetime.date(2025, 3, 31), None),
     (None, None))
    >>> day("soon"), day("2025-02-30")
    ((None, 'no_date'), (None, 'no_date'))
    """
    if not written:
        return None, None
    for pattern in DATES:
        try:
            return datetime.strptime(written, pattern).date(), None
        except ValueError:
            continue
    return None, NO_DATE


def twice(keys: Iterable[str]) -> set[str]:
    """Return the keys that come more than once.

    >>> twice(["a", "b", "a"])
    {'a'}
    """
    seen, double = set(), set()
    for key in keys:
        (double if key in seen else seen).add(key)
    return double
