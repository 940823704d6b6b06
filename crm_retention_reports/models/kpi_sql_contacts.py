from datetime import timedelta

from odoo.tools import SQL

from odoo.addons.crm_retention.tools import satisfaction


class ContactFacts:
    """Cases of the figures on who was reached, answered, bought after a campaign."""

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
        """Of those whom a promotion reached: who bought within the days that follow.

        As the campaigns report counts it. Of mailings whose days ended in the period,
        so that every one had its time.
        """
        return SQL(
            """
            SELECT partner_id, max(CASE WHEN orders > 0 THEN 1 ELSE 0 END) AS above,
                   1 AS below
              FROM retention_mailing_reach
             WHERE %s AND state = 'delivered'
               AND mailing_id IN (SELECT id FROM mailing_mailing
                                   WHERE retention_category = 'promotion')
               AND day + within_days BETWEEN %s AND %s
             GROUP BY partner_id
            """,
            self._mine(),
            self.first,
            min(self.last, self.company._retention_today() - timedelta(days=1)),
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
             WHERE %(mine)s AND kind = %(kind)s AND state = 'answered'
               AND COALESCE(invited_at, answered_at) >= %(begin)s
               AND COALESCE(invited_at, answered_at) < %(end)s
            """,
            mine=self._mine(),
            kind=kind,
            high=list(satisfaction.HIGH),
            low=list(satisfaction.LOW),
            worth=low,
            begin=self.begin,
            end=self.end,
        )
