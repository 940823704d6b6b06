"""The SQL that compares all customers of a program: break points and limits.

Run on a schedule only; what comes out is stored and stands as a constant in the
statements of :mod:`score_sql`.
"""

from odoo.tools import SQL

from ...tools import rfm
from .score_columns import metric, rfm_pair


def break_points(program, as_of):
    """Return the query of (dimension, customers, whether they differ, four points).

    As :func:`tools.rfm.break_points` over the customers who bought in the window;
    ranks in whole numbers, so that no rounding moves a point.
    """
    recency = SQL(
        "last_interaction"
        if program.recency_basis == "interaction"
        else "last_purchase"
    )
    points = SQL(", ").join(
        SQL(
            "(array_agg(value ORDER BY value))[(%s * count(*) + %s) / %s]::text",
            k,
            rfm.BINS - 1,
            rfm.BINS,
        )
        for k in range(1, rfm.BINS)
    )
    figures = {
        "recency": SQL("(%s::date - %s)::numeric", as_of, recency),
        "frequency": SQL("window_purchases::numeric"),
        "monetary": SQL("window_revenue"),
    }
    return SQL(" UNION ALL ").join(
        SQL(
            """
            SELECT %s, count(*), max(value) > min(value), %s
              FROM (SELECT %s AS value FROM retention_profile WHERE %s) figure
            """,
            dimension,
            points,
            value,
            _compared(program),
        )
        for dimension, value in figures.items()
    )


def _compared(program):
    """The condition on profiles who are compared: those who bought in the window."""
    return SQL(
        "company_id = %s AND program_id = %s AND window_purchases > 0",
        program.company_id.id,
        program.id,
    )


def compared_count(program, limit):
    """Return the query of how many customers would be compared now: at most ``limit``.

    One pass over the profiles of a company, and only as far as it takes.
    """
    return SQL(
        "SELECT count(*) FROM (SELECT FROM retention_profile WHERE %s LIMIT %s) known",
        _compared(program),
        limit,
    )


def share_limits(program, thresholds):
    """Return the query of (threshold, value, tie) of each share that is reached.

    As :func:`tools.tiering.customer_share_cut` and ``revenue_share_cut``.
    """
    by_revenue = program.metric == "revenue_share"
    return _limits(program, thresholds, metric(program, "profile"), by_revenue)


def top_limit(program):
    """Return the query of (share, score, revenue) from which on one is at the top."""
    return _limits(program, [str(program.top_share)], rfm_pair("profile"))


def _limits(program, thresholds, pair, by_revenue=False):
    reached = SQL(
        "before < wanted.share / 100 * revenue"
        if by_revenue
        else "upto <= wanted.share / 100 * everybody"
    )
    return SQL(
        """
        WITH ranked AS MATERIALIZED (%s)
        SELECT wanted.share::float8, cut.value::text, cut.tie::text
          FROM unnest(%s::numeric[]) AS wanted (share)
          JOIN LATERAL (
            SELECT value, tie FROM ranked WHERE %s ORDER BY value, tie LIMIT 1) cut
            ON TRUE
        """,
        _ranked(program, SQL("window_revenue > 0" if by_revenue else "TRUE"), pair),
        thresholds,
        reached,
    )


def _ranked(program, condition, pair):
    """One row a different metric, best first: customers and revenue up to there."""
    value, tie = pair
    return SQL(
        """
        SELECT %(value)s::numeric AS value, %(tie)s::numeric AS tie,
               sum(count(*)) OVER best AS upto, sum(count(*)) OVER () AS everybody,
               COALESCE(sum(sum(window_revenue)) OVER (best
                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before,
               sum(sum(window_revenue)) OVER () AS revenue
          FROM retention_profile profile
         WHERE %(compared)s AND %(condition)s
         GROUP BY 1, 2
        WINDOW best AS (ORDER BY %(value)s::numeric DESC, %(tie)s::numeric DESC)
        """,
        value=value,
        tie=tie,
        compared=_compared(program),
        condition=condition,
    )
