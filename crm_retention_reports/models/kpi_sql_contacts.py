from datetime import timedelta

from odoo.tools import SQL

from odoo.addons.crm_retention.tools import satisfaction


class ContactFacts:
    """Cases of the figures on who was reached, answered, bought after a campaign."""

    conversion_days = 30  # a purchase so soon after a mailing is counted for it

    def _reach_contacted(self) -> SQL:
        """Of the tiers of high value: who had a personal contact."""
        return self._reached(SQL("contacts"))

    def _reach_answered(self) -> SQL:
        """Of the tiers of high value: who answered or began a contact."""
        return self._reached(SQL("answers"))

    def _reached(self, column) -> SQL:
        return SQL(
            """
            SELECT held.partner_id,
                   CASE WHEN EXISTS (
                        SELECT FROM retention_month kept
                         WHERE kept.partner_id = held.partner_id
                           AND kept.company_id = %(company)s AND kept.%(column)s > 0
                           AND kept.month >= %(first)s AND kept.month < %(after)s)
                        THEN 1 ELSE 0 END AS above, 1 AS below
              FROM held WHERE held.band = 'high'
            """,
            company=self.company.id,
            column=column,
            first=self.first,
            after=self.after,
        )

    def _response(self) -> SQL:
        """Of the personal contacts: how many the customer answered or began."""
        return SQL(
            """
            SELECT partner_id, sum(answers) AS above, sum(contacts) AS below
              FROM retention_month
             WHERE %s AND contacts > 0 AND month >= %s AND month < %s
             GROUP BY partner_id
            """,
            self._mine(),
            self.first,
            self.after,
        )

    def _campaign_conversion(self) -> SQL:
        """Of those whom a campaign reached: who bought within the days that follow.

        Of campaigns whose days ended in the period, so that every one had its time.
        """
        days = timedelta(days=self.conversion_days)
        begin, end = self.company._retention_day_bounds(
            self.first - days, self.last - days
        )
        return SQL(
            """
            SELECT reached.partner_id, max(CASE WHEN doc.date > reached.day
                     AND doc.date <= reached.day + %(days)s THEN 1 ELSE 0 END) AS above,
                   1 AS below
              FROM (SELECT DISTINCT partner_id,
                           (done_at AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date
                             AS day
                      FROM retention_touch
                     WHERE %(mine)s AND state = 'done' AND is_bulk
                       AND origin IN ('mailing', 'sms') AND category = 'promotion'
                       AND reaction IS DISTINCT FROM 'bounced'
                       AND done_at >= %(begin)s AND done_at < %(end)s) reached
              LEFT JOIN (SELECT doc.partner_id, doc.date FROM (%(docs)s) doc
                          WHERE doc.company_id = %(company)s AND doc.amount > 0
                            AND doc.date BETWEEN %(first)s AND %(last)s) doc
                ON doc.partner_id = reached.partner_id
             GROUP BY reached.partner_id
            """,
            company=self.company.id,
            mine=self._mine(),
            zone=self.company.resource_calendar_id.tz or "UTC",
            days=self.conversion_days,
            begin=begin,
            end=end,
            docs=self.env["retention.transaction"]._table_query,
            first=self.first - days,
            last=self.last,
        )

    def _nps(self) -> SQL:
        """Of the answers: promoters +1, detractors −1."""
        return self._answers(satisfaction.NPS, -1)

    def _satisfaction(self) -> SQL:
        """Of the answers on service: good ones."""
        return self._answers(satisfaction.CSAT, 0)

    def _answers(self, kind, low) -> SQL:
        """Return answers by the day of the invitation, else of the answer."""
        return SQL(
            """
            SELECT partner_id, CASE WHEN grade = ANY(%(high)s) THEN 1
                     WHEN grade = ANY(%(low)s) THEN %(worth)s ELSE 0 END AS above,
                   1 AS below
              FROM retention_feedback
             WHERE company_id = %(company)s AND kind = %(kind)s AND state = 'answered'
               AND COALESCE(invited_at, answered_at) >= %(begin)s
               AND COALESCE(invited_at, answered_at) < %(end)s
            """,
            company=self.company.id,
            kind=kind,
            high=list(satisfaction.HIGH),
            low=list(satisfaction.LOW),
            worth=low,
            begin=self.begin,
            end=self.end,
        )
