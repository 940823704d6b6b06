from odoo import models


class MailBlacklist(models.Model):
    """Who may no longer be mailed leaves the plan at once, and comes back."""

    _name = "mail.blacklist"
    _inherit = ["mail.blacklist", "retention.replanning"]

    _retention_marking_fields = frozenset({"email", "active"})

    _retention_written_idx = models.Index("(write_date)")

    def _retention_get_customers(self):
        addresses = [each for each in self.mapped("email") if each]
        return self.env["res.partner"]._retention_find("email_normalized", addresses)
