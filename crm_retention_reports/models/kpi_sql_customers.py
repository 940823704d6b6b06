from odoo.tools import SQL

from odoo.addons.crm_retention.tools.lifecycle import LOYAL, PROSPECT

from ..tools import months


class CustomerFacts:
    """Cases of the figures on who bought, stayed, left, and recommended.

    All but loyalty and recommendations from ``retention.month``. Windows are of whole
    months and end with the period.
    """

    def _retention_rate(self) -> SQL:
        """Of those active when the period began: who was when it ended."""
        return self._stayed(SQL("CASE WHEN is_active THEN 1 ELSE 0 END"))

    def _churn(self) -> SQL:
        """Of those active when the period began: who was no longer when it ended."""
        return self._stayed(SQL("CASE WHEN is_active THEN 0 ELSE 1 END"))

    def _stayed(self, above) -> SQL:
        """Return those who were customers when the period began.

        Nobody while it is not over or where the history is too short, see
        :class:`report.churn_sql.ChurnSQL`.
        """
        first, last = self.first, months.first_day(self.last)
        within = self.known.within
        return SQL(
            """
            SELECT partner_id, %(above)s AS above, 1 AS below
              FROM (SELECT partner_id,
                           bool_or(month < %(first)s) AS was_active,
                           bool_or(month >= %(closing)s) AS is_active
                      FROM retention_month
                     WHERE %(mine)s AND purchases > 0
                       AND month >= %(opening)s AND month <= %(last)s
                     GROUP BY partner_id) bought
             WHERE was_active AND %(is_told)s
            """,
            above=above,
            mine=self._mine(),
            opening=months.shift(first, -within),
            first=first,
            closing=months.shift(last, 1 - within),
            last=last,
            is_told=self.known.is_told(first, last),
        )

    def _grr(self) -> SQL:
        """Revenue kept of those who bought a year earlier, growth left out."""
        return self._kept(SQL("LEAST(GREATEST(now, 0), before)"))

    def _nrr(self) -> SQL:
        """Revenue of those who bought a year earlier, growth counted."""
        return self._kept(SQL("now"))

    def _kept(self, above) -> SQL:
        """Return those with revenue in the 12 months before the last 12 that are over.

        Nobody while the period is not over or where the history does not reach back so
        far.
        """
        last = months.first_day(self.last)
        return SQL(
            """
            SELECT partner_id, %(above)s AS above, before AS below
              FROM (SELECT partner_id,
                           sum(CASE WHEN month < %(middle)s THEN revenue ELSE 0 END)
                             AS before,
                           sum(CASE WHEN month >= %(middle)s THEN revenue ELSE 0 END)
                             AS now
                      FROM retention_month
                     WHERE %(mine)s AND revenue <> 0
                       AND month >= %(begin)s AND month <= %(last)s
                     GROUP BY partner_id) bought
             WHERE before > 0 AND %(is_told)s
            """,
            above=above,
            mine=self._mine(),
            begin=months.shift(last, -23),
            middle=months.shift(last, -11),
            last=last,
            is_told=self.known.is_revenue_told(last),
        )

    def _repurchase(self) -> SQL:
        """Of those who bought within 12 months: who did so more than once."""
        return SQL(
            """
            SELECT partner_id, CASE WHEN sum(purchases) > 1 THEN 1 ELSE 0 END AS above,
                   1 AS below
              FROM retention_month
             WHERE %s AND purchases > 0 AND month >= %s AND month < %s
             GROUP BY partner_id
            """,
            self._mine(),
            months.shift(self.after, -12),
            self.after,
        )

    def _loyal_share(self) -> SQL:
        """Of those who are customers on the last day: who is loyal.

        One stage a customer, also where two histories were merged into one.
        """
        return SQL(
            """
            SELECT partner_id, CASE WHEN code = %(loyal)s THEN 1 ELSE 0 END AS above,
                   1 AS below
              FROM (SELECT DISTINCT ON (kept.partner_id) kept.partner_id, stage.code
                      FROM retention_stage_history kept
                      JOIN retention_stage stage ON stage.id = kept.stage_id
                     WHERE %(mine)s AND kept.date_from <= %(day)s
                       AND (kept.date_to IS NULL OR kept.date_to > %(day)s)
                     ORDER BY kept.partner_id, kept.end_cause IS NOT NULL,
                              kept.date_from DESC, kept.id DESC) held
             WHERE code <> %(prospect)s
            """,
            mine=self._mine("kept"),
            loyal=LOYAL,
            prospect=PROSPECT,
            day=self.as_of,
        )

    def _recommendation(self) -> SQL:
        """Of those who bought at least twice: who brought in somebody in 12 months."""
        return SQL(
            """
            SELECT bought.partner_id,
                   CASE WHEN EXISTS (
                        SELECT FROM retention_referral referral
                          JOIN retention_points_account account
                            ON account.id = referral.account_id
                         WHERE account.partner_id = bought.partner_id
                           AND referral.company_id = %(company)s
                           AND referral.state NOT IN ('refused', 'reversed')
                           AND referral.date >= %(begin)s
                           AND referral.date < %(after)s)
                        THEN 1 ELSE 0 END AS above, 1 AS below
              FROM (SELECT partner_id FROM retention_month
                     WHERE %(mine)s AND purchases > 0
                       AND month < %(after)s
                     GROUP BY partner_id HAVING sum(purchases) > 1) bought
            """,
            company=self.company.id,
            mine=self._mine(),
            begin=months.shift(self.after, -12),
            after=self.after,
        )

    def _targeting(self) -> SQL:
        """Of the alerts closed in the period: which were no false alarm."""
        return SQL(
            """
            SELECT partner_id, CASE WHEN state = 'false' THEN 0 ELSE 1 END AS above,
                   1 AS below
              FROM retention_alert
             WHERE %s AND state IN ('saved', 'lost', 'false')
               AND closed_on BETWEEN %s AND %s
            """,
            self._mine(),
            self.first,
            self.last,
        )

    def _data_quality(self) -> SQL:
        """Of the customers of now: whose data is good."""
        return SQL(
            """
            SELECT profile.partner_id,
                   CASE WHEN profile.quality >= 80 THEN 1 ELSE 0 END AS above,
                   1 AS below
              FROM retention_profile profile
              JOIN res_partner customer ON customer.id = profile.partner_id
             WHERE %s AND profile.quality IS NOT NULL AND customer.active
            """,
            self._mine("profile"),
        )
