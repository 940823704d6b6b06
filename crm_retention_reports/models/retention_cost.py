from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import costs, months

# what a cost may be counted by
FIELDS = ("kind", "purpose", "program_id", "channel_id", "campaign_id", "is_budget")


class RetentionCost(models.Model):
    """What keeping, serving or winning customers costs, as entered by a manager.

    An amount is for the whole stretch of days, for each month of it, or for each
    contact by one channel. A budget is the same, planned instead of spent.
    """

    _name = "retention.cost"
    _description = "Cost"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="What For", required=True)
    kind = fields.Selection(
        selection=[
            ("system", "System"),
            ("people", "People"),
            ("campaign", "Campaign"),
            ("points", "Points"),
            ("discount", "Discounts"),
            ("contact", "Contacts"),
            ("other", "Other"),
        ],
        default="other",
        required=True,
        help="Points and discounts that customers redeemed here are counted by "
        "themselves: enter only what is paid beside them, such as gifts.",
    )
    purpose = fields.Selection(
        selection=[
            ("retention", "Keeping customers"),
            ("service", "Serving customers"),
            ("winning", "Winning new customers"),
        ],
        default="retention",
        required=True,
        help="The return on investment counts what keeps customers.",
    )
    basis = fields.Selection(
        selection=[
            (costs.TOTAL, "In all"),
            (costs.MONTH, "Every month"),
            (costs.CONTACT, "Every contact"),
        ],
        string="Amount Is",
        compute="_compute_basis",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        help="In all: spread evenly over the days. Every month: of each month from the "
        "first day to the last. Every contact: for each one of ours by the channel.",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: months.first_day(self.env.company._retention_today()),
    )
    date_to = fields.Date(
        string="To",
        compute="_compute_date_to",
        store=True,
        readonly=False,
        precompute=True,
        help="The last day. Empty: goes on.",
    )
    amount = fields.Monetary(required=True)
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        ondelete="restrict",
        help="Turned into the company's currency with the rate of each month.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        ondelete="cascade",
    )
    is_budget = fields.Boolean(
        string="Budget", help="Planned, not spent: compared with the costs."
    )
    program_id = fields.Many2one(
        comodel_name="retention.program",
        check_company=True,
        ondelete="set null",
        index="btree_not_null",  # looked at when a program goes
        help="Empty: for all of them.",
    )
    channel_id = fields.Many2one(
        comodel_name="retention.channel",
        ondelete="restrict",
        index="btree_not_null",  # looked at when a channel goes
    )
    campaign_id = fields.Many2one(
        comodel_name="utm.campaign",
        ondelete="set null",
        index="btree_not_null",  # looked at when a campaign goes
    )
    note = fields.Char(help="For example the number of the invoice.")

    _days_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a cost cannot lie before its first.",
    )
    _amount_sane = models.Constraint(
        "CHECK (amount >= 0)", "A cost cannot be negative: enter it as a positive one."
    )
    _total_ends = models.Constraint(
        "CHECK (basis <> 'total' OR date_to IS NOT NULL)",
        "An amount in all needs a last day, else it cannot be spread over its days.",
    )
    _contact_of_channel = models.Constraint(
        """CHECK ((kind = 'contact') = (basis = 'contact')
            AND (basis <> 'contact' OR channel_id IS NOT NULL))""",
        "What a contact costs is of the kind “Contacts”, for every contact, and says "
        "by which channel.",
    )

    _budget_is_amount = models.Constraint(
        "CHECK (is_budget IS NOT TRUE OR basis <> 'contact')",
        "How many contacts there will be is not known: plan an amount in all or for "
        "every month.",
    )

    @api.depends("kind")
    def _compute_basis(self):
        for cost in self:
            if cost.kind == "contact":
                cost.basis = costs.CONTACT
            elif cost.basis in (costs.TOTAL, costs.MONTH):
                cost.basis = cost.basis
            else:
                cost.basis = costs.TOTAL

    @api.depends("basis", "date_from")
    def _compute_date_to(self):
        for cost in self:
            first, last = cost.date_from, cost.date_to
            if not cost._origin:
                last = False  # of a new one it follows: the month, or no end
            if cost.basis == costs.TOTAL and first and (not last or last < first):
                last = months.last_day(first)
            cost.date_to = last

    # ---- how much it is ----------------------------------------------------------

    @api.model
    def _get_domain(self, company, first, last, is_budget=False):
        """Return the condition of the costs that touch the days, both included."""
        return [
            ("company_id", "=", company.id),
            ("is_budget", "=", is_budget),
            ("date_from", "<=", last),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", first),
        ]

    @api.model
    def _sum_by(self, company, first, last, field, domain=None, is_budget=False):
        """Return what fell into the days, ``{id, value or False: amount}``.

        Prorated by days, in the company's currency, not rounded. Only what the reader
        may see: for who sees no costs it is empty. Amounts for every contact are not
        in it, see :meth:`_sum_contacts`.

        :param first, last: days, both included.
        :param field: one of FIELDS: kind, purpose, program_id, channel_id, campaign_id.
        :param domain: a further condition on costs.
        """
        if field not in FIELDS:
            raise ValueError(field)
        result = defaultdict(float)
        for cost in self._find(company, first, last, is_budget, domain):
            key = cost[field].id if field.endswith("_id") else cost[field]
            result[key] += sum(amount for _day, amount in cost._spread(first, last))
        return _without_dust(result)

    @api.model
    def _sum_by_month(self, company, first, last, domain=None, is_budget=False):
        """Return the same by month and kind, ``{(first of month, kind): amount}``."""
        result = defaultdict(float)
        for cost in self._find(company, first, last, is_budget, domain):
            for day, amount in cost._spread(first, last):
                result[months.first_day(day), cost.kind] += amount
        return _without_dust(result)

    @api.model
    def _find(self, company, first, last, is_budget, domain):
        """Return the costs of days that the reader may see."""
        if not self.has_access("read"):
            return self.browse()
        whole = self._get_domain(company, first, last, is_budget)
        return self.search(whole + [("basis", "!=", costs.CONTACT)] + (domain or []))

    def _spread(self, first, last):
        """Return [(day, amount)] of one cost by months, in the company's currency."""
        self.ensure_one()
        company, today = self.company_id, self.company_id._retention_today()
        found = costs.pieces(
            self.basis, self.amount, self.date_from, self.date_to, first, last
        )
        own = company.currency_id
        if self.currency_id == own:
            return found
        turn = self.currency_id._convert
        return [
            (day, turn(amount, own, company, min(day, today), round=False))
            for day, amount in found
        ]

    @api.model
    def _get_contact_prices(self, company, first, last):
        """Return [(channel id, first day, last day, amount a contact)] in the days.

        In the company's currency; several for a channel add up. For who sees no costs
        it is empty.
        """
        if not self.has_access("read"):
            return []
        whole = self._get_domain(company, first, last)
        found = self.search(whole + [("basis", "=", costs.CONTACT)])
        return [
            (cost.channel_id.id, *price)
            for cost in found
            for price in cost._get_prices(first, last)
        ]

    def _get_prices(self, first, last):
        """Return [(first day, last day, amount)] of the price of a contact.

        In the company's currency: of another one a price a month.
        """
        self.ensure_one()
        company, today = self.company_id, self.company_id._retention_today()
        days = costs.overlap(self.date_from, self.date_to, first, last)
        own, turn = company.currency_id, self.currency_id._convert
        if self.currency_id == own:
            return [(*days, self.amount)]
        rates = {"to_currency": own, "company": company, "round": False}
        return [
            (since, until, turn(self.amount, date=min(since, today), **rates))
            for since, until in costs.by_month(*days)
        ]

    @api.model
    def _sum_contacts(self, company, first, last, among=None):
        """Return what contacts cost that took place, ``{channel id: amount}``.

        :param among: SQL condition on ``touch``, None for all of the company's.
        """
        prices = self._get_contact_prices(company, first, last)
        if not prices:
            return {}
        begin, end = company._retention_day_bounds(first, last)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT price.channel, sum(price.amount)::float8
                  FROM (VALUES %(prices)s)
                       AS price(channel, since, until, amount)
                  JOIN retention_touch touch ON touch.channel_id = price.channel
                   AND touch.done_at >= price.since AND touch.done_at < price.until
                 WHERE touch.company_id = %(company)s AND touch.state = 'done'
                   AND touch.direction = 'out' AND %(among)s
                   AND touch.done_at >= %(begin)s AND touch.done_at < %(end)s
                 GROUP BY 1
                """,
                prices=SQL(", ").join(self._list_prices(company, prices)),
                company=company.id,
                among=among or SQL("TRUE"),
                begin=begin,
                end=end,
            )
        )
        return dict(rows)

    @api.model
    def _list_prices(self, company, prices):
        """Return a row of SQL values for each price, its days as moments."""
        return [
            SQL(
                "(%s, %s::timestamp, %s::timestamp, %s::float8)",
                channel,
                *company._retention_day_bounds(since, until),
                amount,
            )
            for channel, since, until, amount in prices
        ]


def _without_dust(sums):
    """Return sums without what adding parts of days leaves behind."""
    return {key: round(amount, 6) for key, amount in sums.items()}
