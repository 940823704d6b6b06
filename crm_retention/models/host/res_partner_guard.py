from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    # mailings and the guard look customers up by their address
    _retention_address_idx = models.Index(
        "(email_normalized) WHERE email_normalized IS NOT NULL"
    )
