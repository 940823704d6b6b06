from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import TODAY

from .common import ReportCommon

REPORTS = ("retention.movement.report", "retention.revenue.report")


@tagged("post_install", "-at_install")
class TestReportRights(ReportCommon):
    """Who sees which rows: as in the profiles, and never another company's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own, cls.team, cls.others, cls.ticketed = (
            cls.customers[n : n + 3] for n in range(0, 12, 3)
        )
        cls.seller, cls.lead = cls.make_user("user"), cls.make_user("lead")
        colleague = cls.make_user("user", login="retention_colleague")
        cls.env["crm.team"].create(
            {
                "name": "Team",
                "user_id": cls.lead.id,
                "member_ids": [Command.set(colleague.ids)],
            }
        )
        cls.own.user_id = cls.seller
        cls.team.user_id = colleague
        cls.env["helpdesk.ticket"].create(
            {
                "name": "Open question",
                "description": "?",
                "partner_id": cls.ticketed[0].id,
                "user_id": cls.seller.id,
            }
        )

    def seen(self, user, model):
        rows = self.env[model].with_user(user).search([])
        return rows.sudo().partner_id & self.customers

    def test_rows_by_group(self):
        expected = {
            self.seller: self.own | self.ticketed[0],
            self.lead: self.team,
            self.make_user("manager"): self.customers,
            self.make_user("auditor"): self.customers,
        }
        for model in REPORTS:
            for user, customers in expected.items():
                with self.subTest(model=model, user=user.login):
                    self.assertEqual(self.seen(user, model), customers)
                    grouped = self.env[model].with_user(user)
                    [(count,)] = grouped._read_group(
                        [("partner_id", "in", self.customers.ids)],
                        [],
                        ["customer_count:count_distinct"],
                    )
                    self.assertEqual(count, len(customers))

    def test_no_access_without_group(self):
        users = [self.make_user(kind) for kind in ("none", "portal", "public")]
        for model in REPORTS:
            for user in users:
                with self.subTest(model=model, user=user.login):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).search([])

    def test_nobody_writes(self):
        manager = self.make_user("manager")
        for model in REPORTS:
            report = self.env[model].with_user(manager)
            for operation in ("create", "write", "unlink"):
                self.assertFalse(report.has_access(operation))

    def test_companies_apart(self):
        other = self.make_company()
        shared = self.customers[0]
        self.buy(shared, (40, 500), (20, 700), company=other)
        self.run_pass(as_of=TODAY, company=other)
        manager = self.make_user("manager")
        manager.company_ids |= other
        for model in REPORTS:
            for company in (self.company, other):
                rows = (
                    self.env[model]
                    .with_user(manager)
                    .with_context(allowed_company_ids=company.ids)
                    .search([("partner_id", "=", shared.id)])
                )
                with self.subTest(model=model, company=company.name):
                    self.assertTrue(rows)
                    self.assertEqual(rows.company_id, company)
                    self.assertEqual(rows.currency_id, company.currency_id)
