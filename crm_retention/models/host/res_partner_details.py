from odoo import models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

LONGEST = 200
# what a customer may correct himself; anything else that a form sends is not read
DETAILS = ("name", "email", "phone", "street", "street2", "zip", "city")


class ResPartner(models.Model):
    """A customer confirms or corrects his own data in the portal."""

    _inherit = "res.partner"

    def _retention_get_details(self):
        """Return what the page shows of the person logged in."""
        self.ensure_one()
        return {name: self[name] or "" for name in DETAILS} | {
            "country_id": self.country_id.id,
            "countries": self.env["res.country"].search([("code", "!=", False)]),
            "company": self.parent_id.name or "",
            "may_rename": self._retention_may_rename(),
            "may_move": not self.country_id or self._can_edit_country(),
            "confirmed_on": self.retention_confirmed_on,
            "is_customer": self.commercial_partner_id == self,
            "no_profiling": self.retention_no_profiling,
        }

    def _retention_may_rename(self):
        """Tell whether the name may change: not once it stands on documents."""
        return bool(self.parent_id) or self.can_edit_vat()

    def _retention_note_details(self, form):
        """Keep what the person corrected, and that all of it is right today.

        :param form: texts by field; ``country_id`` is an id.
        :return: the names of the fields that were corrected.
        :raise UserError: for what cannot be right.
        """
        self.ensure_one()
        values = {
            name: form[name].strip()[:LONGEST] for name in DETAILS if name in form
        }
        if not self._retention_may_rename():
            values.pop("name", None)
        self._retention_check_details(values)
        country = self.env["res.country"].browse(form.get("country_id") or ()).exists()
        may_move = not self.country_id or self._can_edit_country()
        if country and country != self.country_id and may_move:
            values |= {"country_id": country.id, "state_id": False}
        changed = {
            name: value
            for name, value in values.items()
            if name != "state_id" and value != (self._retention_raw(name) or "")
        }
        if "country_id" in changed:
            changed["state_id"] = False
        if changed:
            before = {name: self._retention_raw(name) for name in changed}
            self.write(changed)
            self._retention_log_details(before)
        self._retention_confirm(self.env.user)
        return [name for name in changed if name != "state_id"]

    def _retention_raw(self, name):
        value = self[name]
        return value.id if isinstance(value, models.BaseModel) else value

    def _retention_check_details(self, values):
        """Refuse an empty name and addresses that nobody could be reached by."""
        if "name" in values and not values["name"]:
            raise UserError(self.env._("Please write your name."))
        if values.get("email"):
            mail = email_normalize(values["email"])
            if not mail:
                raise UserError(self.env._("Please check the e-mail address."))
            values["email"] = mail
        elif "email" in values and self.email:
            raise UserError(self.env._("Please write an e-mail address."))
        if values.get("phone") and values["phone"] != self.phone:
            if not self._phone_format(number=values["phone"]):
                raise UserError(
                    self.env._("Please write the phone number with its country code.")
                )

    def _retention_log_details(self, before):
        """Leave a note of what the customer corrected, before and after."""
        labels = {
            name: self._fields[name]._description_string(self.env) for name in before
        }
        lines = [
            self.env._(
                "%(field)s: %(before)s → %(after)s",
                field=labels[name],
                before=old or "–",
                after=self[name] or "–",
            )
            for name, old in before.items()
            if name in DETAILS
        ]
        self._message_log(
            body=self.env._(
                "Corrected in the portal. %(lines)s", lines="; ".join(lines)
            )
        )
