from odoo import models


class SaleOrderLine(models.Model):
    """Lines may change without a write on their order; what it amounts to does too."""

    _name = "sale.order.line"
    _inherit = ["sale.order.line", "retention.marking"]

    _retention_marking_fields = frozenset(
        {"price_unit", "product_uom_qty", "discount", "tax_ids", "order_id"}
    )

    def _retention_get_customers(self):
        """Return the customers of confirmed orders: no other counts."""
        return self.order_id.filtered(lambda order: order.state == "sale").partner_id
