"""What a profile holds, and small pieces of SQL that speak of it."""

from odoo.tools import SQL

from ...tools import rfm

FACTS = (
    "program_id",
    "first_purchase",
    "last_purchase",
    "last_interaction",
    "is_prospect",
    "purchase_count",
    "lifetime_revenue",
    "average_order",
    "window_purchases",
    "window_revenue",
    "purchase_interval",
)
SIGNS = ("gives_amount", "gives_steady", "gives_friends")
FACTS += SIGNS
SCORES = tuple(f"{name}_score" for name in rfm.DIMENSIONS)
JUDGEMENTS = (
    *SCORES,
    "segment_id",
    "earned_tier_id",
    "is_top",
    "contribution",
    "rule_version",
)


def columns(names, alias=None):
    """Return a comma-separated list of columns."""
    return SQL(", ").join(
        SQL.identifier(alias, name) if alias else SQL.identifier(name) for name in names
    )


def case(branches, default):
    """Return ``CASE WHEN c THEN v … ELSE default END``; without branches, default."""
    if not branches:
        return default
    whens = [SQL("WHEN %s THEN %s", when, then) for when, then in branches]
    return SQL("CASE %s ELSE %s END", SQL(" ").join(whens), default)


def metric(program, alias):
    """Return the SQL of (value, tie breaker) that ``program`` compares."""
    score, revenue = rfm_pair(alias)
    if program.metric == "orders":
        return SQL.identifier(alias, "window_purchases"), SQL("0")
    if program.metric == "contribution":
        return SQL.identifier(alias, "contribution"), SQL("0")
    if program.metric == "rfm":
        return score, SQL("0")
    if program.metric == "customer_share" and program.rank_by == "rfm":
        return score, revenue
    return revenue, SQL("0")


def rfm_pair(alias):
    """Return the SQL of (RFM score, revenue in the window)."""
    score = SQL(" + ").join(SQL.identifier(alias, name) for name in SCORES)
    return SQL("(%s)", score), SQL.identifier(alias, "window_revenue")
