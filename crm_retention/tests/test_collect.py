"""Contacts out of Odoo's own records: each exactly once, for the right company."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RetentionCommon

KEY = "mail.message:%s:%s"


class CollectCommon(RetentionCommon):
    """Customers, people of theirs, and a way to let each source tell of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Touch = cls.env["retention.touch"]
        cls.customer = cls.env["res.partner"].create(
            {"name": "Customer", "email": "customer@example.com", "is_company": True}
        )
        cls.person, cls.colleague = cls.env["res.partner"].create(
            [
                {
                    "name": name,
                    "parent_id": cls.customer.id,
                    "email": f"{name}@example.com",
                }
                for name in ("person", "colleague")
            ]
        )
        cls.other = cls.env["res.partner"].create({"name": "Other Customer"})
        cls.seller = cls.make_user("user", login="seller", groups="base.group_user")
        cls.now = fields.Datetime.now()

    @classmethod
    def collect(cls, kind="night", company=None):
        """Run the collect step alone; return the run."""
        company = company or cls.company
        run = cls.Run.create(
            {
                "company_id": company.id,
                "step": "collect",
                "kind": kind,
                "as_of": company._retention_today(),
            }
        )
        run._execute()
        cls.env.invalidate_all()
        return run

    @classmethod
    def touches(cls, partner=None, company=None, **values):
        return cls.Touch.search(
            [
                ("partner_id", "=", (partner or cls.customer).id),
                ("company_id", "=", (company or cls.company).id),
                *((name, "=", value) for name, value in values.items()),
            ],
            order="id",
        )

    @classmethod
    def message(cls, record=None, author=None, to=(), status="sent", **values):
        """Write a message, with mails to ``to``."""
        record = record or cls.customer
        message = cls.env["mail.message"].create(
            {
                "model": record._name,
                "res_id": record.id,
                "author_id": (author or cls.seller.partner_id).id,
                "message_type": "comment",
                "record_company_id": cls.company.id,
                "body": "Hello",
                **values,
            }
        )
        cls.notify(message, to, status)
        return message

    @classmethod
    def notify(cls, message, to, status="sent", kind="email"):
        cls.env["mail.notification"].create(
            [
                {
                    "mail_message_id": message.id,
                    "res_partner_id": partner.id,
                    "notification_type": kind,
                    "notification_status": status,
                }
                for partner in to
            ]
        )

    @classmethod
    def activity(cls, kind="call", record=None, done=True, **values):
        record = record or cls.customer
        activity = cls.env["mail.activity"].create(
            {
                "activity_type_id": cls.env.ref(f"mail.mail_activity_data_{kind}").id,
                "res_model_id": cls.env["ir.model"]._get_id(record._name),
                "res_id": record.id,
                "user_id": cls.seller.id,
                **values,
            }
        )
        if done:
            activity._action_done()
        return activity

    @classmethod
    def meeting(cls, guests, hours=-2, **values):
        start = cls.now + timedelta(hours=hours)
        return (
            cls.env["calendar.event"]
            .with_context(no_mail_to_attendees=True, dont_notify=True)
            .create(
                {
                    "name": "Meeting",
                    "user_id": cls.seller.id,
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "partner_ids": [Command.set([each.id for each in guests])],
                    **values,
                }
            )
        )

    @classmethod
    def trace(cls, record, status="sent", **values):
        mailing = cls.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_model_id": cls.env["ir.model"]._get_id("res.partner"),
                "user_id": cls.seller.id,
            }
        )
        return cls.env["mailing.trace"].create(
            {
                "model": record._name,
                "res_id": record.id,
                "email": record.email_normalized,
                "mass_mailing_id": mailing.id,
                "trace_status": status,
                "sent_datetime": cls.now,
                **values,
            }
        )

    @classmethod
    def ticket(cls, partner=None, **values):
        return cls.env["helpdesk.ticket"].create(
            {
                "name": "It does not work",
                "description": "At all",
                "partner_id": (partner or cls.person).id,
                **values,
            }
        )

    def assertTouch(self, touch, **expected):
        self.assertRecordValues(touch, [expected])

    def channel(self, code):
        return self.env.ref(f"crm_retention.channel_{code}")


@tagged("post_install", "-at_install")
class TestSources(CollectCommon):
    def test_a_personal_mail_counts_once_a_customer(self):
        message = self.message(to=self.person | self.colleague | self.other)
        self.collect()
        self.assertTouch(
            self.touches(),
            key=KEY % (message.id, self.customer.id),
            person_id=self.person.id,
            channel_id=self.channel("email").id,
            direction="out",
            category="relationship",
            state="done",
            outcome="reached",
            origin="message",
            user_id=self.seller.id,
            is_bulk=False,
            is_real=True,
        )
        self.assertEqual(len(self.touches(self.other)), 1)

    def test_a_mail_from_the_customer_is_an_answer(self):
        self.message(author=self.person, message_type="email")
        self.collect()
        self.assertTouch(
            self.touches(), direction="in", outcome="answered", is_real=True
        )

    def test_what_a_customer_wrote_in_the_portal_came_by_the_portal(self):
        self.message(author=self.person, to=self.colleague)
        self.collect()
        self.assertTouch(
            self.touches(), direction="in", channel_id=self.channel("portal").id
        )

    def test_a_day_of_live_chat_is_one_contact(self):
        chat = self.env["discuss.channel"].create({"name": "Chat"})
        for _each in range(3):
            self.message(chat, author=self.person)
        self.collect()
        self.assertTouch(self.touches(), channel_id=self.channel("live_chat").id)

    def test_notifications_and_invoices_by_mail_are_bulk(self):
        self.message(to=self.person, message_type="notification")
        self.message(to=self.person, author=self.env.ref("base.partner_root"))
        invoice = self.invoice(self.customer, 1, 100)
        self.message(invoice, to=self.person)
        self.collect()
        touches = self.touches(origin="message")
        self.assertEqual(len(touches), 3)
        self.assertTrue(all(touches.mapped("is_bulk")))
        self.assertFalse(any(touches.mapped("is_real")))
        self.assertEqual(
            touches.mapped("category"), ["relationship", "service", "transactional"]
        )

    def test_a_cancelled_mail_is_none_and_a_bounced_one_reached_nobody(self):
        self.message(to=self.person, status="canceled")
        self.message(to=self.other, status="bounce")
        self.collect()
        self.assertFalse(self.touches())
        self.assertTouch(
            self.touches(self.other),
            outcome="not_reached",
            reaction="bounced",
            is_real=False,
        )

    def test_colleagues_own_companies_and_visitors_are_no_customers(self):
        public = self.env.ref("base.public_partner")
        self.message(to=self.seller.partner_id | self.company.partner_id)
        self.message(author=public, message_type="comment")
        self.meeting(self.seller.partner_id)
        before = self.Touch.search_count([])
        self.collect()
        self.assertEqual(self.Touch.search_count([]), before)

    def test_an_sms_is_a_contact_by_sms(self):
        message = self.message(message_type="sms")
        self.notify(message, self.person, kind="sms")
        self.collect()
        self.assertTouch(
            self.touches(),
            channel_id=self.channel("sms").id,
            origin="sms",
            is_bulk=False,
            is_real=False,
        )

    def test_a_done_call_is_a_contact_and_an_open_one_is_none(self):
        activity = self.activity()
        self.activity(done=False)
        self.activity("todo")
        self.collect()
        self.assertTouch(
            self.touches(),
            key=f"mail.activity:{activity.id}:{self.customer.id}",
            channel_id=self.channel("phone").id,
            outcome="reached",
            user_id=self.seller.id,
            is_real=True,
        )

    def test_activities_on_documents_count_for_their_customer(self):
        order = self.env["sale.order"].create({"partner_id": self.person.id})
        lead = self.env["crm.lead"].create(
            {"name": "Lead", "partner_id": self.person.id}
        )
        self.activity(record=order)
        self.activity(record=lead)
        self.activity(record=self.ticket())
        self.collect()
        self.assertEqual(len(self.touches(origin="activity")), 3)

    def test_a_mail_activity_and_its_mail_are_one_contact(self):
        self.activity("email")
        self.message(to=self.person)
        self.collect()
        self.assertTouch(self.touches(), origin="message")
        self.activity("email", record=self.other)  # written in another program
        self.collect()
        self.assertTouch(self.touches(self.other), origin="activity")

    def test_held_meetings_count_for_who_did_not_decline(self):
        meeting = self.meeting(self.person | self.other)
        meeting.attendee_ids.filtered(
            lambda guest: guest.partner_id == self.other
        ).state = "declined"
        self.meeting(self.person, hours=24)
        self.collect()
        self.assertTouch(
            self.touches(),
            key=f"calendar.event:{meeting.id}:{self.customer.id}",
            channel_id=self.channel("meeting").id,
            done_at=meeting.start,
            outcome="reached",
            is_real=True,
        )
        self.assertFalse(self.touches(self.other))

    def test_an_accepted_meeting_is_an_answer_and_a_deleted_one_drops(self):
        meeting = self.meeting(self.person)
        meeting.attendee_ids.state = "accepted"
        self.collect()
        self.assertTouch(self.touches(), outcome="answered", state="done")
        meeting.active = False
        self.collect()
        self.assertTouch(self.touches(), state="dropped", is_real=False)
        meeting.active = True
        self.collect()
        self.assertTouch(self.touches(), state="done", is_real=True)

    def test_an_activity_with_a_meeting_is_the_meeting(self):
        meeting = self.meeting(self.person)
        self.activity("meeting", calendar_event_id=meeting.id)
        self.collect()
        self.assertTouch(self.touches(), origin="meeting")

    def test_a_planned_contact_is_what_carries_it_out(self):
        meeting = self.meeting(self.person)
        activity = self.activity("meeting", calendar_event_id=meeting.id)
        planned = self.Touch.create(
            {
                "partner_id": self.customer.id,
                "channel_id": self.channel("phone").id,
                "origin": "plan",
                "state": "done",
                "done_at": self.now,
                "outcome": "declined",
                "key": f"mail.activity:{activity.id}:{self.customer.id}",
            }
        )
        self.collect()
        self.assertEqual(self.touches(), planned)
        self.assertTouch(planned, outcome="declined", origin="plan")

    def test_mailings_are_bulk_and_their_outcome_follows(self):
        trace = self.trace(self.person)
        self.collect()
        self.assertTouch(
            self.touches(),
            origin="mailing",
            category="promotion",
            outcome="reached",
            reaction=False,
            is_bulk=True,
            is_real=False,
        )
        for change, outcome, reaction in (
            (trace.set_opened, "reached", "opened"),
            (trace.set_clicked, "answered", "clicked"),
            (trace.set_replied, "answered", "replied"),
            (trace.set_bounced, "not_reached", "bounced"),
        ):
            change()
            if reaction == "bounced":
                trace.links_click_datetime = False
            self.collect()
            self.assertTouch(self.touches(), outcome=outcome, reaction=reaction)

    def test_a_mailing_has_its_own_category(self):
        trace = self.trace(self.person)
        trace.mass_mailing_id.retention_category = "relationship"
        self.collect()
        self.assertTouch(self.touches(), category="relationship")

    def test_traces_that_were_not_sent_or_only_tried_out_do_not_count(self):
        for status in ("outgoing", "process", "error", "cancel"):
            self.trace(self.person, status)
        self.trace(self.person, is_test_trace=True)
        self.collect()
        self.assertFalse(self.touches())

    def test_a_mailing_contact_is_the_contact_with_its_address(self):
        contact = self.env["mailing.contact"].create(
            {"name": "Listed", "email": "Person <PERSON@example.com>"}
        )
        stranger = self.env["mailing.contact"].create(
            {"name": "Stranger", "email": "stranger@example.com"}
        )
        self.trace(contact)
        self.trace(stranger)
        self.collect()
        self.assertTouch(self.touches(), person_id=self.person.id)

    def test_a_ticket_is_a_contact_by_its_channel(self):
        ticket = self.ticket(
            channel_id=self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_email").id
        )
        self.message(ticket, author=self.person, message_type="email")  # opened it
        self.collect()
        self.assertTouch(
            self.touches(),
            key=f"helpdesk.ticket:{ticket.id}:{self.customer.id}",
            channel_id=self.channel("email").id,
            direction="in",
            category="service",
            outcome="answered",
        )

    def test_a_ticket_in_a_category_of_complaints_is_one(self):
        parent = self.env["helpdesk.ticket.category"].create(
            {"name": "Trouble", "retention_kind": "complaint"}
        )
        below = parent.create({"name": "Late", "parent_id": parent.id})
        self.ticket(category_id=below.id)
        self.collect()
        self.assertTouch(self.touches(), outcome="complained")

    def test_a_ticket_that_changes_its_customer_takes_the_contact_along(self):
        ticket = self.ticket()
        self.collect()
        ticket.partner_id = self.other
        self.collect()
        self.assertTouch(self.touches(), state="dropped")
        self.assertTouch(self.touches(self.other), state="done")

    def test_a_purchase_is_an_answer(self):
        invoice = self.invoice(self.customer, fields.Date.today(), 100)
        self.invoice(self.customer, fields.Date.today(), 50, post=False)
        self.buy(self.customer, (fields.Date.today(), -20))
        self.collect()
        self.assertTouch(
            self.touches(),
            key=f"account.move:{invoice.id}:{self.customer.id}",
            direction="in",
            outcome="bought",
            origin="order",
            is_real=False,
        )
        self.assertLessEqual(self.touches().done_at, fields.Datetime.now())

    def test_a_cancelled_purchase_drops(self):
        invoice = self.invoice(self.customer, fields.Date.today(), 100)
        self.collect()
        invoice.button_draft()
        self.collect()
        self.assertTouch(self.touches(), state="dropped")

    def test_orders_count_where_orders_are_the_revenue(self):
        self.invoice(self.customer, fields.Date.today(), 100)
        order = self.order(self.person, self.now - timedelta(days=1), 100)
        self.collect()
        self.company.retention_revenue_source = "order"
        self.collect()
        touch = self.touches(state="done")
        self.assertTouch(
            touch,
            key=f"sale.order:{order.id}:{self.customer.id}",
            done_at=order.date_order.replace(microsecond=0),
        )


@tagged("post_install", "-at_install")
class TestCollect(CollectCommon):
    def fill(self):
        self.message(to=self.person)
        self.message(author=self.person, message_type="email")
        self.activity()
        self.meeting(self.person)
        self.trace(self.person)
        self.ticket()
        self.invoice(self.customer, fields.Date.today(), 100)

    def test_collecting_again_changes_nothing(self):
        self.fill()
        first = self.collect()
        columns = ["id", "write_date", "key", "outcome", "state"]
        before = self.touches().read(columns)
        self.assertEqual(len(before), 7)
        self.assertGreaterEqual(first.changed, 7)
        for kind in ("light", "night", "full"):
            self.assertEqual(self.collect(kind).changed, 0)
        self.assertEqual(self.touches().read(columns), before)

    def test_batches_meet_where_they_end(self):
        messages = [self.message(to=self.person) for _each in range(7)]
        Touch = self.registry["retention.touch"]
        source = Touch._source_messages
        self.patch(
            Touch,
            "_source_messages",
            lambda *args: source(*args)._replace(limit=2),
        )
        self.collect()
        self.assertEqual(
            self.touches().mapped("key"),
            [KEY % (message.id, self.customer.id) for message in messages],
        )

    def test_a_message_that_comes_to_light_late_is_taken_in(self):
        self.env.cr.execute("SELECT nextval('mail_message_id_seq')")
        [late_id] = self.env.cr.fetchone()
        self.message(to=self.other)
        self.collect()
        self.env.cr.execute(
            """INSERT INTO mail_message (id, message_type, author_id, model, res_id,
                                         date, create_date, record_company_id)
               VALUES (%s, 'email', %s, 'res.partner', %s, now(), now(), %s)""",
            [late_id, self.person.id, self.customer.id, self.company.id],
        )
        self.collect("light")
        self.assertEqual(
            self.touches().key, f"mail.message:{late_id}:{self.customer.id}"
        )

    def test_settled_messages_are_not_read_again(self):
        messages = [self.message(to=self.person) for _each in range(3)]
        self.env.cr.execute(
            "UPDATE mail_message SET create_date = create_date - interval '2 hours'"
            " WHERE id <= %s",
            [messages[1].id],
        )
        run = self.collect()
        self.assertEqual(run.bookmark["message"], messages[1].id)

    def test_the_first_collection_reaches_back_as_the_company_says(self):
        for days in (10, 100, 500):
            moment = self.now - timedelta(days=days)
            message = self.message(to=self.person, date=moment)
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE mail_message SET create_date = %s WHERE id = %s",
                [moment, message.id],
            )
        self.company.retention_collect_months = 1
        self.collect()
        self.assertEqual(len(self.touches()), 1)
        self.company.retention_collect_months = 12
        self.collect("light")  # reaches further back than before
        self.assertEqual(len(self.touches()), 2)
        self.collect("full")
        self.assertEqual(len(self.touches()), 2)

    def test_a_change_of_what_is_a_contact_is_taken_in_for_the_past(self):
        kind = self.env.ref("mail.mail_activity_data_todo")
        activity = self.activity("todo")
        self.collect()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_activity SET write_date = write_date - interval '90 days',"
            " date_done = date_done - 90 WHERE id = %s",
            [activity.id],
        )
        kind.retention_channel_id = self.channel("visit")
        self.collect()
        self.assertTouch(self.touches(), channel_id=self.channel("visit").id)

    def test_what_a_person_corrected_stays(self):
        trace = self.trace(self.person)
        self.collect()
        manager = self.make_user("manager")
        self.touches().with_user(manager).outcome = "complained"
        trace.set_clicked()
        self.collect()
        self.assertTouch(self.touches(), outcome="complained")

    def test_a_channel_that_is_no_real_contact_any_more(self):
        self.activity()
        self.collect()
        phone = self.channel("phone")
        phone.is_real = False
        self.assertFalse(self.touches().is_real)
        phone.is_real = True
        self.assertTrue(self.touches().is_real)

    def test_each_contact_belongs_to_one_company(self):
        second = self.make_company()
        theirs = self.make_user(
            "user",
            login="theirs",
            company_id=second.id,
            company_ids=[Command.set(second.ids)],
        )
        private = self.env["res.partner"].create(
            {"name": "Private", "company_id": second.id}
        )
        self.message(to=self.person)
        self.message(
            to=self.person, author=theirs.partner_id, record_company_id=second.id
        )
        self.message(to=private)  # a document of ours
        self.activity(record=private)
        self.meeting(self.person | private, user_id=theirs.id)
        self.ticket(company_id=second.id)
        for _each in range(2):
            self.collect()
            self.collect(company=second)
        self.assertEqual(self.touches().mapped("origin"), ["message"])
        self.assertEqual(
            sorted(self.touches(company=second).mapped("origin")),
            ["meeting", "message", "ticket"],
        )
        self.assertFalse(self.touches(private))
        self.assertEqual(
            sorted(self.touches(private, company=second).mapped("origin")),
            ["activity", "meeting"],
        )

    def test_the_number_of_queries_does_not_grow(self):
        def count(times):
            for _each in range(times):
                self.fill()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.collect()
            return self.env.cr.sql_log_count - before

        count(1)
        few = count(1)
        self.assertEqual(count(12), few)

    @mute_logger("odoo.sql_db")
    def test_a_whole_pass_collects(self):
        self.fill()
        runs = self.run_pass("full", as_of=fields.Date.today())
        self.assertEqual(runs.mapped("state"), ["done"] * len(runs))
        self.assertEqual(len(self.touches(state="done")), 7)
