from odoo import fields, models
from odoo.exceptions import UserError

from ...tools import caps

# what stops an invitation that a person sends; other limits do not
STOPPING = ("consent", "optout", "wish", "survey")


class SurveyInvite(models.TransientModel):
    """Odoo's own invitations count for the limit on surveys, and obey it.

    Those of customers, to surveys that ask for opinions: exams, and what a company
    asks its own people, are left alone.
    """

    _inherit = "survey.invite"

    def _prepare_answers(self, partners, emails):
        if not self.survey_id._retention_asks_opinion():
            return super()._prepare_answers(partners, emails)
        customers = partners.filtered(lambda each: not each._retention_is_own())
        allowed, reasons = self._retention_split(customers)
        allowed |= partners - customers
        self._retention_tell(reasons, bool(allowed or emails))
        answers = super()._prepare_answers(allowed, emails)
        self._retention_note(
            answers.filtered(lambda each: each.partner_id in customers)
        )
        return answers

    def _retention_tell(self, reasons, anybody):
        """Tell who invites why some were left out; refuse if nobody is left."""
        if not reasons:
            return
        why = "; ".join(sorted(set(reasons)))
        if not anybody:
            raise UserError(
                self.env._("Nobody can be invited now: %(reasons)s", reasons=why)
            )
        self.env.user._bus_send(
            "simple_notification",
            {
                "type": "warning",
                "message": self.env._(
                    "%(count)s contacts were left out: %(reasons)s",
                    count=len(reasons),
                    reasons=why,
                ),
            },
        )

    def _retention_split(self, partners):
        """Return who may be invited, and why the others may not."""
        guard, company = self.env["retention.guard"], self.env.company
        # sudo: who invites need not have rights on channels
        mail = self.env["retention.channel"].sudo()._get_ids_by_code().get("email")
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

    def _retention_note(self, answers):
        """Keep these invitations of customers, each as a contact that took place."""
        now, company = fields.Datetime.now(), self.env.company
        answers = answers.sudo()  # sudo: the suite keeps them, whoever invites
        answers.retention_invited_at = now
        rows = self.env["retention.feedback"].sudo()  # sudo: as above
        known = rows.search([("input_id", "in", answers.ids)])
        known.filtered(lambda row: row.state == "asked").invited_at = now
        rows._note_asked(answers - known.input_id, company)
        channels = self.env["retention.channel"].sudo()._get_ids_by_code()  # sudo: "
        self.env["retention.touch"].sudo().create(  # sudo: as above
            [
                {
                    "partner_id": each.partner_id.commercial_partner_id.id,
                    "person_id": each.partner_id.id,
                    "company_id": company.id,
                    "channel_id": channels["email"],
                    "category": "relationship",
                    "state": "done",
                    "done_at": now,
                    "outcome": "reached",
                    "is_bulk": True,
                    "origin": "message",
                    "user_id": self.env.uid,
                    "key": f"survey.user_input:{each.id}-{now:%Y%m%d%H%M%S}:"
                    f"{each.partner_id.commercial_partner_id.id}",
                }
                for each in answers
            ]
        )
