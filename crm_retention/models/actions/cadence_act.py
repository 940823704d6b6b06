from odoo import fields, models


class RetentionCadence(models.Model):
    """What an automatic line sends, and by what."""

    _inherit = "retention.cadence"

    sms_text = fields.Text(
        translate=True,
        help="Sent by SMS where the channel is one. Placeholders as in e-mail "
        "templates: {{ object.name }}.",
    )

    def _get_automation(self, channel):
        """Return by what this line reaches ``channel`` by itself, or False."""
        if channel.automation == "mail" and self.mail_template_id:
            return "mail"
        if channel.automation == "sms" and self.sms_text:
            return "sms"
        return False
