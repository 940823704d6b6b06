"""The screens in a real browser, and what the first page may tell to whom."""

import json
from datetime import date, timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, tagged

from .common import RetentionCommon


class ScreensCommon(RetentionCommon):
    """Six customers of a salesperson by spend, seen today: one of each kind.

    Rising moved up, Falling no longer earns Gold, Close lacks a little to Silver.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._retention_today()
        cls.set_metric("spend", (100_000, 5_000, 1_000), window_months=12)
        cls.user = cls.make_user("user", groups="base.group_partner_manager")
        cls.manager = cls.make_user("manager", groups="base.group_partner_manager")
        cls.stranger = cls.make_user("user", login="retention_stranger")
        cls.rising, cls.falling, cls.close = cls.make_customers(3)
        cls.rising.name = "Rising Customer"
        cls.falling.name = "Falling Customer"
        cls.close.name = "Close Customer"
        cls.others = cls.make_customers(3)
        cls.mine = cls.rising | cls.falling | cls.close | cls.others
        cls.mine.user_id = cls.user
        cls.past = cls.ago(390)
        cls.buy(cls.falling, (cls.past, 6_000))
        cls.run_pass(as_of=cls.past)
        cls.buy(cls.falling, (cls.ago(3), 300))
        cls.buy(cls.rising, (cls.ago(20), 900))
        cls.buy(cls.close, (cls.ago(8), 950))
        for customer, days in zip(cls.others, (5, 15, 25), strict=True):
            cls.buy(customer, (cls.ago(days), 100 + days))
        cls.run_pass(as_of=cls.ago(10))
        cls.buy(cls.rising, (cls.ago(1), 400))
        cls.run_pass(as_of=cls.today)

    @classmethod
    def ago(cls, days) -> date:
        return cls.today - timedelta(days=days)

    def today_of(self, user):
        """Return the first page of ``user``, as the browser gets it."""
        page = self.Profile.with_user(user).get_today()
        return json.loads(json.dumps(page))

    def rows_on(self, page, key):
        rows = next(each for each in page["lists"] if each["key"] == key)["rows"]
        return [row["name"] for row in rows]


@tagged("post_install", "-at_install")
class TestToday(ScreensCommon):
    def test_lists(self):
        page = self.today_of(self.user)
        self.assertEqual(page["state"], "ready")
        self.assertEqual(self.rows_on(page, "up"), ["Rising Customer"])
        self.assertEqual(self.rows_on(page, "falling"), ["Falling Customer"])
        self.assertEqual(self.rows_on(page, "close"), ["Close Customer"])
        self.assertEqual(self.rows_on(page, "down"), [])
        counts = {tier["name"]: tier["count"] for tier in page["tiers"]}
        self.assertEqual(counts, {"Diamond": 0, "Gold": 1, "Silver": 1, "Standard": 4})

    def test_rows_open_profiles(self):
        page = self.today_of(self.user)
        for part in page["lists"]:
            for row in part["rows"]:
                profile = self.Profile.with_user(self.user).browse(row["id"])
                self.assertEqual(profile.partner_id.name, row["name"])
                self.assertTrue(row["why"])

    def test_only_own_customers(self):
        other = self.make_customers(1, user_id=self.stranger.id)
        other.name = "Somebody Else's Customer"
        self.buy(other, (self.ago(2), 77_777))
        self.run_pass(as_of=self.today)
        page = json.dumps(self.today_of(self.user))
        self.assertNotIn("Somebody Else", page)
        self.assertNotIn("77,777", page)
        theirs = self.today_of(self.stranger)
        self.assertEqual(theirs["cards"][0]["value"], 1)
        self.assertNotIn("Rising", json.dumps(theirs))
        self.assertEqual(self.today_of(self.manager)["cards"][0]["value"], 7)

    def test_nothing_to_show(self):
        self.assertEqual(self.today_of(self.stranger)["state"], "nobody")
        empty = self.make_company()
        self.manager.company_ids |= empty
        manager = self.manager.with_company(empty)
        profiles = self.Profile.with_user(manager).with_company(empty)
        self.assertEqual(profiles.get_today()["state"], "never")
        self.run_pass(as_of=self.today, company=empty)
        self.assertEqual(profiles.get_today()["state"], "no_data")
        empty.retention_program_ids.active = False
        self.assertEqual(profiles.get_today()["state"], "no_program")

    def test_first_steps(self):
        self.assertFalse(self.today_of(self.user)["steps"])
        steps = self.today_of(self.manager)["steps"]
        found = {step["key"]: step["done"] for step in steps["items"]}
        self.assertEqual(len(found), 5)
        self.assertFalse(found["source"] or found["tiers"] or found["customers"])
        self.assertTrue(found["salespeople"] and found["people"])
        manages = self.Profile.with_user(self.manager)
        manages.do_first_step("source", "invoice")
        self.assertTrue(self.company.retention_source_chosen)
        manages.do_first_step("tiers")
        self.assertEqual(self.today_of(self.manager)["steps"]["done"], 4)
        manages.do_first_step("customers")
        self.assertFalse(self.today_of(self.manager)["steps"])

    def test_first_steps_are_managers_only(self):
        with self.assertRaises(AccessError):
            self.Profile.with_user(self.user).do_first_step("dismissed")
        with self.assertRaises(ValidationError):
            self.Profile.with_user(self.manager).do_first_step("name")

    def test_salespeople_step_follows_the_data(self):
        self.others.user_id = False
        steps = self.today_of(self.manager)["steps"]["items"]
        found = {step["key"]: step for step in steps}
        self.assertFalse(found["salespeople"]["done"])
        self.assertIn("3 of 6", found["salespeople"]["text"])

    def test_banner(self):
        self.assertFalse(self.today_of(self.manager)["banner"])
        runs = self.Run._plan(self.company, "full", self.today)
        banner = self.today_of(self.manager)["banner"]
        self.assertEqual(banner["kind"], "waiting")
        self.assertIs(banner["progress"], False)
        runs[0].state = "done"
        self.assertEqual(self.today_of(self.manager)["banner"]["kind"], "running")
        runs[1]._fail("Something broke.")
        banner = self.today_of(self.manager)["banner"]
        self.assertEqual(
            (banner["kind"], banner["text"]), ("failed", "Something broke.")
        )
        self.assertFalse(self.today_of(self.user)["banner"])

    def test_outlook_counts_as_it_reads(self):
        profiles = self.Profile.with_user(self.user)
        counted = dict(profiles._read_group([], ["outlook"], ["__count"]))
        for outlook, count in counted.items():
            found = profiles.search([("outlook", "=", outlook)])
            self.assertEqual(len(found), count)
            self.assertEqual(set(found.mapped("outlook")), {outlook})
        self.assertEqual(sum(counted.values()), len(self.mine))
        self.assertEqual(self.profile_of(self.falling).outlook, "falling")
        self.assertEqual(self.profile_of(self.close).outlook, "close")

    def test_lead_sees_the_page(self):
        lead = self.make_user("lead")
        self.env["crm.team"].create(
            {"name": "Team", "user_id": lead.id, "member_ids": [(6, 0, self.user.ids)]}
        )
        page = self.today_of(lead)
        self.assertEqual(self.rows_on(page, "falling"), ["Falling Customer"])
        tier = self.tier("Gold")
        found = self.env["res.partner"].with_user(lead)
        self.assertEqual(
            found.search([("retention_tier_id", "=", tier.id)]), self.falling
        )


@tagged("post_install", "-at_install")
class TestQueries(ScreensCommon):
    """Reading costs the same number of queries for few customers and for many."""

    def count_queries(self, work):
        work()  # fill the caches of rights, rules and translations
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        work()
        return self.cr.sql_log_count - before

    def more_customers(self):
        for customer in self.make_customers(40, user_id=self.user.id):
            self.buy(customer, (self.ago(6), 960))
        self.run_pass(as_of=self.today)

    def test_today(self):
        few = self.count_queries(lambda: self.today_of(self.user))
        self.more_customers()
        many = self.count_queries(lambda: self.today_of(self.user))
        self.assertGreater(self.today_of(self.user)["cards"][0]["value"], 40)
        self.assertEqual(few, many)

    def spec_of(self, model, view):
        """Return what the web client reads of a record for this view."""
        names = model.get_view(view.id, view.type)["models"][model._name]
        return {
            name: {"fields": {"display_name": {}}}
            if field["type"] == "many2one"
            else {}
            for name, field in model.fields_get(names).items()
        }

    def test_board(self):
        profiles = self.Profile.with_user(self.user)
        view = self.env.ref("crm_retention.retention_profile_view_kanban")
        spec = self.spec_of(profiles, view)
        self.assertIn("fall_date", spec)

        def read():
            profiles.web_search_read([], spec, limit=80)

        few = self.count_queries(read)
        self.more_customers()
        self.assertEqual(few, self.count_queries(read))

    def test_partner_form(self):
        self.manager.group_ids += self.env.ref("sales_team.group_sale_manager")
        partners = self.env["res.partner"].with_user(self.manager)
        spec = self.spec_of(partners, self.env.ref("base.view_partner_form"))
        without = {name: spec[name] for name in spec if "retention" not in name}
        self.assertLess(len(without), len(spec))
        one = partners.browse(self.falling.id)
        plain = self.count_queries(lambda: one.web_read(without))
        ours = self.count_queries(lambda: one.web_read(spec))
        self.assertLessEqual(ours - plain, 6)


@tagged("post_install", "-at_install")
class TestScreens(ScreensCommon, HttpCase):
    def test_today_of_a_manager(self):
        self.start_tour(
            "/odoo/retention-overview",
            "crm_retention_today_manager",
            login=self.manager.login,
        )
        self.assertTrue(self.company.retention_source_chosen)

    def test_today_of_nobody(self):
        self.start_tour(
            "/odoo/retention-overview",
            "crm_retention_today_nobody",
            login=self.stranger.login,
        )

    def test_board(self):
        self.start_tour(
            "/odoo/retention-customers",
            "crm_retention_board",
            login=self.manager.login,
        )
        profile = self.profile_of(self.falling)
        self.assertEqual(profile.tier_id, self.tier("Diamond"))

    def test_partner_tab(self):
        self.start_tour(
            f"/odoo/contacts/{self.falling.id}",
            "crm_retention_partner_tab",
            login=self.user.login,
        )

    def test_partner_of_others_has_no_tab(self):
        self.start_tour(
            f"/odoo/contacts/{self.falling.id}",
            "crm_retention_no_partner_tab",
            login=self.stranger.login,
        )
