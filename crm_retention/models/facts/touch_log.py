from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from .retention_loading import is_text

USER = "crm_retention.group_retention_user"
AUDITOR = "crm_retention.group_retention_auditor"
MANAGER = "crm_retention.group_retention_manager"
SLACK = timedelta(minutes=5)  # clocks differ
CHOICES = ("direction", "category", "depth", "outcome")
LOGGED = {"partner_id", "channel", "note", "done_at", *CHOICES}


class RetentionTouch(models.Model):
    """Contacts that a person logs: a call, a visit, a chat outside Odoo."""

    _inherit = "retention.touch"

    @api.model
    def log_contact(self, values):
        """Keep that a contact took place; what follows from it takes effect at once.

        :param values: ``partner_id`` (the customer or one of its people) and where
            wanted ``channel`` (code or id; phone), ``direction`` (out),
            ``category`` (relationship), ``depth``, ``outcome`` (reached), ``note``,
            ``done_at`` (UTC; now).
        :return: the id of the contact.
        :raises AccessError: for auditors, and about a customer of somebody else.
        :raises ValidationError: in one sentence, where a value is wrong.
        """
        self._check_may_log()
        vals = self._clean_contact(values)
        self._check_may_log_with(vals)
        # sudo: contacts are written by the suite only; the rights were checked above
        return self.sudo().create(vals).id

    @api.model
    def _check_may_log(self):
        """Refuse who may not log contacts of anybody."""
        user = self.env.user
        reads_only = user.has_group(AUDITOR) and not user.has_group(MANAGER)
        if not self.env.su and (reads_only or not user.has_group(USER)):
            raise AccessError(
                self.env._("You may not log contacts: ask a retention manager.")
            )

    @api.model
    def _check_may_log_with(self, vals):
        """Refuse a customer of somebody else.

        By the rules of contacts, asked of one that is nobody's: of one's own one may
        read those with any customer.
        """
        if self.env.su:
            return
        rules = self.env["ir.rule"]._compute_domain(self._name, "read")
        # sudo: the rules look at what decides, whoever asks
        contact = self.sudo().new(vals | {"user_id": False})
        if not contact.filtered_domain(rules):
            raise AccessError(
                self.env._(
                    "%(customer)s is not one of your customers: ask who looks after "
                    "them, or a retention manager, to log the contact.",
                    customer=contact.partner_id.name,
                )
            )

    @api.model
    def _clean_contact(self, values):
        """Return the values of a contact, checked; ``user_id`` is who logs it."""
        if not isinstance(values, dict) or not set(values) <= LOGGED:
            self._refuse_log(
                self.env._("it may say: %s", ", ".join(sorted(LOGGED))),
            )
        chosen = {name: values[name] for name in CHOICES if values.get(name)}
        for name, value in chosen.items():
            choices = dict(self._fields[name].selection)
            if not isinstance(value, str) or value not in choices:
                self._refuse_log(self.env._("“%s” cannot be chosen", value))
        note = values.get("note") or False
        if note and not is_text(note):
            self._refuse_log(self.env._("the note holds characters to drop"))
        person = self._clean_person(values.get("partner_id"))
        return {
            "outcome": "reached",
            **chosen,
            "partner_id": person.commercial_partner_id.id,
            "person_id": person.id,
            "company_id": self.env.company.id,
            "channel_id": self._clean_channel(values.get("channel") or "phone"),
            "state": "done",
            "done_at": self._clean_moment(values.get("done_at")),
            "user_id": self.env.uid,
            "note": str(note) if note else False,
            "origin": "manual",
        }

    @api.model
    def _clean_person(self, partner_id):
        """Return the person met, who must be a customer of the current company."""
        # sudo: whether the customer is one's own is asked afterwards
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        is_id = isinstance(partner_id, int) and not isinstance(partner_id, bool)
        person = partners.browse(partner_id if is_id else False).exists()
        if not person:
            self._refuse_log(self.env._("the customer does not exist"))
        customer = person.commercial_partner_id
        staff = (person | customer).user_ids.filtered(lambda user: not user.share)
        # sudo: as above
        companies = self.env["res.company"].sudo()
        if staff or companies.search_count([("partner_id", "=", customer.id)], limit=1):
            self._refuse_log(
                self.env._("%s belongs to us and is no customer", person.name)
            )
        company = customer.company_id
        if company and company not in self.env.company.parent_ids:
            self._refuse_log(
                self.env._(
                    "%(customer)s belongs to %(company)s",
                    customer=customer.name,
                    company=company.name,
                )
            )
        return person

    @api.model
    def _clean_channel(self, channel):
        """Return the id of a channel given by code or id."""
        known = self.env["retention.channel"]._get_ids_by_code()
        found = known.get(channel) if isinstance(channel, str) else channel
        if found not in known.values():
            self._refuse_log(self.env._("there is no channel “%s”", channel))
        return found

    @api.model
    def _clean_moment(self, moment):
        """Return when the contact took place: now, or a moment before."""
        now = fields.Datetime.now()
        try:
            done_at = fields.Datetime.to_datetime(moment or now)
        except (TypeError, ValueError, OverflowError):
            done_at = None
        if not isinstance(done_at, datetime) or done_at.tzinfo:
            self._refuse_log(self.env._("its time cannot be read"))
        if done_at > now + SLACK:
            self._refuse_log(self.env._("it lies in the future"))
        return done_at

    @api.model
    def _refuse_log(self, why):
        raise ValidationError(
            self.env._("The contact was not logged: %(why)s.", why=why)
        )
