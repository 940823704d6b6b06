"""The statement of points: right figures, by a policy, to those who have some."""

from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.crm_retention.tools import points

from .common_plan import MONDAY, PlanCommon
from .common_reward import RewardCommon


@tagged("post_install", "-at_install")
class TestStatement(RewardCommon):
    def test_figures(self):
        long_ago = self.today - timedelta(days=60)
        for number, values in (
            (500, {"day": long_ago}),
            (120, {"day": self.today}),
            (40, {"day": self.today, "expires_on": self.today + timedelta(days=9)}),
        ):
            self.post(points.EARN, number, today=self.today, **values)
        self.exchange()
        self.exchange()._cancel("Chosen by mistake")
        self.post(
            points.EARN,
            7,
            today=self.today,
            day=self.today,
            available_on=self.today + timedelta(days=3),
        )
        account = self.account
        self.assertEqual(
            (account.statement_earned, account.statement_spent), (167, 100)
        )
        self.assertEqual((account.available, account.pending), (560, 7))
        self.assertFalse(
            account.statement_expiring, "what expires first was spent first"
        )
        self.assertEqual(account.statement_reach, "10 off (100)")
        soon = self.today + timedelta(days=9)
        self.post(points.EARN, 30, today=self.today, expires_on=soon)
        account.invalidate_recordset()
        self.assertTrue(account.statement_expiring.startswith("30 on "))

    def test_mail(self):
        self.earn(250)
        template = self.env.ref("crm_retention.mail_template_points")
        person = self.make_customers(1, parent_id=self.customer.id)
        stranger = self.make_customers(1)
        bodies = template._generate_template(
            (self.customer + person + stranger).ids, ("body_html",)
        )
        for partner in (self.customer, person):
            body = bodies[partner.id]["body_html"]
            self.assertIn("<b>250</b>", body)
            self.assertIn("10 off (100)", body)
            self.assertIn("/my/points", body)
        self.assertIn("no points yet", bodies[stranger.id]["body_html"])


@tagged("post_install", "-at_install")
class TestStatementByPolicy(PlanCommon):
    def test_only_who_has_points_gets_one(self):
        self.company.retention_sending = True
        program = self.env["retention.points.program"].create({"name": "Stars"})
        rich, poor = self.make_known(2)
        for number, partner in enumerate((rich, poor)):
            partner.email = f"customer{number}@example.com"
        Account = self.env["retention.points.account"]
        account = Account._open(program, rich.ids)[rich.id]
        Account._post(program, [points.Posting(account, "k", points.EARN, 75)])
        template = self.env.ref("crm_retention.mail_template_points")
        self.make_policy(
            {
                "channel_id": self.email.id,
                "mode": "automatic",
                "mail_template_id": template.id,
            }
        )
        self.plan()
        touches = self.planned()
        self.assertEqual(touches.partner_id, rich + poor)
        touches.due_date = MONDAY
        line = touches.cadence_id
        touches._send_by(line, "mail")
        mine, theirs = (
            touches.filtered(lambda row, who=who: row.partner_id == who)
            for who in (rich, poor)
        )
        self.assertIn("<b>75</b>", mine.mail_id.body_html)
        self.assertFalse(theirs.mail_id)
        self.assertEqual(theirs.state, "skipped")
        self.assertIn("no points", theirs.skip_reason)
