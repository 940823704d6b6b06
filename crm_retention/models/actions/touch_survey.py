from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class RetentionTouch(models.Model):
    """Planned touches that ask: an invitation to a survey, with a link of its own."""

    _inherit = "retention.touch"

    def _prepare_request(self):
        return (
            super()
            ._prepare_request()
            ._replace(is_survey=bool(self.cadence_id.survey_id))
        )

    def _send_by(self, line, automation):
        if automation != "survey":
            return super()._send_by(line, automation)
        if line._find_unfinished(line.mail_template_id):
            return self._note_error(self._say_unfinished(line.mail_template_id))
        return self._queue_surveys(line.survey_id, line.mail_template_id)

    def _queue_surveys(self, survey, template):
        """Queue one invitation for each of these touches; mark them done.

        As ``_queue_mails``: invitation, mail and touch are there together or not at
        all.
        """
        if not survey.active:
            raise UserError(
                self.env._("The survey “%(name)s” is closed.", name=survey.title)
            )
        touches = self._take_one_a_person()
        persons = [touch._get_person() for touch in touches]
        for person in persons:
            if not person.email_normalized:
                raise UserError(
                    self.env._("%s has no valid e-mail address.", person.display_name)
                )
        inputs = survey._retention_open_inputs(persons, fields.Datetime.now())
        mails = template.send_mail_batch(inputs.ids, force_send=False)
        for person, touch, mail in zip(persons, touches, mails, strict=True):
            touch.mail_id = mail
            if not mail.recipient_ids and not mail.email_to:
                mail.recipient_ids = [Command.link(person.id)]
        for company, group in touches.grouped("company_id").items():
            asked = inputs.filtered(
                lambda each, group=group: (
                    each.partner_id in [touch._get_person() for touch in group]
                )
            )
            self.env["retention.feedback"]._note_asked(asked, company)
        touches._mark_sent()
        return touches
