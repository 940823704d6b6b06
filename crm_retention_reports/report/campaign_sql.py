"""The SQL behind the report on campaigns."""

from collections import namedtuple

from odoo.tools import SQL

from odoo.addons.crm_retention.tools import pilot

FIGURES = ("sent", "delivered", "opened", "clicked", "replied", "followed", "buyers")
# figures of one mailing; ``followed`` are those sent whose days are over, ``buyers``
# are among them; ``meant`` and ``held`` are pilot.Group, of nobody while its days are
# not over
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
                       count(*) FILTER (WHERE is_sent AND is_over),
                       count(*) FILTER (WHERE is_sent AND is_over AND orders > 0),
                       %(meant)s, %(held)s
                  FROM (SELECT reach.*,
                               reach.state IN ('delivered', 'bounced') AS is_sent,
                               reach.state = 'held_out' AS is_held,
                               mailing.retention_category = 'promotion'
                                 AS is_promotion,
                               reach.day + reach.within_days < %(today)s AS is_over
                          FROM retention_mailing_reach reach
                          JOIN mailing_mailing mailing ON mailing.id = reach.mailing_id
                         WHERE %(where)s) reach
                 GROUP BY mailing_id
                 ORDER BY 2 DESC, 1 DESC
                """,
                meant=self._group_of(SQL("is_promotion AND is_over AND NOT is_held")),
                held=self._group_of(SQL("is_promotion AND is_over AND is_held")),
                today=self.scope.company._retention_today(),
                where=self._where(),
            )
        )
        return [
            Campaign(*row[:9], pilot.Group(*row[9:13]), pilot.Group(*row[13:]))
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
        """Return (meant, kept, both) of these mailings together, each customer once.

        Bought means after any of them. Revenue is left out: days of mailings overlap.
        Both is how many were kept from one and meant for another, because the share
        kept was changed in between: they belong to neither group.
        """
        rows = self.scope.rows(
            SQL(
                """
                SELECT held, count(*), count(*) FILTER (WHERE bought)
                  FROM (SELECT CASE WHEN bool_and(reach.state = 'held_out') THEN 'all'
                                    WHEN bool_or(reach.state = 'held_out') THEN 'some'
                                    ELSE 'none' END AS held,
                               bool_or(reach.orders > 0) AS bought
                          FROM retention_mailing_reach reach
                         WHERE %s AND reach.mailing_id = ANY(%s)
                           AND reach.day + reach.within_days < %s
                         GROUP BY reach.profile_id) customer
                 GROUP BY held
                """,
                self._where(),
                ids,
                self.scope.company._retention_today(),
            )
        )
        groups = {held: pilot.Group(*counts) for held, *counts in rows}
        meant, kept, both = (
            groups.get(held, pilot.Group(0, 0)) for held in ("none", "all", "some")
        )
        return meant, kept, both.customers

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
