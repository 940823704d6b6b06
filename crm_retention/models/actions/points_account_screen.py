from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

MANAGER = "crm_retention.group_retention_manager"
SOON_DAYS = 30
SPENT, EXPIRED = ("redeem",), ("expire",)


class RetentionPointsAccount(models.Model):
    """The wallet as people look at it, and the buttons of its form."""

    _inherit = "retention.points.account"

    left_award_ids = fields.One2many(
        comodel_name="retention.points.award",
        inverse_name="account_id",
        string="Points Left",
        domain=[("remaining", ">", 0)],
    )
    expiring = fields.Integer(
        compute="_compute_soon",
        help="What expires within 30 days unless it is spent.",
    )
    next_expiry = fields.Date(
        compute="_compute_soon", help="When the next points expire."
    )
    currency_id = fields.Many2one(related="program_id.currency_id")
    worth = fields.Monetary(
        compute="_compute_worth",
        help="What the balance would cost you if all of it were spent.",
    )
    collected = fields.Integer(
        compute="_compute_totals",
        help="Everything given so far, less what was taken back.",
    )
    spent = fields.Integer(
        compute="_compute_totals", help="Everything exchanged so far and kept."
    )
    expired = fields.Integer(compute="_compute_totals")

    def _compute_soon(self):
        rows = self.env["retention.points.award"]._read_group(
            [
                ("account_id", "in", self.ids),
                ("state", "=", "open"),
                ("expires_on", "!=", False),
            ],
            ["account_id", "expires_on:day"],
            ["remaining:sum"],
        )
        by_account = {}
        for account, day, left in rows:
            by_account.setdefault(account.id, []).append((day, left))
        for account in self:
            today = account.company_id._retention_today()
            days = by_account.get(account.id, [])
            account.next_expiry = min((day for day, _left in days), default=False)
            account.expiring = sum(
                left for day, left in days if day <= today + timedelta(days=SOON_DAYS)
            )

    @api.depends("balance", "program_id.point_value")
    def _compute_worth(self):
        for account in self:
            account.worth = max(account.balance, 0) * account.program_id.point_value

    def _compute_totals(self):
        totals = self._get_totals()
        for account in self:
            account.collected, account.spent, account.expired = totals.get(
                account.id, (0, 0, 0)
            )

    def _get_totals(self, since=None):
        """Return ``{account id: [collected, spent, expired]}``, all or after a day.

        Entries are summed by what they are about: of a reversal, what it reverses. What
        was collected less spent less expired is the balance.
        """
        # sudo: the entries of accounts that the reader may read, at the price of one
        # plain join
        entries = self.env["retention.points.entry"].sudo()
        domain = Domain("account_id", "in", self.ids)
        if since:
            domain &= Domain("date", ">", since)
        rows = entries._read_group(
            domain,
            [
                "account_id",
                "kind",
                "reverses_id.kind",
                "reverses_id.reverses_id.kind",
            ],
            ["points:sum"],
        )
        totals = {account_id: [0, 0, 0] for account_id in self.ids}
        for account, kind, reversed_kind, first_kind, number in rows:
            about = kind
            if kind == "reverse":
                about = first_kind if reversed_kind == "reverse" else reversed_kind
            place = 1 if about in SPENT else 2 if about in EXPIRED else 0
            totals[account.id][place] += number if place == 0 else -number
        return totals

    def _describe_change(self, before, after):
        """Say what a change of this account does, as ``Holding`` s of the ledger."""
        self.ensure_one()
        text = self.env._(
            "Balance %(before)s → %(after)s %(points)s",
            before=before.balance,
            after=after.balance,
            points=self.point_name,
        )
        if after.pending or before.pending:
            text += "\n" + self.env._(
                "Available %(before)s → %(after)s",
                before=before.available,
                after=after.available,
            )
        if after.debt:
            text += "\n" + self.env._(
                "%(number)s are owed: they have been spent already, the next "
                "%(points)s pay them.",
                number=after.debt,
                points=self.point_name,
            )
        return text

    # ---- buttons -------------------------------------------------------------------

    @api.model
    def _check_may_move(self):
        """Refuse everybody but managers."""
        if not self.env.su and not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._("Points are given and taken by retention managers only.")
            )

    def _get_dialog(self, wizard, **context):
        """Return the action that opens a dialog of points."""
        self._check_may_move()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"crm_retention.retention_points_{wizard}_wizard_action"
        )
        return action | {"context": context}

    def action_adjust(self):
        """Open the dialog that gives or takes points."""
        self.ensure_one()
        return self._get_dialog("adjust", default_account_id=self.id)

    def action_extend(self):
        """Open the dialog that lets points of this account live longer."""
        self.ensure_one()
        awards = self.award_ids.filtered(
            lambda award: award.remaining and award.expires_on
        )
        return awards.action_extend()

    def _get_list(self, action):
        """Return the action that lists what belongs to this account."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"crm_retention.{action}"
        )
        return action | {"domain": [("account_id", "=", self.id)], "context": {}}

    def action_view_entries(self):
        """List every movement of this account."""
        return self._get_list("retention_points_entry_action")

    def action_view_awards(self):
        """List what is left of which points, and until when."""
        return self._get_list("retention_points_award_action")

    def action_open_partner(self):
        """Open the customer."""
        self.ensure_one()
        return self.partner_id.get_formview_action()
