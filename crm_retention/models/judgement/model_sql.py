"""What the forecasts are learned from and made of: purchases, a day at a time."""

from odoo.tools import SQL

SAMPLE = 10_000  # customers that a model is fitted to
SEED = 20_260  # of the choice, so that it can be repeated


class BoughtSQL:
    """Builds the queries of what customers of one company bought until one day.

    Purchases of the same day are one; refunds change no amount here, as they name
    no purchase.
    """

    def __init__(self, company, as_of):
        self.env = company.env
        self.company = company
        self.as_of = as_of

    def _days(self, which):
        return SQL(
            """
            SELECT partner_id, date, sum(amount)::float8 AS amount,
                   row_number() OVER (PARTITION BY partner_id ORDER BY date) AS place
              FROM (%s) transaction
             WHERE company_id = %s AND date <= %s AND amount > 0 AND %s
             GROUP BY partner_id, date
            """,
            self.env["retention.transaction"]._table_query,
            self.company.id,
            self.as_of,
            which,
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
              FROM (%(days)s) day GROUP BY partner_id ORDER BY partner_id
            """,
            early=early,
            days=self._days(chosen),
        )

    def facts(self, customer_ids):
        """Return the query of what these customers' forecasts are made of.

        ``revenue`` and ``revenue_before`` are of the last 365 days and of those
        before, refunds deducted.
        """
        which = SQL("partner_id = ANY(%s)", list(customer_ids) or [0])
        return SQL(
            """
            SELECT bought.*, turnover.revenue, turnover.revenue_before
              FROM (SELECT partner_id, min(date) AS first_day, max(date) AS last_day,
                           count(*) AS days, avg(amount) AS own_mean,
                           avg(amount) FILTER (WHERE place > 1) AS repeat_mean
                      FROM (%(days)s) day GROUP BY partner_id) bought
         LEFT JOIN (SELECT partner_id,
                           sum(amount) FILTER (WHERE date > %(as_of)s::date - 365)
                             ::float8 AS revenue,
                           sum(amount) FILTER (WHERE date <= %(as_of)s::date - 365)
                             ::float8 AS revenue_before
                      FROM (%(transactions)s) doc
                     WHERE company_id = %(company)s AND %(which)s
                       AND date <= %(as_of)s AND date > %(as_of)s::date - 730
                     GROUP BY partner_id) turnover
                ON turnover.partner_id = bought.partner_id
            """,
            days=self._days(which),
            transactions=self.env["retention.transaction"]._table_query,
            company=self.company.id,
            which=which,
            as_of=self.as_of,
        )
