from odoo import fields, models
from odoo.tools import SQL


class RetentionCadence(models.Model):
    """What becomes of planned touches when their line goes."""

    _inherit = "retention.cadence"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            self._drop_plan()
        return result

    def unlink(self):
        self._drop_plan()
        return super().unlink()

    def _drop_plan(self):
        """Drop what is planned by these lines, and the activities made for it."""
        if not self:
            return
        Touch = self.env["retention.touch"]
        self.env.flush_all()
        reason = self.env._("No policy asks for it any more.")
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE retention_touch
                   SET state = 'dropped', skip_reason = %s, write_uid = %s,
                       write_date = %s
                 WHERE cadence_id = ANY(%s) AND state = 'planned' AND mail_id IS NULL
             RETURNING id, activity_id
                """,
                reason,
                self.env.uid,
                fields.Datetime.now(),
                self.ids,
            )
        )
        Touch.invalidate_model()
        Touch._sync_activities([touch for touch, activity in rows if activity])
