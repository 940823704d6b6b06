"""To which class a customer belongs: told, found and counted in the same way."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import RetentionCommon


@tagged("post_install", "-at_install")
class TestClassification(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stages = [False, *cls.env["retention.stage"].search([]).ids]
        cls.cases = [(stage, count) for stage in stages for count in (0, 1, 2, 3, 7)]
        cls.customers = cls.make_customers(len(cls.cases))
        cls.customers[::2].is_company = True
        cls.profiles = cls.Profile.create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": cls.company.id,
                    "stage_id": stage,
                    "purchase_count": count,
                    "is_prospect": not count and bool(stage),
                }
                for customer, (stage, count) in zip(
                    cls.customers, cls.cases, strict=True
                )
            ]
        )
        cls.mine = [("id", "in", cls.profiles.ids)]

    def test_told_found_and_counted_alike(self):
        self.customers[-1].retention_no_profiling = True
        self.assertFalse(self.profiles[-1].behavior)
        for name in ("behavior", "customer_type"):
            told = self.profiles.grouped(name)
            self.assertGreater(len(told), 1)
            for value, profiles in told.items():
                with self.subTest(name, value=value):
                    found = self.Profile.search([*self.mine, (name, "=", value)])
                    self.assertEqual(found, profiles)
                    others = self.Profile.search([*self.mine, (name, "!=", value)])
                    self.assertEqual(others, self.profiles - profiles)
            groups = dict(self.Profile._read_group(self.mine, [name], ["__count"]))
            self.assertEqual(
                groups, {value: len(profiles) for value, profiles in told.items()}
            )

    def test_every_behavior_occurs(self):
        known = {key for key, _label in self.Profile._fields["behavior"].selection}
        self.assertEqual(set(self.profiles.mapped("behavior")) - {False}, known)

    def test_own_rhythm_is_the_companys(self):
        profile = self.profiles.filtered(
            lambda each: each.purchase_count == 2 and each.stage_id.code == "active"
        )
        self.assertEqual(profile.behavior, "occasional")
        self.company.retention_own_from = 2
        self.env.invalidate_all()
        self.assertEqual(profile.behavior, "regular")
        self.assertIn(profile, self.Profile.search([("behavior", "=", "regular")]))

    def test_region_and_industry(self):
        country = self.env.ref("base.us")
        region = country.state_ids[0]
        self.customers[0].write({"country_id": country.id, "state_id": region.id})
        found = self.Profile.search([*self.mine, ("state_id", "=", region.id)])
        self.assertEqual(found, self.profiles[0])
        groups = dict(self.Profile._read_group(self.mine, ["state_id"], ["__count"]))
        self.assertEqual(groups[region], 1)

    def test_on_contacts_and_in_policies(self):
        partners = self.env["res.partner"]
        quiet = self.profiles.filtered(lambda each: each.behavior == "quiet").partner_id
        domain = [("id", "in", self.customers.ids)]
        found = partners.search([*domain, ("retention_behavior", "=", "quiet")])
        self.assertEqual(found, quiet)
        groups = dict(partners._read_group(domain, ["retention_behavior"], ["__count"]))
        self.assertEqual(groups["quiet"], len(quiet))
        self.profiles[3].credit_class = "d"
        found = partners.search([*domain, ("retention_credit_class", "=", "d")])
        self.assertEqual(found, self.customers[3])
        groups = dict(
            partners._read_group(domain, ["retention_credit_class"], ["__count"])
        )
        self.assertEqual(groups["d"], 1)
        policy = self.env["retention.contact.policy"].create(
            {"name": "Quiet", "domain": "[('retention_behavior', '=', 'quiet')]"}
        )
        self.assertEqual(policy._get_takers(self.customers.ids), set(quiet.ids))

    def test_only_of_own_customers(self):
        seller = self.make_user("user")
        partners = self.env["res.partner"].with_user(seller)
        self.assertFalse(partners.search([("retention_behavior", "!=", False)]))
        self.customers[-1].user_id = seller
        found = partners.search([("retention_behavior", "!=", False)])
        self.assertEqual(found, self.customers[-1])
        none = self.make_user("none")
        with self.assertRaises(AccessError):
            partners.with_user(none).search([("retention_behavior", "=", "quiet")])
        # to look at a list is to change nobody in it, colleagues least of all
        for name in ("retention_behavior", "retention_credit_class"):
            self.env.invalidate_all()
            read = (none.partner_id | found).with_user(seller).read([name])
            self.assertFalse(read[0][name])
