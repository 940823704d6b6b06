"""Alerts: one a customer and rule, followed, closed, silent, whose, how good."""

from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.actions import watch_step
from ..tools.signals import Finding
from .common import TODAY, RetentionCommon

WEEK = timedelta(days=7)


class AlertCommon(RetentionCommon):
    """Customers who come into a stage and leave it: a sign that tests switch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stages = cls.env["retention.stage"]._get_by_code()
        cls.risk, cls.active = stages["at_risk"], stages["active"]
        cls.Alert = cls.env["retention.alert"]
        cls.env["retention.signal"].search([]).active = False
        cls.seller = cls.make_user("user")
        cls.customers = cls.make_customers(4, user_id=cls.seller.id)
        for number, customer in enumerate(cls.customers, 1):
            cls.buy(customer, (200, 100 * number), (100, 100 * number))
        cls.run_pass(as_of=TODAY - timedelta(days=60), steps=("score", "place"))
        cls.signal = cls.make_signal()

    @classmethod
    def make_signal(cls, **values):
        return cls.env["retention.signal"].create(
            {
                "name": "At risk",
                "kind": "stage",
                "stage_id": cls.risk.id,
                "days": 30,
                "active": True,
                "budget_week": 0,
                **values,
            }
        )

    @classmethod
    def enter(cls, customers, day=TODAY, until=False):
        """Let customers be at risk from a day on."""
        return cls.env["retention.stage.history"].create(
            [
                {
                    "partner_id": each.id,
                    "company_id": cls.company.id,
                    "stage_id": cls.risk.id,
                    "previous_stage_id": cls.active.id,
                    "date_from": day,
                    "date_to": until,
                    "reason": "Nothing bought",
                }
                for each in customers
            ]
        )

    @classmethod
    def watch(cls, day=TODAY):
        return cls.run_pass("night", day, steps=("watch",))

    @classmethod
    def alerts(cls, **values):
        domain = [(name, "=", value) for name, value in values.items()]
        return cls.Alert.search([("signal_id", "=", cls.signal.id), *domain])


@tagged("post_install", "-at_install")
class TestNight(AlertCommon):
    def test_one_alert_although_the_step_runs_thrice(self):
        self.buy(self.customers[0], (99, 3333.33), (98, -77.77))
        self.enter(self.customers[0])
        runs = [self.watch() for _number in range(3)]
        alert = self.alerts()
        self.assertEqual(len(alert), 1)
        self.assertEqual([run.changed for run in runs], [1, 0, 0])
        self.assertEqual(alert.state, "new")
        self.assertEqual(alert.user_id, self.seller)
        self.assertEqual(alert.opened_on, TODAY)
        self.assertEqual(alert.since, TODAY)
        self.assertIn("Nothing bought", alert.reason)
        self.assertEqual(alert.value, 3455.56)  # of the twelve months before

    def test_figures_with_many_digits_are_kept_once(self):
        found = Finding(self.customers[0].id, 0.734567, 7.34567, 1.98765, TODAY)
        reads = patch.object(
            type(self.signal), "_find_stage", lambda *_args: ([found], 0)
        )
        says = patch.object(type(self.signal), "_say_stage", lambda *_args: "Why")
        with reads, says:
            runs = [self.watch() for _number in range(2)]
        self.assertEqual([run.changed for run in runs], [1, 0])

    def test_opened_in_several_transactions(self):
        self.enter(self.customers)
        run = self.Run._plan(self.company, "night", TODAY).filtered(
            lambda each: each.step == "watch"
        )
        with patch.object(watch_step, "OPENED", 3):
            seen, changed, cursor = self.Alert._step_watch(run)
            self.assertEqual((seen, changed), (4, 3))
            self.assertEqual(cursor, {"after": 0, "rest": self.customers[:1].ids})
            run.cursor = cursor
            seen, changed, cursor = self.Alert._step_watch(run)
        self.assertEqual((seen, changed, cursor), (0, 1, {"after": 1}))
        self.assertEqual(self.signal.found_count, 4)
        self.assertEqual(len(self.alerts()), 4)

    def test_a_second_open_one_is_refused_by_the_database(self):
        self.enter(self.customers[0])
        self.watch()
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            self.alerts().copy()
            self.env.flush_all()

    def test_figures_are_brought_up_to_date(self):
        rows = self.enter(self.customers[0])
        self.watch()
        rows.reason = "Nothing bought for long"
        runs = self.watch(TODAY + timedelta(days=1))
        alert = self.alerts()
        self.assertEqual(runs.changed, 1)
        self.assertIn("for long", alert.reason)
        self.assertEqual(alert.changed_on, TODAY + timedelta(days=1))
        self.assertEqual(alert.opened_on, TODAY)

    def test_closes_itself(self):
        rows = self.enter(self.customers[:2])
        self.watch()
        first, second = self.alerts().sorted("id")
        second._start_work()
        rows.date_to = TODAY + timedelta(days=3)
        self.watch(TODAY + timedelta(days=4))
        self.assertEqual(first.state, "over")
        self.assertTrue(first.closed_by_itself)
        self.assertTrue(first.closing_note)
        self.assertFalse(first.result)
        self.assertEqual(second.state, "saved", "somebody worked on it")
        self.assertEqual(first.closed_on, TODAY + timedelta(days=4))

    def test_cooldown(self):
        self.enter(self.customers[0])
        self.watch()
        self.alerts()._close("false", "Holidays", TODAY)
        until = TODAY + timedelta(days=self.signal.cooldown_days)
        self.signal.days = 300
        self.watch(until - timedelta(days=1))
        self.assertEqual(len(self.alerts()), 1)
        self.watch(until)
        self.assertEqual(self.alerts().mapped("state"), ["new", "false"])

    def test_snooze(self):
        today = self.company._retention_today()
        self.enter(self.customers[0])
        self.watch()
        alert = self.alerts()
        for until, reason in (
            (today, "Later"),
            (today + timedelta(days=9), " "),
        ):
            with self.assertRaises(UserError):
                alert._snooze(until, reason)
        alert._snooze(today + timedelta(days=9), "Fair next week")
        self.assertTrue(alert.is_snoozed)
        self.assertEqual(self.alerts(is_snoozed=True), alert)
        self.watch(TODAY + timedelta(days=1))
        self.assertEqual(self.alerts(), alert, "no second one beside it")
        alert._close("saved", "Called")
        self.assertFalse(alert.is_snoozed)
        with self.assertRaises(UserError):
            alert._snooze(today + timedelta(days=9), "Again")

    def test_rule_switched_off(self):
        self.enter(self.customers[0])
        self.watch()
        self.signal.active = False
        self.assertEqual(self.alerts().state, "over")
        self.watch(TODAY + timedelta(days=1))
        self.assertEqual(len(self.alerts()), 1)
        with self.assertRaises(UserError):
            self.signal.unlink()

    def test_population(self):
        self.signal.domain = repr([("id", "=", self.customers[1].id)])
        self.enter(self.customers[:2])
        self.watch()
        self.assertEqual(self.alerts().partner_id, self.customers[1])
        self.signal.domain = repr([("id", "=", self.customers[0].id)])
        self.watch(TODAY + timedelta(days=1))
        self.assertEqual(self.alerts(is_open=True).partner_id, self.customers[0])

    def test_budget(self):
        """Two a week; those with most at stake first; the others a week later."""
        self.signal.budget_week = 2
        self.enter(self.customers)
        self.watch()
        self.assertEqual(self.alerts().partner_id, self.customers[2:])
        self.assertEqual((self.signal.held_back, self.signal.found_count), (2, 4))
        self.watch(TODAY + timedelta(days=1))
        self.assertEqual(len(self.alerts()), 2)
        self.alerts()._close("false", "No", TODAY + timedelta(days=1))
        self.watch(TODAY + timedelta(days=2))
        self.assertEqual(len(self.alerts()), 2, "closing makes no room")
        self.watch(TODAY + WEEK)
        self.assertEqual(self.alerts(is_open=True).partner_id, self.customers[:2])

    def test_archived_and_deleted_customers(self):
        self.enter(self.customers[:2])
        self.watch()
        self.customers[0].active = False
        self.watch(TODAY + timedelta(days=1))
        self.assertEqual(
            dict(self.alerts().mapped(lambda row: (row.partner_id, row.state))),
            {self.customers[0]: "over", self.customers[1]: "new"},
        )

    def test_queries_do_not_grow_with_customers(self):
        """Nights in which nothing changes, with one alert and with many."""

        def queries():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Alert._watch(self.signal, TODAY)
            return self.env.cr.sql_log_count - before

        self.enter(self.customers[0])
        self.watch()
        few = queries()
        others = self.make_customers(60, user_id=self.seller.id)
        for customer in others:
            self.buy(customer, (9, 10))
        self.run_pass(steps=("score",))
        self.enter(others)
        self.watch()
        self.assertEqual(len(self.alerts()), 61)
        self.assertLessEqual(queries(), few)

    def test_light_passes_only_close(self):
        """Who has just bought is not called about it; nobody new is warned of."""
        rows = self.enter(self.customers[:2])
        self.run_pass("light", TODAY, steps=("watch",))
        self.assertFalse(self.alerts())
        self.watch()
        rows[0].date_to = TODAY
        # the last pass began before the customer bought
        bought = fields.Datetime.now() + timedelta(hours=1)
        self.profile_of(self.customers[0]).changed_at = bought
        self.Run.search([]).started_at = bought - timedelta(minutes=9)
        self.enter(self.customers[2])
        runs = self.run_pass("light", TODAY, steps=("watch",))
        self.assertEqual((runs.seen, runs.changed), (1, 1))
        self.assertEqual(self.alerts(is_open=True).partner_id, self.customers[1])


@tagged("post_install", "-at_install")
class TestOwners(AlertCommon):
    def test_archived_owner(self):
        """Never somebody who has left: the lead, then the person named, a manager."""
        lead, named = self.make_user("lead"), self.make_user("manager")
        self.env["crm.team"].create(
            {
                "name": "South",
                "user_id": lead.id,
                "crm_team_member_ids": [(0, 0, {"user_id": self.seller.id})],
            }
        )
        self.signal.user_id = named
        self.enter(self.customers[0])
        self.watch()
        alert = self.alerts()
        self.assertEqual(alert.user_id, self.seller)
        self.seller.active = False
        self.watch(TODAY + timedelta(days=1))
        self.assertEqual(alert.user_id, lead)
        lead.active = False
        self.watch(TODAY + timedelta(days=2))
        self.assertEqual(alert.user_id, named)

    def test_one_person(self):
        named = self.make_user("manager")
        self.signal.write({"responsible": "person", "user_id": named.id})
        self.enter(self.customers[0])
        self.watch()
        self.assertEqual(self.alerts().user_id, named)

    def test_two_companies(self):
        other = self.make_company()
        rows = self.enter(self.customers[0])
        self.signal.company_id = other
        self.watch()
        self.run_pass("night", TODAY, company=other, steps=("watch",))
        self.assertFalse(self.alerts(), "history of one, rule of the other")
        rows.company_id = other
        self.buy(self.customers[0], (9, 50), company=other)
        self.run_pass(company=other, steps=("score", "watch"))
        alert = self.alerts()
        self.assertEqual((alert.company_id, alert.value), (other, 50))


@tagged("post_install", "-at_install")
class TestWhatFollows(AlertCommon):
    def close(self, *states):
        """Close one customer's alert with each of these states, at TODAY."""
        self.enter(self.customers[: len(states)])
        self.watch()
        found = self.alerts().sorted("partner_id")
        for alert, state in zip(found, states, strict=True):
            alert._close(state, "x", TODAY)
        return found

    def test_saved_and_lost_are_checked(self):
        saved, lost, false, silent = self.close("saved", "lost", "false", "saved")
        for alert in (saved, lost, false):
            self.buy(alert.partner_id, (TODAY + timedelta(days=20), 10))
        self.watch(TODAY + timedelta(days=19))
        self.assertEqual(set(self.alerts().mapped("result")), {"waiting"})
        self.watch(TODAY + timedelta(days=20))
        self.assertEqual(saved.result, "right")
        self.assertEqual(lost.result, "wrong")
        self.assertEqual(false.result, "right")
        self.assertEqual(silent.result, "waiting")
        self.watch(TODAY + timedelta(days=self.signal.horizon_days))
        self.assertEqual(silent.result, "wrong")
        self.assertEqual(
            (self.signal.confirmed_count, self.signal.checked_count), (2, 4)
        )

    def test_precision(self):
        self.close("saved", "lost", "false")
        self.assertEqual(self.signal.precision, 66.7)
        self.assertEqual(self.signal.false_percent, 33.3)
        self.assertEqual(self.signal.closed_count, 3)

    def test_closed_once(self):
        alert = self.close("saved")
        with self.assertRaises(UserError):
            alert._close("lost", "No", TODAY)
        with self.assertRaises(UserError):
            alert.unlink()

    def test_merge_leaves_one(self):
        first, second = self.customers[:2]
        self.enter(first)
        self.enter(second)
        self.watch()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((first | second).ids, first)
        self.env.flush_all()
        self.assertEqual(len(self.alerts(is_open=True)), 1)
        self.assertEqual(self.alerts().partner_id, first)
        double = self.alerts(is_open=False)
        self.assertEqual(double.merged_into_id, self.alerts(is_open=True))


@tagged("post_install", "-at_install")
class TestLookingBack(AlertCommon):
    def test_equals_replay(self):
        """What looking back says is what the nights would have done, one by one."""
        self.signal.write({"days": 20, "cooldown_days": 30, "budget_week": 1})
        days = [TODAY - WEEK * number for number in range(20, -1, -1)]
        self.enter(self.customers[0], days[2], days[4])
        self.enter(self.customers[0], days[6], days[7])
        self.enter(self.customers[0], days[12])
        self.enter(self.customers[1], days[2])
        self.enter(self.customers[2], days[3], days[9])
        self.enter(self.customers[3], days[19])
        thought = self.signal._raise_in_thought(days)
        for day in days:
            self.watch(day)
        done = self.alerts().sorted("id")
        self.assertEqual(
            [(row["partner_id"], row["opened_on"], row["gone_on"]) for row in thought],
            [(row.partner_id.id, row.opened_on, row.closed_on) for row in done],
        )
        self.assertEqual(len(done), 5)
        self.assertEqual(len(done.filtered("closed_by_itself")), 4)
        self.assertEqual(
            [row["reason"] for row in thought if not row["gone_on"]],
            done.filtered("is_open").mapped("reason"),
        )

    def test_counts_who_bought_after(self):
        self.enter(self.customers[:2], TODAY - timedelta(days=96))
        self.buy(self.customers[0], (80, 50))
        self.signal.days = 30
        self.signal._look_back(TODAY)
        self.assertEqual(self.signal.backtest_count, 2)
        self.assertEqual(self.signal.backtest_right, 1)
        line = self.signal.backtest_line_ids.filtered("bought_on")
        self.assertEqual(line.partner_id, self.customers[0])
        self.assertEqual(line.bought_on, TODAY - timedelta(days=80))
        self.assertIn("2", self.signal.backtest_text)
        self.assertFalse(self.alerts(), "nothing is raised")
        self.signal._look_back(TODAY)
        self.assertEqual(len(self.signal.backtest_line_ids), 2)

    def test_another_rule_forgets_it(self):
        self.signal._look_back(TODAY)
        self.assertTrue(self.signal.backtest_text)
        self.signal.days = 10
        self.assertFalse(self.signal.backtest_text)

    def test_base_is_of_buyers(self):
        """Three of four bought nothing in the horizon after any of the nights."""
        nights = [TODAY - timedelta(days=90)]
        self.buy(self.customers[0], (50, 9))
        self.assertEqual(self.signal._get_base(nights, None), 75.0)
        sample = self.customers[:2].ids
        self.assertEqual(self.signal._get_base(nights, sample), 50.0)


@tagged("post_install", "-at_install")
class TestMonths(AlertCommon):
    """Rules about whole months: once a month everybody, then who changed."""

    def test_once_a_month(self):
        drop = self.make_signal(kind="drop", months=3, least=6)
        day = TODAY
        self.assertTrue(drop._must_look_at_everybody(day, False))
        self.watch(day)
        self.assertEqual(drop.looked_on, day)
        self.assertFalse(drop._must_look_at_everybody(day + WEEK, False))
        self.assertTrue(drop._must_look_at_everybody(day + WEEK, True))
        self.assertTrue(drop._must_look_at_everybody(day - WEEK, False), "replayed")
        last = day.replace(day=30)  # at its end the month is complete
        self.assertTrue(drop._must_look_at_everybody(last, False))
        drop.least = 5
        self.assertTrue(drop._must_look_at_everybody(day, False), "another rule")
        self.assertTrue(self.signal._must_look_at_everybody(day, False))

    def test_between_only_who_changed(self):
        drop = self.make_signal(kind="drop", months=3, least=6)
        self.enter(self.customers[1])
        self.watch()
        run = self.Run._plan(self.company, "night", TODAY).filtered(
            lambda each: each.step == "watch"
        )
        begun = fields.Datetime.now() + timedelta(hours=1)
        self.Run.search([("state", "=", "done")]).started_at = begun
        self.profile_of(self.customers[0]).changed_at = begun
        first, second = self.customers[:2].ids
        self.assertEqual(self.Alert._get_changed(drop, run), [first])
        self.assertEqual(self.Alert._get_changed(self.signal, run), [first, second])
        self.assertEqual(self.Alert._get_changed(self.signal, run, is_open=True), [])
