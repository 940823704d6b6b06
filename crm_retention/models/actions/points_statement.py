from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import format_date

SOON_DAYS = 60
MOST_LINES = 5


class RetentionPointsAccount(models.Model):
    """What a statement of points tells: of the last month, and of what comes.

    Each is a field, so that a mail template needs nothing but fields.
    """

    _inherit = "retention.points.account"

    statement_since = fields.Char(string="Since", compute="_compute_statement")
    statement_earned = fields.Integer(
        string="Earned in a Month", compute="_compute_statement"
    )
    statement_spent = fields.Integer(
        string="Spent in a Month", compute="_compute_statement"
    )
    statement_expired = fields.Integer(
        string="Expired in a Month", compute="_compute_statement"
    )
    statement_expiring = fields.Char(
        string="About to Expire", compute="_compute_statement_expiring"
    )
    statement_reach = fields.Char(
        string="Within Reach", compute="_compute_statement_reach"
    )
    statement_url = fields.Char(compute="_compute_statement_url")

    @api.depends_context("lang")
    def _compute_statement(self):
        totals = {}
        for company, accounts in self.grouped("company_id").items():
            since = company._retention_today() - relativedelta(months=1)
            totals |= accounts._get_totals(since)
            accounts.statement_since = format_date(self.env, since)
        for account in self:
            collected, spent, expired = totals.get(account.id, (0, 0, 0))
            account.statement_earned = collected
            account.statement_spent = spent
            account.statement_expired = expired

    @api.depends_context("lang")
    def _compute_statement_expiring(self):
        lines = {}
        for company, accounts in self.grouped("company_id").items():
            today = company._retention_today()
            groups = self.env["retention.points.award"]._read_group(
                [
                    ("account_id", "in", accounts.ids),
                    ("remaining", ">", 0),
                    ("expires_on", ">=", today),
                    ("expires_on", "<=", today + relativedelta(days=SOON_DAYS)),
                ],
                ["account_id", "expires_on:day"],
                ["remaining:sum"],
                order="expires_on:day",
            )
            for account, day, number in groups:
                lines.setdefault(account, []).append(
                    self.env._(
                        "%(number)s on %(day)s",
                        number=number,
                        day=format_date(self.env, day),
                    )
                )
        for account in self:
            account.statement_expiring = ", ".join(lines.get(account, [])[:MOST_LINES])

    @api.depends_context("lang")
    def _compute_statement_reach(self):
        # sudo: what the catalogue offers him, whoever writes to the customer
        Reward = self.env["retention.reward"].sudo()
        offers = Reward._get_all_offers(self.sudo())
        for account in self:
            reachable = [
                f"{offer['reward'].name} ({offer['cost']})"
                for offer in offers[account.id]
                if offer["is_within_reach"]
            ]
            account.statement_reach = ", ".join(reachable[:MOST_LINES])

    def _compute_statement_url(self):
        for account in self:
            account.statement_url = f"{account.company_id.get_base_url()}/my/points"


class RetentionTouch(models.Model):
    """A statement of points goes to those who have some to state."""

    _inherit = "retention.touch"

    def _send_by(self, line, automation):
        statement = self.env.ref(
            "crm_retention.mail_template_points", raise_if_not_found=False
        )
        rest = self
        if automation == "mail" and statement and line.mail_template_id == statement:
            rest = self._skip_without_points()
        return super(RetentionTouch, rest)._send_by(line, automation) if rest else None

    def _skip_without_points(self):
        """Skip customers who never had points in this company; return the others."""
        groups = self.env["retention.points.account"]._read_group(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("entry_count", ">", 0),
                ("merged_into_id", "=", False),
            ],
            ["partner_id", "company_id"],
        )
        known = set(groups)
        without = self.filtered(
            lambda touch: (touch.partner_id, touch.company_id) not in known
        )
        without.write(
            {
                "state": "skipped",
                "skip_reason": self.env._("Has no points that a statement could tell."),
            }
        )
        if without:
            without._replan_customers()
        return self - without
