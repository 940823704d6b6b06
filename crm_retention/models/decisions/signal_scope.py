"""Whom and which day a search for warning signs looks at."""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from odoo.tools import SQL


class Scope(NamedTuple):
    """The customers of one company, as they stood at the end of the day ``as_of``.

    ``of(column)`` is the condition that a column holds one of the customers looked
    at: all of a range, a list, or everybody. A search reads nothing that came to be
    after ``as_of``, so that looking back at last year sees what could be seen then.
    """

    company: Any
    as_of: date
    of: Callable[[SQL], SQL]


def everybody(company, as_of) -> Scope:
    """Look at every customer of the company."""
    return Scope(company, as_of, lambda column: SQL("%s IS NOT NULL", column))


def among(company, as_of, customer_ids) -> Scope:
    """Look at these customers."""
    ids = list(customer_ids)
    return Scope(company, as_of, lambda column: SQL("%s = ANY(%s)", column, ids))


def between(company, as_of, after, last) -> Scope:
    """Look at the customers with ids above ``after``, up to ``last``."""
    return Scope(
        company,
        as_of,
        lambda column: SQL(
            "%(column)s > %(after)s AND %(column)s <= %(last)s",
            column=column,
            after=after,
            last=last,
        ),
    )
