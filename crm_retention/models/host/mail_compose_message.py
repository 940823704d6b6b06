from odoo import models

from ...tools import caps

WORDS = ("consent", "optout", "wish")  # what the customer said, by cause of a refusal


class MailComposeMessage(models.TransientModel):
    """Asks the guard once more as each batch of a mass mailing is built.

    Mail to many contacts without a mailing is a person's decision, which limits do
    not stop; what the customers themselves said does.
    """

    _inherit = "mail.compose.message"

    def _prepare_mail_values(self, res_ids):
        if self.composition_mode == "mass_mail" and self.mass_mailing_id:
            res_ids = self.mass_mailing_id._retention_allow_batch(list(res_ids))
        elif self.composition_mode == "mass_mail" and self.model == "res.partner":
            res_ids = self._retention_leave_out(list(res_ids))
        return super()._prepare_mail_values(res_ids)

    def _retention_leave_out(self, res_ids):
        """Return those of these contacts who did not say no; tell the sender."""
        guard, company = self.env["retention.guard"], self.env.company
        mail = self.env.ref("crm_retention.channel_email").id
        requests = [
            caps.Request(
                person.commercial_partner_id.id, person.id, mail, "relationship"
            )
            for person in self.env["res.partner"].browse(res_ids)
        ]
        verdicts = guard._judge(company, requests, together=False)
        refused = {
            request.person_id: (request, verdict)
            for request, verdict in zip(requests, verdicts, strict=True)
            if verdict.state != caps.ALLOWED and verdict.cause in WORDS
        }
        if refused:
            guard._log(company, *map(list, zip(*refused.values(), strict=True)))
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "message": self.env._(
                        "%(count)s contacts were left out: they refused, unsubscribed, "
                        "or wish no mail now.",
                        count=len(refused),
                    ),
                },
            )
        return [each for each in res_ids if each not in refused]

    def _action_send_mail(self, auto_commit=False):
        result = super()._action_send_mail(auto_commit=auto_commit)
        # a mailing made from a list of contacts counts as sent from the beginning
        for mailing in self.mass_mailing_id:
            if mailing.state == "done" and mailing.retention_next_at:
                mailing.write({"state": "done"})
        return result
