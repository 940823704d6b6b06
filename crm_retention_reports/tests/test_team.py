from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.crm_retention.tests.common import TODAY, RetentionCommon


@tagged("post_install", "-at_install")
class TestTeam(RetentionCommon):
    """What people do for their customers: counted by hand, seen by whom it may be."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["retention.touch"].search([("state", "=", "planned")]).unlink()
        cls.company.retention_daily_capacity = 4
        cls.anna, cls.ben, cls.lead = (
            cls.make_user(kind, login=f"team_{name}", name=f"Team {name}")
            for kind, name in (("user", "Anna"), ("user", "Ben"), ("lead", "Lead"))
        )
        cls.manager = cls.make_user("manager")
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Team",
                "user_id": cls.lead.id,
                "member_ids": [Command.set(cls.anna.ids)],
            }
        )
        cls.customers = cls.make_customers(7)
        cls.of_anna, cls.of_ben = cls.customers[:4], cls.customers[4:6]
        cls.of_anna.user_id, cls.of_ben.user_id = cls.anna, cls.ben
        for customer in cls.customers:
            cls.buy(customer, (400, 100))
        cls.make_customers(1, user_id=cls.anna.id)  # has not bought: no customer
        for customer, outcome in (
            (cls.of_anna[0], "answered"),
            (cls.of_anna[0], "reached"),
            (cls.of_anna[1], "reached"),
            (cls.of_anna[2], "not_reached"),
            (cls.of_ben[0], "answered"),
        ):
            cls.touch(customer, state="done", done_at="2024-05-10", outcome=outcome)
        cls.touch(cls.of_ben[1], state="done", done_at="2024-03-10", outcome="answered")
        cls.plan(cls.anna, cls.of_anna, -10, -2, 0, 5)
        cls.plan(cls.ben, cls.of_ben, -1, 7)
        cls.run_pass()
        signal = cls.env["retention.signal"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.env["retention.alert"].create(
            [
                {
                    "signal_id": signal.id,
                    "partner_id": customer.id,
                    "company_id": cls.company.id,
                    "severity": "low",
                    "opened_on": "2024-05-20",
                    "user_id": user.id,
                    "state": state,
                    "result": result,
                }
                for customer, user, state, result in (
                    (cls.of_anna[0], cls.anna, "saved", "right"),
                    (cls.of_anna[1], cls.anna, "lost", "right"),
                    (cls.of_anna[2], cls.anna, "new", "waiting"),
                    (cls.of_anna[3], cls.anna, "over", False),
                    (cls.of_ben[0], cls.ben, "working", "waiting"),
                )
            ]
        )

    @classmethod
    def touch(cls, partner, **values):
        return cls.env["retention.touch"].create(
            {
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "channel_id": cls.env.ref("crm_retention.channel_phone").id,
                **values,
            }
        )

    @classmethod
    def plan(cls, user, partners, *days):
        for partner, day in zip(partners, days, strict=True):
            cls.touch(partner, user_id=user.id, due_date=TODAY + timedelta(days=day))

    def page(self, user=None, **options):
        options = {
            "period": "own",
            "first": "2024-04-01",
            "last": "2024-06-30",
            "domain": [("partner_id", "in", self.customers.ids)],
        } | options
        model = self.env["retention.team"].with_user(user or self.manager)
        with freeze_time("2024-06-15 12:00:00"):
            return model.get_analysis(options)

    @staticmethod
    def block(page, name):
        return next(block for block in page["blocks"] if block["name"] == name)

    def rows(self, page, name):
        return {
            row["cells"][0]["value"]: [cell["value"] for cell in row["cells"][1:]]
            for row in self.block(page, name)["rows"]
        }

    def test_reach_and_answers(self):
        rows = self.rows(self.page(), "reach")
        self.assertEqual(list(rows), ["Team Anna", "Team Ben", "Nobody", "Together"])
        customers, contacted, said, answered, _said, each = rows["Team Anna"]
        self.assertEqual((customers, contacted, answered, each), (4, 50, 50, 0.75))
        self.assertEqual(said, "too few")
        self.assertEqual(rows["Team Ben"][:2] + rows["Team Ben"][3:4], [2, 50, 100])
        self.assertEqual(rows["Nobody"][:2], [1, 0])
        total = rows["Together"]
        self.assertAlmostEqual(total[1], 100 * 3 / 7)
        self.assertAlmostEqual(total[3], 100 * 2 / 3)

    def test_load(self):
        rows = self.rows(self.page(), "work")
        # five working days of seven, four contacts a day
        self.assertEqual(rows["Team Anna"], [2, 10, 2, 20, 20])
        self.assertEqual(rows["Team Ben"], [1, 1, 0, 20, 5])
        self.company.retention_daily_capacity = 0
        rows = self.rows(self.page(), "work")
        self.assertEqual(rows["Team Anna"][3:], [None, None])

    def test_alerts(self):
        rows = self.rows(self.page(), "alerts")
        raised, acted, _said, still, saved, lost, part, sure = rows["Team Anna"]
        self.assertEqual((raised, still, saved, lost, part, sure), (3, 1, 1, 1, 50, 1))
        self.assertAlmostEqual(acted, 200 / 3)
        self.assertEqual(rows["Team Ben"][:2], [1, 100])

    def test_by_team(self):
        page = self.page(by="team")
        rows = self.rows(page, "reach")
        self.assertEqual(list(rows), ["Team", "No team", "Together"])
        self.assertEqual(rows["Team"][:2], [4, 50])
        self.assertEqual(rows["No team"][0], 3)
        self.assertEqual(self.rows(page, "work")["Team"], [2, 10, 2, 20, 20])

    def test_who_sees_whom(self):
        page = self.page(self.anna)
        rows = self.rows(page, "reach")
        self.assertEqual(list(rows), ["Team Anna", "Together"])
        self.assertEqual(rows["Together"][0], 4)
        # alone, nobody is compared with himself
        self.assertEqual((rows["Team Anna"][1], rows["Team Anna"][2]), (50, None))
        self.assertNotIn("funnel", [block["name"] for block in page["blocks"]])
        rows = self.rows(self.page(self.lead), "reach")
        self.assertEqual(list(rows), ["Team Anna", "Together"])
        # a customer of somebody else whom he is to call: his work, not his customer
        self.plan(self.anna, self.of_ben[:1], -3)
        page = self.page(self.anna)
        self.assertEqual(list(self.rows(page, "reach")), ["Team Anna", "Together"])
        self.assertEqual(self.rows(page, "work")["Team Anna"][0], 3)
        auditor = self.page(self.make_user("auditor"))
        self.assertEqual(self.rows(auditor, "reach"), self.rows(self.page(), "reach"))
        with self.assertRaises(UserError):
            self.page(self.make_user("none"))
        other = self.make_company()
        self.manager.company_ids |= other
        model = self.env["retention.team"].with_user(self.manager)
        self.assertTrue(
            model.with_context(allowed_company_ids=other.ids).get_analysis()["empty"]
        )

    def test_numbers_open_their_records(self):
        # a colleague of the same team, of one of whose customers she may see the list
        self.team.member_ids |= self.ben
        self.plan(self.anna, self.of_ben[:1], -3)
        for user in (self.manager, self.lead, self.anna):
            for by in ("user", "team"):
                page = self.page(user, by=by)
                for name in ("reach", "work", "alerts"):
                    block = self.block(page, name)
                    for row in block["rows"]:
                        for column, cell in zip(
                            block["columns"], row["cells"], strict=True
                        ):
                            if column["kind"] == "integer":
                                self.check(user, cell)
        page = self.page(by="user")
        saved = self.block(page, "alerts")["rows"][0]["cells"][5]
        self.assertTrue(saved["value"] and saved["target"])

    def check(self, user, cell):
        if target := cell["target"]:
            records = self.env[target["model"]].with_user(user)
            found = records.with_context(active_test=False).search(target["domain"])
            self.assertEqual(len(found), cell["value"])
