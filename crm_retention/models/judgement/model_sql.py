"""What the forecasts are learned from and made of: purchases, a day at a time."""

from datetime import timedelta

from odoo.tools import SQL

from ...tools import health
from ..running.columns_sql import array

SAMPLE = 10_000  # customers that a model is fitted to
SEED = 20_260  # of the choice, so that it can be repeated


class BoughtSQL:
    """Builds the queries of what customers of one company bought until one day.

    Purchases of the same day are one. What is expected of the next ones is learned
    without refunds, which name no purchase; revenue is with them.
    """

    def __init__(self, company, as_of):
        self.env = company.env
        self.company = company
        self.as_of = as_of

    def _days(self, which):
        """One row a customer and day; ``amount`` is empty where nothing was bought."""
        bought = SQL("sum(amount) FILTER (WHERE amount > 0)")
        return SQL(
            """
            SELECT partner_id, date, %(bought)s::float8 AS amount,
                   sum(amount)::float8 AS net,
                   row_number() OVER (PARTITION BY partner_id, %(bought)s IS NULL
                                          ORDER BY date) AS place
              FROM (%(transactions)s) doc
             WHERE company_id = %(company)s AND date <= %(as_of)s AND %(which)s
             GROUP BY partner_id, date
            """,
            bought=bought,
            transactions=self.env["retention.transaction"]._table_query,
            company=self.company.id,
            as_of=self.as_of,
            which=which,
        )

    def sample(self, split):
        """Return the query of the customers to learn from, one row each.

        First and last day, repeat purchases and their mean, until the day and until
        ``split``; purchases and their mean after it.
        """
        chosen = SQL(
            """partner_id IN (
                 SELECT partner_id FROM retention_profile
                  WHERE company_id = %s AND first_purchase <= %s
                    AND partner_id NOT IN (
                        SELECT id FROM res_partner WHERE retention_no_profiling)
                  ORDER BY hashint8extended(partner_id, %s), partner_id LIMIT %s)""",
            self.company.id,
            self.as_of,
            SEED,
            SAMPLE,
        )
        early = SQL("date <= %s", split)
        return SQL(
            """
            SELECT min(date) AS first, max(date) AS last, count(*) - 1 AS x,
                   avg(amount) FILTER (WHERE place > 1) AS mean,
                   max(date) FILTER (WHERE %(early)s) AS last_before,
                   count(*) FILTER (WHERE %(early)s) - 1 AS x_before,
                   avg(amount) FILTER (WHERE place > 1 AND %(early)s) AS mean_before,
                   avg(amount) FILTER (WHERE %(early)s) AS own_before,
                   count(*) FILTER (WHERE NOT %(early)s) AS later,
                   avg(amount) FILTER (WHERE NOT %(early)s) AS mean_later
              FROM (%(days)s) day WHERE amount IS NOT NULL
             GROUP BY partner_id ORDER BY partner_id
            """,
            early=early,
            days=self._days(chosen),
        )

    def facts(self, customer_ids):
        """Return the query of what these customers' forecasts are made of.

        ``revenue`` and ``revenue_before`` are of the last 365 days and of those
        before, refunds deducted.
        """
        return SQL(
            """
            SELECT partner_id,
                   min(date) FILTER (WHERE %(bought)s) AS first_day,
                   max(date) FILTER (WHERE %(bought)s) AS last_day,
                   count(*) FILTER (WHERE %(bought)s) AS days,
                   avg(amount) AS own_mean,
                   avg(amount) FILTER (WHERE place > 1) AS repeat_mean,
                   sum(net) FILTER (WHERE date > %(year)s) AS revenue,
                   sum(net) FILTER (WHERE date <= %(year)s AND date > %(two_years)s)
                     AS revenue_before
              FROM (%(days)s) day GROUP BY partner_id
            """,
            bought=SQL("amount IS NOT NULL"),
            year=self.as_of - timedelta(days=health.YEAR),
            two_years=self.as_of - timedelta(days=2 * health.YEAR),
            days=self._days(SQL("partner_id = ANY(%s)", array(customer_ids, "int4"))),
        )
