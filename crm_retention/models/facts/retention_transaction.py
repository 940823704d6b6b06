from datetime import date, datetime, timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, table_exists

SOURCES = [
    ("invoice", "Invoice"),
    ("order", "Sales Order"),
    ("pos", "Point of Sale"),
    ("elsewhere", "Elsewhere"),
]


class Span(NamedTuple):
    """Days from ``first`` to ``last``, and the same as moments in UTC, ``end`` out."""

    first: date
    last: date
    begin: datetime
    end: datetime


class RetentionTransaction(models.Model):
    """Every revenue document of every customer, one row each, read only.

    Which documents count is the company's choice (``retention_revenue_source``):
    posted invoices and credit notes, or confirmed orders; with either, point of
    sale orders and purchases from elsewhere. The amount is without taxes, in
    company currency at the document's own rate. Drafts, cancelled documents, zero
    amounts and documents between companies of this database do not count.

    A new source is one more method named in :meth:`_get_sources`.
    """

    _name = "retention.transaction"
    _description = "Revenue Document"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "reference"

    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(readonly=True, help="In the company's time zone.")
    amount = fields.Monetary(readonly=True)
    kind = fields.Selection(
        selection=[("sale", "Purchase"), ("refund", "Refund")], readonly=True
    )
    source = fields.Selection(selection=SOURCES, readonly=True)
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Document", model_field="res_model", readonly=True
    )
    reference = fields.Char(readonly=True)

    _depends = {
        "account.move": [
            "name",
            "state",
            "move_type",
            "commercial_partner_id",
            "invoice_date",
            "amount_untaxed_signed",
            "company_id",
        ],
        "sale.order": [
            "name",
            "state",
            "partner_id",
            "date_order",
            "amount_untaxed",
            "currency_rate",
            "company_id",
        ],
        "retention.purchase": [
            "partner_id",
            "company_id",
            "date",
            "amount_company",
            "reference",
        ],
        "res.partner": ["commercial_partner_id"],
        "res.company": [
            "partner_id",
            "retention_revenue_source",
            "resource_calendar_id",
        ],
        "resource.calendar": ["tz"],
    }

    @property
    def _table_query(self) -> SQL:
        return self._union()

    def _union(self, span=None) -> SQL:
        """Return the rows of all sources; with a :class:`Span`, only about its days."""
        selects = [getattr(self, name)(span) for name in self._get_sources()]
        return SQL(" UNION ALL ").join(SQL("(%s)", select) for select in selects)

    def _get_customers_between(self, company, first, last):
        """Return the ids of customers with a document dated from first to last."""
        self.env.flush_all()
        span = Span(first, last, *company._retention_day_bounds(first, last))
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT partner_id FROM (%s) doc WHERE company_id = %s"
                " AND date BETWEEN %s AND %s",
                self._union(span),
                company.id,
                first,
                last,
            )
        )
        return [row[0] for row in rows]

    def _get_sources(self) -> list[str]:
        """Return the names of the methods that give one source's rows each.

        A method takes ``span``, None or a :class:`Span` that it may use to read
        less (in a form that an index serves), and returns a ``SQL`` select
        of id, partner_id, company_id, date, amount, kind, source, res_model,
        res_id, reference. Ids of different sources must differ: the document's
        id times eight plus the source's place.
        """
        names = ["_select_invoices", "_select_orders", "_select_purchases"]
        if "pos.order" in self.env and table_exists(self.env.cr, "pos_order"):
            names.append("_select_pos_orders")
        return names

    def _select(self, place, source, model, amount, day, name) -> SQL:
        """Return the columns that every source has, of a document called ``doc``."""
        return SQL(
            """
            SELECT doc.id::bigint * 8 + %(place)s AS id,
                   customer.commercial_partner_id AS partner_id,
                   doc.company_id,
                   %(day)s AS date,
                   %(amount)s AS amount,
                   CASE WHEN %(amount)s > 0 THEN 'sale' ELSE 'refund' END AS kind,
                   %(source)s AS source,
                   %(model)s AS res_model,
                   doc.id AS res_id,
                   %(name)s AS reference
            """,
            place=place,
            source=source,
            model=model,
            amount=amount,
            day=day,
            name=name,
        )

    def _not_intercompany(self) -> SQL:
        """Return the condition that the customer is not one of our companies."""
        return SQL(
            "customer.commercial_partner_id NOT IN (SELECT partner_id FROM res_company)"
        )

    def _on_days(self, column: SQL, span) -> SQL:
        """Return the condition that a date lies in ``span``; True if that is None."""
        if not span:
            return SQL("TRUE")
        return SQL("%s BETWEEN %s AND %s", column, span.first, span.last)

    def _at_moments(self, column: SQL, span) -> SQL:
        """Return the same of a moment in UTC."""
        if not span:
            return SQL("TRUE")
        return SQL("(%s >= %s AND %s < %s)", column, span.begin, column, span.end)

    def _local_day(self, moment: SQL) -> SQL:
        """Return the day of a moment (UTC) in the time zone of ``company``."""
        return SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE COALESCE(calendar.tz, 'UTC'))::date",
            moment,
        )

    def _select_invoices(self, span=None) -> SQL:
        return SQL(
            """
            %s FROM account_move doc
              JOIN res_partner customer ON customer.id = doc.commercial_partner_id
              JOIN res_company company ON company.id = doc.company_id
             WHERE doc.state = 'posted'
               AND doc.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
               AND company.retention_revenue_source = 'invoice'
               AND doc.amount_untaxed_signed <> 0 AND %s AND %s
            """,
            self._select(
                0,
                "invoice",
                "account.move",
                SQL("doc.amount_untaxed_signed"),
                SQL("doc.invoice_date"),
                SQL("doc.name"),
            ),
            self._not_intercompany(),
            self._on_days(SQL("doc.invoice_date"), span),
        )

    def _select_orders(self, span=None) -> SQL:
        # the rate is company currency to order currency
        amount = SQL("round(doc.amount_untaxed / doc.currency_rate::numeric, 6)")
        return SQL(
            """
            %s FROM sale_order doc
              JOIN res_partner customer ON customer.id = doc.partner_id
              JOIN res_company company ON company.id = doc.company_id
              LEFT JOIN resource_calendar calendar
                ON calendar.id = company.resource_calendar_id
             WHERE doc.state = 'sale'
               AND company.retention_revenue_source = 'order'
               AND doc.amount_untaxed <> 0 AND doc.currency_rate <> 0 AND %s AND %s
            """,
            self._select(
                1,
                "order",
                "sale.order",
                amount,
                self._local_day(SQL("doc.date_order")),
                SQL("doc.name"),
            ),
            self._not_intercompany(),
            self._at_moments(SQL("doc.date_order"), span),
        )

    def _select_purchases(self, span=None) -> SQL:
        return SQL(
            """
            %s FROM retention_purchase doc
              JOIN res_partner customer ON customer.id = doc.partner_id
             WHERE doc.amount_company <> 0 AND %s AND %s
            """,
            self._select(
                2,
                "elsewhere",
                "retention.purchase",
                SQL("doc.amount_company"),
                SQL("doc.date"),
                SQL("doc.reference"),
            ),
            self._not_intercompany(),
            self._on_days(SQL("doc.date"), span),
        )

    def _select_pos_orders(self, span=None) -> SQL:
        """Point of sale orders, unless the same sale is counted elsewhere.

        An order with an invoice is the invoice where invoices count; one that
        settles a sales order is that order where orders count.
        """
        # _depends cannot name models that are not there
        self.env["pos.order"].flush_model()
        self.env["pos.order.line"].flush_model()
        return SQL(
            """
            %s FROM pos_order doc
              JOIN res_partner customer ON customer.id = doc.partner_id
              JOIN res_company company ON company.id = doc.company_id
              LEFT JOIN resource_calendar calendar
                ON calendar.id = company.resource_calendar_id
             WHERE doc.state IN ('paid', 'done')
               AND doc.amount_total <> doc.amount_tax
               AND CASE company.retention_revenue_source
                     WHEN 'invoice' THEN doc.account_move IS NULL ELSE NOT %s END
               AND %s AND %s
            """,
            self._select(
                3,
                "pos",
                "pos.order",
                SQL(
                    """round((doc.amount_total - doc.amount_tax)
                       / COALESCE(NULLIF(doc.currency_rate, 0), 1)::numeric, 6)"""
                ),
                self._local_day(SQL("doc.date_order")),
                SQL("doc.name"),
            ),
            self._settles_order(),
            self._not_intercompany(),
            self._at_moments(SQL("doc.date_order"), span),
        )

    def _settles_order(self) -> SQL:
        """Return the condition that a point of sale order settles a sales order."""
        if not column_exists(self.env.cr, "pos_order_line", "sale_order_origin_id"):
            return SQL("FALSE")
        return SQL(
            """EXISTS (SELECT FROM pos_order_line line WHERE line.order_id = doc.id
                          AND line.sale_order_origin_id IS NOT NULL)"""
        )

    @api.model
    def _mark_unseen(self, run):
        """Mark the customers of documents that no hook of ours sees being written.

        Those of apps that this addon does not depend on. The window reaches an hour
        behind the last collection, because a document carries the time at which
        its transaction began.
        :return: how many customers were marked.
        """
        if "pos.order" not in self.env:
            return 0
        last = run._get_last_start()
        since = last - timedelta(hours=1) if last else datetime.min
        # sudo: the job reads every till of the company
        orders = self.env["pos.order"].sudo()
        customers = orders._read_group(
            [
                ("company_id", "=", run.company_id.id),
                ("write_date", ">=", since),
                ("partner_id", "!=", False),
            ],
            ["partner_id"],
        )
        partners = self.env["res.partner"].browse(each.id for (each,) in customers)
        self.env["retention.mark"]._add(partners, run.company_id)
        return len(partners)

    def action_open_document(self):
        """Open the document that this row stands for."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }
