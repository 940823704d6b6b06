"""The SQL of a pilot's share: as :func:`tools.caps.in_share`, to the bit."""

from math import ceil

from odoo.tools import SQL

ALL = 2**64


def in_share(program, customer):
    """Return whether ``customer`` (SQL of an id) belongs to the pilot's share."""
    limit = ceil(program.pilot_share / 100 * ALL)
    return SQL(
        "substring(sha256(convert_to('program:' || %s || ':' || %s, 'UTF8'))"
        " FROM 1 FOR 8) < decode(%s, 'hex')",
        str(program._pilot_key()),
        customer,
        f"{limit:016x}",
    )
