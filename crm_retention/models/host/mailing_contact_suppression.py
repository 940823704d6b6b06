from odoo import models


class MailingContact(models.Model):
    """A barred address that comes back is barred again."""

    _name = "mailing.contact"
    _inherit = ["mailing.contact", "retention.suppression.met"]
