from odoo import fields, models
from odoo.exceptions import UserError

from ...tools import caps

# what stops an invitation that a person sends; other limits do not
STOPPING = ("consent", "optout", "wish", "survey")


class SurveyInvite(models.TransientModel):
    """Odoo's own invitations count for the limit on surveys, and obey it."""

    _inherit = "survey.invite"

    def _prepare_answers(self, partners, emails):
        allowed, reasons = self._retention_split(partners)
        if reasons and not allowed and not emails:
            raise UserError(
                self.env._(
                    "Nobody can be invited now: %(reasons)s",
                    reasons="; ".join(sorted(set(reasons))),
                )
            )
        if reasons:
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "message": self.env._(
                        "%(count)s contacts were left out: %(reasons)s",
                        count=len(reasons),
                        reasons="; ".join(sorted(set(reasons))),
                    ),
                },
            )
        answers = super()._prepare_answers(allowed, emails)
        # sudo: who may invite need not be allowed to change answers
        answers.sudo().retention_invited_at = fields.Datetime.now()
        fresh = answers.filtered(lambda each: each.partner_id and each.state != "done")
        self._retention_note_asked(fresh)
        return answers

    def _retention_split(self, partners):
        """Return who may be invited, and why the others may not."""
        guard, company = self.env["retention.guard"], self.env.company
        mail = self.env["retention.channel"]._get_ids_by_code().get("email")
        requests = [
            caps.Request(
                # sudo: whose customer somebody is, whoever invites
                person.sudo().commercial_partner_id.id,
                person.id,
                mail,
                "relationship",
                source=("survey", self.survey_id.id),
                is_survey=True,
            )
            for person in partners
        ]
        # sudo: the guard keeps customers for this transaction
        guard.sudo()._hold(company, [each.customer_id for each in requests])
        verdicts = guard._judge(company, requests)
        stopped = {
            request.person_id: (request, verdict)
            for request, verdict in zip(requests, verdicts, strict=True)
            if verdict.state != caps.ALLOWED and verdict.cause in STOPPING
        }
        if stopped:
            # sudo: refusals are kept by the guard, whoever asks
            guard.sudo()._log(company, *map(list, zip(*stopped.values(), strict=True)))
        allowed = partners.filtered(lambda person: person.id not in stopped)
        return allowed, [verdict.reason for _request, verdict in stopped.values()]

    def _retention_note_asked(self, answers):
        """Keep the invitations of those whom nobody invited before."""
        # sudo: the suite keeps them, whoever invites
        rows = self.env["retention.feedback"].sudo()
        known = rows.search([("input_id", "in", answers.ids)])
        known.invited_at = fields.Datetime.now()
        rows._note_asked(answers - known.input_id, self.env.company)
