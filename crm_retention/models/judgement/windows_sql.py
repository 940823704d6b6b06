"""The SQL of the periods in which purchases count: as :mod:`tools.windows`."""

from odoo.tools import SQL

from ...tools import windows


def period_start(anchor, months, day):
    """Return the SQL of :func:`tools.windows.period_start`.

    :param anchor: SQL of a date, :param day: a date.
    """
    whole = SQL(
        "(12 * (%(year)s - extract(year FROM %(anchor)s)::integer)"
        " + %(month)s - extract(month FROM %(anchor)s)::integer)",
        year=day.year,
        month=day.month,
        anchor=anchor,
    )
    done = SQL(
        "(%(whole)s - (%(anchor)s + make_interval(months => %(whole)s) > %(day)s::date)"
        "::integer)",
        whole=whole,
        anchor=anchor,
        day=day,
    )
    return SQL(
        "(%(anchor)s + make_interval(months => %(months)s *"
        " GREATEST(0, floor(%(done)s / %(months)s::float8)::integer)))::date",
        anchor=anchor,
        months=months,
        done=done,
    )


def window_from(program, anchor, as_of):
    """Return the SQL of the first day whose purchases count for one customer."""
    day = windows.settled(as_of, program.grace_days)
    return period_start(anchor, program.window_months, day)


def joined(company, alias):
    """Return the SQL of the company's day on which a contact was created."""
    return SQL(
        "(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
        SQL.identifier(alias, "create_date"),
        company.resource_calendar_id.tz or "UTC",
    )
