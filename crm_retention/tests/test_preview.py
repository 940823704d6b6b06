"""A change of rules, seen before it counts, applied, and tried on a share."""

import random
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.crm_retention.tools import caps

from ..models.judgement import retention_program_draft
from ..models.judgement.pilot_sql import in_share
from ..models.judgement.score_columns import FACTS, JUDGEMENTS
from .common import TODAY, RetentionCommon

LATER_DAY = TODAY + timedelta(days=40)


class PreviewCommon(RetentionCommon):
    """Customers of all sorts in a program by spend, some with tiers they outlived."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_metric("spend", (1000, 300, 50), window_months=3, brought_least=0)
        cls.program.write({"period_months": 1, "grace_days": 5})
        cls.customers = cls.make_customers(30)
        rng = random.Random(2)
        for customer in cls.customers:
            days = rng.sample(range(400), rng.randrange(1, 6))
            cls.buy(customer, *((day, rng.randrange(20, 700)) for day in days))
        cls.run_pass(as_of=TODAY - timedelta(days=45))
        cls.run_pass(as_of=TODAY - timedelta(days=20))

    def everything(self):
        """Return what a preview must leave as it was."""
        self.env.flush_all()
        profiles = ("tier_id", "changed_at", *FACTS, *JUDGEMENTS)
        rows = self.env.execute_query(
            SQL(
                "SELECT id, version, applied_version, metric, active, name::text"
                " FROM retention_program ORDER BY id"
            )
        )
        tiers = self.env.execute_query(
            SQL("SELECT id, threshold, cut_value, sequence FROM retention_tier")
        )
        notes = self.env["mail.message"].search_count([])
        runs = self.Run.search_count([])
        return (
            self.rows_of("retention_profile", profiles),
            self.rows_of("retention_membership", ("tier_id", "date_to", "valid_until")),
            sorted(tiers),
            rows,
            notes,
            runs,
        )

    def draft_with(self, thresholds, **values):
        action = self.program.action_try_change()
        draft = self.env["retention.program"].browse(action["res_id"])
        limited = draft.tier_ids.filtered(lambda tier: not tier.is_floor).sorted()
        tiers = [
            Command.update(tier.id, {"threshold": threshold})
            for tier, threshold in zip(limited, thresholds, strict=True)
        ]
        draft.write(values | {"tier_ids": tiers})
        return draft

    def standing(self):
        """Return the tiers held, by customer's id."""
        return {
            profile.partner_id.id: profile.tier_id.name
            for profile in self.Profile.search([("company_id", "=", self.company.id)])
        }


@tagged("post_install", "-at_install")
class TestPreview(PreviewCommon):
    def check_equals_applying(self, draft, as_of):
        """Row by row: who moves, from where, to where, why, and who does not."""
        before = self.standing()
        untouched = self.everything()
        rows = draft._preview(as_of)
        self.assertEqual(self.everything(), untouched, "a preview changes nothing")
        known = set(self.Membership.search([]).ids)
        draft._apply_rules(False, as_of)
        now = [row for row in rows if row["direction"] != "later"]
        self.assertTrue(now)
        new = self.Membership.search([("id", "not in", list(known))])
        self.assertEqual(
            sorted((r["partner_id"], r["before"], r["after"], r["cause"]) for r in now),
            sorted(
                (
                    row.partner_id.id,
                    row.previous_tier_id.name or None,
                    row.tier_id.name,
                    row.cause,
                )
                for row in new
            ),
        )
        after = self.standing()
        foretold = {row["partner_id"]: row["after"] for row in now}
        for customer, tier in after.items():
            expected = foretold.get(customer, before.get(customer))
            self.assertEqual(tier, expected, customer)
        for row in rows:
            partner = self.customers.browse(row["partner_id"])
            profile = self.profile_of(partner)
            self.assertEqual(profile.window_revenue, row["revenue"])
            if row["direction"] == "later":
                self.assertEqual(profile.fall_date, row["day"])
        self.assertFalse(draft._preview(as_of), "nothing is left to do")
        return rows

    def test_equals_applying_a_draft(self):
        draft = self.draft_with((900, 200, 20), window_months=12, one_step=False)
        with self.assertRaises(UserError):
            draft.active = True
        ruled = self.program
        before = self.everything()
        rows = draft._preview(TODAY)
        self.assertEqual(self.everything(), before)
        self.assertEqual({row["direction"] for row in rows}, {"up", "first"})
        for tier in self.program.tier_ids:
            self.assertNotIn(tier.threshold, (900, 200, 20))
        draft._apply_rules(False, TODAY)
        self.assertFalse(draft.exists())
        self.assertEqual((ruled.window_months, ruled.one_step), (12, False))
        standing = self.standing()
        for row in rows:
            self.assertEqual(standing[row["partner_id"]], row["after"])

    def test_equals_applying_saved_changes(self):
        for as_of, thresholds in (
            (TODAY, (800, 400, 60)),
            (LATER_DAY, (2000, 900, 250)),
        ):
            self.set_metric("spend", thresholds)
            self.check_equals_applying(self.program, as_of)

    def test_equals_applying_shares_and_a_new_tier(self):
        self.program.grace_days = 200  # who falls does so later
        self.set_metric("customer_share", (5, 25, 60), review_mode="after")
        rows = self.check_equals_applying(self.program, TODAY)
        self.assertTrue(rows)
        draft = self.draft_with((10, 30, 50))
        draft.tier_ids = [
            Command.create({"name": "Bronze", "threshold": 70, "sequence": 50})
        ]
        draft.tier_ids.filtered("is_floor").sequence = 99
        names = {row["after"] for row in draft._preview(TODAY)}
        self.assertIn("Bronze", names)
        draft._apply_rules(False, TODAY)
        self.assertIn("Bronze", self.program.tier_ids.mapped("name"))
        earned = self.Profile.search([("program_id", "=", self.program.id)])
        self.assertIn("Bronze", earned.earned_tier_id.mapped("name"))

    def test_silently_and_loudly(self):
        self.set_metric("spend", (500, 100, 10))
        customers = self.customers.browse(
            [row["partner_id"] for row in self.program._preview(TODAY)]
        )
        notes = len(customers.message_ids)
        self.program._apply_rules(True, TODAY)
        self.assertEqual(len(customers.message_ids), notes)
        self.set_metric("spend", (5000, 1000, 100))
        moving = self.program._preview(LATER_DAY)
        self.assertTrue([row for row in moving if row["direction"] == "down"])
        everybody = self.customers
        notes = len(everybody.message_ids)
        self.program._apply_rules(False, LATER_DAY)
        self.assertGreater(len(everybody.message_ids), notes)

    def test_in_the_background_where_there_are_many(self):
        self.set_metric("spend", (500, 100, 10))
        with patch.object(retention_program_draft, "AT_ONCE", 0):
            self.assertFalse(self.program._apply_rules(False, TODAY))
        self.assertTrue(self.program.is_pending)
        waiting = self.Run.search([("state", "=", "todo"), ("step", "=", "score")])
        self.assertEqual(waiting.kind, "full")

    def test_screen(self):
        """The dialog's sums are those of its lines; only a manager gets there."""
        today = self.company._retention_today()
        self.run_pass(as_of=today)
        draft = self.draft_with((800, 100, 5), window_months=0)
        manager = self.make_user("manager")
        action = draft.with_user(manager).action_preview()
        preview = self.env[action["res_model"]].browse(action["res_id"])
        lines = preview.with_user(manager).line_ids
        self.assertTrue(lines)
        self.assertEqual(preview.moving, len(lines))
        self.assertEqual(sum(preview.sum_ids.mapped("count")), len(lines))
        total = sum(lines.mapped("revenue"))
        self.assertAlmostEqual(preview.revenue, total, 2)
        with self.assertRaises(AccessError):
            draft.with_user(self.make_user("lead")).action_preview()
        foretold = {line.partner_id.id: line.after for line in lines}
        action = preview.with_user(manager).action_apply_silently()
        self.assertEqual(action["res_id"], self.program.id)
        standing = self.standing()
        for customer, tier in foretold.items():
            self.assertEqual(standing[customer], tier)


@tagged("post_install", "-at_install")
class TestPilot(PreviewCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_pass(as_of=TODAY)

    def start(self, share=40, **values):
        draft = self.draft_with((900, 200, 20), pilot_share=share, **values)
        draft._start_pilot()
        draft.pilot_from = TODAY
        return draft

    def members(self, program):
        return self.Profile.search([("program_id", "=", program.id)]).partner_id

    def test_share_as_in_python(self):
        pilot = self.start(37)
        query = SQL(
            "SELECT n FROM generate_series(1, 3000) n WHERE %s",
            in_share(pilot, SQL("n")),
        )
        found = {row[0] for row in self.env.execute_query(query)}
        expected = {
            n for n in range(1, 3001) if caps.in_share(f"program:{pilot.id}:{n}", 37)
        }
        self.assertEqual(found, expected)
        self.assertTrue(1000 < len(found) < 1220)

    def test_stable_and_promises_kept(self):
        held = {c: self.profile_of(c).tier_id.name for c in self.customers}
        promised = {c: self.history_of(c)[-1:].valid_until for c in self.customers}
        pilot = self.start()
        self.run_pass(as_of=TODAY)
        inside = self.members(pilot) & self.customers
        self.assertTrue(inside)
        self.assertEqual(
            inside,
            self.customers.filtered(
                lambda each: caps.in_share(f"program:{pilot.id}:{each.id}", 40)
            ),
        )
        rungs = {"Standard": 0, "Silver": 1, "Gold": 2, "Diamond": 3}
        for customer in inside:
            row = self.history_of(customer)[-1]
            self.assertEqual(row.program_id, pilot)
            self.assertGreaterEqual(rungs[row.tier_id.name], rungs[held[customer]])
            if row.cause == "program" and held[customer]:
                self.assertGreaterEqual(row.valid_until, promised[customer])
        for offset in (1, 2):
            self.run_pass("night", TODAY + timedelta(days=offset))
            self.assertEqual(self.members(pilot) & self.customers, inside)
        self.run_pass(as_of=TODAY + timedelta(days=3))
        self.assertEqual(self.members(pilot) & self.customers, inside)

    def test_stopped_and_back(self):
        policy = self.env["retention.contact.policy"].search([], limit=1)
        gold = self.tier("Gold")
        policy.tier_ids = gold
        pilot = self.start()
        self.assertIn(pilot.tier_ids.filtered("origin_id")[1], policy.tier_ids)
        self.run_pass(as_of=TODAY)
        inside = self.members(pilot) & self.customers
        held = {each: self.profile_of(each).tier_id.name for each in inside}
        pilot._end_pilot("Enough")
        self.assertEqual(policy.tier_ids, gold)
        self.run_pass(as_of=TODAY)
        self.assertFalse(self.members(pilot))
        for customer in inside:
            profile = self.profile_of(customer)
            self.assertEqual(profile.program_id, self.program)
            self.assertEqual(profile.tier_id.name, held[customer], "kept until its end")

    def test_stops_by_itself_where_fewer_buy(self):
        pilot = self.start(50, stop_points=20, stop_least=3)
        self.run_pass(as_of=TODAY)
        inside = self.members(pilot) & self.customers
        for customer in self.customers - inside:
            self.buy(customer, (-3, 10))
        self.run_pass("night", TODAY + timedelta(days=6))
        self.assertTrue(pilot.active, "looked at once a week")
        mine, rest = pilot._get_pilot_groups(TODAY + timedelta(days=7))
        self.assertEqual((mine.customers, mine.buyers), (len(inside), 0))
        self.assertEqual(rest.buyers, len(self.customers - inside))
        self.assertEqual(rest.revenue, 10 * rest.buyers)
        self.run_pass("night", TODAY + timedelta(days=7))
        self.assertFalse(pilot.active)
        self.assertIn("0 of", pilot.pilot_end_reason)
        self.assertTrue(pilot.activity_ids)

    def test_live_for_all(self):
        pilot = self.start()
        self.run_pass(as_of=TODAY)
        rows = pilot._preview(TODAY)
        pilot._apply_rules(True, TODAY)
        self.assertFalse(pilot.active)
        self.assertEqual(self.tier("Gold").threshold, 200)
        self.assertFalse(self.members(pilot))
        standing = self.standing()
        self.assertTrue(rows)
        for row in rows:
            if row["direction"] != "later":
                self.assertEqual(standing[row["partner_id"]], row["after"])
