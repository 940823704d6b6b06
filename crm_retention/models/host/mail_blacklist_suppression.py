from odoo import models


class MailBlacklist(models.Model):
    """Who is allowed again is not barred any more."""

    _inherit = "mail.blacklist"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            # sudo: who may take an address off the list decides for both
            self.env["retention.suppression"].sudo()._release(
                "mail", self.mapped("email")
            )
        return result
