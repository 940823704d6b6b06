"""Friends brought in: both rewarded once, after the hold, and never for nothing."""

import re
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common_points import PointsCommon


class ReferralCommon(PointsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Referral = cls.env["retention.referral"]
        cls.points.write(
            {"referral_points": 50, "friend_points": 20, "referral_hold_days": 14}
        )
        cls.today = cls.company._retention_today()
        cls.customer.write(
            {
                "email": "Host <host@example.com>",
                "phone": "+49 30 12345678",
                "street": "Main St. 5",
                "zip": "12345",
                "city": "Town",
            }
        )
        cls.friend = cls.make_customers(1, email="friend@example.com")

    @classmethod
    def record(cls, friend=None, source="staff", account=None):
        return cls.Referral._record(
            account or cls.account, friend or cls.friend, source
        )

    @classmethod
    def settle(cls, days=0):
        return cls.Referral._settle(cls.company, cls.today + timedelta(days=days))

    @classmethod
    def paid_invoice(cls, partner, amount=100):
        move = cls.invoice(partner, cls.today, amount)
        cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({"payment_date": cls.today}).action_create_payments()
        return move

    @classmethod
    def refund(cls, move, amount=None):
        back = move._reverse_moves([{"invoice_date": cls.today}])
        if amount:
            back.invoice_line_ids.price_unit = amount
        back.action_post()
        return back

    def available(self, partner):
        return self.account_of(partner).available


@tagged("post_install", "-at_install")
class TestReferral(ReferralCommon):
    def test_both_after_the_first_paid_order_and_the_hold(self):
        referral = self.record()
        self.assertEqual(referral.state, "waiting")
        self.settle()
        self.assertEqual(referral.state, "waiting")
        self.invoice(self.friend, self.today, 100)  # not paid
        self.settle()
        self.assertEqual(referral.state, "waiting")
        move = self.paid_invoice(self.friend)
        self.settle()
        self.assertEqual(referral.state, "hold")
        self.assertEqual((referral.res_model, referral.res_id), (move._name, move.id))
        self.settle(13)
        self.assertEqual(referral.state, "hold")
        for _time in range(2):
            self.settle(14)
            self.assertEqual(referral.state, "rewarded")
            self.assertEqual(self.account.available, 50)
            self.assertEqual(self.available(self.friend), 20)
        self.refund(move, 30)
        self.settle(20)
        self.assertEqual(self.account.available, 50)
        self.refund(move, 70)
        for _time in range(2):
            self.settle(21)
            self.assertEqual(referral.state, "reversed")
            self.assertEqual(self.account.available, 0)
            self.assertEqual(self.available(self.friend), 0)

    def test_refunded_within_the_hold(self):
        referral = self.record()
        move = self.paid_invoice(self.friend)
        self.settle()
        self.refund(move)
        self.settle(5)
        self.assertEqual(referral.state, "waiting")
        second = self.paid_invoice(self.friend)
        self.settle(6)
        self.assertEqual(referral.res_id, second.id)
        self.settle(19)
        self.assertEqual(referral.state, "hold")
        self.settle(20)
        self.assertEqual(self.account.available, 50)

    def test_first_order_large_enough(self):
        self.points.referral_least = 100
        referral = self.record()
        self.paid_invoice(self.friend, 99.99)
        self.settle()
        self.assertEqual(referral.state, "waiting")
        self.buy(self.friend, (self.today, 100))
        self.settle()
        self.assertEqual(referral.res_model, "retention.purchase")
        self.buy(self.friend, (self.today, -1), refunds_id=referral.res_id)
        self.settle()
        self.assertEqual(referral.state, "waiting")

    def test_refused_with_a_reason(self):
        bank = {"acc_number": "DE02 1203 0000 0000 2020 51"}
        for customer in (self.customer, self.friend):
            customer.bank_ids = [Command.create(bank)]
        company = self.make_customers(1, is_company=True, vat="BE0477472701")
        self.customer.vat = "BE0477472701"
        child = self.make_customers(1, parent_id=self.customer.id)
        before = self.make_customers(1)
        self.buy(before, (self.today, 1))
        cases = {
            self.customer: "himself",
            child: "same company",
            company: "same company",
            self.friend: "bank account",
            before: "customer before",
            self.make_customers(1, email="HOST@example.com"): "e-mail",
            self.make_customers(1, phone="030/123 456-78"): "telephone",
            self.make_customers(1, street="main st 5", zip="12345", city="town"): (
                "address"
            ),
        }
        other = self.account_of(self.make_customers(1))
        for person, reason in cases.items():
            with self.subTest(reason):
                if person == child:
                    self.Referral.search([]).is_merged = True  # the same customer
                referral = self.record(person)
                self.assertEqual(referral.state, "refused")
                self.assertIn(reason, referral.reason)
        stranger = self.make_customers(1, street="Other 1", zip="12345", city="Town")
        self.assertEqual(self.record(stranger, account=other).state, "waiting")

    def test_who_came_first(self):
        referral = self.record()
        other = self.account_of(self.make_customers(1))
        self.assertEqual(self.record(account=other), referral)
        self.assertEqual(referral.account_id, self.account)

    def test_many_wait_for_a_person(self):
        self.points.referral_many = 2
        states = [self.record(each).state for each in self.make_customers(3)]
        self.assertEqual(states, ["waiting", "waiting", "review"])
        self.points.referral_review = "always"
        referral = self.record()
        self.assertEqual(referral.state, "review")
        self.paid_invoice(self.friend)
        self.settle()
        self.assertEqual(referral.state, "review")
        wizard = self.env["retention.referral.review.wizard"]
        for kind in ("user", "auditor"):
            user = self.make_user(kind)
            with self.assertRaises(AccessError):
                referral.with_user(user).action_review()
        manager = self.make_user("manager")
        self.assertTrue(referral.with_user(manager).action_review())
        wizard.with_user(manager).create(
            {"referral_ids": [Command.set(referral.ids)], "reason": "Known to us"}
        ).action_apply()
        self.settle()
        self.assertEqual(referral.state, "hold")
        with self.assertRaises(UserError):
            referral._decide(True, "Twice")
        referral._decide(False, "A cousin")
        self.settle(30)
        self.assertEqual((referral.state, self.account.available), ("refused", 0))

    def test_code_on_the_first_order(self):
        code = self.account._get_referral_code()
        self.assertEqual(self.account._get_referral_code(), code)
        order = self.order(self.friend, self.today, 50, confirm=False)
        order.retention_referral_code = f" {code.lower()} "
        order.action_confirm()
        referral = self.account.referral_ids
        self.assertEqual((referral.friend_id, referral.state), (self.friend, "waiting"))
        late = self.make_customers(1)
        self.order(late, self.today, 50)
        second = self.order(late, self.today, 50, confirm=False)
        second.retention_referral_code = code
        second.action_confirm()
        self.assertEqual(
            self.Referral.search([("friend_id", "=", late.id)]).state, "refused"
        )
        wrong = self.order(self.make_customers(1), self.today, 50, confirm=False)
        wrong.retention_referral_code = "nobody"
        wrong.action_confirm()
        self.assertEqual(wrong.state, "sale")

    def test_no_link_without_points(self):
        code = self.account._get_referral_code()
        self.assertIn(f"/retention/friend/{code}", self.account._get_referral_url())
        self.points.write({"referral_points": 0, "friend_points": 0})
        self.points.invalidate_recordset(["has_referral"])
        self.assertFalse(self.account._get_referral_url())
        self.assertFalse(self.Referral._find_account(code))

    def test_merged(self):
        first, second = self.friend, self.make_customers(1)
        for friend in (first, second):
            self.record(friend)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (first + second).ids, second
        )
        live = self.Referral.search([("is_merged", "!=", True)])
        self.assertEqual(live.friend_id, second)
        self.assertEqual(len(live), 1)


@tagged("post_install", "-at_install")
class TestLink(ReferralCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.code = self.account._get_referral_code()
        self.env["ir.config_parameter"].set_param("auth_signup.invitation_scope", "b2c")

    def open_link(self, code, **options):
        return self.url_open(f"/retention/friend/{code}", **options)

    def test_signing_up(self):
        answer = self.open_link(self.code, allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        self.assertTrue(answer.headers["Location"].endswith("/web/signup"))
        page = self.url_open("/web/signup")
        self.assertEqual(page.status_code, 200)
        answer = self.url_open(
            "/web/signup",
            data={
                "login": "new@example.com",
                "name": "New Friend",
                "password": "a-long-password",
                "confirm_password": "a-long-password",
                "csrf_token": self.csrf_token(),
            },
        )
        self.assertEqual(answer.status_code, 200)
        referral = self.account.referral_ids
        self.assertEqual(
            (referral.friend_id.name, referral.source, referral.state),
            ("New Friend", "signup", "waiting"),
        )

    def csrf_token(self):
        page = self.url_open("/web/signup").text
        return re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)

    def test_signed_in(self):
        user = new_test_user(self.env, "portal_friend", groups="base.group_portal")
        self.authenticate("portal_friend", "portal_friend")
        self.open_link(self.code, allow_redirects=False)
        self.assertEqual(self.account.referral_ids.friend_id, user.partner_id)
        self.assertEqual(self.account.referral_ids.source, "link")

    def test_staff_bring_nobody(self):
        new_test_user(self.env, "staff_looks", groups="base.group_user")
        self.authenticate("staff_looks", "staff_looks")
        self.open_link(self.code, allow_redirects=False)
        self.assertFalse(self.account.referral_ids)

    def test_wrong_codes(self):
        self.points.active = False
        for code in ("nobody", "%27%3B--", "A" * 5000, self.code, "é", "0"):
            with self.subTest(code[:9]):
                answer = self.open_link(code, allow_redirects=False)
                self.assertEqual(answer.status_code, 404)
        answer = self.url_open(f"/retention/friend/{self.code}", data={"a": "b"})
        self.assertIn(answer.status_code, (400, 404, 405))
