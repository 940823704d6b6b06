"""The SQL of customer clusters: a sample of figures, and everybody's group."""

from odoo.tools import SQL

SAMPLE = 2_000  # customers from whom the groups are found, in a few seconds


class ClusterSQL:
    """Builds the statements for those customers of one company who have bought."""

    def __init__(self, company, as_of):
        self.company = company
        self.as_of = as_of

    def _figures(self):
        """Return the select of every customer's figures and scores."""
        return SQL(
            """SELECT partner_id, recency_score, frequency_score, monetary_score,
                      GREATEST(%s - last_purchase, 0)::float8 AS days,
                      window_purchases::float8 AS purchases,
                      GREATEST(window_revenue, 0)::float8 AS revenue
                 FROM retention_profile
                WHERE company_id = %s AND last_purchase IS NOT NULL
                  AND recency_score > 0 AND frequency_score > 0
                  AND monetary_score > 0
                  AND partner_id NOT IN (
                      SELECT id FROM res_partner WHERE retention_no_profiling)""",
            self.as_of,
            self.company.id,
        )

    def sample(self):
        """Return the query of some customers' figures, always the same ones."""
        return SQL(
            """SELECT days, purchases, revenue FROM (%s) figures
                ORDER BY hashint4(partner_id), partner_id LIMIT %s""",
            self._figures(),
            SAMPLE,
        )

    def summary(self, centers, scale):
        """Return the query of (group, three scores, customers, sums of the figures).

        Everybody belongs to the nearest center, the first of equals; as
        :func:`tools.clusters.nearest`.
        """
        x, y, z = self._axes(scale)
        values = SQL(", ").join(
            SQL("(%s, %s::float8, %s::float8, %s::float8)", number, *center)
            for number, center in enumerate(centers)
        )
        return SQL(
            """
            SELECT own.number, recency_score, frequency_score, monetary_score,
                   count(*), sum(days), sum(purchases), sum(revenue)
              FROM (%(figures)s) figures
             CROSS JOIN LATERAL (
                   SELECT center.number
                     FROM (VALUES %(values)s) center (number, x, y, z)
                    ORDER BY power(%(x)s - x, 2) + power(%(y)s - y, 2)
                           + power(%(z)s - z, 2), center.number
                    LIMIT 1) own
             GROUP BY 1, 2, 3, 4
            """,
            figures=self._figures(),
            values=values,
            x=x,
            y=y,
            z=z,
        )

    def _axes(self, scale):
        """Return the standardised logarithms of a customer's figures."""
        names = ("days", "purchases", "revenue")
        return [
            SQL(
                "(ln(figures.%s + 1) - %s::float8) / %s::float8",
                SQL.identifier(name),
                mean,
                spread,
            )
            for name, mean, spread in zip(
                names, scale.means, scale.spreads, strict=True
            )
        ]
