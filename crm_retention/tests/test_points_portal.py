"""The customer's own page: his numbers, nobody else's, whatever the browser sends."""

import re
from datetime import timedelta
from uuid import uuid4

from odoo import http
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_retention.tools import points

from .common_reward import RewardCommon

HARMLESS = (200, 302, 303, 400, 403, 404, 405)
SECRET = ("Secret of the other", "Secret gift", "987,654", "987654", "Their Club")
WRONG = ("0", "-1", "abc", "1e9", "9" * 30, "²", "1'--", "%00", "None", "1,2")


class PortalCommon(RewardCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person, cls.stranger = cls.make_customers(2)
        cls.customer.is_company = True
        cls.person.parent_id = cls.customer
        cls.portal = cls.make_user("portal", partner_id=cls.person.id)
        cls.other = cls.make_user(
            "portal", login="other_portal", partner_id=cls.stranger.id
        )
        cls.their_program = cls.points.copy({"name": "Their Club"})
        cls.theirs = cls.account_of(cls.stranger, cls.their_program)
        cls.their_reward = cls.make_reward(
            "gift", name="Secret gift", program_id=cls.their_program.id, cost=5
        )
        cls.post(
            points.ADJUST, 987654, cls.theirs, cls.today, reason="Secret of the other"
        )
        for number in range(25):
            cls.post(
                points.ADJUST,
                10,
                today=cls.today,
                reason=f"Gift {number}",
                expires_on=cls.today + timedelta(days=number + 1),
            )
        cls.post(
            points.EARN,
            7,
            today=cls.today,
            available_on=cls.today + timedelta(days=4),
            res_model="res.partner",
            res_id=cls.customer.id,
        )

    def page(self, path="/my/points", **arguments):
        return self.url_open(path, allow_redirects=False, **arguments)

    def send(self, path, **data):
        """Send a form as the page does."""
        token = http.Request.csrf_token(self)
        return self.page(path, data={"csrf_token": token, **data})


@tagged("post_install", "-at_install")
class TestPortal(PortalCommon):
    def test_page(self):
        self.authenticate(self.portal.login, self.portal.login)
        text = self.page().text
        for shown in ("250", "Stars", "Gift 24", "Balance", "expire on", "more from"):
            self.assertIn(shown, text)
        self.assertNotIn("Gift 3<", text)
        text = self.page("/my/points/page/2").text
        self.assertIn("Gift 3", text)
        self.assertNotIn("Gift 24", text)
        self.assertIn("250", self.page("/my").text)

    def test_hidden_program(self):
        self.points.portal_visible = False
        self.authenticate(self.portal.login, self.portal.login)
        self.assertIn("no points yet", self.page().text)
        self.assertEqual(
            self.page(f"/my/points?account={self.account.id}").status_code, 404
        )

    def test_own_documents_only(self):
        """Of a document the name is shown if it is the customer's own."""
        mine, foreign = (
            self.order(each, self.today, 10, False)
            for each in (self.person, self.stranger)
        )
        for order in (mine, foreign):
            self.post(
                points.EARN,
                3,
                today=self.today,
                res_model="sale.order",
                res_id=order.id,
            )
        names = [each["document"] for each in self.account._get_portal_movements(0, 2)]
        self.assertEqual(names, [None, mine.name])

    def test_wishes(self):
        """A person's words are his own, and only what changed is a new one."""
        news, offers = (
            self.env.ref(f"crm_retention.purpose_{code}") for code in ("news", "offers")
        )
        mail = self.env.ref("crm_retention.channel_email")
        self.authenticate(self.portal.login, self.portal.login)
        form = {"channel": mail.id, "most": "2", "pause": "", "purpose": [news.id]}
        for _again in range(2):
            answer = self.send("/my/points/wishes", **form)
            self.assertEqual(answer.status_code, 303)
        self.assertIn("holds from now on", self.page().text)
        wish = self.env["retention.wish"].search([("partner_id", "=", self.person.id)])
        self.assertEqual((wish.channel_id, wish.most_a_month), (mail, 2))
        words = self.env["retention.consent"].search(
            [("partner_id", "=", self.person.id)]
        )
        said = {word.purpose_id: word.state for word in words}
        self.assertEqual(len(words), len(said))
        self.assertEqual((said[news], said[offers]), ("granted", "refused"))
        self.assertEqual(set(words.mapped("how")), {"portal"})
        self.send("/my/points/wishes", purpose=[])
        self.assertFalse(wish.exists())
        word = self.env["retention.consent"].search(
            [("partner_id", "=", self.person.id), ("purpose_id", "=", news.id)], limit=1
        )
        self.assertEqual(word.state, "withdrawn")

    def ask(self, reward=None, key=None, **values):
        form = {"account": self.account.id, "key": key or str(uuid4())} | values
        return self.send(
            "/my/points/exchange", reward=(reward or self.coupon).id, **form
        )

    def test_exchange(self):
        """Once however often the form is sent; the code is on the page."""
        self.authenticate(self.portal.login, self.portal.login)
        text = self.page().text
        self.assertIn("10 off", text)
        key = re.search(r'name="key" value="([^"]+)"', text)[1]
        for _again in range(2):
            answer = self.ask(key=key)
            self.assertEqual(answer.status_code, 303)
        exchange = self.Exchange.search([("account_id", "=", self.account.id)])
        self.assertEqual(len(exchange), 1)
        self.assertEqual(self.account.available, 150)
        self.assertEqual(exchange.person_id, self.person)
        self.assertEqual(exchange.entry_id.create_uid, self.portal)
        text = self.page().text
        self.assertIn(exchange.code, text)
        self.assertIn("is yours", text)
        self.assertNotIn("is yours", self.page().text)  # said once
        # the other cannot use it, nor see it
        self.authenticate(self.other.login, self.other.login)
        self.assertNotIn(exchange.code, self.page().text)
        with mute_logger("odoo.http"):
            self.assertEqual(self.ask(key=key).status_code, 404)

    def test_exchange_refused(self):
        dear = self.make_reward("gift", cost=251)
        once = self.make_reward("gift", cost=1, most_each=1)
        wallet = self.make_reward(
            "wallet", cost=10, amount=1, is_any_amount=True, least_amount=2
        )
        self.authenticate(self.portal.login, self.portal.login)
        self.assertEqual(self.ask(once).status_code, 303)
        for values in (
            {"reward": dear},
            {"reward": once},
            {"reward": wallet, "amount": "1"},
            {"reward": wallet, "amount": "1000"},
            *({"reward": wallet, "amount": each} for each in WRONG),
        ):
            with self.subTest(values), mute_logger("odoo.http"):
                self.assertEqual(self.ask(**values).status_code, 303)
                self.assertIn("alert-danger", self.page().text)
        self.assertEqual(self.account.balance, 256)
        self.assertEqual(self.ask(wallet, amount="2.5").status_code, 303)
        self.assertEqual(self.account.balance, 231)

    # ---- what nobody may get -------------------------------------------------------

    def get_requests(self):
        """Yield (path, form or None): everything that a browser could make up."""
        ids = [self.theirs.id, *WRONG]
        for each in ids:
            yield f"/my/points?account={each}", None
        for each in ("0", "2", "9" * 18, "abc", "-1", "1.5"):
            yield f"/my/points/page/{each}", None
        yield "/my/points?page=x&sortby=zzz&search=%27&account=&account=2", None
        for path in ("exchange", "wishes"):
            yield f"/my/points/{path}", None
        coupon, foreign = self.coupon.id, self.their_reward.id
        for reward, key in ((foreign, str(uuid4())), (coupon, ""), (coupon, "key")):
            form = {"account": self.account.id, "reward": reward, "key": key}
            yield "/my/points/exchange", form
        for each in ids:
            yield "/my/points/exchange", {"account": each, "key": str(uuid4())}
            yield (
                "/my/points/exchange",
                {"account": self.account.id, "reward": each, "key": each},
            )
        for each in WRONG:
            yield (
                "/my/points/wishes",
                {"channel": each, "most": each, "pause": each, "purpose": [each, "1"]},
            )

    def test_made_up_requests(self):
        """404, a clear refusal or one's own page: never an error, never a leak."""
        before = self.env["retention.points.entry"].search_count([])
        users = {None: None, "portal": self.portal, "internal": self.make_user("none")}
        for kind, user in users.items():
            self.authenticate(user and user.login, user and user.login)
            for path, form in self.get_requests():
                with self.subTest(kind, path=path, form=form), mute_logger("odoo.http"):
                    answer = self.send(path, **form) if form else self.page(path)
                    self.assertIn(answer.status_code, HARMLESS)
                    if not user and answer.status_code in (302, 303):
                        self.assertIn("/web/login", answer.headers["Location"])
                    for secret in SECRET:
                        self.assertNotIn(secret, answer.text)
        after = self.env["retention.points.entry"].search_count([])
        self.assertEqual(after, before)
        self.assertFalse(
            self.env["retention.wish"].search([("partner_id", "=", self.stranger.id)])
        )

    def test_wrong_methods_and_no_token(self):
        self.authenticate(self.portal.login, self.portal.login)
        with mute_logger("odoo.http"):
            for path in ("/my/points", "/my/points/exchange", "/my/points/wishes"):
                for method in ("PUT", "DELETE", "PATCH"):
                    answer = self.opener.request(method, self.base_url() + path)
                    self.assertIn(answer.status_code, (400, 404, 405))
            for path in ("exchange", "wishes"):
                self.assertEqual(self.page(f"/my/points/{path}").status_code, 405)
                answer = self.page(f"/my/points/{path}", data={"most": "3"})
                self.assertEqual(answer.status_code, 400)
        self.assertFalse(
            self.env["retention.wish"].search([("partner_id", "=", self.person.id)])
        )

    def test_models_are_closed(self):
        """Through RPC a customer reads no ledger, not even his own."""
        self.authenticate(self.portal.login, self.portal.login)
        for model in ("account", "entry", "award", "program", "check"):
            with mute_logger("odoo.http"):
                answer = self.url_open(
                    f"/web/dataset/call_kw/retention.points.{model}/search_read",
                    json={
                        "params": {
                            "model": f"retention.points.{model}",
                            "method": "search_read",
                            "args": [],
                            "kwargs": {},
                        }
                    },
                )
            self.assertIn("AccessError", answer.text)
