"""Contacts: merged, moved, archived, deleted; and what lists show and filter by."""

from datetime import datetime, timedelta

from psycopg2 import IntegrityError

from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import TODAY, RetentionCommon


class PartnerCommon(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_metric("spend", (1000, 100, 10), window_months=0)
        cls.today = cls.company._retention_today()

    def judge(self, kind="light"):
        self.run_pass(kind, self.today)


@tagged("post_install", "-at_install")
class TestMerge(PartnerCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two, cls.three = cls.make_customers(3, email="same@example.com")
        for customer, amount in ((cls.one, 20), (cls.two, 200), (cls.three, 2000)):
            cls.buy(customer, (TODAY, amount))
        cls.run_pass(as_of=cls.today)

    def merge(self, target, *sources):
        partners = target.browse([target.id, *(each.id for each in sources)])
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge(partners.ids, target)
        self.env.invalidate_all()

    def assertOneCustomer(self, target):
        """One profile, one open membership, of the same tier, and all the revenue."""
        self.judge()
        profile = self.profile_of(target)
        self.assertEqual(len(profile), 1)
        rows = self.history_of(target).filtered(lambda row: not row.date_to)
        self.assertEqual(len(rows), 1)
        self.assertEqual(rows.tier_id, profile.tier_id)
        self.assertEqual(profile.lifetime_revenue, 2220)
        self.assertEqual(profile.purchase_count, 3)
        self.assertEqual(profile.tier_id.name, "Diamond")
        self.assertEqual(
            self.Membership.search_count([]), len(self.history_of(target)), "orphans"
        )

    def test_three_into_the_smallest(self):
        history = self.Membership.search([])
        self.merge(self.one, self.two, self.three)
        self.assertEqual(self.profile_of(self.one).tier_id.name, "Silver")
        self.assertEqual(history.partner_id, self.one)
        ended = history.filtered("date_to")
        self.assertEqual(len(ended), 2)
        self.assertEqual(set(ended.mapped("end_cause")), {"merge"})
        self.assertOneCustomer(self.one)

    def test_three_into_the_greatest(self):
        self.merge(self.three, self.two, self.one)
        self.assertOneCustomer(self.three)

    def test_one_after_the_other(self):
        self.merge(self.two, self.one)
        self.merge(self.two, self.three)
        self.assertOneCustomer(self.two)

    def test_into_a_contact_without_a_profile(self):
        target = self.make_customers(1)
        self.merge(target, self.one, self.two)
        self.merge(target, self.three)
        self.assertOneCustomer(target)

    def test_into_a_prospect(self):
        target = self.make_customers(1)
        self.env["crm.lead"].create({"name": "Asks", "partner_id": target.id})
        self.judge()
        self.assertTrue(self.profile_of(target).is_prospect)
        self.merge(target, self.two, self.three)
        self.merge(target, self.one)
        self.assertOneCustomer(target)

    def test_a_prospect_into_a_customer(self):
        prospect = self.make_customers(1)
        self.env["crm.lead"].create({"name": "Asks", "partner_id": prospect.id})
        self.judge()
        self.merge(self.one, prospect, self.two)
        self.merge(self.one, self.three)
        self.assertOneCustomer(self.one)

    def test_archived_contacts(self):
        for archived in (self.one, self.two):
            archived.active = False
        self.merge(self.one, self.two, self.three)
        self.one.active = True
        self.assertOneCustomer(self.one)

    def override(self, customer, tier, days):
        self.env["retention.override.wizard"].create(
            {
                "profile_ids": [Command.set(self.profile_of(customer).ids)],
                "tier_id": self.tier(tier).id,
                "until": self.today + timedelta(days=days),
                "reason": f"Decided for {customer.id}",
            }
        ).action_apply()

    def test_a_decision_of_a_source_is_kept(self):
        self.override(self.two, "Standard", 30)
        reason = f"Decided for {self.two.id}"
        self.merge(self.one, self.two, self.three)
        self.judge()
        profile = self.profile_of(self.one)
        self.assertEqual(profile.override_reason, reason)
        self.assertEqual(profile.tier_id.name, "Standard")
        self.run_pass("night", self.today + timedelta(days=31))
        self.assertEqual(self.profile_of(self.one).tier_id.name, "Diamond")

    def test_the_target_s_own_decision_wins(self):
        self.override(self.one, "Gold", 30)
        self.override(self.two, "Standard", 30)
        self.merge(self.one, self.two)
        self.judge()
        profile = self.profile_of(self.one)
        self.assertEqual(profile.tier_id.name, "Gold")
        self.assertEqual(profile.override_reason, f"Decided for {self.one.id}")

    def test_two_companies(self):
        other = self.make_company()
        for customer in (self.one, self.two):
            self.buy(customer, (TODAY, 50), company=other)
        self.run_pass(as_of=self.today, company=other)
        self.merge(self.one, self.two, self.three)
        self.run_pass("light", self.today, company=other)
        self.assertEqual(self.profile_of(self.one, other).lifetime_revenue, 100)
        self.assertEqual(len(self.history_of(self.one, other)), 2)
        self.assertOneCustomerIn(other)

    def assertOneCustomerIn(self, company):
        rows = self.history_of(self.one, company).filtered(lambda row: not row.date_to)
        self.assertEqual(len(rows), 1)

    def test_a_customer_into_a_contact_of_a_company(self):
        firm = self.make_customers(1, is_company=True)
        contact = self.make_customers(1, parent_id=firm.id)
        self.merge(contact, self.one, self.two)
        self.judge()
        self.assertEqual(self.profile_of(firm).lifetime_revenue, 220)
        self.assertFalse(self.profile_of(contact))
        rows = self.history_of(contact)
        self.assertEqual(len(rows), 2)
        self.assertTrue(all(row.date_to for row in rows))

    def test_a_contact_into_another_of_the_same_company(self):
        """Children hold no profile; their documents go along."""
        firm = self.make_customers(1, is_company=True)
        first, second = self.make_customers(2, parent_id=firm.id)
        self.buy(first, (TODAY, 30))
        self.judge()
        self.merge(second, first)
        self.judge()
        self.assertEqual(self.profile_of(firm).lifetime_revenue, 30)
        self.assertFalse(self.profile_of(second))


@tagged("post_install", "-at_install")
class TestEntity(PartnerCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.firm, cls.person = cls.make_customers(2)
        cls.firm.is_company = True
        cls.buy(cls.firm, (TODAY, 100))
        cls.buy(cls.person, (TODAY, 2000))
        cls.run_pass(as_of=cls.today)

    def test_a_customer_becomes_a_contact_of_a_company(self):
        self.person.parent_id = self.firm
        self.assertFalse(self.profile_of(self.person))
        row = self.history_of(self.person)
        self.assertEqual((row.date_to, row.end_cause), (self.today, "entity"))
        self.judge()
        profile = self.profile_of(self.firm)
        self.assertEqual(profile.lifetime_revenue, 2100)
        self.assertEqual(profile.tier_id.name, "Diamond")

    def test_and_leaves_again(self):
        self.person.parent_id = self.firm
        self.judge()
        self.person.parent_id = False
        self.judge()
        self.assertEqual(self.profile_of(self.firm).lifetime_revenue, 100)
        self.assertEqual(self.profile_of(self.person).lifetime_revenue, 2000)
        self.assertEqual(len(self.history_of(self.person)), 2)

    def test_a_contact_becomes_a_company(self):
        self.person.parent_id = self.firm
        self.judge()
        self.person.is_company = True
        self.judge()
        self.assertEqual(self.profile_of(self.person).lifetime_revenue, 2000)

    def assertOurs(self, customer):
        """It is no customer any more; what it was stays in the history."""
        for kind in ("light", "full"):
            self.env["retention.mark"]._add(customer)
            self.judge(kind)
            self.assertFalse(self.profile_of(customer))
        row = self.history_of(customer)
        self.assertEqual((row.date_to, row.end_cause), (self.today, "company"))
        self.assertEqual(row.tier_id.name, "Diamond")

    def test_a_customer_becomes_a_company_of_ours(self):
        company = self.env["res.company"].create(
            {"name": "Bought up", "partner_id": self.person.id}
        )
        self.assertEqual(company.partner_id, self.person)
        self.assertOurs(self.person)
        self.assertTrue(self.profile_of(self.firm).tier_id)

    def test_a_company_of_ours_gets_another_contact(self):
        company = self.make_company()
        self.buy(company.partner_id, (TODAY, 500))
        self.judge()
        self.assertFalse(self.profile_of(company.partner_id))
        old = company.partner_id
        company.partner_id = self.person
        self.assertOurs(self.person)
        self.judge()
        self.assertEqual(self.profile_of(old).lifetime_revenue, 500)

    def test_a_company_s_contact_is_merged_into_a_customer(self):
        company = self.make_company()
        company.partner_id.email = self.person.email = "same@example.com"
        both = company.partner_id | self.person
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge(both.ids, self.person)
        self.env.invalidate_all()
        self.assertEqual(company.partner_id, self.person)
        self.assertOurs(self.person)

    def test_whoever_founds_a_company_needs_no_right_here(self):
        groups = "base.group_erp_manager,base.group_partner_manager"
        admin = self.make_user("none", groups=groups)
        self.env["res.company"].with_user(admin).create(
            {"name": "Bought up", "partner_id": self.person.id}
        )
        self.assertOurs(self.person)

    def test_archived_customers_are_judged_but_not_shown(self):
        self.person.active = False
        self.buy(self.person, (TODAY, 1))
        self.judge()
        self.assertEqual(self.profile_of(self.person).lifetime_revenue, 2001)
        self.assertNotIn(self.person, self.Profile.search([]).partner_id)
        self.person.active = True
        self.assertIn(self.person, self.Profile.search([]).partner_id)

    def test_an_archived_customer_becomes_a_contact(self):
        self.person.active = False
        self.person.parent_id = self.firm
        self.assertFalse(self.profile_of(self.person))

    def test_deleted(self):
        self.env["retention.purchase"].search([]).unlink()
        self.judge()
        for archived in (False, True):
            customer = self.firm if archived else self.person
            if archived:
                customer.active = False
            customer.unlink()
        self.assertFalse(self.profile_of(self.person) | self.profile_of(self.firm))
        self.assertFalse(self.Membership.search([]))

    def test_not_deleted_while_there_are_purchases(self):
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.person.unlink()
        self.env.invalidate_all()
        self.assertTrue(self.profile_of(self.person).tier_id)

    def test_a_company_is_deleted(self):
        other = self.make_company("Gone")
        self.buy(self.firm, (TODAY, 10), company=other)
        self.run_pass(as_of=self.today, company=other)
        self.assertTrue(self.profile_of(self.firm, other).tier_id)
        self.env.user.company_ids -= other
        self.env["retention.purchase"].search([("company_id", "=", other.id)]).unlink()
        other.unlink()
        self.env.invalidate_all()
        for model in ("profile", "membership", "program", "tier", "run", "mark"):
            found = (
                self.env[f"retention.{model}"]
                .with_context(active_test=False)
                .search([("company_id", "=", other.id)])
            )
            self.assertFalse(found, model)
        self.assertTrue(self.profile_of(self.firm).tier_id)

    def test_a_new_company_has_its_program(self):
        company = self.make_company()
        self.assertEqual(len(company.retention_program_ids), 1)
        self.assertEqual(len(company.retention_program_ids.tier_ids), 4)
        self.assertEqual(company.retention_program_ids.currency_id.name, "EUR")


@tagged("post_install", "-at_install")
class TestShown(PartnerCommon):
    """Fields on contacts and orders: read, searched and grouped by."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rich, cls.poor, cls.stranger = cls.make_customers(3)
        cls.contact = cls.make_customers(1, parent_id=cls.rich.id)
        cls.buy(cls.rich, (TODAY, 5000))
        cls.buy(cls.poor, (TODAY, 1))
        for customer in cls.make_customers(6):
            cls.buy(customer, (1, 150))
        cls.run_pass(as_of=cls.today)
        cls.everybody = cls.rich + cls.poor + cls.stranger + cls.contact
        cls.diamond = cls.program.tier_ids[0]
        cls.env.flush_all()
        cls.env.invalidate_all()

    def found(self, *domain, model="res.partner"):
        records = self.env[model].search(list(domain))
        return records & self.everybody if model == "res.partner" else records

    def test_read(self):
        self.assertEqual(self.rich.retention_tier_id.name, "Diamond")
        self.assertEqual(self.contact.retention_tier_id.name, "Diamond")
        self.assertEqual(self.poor.retention_tier_id.name, "Standard")
        self.assertFalse(self.stranger.retention_tier_id)
        self.assertEqual(self.rich.retention_profile_id, self.profile_of(self.rich))
        self.assertTrue(self.rich.retention_segment_id)

    def test_read_while_editing(self):
        """A contact in a form shows what the stored one shows."""
        draft = self.rich.new(origin=self.rich)
        self.assertEqual(draft.retention_tier_id.name, "Diamond")
        form = Form(self.rich)
        form.name = "Richer"
        self.assertEqual(form.save().retention_tier_id.name, "Diamond")

    def test_search(self):
        tier, diamond = "retention_tier_id", self.diamond
        both = self.rich + self.contact
        for domain, expected in (
            ((tier, "=", diamond.id), both),
            ((tier, "in", diamond.ids), both),
            ((tier, "!=", diamond.id), self.poor + self.stranger),
            ((tier, "not in", diamond.ids), self.poor + self.stranger),
            ((tier, "=", False), self.stranger),
            ((tier, "!=", False), both + self.poor),
            ((tier, "in", [False, diamond.id]), both + self.stranger),
            ((tier, "ilike", "diam"), both),
            ((tier, "=", "Diamond"), both),
            ((tier, "any", [("band", "=", "high")]), both),
            ((tier + ".band", "=", "low"), self.poor),
            ((tier, "not any", [("band", "=", "high")]), self.poor + self.stranger),
            (("retention_profile_id", "!=", False), both + self.poor),
            (("retention_profile_id", "=", False), self.stranger),
            (("retention_profile_id.lifetime_revenue", ">", 4000), both),
            (("retention_profile_id.tier_id.name", "=", "Standard"), self.poor),
            (("retention_segment_id", "=", False), self.stranger),
            (("retention_segment_id", "!=", False), both + self.poor),
            (
                ("retention_segment_id", "=", self.rich.retention_segment_id.name),
                self.everybody.filtered(
                    lambda each: (
                        each.retention_segment_id == self.rich.retention_segment_id
                    )
                ),
            ),
        ):
            with self.subTest(domain):
                self.assertEqual(self.found(domain), expected.sorted())

    def groups(self, model, field, domain=()):
        return {
            key.name: count
            for key, count in self.env[model]._read_group(
                list(domain), [field], ["__count"]
            )
        }

    def test_group_contacts(self):
        mine = [("id", "in", self.everybody.ids)]
        self.assertEqual(
            self.groups("res.partner", "retention_tier_id", mine),
            {"Diamond": 2, "Standard": 1, False: 1},
        )
        grouped = self.env["res.partner"].formatted_read_group(
            mine, ["retention_tier_id"], ["__count"]
        )
        for group in grouped:
            found = self.env["res.partner"].search_count(
                mine + list(group["__extra_domain"])
            )
            self.assertEqual(found, group["__count"])
        self.assertEqual(
            sum(self.groups("res.partner", "retention_segment_id", mine).values()), 4
        )

    def test_orders(self):
        for customer in (self.contact, self.poor, self.stranger):
            self.order(customer, datetime(2024, 6, 1), 10)
        orders = self.env["sale.order"]
        mine = [("partner_id", "in", self.everybody.ids)]
        self.assertEqual(
            self.groups("sale.order", "retention_tier_id", mine),
            {"Diamond": 1, "Standard": 1, False: 1},
        )
        found = orders.search([("retention_tier_id", "=", self.diamond.id)])
        self.assertEqual(found.partner_id, self.contact)
        self.assertEqual(found.retention_tier_id, self.diamond)
        found = orders.search(mine + [("retention_tier_id", "=", False)])
        self.assertEqual(found.partner_id, self.stranger)

    def test_badges(self):
        data = self.everybody._compute_application_statistics_hook()
        values = [each["value"] for each in data[self.rich.id]]
        self.assertIn("Diamond", values)
        self.assertFalse(
            [e for e in data[self.stranger.id] if "trophy" in e["iconClass"]]
        )

    def test_a_job_of_another_company_finds_the_tier_s_customers(self):
        """A mailing's filter is evaluated by a job that has no company of its own."""
        other = self.make_company()
        job = self.env["res.partner"].with_user(1).with_company(other).sudo()
        job = job.with_context(allowed_company_ids=other.ids)
        found = job.search([("retention_tier_id", "=", self.diamond.id)])
        self.assertEqual(found & self.everybody, self.rich + self.contact)
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "Hello",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "mailing_domain": f"[('retention_tier_id', '=', {self.diamond.id})]",
            }
        )
        recipients = mailing.with_company(other).sudo()._get_recipients()
        self.assertEqual(
            self.everybody.browse(recipients) & self.everybody,
            self.rich + self.contact,
        )

    def test_companies_are_apart_on_the_contact(self):
        other = self.make_company()
        self.buy(self.poor, (TODAY, 10**6), company=other)
        self.run_pass(as_of=self.today, company=other)
        poor = self.poor.with_company(other)
        self.assertEqual(poor.retention_tier_id.company_id, other)
        self.assertFalse(self.rich.with_company(other).retention_tier_id)
        self.assertEqual(self.poor.retention_tier_id.name, "Standard")
        self.assertEqual(self.poor.retention_tier_id.company_id, self.company)

    def test_close_and_falling_searched_as_computed(self):
        for n, customer in enumerate(self.make_customers(40)):
            self.buy(customer, (n, 88 + n * 0.5), (n, 4 * n))
        for metric, thresholds in (
            ("spend", (200, 100, 90)),
            ("orders", (3, 2, 1)),
            ("rfm", (12, 9, 5)),
            ("customer_share", (5, 20, 50)),
            ("revenue_share", (20, 50, 80)),
        ):
            self.set_metric(metric, thresholds)
            self.Membership.search([]).write({"valid_until": self.today})
            self.run_pass(as_of=self.today)
            profiles = self.Profile.search([])
            for name in ("is_close", "is_falling", "has_override"):
                with self.subTest(metric, field=name):
                    self.assertEqual(
                        self.Profile.search([(name, "=", True)]),
                        profiles.filtered(name),
                    )
                    self.assertEqual(
                        self.Profile.search([(name, "=", False)]),
                        profiles - profiles.filtered(name),
                    )

    def test_recency_is_searched_as_computed(self):
        for n, customer in enumerate(self.make_customers(10)):
            self.buy(customer, (self.today - timedelta(days=n), 5))
        self.judge()
        profiles = self.Profile.search([])
        for operator, fits in (
            ("<", lambda days: days < 3),
            ("<=", lambda days: days <= 3),
            (">", lambda days: days > 3),
            (">=", lambda days: days >= 3),
        ):
            expected = profiles.filtered(lambda p, fits=fits: fits(p.recency_days))
            self.assertEqual(
                self.Profile.search([("recency_days", operator, 3)]), expected
            )

    def test_words_hold_their_numbers(self):
        profile = self.profile_of(self.rich)
        profile.invalidate_recordset()
        self.assertIn("5,000", profile.tier_text)
        self.assertEqual(profile.next_text, "Top tier")
        poor = self.profile_of(self.poor)
        self.assertIn("9.00", poor.next_text)
        self.assertEqual(poor.progress, 10)
