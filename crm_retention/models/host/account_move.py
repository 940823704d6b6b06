from odoo import models


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "retention.marking"]

    _retention_marking_fields = frozenset(
        {"state", "partner_id", "invoice_date", "company_id", "move_type"}
    )

    _retention_revenue_idx = models.Index(
        """(commercial_partner_id)
        INCLUDE (company_id, invoice_date, amount_untaxed_signed)
        WHERE state = 'posted'
          AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')"""
    )

    _retention_written_idx = models.Index("(write_date)")

    def _retention_get_customers(self):
        """Only posted customer documents tell something."""
        counted = self.filtered(
            lambda move: move.state == "posted" and move.is_sale_document(True)
        )
        return counted.commercial_partner_id
