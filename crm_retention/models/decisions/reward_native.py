import secrets

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command

from ...tools import rewards


class RetentionReward(models.Model):
    """Odoo's own program behind a reward, made by one click."""

    _inherit = "retention.reward"

    def action_create_program(self):
        """Make the loyalty program that hands this reward out."""
        self.ensure_one()
        self.check_access("write")
        if self.loyalty_program_id:
            raise UserError(
                self.env._(
                    "%(program)s hands it out already.",
                    program=self.loyalty_program_id.name,
                )
            )
        self._check_can_create()
        # sudo: who sets the rewards of this company may have what hands them out
        programs = self.env["loyalty.program"].sudo()
        native = programs.browse()
        if self.kind == rewards.WALLET:
            native = self._find_wallet_program()
        if not native:
            native = programs.with_company(self.company_id).create(
                self._prepare_program()
            )
        self.loyalty_program_id = native
        return True

    def _check_can_create(self):
        """Refuse to make a program that would give nothing."""
        what = False
        if self.kind == rewards.COUPON and self.discount_kind == "product":
            what = not self.product_id and self.env._("Choose the free product first.")
        elif self.kind in (rewards.WALLET, rewards.COUPON, rewards.CODE):
            by_amount = self.kind == rewards.WALLET or self.discount_kind == "amount"
            what = (
                by_amount
                and not self.amount
                and self.env._("Say first what it is worth.")
            )
        else:
            what = self.env._("Gifts and events need no program.")
        if what:
            raise UserError(what)

    def _find_wallet_program(self):
        """Return an e-wallet of this company and currency: customers have one each."""
        # sudo: as above
        return (
            self.env["loyalty.program"]
            .sudo()
            .search(
                [
                    ("program_type", "=", "ewallet"),
                    ("currency_id", "=", self.currency_id.id),
                    ("company_id", "in", (self.company_id.id, False)),
                ],
                order="company_id, id",
                limit=1,
            )
        )

    def _prepare_program(self):
        """Return the values of the loyalty program for this reward.

        Without rules, so that nobody earns anything in it, and without its own
        mails: points are earned in the ledger, and our mail tells the customer.
        """
        types = {
            rewards.COUPON: "coupons",
            rewards.CODE: "promo_code",
            rewards.WALLET: "ewallet",
        }
        values = {
            "name": self.name,
            "program_type": types[self.kind],
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "communication_plan_ids": [Command.clear()],
            "reward_ids": [
                Command.clear(),
                Command.create(self._prepare_native_reward()),
            ],
        }
        if self.kind == rewards.COUPON:
            values |= {"applies_on": "current", "trigger": "with_code"}
            values["rule_ids"] = [Command.clear()]
        elif self.kind == rewards.CODE:
            values |= {"applies_on": "current", "trigger": "with_code"}
            values["rule_ids"] = [
                Command.clear(),
                Command.create(
                    {
                        "mode": "with_code",
                        "code": f"R{secrets.token_hex(4).upper()}",
                        "minimum_qty": 0,
                    }
                ),
            ]
        elif self.kind == rewards.WALLET:
            values |= {
                "applies_on": "future",
                "trigger": "auto",
                "portal_visible": True,
                "portal_point_name": self.currency_id.symbol,
                "rule_ids": [Command.clear()],
            }
        return values

    def _prepare_native_reward(self):
        if self.kind == rewards.WALLET:
            return {
                "reward_type": "discount",
                "discount_mode": "per_point",
                "discount": 1,
                "discount_applicability": "order",
                "required_points": 1,
                "description": self.name,
            }
        if self.discount_kind == "product":
            return {
                "reward_type": "product",
                "reward_product_id": self.product_id.id,
                "reward_product_qty": 1,
                "required_points": 1,
            }
        by_amount = self.discount_kind == "amount"
        return {
            "reward_type": "discount",
            "discount_mode": "per_order" if by_amount else "percent",
            "discount": self.amount if by_amount else self.percent,
            "discount_applicability": "order",
            "required_points": 1,
        }
