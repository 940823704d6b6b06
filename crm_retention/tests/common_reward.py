"""What the tests of rewards share."""

from odoo import fields

from odoo.addons.crm_retention.tools import rewards

from .common_points import PointsCommon


class RewardCommon(PointsCommon):
    """A reward of each kind, made as a shop owner makes it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Reward = cls.env["retention.reward"]
        cls.Exchange = cls.env["retention.reward.exchange"]
        cls.customer.email = "customer@example.com"
        cls.today = cls.company._retention_today()
        cls.coupon = cls.make_reward(name="10 off", amount=10)

    @classmethod
    def make_reward(cls, kind=rewards.COUPON, **values):
        values = {"program_id": cls.points.id, "cost": 100, "kind": kind} | values
        reward = cls.Reward.create({"name": kind.title(), **values})
        if kind in (rewards.COUPON, rewards.CODE, rewards.WALLET):
            reward.action_create_program()
        return reward

    @classmethod
    def exchange(cls, reward=None, account=None, key=None, **values):
        key = key or f"key-{next(cls._keys)}"
        return (reward or cls.coupon)._exchange(account or cls.account, key, **values)

    def apply_code(self, order, code):
        """Enter a code in a quotation as a salesperson does."""
        found = order._try_apply_code(code)
        self.assertNotIn("error", found)
        for card, native in found.items():
            order._apply_program_reward(native[:1], card)

    @classmethod
    def quotation(cls, amount=100, partner=None):
        moment = fields.Datetime.now()
        return cls.order(partner or cls.customer, moment, amount, confirm=False)
