"""Policies, their lines and key dates: what they allow, whom they serve."""

from collections import Counter
from datetime import date, timedelta

from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common_plan import MONDAY, PlanCommon


@tagged("post_install", "-at_install")
class TestRules(PlanCommon):
    def test_bad_domain(self):
        policy = self.make_policy(run=False)
        for domain in (
            "[('id', '=', uid)]",
            "[('no_such_field', '=', 1)]",
            "__import__('os')",
            "[('id', '=', ",
        ):
            with self.subTest(domain), self.assertRaises(ValidationError):
                policy.domain = domain
            policy.invalidate_recordset()
        policy.domain = "[('country_id.code', '=', 'CN')]"

    def test_domain_with_the_owners_rights(self):
        owner = self.make_user("manager")
        policy = self.make_policy(user_id=owner.id, domain="[('name', '!=', False)]")
        self.assertEqual(policy._population_owner(), owner)
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            policy.domain = "[('user_ids.password', '=', 'x')]"

    @mute_logger("odoo.sql_db")
    def test_figures(self):
        policy = self.make_policy(run=False)
        for values in (
            {"interval_days": 0},
            {"longest_days": 10},
            {"shortest_days": 40},
            {"slowest_days": 5},
            {"longest_days": 4000},
        ):
            with self.subTest(values), self.assertRaises(CheckViolation):
                with self.env.cr.savepoint():
                    policy.cadence_ids.write(values)
                    policy.cadence_ids.flush_recordset()
            policy.cadence_ids.invalidate_recordset()
        for share in (0, 101):
            with self.assertRaises(CheckViolation), self.env.cr.savepoint():
                policy.pilot_share = share
                policy.flush_recordset()
            policy.invalidate_recordset()

    def test_lines_that_cannot_be(self):
        policy = self.make_policy(run=False)
        for values in (
            {"second_channel_id": self.phone.id},
            {"mode": "automatic"},
            {"mode": "automatic", "channel_id": self.email.id},
            {"responsible": "named"},
            {"responsible": "team"},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                with self.env.cr.savepoint():
                    policy.cadence_ids.write(values)

    def test_key_date_needs_a_date(self):
        field = self.env["ir.model.fields"]._get("res.partner", "name")
        for values in ({}, {"field_id": field.id}):
            with self.assertRaises(ValidationError):
                self.env["retention.keydate"].create(
                    {"name": "Own", "kind": "field", **values}
                )

    def test_key_date_chosen_by_a_manager(self):
        """Who may not look at Odoo's list of fields can choose one all the same."""
        form = Form(self.env["retention.keydate"].with_user(self.make_user("manager")))
        form.name = "Own"
        form.kind = "field"
        form.date_field = "birthdate_date"
        self.assertEqual(form.save().sudo().field_id.name, "birthdate_date")

    def test_form(self):
        manager = self.make_user("manager")
        form = Form(self.Policy.with_user(manager))
        form.name = "By hand"
        with form.cadence_ids.new() as line:
            line.name = "Call"
            line.channel_id = self.phone
        policy = form.save()
        self.assertEqual(policy.state, "draft")
        self.assertEqual(policy.cadence_ids.when_text, "Every 30 days")
        copy = policy.copy()
        self.assertEqual((copy.state, len(copy.cadence_ids)), ("draft", 1))

    def test_rights(self):
        policy = self.make_policy(run=False)
        for kind in ("user", "lead", "auditor"):
            user = self.make_user(kind, login=f"policy_{kind}")
            theirs = policy.with_user(user)
            self.assertTrue(theirs.name)
            for action in ("action_start", "action_stop", "action_preview"):
                with self.subTest(f"{kind} {action}"), self.assertRaises(AccessError):
                    getattr(theirs, action)()
            with self.assertRaises(AccessError):
                theirs.cadence_ids.interval_days = 3
        with self.assertRaises(AccessError):
            policy.with_user(self.make_user("none")).read(["name"])
        policy.with_user(self.make_user("manager")).action_start()
        self.assertEqual(policy.state, "running")
        self.assertEqual(policy.started_on, self.company._retention_today())


@tagged("post_install", "-at_install")
class TestShipped(PlanCommon):
    def test_new_company_has_policies(self):
        company = self.make_company()
        policies = self.Policy.search([("company_id", "=", company.id)])
        self.assertEqual(policies.mapped("band"), ["high", "middle", "low"])
        self.assertEqual(set(policies.mapped("state")), {"running"})
        names = policies.cadence_ids.mapped("name")
        self.assertIn("Strategic review", names)
        self.Policy._create_default(company)
        self.assertEqual(
            self.Policy.search([("company_id", "=", company.id)]), policies
        )

    def test_templates(self):
        manager = self.make_user("manager")
        for template in ("finance", "medical", "saas", "default"):
            with self.subTest(template):
                before = self.Policy.search([])
                wizard = (
                    self.env["retention.policy.template.wizard"]
                    .with_user(manager)
                    .create({"template": template})
                )
                wizard.action_apply()
                new = self.Policy.search([]) - before
                self.assertGreaterEqual(len(new), 2)
                self.assertEqual(set(new.mapped("state")), {"draft"})
                self.assertEqual(new.user_id, manager)
                self.assertTrue(all(policy.cadence_ids for policy in new))
        user = self.make_user("user")
        with self.assertRaises(AccessError):
            self.env["retention.policy.template.wizard"].with_user(user).create({})


@tagged("post_install", "-at_install")
class TestChoice(PlanCommon):
    """The first policy that fits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.make_known(40)
        tiers = cls.program.tier_ids
        cls.high, cls.low = tiers[0], tiers[-1]
        for number, partner in enumerate(cls.partners):
            cls.profile_of(partner).tier_id = cls.high if number < 10 else cls.low
        cls.company.retention_daily_capacity = 0

    def served(self, policy):
        return self.planned(cadence_id=policy.cadence_ids.id).partner_id

    def test_order_band_tier_and_domain(self):
        everybody = self.make_policy(sequence=30)
        high = self.make_policy(band="high", sequence=20)
        some = self.make_policy(
            tier_ids=[Command.set(self.high.ids)],
            domain=f"[('id', 'in', {self.partners[:3].ids})]",
            sequence=10,
        )
        self.plan()
        self.assertEqual(self.served(some), self.partners[:3])
        self.assertEqual(self.served(high), self.partners[3:10])
        self.assertEqual(self.served(everybody) & self.partners, self.partners[10:])
        some.sequence = 40
        self.plan(kind="night")
        self.assertFalse(self.served(some))
        self.assertEqual(self.served(high), self.partners[:10])

    def test_stage(self):
        stage = self.env["retention.stage"].search([("code", "=", "at_risk")])
        policy = self.make_policy(stage_ids=[Command.set(stage.ids)])
        self.profile_of(self.partners[7]).stage_id = stage
        self.plan()
        self.assertEqual(self.served(policy), self.partners[7])

    def test_pilot(self):
        rest = self.make_policy(sequence=20)
        pilot = self.make_policy(sequence=10, pilot_share=30)
        self.plan()
        first = self.served(pilot)
        self.assertTrue(2 < len(first & self.partners) < 24)
        self.assertEqual(self.served(rest) & self.partners, self.partners - first)
        pilot.pilot_share = 60
        self.plan()
        self.assertLessEqual(first, self.served(pilot))

    def test_preview_is_what_is_planned_then(self):
        ann = self.make_user("user", login="ann")
        self.partners[:5].user_id = ann
        for partner in self.partners[:8]:  # two of the ten have no address
            partner.email = f"c{partner.id}@example.com"
        self.make_policy(sequence=5, domain=f"[('id', '=', {self.partners[0].id})]")
        policy = self.make_policy(
            {"responsible": "salesperson"},
            {"interval_days": 10, "channel_id": self.email.id},
            band="high",
            run=False,
        )
        found = policy._preview(MONDAY)
        self.assertEqual(found["customers"], 9)
        self.assertFalse(self.planned(), "nothing is planned by looking")
        policy.write({"state": "running", "started_on": MONDAY})
        self.plan()
        touches = self.planned(self.partners).filtered(
            lambda each: each.cadence_id in policy.cadence_ids
        )
        self.assertEqual(found["contacts"], len(touches))
        self.assertEqual(set(found["ids"]), set(touches.partner_id.ids))
        monthly = Counter()
        for touch in touches:
            monthly[touch.channel_id.id] += 30 / touch.interval_days
        self.assertEqual(found["channels"], monthly)
        self.assertEqual(sum(found["refused"].values()), 2)
        self.assertAlmostEqual(found["persons"][ann.id], 4 * (1 + 3))

    def test_preview_screen(self):
        manager = self.make_user("manager")
        policy = self.make_policy(band="high", run=False)
        action = policy.with_user(manager).action_preview()
        preview = (
            self.env[action["res_model"]].with_user(manager).browse(action["res_id"])
        )
        self.assertEqual(preview.customers, 10)
        self.assertEqual(preview.monthly, 10)
        self.assertTrue(preview.person_ids)
        listed = preview.action_view_customers()
        found = self.env[listed["res_model"]].search(listed["domain"])
        self.assertEqual(found.partner_id, self.partners[:10])
        preview.action_start()
        self.assertEqual(policy.state, "running")
        policy.cadence_ids.unlink()
        with self.assertRaises(UserError):
            policy.action_preview()

    def test_start_plans_soon(self):
        self.run_pass(as_of=date(2024, 6, 14))
        policy = self.make_policy(run=False)
        policy.action_start()
        run = self.Run.search([("state", "=", "todo")])
        self.assertEqual((run.step, run.kind), ("plan", "full"))


@tagged("post_install", "-at_install")
class TestManagersLists(PlanCommon):
    """Never contacted, and contacted too often."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.make_known(3)
        cls.today = cls.company._retention_today()

    def found(self, name):
        self.env.invalidate_all()
        profiles = self.Profile.search([(name, "=", True)])
        self.assertEqual(profiles, self.Profile.search([]).filtered(name))
        return profiles.partner_id & self.partners

    def test_never_contacted(self):
        self.log(self.partners[0], self.today)
        self.log(self.partners[1], self.today, is_bulk=True)
        self.Profile._stage_customers(self.company, self.partners.ids, self.today)
        self.assertEqual(self.found("is_never_contacted"), self.partners[1:])

    def test_contacted_too_often(self):
        cap = self.env["retention.cap"].create(
            {"name": "Two a week", "most": 2, "window_hours": 168}
        )
        often, enough, seldom = self.partners
        for partner, times in ((often, 3), (enough, 2), (seldom, 1)):
            for number in range(times):
                self.log(partner, self.today - timedelta(days=number), hour=0)
        self.assertEqual(self.found("is_over_contacted"), often)
        self.log(enough, self.today - timedelta(days=9))  # outside of the window
        self.log(enough, self.today, direction="in", hour=0)
        self.log(enough, self.today, category="transactional", hour=0)
        self.assertEqual(self.found("is_over_contacted"), often)
        self.log(enough, self.today, hour=0)
        self.assertEqual(self.found("is_over_contacted"), often | enough)
        cap.channel_ids = self.email
        self.assertFalse(self.found("is_over_contacted"))
