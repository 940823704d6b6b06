"""Who may see and do what with rewards, referrals and benefits; no way around."""

import psycopg2.errors

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import GROUPS
from .common_reward import RewardCommon


@tagged("post_install", "-at_install")
class TestRewardSecurity(RewardCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {kind: cls.make_user(kind) for kind in GROUPS if kind != "public"}
        cls.seller = cls.users["user"]
        cls.mine, cls.theirs = cls.make_customers(2)
        cls.mine.user_id = cls.seller
        cls.points.referral_points = 5
        for customer in (cls.mine, cls.theirs):
            account = cls.account_of(customer)
            cls.earn(500, account=account)
            cls.exchange(account=account)
            cls.env["retention.referral"]._record(
                account, cls.make_customers(1), "staff"
            )
            cls.env["retention.benefit"].create(
                {
                    "partner_id": customer.id,
                    "company_id": cls.company.id,
                    "what": "manager",
                    "date_from": cls.today,
                }
            )
        cls.env.flush_all()

    def test_own_customers(self):
        for model in ("retention.reward.exchange", "retention.referral"):
            seen = self.env[model].with_user(self.seller).search([])
            self.assertEqual(seen.sudo().account_id.partner_id, self.mine, model)
            for kind in ("manager", "auditor"):
                seen = self.env[model].with_user(self.users[kind]).search([])
                self.assertIn(self.theirs, seen.account_id.partner_id)
            self.assertFalse(self.env[model].with_user(self.users["lead"]).search([]))
        benefits = self.env["retention.benefit"]
        self.assertEqual(
            benefits.with_user(self.seller).search([]).partner_id, self.mine
        )

    def test_companies_apart(self):
        other = self.make_company()
        program = (
            self.env["retention.points.program"]
            .with_company(other)
            .create({"name": "Miles", "company_id": other.id})
        )
        account = self.account_of(self.mine, program)
        self.earn(100, account=account)
        reward = self.make_reward("gift", program_id=program.id, name="Elsewhere")
        exchange = self.exchange(reward, account)
        manager = self.users["manager"]
        for record in (reward, exchange):
            found = self.env[record._name].with_user(manager).search([])
            self.assertNotIn(record, found)
            with self.assertRaises(AccessError):
                record.with_user(manager).read(["display_name"])

    def test_staff_exchange_for_their_customers(self):
        def ask(user, customer):
            wizard = self.env["retention.exchange.wizard"].with_user(user)
            return wizard.create(
                {
                    "account_id": self.account_of(customer).id,
                    "reward_id": self.coupon.id,
                }
            )

        wizard = ask(self.seller, self.mine)
        self.assertEqual((wizard.cost, wizard.available_after), (100, 300))
        action = wizard.action_apply()
        self.assertEqual(wizard.action_apply()["res_id"], action["res_id"])
        self.assertEqual(self.account_of(self.mine).available, 300)
        with self.assertRaises(AccessError):
            ask(self.seller, self.theirs).action_apply()
        with self.assertRaises(AccessError):
            ask(self.users["auditor"], self.mine).action_apply()
        self.assertEqual(self.account_of(self.theirs).available, 400)

    def test_cancelling(self):
        exchange = self.account_of(self.mine).reward_exchange_ids
        foreign = self.account_of(self.theirs).reward_exchange_ids

        def cancel(user, record):
            wizard = self.env["retention.exchange.cancel.wizard"].with_user(user)
            values = {"exchange_id": record.id, "reason": "Mistake"}
            return wizard.create(values).action_apply()

        for user, record in (
            (self.seller, foreign),
            (self.users["auditor"], exchange),
        ):
            with self.assertRaises(AccessError):
                cancel(user, record)
            with self.assertRaises(AccessError):
                record.with_user(user).action_hand_over()
        cancel(self.seller, exchange)
        self.assertEqual(exchange.state, "returned")
        self.assertEqual(exchange.return_id.create_uid, self.seller)

    def test_nothing_is_typed(self):
        """Not even administrators set through RPC what only documents tell."""
        admin = self.env.ref("base.user_admin")
        exchange = self.account_of(self.mine).reward_exchange_ids.with_user(admin)
        referral = self.account_of(self.mine).referral_ids.with_user(admin)
        for record, values in (
            (exchange, {"state": "issued"}),
            (exchange, {"card_points": 1}),
            (referral, {"state": "rewarded"}),
        ):
            with self.assertRaises(AccessError):
                record.write(values)
            with self.assertRaises(AccessError):
                record.unlink()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.RestrictViolation),
            self.cr.savepoint(),
        ):
            exchange.sudo().card_id.unlink()

    def test_a_shop_owner_without_sales_rights(self):
        owner = self.users["manager"]
        reward = self.Reward.with_user(owner).create(
            {"name": "5 off", "program_id": self.points.id, "amount": 5}
        )
        reward.action_create_program()
        self.assertTrue(reward.is_ready)
        self.assertIn("5", reward.gives_text)
        form = reward.web_read({"loyalty_program_id": {"fields": {"display_name": {}}}})
        self.assertEqual(form[0]["loyalty_program_id"]["display_name"], "5 off")
        for kind in ("user", "auditor"):
            with self.assertRaises(AccessError):
                reward.with_user(self.users[kind]).action_create_program()
