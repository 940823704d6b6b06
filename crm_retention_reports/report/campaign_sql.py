"""The SQL behind the report on campaigns."""

from collections import namedtuple

from odoo.tools import SQL

from odoo.addons.crm_retention.tools import pilot

FIGURES = ("sent", "delivered", "opened", "clicked", "replied", "buyers")
# figures of one mailing; ``meant`` and ``held`` are pilot.Group, of nobody while its
# days are not over
Campaign = namedtuple("Campaign", ("id", "day", *FIGURES, "meant", "held"))


class CampaignSQL:
    """Counts what became of mailings, and of the customers left out of them."""

    def __init__(self, scope):
        self.scope = scope

    def _where(self) -> SQL:
        return SQL(
            "reach.company_id = %s AND reach.day BETWEEN %s AND %s AND %s",
            self.scope.company.id,
            self.scope.first,
            self.scope.as_of,
            self.scope.among_profiles(SQL("reach.profile_id")),
        )

    def campaigns(self) -> list:
        """Return a :class:`Campaign` for each mailing, the latest first."""
        rows = self.scope.rows(
            SQL(
                """
                SELECT mailing_id, min(day),
                       count(*) FILTER (WHERE is_sent),
                       count(*) FILTER (WHERE state = 'delivered'),
                       count(*) FILTER (WHERE opened), count(*) FILTER (WHERE clicked),
                       count(*) FILTER (WHERE replied),
                       count(*) FILTER (WHERE is_sent AND orders > 0),
                       %(meant)s, %(held)s
                  FROM (SELECT reach.*,
                               reach.state IN ('delivered', 'bounced') AS is_sent,
                               reach.state = 'held_out' AS is_held,
                               mailing.retention_category = 'promotion'
                                 AND reach.day + reach.within_days < %(today)s
                                 AS is_over
                          FROM retention_mailing_reach reach
                          JOIN mailing_mailing mailing ON mailing.id = reach.mailing_id
                         WHERE %(where)s) reach
                 GROUP BY mailing_id
                 ORDER BY 2 DESC, 1 DESC
                """,
                meant=self._group_of(SQL("is_over AND NOT is_held")),
                held=self._group_of(SQL("is_over AND is_held")),
                today=self.scope.company._retention_today(),
                where=self._where(),
            )
        )
        return [
            Campaign(*row[:8], pilot.Group(*row[8:12]), pilot.Group(*row[12:]))
            for row in rows
        ]

    def _group_of(self, condition) -> SQL:
        """Return the columns of a ``pilot.Group`` of the rows of a condition."""
        return SQL(
            """count(*) FILTER (WHERE %(of)s),
               count(*) FILTER (WHERE %(of)s AND orders > 0),
               COALESCE(sum(revenue) FILTER (WHERE %(of)s), 0)::float8,
               COALESCE(sum(revenue * revenue) FILTER (WHERE %(of)s), 0)::float8""",
            of=condition,
        )

    def customers(self, ids):
        """Return (meant, kept) of these mailings together, each customer once.

        Bought means after any of them. Revenue is left out: days of mailings overlap.
        """
        rows = self.scope.rows(
            SQL(
                """
                SELECT is_held, count(*), count(*) FILTER (WHERE bought)
                  FROM (SELECT bool_or(reach.state = 'held_out') AS is_held,
                               bool_or(reach.orders > 0) AS bought
                          FROM retention_mailing_reach reach
                         WHERE %s AND reach.mailing_id = ANY(%s)
                           AND reach.day + reach.within_days < %s
                         GROUP BY reach.profile_id) customer
                 GROUP BY is_held
                """,
                self._where(),
                ids,
                self.scope.company._retention_today(),
            )
        )
        groups = {held: pilot.Group(*counts) for held, *counts in rows}
        nobody = pilot.Group(0, 0)
        return groups.get(False, nobody), groups.get(True, nobody)

    def orders_by_link(self, ids) -> dict:
        """Return ``{mailing id: orders that came through its links}``, as Odoo says."""
        rows = self.scope.rows(
            SQL(
                """
                SELECT mailing.id, count(*)
                  FROM mailing_mailing mailing
                  JOIN sale_order sale ON sale.source_id = mailing.source_id
                  JOIN res_partner person ON person.id = sale.partner_id
                 WHERE mailing.id = ANY(%s) AND sale.state = 'sale'
                   AND sale.company_id = %s AND %s
                 GROUP BY mailing.id
                """,
                ids,
                self.scope.company.id,
                self.scope.among(SQL("person.commercial_partner_id")),
            )
        )
        return dict(rows)
