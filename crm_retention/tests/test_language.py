from odoo.tests import tagged

from .common import RetentionCommon


@tagged("post_install", "-at_install")
class TestLanguage(RetentionCommon):
    """What jobs write down is in the language of those who will read it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["res.users"].search([]).lang = "zh_CN"

    def test_most_readers_decide(self):
        self.assertEqual(self.company._retention_lang(), "zh_CN")

    def test_names_of_a_new_company(self):
        admin = self.env.ref("base.user_admin")
        company = self.env["res.company"].with_user(admin).create({"name": "Second"})
        company = company.with_context(lang="zh_CN")
        self.assertEqual(
            company.retention_program_ids.tier_ids.sorted().mapped("name"),
            ["钻石", "黄金", "白银", "标准"],
        )

    def test_reasons_of_a_pass(self):
        customers = self.make_customers(6)
        for place, customer in enumerate(customers, 1):
            self.buy(customer, *[(10 * n, 100 * place) for n in range(1, 2 + place)])
        self.run_pass()
        reasons = self.Membership.search([("partner_id", "in", customers.ids)]).mapped(
            "reason"
        )
        self.assertTrue(reasons)
        for reason in reasons:
            self.assertIn("销售额", reason)
