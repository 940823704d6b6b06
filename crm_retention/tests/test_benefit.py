"""What tiers set on customers: put back as it was, never over a person's choice."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.crm_retention.hooks import restore_benefits

from .common import TODAY, RetentionCommon


@tagged("post_install", "-at_install")
class TestBenefits(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Benefit = cls.env["retention.benefit"]
        cls.env.user.group_ids |= cls.env.ref("product.group_product_pricelist")
        cls.customer = cls.make_customers(1)
        cls.buy(cls.customer, (1, 10))
        cls.run_pass()
        cls.lists = cls.env["product.pricelist"].create(
            [
                {"name": name, "company_id": False}
                for name in ("Own", "Gold", "Diamond", "Chosen")
            ]
        )
        cls.own, cls.for_gold, cls.for_diamond, cls.chosen = cls.lists
        tiers = cls.program.tier_ids
        cls.diamond, cls.gold, cls.silver = tiers.sorted()[:3]
        cls.gold.pricelist_id = cls.for_gold
        cls.diamond.pricelist_id = cls.for_diamond
        cls.customer.specific_property_product_pricelist = cls.own

    def move(self, tier, days=0, customer=None, company=None):
        """Let the customer hold a tier, and do the nightly step twice."""
        company = company or self.company
        self.profile_of(customer or self.customer, company).tier_id = tier
        day = TODAY + timedelta(days=days)
        moved = self.Benefit._apply(company, day)
        self.assertEqual(self.Benefit._apply(company, day), 0)
        return moved

    def assertPricelist(self, pricelist, customer=None):
        customer = customer or self.customer
        self.assertEqual(customer.specific_property_product_pricelist, pricelist)

    def test_set_and_restored(self):
        self.assertEqual(self.move(self.gold), 1)
        self.assertPricelist(self.for_gold)
        self.assertEqual(self.customer.property_product_pricelist, self.for_gold)
        self.move(self.diamond, 30)
        self.assertPricelist(self.for_diamond)
        self.move(self.silver, 60)
        self.assertPricelist(self.own)
        rows = self.Benefit.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(rows.mapped("tier_id"), self.diamond + self.gold)
        self.assertTrue(all(rows.mapped("date_to")))

    def test_back_to_the_usual_one(self):
        self.customer.specific_property_product_pricelist = False
        self.move(self.gold)
        self.assertPricelist(self.for_gold)
        self.move(self.silver)
        self.assertPricelist(self.lists.browse())

    def test_what_a_person_chose_stays(self):
        self.move(self.gold)
        self.customer.specific_property_product_pricelist = self.chosen
        self.move(self.gold, 1)
        self.assertPricelist(self.chosen)
        self.move(self.diamond, 2)
        self.assertPricelist(self.chosen)
        self.move(self.silver, 3)
        self.assertPricelist(self.chosen)

    def test_tier_changes_its_pricelist(self):
        self.move(self.gold)
        self.gold.pricelist_id = self.for_diamond
        self.move(self.gold, 1)
        self.assertPricelist(self.for_diamond)
        self.gold.pricelist_id = False
        self.move(self.gold, 2)
        self.assertPricelist(self.own)

    def test_companies_apart(self):
        other = self.make_company()
        program = other.retention_program_ids
        floor = program.tier_ids.filtered("is_floor")
        floor.pricelist_id = self.chosen
        self.buy(self.customer, (1, 10), company=other)
        self.run_pass(company=other)
        self.move(self.gold)
        self.move(floor, company=other)
        self.assertPricelist(self.for_gold)
        self.assertPricelist(self.chosen, self.customer.with_company(other))
        self.move(self.silver)
        self.assertPricelist(self.own)
        self.assertPricelist(self.chosen, self.customer.with_company(other))

    def test_account_manager_only_where_none_is(self):
        manager, seller = self.make_user("user"), self.make_user("lead")
        self.gold.manager_id = self.diamond.manager_id = manager
        taken = self.make_customers(1, user_id=seller.id)
        self.buy(taken, (1, 10))
        self.run_pass()
        for customer, expected in ((self.customer, manager), (taken, seller)):
            self.move(self.gold, customer=customer)
            self.assertEqual(customer.user_id, expected)
        self.diamond.manager_id = seller
        self.move(self.diamond)
        self.assertEqual(self.customer.user_id, seller)
        self.move(self.silver)
        self.assertFalse(self.customer.user_id)
        self.move(self.gold)
        self.customer.user_id = seller
        self.move(self.silver)
        self.assertEqual(self.customer.user_id, seller)

    def test_restored_when_the_addon_goes(self):
        kept = self.make_customers(1)
        self.buy(kept, (1, 10))
        self.run_pass()
        self.move(self.gold)
        self.move(self.gold, customer=kept)
        kept.specific_property_product_pricelist = self.chosen
        restore_benefits(self.env)
        self.assertPricelist(self.own)
        self.assertPricelist(self.chosen, kept)
        self.assertFalse(self.Benefit.search([("date_to", "=", False)]))

    def test_many_at_once(self):
        crowd = self.make_customers(30)
        for customer in crowd:
            self.buy(customer, (1, 10))
        self.run_pass()
        profiles = self.Profile.search([("partner_id", "in", crowd.ids)])
        profiles.tier_id = self.gold
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.assertEqual(self.Benefit._apply(self.company, TODAY), 30)
        self.env.flush_all()
        self.assertLess(self.env.cr.sql_log_count - before, 60)
        self.assertEqual(crowd.specific_property_product_pricelist, self.for_gold)

    def test_merged(self):
        source, target = self.customer, self.make_customers(1)
        self.buy(target, (1, 10))
        self.run_pass()
        for customer in (source, target):
            self.move(self.gold, customer=customer)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (source + target).ids, target
        )
        open_rows = self.Benefit.search([("date_to", "=", False)])
        self.assertEqual(open_rows.partner_id, target)
        self.assertEqual(len(open_rows), 1)
        self.move(self.silver, customer=target)
        self.assertPricelist(self.lists.browse(), target)

    def test_pricelist_of_another_company(self):
        other = self.make_company()
        self.chosen.company_id = other
        with self.assertRaises(UserError):
            self.gold.pricelist_id = self.chosen
