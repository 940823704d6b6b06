from odoo import api, models
from odoo.tools import SQL


class RetentionPointsAward(models.Model):
    """Awards, worked out from nothing but what never changes."""

    _inherit = "retention.points.award"

    @api.model
    def _rebuild(self, program, today):
        """Make every award of ``program`` anew from entries, draws and extensions.

        As of ``today``: an award whose day has come then counts as released, which
        is what the settle step of that day leaves. Writes what differs.

        :return: how many awards were different.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE retention_points_account SET version = version + 1"
                " WHERE program_id = %s",
                program.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE retention_points_award award
                   SET remaining = anew.remaining, state = anew.state,
                       available_on = anew.available_on, expires_on = anew.expires_on
                  FROM (%s) anew
                 WHERE award.id = anew.id
                   AND (award.remaining, award.state) <> (anew.remaining, anew.state)
                    OR award.id = anew.id
                   AND (award.available_on, award.expires_on)
                       IS DISTINCT FROM (anew.available_on, anew.expires_on)
                """,
                self._select_anew(program, today),
            )
        )
        changed = self.env.cr.rowcount
        self.invalidate_model()
        return changed

    @api.model
    def _select_anew(self, program, today) -> SQL:
        """Return id, remaining, state and days of every award of ``program``."""
        return SQL(
            """
            SELECT award.id, entry.available_on,
                   COALESCE(later.expires_on, entry.expires_on) AS expires_on,
                   entry.points - COALESCE(drawn.points, 0) AS remaining,
                   CASE WHEN entry.points > COALESCE(drawn.points, 0)
                        THEN CASE WHEN entry.available_on > %(today)s
                                  THEN 'pending' ELSE 'open' END
                        WHEN last.kind = 'expire' THEN 'expired'
                        ELSE 'used' END AS state
              FROM retention_points_award award
              JOIN retention_points_entry entry ON entry.id = award.entry_id
              JOIN retention_points_account account ON account.id = entry.account_id
              LEFT JOIN (SELECT award_id, sum(points) AS points, max(id) AS last_id
                           FROM retention_points_allocation GROUP BY award_id) drawn
                     ON drawn.award_id = award.id
              LEFT JOIN retention_points_allocation last_draw
                     ON last_draw.id = drawn.last_id
              LEFT JOIN retention_points_entry last ON last.id = last_draw.entry_id
              LEFT JOIN (SELECT DISTINCT ON (award_id) award_id,
                                date_after AS expires_on
                           FROM retention_points_extension
                          ORDER BY award_id, id DESC) later
                     ON later.award_id = award.id
             WHERE account.program_id = %(program)s
            """,
            program=program.id,
            today=today,
        )
