from odoo import models
from odoo.tools import SQL
from odoo.tools.sql import table_exists


class RetentionTransaction(models.Model):
    """The products on the documents that count as revenue."""

    _inherit = "retention.transaction"

    def _lines(self, company, first, last, customer_ids=None) -> SQL:
        """Return the product lines of one company's documents of these days.

        A select of customer, document (as the transaction's id), day, product (its
        variant) and returned. Credit notes count wherever they stand: what was given
        back was given back, also where orders are the revenue.

        :param customer_ids: of these customers only.
        """
        day = (first, last)
        selects = [
            getattr(self, name)(company, *day) for name in self._get_line_sources()
        ]
        # read by the database only
        self.env.flush_all()
        return SQL(
            """SELECT line.* FROM (%s) line
                WHERE line.customer NOT IN (SELECT partner_id FROM res_company)
                  AND %s""",
            SQL(" UNION ALL ").join(SQL("(%s)", select) for select in selects),
            SQL("TRUE")
            if customer_ids is None
            else SQL("line.customer = ANY(%s)", list(customer_ids)),
        )

    def _get_line_sources(self) -> list[str]:
        """Return the names of the methods that give one source's lines each."""
        names = ["_select_invoice_lines", "_select_order_lines"]
        if "pos.order.line" in self.env and table_exists(self.env.cr, "pos_order_line"):
            names.append("_select_till_lines")
        return names

    def _select_invoice_lines(self, company, first, last) -> SQL:
        kinds = ["out_refund"]
        if company.retention_revenue_source == "invoice":
            kinds += ["out_invoice", "out_receipt"]
        return SQL(
            """
            SELECT doc.commercial_partner_id AS customer,
                   doc.id::bigint * 8 AS document,
                   doc.invoice_date AS day, line.product_id AS product,
                   (doc.move_type = 'out_refund') = (line.quantity > 0) AS returned
              FROM account_move doc
              JOIN account_move_line line ON line.move_id = doc.id
             WHERE doc.state = 'posted' AND doc.move_type = ANY(%s)
               AND doc.company_id = %s AND doc.invoice_date BETWEEN %s AND %s
               AND line.display_type = 'product' AND line.product_id IS NOT NULL
               AND line.quantity <> 0
            """,
            kinds,
            company.id,
            first,
            last,
        )

    def _select_order_lines(self, company, first, last) -> SQL:
        """Lines of orders; without rewards and down payments, which nobody chose."""
        begin, end = company._retention_day_bounds(first, last)
        return SQL(
            """
            SELECT customer.commercial_partner_id, doc.id::bigint * 8 + 1,
                   (doc.date_order AT TIME ZONE 'UTC' AT TIME ZONE %s)::date,
                   line.product_id, line.product_uom_qty < 0
              FROM sale_order doc
              JOIN res_partner customer ON customer.id = doc.partner_id
              JOIN sale_order_line line ON line.order_id = doc.id
             WHERE %s AND doc.state = 'sale' AND doc.company_id = %s
               AND doc.date_order >= %s AND doc.date_order < %s
               AND line.display_type IS NULL AND line.product_id IS NOT NULL
               AND line.product_uom_qty <> 0
               AND line.is_downpayment IS NOT TRUE AND line.reward_id IS NULL
            """,
            company.resource_calendar_id.tz or "UTC",
            company.retention_revenue_source == "order",
            company.id,
            begin,
            end,
        )

    def _select_till_lines(self, company, first, last) -> SQL:
        """Lines of the tills; without orders that are invoices or sales orders too."""
        begin, end = company._retention_day_bounds(first, last)
        elsewhere = (
            SQL("doc.account_move IS NOT NULL")
            if company.retention_revenue_source == "invoice"
            else self._settles_order()
        )
        return SQL(
            """
            SELECT customer.commercial_partner_id, doc.id::bigint * 8 + 3,
                   (doc.date_order AT TIME ZONE 'UTC' AT TIME ZONE %s)::date,
                   line.product_id, line.qty < 0
              FROM pos_order doc
              JOIN res_partner customer ON customer.id = doc.partner_id
              JOIN pos_order_line line ON line.order_id = doc.id
             WHERE doc.state IN ('paid', 'done') AND doc.company_id = %s
               AND doc.date_order >= %s AND doc.date_order < %s
               AND line.qty <> 0 AND NOT %s
            """,
            company.resource_calendar_id.tz or "UTC",
            company.id,
            begin,
            end,
            elsewhere,
        )
