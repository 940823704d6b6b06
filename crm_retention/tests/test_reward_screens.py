"""Rewards in the browser: exchanged in the portal, used in a quotation."""

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.crm_retention.tools import rewards

from .common_reward import RewardCommon


@tagged("post_install", "-at_install")
class TestRewardScreens(RewardCommon, HttpCase):
    def test_exchanged_in_the_portal_and_used_in_a_quotation(self):
        self.points.portal_visible = True
        user = new_test_user(
            self.env,
            "portal_customer",
            groups="base.group_portal",
            partner_id=self.customer.id,
        )
        self.earn(150)
        self.start_tour(
            "/my/points", "crm_retention_exchange_in_portal", login=user.login
        )
        exchange = self.account.reward_exchange_ids
        self.assertEqual(
            (exchange.state, exchange.person_id), ("issued", self.customer)
        )
        self.assertEqual(self.account.available, 50)

        exchange.card_id.code = "REWARD-1"
        order = self.quotation(100)
        self.start_tour(
            f"/odoo/sales/{order.id}",
            "crm_retention_coupon_in_quotation",
            login="admin",
        )
        self.assertEqual(order.amount_untaxed, 90)

    def test_amount_chosen_in_the_portal(self):
        self.points.portal_visible = True
        wallet = self.make_reward(rewards.WALLET, amount=5, is_any_amount=True)
        parent, self.customer.parent_id = self.make_customers(1), False
        person = self.make_customers(1, parent_id=self.customer.id)
        user = new_test_user(
            self.env,
            "portal_person",
            groups="base.group_portal",
            partner_id=person.id,
        )
        self.earn(500)
        self.authenticate(user.login, user.login)
        page = self.url_open("/my/points").text
        self.assertIn('name="amount"', page)
        form = {
            "csrf_token": self.find(page, "csrf_token"),
            "key": self.find(page, "key"),
            "account": self.account.id,
            "reward": wallet.id,
            "amount": "12",
        }
        for _time in range(2):
            self.url_open("/my/points/exchange", data=form)
        exchange = self.account.reward_exchange_ids
        self.assertEqual((exchange.amount, exchange.points), (12, 240))
        self.assertEqual(
            (exchange.person_id, exchange.card_id.partner_id), (person,) * 2
        )
        self.assertEqual(self.account.available, 260)
        foreign = self.account_of(parent)
        self.earn(500, account=foreign)
        answer = self.url_open(
            "/my/points/exchange", data=form | {"account": foreign.id}
        )
        self.assertEqual(answer.status_code, 404)
        self.assertFalse(foreign.reward_exchange_ids)

    @staticmethod
    def find(page, name):
        return page.split(f'name="{name}" value="')[1].split('"')[0]

    def test_day_is_shown_in_the_portal(self):
        self.earn(100)
        exchange = self.exchange()
        row = self.account._get_portal_exchanges()[0]
        self.assertEqual(row["expires_on"], exchange.expires_on)
        self.assertEqual(row["code"], exchange.code)
        exchange.expires_on = fields.Date.subtract(self.today, days=1)
        self.Exchange._settle(self.company, self.today)
        row = self.account._get_portal_exchanges()[0]
        self.assertEqual((row["code"], row["is_open"]), (False, False))
