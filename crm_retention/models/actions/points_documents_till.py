from odoo.tools import SQL


class TillDocuments:
    """Orders of the point of sale, where it is installed.

    What :class:`PointsDocuments` knows of them; it has ``env``, ``company`` and
    ``prepaid_ids``. An order with an invoice is that invoice.
    """

    def get_invoices(self, order_ids):
        """Return the invoices of these orders of the till."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT account_move FROM pos_order WHERE id = ANY(%s)"
                " AND account_move IS NOT NULL",
                list(order_ids),
            )
        )
        return sorted(row[0] for row in rows)

    def _refunded_orders(self, ids):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT original.order_id
                  FROM pos_order_line line
                  JOIN pos_order_line original
                    ON original.id = line.refunded_orderline_id
                 WHERE line.order_id = ANY(%s)
                """,
                list(ids),
            )
        )
        return {row[0] for row in rows}

    def _local_day(self, moment):
        zone = self.company.resource_calendar_id.tz or "UTC"
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, zone)

    def _sold(self, factor=None):
        """Return the sum of what an order of the till sells, in company currency."""
        return SQL(
            """
            (SELECT COALESCE(sum(line.price_subtotal * %(factor)s), 0)
                    / COALESCE(NULLIF(doc.currency_rate, 0), 1)::numeric
               FROM pos_order_line line %(join)s
              WHERE line.order_id = doc.id AND line.refunded_orderline_id IS NULL
                AND line.product_id <> ALL(%(prepaid)s))
            """,
            factor=SQL("COALESCE(exception.factor, 1)") if factor else SQL("1"),
            join=factor or SQL(""),
            prepaid=self.prepaid_ids,
        )

    def _select_pos(self, ids):
        """Orders of the till; one with an invoice is that invoice."""
        return SQL(
            """
            SELECT doc.id, customer.commercial_partner_id, %(day)s, %(day)s,
                   doc.state IN ('paid', 'done') AND doc.account_move IS NULL
                     AND %(customer)s,
                   round(%(amount)s, 6), doc.name
              FROM pos_order doc
              LEFT JOIN res_partner customer ON customer.id = doc.partner_id
             WHERE doc.id = ANY(%(ids)s)
            """,
            day=self._local_day(SQL("doc.date_order")),
            customer=self._is_customer(),
            amount=self._sold(),
            ids=ids,
        )

    def _select_pos_refunds(self, ids):
        return self._select_given_back(ids, SQL("original.order_id"))

    def _select_pos_refunds_of_invoices(self, ids):
        return self._select_given_back(ids, SQL("sold.account_move"))

    def _select_given_back(self, ids, root):
        """Orders that give lines back, unless a credit note says the same."""
        return SQL(
            """
            SELECT %(root)s, 'pos.order', doc.id,
                   round(-sum(line.price_subtotal
                       / COALESCE(NULLIF(doc.currency_rate, 0), 1)::numeric), 6),
                   doc.name
              FROM pos_order_line line
              JOIN pos_order_line original ON original.id = line.refunded_orderline_id
              JOIN pos_order sold ON sold.id = original.order_id
              JOIN pos_order doc ON doc.id = line.order_id
              LEFT JOIN account_move note ON note.id = doc.account_move
             WHERE %(root)s = ANY(%(ids)s) AND doc.state IN ('paid', 'done')
               AND line.product_id <> ALL(%(prepaid)s)
               AND note.reversed_entry_id IS NULL
             GROUP BY %(root)s, doc.id
            """,
            root=root,
            ids=ids,
            prepaid=self.prepaid_ids,
        )
