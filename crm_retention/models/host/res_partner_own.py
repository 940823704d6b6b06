from odoo import models


class ResPartner(models.Model):
    """Who is asked about satisfaction: customers, not one's own people."""

    _inherit = "res.partner"

    def _retention_is_own(self):
        """Tell whether this contact is a colleague, or one of our companies."""
        self.ensure_one()
        # sudo: who is a colleague, whoever asks; archived ones were
        person = self.sudo().with_context(active_test=False)
        if any(not user.share for user in person.user_ids):
            return True
        return bool(person.commercial_partner_id.ref_company_ids)
