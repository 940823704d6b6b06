"""Which documents may earn points: of whom, when, on what amount, what was refunded.

An ordinary class, because nobody looks at these rows by themselves: the settle step
asks for them in batches, a fixed number of statements each.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from odoo.tools import SQL
from odoo.tools.sql import column_exists

from .points_documents_till import TillDocuments

INVOICES, PURCHASES, POS = "account.move", "retention.purchase", "pos.order"


class Refund(NamedTuple):
    """What one document gives back of a purchase; ``of`` is (model, id) of it."""

    of: tuple[str, int]
    amount: float
    name: str


@dataclass(slots=True)
class Document:
    """One purchase. Amounts are in the company's currency, without taxes.

    Delivery and what is paid in advance (gift cards, e-wallets) are not part of
    ``amount``; discounts and redeemed rewards lower it. ``paid_on`` is None as long
    as it is not paid; ``counts`` is whether it earns once that is done.
    """

    model: str
    id: int
    partner_id: int | None
    day: date | None
    paid_on: date | None
    counts: bool
    amount: float
    name: str
    refunds: list = field(default_factory=list)  # of Refund

    @property
    def is_refunded(self):
        """Whether everything was given back."""
        return sum(refund.amount for refund in self.refunds) >= self.amount


class PointsDocuments(TillDocuments):
    """Reads documents of one company. ``sources`` are the models there are."""

    def __init__(self, env, company):
        self.env = env
        self.company = company
        self.has_pos = "pos.order" in env and env["pos.order"]._auto
        self.sources = (INVOICES, PURCHASES) + ((POS,) if self.has_pos else ())
        self.prepaid_ids = self._get_prepaid_products()

    def _get_prepaid_products(self):
        """Return the products by which gift cards and e-wallets are filled."""
        # sudo: what a document amounts to does not depend on who asks
        rules = self.env["loyalty.rule"].sudo().with_context(active_test=False)
        found = rules.search([("program_type", "in", ("gift_card", "ewallet"))])
        return found.product_ids.ids

    # ---- which ones ------------------------------------------------------------------

    def waiting(self, source, first, since, after, limit):
        """Return (last id looked at or None, ids of purchases to look at).

        :param first: documents of earlier days are left out where ``since`` is None.
        :param since: only what was written from then on; a refund names the purchase
            that it gives back.
        """
        table, root, day = {
            INVOICES: (
                "account_move",
                self._root_of_invoice(),
                SQL("doc.invoice_date"),
            ),
            PURCHASES: (
                "retention_purchase",
                SQL("CASE WHEN doc.amount > 0 THEN doc.id ELSE doc.refunds_id END"),
                SQL("doc.date"),
            ),
            POS: ("pos_order", SQL("doc.id"), SQL("doc.date_order")),
        }[source]
        condition = (
            SQL("doc.write_date >= %s", since) if since else SQL("%s >= %s", day, first)
        )
        if source == INVOICES:
            condition = SQL(
                "%s AND doc.move_type IN ('out_invoice', 'out_refund', 'out_receipt')",
                condition,
            )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT doc.id, %s FROM %s doc
                 WHERE doc.company_id = %s AND doc.id > %s AND %s
                 ORDER BY doc.id LIMIT %s
                """,
                root,
                SQL.identifier(table),
                self.company.id,
                after,
                condition,
                limit,
            )
        )
        ids = {row[1] for row in rows if row[1]}
        if source == POS:
            ids |= self._refunded_orders(row[0] for row in rows)
        return (rows[-1][0] if len(rows) == limit else None), sorted(ids)

    def _root_of_invoice(self):
        """The invoice that a move is, or gives back.

        One that undoes a credit note leads to the invoice of that; None is a credit
        note of nothing we know.
        """
        return SQL(
            """
            CASE WHEN doc.reversed_entry_id IS NULL
                 THEN CASE WHEN doc.move_type <> 'out_refund' THEN doc.id END
                 ELSE (SELECT CASE WHEN before.move_type = 'out_refund'
                                   THEN before.reversed_entry_id ELSE before.id END
                         FROM account_move before
                        WHERE before.id = doc.reversed_entry_id)
            END
            """
        )

    # ---- what they say ---------------------------------------------------------------

    def get(self, source, ids):
        """Return ``{id: Document}`` of the purchases among ``ids`` that exist."""
        if not ids:
            return {}
        ids = list(ids)
        select = {
            INVOICES: self._select_invoices,
            PURCHASES: self._select_purchases,
            POS: self._select_pos,
        }[source]
        found = {
            row[0]: Document(source, *row)
            for row in self.env.execute_query(select(ids))
        }
        for select in self._get_refund_selects(source):
            rows = self.env.execute_query(select(ids))
            for root, model, doc_id, amount, name in rows:
                if root in found and amount > 0:
                    refund = Refund((model, doc_id), amount, name)
                    found[root].refunds.append(refund)
        for document in found.values():
            document.refunds.sort(key=lambda refund: refund.of)
        return found

    def _get_refund_selects(self, source):
        """Return the methods that give the refunds of ids: root, model, id, amount."""
        if source == INVOICES:
            return [self._select_credit_notes] + (
                [self._select_pos_refunds_of_invoices] if self.has_pos else []
            )
        return [
            self._select_purchase_refunds
            if source == PURCHASES
            else self._select_pos_refunds
        ]

    def _is_customer(self):
        """The condition that the document's customer is not one of our companies."""
        return SQL(
            """customer.id IS NOT NULL AND customer.commercial_partner_id
               NOT IN (SELECT partner_id FROM res_company)"""
        )

    # ---- invoices --------------------------------------------------------------------

    def _lines(self, move, factor=None):
        """Return the sum of a move's lines that earn; above 0: the customer's due."""
        delivery = SQL("FALSE")
        if column_exists(self.env.cr, "sale_order_line", "is_delivery"):
            delivery = SQL("sold.is_delivery")
        return SQL(
            """
            (SELECT COALESCE(sum(-line.balance * %(factor)s), 0)
               FROM account_move_line line %(join)s
              WHERE line.move_id = %(move)s AND line.display_type = 'product'
                AND (line.product_id IS NULL OR line.product_id <> ALL(%(prepaid)s))
                AND NOT EXISTS (
                    SELECT FROM sale_order_line_invoice_rel rel
                      JOIN sale_order_line sold ON sold.id = rel.order_line_id
                      LEFT JOIN loyalty_reward reward ON reward.id = sold.reward_id
                     WHERE rel.invoice_line_id = line.id
                       AND (%(delivery)s OR reward.reward_type = 'shipping')))
            """,
            factor=SQL("COALESCE(exception.factor, 1)") if factor else SQL("1"),
            join=factor or SQL(""),
            move=move,
            prepaid=self.prepaid_ids,
            delivery=delivery,
        )

    def _select_invoices(self, ids):
        return SQL(
            """
            SELECT doc.id, customer.commercial_partner_id, doc.invoice_date,
                   CASE WHEN doc.payment_state IN ('paid', 'in_payment')
                        THEN COALESCE(%(paid)s, doc.invoice_date) END,
                   doc.state = 'posted' AND doc.retention_no_points IS NOT TRUE
                     AND %(customer)s,
                   %(amount)s, doc.name
              FROM account_move doc
              LEFT JOIN res_partner customer ON customer.id = doc.commercial_partner_id
             WHERE doc.id = ANY(%(ids)s)
            """,
            paid=self._paid_on(),
            customer=self._is_customer(),
            amount=self._lines(SQL("doc.id")),
            ids=ids,
        )

    def _paid_on(self):
        """The day of the last payment, whether it has reached the bank or not."""
        return SQL(
            """
            GREATEST(
                (SELECT max(part.max_date)
                   FROM account_move_line due
                   JOIN account_account account ON account.id = due.account_id
                   JOIN account_partial_reconcile part
                     ON part.debit_move_id = due.id OR part.credit_move_id = due.id
                  WHERE due.move_id = doc.id
                    AND account.account_type = 'asset_receivable'),
                (SELECT max(payment.date)
                   FROM account_move__account_payment rel
                   JOIN account_payment payment ON payment.id = rel.payment_id
                  WHERE rel.invoice_id = doc.id))
            """
        )

    def _select_credit_notes(self, ids):
        """Posted credit notes, less what later invoices took back of them."""
        return SQL(
            """
            SELECT doc.reversed_entry_id, 'account.move', doc.id,
                   -%(amount)s - COALESCE((
                        SELECT sum(%(undone)s) FROM account_move undo
                         WHERE undo.reversed_entry_id = doc.id
                           AND undo.state = 'posted'), 0),
                   doc.name
              FROM account_move doc
             WHERE doc.reversed_entry_id = ANY(%(ids)s)
               AND doc.move_type = 'out_refund' AND doc.state = 'posted'
            """,
            amount=self._lines(SQL("doc.id")),
            undone=self._lines(SQL("undo.id")),
            ids=ids,
        )

    # ---- purchases from elsewhere ----------------------------------------------------

    def _select_purchases(self, ids):
        return SQL(
            """
            SELECT doc.id, customer.commercial_partner_id, doc.date, doc.date,
                   doc.amount_company > 0 AND %(customer)s,
                   doc.amount_company, doc.reference
              FROM retention_purchase doc
              LEFT JOIN res_partner customer ON customer.id = doc.partner_id
             WHERE doc.id = ANY(%(ids)s)
            """,
            customer=self._is_customer(),
            ids=ids,
        )

    def _select_purchase_refunds(self, ids):
        return SQL(
            """
            SELECT doc.refunds_id, 'retention.purchase', doc.id, -doc.amount_company,
                   doc.reference
              FROM retention_purchase doc WHERE doc.refunds_id = ANY(%s)
            """,
            ids,
        )

    # ---- exceptions ------------------------------------------------------------------

    def weigh(self, program, source, ids):
        """Return ``{id: amount}`` with each line times the factor of its product.

        Empty where the program has no exceptions, or a source has no lines.
        """
        if not program.rule_ids or source == PURCHASES or not ids:
            return {}
        factor = SQL(
            """
            LEFT JOIN product_product product ON product.id = line.product_id
            LEFT JOIN product_template template ON template.id = product.product_tmpl_id
            LEFT JOIN product_category own ON own.id = template.categ_id
            LEFT JOIN LATERAL (
                 SELECT rule.factor FROM retention_points_rule rule
                   LEFT JOIN product_category category ON category.id = rule.category_id
                  WHERE rule.program_id = %s
                    AND (rule.product_tmpl_id = template.id
                         OR own.parent_path LIKE category.parent_path || '%%')
                  ORDER BY rule.product_tmpl_id IS NULL,
                           length(category.parent_path) DESC
                  LIMIT 1) exception ON TRUE
            """,
            program.id,
        )
        if source == INVOICES:
            table, amount = "account_move", self._lines(SQL("doc.id"), factor)
        else:
            table, amount = "pos_order", self._sold(factor)
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT doc.id, %s FROM %s doc WHERE doc.id = ANY(%s)",
                    amount,
                    SQL.identifier(table),
                    list(ids),
                )
            )
        )
