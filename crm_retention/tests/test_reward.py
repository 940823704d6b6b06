"""Rewards: points become coupons and wallet money that work, once, and come back."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.crm_retention.tools import caps, rewards

from .common_reward import RewardCommon


@tagged("post_install", "-at_install")
class TestCoupon(RewardCommon):
    def test_works_in_a_quotation(self):
        self.earn(150)
        exchange = self.exchange()
        self.assertEqual(self.account.available, 50)
        self.assertEqual(exchange.state, "issued")
        self.assertEqual(exchange.expires_on, self.today + timedelta(days=90))
        order = self.quotation(100)
        self.apply_code(order, exchange.code)
        self.assertEqual(order.amount_untaxed, 90)
        self.assertEqual(exchange.state, "issued", "a quotation uses nothing")
        order.action_confirm()
        self.assertEqual(exchange.state, "used")
        again = self.quotation(100)
        self.assertIn("error", again._try_apply_code(exchange.code))
        with self.assertRaisesRegex(UserError, "not been used"):
            exchange._cancel("Changed his mind")
        order._action_cancel()
        self.assertEqual(exchange.state, "issued")
        exchange._cancel("Changed his mind")
        self.assertEqual(self.account.available, 150)

    def test_same_key_takes_once(self):
        self.earn(300)
        first = self.exchange(key="one")
        self.assertEqual(self.exchange(key="one"), first)
        self.assertEqual(self.account.available, 200)
        self.assertEqual(len(self.coupon.loyalty_program_id.coupon_ids), 1)
        other = self.make_reward(name="20 off", amount=20)
        with self.assertRaisesRegex(UserError, "Another exchange"):
            self.exchange(other, key="one")
        self.assertEqual(self.account.available, 200)

    def test_mail_is_ours_and_only_when_sending(self):
        self.earn(300)
        native = self.coupon.loyalty_program_id
        template = self.env.ref("loyalty.mail_template_loyalty_card")
        native.communication_plan_ids = [
            (0, 0, {"trigger": "create", "mail_template_id": template.id})
        ]
        mails = self.env["mail.mail"]
        before = mails.search([])
        self.company.retention_sending = False
        self.exchange()
        self.assertEqual(mails.search([]), before)
        self.company.retention_sending = True
        exchange = self.exchange()
        mail = mails.search([]) - before
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.state, "outgoing")
        self.assertIn(exchange.code, mail.body_html)
        self.assertEqual(mail.recipient_ids, self.customer)
        blocked = caps.Verdict(caps.BLOCKED, reason="Does not want mail")
        guard = self.env["retention.guard"]
        with patch.object(type(guard), "_judge", lambda *_args: [blocked]):
            self.assertEqual(self.exchange().state, "issued")
        self.assertEqual(mails.search([]) - before, mail)

    def test_too_few_points(self):
        self.earn(99)
        with self.assertRaisesRegex(UserError, "1 points are missing"):
            self.exchange()
        self.assertFalse(self.account.reward_exchange_ids)

    def test_points_come_back_to_their_awards(self):
        march, june = self.earn(60, 90), self.earn(60, 180)
        exchange = self.exchange()
        self.assertEqual(self.left(march, june), [0, 20])
        order = self.quotation()
        self.apply_code(order, exchange.code)
        with self.assertRaisesRegex(UserError, "cancel the exchange"):
            self.Account._prepare_reversal(exchange.entry_id, 100, "k", "r")
        exchange._cancel("Ordered by mistake")
        self.assertEqual(self.left(march, june), [60, 60])
        self.assertEqual((exchange.state, exchange.card_id.points), ("returned", 0))
        self.assertEqual(exchange.return_id.points, 100)
        with self.assertRaises(ValidationError):
            order.action_confirm()  # its coupon is worth nothing any more
        with self.assertRaises(UserError):
            exchange._cancel("Again")

    def test_expired_unused(self):
        self.earn(1000)
        back = self.make_reward(name="A", amount=5, return_policy="always")
        lost, returned, used = self.exchange(), self.exchange(back), self.exchange(back)
        order = self.quotation()
        self.apply_code(order, used.code)
        order.action_confirm()
        last = returned.expires_on
        self.assertEqual(self.Exchange._settle(self.company, last), 0)
        for _time in range(2):
            self.Exchange._settle(self.company, last + timedelta(days=1))
            states = (lost + returned + used).mapped("state")
            self.assertEqual(states, ["expired", "returned", "used"])
            self.assertEqual(self.account.available, 800)
        self.assertEqual(lost.card_id.points, 0)

    def test_free_product_and_percent(self):
        gift = self.env["product.product"].create({"name": "Mug", "list_price": 8})
        mug = self.make_reward(
            name="Mug", discount_kind="product", product_id=gift.id, cost=10
        )
        percent = self.make_reward(
            name="Quarter off", discount_kind="percent", percent=25, cost=10
        )
        self.earn(20)
        order = self.quotation(100)
        self.apply_code(order, self.exchange(mug).code)
        self.assertIn(gift, order.order_line.product_id)
        self.assertEqual(order.amount_untaxed, 100)
        order = self.quotation(100)
        self.apply_code(order, self.exchange(percent).code)
        self.assertEqual(order.amount_untaxed, 75)


@tagged("post_install", "-at_install")
class TestOffers(RewardCommon):
    def reason(self, reward=None):
        found = (reward or self.coupon)._get_offers(self.account)
        return found and found[0]["reason"]

    def test_stock_of_one(self):
        self.coupon.write({"is_limited": True, "stock": 1})
        other = self.account_of(self.make_customers(1))
        for account in (self.account, other):
            self.earn(500, account=account)
        first = self.exchange()
        self.assertEqual(self.coupon.stock_left, 0)
        with self.assertRaisesRegex(UserError, "gone"):
            self.exchange(account=other)
        self.assertEqual(other.available, 500)
        first._cancel("Wrong one")
        self.exchange(account=other)
        with self.assertRaises(UserError):
            self.exchange()

    def test_two_who_saw_the_last_one(self):
        """Both read that one is left; the count under the lock decides."""
        self.coupon.write({"is_limited": True, "stock": 1})
        self.earn(500)
        self.assertEqual(self.coupon.stock_left, 1)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE retention_reward SET taken = 1 WHERE id = %s", [self.coupon.id]
        )
        self.assertEqual(self.coupon.stock_left, 1, "as it was read before")
        with self.assertRaisesRegex(UserError, "gone"), self.cr.savepoint():
            self.exchange()
        self.account.invalidate_recordset()
        self.assertEqual(self.account.available, 500)

    def test_limit_per_customer(self):
        self.coupon.most_each = 1
        self.earn(500)
        self.exchange()
        self.assertEqual(self.reason(), "You had it as often as it is given.")
        with self.assertRaises(UserError):
            self.exchange()
        other = self.account_of(self.make_customers(1))
        self.earn(100, account=other)
        self.assertTrue(self.exchange(account=other))

    def test_days(self):
        self.earn(500)
        self.coupon.start_date = self.today + timedelta(days=1)
        with self.assertRaisesRegex(UserError, "starts on"):
            self.exchange()
        self.coupon.write(
            {"start_date": False, "end_date": self.today - timedelta(days=1)}
        )
        with self.assertRaisesRegex(UserError, "over"):
            self.exchange()
        self.coupon.end_date = self.today
        self.assertTrue(self.exchange())

    def test_reserved_for_a_tier(self):
        self.earn(500)
        gold = self.tier("Gold")
        self.coupon.tier_ids = gold
        self.assertFalse(self.coupon._get_offers(self.account))
        with self.assertRaisesRegex(UserError, "other tiers"):
            self.exchange()
        self.buy(self.customer, (1, 10))
        self.run_pass()
        self.profile_of(self.customer).tier_id = gold
        self.assertTrue(self.exchange())
        self.assertEqual(self.coupon, gold.reward_ids)

    def test_what_is_shown(self):
        self.earn(60)
        offer = self.coupon._get_offers(self.account)[0]
        self.assertEqual(
            (offer["cost"], offer["is_within_reach"], offer["missing"]),
            (100, False, 40),
        )
        self.earn(40)
        self.assertTrue(self.coupon._get_offers(self.account)[0]["is_within_reach"])
        self.points.active = False
        self.assertFalse(self.coupon._get_offers(self.account))

    def test_another_programs_points(self):
        other = self.env["retention.points.program"].create({"name": "Miles"})
        account = self.account_of(self.customer, other)
        with self.assertRaisesRegex(UserError, "do not pay"):
            self.exchange(account=account)

    def test_no_native_program_of_another_kind(self):
        wallet = self.make_reward(rewards.WALLET, amount=5)
        with self.assertRaises(ValidationError):
            self.coupon.loyalty_program_id = wallet.loyalty_program_id
        bare = self.Reward.create({"name": "Bare", "program_id": self.points.id})
        with self.assertRaisesRegex(UserError, "worth"):
            bare.action_create_program()
        with self.assertRaisesRegex(UserError, "not set up"):
            self.exchange(bare)


@tagged("post_install", "-at_install")
class TestOtherKinds(RewardCommon):
    def test_wallet_money_of_any_amount(self):
        wallet = self.make_reward(
            rewards.WALLET, amount=5, is_any_amount=True, least_amount=2
        )
        self.earn(1000)
        first = self.exchange(wallet, amount=7.51)
        self.assertEqual((first.points, first.amount), (151, 7.51))
        with self.assertRaisesRegex(UserError, "from .*2.00"):
            self.exchange(wallet, amount=1.99)
        for wrong in (None, "x", -5, float("nan"), float("inf")):
            with self.subTest(wrong), self.assertRaises(UserError):
                self.exchange(wallet, amount=wrong)
        second = self.exchange(wallet, amount=10)
        card = first.card_id
        self.assertEqual(second.card_id, card)
        self.assertEqual(card.points, 17.51)
        self.assertEqual(card.history_ids.mapped("issued"), [10, 7.51])

        order = self.quotation(9)
        claimable = order._get_claimable_rewards(forced_coupons=card)
        order._apply_program_reward(claimable[card], card)
        self.assertEqual(order.amount_untaxed, 0)
        order.action_confirm()
        self.assertEqual((first.state, second.state), ("used", "issued"))
        self.assertEqual(second.amount_left, 8.51)
        with self.assertRaises(UserError):
            second._cancel("Part of it was spent")

    def test_wallet_money_taken_back(self):
        wallet = self.make_reward(rewards.WALLET, amount=5)
        self.earn(200)
        first, second = self.exchange(wallet), self.exchange(wallet)
        first._cancel("Mistake")
        self.assertEqual(first.card_id.points, 5)
        self.assertEqual((first.state, second.state), ("returned", "issued"))
        self.assertEqual(self.account.available, 100)

    def test_gift(self):
        gift = self.make_reward(rewards.GIFT, name="Basket", gift_days=4)
        self.earn(200)
        self.customer.user_id = self.make_user("user")
        exchange = self.exchange(gift)
        task = exchange.activity_ids
        self.assertEqual(task.user_id, self.customer.user_id)
        self.assertEqual(task.date_deadline, self.today + timedelta(days=4))
        exchange.action_hand_over()
        self.assertEqual(exchange.state, "used")
        self.assertFalse(exchange.activity_ids)
        other = self.exchange(gift)
        other._cancel("Not in stock")
        self.assertFalse(other.activity_ids)
        self.assertEqual(self.account.available, 100)

    def test_gift_sent_by_its_task(self):
        gift = self.make_reward(rewards.GIFT)
        self.earn(100)
        exchange = self.exchange(gift)
        exchange.activity_ids.action_feedback("Sent by post")
        self.assertEqual(exchange.state, "used")

    def test_discount_code_for_all(self):
        code = self.make_reward(rewards.CODE, discount_kind="percent", percent=20)
        self.earn(200)
        exchange = self.exchange(code)
        order = self.quotation(100)
        self.apply_code(order, exchange.code)
        self.assertEqual(order.amount_untaxed, 80)
        self.Exchange._settle(self.company, self.today)
        self.assertEqual(exchange.state, "issued")
        with self.assertRaisesRegex(UserError, "knows the code"):
            exchange._cancel("x")
        order.action_confirm()
        self.Exchange._settle(self.company, self.today)
        self.assertEqual(exchange.state, "used")

    def test_event_place(self):
        if "event.event" not in self.env:
            kinds = dict(self.Reward._selection_kind())
            self.assertNotIn(rewards.EVENT, kinds)
            return
        event = self.env["event.event"].create({"name": "Tasting"})
        place = self.make_reward(rewards.EVENT, event_ref=f"event.event,{event.id}")
        self.earn(200)
        exchange = self.exchange(place)
        registration = event.registration_ids
        self.assertEqual(registration.partner_id, self.customer)
        registration.action_set_done()
        self.Exchange._settle(self.company, self.today)
        self.assertEqual(exchange.state, "used")
        other = self.exchange(place)
        other._cancel("Cannot come")
        self.assertEqual((event.registration_ids - registration).state, "cancel")
