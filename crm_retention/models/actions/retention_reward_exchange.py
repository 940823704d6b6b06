from odoo import api, fields, models
from odoo.tools import float_compare, float_is_zero, format_date

from ...tools import rewards

ISSUED, USED = "issued", "used"
RETURNED, EXPIRED, CANCELLED = "returned", "expired", "cancelled"
STATES = [
    (ISSUED, "Not used yet"),
    (USED, "Used"),
    (RETURNED, "Points given back"),
    (EXPIRED, "Expired unused"),
    (CANCELLED, "Cancelled"),
]
LIVE = (ISSUED, USED)  # counts against what a customer may have


class RetentionRewardExchange(models.Model):
    """That a customer got a reward for points: which, for how many, what became of it.

    Whether it was used is read from Odoo's own documents, never typed. Written by
    :meth:`retention.reward._exchange` and the methods here alone.
    """

    _name = "retention.reward.exchange"
    _description = "Reward Exchange"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _rec_name = "reward_id"
    _mail_post_access = "read"

    account_id = fields.Many2one(
        comodel_name="retention.points.account",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    person_id = fields.Many2one(
        comodel_name="res.partner",
        string="For",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        help="The person who gets it.",
    )
    company_id = fields.Many2one(
        related="account_id.company_id",
        store=True,  # stored for the company rule
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    reward_id = fields.Many2one(
        comodel_name="retention.reward",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    kind = fields.Selection(
        selection=lambda self: self.env["retention.reward"]._selection_kind(),
        required=True,
        readonly=True,
    )
    entry_id = fields.Many2one(
        comodel_name="retention.points.entry",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    return_id = fields.Many2one(
        comodel_name="retention.points.entry",
        string="Given Back by",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    date = fields.Date(string="Exchanged", required=True, readonly=True)
    points = fields.Integer(required=True, readonly=True)
    currency_id = fields.Many2one(related="reward_id.currency_id")
    amount = fields.Monetary(string="Worth", readonly=True)
    amount_left = fields.Monetary(
        string="Left of It",
        compute="_compute_state",
        store=True,
        help="What of this money is still on the e-wallet; the oldest is used first.",
    )
    key = fields.Char(required=True, readonly=True)
    code = fields.Char(readonly=True, help="What the customer enters in an order.")
    expires_on = fields.Date(string="Valid until", readonly=True, help="Empty: always.")
    # restrict: what was paid for with points must not vanish
    card_id = fields.Many2one(
        comodel_name="loyalty.card",
        string="Coupon or Wallet",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    card_points = fields.Float(
        readonly=True, help="What was put on the coupon or wallet."
    )
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(
        string="Place", model_field="res_model", readonly=True
    )
    is_fulfilled = fields.Boolean(
        string="Handed Over",
        readonly=True,
        help="The gift was sent, the event attended, or the discount code used.",
    )
    outcome = fields.Selection(
        selection=[state for state in STATES if state[0] not in LIVE], readonly=True
    )
    state = fields.Selection(
        selection=STATES,
        compute="_compute_state",
        store=True,  # stored: lists are filtered and grouped by it
        index=True,
        tracking=True,
    )
    reason = fields.Char(
        readonly=True, tracking=True, help="Why it was cancelled or given back."
    )

    expires_text = fields.Char(compute="_compute_texts")  # for the mail
    amount_text = fields.Char(compute="_compute_texts")  # for the mail

    _key_unique = models.UniqueIndex(
        "(account_id, key)", "This exchange was made before."
    )
    _entry_unique = models.UniqueIndex("(entry_id)", "An entry pays for one exchange.")
    _expires_idx = models.Index(
        "(company_id, expires_on) WHERE state = 'issued' AND expires_on IS NOT NULL"
    )

    @api.depends("outcome", "is_fulfilled", "card_id.points", "card_points", "amount")
    def _compute_state(self):
        left = self._get_left_on_wallets()
        for exchange in self:
            exchange.amount_left = left.get(exchange, 0)
            if exchange.outcome:
                exchange.state = exchange.outcome
            else:
                exchange.state = USED if exchange._is_used() else ISSUED

    def _is_used(self):
        """Tell whether the customer has had what he got, by Odoo's own documents."""
        self.ensure_one()
        if self.kind == rewards.COUPON:
            # sudo: salespeople's documents decide, whoever looks
            points = self.card_id.sudo().points
            return float_compare(points, self.card_points, precision_digits=2) < 0
        if self.kind == rewards.WALLET:
            return float_is_zero(self.amount_left, precision_digits=6)
        return self.is_fulfilled

    def _get_left_on_wallets(self):
        """Return ``{exchange: what of its money is left on the wallet}``."""
        wallets = self.filtered(lambda row: row.kind == rewards.WALLET).card_id
        if not wallets:
            return {}
        # sudo: all that was put on a wallet, whoever looks
        everything = self.sudo().search(
            [("card_id", "in", wallets.ids), ("outcome", "=", False)], order="id"
        )
        left = {}
        for wallet, rows in everything.grouped("card_id").items():
            parts = rewards.left_of(wallet.points, rows.mapped("card_points"))
            left |= dict(zip(rows, parts, strict=True))
        return left

    @api.depends("expires_on", "amount")
    @api.depends_context("lang")
    def _compute_texts(self):
        for exchange in self:
            day = exchange.expires_on
            exchange.expires_text = format_date(self.env, day) if day else False
            money = exchange.currency_id.format(exchange.amount)
            exchange.amount_text = money if exchange.amount else False

    @api.depends("reward_id", "partner_id")
    def _compute_display_name(self):
        for exchange in self:
            exchange.display_name = self.env._(
                "%(reward)s for %(customer)s",
                reward=exchange.reward_id.name,
                customer=exchange.partner_id.name,
            )

    def action_view_card(self):
        """Open the coupon or wallet in Odoo's own form."""
        self.ensure_one()
        return self.card_id._get_records_action()

    def action_view_document(self):
        """Open the registration of this place at an event."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id)._get_records_action()
