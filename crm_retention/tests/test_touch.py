"""Contacts logged by hand, by whom and in which words refused; merges; screens."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .test_collect import CollectCommon


@tagged("post_install", "-at_install")
class TestLogContact(CollectCommon):
    def log(self, user=None, **values):
        touches = self.Touch.with_user(user) if user else self.Touch
        return self.Touch.browse(
            touches.log_contact({"partner_id": self.person.id, **values})
        )

    def assertRefused(self, says, error=ValidationError, user=None, **values):
        before = self.Touch.search_count([])
        with self.assertRaises(error) as caught:
            self.log(user, **values)
        message = str(caught.exception)
        self.assertIn(says, message)
        self.assertNotIn("\n", message.strip())
        self.assertEqual(self.Touch.search_count([]), before)

    def test_a_call_is_logged_with_what_goes_without_saying(self):
        self.assertTouch(
            self.log(note="Talked about prices"),
            partner_id=self.customer.id,
            person_id=self.person.id,
            company_id=self.company.id,
            channel_id=self.channel("phone").id,
            direction="out",
            category="relationship",
            outcome="reached",
            state="done",
            user_id=self.env.uid,
            note="Talked about prices",
            origin="manual",
            is_real=True,
        )

    def test_all_that_can_be_said(self):
        moment = self.now - timedelta(days=3)
        values = {
            "direction": "in",
            "category": "service",
            "depth": "review",
            "outcome": "complained",
        }
        touch = self.log(
            channel="visit", done_at=fields.Datetime.to_string(moment), **values
        )
        self.assertTouch(
            touch, channel_id=self.channel("visit").id, done_at=moment, **values
        )
        touch = self.log(channel=self.channel("wechat").id, outcome="not_reached")
        self.assertTouch(touch, channel_id=self.channel("wechat").id, is_real=False)

    def test_bad_values_are_refused_in_one_sentence(self):
        for says, values in (
            ("does not exist", {"partner_id": 0}),
            ("does not exist", {"partner_id": 10**9}),
            ("does not exist", {"partner_id": "x"}),
            ("does not exist", {"partner_id": None}),
            ("does not exist", {"partner_id": True}),
            ("no channel", {"channel": "smoke"}),
            ("no channel", {"channel": 10**9}),
            ("no channel", {"channel": ["phone"]}),
            ("cannot be chosen", {"outcome": "happy"}),
            ("cannot be chosen", {"outcome": ["reached"]}),
            ("cannot be chosen", {"direction": 7}),
            ("future", {"done_at": self.now + timedelta(hours=2)}),
            ("cannot be read", {"done_at": "yesterday"}),
            ("cannot be read", {"done_at": 12}),
            ("characters", {"note": "a\0b"}),
            ("characters", {"note": "\ud800"}),
            ("it may say", {"state": "planned"}),
            ("belongs to us", {"partner_id": self.seller.partner_id.id}),
            ("belongs to us", {"partner_id": self.company.partner_id.id}),
        ):
            with self.subTest(says=says, values=values):
                self.assertRefused(says, **values)
        with self.assertRaises(ValidationError):
            self.Touch.log_contact("a call")

    def test_a_customer_of_another_company_is_refused(self):
        second = self.make_company()
        self.other.company_id = second
        self.assertRefused("belongs to", partner_id=self.other.id)

    def test_a_salesperson_logs_for_own_customers_only(self):
        user = self.make_user("user")
        self.assertRefused("not one of your customers", AccessError, user)
        self.customer.user_id = user
        touch = self.log(user)
        self.assertEqual(touch.with_user(user).user_id, user)
        self.assertRefused(
            "not one of your customers", AccessError, user, partner_id=self.other.id
        )

    def test_who_has_an_open_ticket_of_the_customer_may_log(self):
        user = self.make_user("user")
        self.ticket(user_id=user.id)
        self.assertTrue(self.log(user))

    def test_a_lead_logs_for_the_team(self):
        lead = self.make_user("lead")
        self.assertRefused("not one of your customers", AccessError, lead)
        self.env["crm.team"].create(
            {
                "name": "Team",
                "user_id": lead.id,
                "member_ids": [Command.link(self.seller.id)],
            }
        )
        self.customer.user_id = self.seller
        self.assertTrue(self.log(lead))

    def test_a_manager_logs_for_everybody_an_auditor_and_others_for_nobody(self):
        self.assertTrue(self.log(self.make_user("manager")))
        for kind in ("auditor", "none", "portal", "public"):
            user = self.make_user(kind)
            self.customer.user_id = user if kind == "auditor" else False
            with self.subTest(kind):
                self.assertRefused("may not log", AccessError, user)
        both = self.make_user(
            "manager", login="both", groups="crm_retention.group_retention_auditor"
        )
        self.assertTrue(self.log(both))

    def test_later_rooms_hear_of_it_once(self):
        heard = []
        self.patch(
            self.registry["retention.touch"],
            "_contacts_changed",
            lambda touches: heard.append(touches.ids),
        )
        touch = self.log()
        self.assertEqual(heard, [touch.ids])
        touch.note = "Says nothing new"
        self.assertEqual(len(heard), 1)
        touch.outcome = "declined"
        self.assertEqual(len(heard), 2)

    def test_the_dialog_logs_in_two_clicks(self):
        user = self.make_user("user")
        self.customer.user_id = user
        action = self.person.with_user(user).action_log_retention_contact()
        with Form(
            self.env[action["res_model"]]
            .with_user(user)
            .with_context(**action["context"])
        ) as form:
            pass
        form.record.action_log()
        self.assertTouch(
            self.touches(), person_id=self.person.id, user_id=user.id, outcome="reached"
        )

    def test_the_profile_counts_and_opens_contacts(self):
        self.buy(self.customer, (0, 100))
        self.run_pass()
        self.log()
        profile = self.profile_of(self.customer)
        self.assertEqual(profile.contact_count, len(self.touches(state="done")))
        action = profile.action_view_contacts()
        self.assertEqual(self.Touch.search(action["domain"]), self.touches())
        self.assertEqual(
            profile.action_log_contact()["context"]["default_partner_id"],
            self.customer.id,
        )

    def test_the_document_of_a_contact_opens_or_is_said_to_be_gone(self):
        ticket = self.ticket()
        self.collect()
        touch = self.touches()
        self.assertEqual(touch.action_open_document()["res_id"], ticket.id)
        ticket.unlink()
        with self.assertRaisesRegex(UserError, "no longer there"):
            touch.action_open_document()

    def test_who_may_read_and_write(self):
        touch = self.log()
        user = self.make_user("user")
        self.assertFalse(self.Touch.with_user(user).search([]) & touch)
        self.customer.user_id = user
        self.assertTrue(self.Touch.with_user(user).search([]) & touch)
        for kind in ("lead", "auditor"):
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base"):
                touch.with_user(self.make_user(kind)).write({"note": "x"})
        with self.assertRaises(AccessError):
            touch.with_user(user).write({"note": "x"})
        with self.assertRaises(AccessError):
            self.Touch.with_user(self.make_user("none")).search([])


@tagged("post_install", "-at_install")
class TestMerge(CollectCommon):
    @classmethod
    def merge(cls, *partners):
        """Merge contacts into the last one."""
        wizard = cls.env["base.partner.merge.automatic.wizard"].create({})
        *_sources, target = partners
        wizard._merge([each.id for each in partners], target)
        cls.env.invalidate_all()

    def test_contacts_and_behaviour_move_and_are_not_counted_twice(self):
        duplicate = self.env["res.partner"].create({"name": "Duplicate"})
        self.message(to=self.person | duplicate)  # one mail to both
        self.message(to=duplicate)
        self.activity(record=duplicate)
        self.env["retention.event"].create(
            {"partner_id": duplicate.id, "reference": "E-1"}
        )
        self.collect()
        self.assertEqual(len(self.touches(duplicate)), 3)
        self.merge(duplicate, self.customer)
        self.assertEqual(len(self.touches()), 3)
        for key in self.touches().mapped("key"):
            self.assertTrue(key.endswith(f":{self.customer.id}"), key)
        events = self.env["retention.event"].search([("reference", "=", "E-1")])
        self.assertEqual(events.partner_id, self.customer)
        for kind in ("night", "full"):
            self.collect(kind)
            self.assertEqual(len(self.touches()), 3)

    def test_what_was_planned_for_a_merged_contact_is_no_longer_due(self):
        duplicate = self.env["res.partner"].create({"name": "Duplicate"})
        plans = self.Touch.create(
            [
                {
                    "partner_id": partner.id,
                    "channel_id": self.channel("phone").id,
                    "due_date": fields.Date.today(),
                    "origin": origin,
                }
                for partner, origin in (
                    (duplicate, "plan"),
                    (duplicate, "manual"),
                    (self.customer, "plan"),
                )
            ]
        )
        self.merge(duplicate, self.customer)
        self.assertEqual(plans.mapped("state"), ["dropped", "planned", "planned"])
        self.assertEqual(plans.partner_id, self.customer)

    def test_a_person_takes_the_history_along(self):
        self.message(to=self.person)
        self.message(to=self.person | self.colleague)
        self.collect()
        self.person.parent_id = self.other
        self.assertFalse(self.touches())
        self.assertEqual(len(self.touches(self.other)), 2)
        self.collect()
        self.assertEqual(len(self.touches(self.other)), 2)
        self.assertTouch(self.touches(), person_id=self.colleague.id)

    def test_a_customer_that_becomes_a_person_of_another(self):
        self.message(to=self.other)
        self.env["retention.event"].create(
            {"partner_id": self.other.id, "reference": "E-1"}
        )
        self.collect()
        self.other.parent_id = self.customer
        self.assertEqual(self.touches().person_id, self.other)
        events = self.env["retention.event"].search([("reference", "=", "E-1")])
        self.assertEqual(events.partner_id, self.customer)

    def test_merging_persons_of_two_customers(self):
        theirs = self.env["res.partner"].create(
            {"name": "Same Person", "parent_id": self.other.id}
        )
        self.message(to=theirs)
        self.message(to=self.person)
        self.collect()
        self.merge(theirs, self.person)
        self.assertFalse(self.touches(self.other))
        self.assertEqual(len(self.touches()), 2)

    def test_a_deleted_contact_takes_all_along(self):
        self.activity(record=self.other)
        self.env["retention.event"].create(
            {"partner_id": self.other.id, "reference": "E-1"}
        )
        self.collect()
        touch = self.touches(self.other)
        self.assertTrue(touch)
        self.other.unlink()
        self.assertFalse(touch.exists())

    def test_a_deleted_person_leaves_the_contact_with_the_customer(self):
        self.message(to=self.person)
        self.collect()
        self.env["mail.message"].search([("res_id", "=", self.person.id)]).unlink()
        self.person.unlink()
        self.assertTouch(self.touches(), person_id=False)


@tagged("post_install", "-at_install")
class TestViews(CollectCommon):
    def test_every_group_may_open_the_screens(self):
        self.message(to=self.person)
        self.collect()
        models = ("retention.touch", "retention.event", "retention.channel")
        for kind in ("user", "lead", "auditor", "manager"):
            user = self.make_user(kind)
            for model in models:
                env = self.env[model].with_user(user)
                action = self.env["ir.actions.act_window"].search(
                    [("res_model", "=", model), ("path", "!=", False)], limit=1
                )
                views = [
                    (False, name) for name in ["search", *action.view_mode.split(",")]
                ]
                with self.subTest(kind=kind, model=model):
                    self.assertTrue(env.get_views(views)["views"])
                    self.assertIsNotNone(env.web_search_read([], {"id": {}}))
