"""Planned contacts become activities and mails, once each, and can be taken back."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import RetentionCommon

RUN = "odoo.addons.crm_retention.models.running.retention_run"


class ActCommon(RetentionCommon):
    """Customers of a salesperson under a policy with a call and a mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Touch = cls.env["retention.touch"]
        cls.env["retention.cap"].search([]).active = False  # each test its own
        cls.env["retention.contact.policy"].search([]).active = False
        cls.today = cls.company._retention_today()
        cls.company.retention_sending = True
        cls.user = cls.make_user("user")
        cls.lead = cls.make_user("lead")
        cls.manager = cls.make_user("manager", groups="base.group_partner_manager")
        cls.auditor = cls.make_user("auditor")
        cls.stranger = cls.make_user("user", login="retention_stranger")
        cls.phone = cls.env.ref("crm_retention.channel_phone")
        cls.email = cls.env.ref("crm_retention.channel_email")
        cls.template = cls.env["mail.template"].create(
            {
                "name": "News",
                "model_id": cls.env["ir.model"]._get_id("res.partner"),
                "subject": "News for {{ object.name }}",
                "body_html": "<p>Dear <t t-out='object.name'/></p>",
                "partner_to": "{{ object.id }}",
                "auto_delete": False,
            }
        )
        cls.policy = cls.env["retention.contact.policy"].create(
            {
                "name": "Everybody",
                "user_id": cls.manager.id,
                "state": "running",
                "started_on": cls.today,
                "domain": "[('id', '=', 0)]",  # plans nothing by itself
            }
        )
        cls.call = cls.make_line(name="Call", channel_id=cls.phone.id)
        cls.mail = cls.make_line(
            name="News by mail",
            channel_id=cls.email.id,
            mode="automatic",
            category="promotion",
            mail_template_id=cls.template.id,
        )
        cls.customers = cls.make_customers(4, user_id=cls.user.id)
        for number, customer in enumerate(cls.customers):
            customer.email = f"customer{number}@example.com"
            customer.phone = f"+1 555 010{number}"

    @classmethod
    def make_line(cls, **values):
        return cls.env["retention.cadence"].create(
            {
                "policy_id": cls.policy.id,
                "interval_days": 30,
                "longest_days": 60,
                "guidance": "Ask how they are.",
                **values,
            }
        )

    @classmethod
    def plan(cls, customers, line, days=0, **values):
        """Plan one contact of each customer, due ``days`` ago."""
        return cls.Touch.create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": cls.company.id,
                    "cadence_id": line.id,
                    "channel_id": line.channel_id.id,
                    "category": line.category,
                    "depth": line.depth,
                    "due_date": cls.today - timedelta(days=days),
                    "user_id": cls.user.id,
                    "origin": "plan",
                    "reason": "41 days since the last call, planned every 30.",
                    **values,
                }
                for customer in customers
            ]
        )

    @classmethod
    def act(cls, kind="night", as_of=None):
        """Do the act step of a pass; return its run."""
        run = cls.Run.create(
            {
                "company_id": cls.company.id,
                "step": "act",
                "kind": kind,
                "as_of": as_of or cls.today,
            }
        )
        run._execute()
        cls.env.invalidate_all()
        return run

    def mails_to(self, partners):
        return self.env["mail.mail"].search(
            [("recipient_ids", "in", partners.ids), ("state", "=", "outgoing")]
        )


@tagged("post_install", "-at_install")
class TestActing(ActCommon):
    def test_activities(self):
        touches = self.plan(self.customers, self.call, days=2)
        later = self.plan(self.make_customers(1), self.call, days=-3)
        before = self.env["mail.followers"].search_count([])
        messages = self.env["mail.message"].search_count([])
        run = self.act()
        self.assertEqual((run.state, run.errors), ("done", 0))
        activities = touches.activity_id
        self.assertEqual(len(activities), 4)
        self.assertFalse(later.activity_id)
        self.assertRecordValues(
            activities[:1],
            [
                {
                    "res_model": "res.partner",
                    "res_id": self.customers[0].id,
                    "user_id": self.user.id,
                    "date_deadline": self.today - timedelta(days=2),
                    "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                }
            ],
        )
        self.assertIn("Ask how they are", activities[0].note)
        self.assertIn("41 days", activities[0].note)
        # quietly: nobody follows, nobody is mailed
        self.assertEqual(self.env["mail.followers"].search_count([]), before)
        self.assertEqual(self.env["mail.message"].search_count([]), messages)

    def test_act_twice(self):
        touches = self.plan(self.customers, self.call) | self.plan(
            self.customers, self.mail
        )
        self.act()
        activities, mails = touches.activity_id, self.mails_to(self.customers)
        self.assertEqual((len(activities), len(mails)), (4, 4))
        self.act()
        self.act("light")
        self.assertEqual(touches.activity_id, activities)
        self.assertEqual(self.mails_to(self.customers), mails)

    def test_mail(self):
        touches = self.plan(self.customers, self.mail)
        self.act()
        self.assertEqual(set(touches.mapped("state")), {"done"})
        self.assertTrue(all(touches.mapped("is_bulk")))
        self.assertFalse(any(touches.mapped("is_real")))
        self.assertEqual(len(touches.mail_id), 4)
        first = touches[0].mail_id
        self.assertEqual(first.subject, "News for Customer 0000")
        self.assertEqual(first.recipient_ids, self.customers[0])
        self.assertEqual(first.state, "outgoing")

    def test_template_without_recipient(self):
        self.template.partner_to = False
        self.template.use_default_to = False
        touches = self.plan(self.customers[:2], self.mail)
        self.act()
        for touch in touches:
            self.assertEqual(touch.mail_id.recipient_ids, touch.partner_id)

    def test_dry_run(self):
        self.company.retention_sending = False
        calls = self.plan(self.customers, self.call)
        mails = self.plan(self.customers, self.mail)
        self.act()
        self.assertEqual(set(mails.mapped("state")), {"planned"})
        self.assertFalse(self.mails_to(self.customers))
        self.assertEqual(len(calls.activity_id), 4)  # people work as usual
        self.company.retention_sending = True
        self.act()
        self.assertEqual(len(self.mails_to(self.customers)), 4)

    def test_hold_out(self):
        self.company.retention_holdout_share = 50
        customers = self.make_customers(60)
        for number, customer in enumerate(customers):
            customer.email = f"many{number}@example.com"
        touches = self.plan(customers, self.mail)
        self.act()
        sent = touches.filtered(lambda touch: touch.state == "done").partner_id
        self.assertTrue(15 < len(sent) < 45)
        kept = touches - touches.filtered(lambda touch: touch.state == "done")
        self.assertEqual(set(kept.mapped("state")), {"skipped"})
        self.assertTrue(all(kept.mapped("skip_reason")))
        # always the same ones; other mail they get
        again = self.plan(customers, self.mail)
        self.act()
        self.assertEqual(
            again.filtered(lambda touch: touch.state == "done").partner_id, sent
        )
        other = self.make_line(
            name="Report",
            channel_id=self.email.id,
            mode="automatic",
            category="relationship",
            mail_template_id=self.template.id,
        )
        reports = self.plan(customers, other)
        self.act()
        self.assertEqual(set(reports.mapped("state")), {"done"})

    def test_opt_out_before_sending(self):
        touches = self.plan(self.customers, self.mail)
        self.env["mail.blacklist"]._add(self.customers[0].email)
        self.env["retention.consent"].create(
            {"partner_id": self.customers[1].id, "state": "withdrawn"}
        )
        self.act()
        self.assertEqual(
            touches.mapped("state"), ["skipped", "skipped", "done", "done"]
        )
        self.assertFalse(self.mails_to(self.customers[:2]))
        logged = self.env["retention.decision"].search(
            [("touch_id", "in", touches.ids)]
        )
        self.assertEqual(logged.partner_id, self.customers[:2])

    def test_deferred_and_handed_over(self):
        cap = self.env["retention.cap"].create(
            {"name": "One a day", "kind": "gap", "window_hours": 24, "most": 1}
        )
        self.plan(self.customers[:1], self.mail)
        self.act()
        again = self.plan(self.customers[:1], self.mail)
        self.act()
        self.assertEqual(again.state, "planned")
        self.assertGreater(again.act_at, fields.Datetime.now() + timedelta(hours=23))
        self.assertTrue(again.skip_reason)
        self.assertTrue(again.is_waiting)
        self.assertIn(again, self.Touch.search([("is_waiting", "=", True)]))
        again.act_at = False
        cap.when_capped = "person"
        self.act()
        self.assertTrue(again.for_person)
        self.assertEqual(again.activity_id.user_id, self.user)

    def test_one_failing(self):
        broken = self.customers[2]
        self.template.body_html = (
            "<p><t t-if=\"object.name == 'Broken'\" t-out='1 / 0'/></p>"
        )
        broken.name = "Broken"
        touches = self.plan(self.customers, self.mail)
        with mute_logger(RUN, "odoo.addons.mail.models.mail_render_mixin"):
            run = self.act()
        self.assertEqual((run.state, run.errors), ("done", 1))
        self.assertEqual(touches.mapped("state"), ["done", "done", "planned", "done"])
        failed = touches[2]
        self.assertTrue(failed.act_error)
        self.assertGreater(failed.act_at, fields.Datetime.now())
        bar = self.Touch.with_user(self.manager).get_today_bar()
        self.assertIn("1 contacts could not", str(bar["banners"]))
        broken.name = "Mended"
        failed.act_at = False
        self.act()
        self.assertEqual((failed.state, failed.act_error), ("done", False))

    def test_no_address(self):
        self.customers[0].email = False
        touches = self.plan(self.customers, self.mail)
        with mute_logger(RUN):
            self.act()
        self.assertEqual(len(touches.mail_id), 3)
        self.assertNotEqual(touches[0].state, "done")

    def test_runs_when_waiting_is_over(self):
        self.run_pass(as_of=self.today)
        self.Mark.search([]).unlink()
        touches = self.plan(self.customers[:1], self.mail)
        touches.act_at = fields.Datetime.now() + timedelta(hours=1)
        self.assertNotEqual(self.Run._get_due_kind(self.company), "light")
        touches.act_at = fields.Datetime.now() - timedelta(hours=1)
        self.assertEqual(self.Run._get_due_kind(self.company), "light")
        self.company.retention_sending = False
        self.assertNotEqual(self.Run._get_due_kind(self.company), "light")

    def test_what_is_still_to_be_written_is_not_sent(self):
        self.template.body_html = "<p>News</p><p>✎ The news.</p>"
        self.template.with_context(lang="en_US").subject = "News"
        touches = self.plan(self.customers, self.mail)
        self.assertTrue(self.mail.is_unfinished)
        self.act()
        self.assertEqual(set(touches.mapped("state")), {"planned"})
        self.assertFalse(touches.mail_id)
        self.assertIn("✎", touches[0].act_error)
        bar = self.Touch.with_user(self.manager).get_today_bar()
        self.assertTrue([each for each in bar["banners"] if "written" in each["text"]])
        with self.assertRaisesRegex(UserError, "still to be written"):
            touches._mail_by_hand(self.template, self.email, None)
        self.template.body_html = "<p>News</p><p>It rains.</p>"
        touches.write({"act_at": False})
        self.act()
        self.assertEqual(set(touches.mapped("state")), {"done"})
        self.assertFalse(touches[0].act_error)

    def test_shipped_mails_are_complete_or_say_what_is_missing(self):
        customer, marked = self.customers[0], 0
        for data in self.env["ir.model.data"].search(
            [("module", "=", "crm_retention"), ("model", "=", "mail.template")]
        ):
            template = self.env["mail.template"].browse(data.res_id)
            if template.model != "res.partner":
                continue
            values = template._generate_template(customer.ids, ("body_html",))
            body = values[customer.id]["body_html"]
            self.assertIn(customer.name, body)
            self.assertEqual(bool(self.call._find_unfinished(template)), "✎" in body)
            marked += "✎" in body
            template.with_user(self.manager).body_html = "<p>Written</p>"
            self.assertFalse(self.call._find_unfinished(template))
        self.assertEqual(marked, 6)

    def test_sms(self):
        if "sms.sms" not in self.env:
            self.skipTest("Odoo's SMS is not installed")
        line = self.make_line(
            name="SMS",
            channel_id=self.env.ref("crm_retention.channel_sms").id,
            mode="automatic",
            sms_text="Hello {{ object.name }}",
        )
        for number, customer in enumerate(self.customers):
            customer.phone = f"+32 486 12 34 5{number}"
        touches = self.plan(self.customers, line)
        self.act()  # without an account people do it
        self.assertEqual(set(touches.mapped("state")), {"planned"})
        self.assertTrue(all(touches.mapped("for_person")))
        self.assertEqual(len(touches.activity_id), 4)
        touches._close_activities()
        touches.for_person = False
        with patch.object(type(self.Touch), "_sms_is_set_up", lambda touch: True):
            self.act()
            self.act()
        sent = self.env["sms.sms"].search(
            [("partner_id", "in", self.customers.ids)], order="id"
        )
        self.assertEqual(
            sent.mapped("body"), [f"Hello {each.name}" for each in self.customers]
        )
        self.assertEqual(set(touches.mapped("state")), {"done"})

    def test_queries_do_not_grow(self):
        def count(customers):
            self.plan(customers, self.call)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.act()
            return self.cr.sql_log_count - before

        count(self.make_customers(3, user_id=self.user.id))
        few = count(self.make_customers(3, user_id=self.user.id))
        many = count(self.make_customers(60, user_id=self.user.id))
        self.assertLess(many, few + 15)


@tagged("post_install", "-at_install")
class TestDoing(ActCommon):
    def test_done(self):
        touches = self.plan(self.customers, self.call)
        self.act()
        mine = touches.with_user(self.user)[0]
        activity = mine.sudo().activity_id
        mine._do({"outcome": "answered", "note": "All is well."})
        self.assertRecordValues(
            mine,
            [{"state": "done", "outcome": "answered", "note": "All is well."}],
        )
        self.assertTrue(mine.is_real)
        self.assertFalse(activity.active)
        self.assertEqual(
            mine.key, f"mail.activity:{activity.id}:{self.customers[0].id}"
        )
        self.assertIn("All is well", self.customers[0].message_ids[0].body)

    def test_done_without_activity(self):
        touch = self.plan(self.customers[:1], self.call, days=-5)
        touch.with_user(self.user)._do({"outcome": "reached", "note": "By chance"})
        self.assertIn("By chance", self.customers[0].message_ids[0].body)

    def test_next_date(self):
        touch = self.plan(self.customers[:1], self.call)
        self.act()
        agreed = self.today + timedelta(days=9)
        touch.with_user(self.user)._do({"outcome": "reached", "next_date": agreed})
        following = touch._get_following()
        self.assertIn(agreed, following.mapped("due_date"))
        touch.with_user(self.user)._undo()
        self.assertEqual(touch.state, "planned")
        self.assertNotIn(agreed, touch._get_following().mapped("due_date"))

    def test_snooze(self):
        touch = self.plan(self.customers[:1], self.call)
        self.act()
        until = self.today + timedelta(days=5)
        touch.with_user(self.user)._snooze(until, "On holiday")
        self.assertEqual((touch.due_date, touch.snoozed_until), (until, until))
        self.assertEqual(touch.activity_id.date_deadline, until)
        self.act()
        self.assertEqual(touch.activity_id.date_deadline, until)
        touch.with_user(self.user)._undo()
        self.assertEqual(touch.due_date, self.today)
        self.assertFalse(touch.snoozed_until)
        self.assertEqual(touch.activity_id.date_deadline, self.today)
        with self.assertRaises(UserError):
            touch.with_user(self.user)._snooze(self.today, "No")

    def test_skip(self):
        touch = self.plan(self.customers[:1], self.call)
        self.act()
        activity = touch.activity_id
        touch.with_user(self.user)._skip("Asked for it")
        self.assertEqual((touch.state, touch.skip_reason), ("skipped", "Asked for it"))
        self.assertFalse(activity.exists())
        touch.with_user(self.user)._undo()
        self.assertEqual(touch.state, "planned")
        self.assertTrue(touch.activity_id.active)

    def test_undo_done(self):
        touch = self.plan(self.customers[:1], self.call)
        self.act()
        activity = touch.activity_id
        notes = self.customers[0].message_ids
        touch.with_user(self.user)._do({"outcome": "reached", "note": "Oops"})
        self.assertGreater(self.customers[0].message_ids, notes)
        touch.with_user(self.user)._undo()
        self.assertRecordValues(
            touch,
            [{"state": "planned", "outcome": False, "done_at": False, "note": False}],
        )
        self.assertFalse(touch.is_real)
        self.assertTrue(activity.active)
        self.assertEqual(touch.activity_id, activity)
        self.assertEqual(self.customers[0].message_ids, notes)
        with self.assertRaises(UserError):
            touch.with_user(self.user)._undo()

    def test_undo_too_late(self):
        touch = self.plan(self.customers[:1], self.call)
        touch.with_user(self.user)._do({"outcome": "reached"})
        touch.undo_until = fields.Datetime.now() - timedelta(minutes=1)
        with self.assertRaises(UserError):
            touch.with_user(self.user)._undo()

    def test_undo_with_a_twin(self):
        """The next contact planned meanwhile makes room for the one that returns."""
        touch = self.plan(self.customers[:1], self.call)
        touch.with_user(self.user)._do({"outcome": "reached"})
        self.Touch.search(
            [("cadence_id", "=", self.call.id), ("state", "=", "planned")]
        ).unlink()
        self.plan(self.customers[:1], self.call, days=-30)
        touch.with_user(self.user)._undo()
        open_ones = self.Touch.search(
            [("cadence_id", "=", self.call.id), ("state", "=", "planned")]
        )
        self.assertEqual(open_ones, touch)

    def test_rights(self):
        touch = self.plan(self.customers[:1], self.call)
        for user in (self.auditor, self.stranger):
            for work in (
                lambda mine: mine._do({"outcome": "reached"}),
                lambda mine: mine._snooze(self.today + timedelta(days=3), "x"),
                lambda mine: mine._skip("x"),
                lambda mine: mine._reassign(self.user),
                lambda mine: mine.action_done(),
            ):
                with self.assertRaises(AccessError):
                    work(touch.with_user(user))
        with self.assertRaises(AccessError):
            touch.with_user(self.user).write({"state": "done"})
        touch.with_user(self.manager)._reassign(self.lead)
        self.assertEqual(touch.user_id, self.lead)
        with self.assertRaises(UserError):
            done = touch.with_user(self.manager)
            done._do({"outcome": "reached"})
            done._do({"outcome": "reached"})

    def test_dialog(self):
        touch = self.plan(self.customers[:1], self.call)
        action = touch.with_user(self.user).action_done()
        wizard = self.env[action["res_model"]].with_user(self.user)
        form = Form(wizard.with_context(**action["context"]))
        self.assertEqual(form.next_date, self.today + timedelta(days=30))
        form.outcome = "not_reached"
        self.assertEqual(form.next_date, self.today + timedelta(days=2))
        form.note = "Nobody answered"
        result = form.save().action_apply()
        self.assertEqual(result["tag"], "crm_retention.undo")
        self.assertIn("Customer 0000", result["params"]["message"])
        self.assertEqual(touch.outcome, "not_reached")
        self.assertFalse(touch.is_real)
        self.assertIn(
            self.today + timedelta(days=2), touch._get_following().mapped("due_date")
        )
        touch.browse(result["params"]["touch_ids"]).with_user(self.user).action_undo()
        self.assertEqual(touch.state, "planned")


@tagged("post_install", "-at_install")
class TestMailByHand(ActCommon):
    def test_many(self):
        self.env["mail.blacklist"]._add(self.customers[0].email)
        self.customers[1].email = False
        touches = self.plan(self.customers, self.call)
        self.act()
        action = touches.with_user(self.user).action_mail()
        wizard = self.env[action["res_model"]].with_user(self.user)
        form = Form(wizard.with_context(**action["context"]))
        form.template_id = self.template
        self.assertEqual((form.count, form.excluded_count), (2, 2))
        self.assertIn("1: Has no e-mail address", form.excluded_text)
        self.assertEqual(form.subject, "News for Customer 0002")
        result = form.save().action_send()
        sent = touches.browse(result["params"]["touch_ids"])
        self.assertEqual(sent.partner_id, self.customers[2:])
        self.assertEqual(set(sent.mapped("state")), {"done"})
        self.assertEqual(sent.channel_id, self.email)
        mails = sent.mail_id
        self.assertEqual(len(mails), 2)
        self.assertGreater(mails[0].scheduled_date, fields.Datetime.now())
        self.assertEqual(set(touches[:2].mapped("state")), {"planned"})
        # undone in time, nobody gets anything
        sent.with_user(self.user)._undo()
        self.assertFalse(mails.exists())
        self.assertEqual(set(sent.mapped("state")), {"planned"})
        self.assertEqual(sent.channel_id, self.phone)
        self.assertTrue(all(sent.activity_id.mapped("active")))

    def test_too_late(self):
        touches = self.plan(self.customers[:1], self.mail)
        wizard = self.env["retention.mail.wizard"].with_user(self.user)
        wizard = wizard.create({"touch_ids": touches.ids})
        wizard.action_send()
        touches.mail_id.state = "sent"
        with self.assertRaises(UserError):
            touches.with_user(self.user)._undo()

    def test_dry_run(self):
        self.company.retention_sending = False
        touches = self.plan(self.customers[:2], self.mail)
        wizard = self.env["retention.mail.wizard"].with_user(self.user)
        with self.assertRaises(UserError):
            wizard.create({"touch_ids": touches.ids}).action_send()

    def test_composer(self):
        touch = self.plan(self.customers[:1], self.call)
        self.act()
        action = touch.with_user(self.user).action_mail()
        self.user.group_ids += self.env.ref("base.group_partner_manager")
        composer = self.env["mail.compose.message"].with_user(self.user)
        composer = composer.with_context(**action["context"]).create(
            {"subject": "Hello", "body": "<p>How are you?</p>"}
        )
        result = composer.action_send_mail()
        self.assertEqual(result["tag"], "crm_retention.undo")
        self.assertRecordValues(
            touch,
            [{"state": "done", "channel_id": self.email.id, "is_real": True}],
        )
        message = self.customers[0].message_ids.filtered(
            lambda each: each.subject == "Hello"
        )
        self.assertTrue(message)
        queued = self.env["mail.message.schedule"].search(
            [("mail_message_id", "=", message.id)]
        )
        self.assertTrue(queued)
        touch.with_user(self.user)._undo()
        self.assertFalse(message.exists() or queued.exists())
        self.assertEqual((touch.state, touch.channel_id), ("planned", self.phone))


@tagged("post_install", "-at_install")
class TestWatch(ActCommon):
    def setUp(self):
        super().setUp()
        self.company.retention_watch_least = 3
        self.company.retention_watch_percent = 20
        self.plan(
            self.customers,
            self.call,
            state="done",
            done_at=fields.Datetime.now() - timedelta(days=2),
        )

    def complain(self, customer):
        self.env["retention.consent"].create(
            {"partner_id": customer.id, "state": "refused"}
        )

    def test_quiet_while_few_object(self):
        self.act()
        self.assertFalse(self.policy.activity_ids)

    def test_quiet_while_no_more_object_than_before(self):
        """Who has always complained says nothing about the policy."""
        self.complain(self.customers[0])
        log = {"outcome": "complained", "channel_id": self.phone.id, "state": "done"}
        before = self.Touch.create(
            log
            | {
                "partner_id": self.customers[1].id,
                "done_at": fields.Datetime.now() - timedelta(days=3),
            }
        )
        self.act()
        self.assertFalse(self.policy.activity_ids)
        before.done_at -= timedelta(days=10)  # too long ago to compare with
        self.act()
        self.assertIn("before it 0 did", self.policy.activity_ids.note)

    def test_warns_once(self):
        self.complain(self.customers[0])
        self.act("light")
        self.assertFalse(self.policy.activity_ids)
        self.act()
        self.act()
        self.assertEqual(len(self.policy.activity_ids), 1)
        self.assertEqual(self.policy.activity_ids.user_id, self.manager)
        self.assertIn("1 of 4", self.policy.activity_ids.note)
        self.assertEqual(self.policy.state, "running")

    def test_somebody_is_warned_of_a_shipped_policy(self):
        self.policy.user_id = self.env.ref("base.user_root")
        self.complain(self.customers[0])
        self.act()
        warned = self.policy.activity_ids.user_id
        self.assertTrue(warned.active)
        self.assertTrue(warned.has_group("crm_retention.group_retention_manager"))

    def test_stops(self):
        self.company.retention_watch_stops = True
        self.complain(self.customers[0])
        self.act()
        self.assertEqual(self.policy.state, "draft")
        self.assertIn("1 of 4", self.policy.stop_reason)
        self.policy._start()
        self.assertFalse(self.policy.stopped_on)

    def test_old_policies_are_left_alone(self):
        self.complain(self.customers[0])
        self.policy.started_on = self.today - timedelta(days=200)
        self.act()
        self.assertFalse(self.policy.activity_ids)
        self.policy.pilot_share = 50
        self.act()
        self.assertTrue(self.policy.activity_ids)
