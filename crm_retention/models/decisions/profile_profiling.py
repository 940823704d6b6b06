from odoo import models


class RetentionProfile(models.Model):
    """Staff record that a customer does not want to be profiled."""

    _inherit = "retention.profile"

    def _note_profiling(self, wish, how):
        """Keep the customer's word; it takes effect at once."""
        self.ensure_one()
        self._check_may_note()
        self.check_access("read")
        # sudo: words of own customers are noted here; the rights were checked
        self.partner_id.sudo()._retention_note_profiling(wish, how)
