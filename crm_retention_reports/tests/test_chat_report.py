from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import RetentionCommon

LIVE = "im_livechat.channel.member.history"


@tagged("post_install", "-at_install")
class TestChatReport(RetentionCommon):
    """How soon live chats are taken, where that app keeps it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Report = cls.env["retention.chat.report"]
        targets = cls.env["retention.service.target"]
        targets.search([("company_id", "=", cls.company.id)]).limit_ids.filtered(
            lambda each: each.part == "chat"
        ).unlink()
        cls.target = targets.search(
            [("company_id", "=", cls.company.id), ("is_fallback", "=", True)]
        )
        cls.limit = cls.env["retention.service.limit"].create(
            {
                "target_id": cls.target.id,
                "part": "chat",
                "amount": 30,
                "unit": "second",
                "mode": "elapsed",
            }
        )

    def test_shipped(self):
        other = self.make_company()
        targets = self.target.search([("company_id", "=", other.id)])
        chat = targets.limit_ids.filtered(lambda each: each.part == "chat")
        self.assertEqual((chat.amount, chat.unit), (30, "second"))
        values = {"part": "chat", "amount": 9, "unit": "second"}
        with self.assertRaises(ValidationError):
            self.env["retention.service.target"].create(
                {"name": "Chats", "limit_ids": [Command.create(values)], "band": "high"}
            )

    def test_without_the_app_it_is_empty(self):
        if LIVE in self.env:
            self.skipTest("the live chat app is installed")
        self.assertFalse(self.Report.search([]))
        with self.assertRaises(AccessError):
            self.Report.with_user(self.make_user("user")).search([])

    def test_taken_in_time(self):
        if LIVE not in self.env:
            self.skipTest("needs the live chat app")
        agent = self.make_user("none", login="chat_agent")
        now = fields.Datetime.now()
        rows = ((20, False), (40, False), (0, True), (0, False))
        for seconds, is_over in rows:
            self.make_chat(agent, seconds, now if is_over else False)
        self.env.flush_all()
        found = self.Report.search([("user_id", "=", agent.id)], order="id")
        self.assertEqual(found.mapped("seconds"), [20, 40, 0, 0])
        [(share, count)] = self.Report._read_group(
            [("user_id", "=", agent.id)], [], ["taken_share:avg", "chat_count:sum"]
        )
        self.assertAlmostEqual(share, 1 / 3)
        self.assertEqual((count, found.company_id), (4, self.company))
        # whoever may still be in time is not late
        late = self.Report.search([("late_count", ">", 0)]) & found
        self.assertEqual(late, found[1:3])
        self.assertEqual(found.mapped("is_decided"), [True, True, True, False])
        self.limit.write({"amount": 1, "unit": "minute"})
        self.env.invalidate_all()
        self.assertEqual(found.mapped("promised")[0], 60)

    def make_chat(self, agent, seconds, ended):
        channel = self.env["discuss.channel"].create(
            {
                "name": "Chat",
                "channel_type": "livechat",
                "livechat_operator_id": agent.partner_id.id,
            }
        )
        member = channel.channel_member_ids.filtered(
            lambda each: each.partner_id == agent.partner_id
        ) or self.env["discuss.channel.member"].create(
            {"channel_id": channel.id, "partner_id": agent.partner_id.id}
        )
        history = self.env[LIVE].search([("member_id", "=", member.id)])
        history = history or self.env[LIVE].create({"member_id": member.id})
        history.livechat_member_type = "agent"
        history.response_time_hour = seconds / 3600
        if ended:
            channel.livechat_end_dt = ended + timedelta(seconds=1)
