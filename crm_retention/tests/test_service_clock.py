"""Promises of service: when they are due, and what becomes of them."""

from contextlib import contextmanager
from datetime import datetime, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.crm_retention.tools.service import ANSWER, COMPLAINT, RECEIVED, SOLVE

from .common_service import FRIDAY, MONDAY, ServiceCommon


def at(day, hour, minute=0):
    return day.replace(hour=hour, minute=minute)


@tagged("post_install", "-at_install")
class TestDue(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.promise(SOLVE, 8)

    def due(self, ticket):
        return self.clock(ticket).due_at

    def test_over_the_weekend(self):
        ticket = self.ticket(at(FRIDAY, 16))
        self.assertEqual(self.due(ticket), at(MONDAY, 16))
        self.assertEqual(ticket.retention_next_due, FRIDAY + timedelta(hours=40))
        self.assertEqual(ticket.retention_next_part, ANSWER)

    def test_held_time_moves_it(self):
        ticket = self.ticket(at(FRIDAY, 9))
        self.assertEqual(self.due(ticket), at(FRIDAY, 17))
        self.move(ticket, at(FRIDAY, 10), self.waiting)
        clock = self.clock(ticket)
        self.assertFalse(clock.due_at)
        self.assertEqual((clock.state, clock.left_minutes), ("paused", 7 * 60))
        self.assertTrue(ticket.retention_is_paused)
        self.assertFalse(ticket.retention_next_due)
        self.move(ticket, at(FRIDAY, 12), self.new)
        self.assertEqual(self.due(ticket), at(MONDAY, 11), "2 working hours later")
        self.assertFalse(ticket.retention_is_paused)

    def test_nights_on_hold_are_no_working_time(self):
        ticket = self.ticket(at(FRIDAY, 15))
        self.move(ticket, at(FRIDAY, 16), self.waiting)
        self.move(ticket, at(MONDAY, 10), self.new)
        self.assertEqual(self.due(ticket), at(MONDAY, 17), "two hours of it are")

    def test_holding_what_is_overdue_changes_nothing(self):
        ticket = self.ticket(at(FRIDAY, 9))
        self.move(ticket, at(MONDAY, 10), self.waiting)
        self.assertEqual(self.clock(ticket).state, "missed")
        self.move(ticket, at(MONDAY, 16), self.done)
        clock = self.clock(ticket)
        self.assertEqual((clock.due_at, clock.state), (at(FRIDAY, 17), "missed"))
        self.assertEqual(clock.over_minutes, 60, "the held time is not held against")

    def test_holiday(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": at(MONDAY, 0),
                "date_to": at(MONDAY, 23, 59),
            }
        )
        ticket = self.ticket(at(FRIDAY, 16))
        self.assertEqual(self.due(ticket), at(MONDAY + timedelta(days=1), 16))

    def test_holiday_of_another_company(self):
        other = self.make_company()
        leave = self.env["resource.calendar.leaves"].create(
            {
                "name": "Theirs",
                "calendar_id": False,
                "date_from": at(MONDAY, 0),
                "date_to": at(MONDAY, 23, 59),
            }
        )
        leave.flush_recordset()
        leave.company_id = other
        self.assertEqual(self.due(self.ticket(at(FRIDAY, 16))), at(MONDAY, 16))

    def test_daylight_saving(self):
        """On Sunday 31 March 2024 Paris loses an hour: 9 is 8 UTC, then 7 UTC."""
        self.calendar.tz = "Europe/Paris"
        friday, monday = datetime(2024, 3, 29), datetime(2024, 4, 1)
        ticket = self.ticket(at(friday, 15))  # 16:00 there
        self.assertEqual(self.due(ticket), at(monday, 14), "16:00 there again")

    def test_another_zone(self):
        self.calendar.tz = "Asia/Tokyo"
        ticket = self.ticket(at(FRIDAY, 7))  # 16:00 there
        self.assertEqual(self.due(ticket), at(MONDAY, 7))

    def test_no_calendar(self):
        self.team.retention_calendar_id = False
        self.company.resource_calendar_id = False
        ticket = self.ticket(at(FRIDAY, 16))
        self.assertEqual(self.due(ticket), at(FRIDAY + timedelta(days=1), 0))
        self.assertFalse(ticket.retention_outside_hours)

    def test_outside_working_hours(self):
        self.assertTrue(self.ticket(at(FRIDAY, 18)).retention_outside_hours)
        self.assertFalse(self.ticket(at(FRIDAY, 9)).retention_outside_hours)

    def test_reopened(self):
        ticket = self.ticket(at(FRIDAY, 9))
        self.move(ticket, at(FRIDAY, 12), self.done)
        clock = self.clock(ticket)
        self.assertEqual((clock.state, clock.stopped_at), ("met", at(FRIDAY, 12)))
        self.move(ticket, at(MONDAY, 9), self.new)
        again = self.clock(ticket)
        self.assertEqual((again.round, again.due_at), (2, at(MONDAY, 17)))
        self.assertEqual(ticket.retention_reopen_count, 1)
        self.assertFalse(ticket.retention_solved_at)
        self.move(ticket, at(MONDAY, 18), self.done)
        self.assertEqual(again.state, "missed")
        self.assertEqual(ticket.retention_first_closed_at, at(FRIDAY, 12))
        self.assertEqual(ticket.retention_last_closed_at, at(MONDAY, 18))
        self.move(ticket, at(MONDAY, 19), self.new)
        self.assertEqual(ticket.retention_solve_state, "missed", "it stays missed")

    def test_closed_at_creation(self):
        ticket = self.ticket(at(FRIDAY, 9), stage_id=self.done.id)
        clocks = ticket.retention_clock_ids
        self.assertEqual(clocks.mapped("part"), [SOLVE])
        self.assertEqual((clocks.state, clocks.over_minutes), ("met", 0))
        self.assertEqual(ticket.retention_last_closed_at, at(FRIDAY, 9))
        self.assertFalse(ticket.retention_next_due)

    def test_another_team(self):
        night = self.make_calendar(0, 23)
        other = self.team.copy({"name": "Night", "retention_calendar_id": night.id})
        ticket = self.ticket(at(FRIDAY, 9))
        self.move(ticket, at(FRIDAY, 10), team_id=other.id)
        self.assertEqual(self.due(ticket), at(FRIDAY, 17), "only when applied again")
        with freeze_time(at(FRIDAY, 10)):
            ticket.action_retention_reapply()
        self.assertEqual(self.due(ticket), at(FRIDAY, 17))
        self.move(ticket, at(FRIDAY, 11), self.waiting)
        self.move(ticket, at(FRIDAY, 18), self.new)
        self.assertEqual(self.due(ticket), at(MONDAY, 1), "by the night's hours")

    def test_duplicates_do_not_count(self):
        first, ticket = self.ticket(at(FRIDAY, 9)), self.ticket(at(FRIDAY, 9))
        self.move(ticket, at(MONDAY, 9), duplicate_id=first.id)
        self.assertEqual(set(ticket.retention_clock_ids.mapped("state")), {"void"})

    def test_a_stage_becomes_one_of_waiting_or_the_end(self):
        ticket = self.ticket(at(FRIDAY, 9))
        with freeze_time(at(FRIDAY, 10)):
            self.new.retention_on_hold = True
        self.assertTrue(ticket.retention_is_paused)
        with freeze_time(at(FRIDAY, 12)):
            self.new.retention_on_hold = False
        self.assertEqual(self.due(ticket), at(MONDAY, 11))
        with freeze_time(at(FRIDAY, 13)):
            self.new.closed = True
        self.assertEqual(ticket.retention_solve_state, "met")

    def test_following_again_changes_nothing(self):
        tickets = self.ticket(at(FRIDAY, 9)) + self.ticket(at(FRIDAY, 18))
        self.move(tickets[0], at(FRIDAY, 10), self.waiting)
        self.assertEqual(tickets._retention_follow(), 0)

    def test_many_in_few_queries(self):
        with freeze_time(at(FRIDAY, 9)):
            vals = {"name": "A", "description": "b", "team_id": self.team.id}
            tickets = self.Ticket.create([vals] * 40)
            few, many = tickets[:2], tickets[2:]
            tickets._retention_follow()
            self.env.flush_all()
            with self.assertQueryCount(14):
                few._retention_follow(again=True)
            with self.assertQueryCount(14):
                many._retention_follow(again=True)


@tagged("post_install", "-at_install")
class TestAnswer(ServiceCommon):
    def setUp(self):
        super().setUp()
        self.promise(ANSWER, 20, "minute", latest=24, kind="question")
        self.open = self.ticket(at(FRIDAY, 9))

    def say(self, minute, user=None, **values):
        with freeze_time(at(FRIDAY, 9, minute)):
            self.open.with_user(user or self.agent).message_post(
                body="Hello",
                **{"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
                | values,
            )

    def test_public_message(self):
        self.say(5, subtype_xmlid="mail.mt_note")
        self.assertFalse(self.open.retention_answered_at, "a note is not read by him")
        self.say(10)
        self.say(30)
        self.assertEqual(self.open.retention_answered_at, at(FRIDAY, 9, 10))
        clock = self.clock(self.open, ANSWER)
        self.assertEqual((clock.state, clock.stopped_at), ("met", at(FRIDAY, 9, 10)))

    def test_too_late(self):
        self.say(21)
        clock = self.clock(self.open, ANSWER)
        self.assertEqual((clock.state, clock.over_minutes), ("missed", 1))
        self.assertEqual(self.open.retention_answer_state, "missed")

    def test_what_is_no_answer(self):
        portal = self.make_user("portal", partner_id=self.customer.id)
        self.open.message_subscribe(self.customer.ids)
        self.say(1, portal)
        self.say(2, message_type="auto_comment")
        self.say(3, message_type="out_of_office")
        with freeze_time(at(FRIDAY, 9, 4)):
            template = self.env.ref("helpdesk_mgmt.changed_stage_template")
            self.open.message_mail_with_source(template)
        self.assertFalse(self.open.retention_answered_at)

    def test_mail_gateway(self):
        thread = self.env["mail.thread"].with_context(mail_channel_nosubscribe=True)
        mail = (
            "From: {sender}\nTo: help@example.com\nSubject: Re: it\n"
            "Message-Id: <{key}@example.com>\nIn-Reply-To: {parent}\n"
            "Date: Fri, 14 Jun 2024 09:{minute}:00 +0000\n\nTry again."
        )
        self.say(0, self.env.user, message_type="auto_comment")
        parent = self.open.message_ids[0].message_id
        self.agent.email = "agent@example.com"
        for minute, sender in (("11", self.customer), ("15", self.agent)):
            with freeze_time(at(FRIDAY, 9, int(minute))):
                thread.message_process(
                    "helpdesk.ticket",
                    mail.format(
                        sender=sender.email, parent=parent, minute=minute, key=minute
                    ),
                    thread_id=self.open.id,
                )
        self.assertEqual(self.open.retention_answered_at, at(FRIDAY, 9, 15))

    def test_call(self):
        with freeze_time(at(FRIDAY, 9, 7)):
            for kind in (
                "mail.mail_activity_data_todo",
                "mail.mail_activity_data_call",
            ):
                self.assertFalse(self.open.retention_answered_at)
                self.open.activity_schedule(kind, user_id=self.agent.id).action_done()
        self.assertEqual(self.open.retention_answered_at, at(FRIDAY, 9, 7))

    def test_at_the_latest(self):
        ticket = self.ticket(at(FRIDAY, 18))
        self.assertEqual(
            self.clock(ticket, ANSWER).due_at, at(FRIDAY + timedelta(days=1), 18)
        )

    def test_closed_without_an_answer(self):
        self.move(self.open, at(FRIDAY, 9, 5), self.done)
        self.assertEqual(self.clock(self.open, ANSWER).state, "void")
        self.move(self.open, at(FRIDAY, 10), self.new)
        clock = self.clock(self.open, ANSWER)
        self.assertEqual((clock.round, clock.due_at), (2, at(FRIDAY, 10, 20)))


@tagged("post_install", "-at_install")
class TestComplaintClocks(ServiceCommon):
    def test_steps(self):
        self.promise(SOLVE, 24, mode="elapsed", kind=COMPLAINT)
        self.promise(RECEIVED, 4, mode="elapsed", kind=COMPLAINT)
        ticket = self.ticket(at(FRIDAY, 9), retention_kind=COMPLAINT)
        self.assertEqual(ticket.retention_step, RECEIVED)
        self.assertEqual(ticket.retention_next_due, at(FRIDAY, 13))
        self.move(ticket, at(FRIDAY, 14), retention_step="classified")
        clock = self.clock(ticket, RECEIVED)
        self.assertEqual((clock.state, clock.over_minutes), ("missed", 60))
        self.move(ticket, at(FRIDAY, 20), retention_step="solved")
        self.assertEqual(self.clock(ticket).state, "met")
        self.move(ticket, at(FRIDAY, 21), retention_step="investigated")
        self.assertEqual(self.clock(ticket).round, 2)
        self.assertEqual(ticket.retention_reopen_count, 1)

    def test_becoming_a_complaint(self):
        self.promise(SOLVE, 24, mode="elapsed", kind=COMPLAINT)
        ticket = self.ticket(at(FRIDAY, 9))
        self.assertFalse(self.clock(ticket))
        self.move(ticket, at(FRIDAY, 10), retention_kind=COMPLAINT)
        self.assertEqual(self.clock(ticket).due_at, at(FRIDAY, 9) + timedelta(days=1))


@tagged("post_install", "-at_install")
class TestFromBefore(ServiceCommon):
    """Tickets that were there before the clocks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.promise(SOLVE, 24, mode="elapsed", kind=COMPLAINT)
        cls.open = cls.ticket(at(FRIDAY, 9))
        with freeze_time(at(FRIDAY, 10)):
            for values in (
                {"message_type": "auto_comment"},
                {"subtype_xmlid": "mail.mt_note"},
                {"author_id": cls.customer.id},
            ):
                cls.open.message_post(
                    body="x",
                    **{"message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
                    | values,
                )
        cls.answered = cls.ticket(at(FRIDAY, 9))
        with freeze_time(at(FRIDAY, 11)):
            cls.answered.with_user(cls.agent).message_post(
                body="x", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        cls.over = cls.ticket(at(FRIDAY, 9))
        cls.move(cls.over, at(FRIDAY, 12), cls.done)
        old = cls.open + cls.answered + cls.over
        old.retention_clock_ids.unlink()
        for name in ("answered_at", "solved_at", "first_closed_at", "last_closed_at"):
            old.write({f"retention_{name}": False})
        cls.env.flush_all()
        old._retention_fill_history(old.ids)
        cls.env.invalidate_all()

    def test_what_is_known_of_them(self):
        self.assertFalse(self.open.retention_answered_at)
        self.assertEqual(self.answered.retention_answered_at, at(FRIDAY, 11))
        self.assertEqual(self.over.retention_last_closed_at, at(FRIDAY, 12))
        self.assertEqual(self.over.retention_solved_at, at(FRIDAY, 12))

    def test_nothing_is_promised_about_them_afterwards(self):
        tickets = self.open + self.answered
        self.move(tickets, at(MONDAY, 9), retention_kind=COMPLAINT)
        self.assertFalse(tickets.retention_clock_ids)
        self.assertFalse(any(tickets.mapped("retention_answer_state")))

    def test_unless_a_person_wants_it(self):
        with freeze_time(at(FRIDAY, 13)):
            (self.open + self.answered).action_retention_reapply()
        self.assertEqual(self.clock(self.open, ANSWER).state, "running")
        self.assertFalse(self.clock(self.answered, ANSWER), "it was answered")

    def test_reopened(self):
        self.over.retention_kind = COMPLAINT
        self.move(self.over, at(MONDAY, 9), retention_step="classified")
        self.move(self.over, at(MONDAY, 9), self.new)
        self.assertEqual(self.clock(self.over).started_at, at(MONDAY, 9))
        self.assertEqual(self.over.retention_reopen_count, 1)


@tagged("post_install", "-at_install")
class TestTargets(ServiceCommon):
    @contextmanager
    def refused(self, words):
        with self.assertRaises(ValidationError) as caught:
            yield
        self.assertIn(words, str(caught.exception))

    def test_the_special_case_decides(self):
        tier = self.program.tier_ids[0]
        self.env["retention.profile"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "tier_id": tier.id,
            }
        )
        self.promise(ANSWER, 3, band=tier.band)
        self.promise(ANSWER, 2, tier_id=tier.id)
        self.promise(ANSWER, 1, tier_id=tier.id, team_ids=[Command.link(self.team.id)])
        ticket = self.ticket(at(FRIDAY, 9))
        self.assertEqual(self.clock(ticket, ANSWER).due_at, at(FRIDAY, 10))
        self.assertEqual(self.clock(ticket, ANSWER).tier_id, tier)
        other = self.ticket(at(FRIDAY, 9), team_id=False)
        self.assertEqual(self.clock(other, ANSWER).minutes, 120)
        # in a pilot: a tier that stands for this one
        draft = self.program._create_draft()
        self.env["retention.profile"].search(
            [("partner_id", "=", self.customer.id)]
        ).tier_id = draft.tier_ids.filtered(lambda row: row.origin_id == tier)
        ticket = self.ticket(at(FRIDAY, 9), team_id=False)
        self.assertEqual(self.clock(ticket, ANSWER).minutes, 120)

    def test_crossing_ones_are_refused(self):
        self.promise(ANSWER, 3, band="high")
        with self.refused("special case"):
            self.promise(ANSWER, 3, kind="complaint")
        self.promise(SOLVE, 30, kind="complaint")
        self.promise(ANSWER, 2, band="high", kind="complaint")
        with self.refused("special case"):
            self.promise(ANSWER, 5, band="high")

    def test_the_answer_comes_first(self):
        with self.refused("after the solution"):
            self.promise(SOLVE, 23, mode="elapsed")
        target = self.promise(SOLVE, 25, mode="elapsed")
        with self.refused("after the solution"):
            target.limit_ids.amount = 12
        with self.refused("after the solution"):
            self.fallback.limit_ids.amount = 26

    def test_the_fallback_stays(self):
        for spoil in (
            lambda: self.fallback.unlink(),
            lambda: self.fallback.limit_ids.unlink(),
            lambda: self.fallback.write({"is_fallback": False}),
            lambda: self.fallback.write({"team_ids": self.team.ids}),
        ):
            with self.assertRaises(UserError):  # ValidationError is one too
                spoil()

    def test_again_spares_what_is_over(self):
        target = self.promise(SOLVE, 30)
        late, closed = self.ticket(at(FRIDAY, 9)), self.ticket(at(FRIDAY, 9))
        running = self.ticket(at(MONDAY, 9))
        self.move(closed, at(FRIDAY, 10), self.done)
        target.limit_ids.amount = 40
        with freeze_time(datetime(2024, 6, 19, 16)):
            (late + closed + running).action_retention_reapply()
        self.assertEqual(
            [self.clock(each).minutes for each in (late, closed, running)],
            [1800, 1800, 2400],
        )
        self.assertEqual(self.clock(late).state, "missed")
        with self.assertRaises(UserError):
            closed.action_retention_reapply()


@tagged("post_install", "-at_install")
class TestTryingOut(ServiceCommon):
    def preview(self, **values):
        preview = self.env["retention.service.preview"].create(
            {"raised_at": at(FRIDAY, 17), "team_id": self.team.id, **values}
        )
        return {line.target: line.due for line in preview.line_ids}, preview

    def test_a_complaint_on_friday_evening(self):
        self.promise(SOLVE, 8, name="Solved", kind=COMPLAINT)
        self.promise(RECEIVED, 1, name="Sorted", kind=COMPLAINT)
        self.promise("classified", 2, name="Looked into", kind=COMPLAINT)
        lines, preview = self.preview(kind=COMPLAINT)
        self.assertEqual(set(lines), {"Everybody", "Solved", "Sorted", "Looked into"})
        for name, words in (
            ("Solved", "Mon 17 Jun 2024 17:00"),
            ("Sorted", "Mon 17 Jun 2024 10:00"),
            ("Looked into", "Mon 17 Jun 2024 12:00"),
        ):
            self.assertEqual(lines[name], words)
        ticket = self.ticket(at(FRIDAY, 17), retention_kind=COMPLAINT)
        self.assertEqual(self.clock(ticket).due_at, at(MONDAY, 17), "as it was said")
        self.assertIn("UTC", preview.hours_text)

    def test_nobody_works(self):
        self.promise(SOLVE, 8, name="Solved")
        self.calendar.attendance_ids.unlink()
        lines, _preview = self.preview(kind="question")
        self.assertIn("never", lines["Solved"])
        ticket = self.ticket(at(FRIDAY, 17))
        self.assertFalse(self.clock(ticket).due_at)

    def test_without_working_hours_it_says_so(self):
        self.promise(SOLVE, 8, name="Solved")
        self.company.resource_calendar_id = False
        lines, preview = self.preview(kind="question", team_id=False)
        self.assertEqual(lines["Solved"], "Sat 15 Jun 2024 01:00")
        self.assertIn("No working hours", preview.hours_text)

    def test_a_logged_call_answers(self):
        ticket = self.ticket(at(FRIDAY, 9))
        user = self.make_user("manager", groups="helpdesk_mgmt.group_helpdesk_user")
        wizard = self.env["retention.contact.wizard"].with_user(user)
        context = ticket.with_user(user).action_retention_log_contact()["context"]
        for outcome, answered in (("not_reached", False), ("reached", True)):
            with freeze_time(at(FRIDAY, 10)):
                wizard.with_context(**context).create({"outcome": outcome}).action_log()
            self.assertEqual(bool(ticket.retention_answered_at), answered)

    def test_all_open_tickets_get_new_promises(self):
        target = self.promise(SOLVE, 30)
        ticket = self.ticket(at(FRIDAY, 9))
        target.limit_ids.amount = 40
        user = self.make_user("manager")
        with freeze_time(at(FRIDAY, 10)):
            self.Target.with_user(user).action_apply_again()
        self.assertEqual(self.clock(ticket).minutes, 2400)
        lead = self.make_user("lead")
        with self.assertRaises(AccessError):
            self.Target.with_user(lead).action_apply_again()


@tagged("post_install", "-at_install")
class TestWarnings(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fallback.limit_ids.amount = 1
        cls.promise(SOLVE, 100, "minute", "elapsed", kind="request")
        cls.boss = cls.make_user(
            "none", login="boss", groups="helpdesk_mgmt.group_helpdesk_user"
        )
        cls.company.retention_service_manager_id = cls.boss

    def warn(self, hour, minute=0):
        cron = self.env.ref("crm_retention.ir_cron_service_warn")
        with freeze_time(at(FRIDAY, hour, minute)), self.enter_registry_test_mode():
            for _twice in range(2):
                self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def warnings(self, ticket):
        return ticket.activity_ids.filtered("retention_clock_id")

    def test_each_once(self):
        ticket = self.ticket(at(FRIDAY, 9), retention_kind="request")
        ticket._retention_answered(at(FRIDAY, 9))
        self.warn(9, 49)
        self.assertFalse(self.warnings(ticket))
        self.warn(9, 50)
        self.assertEqual(self.warnings(ticket).user_id, self.agent)
        self.warn(10, 20)
        self.assertEqual(self.warnings(ticket).user_id, self.agent + self.lead)
        self.warn(10, 41)
        self.assertEqual(len(self.warnings(ticket)), 3)
        self.assertIn(self.boss, self.warnings(ticket).user_id)
        self.assertEqual(ticket.retention_solve_state, "missed")
        self.assertIn("overdue", " ".join(self.warnings(ticket).mapped("summary")))
        self.warn(12)
        self.assertEqual(len(self.warnings(ticket)), 3)
        self.move(ticket, at(FRIDAY, 13), self.done)
        self.assertFalse(self.warnings(ticket), "nothing to warn of any more")

    def test_of_an_answer(self):
        ticket = self.ticket(at(FRIDAY, 9))
        self.warn(10, 30)
        self.assertEqual(
            self.warnings(ticket).user_id, self.agent + self.lead + self.boss
        )
        ticket.with_user(self.agent).message_post(
            body="Here", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self.assertFalse(self.warnings(ticket))

    def test_not_while_on_hold(self):
        ticket = self.ticket(at(FRIDAY, 9))
        self.move(ticket, at(FRIDAY, 9, 10), self.waiting)
        self.warn(12)
        self.assertFalse(self.warnings(ticket))
