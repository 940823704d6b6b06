from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...tools import caps, rewards


class RetentionReward(models.Model):
    """How each kind of reward is handed out; called with the rights of the system.

    Each method returns values for the exchange. Loyalty's own mails never leave:
    they would know nothing of the dry run.
    """

    _inherit = "retention.reward"

    def _issue_coupon(self, person, _amount, today):
        """Make a coupon that can be used once."""
        native = self.loyalty_program_id
        expires = today + timedelta(days=self.valid_days) if self.valid_days else False
        numbers = min(native.reward_ids.mapped("required_points"))
        card = self._quiet("loyalty.card").create(
            {
                "program_id": native.id,
                "partner_id": person.id,
                "points": numbers,
                "expiration_date": expires,
            }
        )
        self._note_on_card(card, self.name, issued=numbers)
        return {
            "card_id": card.id,
            "card_points": numbers,
            "code": card.code,
            "expires_on": expires,
        }

    def _issue_code(self, _person, _amount, _today):
        """Tell the code that all customers get."""
        native = self.loyalty_program_id
        code = native.rule_ids.filtered("code")[:1].code
        if not code:
            raise UserError(self.env._("%s has no code.", native.name))
        return {"code": code, "expires_on": native.date_to}

    def _issue_wallet(self, person, amount, _today):
        """Put the money on the customer's wallet; make one where he has none."""
        cards = self._quiet("loyalty.card")
        card = cards.search(
            [
                ("program_id", "=", self.loyalty_program_id.id),
                ("partner_id", "=", person.id),
            ],
            order="id",
            limit=1,
        ) or cards.create(
            {
                "program_id": self.loyalty_program_id.id,
                "partner_id": person.id,
                "points": 0,
            }
        )
        card.points = self.currency_id.round(card.points + amount)
        self._note_on_card(card, self.name, issued=amount)
        return {"card_id": card.id, "card_points": amount}

    def _issue_gift(self, _person, _amount, _today):
        return {}

    def _issue_event(self, person, _amount, _today):
        """Register the customer for the event."""
        event = self.event_ref.exists()
        if not event:
            raise UserError(self.env._("The event is no more."))
        place = self.env["event.registration"].create(
            {
                "event_id": event.id,
                "partner_id": person.id,
                "name": person.name,
                "email": person.email,
                "phone": person.phone,
            }
        )
        return {"res_model": place._name, "res_id": place.id}

    def _quiet(self, model):
        """Return a model of Odoo's loyalty app that tells nobody anything."""
        return self.env[model].with_context(
            loyalty_no_mail=True, mail_create_nosubscribe=True
        )

    def _note_on_card(self, card, text, issued=0.0, used=0.0):
        """Keep in Odoo's history of the card what was done with it."""
        self.env["loyalty.history"].create(
            {
                "card_id": card.id,
                "description": text,
                "issued": issued,
                "used": used,
            }
        )


class RetentionRewardExchange(models.Model):
    """What follows a new exchange: the task for a gift, the mail to the customer."""

    _inherit = "retention.reward.exchange"

    def _after_issue(self):
        """Ask a person to send a gift."""
        self.ensure_one()
        if self.kind != rewards.GIFT:
            return
        reward, program = self.reward_id, self.account_id.program_id
        user = reward.user_id or self.partner_id.user_id or program.owner_id
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            date_deadline=self.date + timedelta(days=reward.gift_days),
            summary=self.env._("Send the gift: %s", reward.name),
            note=self.env._("For %s", self.person_id.display_name),
            user_id=user.id,
        )

    def _tell_customer(self):
        """Queue our mail on what was handed out, unless this is a dry run.

        The guard is asked as for every mail; it lets through what a customer has
        just asked for, but knows who may not be written to.
        """
        self.ensure_one()
        template = self.env.ref(
            "crm_retention.mail_template_exchange", raise_if_not_found=False
        )
        if (
            not template
            or not self.company_id.retention_sending
            or not self.person_id.email_normalized
        ):
            return
        verdict = self._ask_guard()
        if verdict.state == caps.BLOCKED:
            return
        waits = verdict.until if verdict.state == caps.DEFERRED else False
        mail = template.send_mail_batch(
            self.ids,
            force_send=False,
            email_values={"scheduled_date": waits} if waits else None,
        )
        if not mail.recipient_ids and not mail.email_to:
            mail.recipient_ids = [Command.link(self.person_id.id)]

    def _ask_guard(self):
        """Return the guard's verdict on our mail to this customer, now; log it."""
        guard, company = self.env["retention.guard"], self.company_id
        request = caps.Request(
            customer_id=self.partner_id.id,
            person_id=self.person_id.id,
            channel_id=self.env["retention.channel"]._get_ids_by_code().get("email"),
            category="transactional",
            source=("exchange", self.reward_id.id),
        )
        guard._hold(company, self.partner_id.ids)
        [verdict] = guard._judge(company, [request])
        guard._log(company, [request], [verdict])
        return verdict
