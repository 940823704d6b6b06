"""What was handed out for points is what the points say."""

from odoo.tests import tagged

from odoo.addons.crm_retention.tools import rewards

from .common_reward import RewardCommon


@tagged("post_install", "-at_install")
class TestHandedOut(RewardCommon):
    def failing(self):
        rows = self.env["retention.points.check"]._run(self.company)
        return rows.filtered(lambda row: row.state == "failed").mapped("code")

    def test_what_was_handed_out_is_what_was_paid(self):
        """The projection on Odoo's cards follows the ledger, and drift is seen."""
        self.earn(1000)
        kept = self.exchange()
        back = self.exchange()
        wallet = self.exchange(self.make_reward(rewards.WALLET, amount=10))
        back._cancel("Not wanted")
        self.assertEqual(back.state, "returned")
        self.assertEqual(self.failing(), [])
        for card, values in (
            (kept.card_id, {"points": 5 * kept.card_points}),
            (kept.card_id, {"active": False}),
            (back.card_id, {"points": 1}),
            (wallet.card_id, {"points": -1}),
        ):
            with self.subTest(values), self.env.cr.savepoint() as savepoint:
                card.with_context(loyalty_no_mail=True).write(values)
                self.assertEqual(self.failing(), ["I8"])
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertEqual(self.failing(), [])

    def test_merged_customers_keep_what_they_have(self):
        self.earn(300)
        exchange = self.exchange()
        other = self.make_customers(1)
        self.account_of(other)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | other).ids, other)
        self.env.invalidate_all()
        account = self.account_of(other)
        self.assertEqual(account.balance, 200)
        exchange._cancel("Not wanted")
        self.assertEqual(account.balance, 300)
        self.assertEqual(self.failing(), [])
