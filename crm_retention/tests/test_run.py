"""When a pass is due, what happens when it is interrupted, who is judged by it."""

import logging
import random
from datetime import date, datetime, timedelta
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..hooks import post_init_hook
from ..models.judgement import place_step, score_step
from .common import TODAY, RetentionCommon

LOGGERS = (
    "odoo.addons.crm_retention.models.running.retention_run",
    "odoo.sql_db",
)


class RunCommon(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.make_customers(12)
        chance = random.Random(1)
        for customer in cls.customers:
            cls.buy(customer, *((chance.randint(0, 700), 10) for _n in range(3)))
        cls.cron = cls.env.ref("crm_retention.ir_cron_keep_current")

    def run_cron(self):
        """Run the job as the scheduler does; return True or what went wrong.

        The scheduler learns of an error from its own log, which must be awake.
        """
        self.env.flush_all()
        logger = logging.getLogger("odoo.addons.base.models.ir_cron")
        level = logger.level
        logger.setLevel(logging.ERROR)
        try:
            with self.enter_registry_test_mode(), mute_logger(*LOGGERS):
                result = self.cron.method_direct_trigger()
        finally:
            logger.setLevel(level)
        self.env.invalidate_all()
        return result

    def a_quarter_later(self):
        """Have the steps that failed wait no longer."""
        for run in self.Run.search([("state", "=", "failed")]):
            if run.finished_at:
                run.finished_at -= timedelta(minutes=15)

    def state(self):
        return self.Run.search(
            [("company_id", "=", self.company.id)], order="id"
        ).mapped(lambda run: (run.kind, run.step, run.state))


@tagged("post_install", "-at_install")
class TestSchedule(RunCommon):
    def due(self, moment):
        with freeze_time(moment):
            return self.Run._get_due_kind(self.company)

    def done(self, kind, as_of):
        return self.Run.create(
            [
                {
                    "company_id": self.company.id,
                    "kind": kind,
                    "step": step,
                    "state": "done",
                    "as_of": as_of,
                }
                for step in self.Run._get_steps()
            ]
        )

    def test_first_of_all_everybody(self):
        self.assertEqual(self.due("2024-06-15 12:00"), "full")

    def test_nights_and_weeks(self):
        self.program.applied_version = self.program.version
        self.Mark.search([]).unlink()
        self.done("full", date(2024, 6, 15))
        self.assertIsNone(self.due("2024-06-15 23:59"))
        self.assertIsNone(self.due("2024-06-16 01:59"))
        self.assertEqual(self.due("2024-06-16 02:00"), "night")
        self.assertEqual(self.due("2024-06-21 23:00"), "night")
        self.assertEqual(self.due("2024-06-22 03:00"), "full")
        self.done("night", date(2024, 6, 16))
        self.assertIsNone(self.due("2024-06-16 12:00"))
        self.assertEqual(self.due("2024-06-17 02:00"), "night")

    def test_changed_rules_are_applied_to_everybody_at_night(self):
        self.program.applied_version = self.program.version
        self.Mark.search([]).unlink()
        self.done("full", date(2024, 6, 15))
        self.program.window_months = 3
        self.assertIsNone(self.due("2024-06-15 12:00"))
        self.assertEqual(self.due("2024-06-16 02:00"), "full")

    def test_marked_customers_within_the_day(self):
        self.program.applied_version = self.program.version
        self.done("full", date(2024, 6, 15))
        self.assertEqual(self.due("2024-06-15 12:00"), "light")
        self.assertEqual(self.due("2024-06-16 01:00"), "light")
        self.assertEqual(self.due("2024-06-16 02:00"), "night")
        self.Mark.search([]).unlink()
        self.assertIsNone(self.due("2024-06-15 12:00"))

    def test_night_by_the_company_s_clock(self):
        self.program.applied_version = self.program.version
        self.Mark.search([]).unlink()
        self.done("full", date(2024, 6, 15))
        calendar = self.company.resource_calendar_id
        calendar.tz = "Asia/Shanghai"  # 2 o'clock is 18:00 UTC of the day before
        self.assertIsNone(self.due("2024-06-15 17:59"))
        self.assertEqual(self.due("2024-06-15 18:00"), "night")
        calendar.tz = "America/Los_Angeles"  # 2 o'clock is 9:00 UTC
        self.assertIsNone(self.due("2024-06-16 08:59"))
        self.assertEqual(self.due("2024-06-16 09:00"), "night")
        self.company.retention_night_hour = 0
        self.assertEqual(self.due("2024-06-16 07:00"), "night")
        self.assertIsNone(self.due("2024-06-16 06:59"))

    def test_the_pass_is_as_of_the_company_s_day(self):
        self.company.resource_calendar_id.tz = "Pacific/Kiritimati"
        with freeze_time("2024-06-15 12:00"):
            self.Run._schedule()
        runs = self.Run.search([("company_id", "=", self.company.id)])
        self.assertEqual(set(runs.mapped("as_of")), {date(2024, 6, 16)})

    def test_no_second_pass_while_one_waits(self):
        self.Run._schedule()
        self.Run._schedule()
        self.assertEqual(len(self.state()), len(self.Run._get_steps()))

    def test_old_runs_are_forgotten(self):
        self.done("light", TODAY - timedelta(days=5000))
        self.done("full", TODAY - timedelta(days=5000))
        today = self.company._retention_today()
        kept = self.done("light", today) | self.done("full", today)
        self.Run._gc_runs()
        self.assertEqual(self.Run.search([("company_id", "=", self.company.id)]), kept)


@tagged("post_install", "-at_install")
class TestJob(RunCommon):
    def test_the_job_judges_everybody_and_then_nobody(self):
        self.assertIs(self.run_cron(), True)
        self.assertEqual(
            self.state(),
            [("full", step, "done") for step in self.Run._get_steps()],
        )
        profiles = self.Profile.search([])
        self.assertEqual(profiles.partner_id, self.customers)
        self.assertTrue(all(profile.tier_id for profile in profiles))
        self.assertFalse(self.Mark.search([]))
        self.assertIs(self.run_cron(), True)
        self.assertEqual(len(self.state()), len(self.Run._get_steps()))

    def test_goes_on_where_the_last_batch_ended(self):
        """The clock stops the job after each batch; the next begins behind it."""
        self.patch(score_step, "BATCH", 5)
        self.patch(place_step, "BATCH", 4)
        looked = []
        plain = self.registry["retention.profile"]._step_score

        def noted(self, run):
            looked.append((run.cursor or {}).get("after", -1))
            return plain(self, run)

        with patch.object(self.registry["retention.profile"], "_step_score", noted):
            runs = self.Run._plan(self.company, "full", TODAY)
            for _batch in range(90):
                if runs._execute(lambda _done: 0):
                    break
                self.env.invalidate_all()
        self.assertEqual(set(runs.mapped("state")), {"done"})
        facts = looked[1 : looked.index(max(looked)) + 1]  # after the statistics
        self.assertEqual(facts, sorted(set(facts)))
        self.assertEqual(self.Profile.search([]).partner_id, self.customers)
        place = runs.filtered(lambda run: run.step == "place")
        self.assertEqual(place.changed, len(self.customers))
        self.assertTrue(place.seconds > 0 and place.started_at and place.finished_at)

    def failing(self, name="_step_score"):
        def fail(_model, _run):
            raise ValueError("Something is broken")

        return patch.object(self.registry["retention.profile"], name, fail)

    def test_a_failed_step_is_tried_five_times_and_blocks_what_follows(self):
        for quarter in range(7):
            with self.failing():
                result = self.run_cron()
            states = [state for _kind, _step, state in self.state()]
            if not quarter:
                self.assertEqual(states[:2], ["done", "failed"])
                self.assertEqual(set(states[2:]), {"todo"})
            self.a_quarter_later()
        self.assertEqual(states[0], "done")
        self.assertEqual(set(states[1:]), {"failed"})
        self.assertIs(result, True, "an error told often enough is told no more")
        score = self.Run.search([("state", "=", "failed")], order="id", limit=1)
        self.assertEqual((score.step, score.attempts), ("score", 5))
        self.assertIn("Something is broken", score.message)
        self.assertFalse(self.Membership.search([]))

    def test_a_failed_step_is_tried_once_a_call(self):
        """However often the scheduler calls again because others get on."""
        other = self.make_company()
        for customer in self.customers:
            self.buy(customer, (1, 10), company=other)
        for company in (self.company, other):
            self.Run._plan(company, "full", company._retention_today())
        plain = self.registry["retention.profile"]._step_score
        advance = self.registry["retention.run"]._advance

        def fail_here(self, run):
            if run.company_id != other:
                raise ValueError("Something is broken")
            return plain(self, run)

        def time_is_up(run, checkpoint):
            return min(advance(run, checkpoint), 0)

        with (
            patch.object(self.registry["retention.profile"], "_step_score", fail_here),
            patch.object(self.registry["retention.run"], "_advance", time_is_up),
        ):
            calls = 0
            while calls < 40 and not self.profile_of(self.customers[-1], other).tier_id:
                self.run_cron()
                calls += 1
        self.assertGreater(calls, 5, "the others got on batch by batch")
        failed = self.Run.search([("state", "=", "failed")])
        self.assertEqual((failed.step, failed.attempts), ("score", 1))
        self.assertEqual(failed.company_id, self.company)
        self.a_quarter_later()
        self.assertIs(self.run_cron(), True)
        self.assertEqual({row[2] for row in self.state()}, {"done"})

    def test_one_call_is_one_attempt(self):
        """Also where a step before it had got on in the same call."""
        with self.failing():
            self.assertIsNot(self.run_cron(), True)
        failed = self.Run.search([("state", "=", "failed")])
        self.assertEqual((failed.step, failed.attempts), ("score", 1))

    def test_a_failed_step_recovers(self):
        with self.failing():
            self.run_cron()
        self.a_quarter_later()
        self.assertIs(self.run_cron(), True)
        self.assertEqual({row[2] for row in self.state()}, {"done"})

    def test_retried_by_hand(self):
        with self.failing():
            for _n in range(6):
                self.run_cron()
                self.a_quarter_later()
        failed = self.Run.search([("step", "=", "score"), ("state", "=", "failed")])
        manager, user = self.make_user("manager"), self.make_user("user")
        with self.assertRaises(AccessError):
            failed.with_user(user).action_retry()
        failed.with_user(manager).action_retry()
        self.assertEqual((failed.state, failed.attempts), ("todo", 0))
        self.assertIs(self.run_cron(), True)
        self.assertEqual({row[2] for row in self.state()}, {"done"})

    def test_other_companies_go_on(self):
        other = self.make_company()
        customer = self.make_customers(1)
        self.buy(customer, (1, 10), company=other)
        plain = self.registry["retention.profile"]._step_score
        company = self.company

        def fail_here(self, run):
            if run.company_id == company:
                raise ValueError("Something is broken")
            return plain(self, run)

        with patch.object(self.registry["retention.profile"], "_step_score", fail_here):
            self.assertIsNot(self.run_cron(), True)
        self.assertTrue(self.profile_of(customer, other).tier_id)
        self.assertFalse(self.profile_of(customer))

    def test_rows_in_use_are_tried_again_at_once(self):
        tries = []
        plain = self.registry["retention.profile"]._step_place

        def in_use(self, run):
            tries.append(1)
            if len(tries) < 4:
                raise psycopg2.errors.SerializationFailure("in use")
            return plain(self, run)

        with patch.object(self.registry["retention.profile"], "_step_place", in_use):
            self.assertIs(self.run_cron(), True)
        self.assertEqual({row[2] for row in self.state()}, {"done"})

    def test_rows_in_use_for_ever(self):
        def in_use(_model, _run):
            raise psycopg2.errors.SerializationFailure("in use")

        with patch.object(self.registry["retention.profile"], "_step_place", in_use):
            self.assertIsNot(self.run_cron(), True)
        failed = self.Run.search([("state", "=", "failed")])
        self.assertIn("in use", failed.message)

    def test_a_poisoned_record_stops_nobody_else(self):
        bad = self.customers[4]
        plain = self.registry["retention.profile"]._prepare_membership

        def poisoned(profile, row, *rest):
            if profile.browse(row["id"]).partner_id == bad:
                raise ValueError("Cannot be placed")
            return plain(profile, row, *rest)

        with (
            patch.object(
                self.registry["retention.profile"], "_prepare_membership", poisoned
            ),
            mute_logger(*LOGGERS),
        ):
            runs = self.run_pass()
        place = runs.filtered(lambda run: run.step == "place")
        self.assertEqual((place.state, place.errors), ("done", 1))
        self.assertIn("Cannot be placed", place.message)
        self.assertFalse(self.history_of(bad))
        placed = self.Membership.search([]).partner_id
        self.assertEqual(placed, self.customers - bad)
        self.run_pass("light")
        self.assertTrue(self.history_of(bad))

    def test_everybody_on_demand(self):
        manager, user = self.make_user("manager"), self.make_user("user")
        with self.assertRaises(AccessError):
            self.Run.with_user(user).action_recalculate_all()
        self.Run.with_user(manager).action_recalculate_all()
        self.Run.with_user(manager).action_recalculate_all()
        self.assertEqual(len(self.state()), len(self.Run._get_steps()))
        runs = self.Run.search([])
        self.assertEqual(runs.user_id, manager)
        self.assertTrue(self.program.is_comparison_asked)
        self.program.refreshed_on = self.company._retention_today()
        self.program.is_comparison_asked = True
        self.assertIs(self.run_cron(), True)
        self.assertEqual(set(runs.mapped("progress")), {100})
        self.assertFalse(self.program.is_comparison_asked)

    def test_installing_judges_what_is_there(self):
        post_init_hook(self.env)
        self.env.invalidate_all()
        self.assertEqual(self.Profile.search([]).partner_id, self.customers)
        self.assertEqual(len(self.company.retention_program_ids), 1)

    def test_an_installation_survives_data_it_cannot_judge(self):
        with self.failing(), mute_logger("odoo.addons.crm_retention.hooks"):
            post_init_hook(self.env)
        self.assertIs(self.run_cron(), True)
        self.assertEqual(self.Profile.search([]).partner_id, self.customers)


@tagged("post_install", "-at_install")
class TestMarks(RetentionCommon):
    """Whoever changes a fact marks its customer, and nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer, cls.other = cls.make_customers(2)
        cls.contact = cls.make_customers(1, parent_id=cls.customer.id)
        cls.marked()

    def assertMarks(self, *customers):
        self.assertEqual(
            set(self.marked()), set(customers), "other customers are marked"
        )

    def test_invoices(self):
        move = self.invoice(self.contact, 3, 10, post=False)
        self.assertMarks()
        move.action_post()
        self.assertMarks(self.customer)
        move.ref = "no matter"
        self.assertMarks()
        move.button_draft()
        self.assertMarks(self.customer)
        move.partner_id = self.other
        move.button_cancel()
        self.assertMarks()
        self.invoice(self.other, 3, 10, move_type="in_invoice")
        self.assertMarks()

    def test_orders(self):
        order = self.order(self.contact, datetime(2024, 6, 1), 10, confirm=False)
        self.assertMarks(self.customer)
        order.action_confirm()
        self.assertMarks(self.customer)
        order.order_line = [Command.update(order.order_line.id, {"price_unit": 20})]
        self.assertMarks(self.customer)
        order.order_line.product_uom_qty = 2
        self.assertMarks(self.customer)
        order.order_line.write({"discount": 10})
        self.assertMarks(self.customer)
        order.date_order = datetime(2024, 6, 2)
        self.assertMarks(self.customer)
        order.partner_id = self.other
        self.assertMarks(self.customer, self.other)
        order._action_cancel()
        self.assertMarks(self.other)
        order.unlink()
        self.assertMarks(self.other)

    def test_leads(self):
        lead = self.env["crm.lead"].create(
            {"name": "Asks", "partner_id": self.contact.id}
        )
        self.assertMarks(self.customer)
        lead.description = "no matter"
        self.assertMarks()
        lead.action_set_lost()
        self.assertMarks(self.customer)
        lead.action_unarchive()
        self.assertMarks(self.customer)
        lead.action_set_won()
        self.assertMarks(self.customer)
        lead.partner_id = self.other
        self.assertMarks(self.customer, self.other)
        lead.unlink()
        self.assertMarks(self.other)

    def test_tickets(self):
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "Help", "description": "x", "partner_id": self.contact.id}
        )
        self.assertMarks(self.customer)
        ticket.stage_id = self.env["helpdesk.ticket.stage"].search(
            [("closed", "=", True)], limit=1
        )
        self.assertMarks(self.customer)
        ticket.partner_id = self.other
        self.assertMarks(self.customer, self.other)
        ticket.unlink()
        self.assertMarks(self.other)

    def test_purchases(self):
        purchase = self.buy(self.contact, (3, 10))
        self.assertMarks(self.customer)
        purchase.amount = 20
        self.assertMarks(self.customer)
        purchase.partner_id = self.other
        self.assertMarks(self.customer, self.other)
        purchase.unlink()
        self.assertMarks(self.other)

    def test_contacts(self):
        self.contact.name = "no matter"
        self.assertMarks()
        self.contact.parent_id = self.other
        self.assertMarks(self.customer, self.other)
        self.contact.parent_id = False
        self.assertMarks(self.other, self.contact)

    def test_fields_of_a_population(self):
        self.other.color = 3
        self.assertMarks()
        self.program.domain = "[('color', '=', 3)]"
        self.marked()
        self.other.color = 4
        self.assertMarks(self.other)
        self.program.domain = "[]"
        self.marked()
        self.other.color = 3
        self.assertMarks()

    def test_the_company_s_own_documents_only(self):
        company = self.make_company()
        self.marked()
        self.buy(self.customer, (3, 10), company=company)
        self.assertFalse(self.Mark.search([("company_id", "=", self.company.id)]))
        self.assertEqual(self.marked(company), self.customer)

    def test_sellers_need_no_right_here(self):
        seller = self.make_user("none", groups="sales_team.group_sale_salesman")
        order = (
            self.env["sale.order"]
            .with_user(seller)
            .create(
                {
                    "partner_id": self.customer.id,
                    "order_line": [Command.create({"product_id": self.product.id})],
                }
            )
        )
        order.action_confirm()
        order.partner_id = self.other
        self.assertMarks(self.customer, self.other)

    def test_a_light_pass_after_each(self):
        self.run_pass()
        self.invoice(self.customer, 3, 10)
        self.run_pass("light")
        self.assertEqual(self.profile_of(self.customer).lifetime_revenue, 10)
        self.assertFalse(self.profile_of(self.other))


@tagged("post_install", "-at_install")
class TestQueries(RetentionCommon):
    """The number of statements does not grow with the number of customers."""

    def count(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def grow(self, customers):
        rows = []
        for n, customer in enumerate(customers):
            rows += [(customer, 10 * n % 300, 10 + n)] * 2
        for customer, when, amount in rows:
            self.buy(customer, (when, amount))

    def test_passes(self):
        small, more = self.make_customers(10), self.make_customers(90)
        self.grow(small)
        counts = []
        for customers in (small, more):
            self.grow(customers)
            self.run_pass()
            counts.append(
                {
                    "full": self.count(lambda: self.run_pass()),
                    "night": self.count(
                        lambda: self.run_pass("night", TODAY + timedelta(days=1))
                    ),
                    "light": self.count(lambda: self.run_pass("light")),
                }
            )
            self.Run.search([]).unlink()
        for kind in counts[0]:
            self.assertLessEqual(counts[1][kind], counts[0][kind] + 2, counts)

    def test_marked_customers(self):
        """Judging a hundred marked customers takes the statements of ten."""
        customers = self.make_customers(110)
        self.grow(customers)
        self.run_pass()
        counts = []
        for some in (customers[:10], customers[10:]):
            self.Mark._add(some, self.company)
            counts.append(self.count(lambda: self.run_pass("light")))
        self.assertLessEqual(counts[1], counts[0] + 2)

    def board(self, user):
        profiles = self.Profile.with_user(user)
        columns = profiles.web_read_group(
            [], ["tier_id"], ["lifetime_revenue:sum"], auto_unfold=True
        )
        profiles.web_search_read([], SPECIFICATION, limit=200)
        return columns

    def test_the_board(self):
        manager = self.make_user("manager")
        customers = self.make_customers(100)
        self.grow(customers[:30])
        self.run_pass()
        self.board(manager)
        few = self.count(lambda: self.board(manager))
        self.grow(customers[30:])
        self.run_pass()
        self.board(manager)
        many = self.count(lambda: self.board(manager))
        self.assertLessEqual(many, few + 1)

    def test_the_contact_form(self):
        manager = self.make_user("manager")
        customer = self.make_customers(10)[0]
        self.grow(customer)
        self.run_pass()
        partner = customer.with_user(manager)
        ours = {"retention_profile_id", "retention_tier_id", "retention_segment_id"}
        view = partner.get_view(view_type="form")
        self.assertTrue(view)
        base = {
            name: {} for name in ("name", "email", "phone", "user_id", "category_id")
        }

        def read(specification):
            partner.web_read(specification)

        specification = base | {name: {"fields": {"display_name": {}}} for name in ours}
        read(specification)
        without = self.count(lambda: read(base))
        with_ours = self.count(lambda: read(specification))
        self.assertLessEqual(with_ours, without + 6)

    def test_lists_of_contacts(self):
        """Showing tiers in a list of eighty takes the statements of eight."""
        manager = self.make_user("manager")
        customers = self.make_customers(88)
        self.grow(customers)
        self.run_pass()
        partners = customers.with_user(manager)
        specification = {
            "name": {},
            "retention_tier_id": {"fields": {"display_name": {}}},
            "application_statistics": {},
        }
        partners[:1].web_read(specification)
        few = self.count(lambda: partners[:8].web_read(specification))
        many = self.count(lambda: partners[8:].web_read(specification))
        self.assertLessEqual(many, few + 1)


SPECIFICATION = {
    "partner_id": {"fields": {"display_name": {}}},
    "tier_id": {"fields": {"display_name": {}}},
    "segment_id": {"fields": {"display_name": {}}},
    "rfm_text": {},
    "tier_text": {},
    "next_text": {},
    "progress": {},
    "fall_date": {},
    "is_falling": {},
    "is_close": {},
    "has_override": {},
    "lifetime_revenue": {},
    "recency_days": {},
}
