from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class RetentionTouch(models.Model):
    """Planned touches as mail or SMS in Odoo's own queues."""

    _inherit = "retention.touch"

    def _get_person(self):
        """Return whom exactly this touch reaches."""
        self.ensure_one()
        return self.person_id or self.partner_id

    def _take_one_a_person(self):
        """Return of these touches one for each person; the others wait for their turn.

        A template is rendered once for a person, and nobody gets the same mail twice
        at one time.
        """
        taken = {}
        for touch in self:
            taken.setdefault(touch._get_person(), touch)
        return self.browse([touch.id for touch in taken.values()])

    def _queue_mails(self, template, waits_until=None):
        """Queue one mail of ``template`` for each of these touches; mark them done.

        In the transaction of the caller: either mail and touch are both there
        afterwards or neither, so that nothing is ever sent twice. Odoo's queue sends.

        :param waits_until: the moment before which the queue leaves them alone.
        :return: the touches that were done.
        """
        if self.env["retention.cadence"]._find_unfinished(template):
            raise UserError(self._say_unfinished(template))
        touches = self._take_one_a_person()
        persons = [touch._get_person() for touch in touches]
        for person in persons:
            if not person.email_normalized:
                raise UserError(
                    self.env._("%s has no valid e-mail address.", person.display_name)
                )
        mails = template.send_mail_batch(
            [person.id for person in persons],
            force_send=False,
            email_values={"scheduled_date": waits_until} if waits_until else None,
        )
        for person, touch, mail in zip(persons, touches, mails, strict=True):
            touch.mail_id = mail
            if not mail.recipient_ids and not mail.email_to:
                mail.recipient_ids = [Command.link(person.id)]
        touches._mark_sent()
        return touches

    @api.model
    def _say_unfinished(self, template):
        """Say why a mail of this template cannot leave, and what to do."""
        return self.env._(
            "The e-mail “%(name)s” is still to be written: replace what is marked with "
            "✎ in it, in every language.",
            name=template.name,
        )

    def _mark_sent(self):
        """Mark these touches done by a message that is on its way."""
        self.write(
            {
                "state": "done",
                "done_at": fields.Datetime.now(),
                "is_bulk": True,
                "act_at": False,
                "act_error": False,
            }
        )

    def _mail_by_hand(self, template, channel, waits_until):
        """Mail these touches by a template a person chose; it can be undone a while."""
        touches = self._take_one_a_person()
        touches._remember()
        touches._finish_activities(False)
        touches.channel_id = channel
        return touches._queue_mails(template, waits_until)

    # ---- SMS ---------------------------------------------------------------------

    @api.model
    def _sms_is_set_up(self):
        """Tell whether Odoo can send SMS for this company."""
        if "sms.sms" not in self.env:
            return False
        if self.env.company._get_sms_api_class().__module__ != (
            "odoo.addons.sms.tools.sms_api"
        ):
            return True  # another provider than Odoo's own was chosen
        # sudo: whether there is credit at all, not how much
        accounts = self.env["iap.account"].sudo()
        return bool(
            accounts.search_count(
                [
                    ("service_id.technical_name", "=", "sms"),
                    ("state", "=", "registered"),
                ],
                limit=1,
            )
        )

    def _queue_sms(self, text):
        """Queue one SMS for each of these touches; mark them done. As with mail."""
        touches = self._take_one_a_person()
        persons = self.env["res.partner"].union(
            *(touch._get_person() for touch in touches)
        )
        for person in persons:
            if not person.phone:
                raise UserError(
                    self.env._("%s has no telephone number.", person.display_name)
                )
        bodies = self.env["mail.render.mixin"]._render_template(
            text, "res.partner", persons.ids, engine="inline_template"
        )
        self.env["sms.sms"].create(
            [
                {
                    "partner_id": person.id,
                    "number": person._phone_format(fname="phone") or person.phone,
                    "body": bodies[person.id],
                    "state": "outgoing",
                }
                for person in persons
            ]
        )
        touches._mark_sent()
        return touches
