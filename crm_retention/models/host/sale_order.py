from odoo import fields, models

from .res_partner import SHOWN


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "retention.marking"]

    _retention_marking_fields = frozenset(
        {
            "state",
            "partner_id",
            "date_order",
            "company_id",
            "currency_id",
            "order_line",
            "amount_untaxed",
        }
    )

    # related_sudo would show figures of customers whose profile one may not read
    retention_tier_id = fields.Many2one(
        related="partner_id.retention_tier_id",
        related_sudo=False,
        string="Customer Tier",
    )
    retention_segment_id = fields.Many2one(
        related="partner_id.retention_segment_id",
        related_sudo=False,
        string="Customer Segment",
    )

    _retention_revenue_idx = models.Index(
        """(partner_id) INCLUDE (company_id, date_order, amount_untaxed, currency_rate)
        WHERE state = 'sale'"""
    )
    _retention_written_idx = models.Index("(write_date)")
    _retention_quotation_idx = models.Index(
        """(partner_id) INCLUDE (company_id, create_date)
        WHERE state IN ('draft', 'sent')"""
    )

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let orders be grouped by what the contact shows, with the reader's rules."""
        if field_expr not in SHOWN:
            return super()._field_to_sql(alias, field_expr, query)
        partners, partner_alias = self._fields["partner_id"].join(self, alias, query)
        return partners._field_to_sql(partner_alias, field_expr, query)
