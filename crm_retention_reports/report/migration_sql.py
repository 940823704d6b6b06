"""The SQL that reads from the intervals of memberships who held which tier when."""

from collections import Counter
from datetime import timedelta
from functools import cached_property

from odoo.tools import SQL

from ..tools import months
from ..tools.churn import LISTED

# where contacts were merged, a customer may have held several tiers on a day of the
# past: the one that was not ended by that, else the one begun last
FIRST = SQL("end_cause IS NOT NULL, date_from DESC, id DESC")


class MigrationSQL:
    """Reads the moves of a :class:`Scope` from the morning of its first day on.

    ``start`` is the evening before the first day, ``end`` the last day of which
    anything is known. A tier is held from its first day until the day before it ends.
    """

    def __init__(self, scope):
        self.scope = scope
        self.start = scope.first - timedelta(days=1)
        self.end = scope.as_of

    def pairs(self) -> list:
        """Return (tier id before, tier id after, customers); None: held none."""
        return self.scope.rows(
            SQL(
                """
                WITH held AS MATERIALIZED (
                    SELECT id, partner_id, tier_id, date_from, date_to, end_cause
                      FROM retention_membership
                     WHERE %(mine)s AND date_from <= %(end)s
                       AND (date_to IS NULL OR date_to > %(start)s)),
                began AS (
                    SELECT DISTINCT ON (partner_id) partner_id, tier_id FROM held
                     WHERE date_from <= %(start)s ORDER BY partner_id, %(first)s),
                ended AS (
                    SELECT DISTINCT ON (partner_id) partner_id, tier_id FROM held
                     WHERE date_to IS NULL OR date_to > %(end)s
                     ORDER BY partner_id, %(first)s)
                SELECT began.tier_id, ended.tier_id, count(*)
                  FROM began FULL JOIN ended ON ended.partner_id = began.partner_id
                 GROUP BY 1, 2
                """,
                mine=self._mine(),
                start=self.start,
                end=self.end,
                first=FIRST,
            )
        )

    def moves(self) -> list:
        """Return (month, tier id before, tier id after, moves) within the days.

        A customer who moved twice counts twice, so that what came in less what went
        out is what changed.
        """
        rows = self.scope.rows(
            SQL(
                """
                SELECT day, before, after, count(*)
                  FROM (%(entries)s UNION ALL %(exits)s UNION ALL %(merged)s) move
                 WHERE before IS DISTINCT FROM after
                 GROUP BY 1, 2, 3
                """,
                entries=self._entries(),
                exits=self._exits(),
                merged=self._merged_moves(),
            )
        )
        sums = Counter()
        for day, before, after, count in rows:
            sums[months.first_day(day), before, after] += count
        return [(*key, count) for key, count in sums.items()]

    @cached_property
    def merged(self) -> list[int]:
        """The customers who held several tiers on one day: contacts were merged."""
        rows = self.scope.rows(
            SQL(
                """
                SELECT DISTINCT partner_id
                  FROM (SELECT partner_id, date_to, lead(date_from) OVER (
                               PARTITION BY partner_id ORDER BY date_from, id) AS next
                          FROM retention_membership WHERE %s) held
                 WHERE next < COALESCE(date_to, 'infinity')
                """,
                self._mine(),
            )
        )
        return [partner for (partner,) in rows]

    @cached_property
    def stood(self) -> dict:
        """{customer: (tier id before, after)} of those merged; {} if they are many.

        Whoever looks for them by their memberships finds them in several tiers.
        """
        if not self.merged or len(self.merged) > LISTED:
            return {}
        rows = self.scope.rows(
            SQL(
                "SELECT partner_id, %s, %s FROM unnest(%s) edge (partner_id)",
                self._held(SQL("%s::date", self.start)),
                self._held(SQL("%s::date", self.end)),
                self.merged,
            )
        )
        return {partner: places for partner, *places in rows}

    @cached_property
    def first_day(self):
        """The day from which on tiers are known, or None."""
        [(day,)] = self.scope.rows(
            SQL(
                "SELECT min(date_from) FROM retention_membership WHERE %s", self._mine()
            )
        )
        return day

    def _mine(self) -> SQL:
        return SQL(
            "company_id = %s AND %s",
            self.scope.company.id,
            self.scope.among(SQL("partner_id")),
        )

    def _entries(self) -> SQL:
        """Tiers begun."""
        return SQL(
            """
            SELECT date_from AS day, tier_id AS after, previous_tier_id AS before
              FROM retention_membership
             WHERE %s AND date_from BETWEEN %s AND %s AND partner_id <> ALL(%s)
            """,
            self._mine(),
            self.scope.first,
            self.end,
            self.merged,
        )

    def _exits(self) -> SQL:
        """Tiers ended that no other one followed at once.

        Who left and came back on the same day left, and is new: so his row says.
        """
        return SQL(
            """
            SELECT gone.date_to, NULL::integer, gone.tier_id
              FROM retention_membership gone
             WHERE %(mine)s AND gone.date_to BETWEEN %(first)s AND %(end)s
               AND gone.partner_id <> ALL(%(merged)s)
               AND NOT EXISTS (
                 SELECT FROM retention_membership other
                  WHERE other.partner_id = gone.partner_id
                    AND other.company_id = gone.company_id
                    AND other.date_from = gone.date_to AND other.id > gone.id
                    AND other.previous_tier_id = gone.tier_id)
            """,
            mine=self._mine(),
            merged=self.merged,
            first=self.scope.first,
            end=self.end,
        )

    def _merged_moves(self) -> SQL:
        """Moves of contacts that were merged: histories that overlap, told as one.

        On each day on which something began or ended: the tier of that day, after that
        of the day before.
        """
        return SQL(
            """
            SELECT edge.day, %(after)s, %(before)s
              FROM (SELECT DISTINCT partner_id, day
                      FROM retention_membership
                     CROSS JOIN LATERAL (VALUES (date_from), (date_to)) each (day)
                     WHERE partner_id = ANY(%(merged)s) AND company_id = %(company)s
                       AND day BETWEEN %(first)s AND %(end)s) edge
            """,
            after=self._held(SQL("edge.day")),
            before=self._held(SQL("edge.day - 1")),
            company=self.scope.company.id,
            merged=self.merged,
            first=self.scope.first,
            end=self.end,
        )

    def _held(self, day) -> SQL:
        """Return the tier that the customer of ``edge`` held on a day."""
        return SQL(
            """
            (SELECT held.tier_id FROM retention_membership held
              WHERE held.partner_id = edge.partner_id AND held.company_id = %(company)s
                AND held.date_from <= %(day)s
                AND (held.date_to IS NULL OR held.date_to > %(day)s)
              ORDER BY %(first)s LIMIT 1)
            """,
            company=self.scope.company.id,
            day=day,
            first=FIRST,
        )
