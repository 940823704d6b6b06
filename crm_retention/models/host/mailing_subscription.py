from odoo import models


class MailingSubscription(models.Model):
    """Who leaves the last mailing list leaves the plan of mails at once."""

    _name = "mailing.subscription"
    _inherit = ["mailing.subscription", "retention.replanning"]

    _retention_marking_fields = frozenset({"opt_out", "contact_id", "list_id"})

    _retention_written_idx = models.Index("(write_date)")

    def _retention_get_customers(self):
        # sudo: whoever opts out need not read the contacts of mailings
        addresses = self.sudo().contact_id.mapped("email_normalized")
        addresses = [each for each in addresses if each]
        return self.env["res.partner"]._retention_find("email_normalized", addresses)
