"""Policies to planned contacts."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_retention.models.actions import plan_step
from odoo.addons.crm_retention.tools import cadence, caps

from .common_plan import MONDAY, START, PlanCommon

OTHER_DAY = date(2024, 6, 18)


@tagged("post_install", "-at_install")
class TestAnchor(PlanCommon):
    """From which contact the interval counts."""

    def test_last_real_contact(self):
        partner = self.make_known(1)
        self.make_policy()
        self.log(partner, self.ago(40))
        self.log(partner, self.ago(10), channel_id=self.meeting.id)
        self.plan()
        touch = self.planned()
        self.assertEqual(touch.due_date, date(2024, 7, 8))  # 7 July is a Sunday
        self.assertEqual(touch.wanted_on, self.ago(-20))
        self.assertEqual(touch.anchor_channel_id, self.meeting)
        self.assertIn("every 30 days", touch.reason)
        self.assertIn("Meeting", touch.reason)

    def test_overdue_is_due_today(self):
        partner = self.make_known(1)
        self.make_policy()
        self.log(partner, self.ago(100))
        self.plan()
        self.assertEqual(self.planned().due_date, MONDAY)
        self.plan(OTHER_DAY)
        self.assertEqual(self.planned().due_date, MONDAY, "it is seen to be late")

    def test_overdue_stays_so_over_the_weekend(self):
        partner = self.make_known(1)
        self.make_policy()
        self.env["retention.cap"].create({"name": "Closed", "kind": "closed"})
        self.log(partner, self.ago(100))
        self.plan()
        sunday = date(2024, 6, 23)
        _seen, changed = self.plan(sunday)
        touch = self.planned()
        self.assertEqual((touch.due_date, changed), (MONDAY, 0))
        self.assertNotIn("Closed", touch.reason)

    def test_bulk_mail_does_not_anchor(self):
        partner = self.make_known(1)
        self.make_policy()
        self.log(partner, self.ago(20))
        self.log(partner, self.ago(1), channel_id=self.email.id, is_bulk=True)
        self.log(partner, self.ago(2), outcome="not_reached")
        self.plan()
        self.assertEqual(self.planned().anchor_on, self.ago(20))

    def test_automatic_line_counts_from_itself(self):
        partner = self.make_known(1)
        policy = self.make_policy(
            {
                "mode": "automatic",
                "channel_id": self.email.id,
                "mail_template_id": self.template.id,
            }
        )
        self.log(partner, self.ago(1))
        self.log(
            partner,
            self.ago(12),
            channel_id=self.email.id,
            cadence_id=policy.cadence_ids.id,
            is_bulk=True,
        )
        self.plan()
        touch = self.planned()
        self.assertEqual(touch.wanted_on, self.ago(-18))
        self.assertTrue(touch.is_bulk)

    def test_a_greeting_is_no_review(self):
        partner = self.make_known(1)
        self.make_policy(
            {"depth": "information"},
            {"depth": "review", "interval_days": 90, "longest_days": 120},
        )
        self.log(partner, self.ago(80), depth="review")
        self.log(partner, self.ago(5), depth="information")
        self.log(partner, self.ago(3))  # a conversation, as far as known
        self.plan()
        first, review = self.planned()
        self.assertEqual(first.anchor_on, self.ago(3))
        self.assertEqual(review.anchor_on, self.ago(80))

    def test_never_contacted_come_in_turn(self):
        partners = self.make_known(60)
        self.company.retention_daily_capacity = 0
        policy = self.make_policy()
        policy.started_on = MONDAY
        self.plan()
        days = self.planned().mapped("wanted_on")
        self.assertEqual(len(days), len(partners))
        self.assertGreater(len(set(days)), 20)
        self.assertGreaterEqual(min(days), MONDAY)
        self.assertLess(max(days), MONDAY + timedelta(days=30))

    def test_after_a_vain_try_and_a_skip(self):
        partners = self.make_known(2)
        policy = self.make_policy()
        line = policy.cadence_ids
        for partner in partners:
            self.log(partner, self.ago(50))
        self.log(partners[0], MONDAY, cadence_id=line.id, outcome="not_reached", hour=8)
        self.log(partners[1], MONDAY, cadence_id=line.id, state="skipped", hour=8)
        self.plan()
        tried, skipped = self.planned()
        self.assertEqual(tried.due_date, date(2024, 6, 19))
        self.assertEqual(skipped.wanted_on, MONDAY + timedelta(days=30))

    def test_the_day_is_the_companys(self):
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        partner = self.make_known(1)
        self.make_policy()
        self.log(partner, self.ago(10), hour=18)  # 2 o'clock of the next day there
        self.plan()
        self.assertEqual(self.planned().anchor_on, self.ago(9))


@tagged("post_install", "-at_install")
class TestOneEach(PlanCommon):
    """Exactly one planned contact a customer and line, moved and dropped."""

    def test_twice_changes_nothing(self):
        partners = self.make_known(12)
        self.make_policy({}, {"interval_days": 7, "shortest_days": 7})
        for partner in partners:
            self.log(partner, self.ago(partner.id % 40))
        seen, changed = self.plan()
        self.assertGreaterEqual(seen, 12)
        self.assertGreaterEqual(changed, 24)
        self.assertEqual(len(self.planned(partners)), 24)
        rows = self._rows()
        self.assertEqual(self.plan()[1], 0)
        self.assertEqual(self.plan(kind="night")[1], 0)
        self.assertEqual(self._rows(), rows)

    def _rows(self):
        return self.rows_of(
            "retention_touch", ["id", "due_date", "user_id", "write_date", "state"]
        )

    def test_same_data_same_plan(self):
        partners = self.make_known(20)
        self.make_policy({}, {"interval_days": 14})
        columns = ["cadence_id", "due_date", "wanted_on", "user_id", "channel_id"]
        self.plan()
        first = self.rows_of("retention_touch", columns)
        self.planned(partners).unlink()
        with patch.object(plan_step, "BATCH", 7):
            self.plan()
        self.assertEqual(self.rows_of("retention_touch", columns), first)

    def test_an_ordinary_night_looks_at_what_changed(self):
        partners = self.make_known(8)
        self.make_policy({"interval_days": 300, "longest_days": 300} | LONG)
        for partner in partners:
            self.log(partner, self.ago(1))
        self.plan()
        self._age()
        self.assertEqual(self.plan(OTHER_DAY, "night"), (0, 0))
        self.env.cr.execute(
            "UPDATE retention_touch SET write_date = now() AT TIME ZONE 'UTC'"
            " WHERE partner_id = %s AND state = 'done'",
            [partners[3].id],
        )
        self.assertEqual(self.plan(OTHER_DAY, "light"), (1, 0))

    def _age(self):
        """Let everything have been written long before the last plan."""
        self.env.flush_all()
        for table, column in (
            ("res_partner", "write_date"),
            ("retention_touch", "write_date"),
            ("retention_profile", "changed_at"),
            ("retention_membership", "write_date"),
            ("retention_contact_policy", "write_date"),
            ("retention_cadence", "write_date"),
            ("retention_keydate", "write_date"),
            ("retention_cap", "write_date"),
        ):
            self.env.cr.execute(f"UPDATE {table} SET {column} = '2020-01-01'")
        self.env.invalidate_all()

    def test_logging_a_call_moves_the_next(self):
        partner = self.make_known(1)
        self.make_policy()
        today = self.company._retention_today()
        self.plan(today)
        touch = self.planned()
        touch.activity_id = partner.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.env.uid
        )
        activity = touch.activity_id
        call = self.log(partner, today, hour=0)
        call._contacts_changed()
        self.assertEqual(touch.wanted_on, today + timedelta(days=30))
        self.assertEqual(touch.state, "planned")
        self.assertFalse(activity.exists())
        self.assertEqual(len(self.planned()), 1)

    def test_snoozed_until(self):
        partner = self.make_known(1)
        self.make_policy()
        self.log(partner, self.ago(50))
        self.plan()
        touch = self.planned()
        later = MONDAY + timedelta(days=8)
        touch.write({"due_date": later, "snoozed_until": later})
        self.assertEqual(self.plan()[1], 0)
        self.assertEqual(self.plan(later + timedelta(days=1))[1], 0)
        self.assertEqual(touch.due_date, later)
        self.log(partner, MONDAY)
        self.plan()
        self.assertEqual(touch.wanted_on, MONDAY + timedelta(days=30))
        self.assertFalse(touch.snoozed_until)

    def test_what_no_policy_asks_for_is_dropped(self):
        partner = self.make_known(1)
        policy = self.make_policy({}, {"interval_days": 7, "shortest_days": 7})
        self.plan()
        first, second = self.planned()
        policy.cadence_ids[0].active = False
        self.assertEqual(first.state, "dropped")
        self.assertTrue(first.skip_reason)
        policy.action_stop()
        self.assertEqual(second.state, "dropped")
        policy.action_start()
        policy.started_on = START
        self.plan()
        self.assertEqual(len(self.planned()), 1)
        partner.active = False
        self.plan()
        self.assertFalse(self.planned())
        partner.active = True
        self.plan()
        policy.action_archive()
        self.assertFalse(self.planned())
        policy.action_unarchive()
        self.plan()
        kept = self.planned()
        policy.unlink()
        self.assertEqual(kept.state, "dropped")

    def test_a_changed_interval(self):
        partner = self.make_known(1)
        policy = self.make_policy()
        self.log(partner, self.ago(10))
        self.plan()
        policy.cadence_ids.write({"interval_days": 21})
        self.plan(kind="night")
        self.assertEqual(self.planned().wanted_on, self.ago(-11))

    def test_batches_and_queries(self):
        partners = self.make_known(30)
        self.make_policy({}, {"interval_days": 14})
        few, many = partners[:5], partners[5:]
        Touch = self.Touch.with_company(self.company)
        Touch._plan_customers(self.company, partners[:1].ids, MONDAY)
        counts = []
        for group in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            Touch._plan_customers(self.company, group.ids, MONDAY)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_two_companies(self):
        partner = self.make_known(1)
        other = self.make_company()
        self.Policy.search([("company_id", "=", other.id)]).unlink()
        self.make_policy()
        theirs = self.make_policy({"interval_days": 10}, company_id=other.id)
        self.buy(partner, (date(2024, 5, 2), 100), company=other)
        self.Profile._score_customers(other, partner.ids, MONDAY)
        self.log(partner, self.ago(3))
        self.log(partner, self.ago(1), company_id=other.id)
        self.plan()
        self.plan(company=other)
        ours, their = self.planned(partner).sorted("company_id")
        self.assertEqual(ours.wanted_on, self.ago(-27))
        self.assertEqual(their.wanted_on, self.ago(-9))
        theirs.action_stop()
        self.assertEqual(self.planned(partner), ours)


LONG = {"slowest_days": 400}


@tagged("post_install", "-at_install")
class TestWho(PlanCommon):
    """The responsible, his working days and his number a day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann, cls.bob, cls.eve = (
            cls.make_user("user", login=login) for login in ("ann", "bob", "eve")
        )

    def test_chain(self):
        partners = self.make_known(3)
        partners[0].user_id = self.ann
        partners[1].write({"user_id": self.ann.id, "retention_manager_id": self.bob.id})
        policy = self.make_policy({"responsible": "manager"}, user_id=self.eve.id)
        self.plan()
        self.assertEqual(
            self.planned().mapped("user_id"), self.ann | self.bob | self.eve
        )
        self.ann.active = False
        self.plan(kind="night")
        self.assertEqual(self.planned(partners[0]).user_id, self.eve)
        policy.cadence_ids.responsible = "salesperson"
        self.plan()
        self.assertEqual(self.planned(partners[1]).user_id, self.bob)
        self.eve.active = False
        self.plan()
        self.assertFalse(self.planned(partners[2]).user_id)

    def test_handed_over_at_once(self):
        partner = self.make_known(1, user_id=self.ann.id)
        self.make_policy()
        self.plan(self.company._retention_today())
        partner.user_id = self.bob
        self.assertEqual(self.planned().user_id, self.bob)
        partner.retention_manager_id = self.eve
        self.assertEqual(self.planned().user_id, self.eve)

    def test_lead_named_and_team(self):
        team = self.env["crm.team"].create(
            {
                "name": "Team",
                "user_id": self.eve.id,
                "company_id": self.company.id,
                "member_ids": [Command.set([self.ann.id, self.bob.id])],
            }
        )
        partners = self.make_known(20, user_id=self.ann.id)
        policy = self.make_policy({"responsible": "lead"})
        self.company.retention_daily_capacity = 0
        self.plan()
        self.assertEqual(self.planned().user_id, self.eve)
        policy.cadence_ids.write({"responsible": "named", "user_id": self.bob.id})
        self.plan()
        self.assertEqual(self.planned().user_id, self.bob)
        policy.cadence_ids.write({"responsible": "team", "team_id": team.id})
        self.plan()
        self.assertEqual(self.planned().user_id, self.ann | self.bob)
        before = {touch.partner_id: touch.user_id for touch in self.planned()}
        self.assertEqual(self.plan()[1], 0)
        team.member_ids |= self.eve
        self.plan()
        for touch in self.planned(partners):
            self.assertIn(touch.user_id, before[touch.partner_id] | self.eve)

    def test_closed_days(self):
        calendar = self.company.resource_calendar_id
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Feast",
                "calendar_id": calendar.id,
                "company_id": self.company.id,
                "date_from": datetime(2024, 6, 17, 0),
                "date_to": datetime(2024, 6, 18, 23, 59, 59),
            }
        )
        partner = self.make_known(1, user_id=self.ann.id)
        self.make_policy()
        self.log(partner, self.ago(50))
        self.plan()
        self.assertEqual(self.planned().due_date, date(2024, 6, 19))
        resource = self.env["resource.resource"].create(
            {
                "name": "Ann",
                "user_id": self.ann.id,
                "company_id": self.company.id,
                "calendar_id": calendar.id,
            }
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Away",
                "resource_id": resource.id,
                "calendar_id": calendar.id,
                "company_id": self.company.id,
                "date_from": datetime(2024, 6, 19, 6),
                "date_to": datetime(2024, 6, 21, 20),
            }
        )
        self.plan(kind="night")
        self.assertEqual(self.planned().due_date, date(2024, 6, 24))

    def test_evening_out_does_not_move_into_a_limit(self):
        self.company.retention_daily_capacity = 2
        self.env["retention.cap"].create(
            {"name": "Gap", "kind": "gap", "window_hours": 72}
        )
        user = self.make_user("user")
        partners = self.make_known(8, user_id=user.id)
        self.make_policy(
            {"depth": "conversation", "interval_days": 40, "longest_days": 60},
            {"depth": "review", "interval_days": 60, "channel_id": self.meeting.id},
        )
        for number, partner in enumerate(partners):
            # one today, which is spread over four days; of the last on Friday another
            self.log(partner, self.ago(40), depth="conversation")
            self.log(partner, self.ago(56 if number > 3 else 53), depth="review")
        seen, changed = self.plan()
        self.assertTrue(changed)
        self.assertEqual(self.plan(), (seen, 0))
        for touches in self.planned().grouped("partner_id").values():
            days = sorted(touches.mapped("due_date"))
            self.assertGreaterEqual((days[1] - days[0]).days, 3, days)

    def test_capacity(self):
        partners = self.make_known(30, user_id=self.ann.id)
        for number, partner in enumerate(partners):
            self.log(partner, self.ago(40 + number // 2))
        self.buy(partners[10], (date(2024, 5, 3), 9000))
        self.Profile._score_customers(self.company, partners.ids, MONDAY)
        self.company.retention_daily_capacity = 4
        self.make_policy()
        with patch.object(plan_step, "BATCH", 11):
            self.plan()
        touches = self.planned(partners).sorted("due_date")
        loads = {}
        for touch in touches:
            loads.setdefault(touch.due_date, []).append(touch)
            self.assertLess(touch.due_date.weekday(), 5)
        self.assertEqual([len(its) for its in loads.values()], [4] * 7 + [2])
        self.assertEqual(min(loads), MONDAY)
        first = self.Touch.union(*loads[MONDAY]).partner_id
        self.assertEqual(first, partners[-4:], "the longest overdue come first")
        pair = touches.filtered(lambda each: each.partner_id in partners[10:12])
        self.assertEqual(pair[0].partner_id, partners[10], "then the most valuable")
        self.assertEqual(self.plan()[1], 0)
        self.assertEqual(self.plan(kind="night")[1], 0)


@tagged("post_install", "-at_install")
class TestChannel(PlanCommon):
    """What the guard says while planning."""

    def judge(self, answers):
        """Have the guard answer by channel; everything else is allowed."""

        def _judge(_self, _company, requests, now=None):
            return [
                answers.get(request.channel_id, caps.Verdict("allowed"))
                for request in requests
            ]

        return patch.object(type(self.env["retention.guard"]), "_judge", _judge)

    def make_overdue(self):
        partner = self.make_known(1)
        self.make_policy({"second_channel_id": self.email.id})
        self.log(partner, self.ago(50))
        return partner

    def test_next_channel(self):
        self.make_overdue()
        blocked = caps.Verdict("blocked", None, "No calls wished", None, "skip")
        with self.judge({self.phone.id: blocked}):
            self.plan()
            touch = self.planned()
            self.assertEqual(touch.channel_id, self.email)
            self.assertIn("No calls wished", touch.reason)
            self.assertEqual(self.plan()[1], 0)
        self.plan()
        self.assertEqual(touch.channel_id, self.phone)

    def test_no_channel(self):
        self.make_overdue()
        self.plan()
        touch = self.planned()
        blocked = caps.Verdict("blocked", None, "Wants no contact", None, "skip")
        with self.judge({self.phone.id: blocked, self.email.id: blocked}):
            self.plan()
            self.assertEqual(touch.state, "dropped")
            self.assertEqual(touch.skip_reason, "Wants no contact")
            self.assertEqual(self.plan()[1], 0)
        decision = self.env["retention.decision"].search(
            [("partner_id", "=", touch.partner_id.id)]
        )
        self.assertEqual(decision.mapped("reason"), ["Wants no contact"])

    def test_deferred(self):
        self.make_overdue()
        until = datetime(2024, 6, 22, 8)  # a Saturday
        later = caps.Verdict("deferred", until, "Complaint open", None, "defer")
        with self.judge({self.phone.id: later}):
            self.plan()
            touch = self.planned()
            self.assertEqual(touch.due_date, date(2024, 6, 24))
            self.assertEqual(touch.act_at, until)
            self.assertIn("Complaint open", touch.reason)
            self.assertEqual(self.plan()[1], 0)
        self.plan()
        self.assertEqual(touch.due_date, MONDAY)
        self.assertFalse(touch.act_at)

    def test_left_out_this_time(self):
        self.make_overdue()
        cap = self.env["retention.cap"].create({"name": "Seldom", "most": 1})
        full = caps.Verdict("blocked", None, "Seldom", cap.id, "skip", "cap")
        with self.judge({self.phone.id: full, self.email.id: full}):
            self.plan()
        touch = self.planned()
        self.assertEqual(touch.wanted_on, MONDAY + timedelta(days=30))
        self.assertEqual(self.plan()[1], 0, "it is the next time's turn")
        self.assertIn("Seldom", touch.reason)

    def test_put_off_by_another_contact(self):
        """Two lines under one limit keep their places when a full diary moves one."""
        ann = self.make_user("user", login="ann")
        partners = self.make_known(6, user_id=ann.id)
        self.company.retention_daily_capacity = 1
        self.env["retention.cap"].create(
            {"name": "One a week", "kind": "rolling", "most": 1, "window_hours": 168}
        )
        self.make_policy({}, {"interval_days": 20})
        for partner in partners:
            partner.phone = f"+1 555 {partner.id:07}"
            self.log(partner, self.ago(50))
        self.plan()
        self.assertEqual(len(self.planned(partners)), 12)
        self.assertEqual(self.plan()[1], 0)
        self.assertEqual(self.plan(OTHER_DAY, "night")[1], 0)

    def test_consent_asked_for(self):
        partners = self.make_known(2)
        purpose = self.env.ref("crm_retention.purpose_news")
        self.make_policy({"purpose_id": purpose.id})
        for partner in partners:
            self.log(partner, self.ago(50))
        self.env["retention.consent"].create(
            {
                "partner_id": partners[0].id,
                "company_id": self.company.id,
                "purpose_id": purpose.id,
                "state": "granted",
                "given_at": "2024-01-01",
            }
        )
        self.plan()
        self.assertEqual(self.planned().partner_id, partners[0])


@tagged("post_install", "-at_install")
class TestKeydate(PlanCommon):
    def setUp(self):
        super().setUp()
        self.birthday = self.env.ref("crm_retention.keydate_birthday")
        self.birthday.lead_days = 3

    def test_once_a_year(self):
        partner = self.make_known(1, birthdate_date="1980-06-25")
        nobody = self.make_known(1)
        policy = self.make_policy({"keydate_id": self.birthday.id})
        self.plan()
        touch = self.planned(partner)
        self.assertEqual(touch.wanted_on, date(2024, 6, 22))
        self.assertEqual(touch.due_date, date(2024, 6, 24))  # 22 June is a Saturday
        self.assertIn("Birthday", touch.reason)
        self.assertFalse(self.planned(nobody))
        touch.write({"state": "done", "done_at": "2024-06-24 09:00:00"})
        partner.birthdate_date = "1980-06-27"
        self.plan(date(2024, 6, 25))
        self.assertEqual(self.planned(partner).wanted_on, date(2025, 6, 24))
        self.assertEqual(policy.cadence_ids.when_text, "Birthday, 3 days before")

    def test_leap_day_and_new_year(self):
        leap = self.make_known(1, birthdate_date="2000-02-29")
        early = self.make_known(1, birthdate_date="1990-01-02")
        self.make_policy({"keydate_id": self.birthday.id})
        self.plan()
        self.assertEqual(self.planned(leap).wanted_on, date(2025, 2, 25))
        self.assertEqual(self.planned(early).wanted_on, date(2024, 12, 30))

    def test_missed(self):
        partner = self.make_known(1, birthdate_date="1980-06-20")
        self.make_policy({"keydate_id": self.birthday.id})
        self.plan()
        touch = self.planned(partner)
        self.plan(date(2024, 6, 24), "night")
        self.assertEqual(touch.state, "dropped")
        self.assertEqual(self.planned(partner).wanted_on, date(2025, 6, 17))

    def test_other_dates(self):
        partner = self.make_known(1)
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = '2020-07-01 20:00' WHERE id = %s",
            [partner.id],
        )
        field = self.env["ir.model.fields"]._get("res.partner", "create_date")
        own = self.env["retention.keydate"].create(
            {"name": "Own", "kind": "field", "field_id": field.id}
        )
        dates = own
        for name in ("keydate_joining", "keydate_first_purchase"):
            dates |= self.env.ref(f"crm_retention.{name}")
        dates.lead_days = 0
        self.make_policy(*({"keydate_id": each.id} for each in dates))
        self.plan()
        self.assertEqual(
            self.planned().sorted("cadence_id").mapped("wanted_on"),
            [date(2024, 7, 1), date(2024, 7, 1), date(2025, 5, 2)],
        )


@tagged("post_install", "-at_install")
class TestDepth(PlanCommon):
    def test_follows_the_stage(self):
        partner = self.make_known(1)
        self.make_policy({"depth": "information"})
        profile = self.profile_of(partner)
        for code, depth in (
            ("new", "onboarding"),
            ("at_risk", "conversation"),
            ("dormant", "greeting"),
            ("active", "information"),
        ):
            profile.stage_id = self.env["retention.stage"].search([("code", "=", code)])
            self.plan()
            self.assertEqual(self.planned().depth, depth)

    def test_frozen_customers_of_a_warm_policy(self):
        partner = self.make_known(1)
        policy = self.make_policy(
            {"adapts": True, "depth": "conversation"},
            {"depth": "review", "interval_days": 90, "longest_days": 90},
            by_engagement=True,
        )
        profile = self.profile_of(partner)
        self.log(partner, self.ago(10), depth="greeting")
        self.log(partner, self.ago(60))
        profile.engagement = "active"
        self.plan()
        self.assertEqual(len(self.planned()), 2)
        self.assertEqual(self.planned()[0].interval_days, 7)
        profile.engagement = "frozen"
        self.plan()
        touch = self.planned()
        self.assertEqual(touch.cadence_id, policy.cadence_ids[0])
        self.assertEqual((touch.depth, touch.interval_days), ("greeting", 180))
        self.assertEqual(touch.anchor_on, self.ago(10))


@tagged("post_install", "-at_install")
class TestPure(PlanCommon):
    def test_names(self):
        """The stages that the pure rules name are those that are shipped."""
        codes = set(self.env["retention.stage"].search([]).mapped("code"))
        self.assertLessEqual({"new", "at_risk", "dormant", "lost"}, codes)
        depths = dict(self.Touch._fields["depth"].selection)
        self.assertEqual(set(depths), set(cadence.DEPTH_RANKS))
