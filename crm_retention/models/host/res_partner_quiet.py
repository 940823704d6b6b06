from odoo import models


class ResPartner(models.Model):
    """Lets activities be given to people without making them followers."""

    _inherit = "res.partner"

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Subscribe nobody where an activity is made or moved for a planned contact.

        Core subscribes whom an activity is assigned to; a salesperson would then get
        every note on hundreds of customers by mail.
        """
        if self.env.context.get("retention_quiet"):
            return True
        return super().message_subscribe(partner_ids, subtype_ids)
