from odoo import models


class RetentionSegment(models.Model):
    """Segments can be suggested by customers who are alike."""

    _inherit = "retention.segment"

    def action_find_groups(self):
        """Open the dialog that finds groups of similar customers."""
        return self.env["retention.cluster.wizard"]._open(self.env.company)
