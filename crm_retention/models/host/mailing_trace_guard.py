from odoo import models


class MailingTrace(models.Model):
    _inherit = "mailing.trace"

    # the guard asks what went to an address a moment ago
    _retention_address_idx = models.Index("(email, create_date)")
