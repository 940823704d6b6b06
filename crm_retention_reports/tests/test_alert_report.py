from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.crm_retention.tests.common import TODAY
from odoo.addons.crm_retention.tests.test_alert import AlertCommon
from odoo.addons.crm_retention.tools import alerts


@tagged("post_install", "-at_install")
class TestAlertReport(AlertCommon):
    """What became of alerts, as somebody who goes through them one by one counts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Report = cls.env["retention.alert.report"]
        cls.enter(cls.customers)
        cls.watch()
        # with a context that tracks, as people work
        cls.opened = cls.alerts().sorted("id").with_env(cls.env(context={}))
        cls.env.cr.precommit.run()  # the night is over: what follows is a change
        cls.mine = [("signal_id", "=", cls.signal.id)]

    def at(self, days, work):
        """Do something so many days after the alerts were raised; tracked."""
        with freeze_time(f"{TODAY + timedelta(days=days)} 12:00:00"):
            work()
            self.env.flush_all()
            self.opened.env.flush_all()
            self.env.cr.precommit.run()

    def row(self, alert):
        self.env.invalidate_all()
        return self.Report.browse(alert.id)

    def test_counts_and_shares(self):
        saved, lost, false, still = self.opened
        for alert, state in ((saved, "saved"), (lost, "lost"), (false, "false")):
            alert._close(state, "Because", TODAY + timedelta(days=10))
        saved.result, lost.result = "right", "wrong"
        names = ("alert", "open", "closed", "saved", "lost", "false", "over")
        names += ("confirmed", "checked")
        [found] = self.Report._read_group(
            self.mine,
            ["signal_id"],
            [
                *(f"{name}_count:sum" for name in names),
                "precision:avg",
                "false_share:avg",
                "saved_share:avg",
                "confirmed_share:avg",
                "days_to_close:avg",
                "value:sum",
                "saved_value:sum",
            ],
        )
        self.assertEqual(found[1:10], (4, 1, 3, 1, 1, 1, 0, 1, 2))
        worth, wrong = alerts.precision({"saved": 1, "lost": 1, "false": 1, "new": 1})
        self.assertAlmostEqual(float(found[10]), worth, 1)
        self.assertAlmostEqual(float(found[11]), wrong, 1)
        self.assertEqual([float(each) for each in found[12:15]], [50, 50, 10])
        self.assertEqual(found[15], sum(self.opened.mapped("value")))
        self.assertEqual(found[16], saved.value)
        self.assertEqual(still.state, "new")

    def test_who_acted_when(self):
        seen, called, played, gone = self.opened
        self.at(3, seen._acknowledge)
        self.at(5, lambda: seen._close("saved", "Called", TODAY + timedelta(days=5)))
        contact = self.env["retention.touch"].search(
            [("alert_id", "=", called.id), ("partner_id", "=", called.partner_id.id)]
        )
        contact.write(
            {"state": "done", "done_at": f"{TODAY + timedelta(days=2)} 09:00"}
        )
        played.played_at = f"{TODAY + timedelta(days=4)} 09:00"
        self.at(6, lambda: gone._close("over", "Bought", TODAY, by_itself=True))
        days = [self.row(alert).days_to_act for alert in (seen, called, played)]
        self.assertEqual(days, [3, 2, 4])
        self.assertFalse(self.row(gone).acted_on)
        self.assertEqual(self.row(gone).ignored_count, 1)
        self.assertEqual(self.row(seen).ignored_count, 0)
        self.assertEqual(self.row(seen).days_to_close, 5)
        [(mean,)] = self.Report._read_group(self.mine, [], ["days_to_act:avg"])
        self.assertAlmostEqual(
            float(mean), 3
        )  # of three: of the fourth nothing is known

    def test_seen_and_then_over_by_itself(self):
        alert = self.opened[0]
        self.at(1, alert._acknowledge)
        self.at(4, lambda: alert._close("over", "Bought", TODAY, by_itself=True))
        self.assertEqual(self.row(alert).acted_on, TODAY + timedelta(days=1))

    def test_rights(self):
        lead, colleague = self.make_user("lead"), self.make_user("user", login="other")
        members = [Command.set(colleague.ids)]
        self.env["crm.team"].create(
            {"name": "Team", "user_id": lead.id, "member_ids": members}
        )
        mine, handed, team, nobodys = self.opened
        self.opened.user_id = False
        self.customers.user_id = False
        mine.partner_id.user_id = self.seller
        handed.user_id = self.seller
        team.partner_id.user_id = colleague
        for user, expected in (
            (self.seller, mine | handed),
            (lead, team),
            (self.make_user("manager"), self.opened),
            (self.make_user("auditor"), self.opened),
        ):
            with self.subTest(user=user.login):
                report = self.Report.with_user(user)
                self.assertEqual(report.search(self.mine).sudo().alert_id, expected)
                self.assertFalse(report.has_access("write"))
                [(count,)] = report._read_group(self.mine, [], ["alert_count:sum"])
                self.assertEqual(count, len(expected))
        self.assertTrue(nobodys)
        with self.assertRaises(AccessError):
            self.Report.with_user(self.make_user("none")).search([])

    def test_companies_apart(self):
        other = self.make_company()
        manager = self.make_user("manager")
        manager.company_ids |= other
        report = self.Report.with_user(manager)
        here = report.with_context(allowed_company_ids=self.company.ids)
        there = report.with_context(allowed_company_ids=other.ids)
        self.assertEqual(len(here.search(self.mine)), 4)
        self.assertFalse(there.search(self.mine))

    def test_row_opens_its_alert(self):
        action = self.row(self.opened[0]).action_open_alert()
        self.assertEqual(action["res_id"], self.opened[0].id)
