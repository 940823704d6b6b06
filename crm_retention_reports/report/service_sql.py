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
AGGREGATES = """
count(*), count(*) FILTER (WHERE kind = 'complaint'),
count(answered_share), COALESCE(sum(answered_share), 0),
count(solved_share), COALESCE(sum(solved_share), 0),
count(answer_over), COALESCE(sum(answer_over), 0),
count(solve_over), COALESCE(sum(solve_over), 0),
count(*) FILTER (WHERE reopen_count > 0),
count(csat_share), COALESCE(sum(csat_share), 0)
"""
SETS = ("month", "choice", "cause", "wait")
ALL_SETS = (0b0111, 0b1011, 0b1101, 0b1110)  # what grouping() says of each of SETS
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

    def count(self, by=None) -> dict[str, dict]:
        """Return ``{"month", "choice", "cause", "wait": {key: {name: sum}}}``.

        Names are those in SUMS. The keys of a wait are places in EDGES, None: not
        answered. Causes are of complaints only, 0: no cause said.

        :param by: a name in COLUMNS; None: no such choice.
        """
        rows = self.scope.rows(
            SQL(
                """
                WITH ticket AS MATERIALIZED (
                  SELECT ticket.*, %(month)s AS by_month, %(choice)s AS by_choice,
                         CASE WHEN kind = 'complaint' THEN COALESCE(cause_id, 0)
                              ELSE -1 END AS by_cause,
                         width_bucket(answer_minutes, %(edges)s) AS by_wait
                    FROM (%(table)s) ticket WHERE %(condition)s)
                SELECT grouping(by_month, by_choice, by_cause, by_wait),
                       by_month, by_choice, by_cause, by_wait, %(sums)s
                  FROM ticket
                 GROUP BY GROUPING SETS (
                       (by_month), (by_choice), (by_cause), (by_wait))
                """,
                month=self._month(),
                choice=SQL.identifier("ticket", COLUMNS[by]) if by else SQL("NULL"),
                edges=list(EDGES),
                table=self.report._table_query,
                condition=self.condition(),
                sums=SQL(AGGREGATES),
            )
        )
        found = {name: {} for name in SETS}
        for which, *values in rows:
            place = ALL_SETS.index(which)
            sums = dict(zip(SUMS, map(int, values[len(SETS) :]), strict=True))
            found[SETS[place]][values[place]] = sums
        found["cause"].pop(-1, None)
        return found

    def _month(self) -> SQL:
        zone = self.scope.company.resource_calendar_id.tz or "UTC"
        return SQL(
            "date_trunc('month', ticket.received_on AT TIME ZONE 'UTC'"
            " AT TIME ZONE %s)::date",
            zone,
        )

    def by_promise(self) -> dict:
        """Return ``{part: (due, kept, late, minutes over)}`` of all rounds."""
        rows = self.scope.rows(
            SQL(
                """
                SELECT clock.part,
                       count(*) FILTER (WHERE clock.state IN ('met', 'missed')),
                       count(*) FILTER (WHERE clock.state = 'met'),
                       count(*) FILTER (WHERE clock.over_minutes > 0),
                       COALESCE(sum(clock.over_minutes), 0)
                  FROM retention_service_clock clock
                  JOIN (%s) ticket ON ticket.id = clock.ticket_id
                 WHERE %s GROUP BY 1
                """,
                self.report._table_query,
                self.condition(),
            )
        )
        return {part: tuple(map(int, numbers)) for part, *numbers in rows}


def add(sums) -> dict:
    """Return several sums as one.

    Quotients are taken of sums only, so that they are never means of quotients.
    """
    total = dict.fromkeys(SUMS, 0)
    for each in sums:
        for name, value in each.items():
            total[name] += value
    return total
