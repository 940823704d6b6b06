"""The SQL of who grew a step older although nothing happened."""

from odoo.tools import SQL


def aged(judge, since):
    """Return the condition on ``profile``: crossed a recency limit after ``since``.

    :param judge: the :class:`ScoreSQL` of the day.

    A score falls on the day on which more days than a break point have gone by.
    """
    conditions = [SQL("FALSE")]
    for program in judge.programs:
        state, points = judge._points[program.id, "recency"]
        if state != "ok":
            continue
        day = SQL(
            "profile.last_interaction"
            if program.recency_basis == "interaction"
            else "profile.last_purchase"
        )
        crossed = SQL(" OR ").join(
            SQL(
                "(%(day)s >= %(since)s::date - %(point)s"
                " AND %(day)s < %(now)s::date - %(point)s)",
                day=day,
                since=since,
                now=judge.as_of,
                point=SQL("floor(%s::numeric)::integer", point),
            )
            for point in points
        )
        conditions.append(
            SQL("(profile.program_id = %s AND (%s))", program.id, crossed)
        )
    return SQL("(%s)", SQL(" OR ").join(conditions))
