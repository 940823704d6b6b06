from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, float_repr

from ...tools import offers
from .offer_sql import OfferSQL

KINDS = [("next", "Bought next"), ("together", "Bought together")]
SHOWN = 3  # offers a person reads


class RetentionOfferRule(models.Model):
    """That customers who bought one product take another one: how many, how surely.

    Counted once a month by :class:`OfferSQL` for everybody and for each segment, all
    rows anew; kept are the surest few a product. Says nothing about single customers.
    """

    _name = "retention.offer.rule"
    _description = "Products Bought with Others"
    _order = "confidence desc, lift desc, id"
    _rec_name = "offer_id"
    _log_access = False

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    kind = fields.Selection(
        selection=KINDS,
        required=True,
        readonly=True,
        help="Next: by customer, on a later day. Together: on the same document.",
    )
    segment_id = fields.Many2one(
        comodel_name="retention.segment",
        string="Among",
        readonly=True,
        ondelete="cascade",
        help="Customers of this segment. Empty: all customers.",
    )
    product_tmpl_id = fields.Many2one(
        comodel_name="product.template",
        string="Who Bought",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    offer_tmpl_id = fields.Many2one(
        comodel_name="product.template",
        string="Also Bought",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    offer_id = fields.Many2one(
        comodel_name="product.product",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="The variant that is bought most.",
    )
    hits = fields.Integer(
        string="Bought Both", readonly=True, help="Customers, or documents."
    )
    chances = fields.Integer(
        string="Could Have",
        readonly=True,
        help="Customers (documents) with the first product. Bought next: without those "
        "who had the offer already.",
    )
    buyers = fields.Integer(
        string="Buyers of the Offer", readonly=True, help="Customers, or documents."
    )
    base = fields.Integer(
        string="Looked at", readonly=True, help="All customers, or documents."
    )
    support = fields.Float(
        digits=(16, 4),
        readonly=True,
        aggregator=None,
        help="The share of all who bought both.",
    )
    confidence = fields.Float(
        digits=(16, 4),
        readonly=True,
        aggregator=None,
        help="The share of those who could have and did.",
    )
    lift = fields.Float(
        digits=(16, 2),
        readonly=True,
        aggregator=None,
        help="How many times as often as all others they buy the offer. 1: no more.",
    )
    why_text = fields.Char(string="Why", compute="_compute_why_text")

    _rule_unique = models.UniqueIndex(
        "(company_id, product_tmpl_id, offer_tmpl_id, kind, COALESCE(segment_id, 0))",
        "A pair of products is counted once.",
    )

    @api.depends_context("lang")
    @api.depends("kind", "hits", "chances", "lift", "product_tmpl_id", "segment_id")
    def _compute_why_text(self):
        for rule in self:
            said = {
                "hits": rule.hits,
                "chances": rule.chances,
                "product": rule.product_tmpl_id.name,
                "lift": float_repr(rule.lift, 1),
                "segment": rule.segment_id.name,
            }
            rule.why_text = rule._describe(said)

    def _describe(self, said):
        """Return the sentence that says what this rule rests on."""
        if self.kind == "together":
            return self.env._(
                "On %(hits)s of %(chances)s documents with %(product)s, %(lift)s times "
                "as often as on all",
                **said,
            )
        if self.segment_id:
            return self.env._(
                "%(hits)s of %(chances)s customers like this (%(segment)s) who bought "
                "%(product)s bought it next, %(lift)s times as often as all of them",
                **said,
            )
        return self.env._(
            "%(hits)s of %(chances)s customers who bought %(product)s bought it next, "
            "%(lift)s times as often as all",
            **said,
        )

    def _describe_offer(self):
        """Return offer and reason in one line; empty without a rule."""
        if not self:
            return False
        self.ensure_one()
        return self.env._(
            "%(offer)s: %(why)s", offer=self.offer_id.display_name, why=self.why_text
        )

    # ---- counting ------------------------------------------------------------------

    @api.model
    def _refresh(self, company, kind, as_of):
        """Count all rules of one kind anew; return how many there are."""
        self.env.flush_all()
        first = as_of - relativedelta(months=company.retention_offer_months)
        lines = self.env["retention.transaction"]._lines(company, first, as_of)
        statement = OfferSQL(company, lines)
        self.env.cr.execute(statement.forget(kind))
        self.env.cr.execute(statement.count(kind))
        count = self.env.cr.rowcount
        self.invalidate_model()
        return count

    # ---- choosing ------------------------------------------------------------------

    @api.model
    def _suggest(self, company, customers, limit=SHOWN):
        """Return ``{customer: rules}``: what to offer each of these customers next.

        Whoever calls this has seen to it that the reader may know the customers. Who
        wishes not to be profiled is offered nothing.
        """
        none = dict.fromkeys(customers, self.browse())
        customers = customers.filtered(lambda each: not each.retention_no_profiling)
        bought = self._get_bought(company, customers)
        segments = self._get_segments(company, customers)
        starting = {item for rows in bought.values() for item in rows}
        rules = self._search_rules(company, "next", starting, segments.values())
        return none | {
            customer: rules._pick(
                bought.get(customer.id, {}),
                segments.get(customer.id),
                self.env["product.template"],
                limit,
            )
            for customer in customers
        }

    @api.model
    def _suggest_on_order(self, company, customer, items, limit=SHOWN):
        """Return what goes with the templates on an order, and suits the customer.

        :param customer: one contact, or none where the reader may not know him.
        """
        customer = customer.filtered(lambda each: not each.retention_no_profiling)
        bought = self._get_bought(company, customer).get(customer.id, {})
        segment_id = self._get_segments(company, customer).get(customer.id)
        rules = self._search_rules(company, "together", items.ids, [segment_id])
        rules |= self._search_rules(company, "next", bought, [segment_id])
        return rules._pick(bought, segment_id, items, limit)

    @api.model
    def _search_rules(self, company, kind, item_ids, segment_ids):
        """Return the rules that may start from these templates, for these segments."""
        return self.search(
            Domain("company_id", "=", company.id)
            & Domain("kind", "=", kind)
            & Domain("product_tmpl_id", "in", list(item_ids))
            & Domain("segment_id", "in", [False, *filter(None, segment_ids)])
            & Domain("offer_id.active", "=", True)
            & Domain("offer_tmpl_id.sale_ok", "=", True)
        )

    def _pick(self, bought, segment_id, order_items, limit):
        """Return those of these rules that suit a customer, best first.

        :param bought: ``{template: (last bought on, whether given back)}``
        :param order_items: what is on the order that is being written.
        """
        quiet_day = self._get_quiet_day()
        kept = {item for item, (last, returned) in bought.items() if not returned}
        just = {item for item in kept if bought[item][0] >= quiet_day}
        on_order = set(order_items.ids)
        chosen = offers.choose(
            (
                rule._as_choice()
                for rule in self
                if rule.segment_id.id in (False, segment_id)
                and (rule.kind == "together") == (rule.product_tmpl_id.id in on_order)
            ),
            kept | on_order,
            (bought.keys() - kept) | just | on_order,
            limit,
        )
        return self.browse(chosen)

    def _as_choice(self):
        """Return this rule as the pure function takes it."""
        self.ensure_one()
        return offers.Choice(
            self.id,
            self.product_tmpl_id.id,
            self.offer_tmpl_id.id,
            bool(self.segment_id),
            self.confidence,
            self.lift,
        )

    def _get_quiet_day(self):
        """Return from which day on what was bought is not offered again."""
        company = self.company_id[:1] or self.env.company
        today = company._retention_today()
        return today - relativedelta(days=company.retention_offer_quiet_days)

    @api.model
    def _get_bought(self, company, customers):
        """Return ``{customer: {template: (last bought on, whether given back)}}``.

        Of who wishes not to be profiled nothing is looked up.
        """
        # sudo: whether a customer wishes so, whoever asks
        known = customers.sudo().filtered(lambda each: not each.retention_no_profiling)
        today = company._retention_today()
        first = today - relativedelta(months=company.retention_offer_months)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT line.customer, variant.product_tmpl_id,
                       max(line.day) FILTER (WHERE NOT line.returned),
                       bool_or(line.returned)
                  FROM (%s) line
                  JOIN product_product variant ON variant.id = line.product
                 GROUP BY line.customer, variant.product_tmpl_id
                """,
                self.env["retention.transaction"]._lines(
                    company, first, today, known.ids
                ),
            )
        )
        bought = {}
        for customer, item, last, returned in rows:
            bought.setdefault(customer, {})[item] = (last, returned)
        return bought

    @api.model
    def _get_segments(self, company, customers):
        """Return ``{customer: segment}`` as ids, of those who have one."""
        # sudo: whoever calls may know the customers; only offers are shown of this
        profiles = self.env["retention.profile"].sudo()._with_archived()
        rows = profiles.search_fetch(
            [
                ("partner_id", "in", customers.ids),
                ("company_id", "=", company.id),
                ("segment_id", "!=", False),
            ],
            ["partner_id", "segment_id"],
        )
        return {row.partner_id.id: row.segment_id.id for row in rows}
