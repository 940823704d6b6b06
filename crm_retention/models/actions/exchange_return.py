from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import float_compare

from ...tools import rewards
from .retention_reward_exchange import CANCELLED, EXPIRED, ISSUED, RETURNED, USED

BATCH = 1_000


class RetentionRewardExchange(models.Model):
    """How an unused reward is taken back, by a person or because it expired."""

    _inherit = "retention.reward.exchange"

    def action_cancel(self):
        """Open the dialog that asks for the reason."""
        self.ensure_one()
        self._check_may_change()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel the Exchange"),
            "res_model": "retention.exchange.cancel.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_exchange_id": self.id, "dialog_size": "medium"},
        }

    def action_hand_over(self):
        """Mark gifts as sent, and their tasks as done."""
        self._check_may_change()
        # sudo: exchanges are written by these methods only; checked above
        gifts = self.sudo().filtered(
            lambda row: row.kind == rewards.GIFT and row.state == ISSUED
        )
        gifts.activity_ids.action_feedback()
        gifts._gift_sent()

    def _gift_sent(self):
        """Note that these gifts are on their way."""
        self.filtered(
            lambda row: row.kind == rewards.GIFT and row.state == ISSUED
        ).is_fulfilled = True

    def _check_may_change(self):
        """Refuse auditors, and exchanges of customers that the user may not see."""
        self.env["retention.touch"]._check_may_act()
        self.check_access("read")

    def _cancel(self, reason):
        """Take this unused reward back, and give the points back if the policy says so.

        :raises UserError: where it was used already.
        """
        self.ensure_one()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Cancelling an exchange needs a reason."))
        self._read_usage()
        if self.state != ISSUED or (
            self.kind == rewards.WALLET
            and float_compare(self.amount_left, self.card_points, precision_digits=6)
        ):
            raise UserError(
                self.env._(
                    "Only what has not been used yet can be cancelled. To make up for "
                    "something, adjust the points, with a reason."
                )
            )
        if self.kind == rewards.CODE:
            raise UserError(
                self.env._("The customer knows the code: it cannot be taken back.")
            )
        returns = self.reward_id.return_policy != "never"
        self._take_back(reason, returns, CANCELLED)

    def _take_back(self, reason, returns, outcome):
        """Make these worthless first, then give their points back.

        :param outcome: what they are if no points come back.
        """
        self._neutralise(reason)
        if returns:
            for program, rows in self.grouped(
                lambda row: row.account_id.program_id
            ).items():
                rows._return_points(program, reason)
        self.write({"outcome": RETURNED if returns else outcome, "reason": reason})
        if outcome == CANCELLED:
            for reward, rows in self.grouped("reward_id").items():
                reward._put_back(len(rows))

    def _neutralise(self, reason):
        """Let nobody use them any more."""
        coupons = self.filtered(lambda row: row.kind == rewards.COUPON)
        cards = coupons.card_id.with_context(loyalty_no_mail=True)
        cards.write({"points": 0})
        cards.action_archive()
        self.env["loyalty.history"].create(
            [
                {
                    "card_id": row.card_id.id,
                    "description": reason,
                    "used": row.card_points,
                }
                for row in self
                if row.card_id
            ]
        )
        for row in self.filtered(lambda row: row.kind == rewards.WALLET):
            card = row.card_id.with_context(loyalty_no_mail=True)
            card.points = row.currency_id.round(card.points - row.card_points)
        for row in self.filtered("res_id"):
            self.env[row.res_model].browse(row.res_id).exists().action_cancel()
        self.activity_ids.unlink()

    def _return_points(self, program, reason):
        """Post the points of these exchanges back to the awards they came from."""
        Account = self.env["retention.points.account"].with_context(
            retention_exchange_returned=True
        )
        postings = {
            row: Account._prepare_reversal(
                row.entry_id,
                row.points,
                f"rev:{self._name}:{row.id}",
                reason,
                res_model=self._name,
                res_id=row.id,
            )
            for row in self
        }
        entries = Account._post(program, list(postings.values()))
        for row, posting in postings.items():
            row.return_id = entries[posting.key]

    # ---- every night ----------------------------------------------------------------

    @api.model
    def _settle(self, company, today):
        """Read what was used, and take back what expired unused; return how many.

        Done again it changes nothing.
        """
        live = Domain("company_id", "=", company.id) & Domain("outcome", "=", False)
        unknown = self.search(
            live & Domain("is_fulfilled", "=", False) & Domain("kind", "in", self._READ)
        )
        unknown._read_usage()
        due = self.search(
            live & Domain("state", "=", ISSUED) & Domain("expires_on", "<", today),
            limit=BATCH,
        )
        reason = self.env._("Expired unused")
        for back, rows in due.grouped(
            lambda row: (
                row.kind == rewards.COUPON and row.reward_id.return_policy == "always"
            )
        ).items():
            rows._take_back(reason, back, EXPIRED)
        return len(due)

    _READ = (rewards.CODE, rewards.EVENT)  # kinds whose use changes no card of ours

    def _read_usage(self):
        """Read from orders and registrations what was used of these."""
        codes = self.filtered(lambda row: row.kind == rewards.CODE)
        used = codes._find_used_codes()
        for row in self.filtered(lambda row: row.kind == rewards.EVENT and row.res_id):
            place = self.env[row.res_model].browse(row.res_id).exists()
            if place.state == "done":
                used |= row
        used.is_fulfilled = True

    def _find_used_codes(self):
        """Return those of these whose customer ordered with the code since then."""
        if not self:
            return self
        orders = self.env["sale.order"].search(
            [
                ("state", "=", "sale"),
                ("code_enabled_rule_ids.code", "in", self.mapped("code")),
                ("partner_id.commercial_partner_id", "in", self.partner_id.ids),
                ("date_order", ">=", min(self.mapped("date"))),
            ]
        )
        used = {
            (order.partner_id.commercial_partner_id, code, order.date_order.date())
            for order in orders
            for code in order.code_enabled_rule_ids.mapped("code")
        }
        return self.filtered(
            lambda row: any(
                (customer, code) == (row.partner_id, row.code) and day >= row.date
                for customer, code, day in used
            )
        )

    def _is_live(self):
        return self.state in (ISSUED, USED)


class RetentionPointsAccount(models.Model):
    """Points paid for a reward come back only with the reward."""

    _inherit = "retention.points.account"

    @api.model
    def _prepare_reversal(self, entry, number, key, reason, **values):
        if not self.env.context.get("retention_exchange_returned"):
            # sudo: whoever reverses, the customer must not keep both
            exchange = (
                self.env["retention.reward.exchange"]
                .sudo()
                .search([("entry_id", "=", entry.id)])
            )
            if exchange and entry.points < 0 and exchange._is_live():
                raise UserError(
                    self.env._(
                        "The customer still has the reward: cancel the exchange "
                        "instead, and the points come back with it."
                    )
                )
        return super()._prepare_reversal(entry, number, key, reason, **values)
