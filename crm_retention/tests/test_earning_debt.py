"""Refunds after points were spent; and documents changed in any order."""

import random

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.crm_retention.models.actions.points_earning_read import read_grants
from odoo.addons.crm_retention.tools import points_earning

from .common import TODAY
from .common_earning import EarningCommon


@tagged("post_install", "-at_install")
class TestDebt(EarningCommon):
    # ---- debts -----------------------------------------------------------------------

    def spend_and_refund(self, policy):
        self.points.debt_policy = policy
        move = self.invoice(self.customer, 10, 100)
        self.settle()
        self.redeem(80)
        note = self.refund(move)
        self.settle()
        return note

    def test_cancelled_after_it_was_spent(self):
        move = self.invoice(self.customer, 10, 100)
        self.settle()
        spent = self.redeem(80)
        move.button_draft()
        move.button_cancel()
        self.settle()
        self.assertBalance(-80, 80)
        self.reverse(spent)
        self.assertBalance(0)

    def test_refunded_after_it_was_spent(self):
        note = self.spend_and_refund("debt")
        self.assertBalance(-80, 80)
        self.invoice(self.customer, 1, 50)
        self.settle()
        self.assertBalance(-30, 30)
        note.button_draft()
        self.settle()
        self.assertBalance(70)

    def test_written_off(self):
        note = self.spend_and_refund("write_off")
        self.assertBalance(0)
        self.assertTrue(
            self.account.entry_ids.filtered(lambda e: e.kind == "adjust").reason
        )
        note.button_draft()
        self.settle()
        self.assertBalance(20)
        self.assertFalse(self.settle())
        note.action_post()
        self.settle()
        self.assertBalance(0)

    def test_a_person_is_asked(self):
        note = self.spend_and_refund("ask")
        self.assertBalance(-80, 80)
        self.assertEqual(len(self.account.activity_ids), 1)
        with self.assertRaises(AccessError):
            self.account.with_user(self.make_user("user")).action_write_off()
        self.account.with_user(self.make_user("manager")).action_write_off()
        self.assertBalance(0)
        self.assertFalse(self.account.activity_ids)
        note.button_draft()
        self.settle()
        self.assertBalance(20)


@tagged("post_install", "-at_install")
class TestAnything(EarningCommon):
    """Purchases that are made, changed, refunded and removed in any order."""

    def expected(self, purchase):
        refunds = -sum(
            self.Purchase.search([("refunds_id", "=", purchase.id)]).mapped("amount")
        )
        number = points_earning.base_points(purchase.amount, 1, 1)
        if not number:
            return 0
        return number - points_earning.reversed_points(number, purchase.amount, refunds)

    def earned(self, purchase):
        """Return what stands posted, and in whose account."""
        found = read_grants(self.env, "retention.purchase", purchase.ids)
        sums = {}
        for grant in found.get(purchase.id, []):
            left = grant.points - sum(grant.held().values())
            sums[grant.partner_id] = sums.get(grant.partner_id, 0) + left
        return {partner: number for partner, number in sums.items() if number}

    def act(self, chance):
        """Do something that people or tills do."""
        purchases = self.Purchase.search([("amount", ">", 0)])
        refunds = self.Purchase.search([("amount", "<", 0)])
        amount = chance.choice((0.4, 1, 9.99, 33.33, 100, 250.5))
        deed = chance.choice(
            ("buy", "refund", "refund", "edit", "less", "drop", "give")
        )
        if deed == "buy" or not purchases:
            self.buy(chance.choice(self.customers), (0, amount))
        elif deed == "refund":
            bought = chance.choice(purchases)
            self.buy(bought.partner_id, (0, -amount), refunds_id=bought.id)
        elif deed == "edit":
            chance.choice(purchases).amount = amount
        elif deed == "less" and refunds:
            chance.choice(refunds).amount = -amount / 2
        elif deed == "drop" and refunds:
            chance.choice(refunds).unlink()
        elif deed == "give":
            chance.choice(purchases).partner_id = chance.choice(self.customers)
        account = self.account_of(chance.choice(self.customers))
        if account.available > 1 and chance.random() < 0.5:
            self.redeem(account.available // 2, account=account)
        self.points.debt_policy = chance.choice(("debt", "write_off", "ask"))

    def test_the_entries_say_what_the_documents_say(self):
        self.Purchase = self.env["retention.purchase"]
        self.Purchase.search([]).unlink()
        self.customers = self.make_customers(2)
        chance = random.Random(19)
        for step in range(40):
            self.act(chance)
            if chance.random() < 0.3:
                continue
            self.settle("night", TODAY)
            self.assertEqual(self.settle("full", TODAY), 0, step)
            for purchase in self.Purchase.search([("amount", ">", 0)]):
                number = self.expected(purchase)
                wanted = {purchase.partner_id.id: number} if number else {}
                self.assertEqual(self.earned(purchase), wanted, step)
