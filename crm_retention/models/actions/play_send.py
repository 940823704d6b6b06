from odoo import api, models
from odoo.tools import SQL


class RetentionTouch(models.Model):
    """Messages of plays: sent by the act step as those of policies are."""

    _inherit = "retention.touch"

    @api.model
    def _automatic_sql(self):
        return SQL(
            "(%s) OR (touch.play_id IS NOT NULL AND touch.is_bulk"
            " AND touch.for_person IS NOT TRUE)",
            super()._automatic_sql(),
        )

    def _prepare_request(self):
        request = super()._prepare_request()
        if not self.play_id:
            return request
        return request._replace(purpose_id=self.play_id.consent_id.id or None)

    def _send_by(self, line, automation):
        """What belongs to no rhythm belongs to a play, which knows what it sends."""
        if line:
            return super()._send_by(line, automation)
        for play, touches in self.grouped("play_id").items():
            how = play._get_automation(touches.channel_id)
            super(RetentionTouch, touches)._send_by(play, how)
        return None

    def _prepare_activity_values(self, types):
        values = super()._prepare_activity_values(types)
        if self.play_id and self.alert_id:
            play = self.play_id.with_context(lang=self.user_id.lang)
            parts = (self.alert_id.reason, play.guidance)
            values["note"] = "\n".join(filter(None, parts))
        return values
