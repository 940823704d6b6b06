"""What the service analysis counts: the tickets of the reader's customers."""

from odoo.tools import SQL

HOUR = 60
# minutes from receiving to the first answer at which the next group begins
EDGES = (HOUR, 4 * HOUR, 24 * HOUR, 72 * HOUR)
SUMS = (
    "tickets",
    "complaints",
    "answer_due",
    "answer_kept",
    "solve_due",
    "solve_kept",
    "answer_late",
    "answer_over",
    "solve_late",
    "solve_over",
    "reopened",
    "asked",
    "good",
)
COLUMNS = {
    "team": "team_id",
    "user": "user_id",
    "tier": "tier_id",
    "segment": "segment_id",
    "cause": "cause_id",
    "kind": "kind",
}


class ServiceSQL:
    """Sums over the tickets received in the days of a scope.

    Whoever may read tickets counts those; whoever may not, those of his customers: as
    figures only. Filters on customers leave out tickets of nobody known.
    """

    def __init__(self, scope):
        self.scope = scope
        self.report = scope.env["retention.service.report"]
        self.begin, self.end = scope.company._retention_day_bounds(
            scope.first, scope.last
        )

    def condition(self) -> SQL:
        """Return which rows of ``ticket`` (the report's) count."""
        parts = [
            SQL("ticket.company_id = %s", self.scope.company.id),
            SQL("ticket.received_on >= %s", self.begin),
            SQL("ticket.received_on < %s", self.end),
        ]
        if self.report.has_access("read"):
            seen = self.report._search([])
            parts.append(SQL("ticket.id IN %s", seen.subselect()))
            if not self.scope.domain.is_true():
                parts.append(self.scope.among(SQL("ticket.partner_id")))
        else:
            parts.append(self.scope.among(SQL("ticket.partner_id")))
        return SQL(" AND ").join(parts)

    def by(self, key: SQL) -> dict:
        """Return ``{key: {name: sum}}``, names as in SUMS."""
        rows = self.scope.rows(
            SQL(
                """
                SELECT %(key)s, count(*),
                       count(*) FILTER (WHERE kind = 'complaint'),
                       count(answered_share), COALESCE(sum(answered_share), 0),
                       count(solved_share), COALESCE(sum(solved_share), 0),
                       count(answer_over), COALESCE(sum(answer_over), 0),
                       count(solve_over), COALESCE(sum(solve_over), 0),
                       count(*) FILTER (WHERE reopen_count > 0),
                       count(csat_share), COALESCE(sum(csat_share), 0)
                  FROM (%(table)s) ticket WHERE %(condition)s GROUP BY 1
                """,
                key=key,
                table=self.report._table_query,
                condition=self.condition(),
            )
        )
        return {row[0]: dict(zip(SUMS, map(int, row[1:]), strict=True)) for row in rows}

    def by_choice(self, name) -> dict:
        return self.by(SQL.identifier("ticket", COLUMNS[name]))

    def by_month(self) -> dict:
        zone = self.scope.company.resource_calendar_id.tz or "UTC"
        return self.by(
            SQL(
                "date_trunc('month', ticket.received_on AT TIME ZONE 'UTC'"
                " AT TIME ZONE %s)::date",
                zone,
            )
        )

    def by_wait(self) -> dict:
        """Return the sums by place in EDGES; None: not answered."""
        return self.by(SQL("width_bucket(ticket.answer_minutes, %s)", list(EDGES)))

    def by_cause(self) -> dict:
        """Return the sums of complaints by cause; None: no cause said."""
        rows = self.by(
            SQL("CASE WHEN kind = 'complaint' THEN COALESCE(cause_id, 0) ELSE -1 END")
        )
        rows.pop(-1, None)
        return rows


def add(sums) -> dict:
    """Return several sums as one.

    Quotients are taken of sums only, so that they are never means of quotients.
    """
    total = dict.fromkeys(SUMS, 0)
    for each in sums:
        for name, value in each.items():
            total[name] += value
    return total
