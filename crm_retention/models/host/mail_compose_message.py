from odoo import models


class MailComposeMessage(models.TransientModel):
    """Asks the guard once more as each batch of a mass mailing is built."""

    _inherit = "mail.compose.message"

    def _prepare_mail_values(self, res_ids):
        if self.composition_mode == "mass_mail" and self.mass_mailing_id:
            res_ids = self.mass_mailing_id._retention_allow_batch(list(res_ids))
        return super()._prepare_mail_values(res_ids)

    def _action_send_mail(self, auto_commit=False):
        result = super()._action_send_mail(auto_commit=auto_commit)
        # a mailing made from a list of contacts counts as sent from the beginning
        for mailing in self.mass_mailing_id:
            if mailing.state == "done" and mailing.retention_next_at:
                mailing.write({"state": "done"})
        return result
