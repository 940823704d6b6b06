"""The SQL that reads from the intervals of memberships who held which tier when."""

from collections import Counter
from datetime import timedelta

from odoo.tools import SQL

from ..tools import months

# where contacts were merged, a customer may have held several tiers on a day of the
# past: the one that was not ended by that, else the one begun last
FIRST = SQL("partner_id, end_cause IS NOT NULL, date_from DESC, id DESC")


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
                     WHERE date_from <= %(start)s ORDER BY %(first)s),
                ended AS (
                    SELECT DISTINCT ON (partner_id) partner_id, tier_id FROM held
                     WHERE date_to IS NULL OR date_to > %(end)s ORDER BY %(first)s)
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
                  FROM (%(entries)s UNION ALL %(exits)s) move
                 WHERE before IS DISTINCT FROM after
                 GROUP BY 1, 2, 3
                """,
                entries=self._entries(),
                exits=self._exits(),
            )
        )
        sums = Counter()
        for day, before, after, count in rows:
            sums[months.first_day(day), before, after] += count
        return [(*key, count) for key, count in sums.items()]

    def first_day(self):
        """Return the day from which on tiers are known, or None."""
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
        """Tiers begun; of merged contacts, after what the other one held then."""
        return SQL(
            """
            SELECT begun.date_from AS day, begun.tier_id AS after,
                   CASE WHEN begun.previous_tier_id IS NOT NULL
                        THEN begun.previous_tier_id
                        WHEN begun.partner_id IN (
                            SELECT partner_id FROM retention_membership
                             WHERE company_id = %(company)s AND end_cause = 'merge')
                        THEN (
                            SELECT other.tier_id FROM retention_membership other
                             WHERE other.partner_id = begun.partner_id
                               AND other.company_id = begun.company_id
                               AND (other.date_from, other.id)
                                   < (begun.date_from, begun.id)
                               AND (other.date_to IS NULL
                                    OR other.date_to >= begun.date_from)
                             ORDER BY other.date_from DESC, other.id DESC LIMIT 1)
                   END AS before
              FROM retention_membership begun
             WHERE %(mine)s AND begun.date_from BETWEEN %(first)s AND %(end)s
            """,
            company=self.scope.company.id,
            mine=self._mine(),
            first=self.scope.first,
            end=self.end,
        )

    def _exits(self) -> SQL:
        """Tiers ended by customers who held none on that day.

        Nearly all are followed by another one from the same day on; that is looked for
        first, because it can be done for all at once.
        """
        follows = SQL(
            """other.partner_id = gone.partner_id AND other.id <> gone.id
               AND other.company_id = gone.company_id
               AND (other.date_to IS NULL OR other.date_to > gone.date_to
                    OR (other.date_to = gone.date_to AND other.id > gone.id))"""
        )
        return SQL(
            """
            SELECT gone.date_to, NULL::integer, gone.tier_id
              FROM (SELECT gone.* FROM retention_membership gone
                     WHERE %(mine)s AND gone.date_to BETWEEN %(first)s AND %(end)s
                       AND NOT EXISTS (
                         SELECT FROM retention_membership other
                          WHERE %(follows)s AND other.date_from = gone.date_to)
                    OFFSET 0) gone
             WHERE NOT EXISTS (
                SELECT FROM retention_membership other
                 WHERE %(follows)s AND other.date_from <= gone.date_to)
            """,
            mine=self._mine(),
            follows=follows,
            first=self.scope.first,
            end=self.end,
        )
