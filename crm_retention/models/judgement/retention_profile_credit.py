from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

CREDIT_CLASSES = [
    ("a", "A: pays in time"),
    ("b", "B: a little late"),
    ("c", "C: late or over the limit"),
    ("d", "D: very late"),
]


class RetentionProfile(models.Model):
    """How safely a customer pays: the class is stored, the figures are read."""

    _inherit = "retention.profile"

    credit_class = fields.Selection(
        selection=CREDIT_CLASSES,
        readonly=True,
        help="From the days that unpaid invoices are overdue, and the credit limit. "
        "Empty: no invoice yet. How many days are late stands in the settings.",
    )
    overdue_since = fields.Date(
        readonly=True, help="The earliest due date that has passed without payment."
    )
    overdue_days = fields.Integer(
        string="Days Overdue",
        compute="_compute_overdue_days",
        search="_search_overdue_days",
        aggregator=None,
    )
    credit_owed = fields.Monetary(
        string="Unpaid", compute="_compute_credit", aggregator=None
    )
    credit_overdue = fields.Monetary(
        string="Of It Overdue", compute="_compute_credit", aggregator=None
    )
    credit_text = fields.Char(string="Why This Class", compute="_compute_credit")

    @api.depends("overdue_since")
    def _compute_overdue_days(self):
        today = self._today()
        for profile in self:
            since = profile.overdue_since
            profile.overdue_days = max(0, (today - since).days) if since else 0

    def _search_overdue_days(self, operator, value):
        """Compare days by comparing the day since when; longer ago is earlier."""
        turned = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
        if operator not in turned:
            return NotImplemented
        day = self._today() - timedelta(days=int(value))
        known = [("overdue_since", turned[operator], day)]
        if operator in ("<", "<="):  # those of whom nothing is overdue: 0 days
            return ["|", ("overdue_since", "=", False), *known]
        return known

    @api.depends("credit_class", "overdue_since")
    @api.depends_context("lang")
    def _compute_credit(self):
        owed = self._read_owed()
        for profile in self:
            key = (profile.partner_id.id, profile.company_id.id)
            open_, overdue = owed.get(key, (0.0, 0.0))
            profile.credit_owed, profile.credit_overdue = open_, overdue
            profile.credit_text = profile._describe_credit(open_, overdue)

    def _read_owed(self):
        """Return ``{(customer, company): (unpaid, of it overdue)}`` of these."""
        # sudo: salespeople have no rights on the books; of their customers they see
        # the sums only
        lines = self.env["account.move.line"].sudo()
        rows = lines._read_group(
            [
                ("partner_id.commercial_partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ],
            ["partner_id", "company_id", "date_maturity:day"],
            ["amount_residual:sum"],
        )
        today, owed = self._today(), {}
        for partner, company, due, amount in rows:
            key = (partner.commercial_partner_id.id, company.id)
            open_, overdue = owed.get(key, (0.0, 0.0))
            late = amount if due and due < today and amount > 0 else 0.0
            owed[key] = (open_ + amount, overdue + late)
        return owed

    def _describe_credit(self, open_, overdue):
        """Say what is owed, since when, and what was agreed."""
        self.ensure_one()
        if not self.credit_class:
            return self.env._("No invoice yet: nothing is known of how this one pays.")
        money = self.currency_id.format
        if self.currency_id.compare_amounts(open_, 0) <= 0:
            return self.env._("Owes nothing.")
        parts = [self.env._("Owes %s", money(open_))]
        if self.overdue_since and overdue:
            parts.append(
                self.env._(
                    "%(amount)s of it overdue, since %(day)s (%(days)s days)",
                    amount=money(overdue),
                    day=format_date(self.env, self.overdue_since),
                    days=self.overdue_days,
                )
            )
        limit = self._get_credit_limit()
        if limit:
            parts.append(self.env._("limit %s", money(limit)))
        return self.env._("; ").join(parts)

    def _get_credit_limit(self):
        """Return how much may be open, 0 where the company sets no limits."""
        self.ensure_one()
        company = self.company_id.sudo()  # sudo: whether it uses limits at all
        if not company.account_use_credit_limit:
            return 0.0
        # sudo: the limit of a customer whom the reader may see
        return self.partner_id.sudo().with_company(company).credit_limit
