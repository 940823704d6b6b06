"""The satisfaction screen: the worked figure, honest about few, by tier and team."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import RetentionCommon


@tagged("post_install", "-at_install")
class TestSatisfactionReport(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Report = cls.env["retention.satisfaction.report"]
        cls.env["retention.feedback"].search([]).unlink()
        cls.person = cls.make_customers(1)
        cls.team = cls.env["helpdesk.ticket.team"].create({"name": "Desk"})
        cls.say("nps", promoter=60, passive=25, detractor=15, asked=100)
        cls.say("nps", 200, promoter=1)
        cls.say("csat", good=3, bad=1, team_id=cls.team.id)

    @classmethod
    def say(cls, kind, days=1, **counts):
        """Let so many answers of each grade be given ``days`` ago."""
        moment = fields.Datetime.now() - timedelta(days=days)
        team = counts.pop("team_id", False)
        cls.env["retention.feedback"].create(
            [
                {
                    "partner_id": cls.person.id,
                    "company_id": cls.company.id,
                    "kind": kind,
                    "key": f"{kind}{days}{grade}{number}",
                    "state": "asked" if grade == "asked" else "answered",
                    "grade": False if grade == "asked" else grade,
                    "team_id": team,
                    "invited_at": moment,
                    "answered_at": False if grade == "asked" else moment,
                }
                for grade, count in counts.items()
                for number in range(count)
            ]
        )

    def row(self, kind, days="090", dimension="all"):
        row = self.Report.search(
            [
                ("company_id", "=", self.company.id),
                ("kind", "=", kind),
                ("days", "=", days),
                ("dimension", "=", dimension),
            ]
        )
        row.ensure_one()
        return row

    def test_figures(self):
        row = self.row("nps")
        self.assertEqual(row.figure_text, "45 (29 to 58)")
        self.assertAlmostEqual(row.score_low, 29.34, 2)
        self.assertAlmostEqual(row.score_high, 58.04, 2)
        self.assertEqual(row.response_text, "50 % of 200")
        self.assertEqual((row.answers, row.is_small), (100, False))
        self.assertEqual(self.row("nps", "365").answers, 101)
        few = self.row("csat", dimension="team")
        self.assertEqual((few.team_id, few.name), (self.team, "Desk"))
        self.assertEqual(few.figure_text, "too few: 4 answers")
        self.assertTrue(few.is_small)

    def test_numbers_open_what_they_count(self):
        for row in self.Report.search([("company_id", "=", self.company.id)]):
            action = row.action_view_answers()
            found = self.env["retention.feedback"].search(action["domain"])
            answered = found.filtered(lambda each: each.state == "answered")
            self.assertEqual(len(answered), row.answers)
            self.assertEqual(len(found.filtered("invited_at")), row.invited)

    def test_rights(self):
        for kind in ("lead", "manager", "auditor"):
            reports = self.Report.with_user(self.make_user(kind))
            self.assertTrue(reports.search([]).mapped("figure_text"))
        other = self.make_company()
        feedback = self.env["retention.feedback"].search([], limit=1)
        feedback.copy({"company_id": other.id, "key": "theirs", "state": "asked"})
        self.assertTrue(self.Report.search([("company_id", "=", other.id)]))
        manager = self.make_user("manager", login="second")
        theirs = self.Report.with_user(manager).search([("company_id", "=", other.id)])
        self.assertFalse(theirs)
        with self.assertRaises(AccessError):
            self.Report.with_user(self.make_user("user")).search([])
