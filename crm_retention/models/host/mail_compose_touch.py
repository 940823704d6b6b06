from datetime import timedelta

from odoo import fields, models


class MailComposeMessage(models.TransientModel):
    """Mail that is written from a planned contact makes it done, and waits a little."""

    _inherit = "mail.compose.message"

    def action_send_mail(self):
        """Send; where it is for planned contacts, offer to undo it."""
        touch_ids = self.env.context.get("retention_touch_ids")
        if not touch_ids:
            return super().action_send_mail()
        touches = self.env["retention.touch"].browse(touch_ids)
        touches._check_may_act()
        seconds = self.env.company.retention_undo_seconds
        if seconds and not self.scheduled_date:
            until = fields.Datetime.now() + timedelta(seconds=seconds)
            self.scheduled_date = fields.Datetime.to_string(until)
        _mails, messages = self._action_send_mail(auto_commit=False)
        done = touches._mailed(messages)
        return done._offer_undo(
            self.env._("The mail leaves in %s seconds.", seconds)
            if seconds
            else self.env._("The mail is on its way.")
        )
