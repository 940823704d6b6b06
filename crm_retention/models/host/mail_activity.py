from odoo import models


class MailActivity(models.Model):
    """What is done with an activity in Odoo changes the planned contact behind it.

    Changes that come from the contact itself carry ``retention_follows`` and stop
    here.
    """

    _inherit = "mail.activity"

    def write(self, vals):
        if self.env.context.get("retention_follows"):
            return super().write(vals)
        touches = self.env["retention.touch"]
        watched = {"date_deadline", "user_id", "active", "feedback"} & set(vals)
        if watched:
            touches = touches._get_open_of(self)
        result = super().write(vals)
        if touches:
            self._retention_follow(touches, vals)
        elif vals.get("active"):
            touches._activity_reopened(self)
        elif vals.get("feedback"):
            touches._activity_noted(self, vals["feedback"])
        return result

    def _retention_follow(self, touches, vals):
        """Carry a change of these activities over to their planned touches."""
        if "active" in vals and not vals["active"]:
            touches._activity_done()
            return
        if vals.get("date_deadline"):
            touches._activity_moved(self[:1].date_deadline)
        if "user_id" in vals:
            touches._activity_assigned(vals["user_id"])

    def unlink(self):
        touches = self.env["retention.touch"]
        if not self.env.context.get("retention_follows"):
            touches = touches._get_open_of(self)
        result = super().unlink()
        if touches:
            touches._activity_deleted()
        return result
