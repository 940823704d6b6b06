from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .test_guard import DAY, HOUR, NOW, GuardCase

MAIL_LOGGERS = ("odoo.addons.mail.models.mail_mail", "odoo.addons.mass_mailing.models")


@tagged("post_install", "-at_install")
class MailingCase(GuardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Mailing = cls.env["mailing.mailing"]
        cls.Decision = cls.env["retention.decision"]
        cls.cron = cls.env.ref("mass_mailing.ir_cron_mass_mailing_queue")
        cls.Mailing.search([]).unlink()

    def make_people(self, count, **values):
        people = self.make_customers(count, tz="UTC", **values)
        for number, person in enumerate(people):
            person.email = f"person{number}@example.com"
        return people

    def make_mailing(self, people=None, **values):
        model = values.pop("model", "res.partner")
        domain = [("id", "in", people.ids)] if people else []
        return self.Mailing.create(
            {
                "subject": "Spring",
                "name": "Spring",
                "body_html": "<p>Spring is here</p>",
                "mailing_model_id": self.env["ir.model"]._get_id(model),
                "mailing_domain": repr(domain),
                "user_id": self.env.uid,
                **values,
            }
        )

    @mute_logger(*MAIL_LOGGERS)
    def send(self, mailing, now=NOW):
        """Let the queue work at ``now``."""
        if mailing.state == "draft":
            with freeze_time(now):
                mailing.action_launch()
        if mailing.retention_next_at:
            now += timedelta(seconds=1)  # the queue takes what lies before
        cursor = self.env.cr
        with (
            freeze_time(now),
            patch.object(cursor, "commit", lambda: None),
            patch.object(cursor, "now", lambda: now),
        ):
            self.Mailing._process_mass_mailing_queue()
        self.env.invalidate_all()

    def reached(self, mailing):
        return self.env[mailing.mailing_model_real].browse(
            mailing.mailing_trace_ids.filtered(
                lambda trace: trace.trace_status not in ("cancel", "error")
            ).mapped("res_id")
        )

    def decisions(self, mailing):
        return self.Decision.search([("mailing_id", "=", mailing.id)])


class TestLeftOut(MailingCase):
    def test_a_thousand_contacts_with_limits_in_force(self):
        """Of all that stands against a mailing, exactly those concerned."""
        self.make_cap(most=1, window_hours=24, when_capped="skip", name="One a day")
        self.make_cap("complaint", when_capped="skip", name="Complaint")
        people = self.make_people(1000)
        capped, refused, complaining, opted = (
            people[:100],
            people[100:150],
            people[150:160],
            people[160:200],
        )
        self.Touch.create(
            [
                {
                    "partner_id": person.id,
                    "channel_id": self.mail.id,
                    "category": "promotion",
                    "state": "done",
                    "done_at": NOW - HOUR,
                }
                for person in capped
            ]
        )
        self.env["retention.consent"].create(
            [
                {"partner_id": each.id, "state": "refused", "given_at": NOW - DAY}
                for each in refused
            ]
        )
        category = self.env["helpdesk.ticket.category"].create(
            {"name": "Complaints", "retention_kind": "complaint"}
        )
        self.env["helpdesk.ticket"].create(
            [
                {
                    "name": "Broken",
                    "description": "Broken",
                    "partner_id": person.id,
                    "category_id": category.id,
                }
                for person in complaining
            ]
        )
        self.env["mail.blacklist"].create(
            [{"email": email} for email in opted.mapped("email")]
        )
        mailing = self.make_mailing(people)
        self.send(mailing)
        self.assertEqual(mailing.state, "done")
        self.assertEqual(self.reached(mailing), people[200:])
        decisions = self.decisions(mailing)
        self.assertEqual(
            decisions.partner_id, capped | refused | complaining, "our own log"
        )
        self.assertEqual(mailing.retention_left_out, 160)
        self.assertEqual(mailing.retention_waiting, 0)
        for words in ("160 left out", "One a day (100)", "Consent (50)"):
            self.assertIn(words, mailing.retention_text)
        self.assertEqual(mailing.canceled, 40, "Odoo's own blacklist shows as ever")
        self.assertFalse(
            self.env["mailing.subscription"].search([("opt_out", "=", True)])
        )

    def test_sending_twice_reaches_nobody_twice(self):
        people = self.make_people(5)
        mailing = self.make_mailing(people)
        self.send(mailing)
        first = mailing.mailing_trace_ids
        self.assertEqual(len(first), 5)
        mailing.action_put_in_queue()
        self.send(mailing)
        self.assertEqual(mailing.mailing_trace_ids, first)
        self.assertEqual(mailing.state, "done")

    def test_what_was_sent_a_moment_ago_counts(self):
        self.make_cap(most=1, window_hours=24, when_capped="skip")
        people = self.make_people(3)
        first, second = self.make_mailing(people[:2]), self.make_mailing(people)
        self.send(first)
        with freeze_time(NOW):
            self.assertEqual(self.verdict(people[0]).cause, "cap")
        self.send(second)
        self.assertEqual(self.reached(second), people[2])

    def test_transactional_mailings_pass(self):
        self.make_cap("never")
        people = self.make_people(2)
        mailing = self.make_mailing(people, retention_category="transactional")
        self.send(mailing)
        self.assertEqual(self.reached(mailing), people)

    def test_contacts_of_lists_are_customers_by_their_address(self):
        self.make_cap("never", when_capped="skip")
        people = self.make_people(2)
        news = self.env["mailing.list"].create({"name": "News"})
        known, unknown = self.env["mailing.contact"].create(
            [
                {"email": '"P" <PERSON0@example.com>', "list_ids": [(6, 0, news.ids)]},
                {"email": "stranger@example.com", "list_ids": [(6, 0, news.ids)]},
            ]
        )
        mailing = self.make_mailing(
            model="mailing.list", contact_list_ids=[Command.link(news.id)]
        )
        self.send(mailing)
        self.assertEqual(self.reached(mailing), unknown)
        decision = self.decisions(mailing)
        self.assertEqual(decision.partner_id, people[0])
        self.assertEqual(decision.res_id, known.id)

    def test_documents_belong_to_their_contact(self):
        self.make_cap("never", when_capped="skip")
        [person] = self.make_people(1)
        leads = self.env["crm.lead"].create(
            [
                {"name": "Known", "partner_id": person.id},
                {"name": "Address", "email_from": "Person0 <person0@example.com>"},
                {"name": "Stranger", "email_from": "other@example.com"},
            ]
        )
        mailing = self.make_mailing(leads, model="crm.lead")
        self.send(mailing)
        self.assertEqual(self.reached(mailing), leads[2])

    def test_two_contacts_with_one_address_get_one_mail(self):
        people = self.make_people(2)
        people[1].email = "Person0@Example.com"
        mailing = self.make_mailing(
            people, body_html="<p>Dear <t t-out='object.name'/></p>"
        )
        self.send(mailing)
        self.assertEqual(len(self.reached(mailing)), 1)
        self.assertEqual(self.decisions(mailing).cause, "twin")

    def test_blacklist_counts_even_if_odoo_is_told_to_ignore_it(self):
        people = self.make_people(2)
        self.env["mail.blacklist"]._add("person0@example.com")
        mailing = self.make_mailing(people, use_exclusion_list=False)
        self.send(mailing)
        self.assertEqual(self.reached(mailing), people[1])
        self.assertEqual(self.decisions(mailing).cause, "blacklist")

    def test_hold_out_gets_no_promotion(self):
        people = self.make_people(40)
        with patch.object(
            type(self.Guard),
            "_is_held_out",
            lambda guard, company, customer_id: customer_id % 4 == 0,
        ):
            mailing = self.make_mailing(people)
            self.send(mailing)
            news = self.make_mailing(people, retention_category="relationship")
            self.send(news)
        held = people.filtered(lambda person: person.id % 4 == 0)
        self.assertEqual(self.reached(mailing), people - held)
        self.assertEqual(self.decisions(mailing).partner_id, held)
        self.assertEqual(self.reached(news), people)

    def test_a_refusal_between_choice_and_batch_counts(self):
        people = self.make_people(3)
        mailing = self.make_mailing(people)
        choose = type(self.Mailing)._get_remaining_recipients

        def and_then_she_refuses(chosen_by):
            chosen = choose(chosen_by)
            self.env["retention.consent"].create(
                {"partner_id": people[1].id, "state": "withdrawn", "given_at": NOW}
            )
            return chosen

        with patch.object(
            type(self.Mailing), "_get_remaining_recipients", and_then_she_refuses
        ):
            self.send(mailing)
        self.assertEqual(self.reached(mailing), people - people[1])
        self.assertEqual(self.decisions(mailing).cause, "consent")

    def test_other_senders_at_work_are_waited_for(self):
        people = self.make_people(3)
        mailing = self.make_mailing(people)
        with patch.object(type(self.Guard), "_try_hold", lambda *args: False):
            self.send(mailing)
        self.assertFalse(mailing.mailing_trace_ids)
        self.assertEqual(mailing.state, "in_queue")
        self.send(mailing, NOW + HOUR)
        self.assertEqual(self.reached(mailing), people)
        self.assertEqual(mailing.state, "done")

    def test_odoos_own_ways_still_work(self):
        empty = self.make_mailing(self.env["res.partner"])
        empty.mailing_domain = "[('id', '=', 0)]"
        with self.assertRaises(UserError), freeze_time(NOW):
            empty._action_send_mail()
        people = self.make_people(2)
        mailing = self.make_mailing(people)
        test = self.env["mailing.mailing.test"].create(
            {"mass_mailing_id": mailing.id, "email_to": "me@example.com"}
        )
        self.make_cap("never")
        with mute_logger(*MAIL_LOGGERS):
            test.send_mail_test()
        self.assertEqual(mailing.state, "draft")
        self.assertFalse(self.decisions(mailing))
        copy = mailing.copy()
        self.assertEqual(copy.retention_category, "promotion")

    def test_everybody_left_out_ends_without_an_error(self):
        self.make_cap("never", when_capped="skip")
        people = self.make_people(2)
        mailing = self.make_mailing(people)
        with freeze_time(NOW):
            mailing._action_send_mail()
        self.assertEqual(mailing.state, "done")
        self.assertEqual(mailing.retention_left_out, 2)
        self.assertFalse(mailing.mailing_trace_ids)

    def test_a_preview_keeps_nothing(self):
        self.make_cap(most=1, window_hours=24)
        people = self.make_people(3)
        self.touch(NOW - HOUR, people[0])
        mailing = self.make_mailing(people)
        with freeze_time(NOW):
            action = mailing.action_retention_preview()
        self.assertIn("2 of 3", action["params"]["message"])
        self.assertFalse(self.decisions(mailing))
        self.assertFalse(mailing.retention_since)


class TestWaiting(MailingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_cap(most=1, window_hours=24, name="One a day")

    def test_the_deferred_get_it_when_it_is_allowed(self):
        people = self.make_people(3)
        self.touch(NOW - HOUR, people[0])
        self.touch(NOW - 2 * HOUR, people[1])
        mailing = self.make_mailing(people)
        self.send(mailing)
        self.assertEqual(self.reached(mailing), people[2])
        self.assertEqual(mailing.state, "in_queue")
        self.assertEqual(mailing.retention_next_at, NOW + 22 * HOUR)
        self.assertEqual(
            (mailing.retention_left_out, mailing.retention_waiting), (0, 2)
        )
        self.assertIn("2 waiting: One a day (2)", mailing.retention_text)
        trigger = self.env["ir.cron.trigger"].search(
            [
                ("cron_id", "=", self.cron.id),
                ("call_at", "=", NOW + 22 * HOUR + timedelta(seconds=1)),
            ]
        )
        self.assertTrue(trigger, "the queue wakes up by itself")
        self.send(mailing, NOW + 3 * HOUR)
        self.assertEqual(len(mailing.mailing_trace_ids), 1, "nothing in between")
        self.send(mailing, NOW + 22 * HOUR)
        self.assertEqual(self.reached(mailing), people[1] | people[2])
        self.assertEqual(mailing.retention_waiting, 1)
        self.send(mailing, NOW + 23 * HOUR)
        self.assertEqual(self.reached(mailing), people)
        self.assertEqual(mailing.state, "done")
        self.assertEqual(mailing.retention_waiting, 0)
        self.assertFalse(mailing.retention_text)
        self.assertEqual(len(self.decisions(mailing)), 2, "it stays in the history")

    def test_all_deferred(self):
        people = self.make_people(2)
        for person in people:
            self.touch(NOW - HOUR, person)
        mailing = self.make_mailing(people)
        self.send(mailing)
        self.assertEqual((mailing.state, mailing.sent_date), ("in_queue", False))
        self.send(mailing, NOW + 23 * HOUR)
        self.assertEqual((mailing.state, self.reached(mailing)), ("done", people))

    def test_not_after_the_last_date(self):
        people = self.make_people(2)
        self.touch(NOW - HOUR, people[0])
        mailing = self.make_mailing(people, retention_last_date=NOW.date())
        self.send(mailing)
        self.assertEqual(mailing.state, "done")
        self.assertEqual(self.reached(mailing), people[1])
        self.assertEqual(
            (mailing.retention_left_out, mailing.retention_waiting), (1, 0)
        )

    def test_whoever_is_put_off_again_and_again_is_left_out_in_the_end(self):
        cap = self.make_cap("complaint", name="Complaint", defer_days=0)
        category = self.env["helpdesk.ticket.category"].create(
            {"name": "Complaints", "retention_kind": "complaint"}
        )
        [person] = people = self.make_people(1)
        self.env["helpdesk.ticket"].create(
            {
                "name": "Broken",
                "description": "Broken",
                "partner_id": person.id,
                "category_id": category.id,
            }
        )
        mailing = self.make_mailing(people)
        passes, now = 0, NOW
        while mailing.state != "done" and passes < 50:
            self.send(mailing, now)
            passes += 1
            now = max(now, mailing.retention_next_at or now)
        self.assertEqual(mailing.state, "done")
        self.assertTrue(25 <= passes <= 32, passes)
        self.assertEqual(self.decisions(mailing).cap_id, cap)
        self.assertEqual(mailing.retention_left_out, 1)

    def test_left_out_stays_left_out(self):
        people = self.make_people(2)
        self.touch(NOW - HOUR, people[0])
        word = self.env["retention.consent"].create(
            {"partner_id": people[1].id, "state": "refused", "given_at": NOW - DAY}
        )
        mailing = self.make_mailing(people)
        self.send(mailing)
        word.copy({"state": "granted", "given_at": NOW})
        self.send(mailing, NOW + DAY)
        self.assertEqual(self.reached(mailing), people[0])
        self.assertEqual(mailing.state, "done")

    def test_who_refuses_while_waiting_gets_nothing(self):
        people = self.make_people(2)
        self.touch(NOW - HOUR, people[0])
        mailing = self.make_mailing(people)
        self.send(mailing)
        self.env["retention.consent"].create(
            {"partner_id": people[0].id, "state": "withdrawn", "given_at": NOW}
        )
        self.send(mailing, NOW + DAY)
        self.assertEqual(mailing.state, "done")
        self.assertEqual(self.reached(mailing), people[1])
        self.assertEqual(
            (mailing.retention_left_out, mailing.retention_waiting), (1, 0)
        )

    def test_cancelled_and_sent_anew(self):
        people = self.make_people(2)
        self.touch(NOW - HOUR, people[0])
        mailing = self.make_mailing(people)
        self.send(mailing)
        mailing.action_cancel()
        self.assertEqual((mailing.state, mailing.retention_waiting), ("draft", 0))
        self.assertFalse(mailing.retention_next_at)
        self.assertEqual(len(self.decisions(mailing)), 1)
        self.send(mailing, NOW + 2 * DAY)
        self.assertEqual(self.reached(mailing), people)

    def test_parts_of_an_ab_test_do_not_wait(self):
        people = self.make_people(20)
        for person in people[:10]:
            self.touch(NOW - HOUR, person)
        part = self.make_mailing(
            people,
            ab_testing_enabled=True,
            ab_testing_pc=50,
            ab_testing_schedule_datetime=NOW + DAY,
        )
        self.send(part)
        self.assertEqual(part.state, "done")
        self.assertLessEqual(len(part.mailing_trace_ids), 10)
        self.assertFalse(self.reached(part) & people[:10])
        with freeze_time(NOW + 2 * DAY):
            part.action_select_as_winner()
        winner = part.campaign_id.ab_testing_winner_mailing_id
        self.send(winner, NOW + 2 * DAY)
        self.assertEqual(winner.state, "done")
        self.assertEqual(self.reached(winner) | self.reached(part), people)
        self.assertFalse(self.reached(winner) & self.reached(part))

    def test_a_mailing_out_of_a_list_of_contacts(self):
        people = self.make_people(3)
        self.touch(NOW - HOUR, people[0])
        composer = self.env["mail.compose.message"].create(
            {
                "composition_mode": "mass_mail",
                "model": "res.partner",
                "res_ids": repr(people.ids),
                "subject": "Spring",
                "body": "<p>Spring</p>",
                "mass_mailing_name": "From the list",
                "email_from": "us@example.com",
            }
        )
        with freeze_time(NOW), mute_logger(*MAIL_LOGGERS):
            composer._action_send_mail()
        mailing = composer.mass_mailing_id
        self.assertEqual(self.reached(mailing), people[1:])
        self.assertEqual(mailing.state, "in_queue")
        self.send(mailing, NOW + DAY)
        self.assertEqual(self.reached(mailing), people)
        self.assertEqual(mailing.state, "done")


class TestQuietSms(MailingCase):
    def test_sms_of_a_mailing(self):
        if "mailing_id" not in self.env["sms.composer"]._fields:
            self.skipTest("Odoo's SMS marketing is not installed")
        self.make_cap(most=1, window_hours=24)
        people = self.make_people(3)
        for number, person in enumerate(people):
            person.phone = f"+3247000010{number}"
        self.touch(NOW - HOUR, people[0], channel_id=self.sms.id)
        mailing = self.make_mailing(
            people, mailing_type="sms", body_plaintext="Spring", sms_force_send=False
        )
        self.send(mailing)
        self.assertEqual(self.reached(mailing), people[1:])
        self.send(mailing, NOW + HOUR)
        self.assertEqual(mailing.state, "in_queue")
        self.send(mailing, NOW + DAY)
        self.assertEqual(self.reached(mailing), people)
        self.send(mailing, NOW + DAY + HOUR)
        self.assertEqual(mailing.state, "done")


@tagged("post_install", "-at_install")
class TestQuietHours(MailingCase):
    def test_a_mailing_at_night_goes_out_in_the_morning(self):
        self.make_cap("quiet", quiet_from=20, quiet_to=8)
        people = self.make_people(2)
        people[1].tz = "Asia/Tokyo"
        evening = datetime(2024, 6, 12, 22)
        mailing = self.make_mailing(people)
        self.send(mailing, evening)
        self.assertFalse(mailing.mailing_trace_ids)
        self.assertEqual(mailing.retention_next_at, datetime(2024, 6, 12, 23))
        self.send(mailing, evening + HOUR)
        self.assertEqual(self.reached(mailing), people[1])
        self.send(mailing, evening + timedelta(hours=10))
        self.assertEqual(self.reached(mailing), people)
        self.assertEqual(mailing.state, "done")


@tagged("post_install", "-at_install")
class TestMailToMany(MailingCase):
    """Odoo's composer to many contacts at once, without a mailing."""

    def test_who_said_no_is_left_out(self):
        free, refused, paused, full = people = self.make_people(4)
        self.env["retention.consent"].create(
            {"partner_id": refused.id, "state": "refused", "given_at": NOW - HOUR}
        )
        self.env["retention.wish"].create(
            {"partner_id": paused.id, "pause_until": NOW.date() + timedelta(days=3)}
        )
        self.make_cap(most=1)
        self.touch(NOW - HOUR, full)
        # of anybody who may write to contacts, also without rights in the suite
        sender = new_test_user(self.env, "mail_to_many", groups="base.group_user")
        composer = self.env["mail.compose.message"].with_user(sender)
        composer = composer.create(
            {
                "composition_mode": "mass_mail",
                "model": "res.partner",
                "res_ids": people.ids,
                "subject": "Hello",
                "body": "<p>Hello</p>",
                "auto_delete": False,
            }
        )
        told = []
        with (
            freeze_time(NOW),
            mute_logger(*MAIL_LOGGERS),
            patch.object(
                type(sender), "_bus_send", lambda _user, *args, **_kw: told.append(args)
            ),
        ):
            mails, _messages = composer._action_send_mail()
        self.assertEqual(
            mails.sudo().recipient_ids, free | full, "a person may pass a limit"
        )
        [said] = [content for kind, content in told if kind == "simple_notification"]
        self.assertIn("2 contacts were left out", said["message"])
        kept = self.Decision.search([("partner_id", "in", people.ids)])
        self.assertEqual(kept.partner_id, refused | paused)
        self.assertTrue(all(kept.mapped("reason")))
