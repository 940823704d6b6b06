from odoo import models


class PhoneBlacklist(models.Model):
    """Who may no longer be called leaves the plan at once, and comes back."""

    _name = "phone.blacklist"
    _inherit = ["phone.blacklist", "retention.replanning"]

    _retention_marking_fields = frozenset({"number", "active"})

    _retention_written_idx = models.Index("(write_date)")

    def _retention_get_customers(self):
        numbers = [each for each in self.mapped("number") if each]
        return self.env["res.partner"]._retention_find("phone_sanitized", numbers)
