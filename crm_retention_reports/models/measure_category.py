from odoo import api, models


class RetentionMonth(models.Model):
    """With the months, what was bought of each product category is kept."""

    _inherit = "retention.month"

    @api.model
    def _measure(self, company, customer_ids, as_of):
        changed = super()._measure(company, customer_ids, as_of)
        categories = self.env["retention.month.category"]
        return changed + categories._measure(company, customer_ids, as_of)
