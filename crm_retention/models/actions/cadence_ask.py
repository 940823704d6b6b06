from odoo import models


class RetentionCadence(models.Model):
    """A rhythm that asks sends invitations, by e-mail only."""

    _inherit = "retention.cadence"

    def _get_automation(self, channel):
        if not self.survey_id:
            return super()._get_automation(channel)
        by_mail = channel.automation == "mail" and self.mail_template_id
        return "survey" if by_mail else False
