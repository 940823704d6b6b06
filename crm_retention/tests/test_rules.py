"""Programs, tiers, break points, segments: what is refused, what a change does."""

import time
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.crm_retention.models.judgement import retention_population

from .common import TODAY, RetentionCommon


class RulesCommon(RetentionCommon):
    def assertRefused(self, change, says=""):
        """The change raises one clear sentence and leaves nothing behind."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                change()
                self.env.flush_all()
        except UserError as error:
            message = str(error)
        except IntegrityError as error:
            [model] = [
                name
                for name, model in self.env.registry.items()
                if model._table == error.diag.table_name and not model._abstract
            ]
            message = self.env[model]._sql_error_to_message(error)
        else:
            self.fail("Not refused")
        self.assertNotIn("\n", message.strip())
        for jargon in ("Traceback", "violates", "object at 0x", "psycopg"):
            self.assertNotIn(jargon, message)
        self.assertIn(says, message)
        self.env.invalidate_all()

    def tiers(self, *thresholds):
        limited = self.program.tier_ids.filtered(lambda tier: not tier.is_floor)
        return [
            Command.update(tier.id, {"threshold": threshold})
            for tier, threshold in zip(limited, thresholds, strict=True)
        ]


@tagged("post_install", "-at_install")
class TestLadder(RulesCommon):
    def test_shipped_program(self):
        self.assertEqual(
            self.program.tier_ids.mapped(lambda t: (t.name, t.band, t.threshold)),
            [
                ("Diamond", "high", 5),
                ("Gold", "high", 20),
                ("Silver", "middle", 50),
                ("Standard", "low", 0),
            ],
        )
        self.assertEqual(self.program.metric, "customer_share")

    def test_thresholds_out_of_order(self):
        for thresholds in ((20, 5, 50), (5, 5, 50), (5, 20, 19)):
            with self.subTest(thresholds):
                self.assertRefused(
                    lambda thresholds=thresholds: self.program.write(
                        {"tier_ids": self.tiers(*thresholds)}
                    ),
                    "out of order",
                )
        self.assertEqual(self.program.tier_ids.mapped("threshold"), [5, 20, 50, 0])

    def test_one_tier_alone(self):
        """Also where a tier is changed outside its program's form."""
        silver = self.tier("Silver")
        self.assertRefused(lambda: silver.write({"threshold": 10}), "out of order")

    def test_order_depends_on_the_metric(self):
        self.assertRefused(lambda: self.program.write({"metric": "spend"}), "fall")
        self.program.write({"metric": "spend", "tier_ids": self.tiers(300, 200, 100)})
        self.assertRefused(lambda: self.program.write({"metric": "rfm"}), "at most 15")

    def test_limits_out_of_range(self):
        for metric, thresholds in (
            ("customer_share", (5, 20, 101)),
            ("customer_share", (0, 20, 50)),
            ("customer_share", (-5, 20, 50)),
            ("revenue_share", (5, 20, 100.01)),
            ("rfm", (16, 10, 5)),
            ("spend", (1e13, 10, 5)),
            ("spend", (float("nan"), 10, 5)),
            ("spend", (1e308, 10, 5)),
            ("orders", (10, 5, 0)),
        ):
            with self.subTest(metric, thresholds=thresholds):
                self.assertRefused(
                    lambda metric=metric, thresholds=thresholds: self.program.write(
                        {"metric": metric, "tier_ids": self.tiers(*thresholds)}
                    )
                )

    def test_two_limits_swapped_in_one_save(self):
        """In a form both lines change before the program is saved."""
        self.program.write(
            {
                "tier_ids": [
                    Command.update(self.tier("Diamond").id, {"sequence": 11}),
                    Command.update(self.tier("Gold").id, {"sequence": 10}),
                    *self.tiers(20, 5, 50),
                ]
            }
        )
        names = self.program.tier_ids.sorted().mapped("name")
        self.assertEqual(names, ["Gold", "Diamond", "Silver", "Standard"])

    def test_shifted_limits_in_one_save(self):
        """Line by line the ladder is out of order for a moment."""
        self.program.write({"tier_ids": self.tiers(30, 60, 90)})
        self.program.write({"tier_ids": self.tiers(1, 2, 3)})
        self.assertEqual(self.program.tier_ids.mapped("threshold"), [1, 2, 3, 0])

    def test_exactly_one_floor_and_it_is_last(self):
        floor = self.tier("Standard")
        self.assertRefused(
            lambda: self.program.write({"tier_ids": [Command.delete(floor.id)]}),
            "everybody else",
        )
        self.assertRefused(lambda: floor.write({"is_floor": False}), "everybody else")
        self.assertRefused(lambda: floor.write({"sequence": 0}), "everybody else")
        self.assertRefused(
            lambda: self.tier("Silver").write({"is_floor": True}), "exactly one"
        )
        self.assertRefused(
            lambda: self.program.write({"tier_ids": [Command.clear()]}), "two tiers"
        )

    def test_used_tiers_and_programs_stay(self):
        for n, customer in enumerate(self.make_customers(10)):
            self.buy(customer, (n, 10 * n + 1))
        self.run_pass()
        used = self.Profile.search([]).tier_id[0]
        self.assertRefused(used.unlink, used.name)
        self.assertRefused(
            lambda: self.program.write({"tier_ids": [Command.delete(used.id)]})
        )
        self.assertRefused(self.program.unlink, "Archive")
        copy = self.program.copy()
        self.assertFalse(copy.active)
        self.assertEqual(
            copy.with_context(active_test=False).tier_ids.mapped("threshold"),
            [5, 20, 50, 0],
        )
        copy.unlink()

    def test_a_program_of_its_own_through_the_form(self):
        form = Form(self.env["retention.program"])
        form.name = "Firms"
        program = form.save()
        self.assertEqual(len(program.tier_ids), 4)
        self.assertEqual(len(program.break_ids), 3)
        self.assertTrue(program.is_pending)


@tagged("post_install", "-at_install")
class TestLengths(RulesCommon):
    def test_negative_and_absurd_lengths(self):
        for name, value in (
            ("window_months", -1),
            ("window_months", 601),
            ("period_months", 0),
            ("period_months", -12),
            ("grace_days", -1),
            ("grace_days", 10**6),
            ("refresh_days", 0),
            ("min_customers", 0),
        ):
            with self.subTest(name, value=value):
                self.assertRefused(
                    lambda name=name, value=value: self.program.write({name: value})
                )

    def test_longest_allowed(self):
        self.buy(self.make_customers(1), (3, 10))
        self.program.write(
            {"window_months": 600, "period_months": 600, "grace_days": 3650}
        )
        runs = self.run_pass()
        self.assertEqual(set(runs.mapped("state")), {"done"})

    def test_night_hour(self):
        for hour in (-1, 24):
            self.assertRefused(
                lambda hour=hour: self.company.write({"retention_night_hour": hour}),
                "0 to 23",
            )


@tagged("post_install", "-at_install")
class TestBreakPoints(RulesCommon):
    def own(self, **points):
        line = self.program.break_ids.filtered(lambda row: row.dimension == "recency")
        return {"break_ids": [Command.update(line.id, points)]}

    def test_overlapping_own_points(self):
        for points in (
            {"point_1": 90},
            {"point_1": 100, "point_2": 90},
            {"point_4": 1},
        ):
            with self.subTest(points):
                self.assertRefused(
                    lambda points=points: self.program.write(
                        {"break_mode": "own"} | self.own(**points)
                    ),
                    "overlap",
                )
        self.program.break_mode = "own"
        line = self.program.break_ids[0]
        self.assertRefused(lambda: line.write({"point_2": line.point_1}), "overlap")

    def test_quantiles_may_coincide(self):
        for customer in self.make_customers(9):
            self.buy(customer, (3, 10))
        self.buy(self.make_customers(1), (3, 20))
        self.run_pass()
        self.assertEqual(self.program.break_ids[2]._points(), (10,) * 4)
        self.assertRefused(lambda: self.program.write({"break_mode": "own"}), "overlap")

    def test_points_that_are_no_numbers(self):
        for value in (float("nan"), float("inf"), 1e308):
            with self.subTest(value):
                self.assertRefused(
                    lambda value=value: self.program.write(
                        {"break_mode": "own"} | self.own(point_4=value)
                    )
                )

    def test_each_dimension_once(self):
        self.assertRefused(
            lambda: self.program.write(
                {"break_ids": [Command.delete(self.program.break_ids[0].id)]}
            ),
            "one row of break points",
        )
        self.assertRefused(
            lambda: self.program.write(
                {"break_ids": [Command.create({"dimension": "recency"})]}
            )
        )


@tagged("post_install", "-at_install")
class TestSegments(RulesCommon):
    def test_shipped_segments_part_the_scores(self):
        segments = self.env["retention.segment"].search([])
        self.assertEqual(len(segments.filtered("is_other")), 1)
        self.assertGreater(len(segments), 8)

    def test_overlap(self):
        segment = self.env.ref("crm_retention.retention_segment_new")
        self.assertRefused(lambda: segment.write({"frequency_max": 2}), "Narrow")
        self.assertRefused(lambda: segment.copy(), "claim the same scores")

    def test_wrong_ranges(self):
        segment = self.env.ref("crm_retention.retention_segment_new")
        for values in (
            {"recency_min": 0},
            {"recency_max": 6},
            {"frequency_min": 5, "frequency_max": 1},
            {"monetary_min": -1},
        ):
            with self.subTest(values):
                self.assertRefused(lambda values=values: segment.write(values))

    def test_the_other_one_stays_single(self):
        other = self.env.ref("crm_retention.retention_segment_other")
        self.assertRefused(other.unlink, "rename")
        self.assertRefused(other.copy)
        self.assertRefused(lambda: other.write({"is_other": False}))

    def test_missing_ranges_fall_into_the_other(self):
        other = self.env.ref("crm_retention.retention_segment_other")
        (self.env["retention.segment"].search([]) - other).unlink()
        for n, customer in enumerate(self.make_customers(10)):
            self.buy(customer, (n, 10 * n + 1))
        self.run_pass()
        self.assertEqual(self.Profile.search([]).segment_id, other)

    def test_a_change_makes_every_program_pending(self):
        other_company = self.make_company()
        self.run_pass()
        self.assertFalse(self.program.is_pending)
        segment = self.env.ref("crm_retention.retention_segment_new")
        manager = self.make_user("manager")
        segment.with_user(manager).write({"name": "Fresh", "advice": "Call"})
        self.assertFalse(self.program.is_pending)
        segment.with_user(manager).write({"monetary_max": 4})
        self.assertTrue(self.program.is_pending)
        self.assertGreater(other_company.retention_program_ids.version, 1)


@tagged("post_install", "-at_install")
class TestPopulation(RulesCommon):
    def test_what_cannot_be_read(self):
        for domain in (
            "[('name', '=',",
            "name = 1",
            "[('no_such_field', '=', 1)]",
            "[('name', 'is almost', 'x')]",
            "[('name',)]",
            "5",
            "{'name': 'x'}",
            "__import__('os').system('true')",
            "[('name', '=', __import__('os').getcwd())]",
            "[('id', 'in', (lambda: [1])())]",
            "[('id', 'in', [x for x in (1,)])]",
            "[('id', '=', 10 ** 30)]",
            "(" * 500 + ")" * 500,
            "[('name', '=', 'a\x00b')]",
        ):
            with self.subTest(repr(domain[:40])):
                self.assertRefused(
                    lambda domain=domain: self.program.write({"domain": domain}),
                    "cannot be read",
                )
        self.assertEqual(self.program.domain, "[]")

    def test_what_takes_too_long(self):
        class Slow:
            def select(self):
                return SQL("SELECT pg_sleep(30)")

        begun = time.monotonic()
        with (
            patch.object(retention_population, "DOMAIN_SECONDS", 0.2),
            patch.object(
                type(self.program), "_population", lambda self, **_how: Slow()
            ),
        ):
            self.assertRefused(
                lambda: self.program.write({"domain": "[('id', '>', 0)]"}),
                "cannot be read",
            )
        self.assertLess(time.monotonic() - begun, 5)
        self.env.cr.execute("SHOW statement_timeout")
        self.assertEqual(self.env.cr.fetchone()[0], "0")

    def test_read_with_the_owner_s_rights(self):
        """A population shows its author nothing that he may not see himself."""
        mine, others = self.make_customers(2)
        seller = self.make_user("manager", login="seller")
        self.env["ir.rule"].create(
            {
                "name": "Own contacts only",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('user_id', '=', user.id)]",
            }
        )
        mine.user_id = seller
        others.user_id = self.env.user
        for customer in (mine, others):
            self.buy(customer, (3, 10))
        self.program.write({"owner_id": seller.id, "domain": "[('id', '>', 0)]"})
        self.run_pass()
        self.assertEqual(self.profile_of(mine).program_id, self.program)
        self.assertFalse(self.profile_of(others).program_id)

    def test_archived_contacts_are_still_customers(self):
        customer = self.make_customers(1)
        self.buy(customer, (3, 10))
        self.program.domain = "[('name', 'ilike', 'Customer')]"
        customer.active = False
        self.run_pass()
        self.assertEqual(self.profile_of(customer).program_id, self.program)


@tagged("post_install", "-at_install")
class TestVersions(RulesCommon):
    def test_a_rule_is_pending_until_everybody_is_judged_by_it(self):
        customers = self.make_customers(8)
        for n, customer in enumerate(customers):
            self.buy(customer, (n, 10 * n + 1))
        self.run_pass()
        self.assertFalse(self.program.is_pending)
        before = self.program.version
        for values in (
            {"window_months": 6},
            {"grace_days": 1},
            {"domain": "[('id', '>', 0)]"},
            {"tier_ids": self.tiers(6, 21, 51)},
        ):
            self.program.write(values)
            self.assertGreater(self.program.version, before)
            before = self.program.version
        self.assertTrue(self.program.is_pending)
        self.run_pass("light")
        self.assertTrue(self.program.is_pending)
        self.run_pass()
        self.assertFalse(self.program.is_pending)
        versions = self.Profile.search([]).mapped("rule_version")
        self.assertEqual(set(versions), {before})

    def test_names_and_colours_are_no_rules(self):
        before = self.program.version
        self.program.write({"name": "Our tiers"})
        self.tier("Gold").write({"name": "Or", "color": 9, "band": "middle"})
        self.assertEqual(self.program.version, before)

    def test_a_rule_changed_in_the_middle_of_a_pass_stays_pending(self):
        customers = self.make_customers(8)
        for n, customer in enumerate(customers):
            self.buy(customer, (100 + n, 10 * n + 1))
        self.run_pass()
        runs = self.Run._plan(self.company, "full", TODAY)
        score = runs.filtered(lambda run: run.step == "score")
        score._advance(None)  # the first customers, by the old window
        self.program.window_months = 1
        while score.state != "done":
            score._advance(None)
        self.assertTrue(self.program.is_pending)
        self.run_pass()
        self.assertFalse(self.program.is_pending)
        self.assertEqual(set(self.Profile.search([]).mapped("window_purchases")), {0})

    def test_another_source_of_revenue_is_another_rule(self):
        self.run_pass()
        self.company.retention_revenue_source = "order"
        self.assertTrue(self.program.is_pending)

    def test_no_program_is_not_every_program(self):
        """Rules that no program has are changed for nobody."""
        without = self.make_company()
        without.retention_program_ids.active = False
        before = self.program.version
        without.retention_revenue_source = "order"
        nothing = self.program.browse()
        nothing._rules_changed()
        nothing.write({"sequence": 1})
        self.env["retention.tier"].create([])
        self.env["retention.tier"].browse().unlink()
        self.assertEqual(self.program.version, before)
        nothing._rules_of_all_changed()
        self.assertEqual(self.program.version, before + 1)

    def test_whoever_changes_the_company_needs_no_right_here(self):
        admin = self.make_user("none", groups="base.group_erp_manager")
        self.company.with_user(admin).write({"retention_revenue_source": "order"})
        self.assertTrue(self.program.is_pending)

    def test_only_managers_change_rules(self):
        for kind in ("none", "user", "lead", "auditor"):
            user = self.make_user(kind, login=f"ruler_{kind}")
            for record in (
                self.program,
                self.program.tier_ids[0],
                self.program.break_ids[0],
                self.env["retention.segment"].search([], limit=1),
            ):
                with self.subTest(kind), self.assertRaises(AccessError):
                    record.with_user(user).write({"sequence": 77})

    def test_changes_are_told(self):
        program = self.program.with_context(tracking_disable=False, mail_notrack=False)
        before = program.message_ids
        program.window_months = 6
        self.flush_tracking()
        self.assertTrue(program.message_ids - before)

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()
