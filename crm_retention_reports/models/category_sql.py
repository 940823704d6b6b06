"""The SQL that sums what customers bought, by month and product category."""

from odoo.tools import SQL
from odoo.tools.sql import table_exists

KEYS = ("profile_id", "partner_id", "company_id", "month", "category_id")


class CategorySQL:
    """Builds the select of what some customers of one company bought, by category.

    The documents are those of ``retention.transaction``; amounts are without taxes, in
    company currency at the document's own rate. Purchases from elsewhere name no goods.

    :param as_of: the last day that counts.
    :param customer_ids: the customers.
    """

    def __init__(self, company, as_of, customer_ids):
        self.env = company.env
        self.company = company
        self.as_of = as_of
        self.among = SQL("= ANY(%s)", list(customer_ids))
        _begin, self.until = company._retention_day_bounds(as_of, as_of)

    def months(self) -> SQL:
        """Return one row a customer, month and category, all columns of the table."""
        return SQL(
            """
            SELECT profile.id AS profile_id, profile.partner_id, profile.company_id,
                   date_trunc('month', line.day)::date AS month,
                   template.categ_id AS category_id,
                   round(sum(line.amount)::numeric, %(places)s) AS revenue
              FROM (%(lines)s) line
              JOIN product_product variant ON variant.id = line.product
              JOIN product_template template ON template.id = variant.product_tmpl_id
              JOIN retention_profile profile ON profile.partner_id = line.customer
               AND profile.company_id = %(company)s
             WHERE template.categ_id IS NOT NULL
               AND line.customer NOT IN (SELECT partner_id FROM res_company)
             GROUP BY 1, 2, 3, 4, 5
            HAVING round(sum(line.amount)::numeric, %(places)s) <> 0
            """,
            lines=self._lines(),
            company=self.company.id,
            places=self.company.currency_id.decimal_places,
        )

    def _lines(self) -> SQL:
        """Return the rows that are summed: (customer, day, product, amount)."""
        if self.company.retention_revenue_source == "order":
            selects = [self._order_lines()]
        else:
            selects = [self._invoice_lines()]
        if "pos.order" in self.env and table_exists(self.env.cr, "pos_order_line"):
            selects.append(self._till_lines())
        return SQL(" UNION ALL ").join(SQL("(%s)", select) for select in selects)

    def _invoice_lines(self) -> SQL:
        return SQL(
            """
            SELECT doc.commercial_partner_id AS customer, doc.invoice_date AS day,
                   line.product_id AS product, -line.balance AS amount
              FROM account_move doc
              JOIN account_move_line line ON line.move_id = doc.id
             WHERE doc.state = 'posted'
               AND doc.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
               AND doc.company_id = %s AND doc.invoice_date <= %s
               AND doc.commercial_partner_id %s
               AND line.display_type = 'product' AND line.product_id IS NOT NULL
            """,
            self.company.id,
            self.as_of,
            self.among,
        )

    def _order_lines(self) -> SQL:
        # the rate is company currency to order currency
        return SQL(
            """
            SELECT buyer.commercial_partner_id AS customer, %(day)s AS day,
                   line.product_id AS product,
                   line.price_subtotal / doc.currency_rate::numeric AS amount
              FROM sale_order doc
              JOIN res_partner buyer ON buyer.id = doc.partner_id
              JOIN sale_order_line line ON line.order_id = doc.id
             WHERE doc.state = 'sale' AND doc.company_id = %(company)s
               AND doc.date_order < %(until)s AND doc.currency_rate <> 0
               AND buyer.commercial_partner_id %(among)s
               AND line.display_type IS NULL AND line.product_id IS NOT NULL
            """,
            day=self._day(),
            company=self.company.id,
            until=self.until,
            among=self.among,
        )

    def _till_lines(self) -> SQL:
        """Lines of the tills, but of sales that are counted as invoice or order."""
        elsewhere = SQL("doc.account_move IS NOT NULL")
        if self.company.retention_revenue_source == "order":
            elsewhere = self.env["retention.transaction"]._settles_order()
        return SQL(
            """
            SELECT buyer.commercial_partner_id AS customer, %(day)s AS day,
                   line.product_id AS product,
                   line.price_subtotal
                   / COALESCE(NULLIF(doc.currency_rate, 0), 1)::numeric AS amount
              FROM pos_order doc
              JOIN res_partner buyer ON buyer.id = doc.partner_id
              JOIN pos_order_line line ON line.order_id = doc.id
             WHERE doc.state IN ('paid', 'done') AND doc.company_id = %(company)s
               AND doc.date_order < %(until)s AND NOT %(elsewhere)s
               AND buyer.commercial_partner_id %(among)s
            """,
            day=self._day(),
            company=self.company.id,
            until=self.until,
            elsewhere=elsewhere,
            among=self.among,
        )

    def _day(self) -> SQL:
        """Return the company's own day of a document's moment."""
        return SQL(
            "(doc.date_order AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
            self.company.resource_calendar_id.tz or "UTC",
        )
