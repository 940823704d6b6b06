from odoo import api, models
from odoo.fields import Domain

LEAST_DIGITS = 5  # fewer would find half the country
MOST_FOUND = 10


class ResPartner(models.Model):
    """Who calls: found by the number, and a ticket from it."""

    _inherit = "res.partner"

    @api.model
    def _retention_find_callers(self, number):
        """Return the contacts that have this phone number, with the reader's rights.

        As it is written with or without the country; a number that nobody has as a
        whole is looked for as the end of longer ones.
        """
        digits = "".join(each for each in number or "" if each.isdecimal())
        if len(digits) < LEAST_DIGITS:
            return self.browse()
        whole = self.env.user._phone_format(
            number=number, country=self.env.company.country_id
        )
        found = self.search(
            Domain("phone_sanitized", "in", [whole or f"+{digits}"]), limit=MOST_FOUND
        )
        if found:
            return found
        ending = digits.lstrip("0")[-9:]
        return self.search(
            Domain("phone_sanitized", "=like", f"%{ending}"), limit=MOST_FOUND
        )

    def action_log_retention_call(self):
        """Open the dialog that makes a ticket of a call by this person."""
        self.ensure_one()
        self.env["retention.call.wizard"].check_access("create")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_call_wizard_action"
        )
        return action | {
            "context": {"default_number": self.phone, "default_partner_id": self.id}
        }
