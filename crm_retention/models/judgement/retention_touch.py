from odoo import models


class RetentionTouch(models.Model):
    """What a contact means for the customer's profile."""

    _inherit = "retention.touch"

    # for the stage step: contacts that came, or turned out not to be, since then
    _written_idx = models.Index(
        "(company_id, write_date) WHERE state IN ('done', 'dropped')"
    )

    def _contacts_changed(self):
        result = super()._contacts_changed()
        # sudo: whoever logs a contact may have it shown on the profile
        profiles = self.env["retention.profile"].sudo()
        for company, touches in self.grouped("company_id").items():
            profiles._refresh_contacts(company, touches.partner_id.ids)
        return result
