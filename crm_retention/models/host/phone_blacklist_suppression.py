from odoo import models


class PhoneBlacklist(models.Model):
    """Who may be called again is not barred any more."""

    _inherit = "phone.blacklist"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            # sudo: who may take a number off the list decides for both
            self.env["retention.suppression"].sudo()._release(
                "phone", self.mapped("number")
            )
        return result
