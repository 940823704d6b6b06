from odoo import api, models
from odoo.tools import SQL

from ...tools import points

BATCH = 5_000  # awards a transaction


class RetentionPointsAccount(models.Model):
    """Points expire: award by award after their day, or all without activity."""

    _inherit = "retention.points.account"

    @api.model
    def _select_expiring(self, program, before):
        """Return a select of (award_id, account_id, remaining, day), day < ``before``.

        ``day`` is the last one on which they can be spent. Pending points expire
        only after they were released.
        """
        columns = SQL(
            """
            FROM retention_points_award award
            JOIN retention_points_account account ON account.id = award.account_id
           WHERE account.program_id = %s AND award.state = 'open'
             AND award.remaining > 0
            """,
            program.id,
        )
        dated = SQL(
            """
            SELECT award.id AS award_id, award.account_id, award.remaining,
                   award.expires_on AS day %s AND award.expires_on < %s
            """,
            columns,
            before,
        )
        if program.expiry_model != "inactive":
            return dated
        day = SQL(
            """
            (COALESCE(account.active_on, account.create_date::date)
             + make_interval(months => %s))::date
            """,
            program.expiry_months,
        )
        return SQL(
            """
            %(dated)s UNION ALL
            SELECT award.id, award.account_id, award.remaining, %(day)s
                   %(columns)s AND award.expires_on IS NULL AND %(day)s < %(before)s
            """,
            dated=dated,
            day=day,
            columns=columns,
            before=before,
        )

    @api.model
    def _expire(self, program, today, limit=BATCH):
        """Let points expire whose last day is over.

        :return: (awards expired, whether there are more).
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT due.*, (SELECT count(*) FROM retention_points_allocation part
                                 JOIN retention_points_entry entry
                                   ON entry.id = part.entry_id
                                  AND entry.kind = 'expire'
                                WHERE part.award_id = due.award_id)
                  FROM (%s) due LIMIT %s
                """,
                self._select_expiring(program, today),
                limit,
            )
        )
        postings = [
            points.Posting(
                account,
                # points that came back to an expired award expire a second time
                f"exp:{award}:{day}" + (f":{again}" if again else ""),
                points.EXPIRE,
                -remaining,
                award_id=award,
                reason=self.env._("Expired after %s", day),
            )
            for award, account, remaining, day, again in rows
        ]
        self._post(program, postings, today)
        return len(rows), len(rows) == limit
