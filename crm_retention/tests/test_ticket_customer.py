"""Who may know whose ticket it is, what tiers bring to tickets, and who calls."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import RetentionCommon

SHOWN = (
    "retention_shows_customer",
    "retention_tier_name",
    "retention_band",
    "retention_stage_name",
    "retention_revenue",
    "retention_complaint_count",
    "retention_promise_text",
    "retention_contact_text",
    "retention_hint_text",
)


class TicketCommon(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._retention_today()
        cls.best, cls.other = cls.make_customers(2)
        cls.buy(cls.best, (cls.today - timedelta(days=9), 5000))
        cls.buy(cls.best, (cls.today - timedelta(days=400), 70))
        cls.run_pass(as_of=cls.today, steps=("score", "place", "stage"))
        cls.high = cls.program.tier_ids.sorted()[0]
        cls.low = cls.program.tier_ids.sorted()[-1]
        cls.hold(cls.best, cls.high)
        cls.hold(cls.other, cls.low)
        cls.Ticket = cls.env["helpdesk.ticket"]
        cls.agent, cls.mate, cls.elsewhere = (
            cls.make_user(
                "none", login=login, groups="helpdesk_mgmt.group_helpdesk_user"
            )
            for login in ("agent", "mate", "elsewhere")
        )
        cls.team, cls.other_team = cls.env["helpdesk.ticket.team"].create(
            [
                {
                    "name": "First",
                    "user_ids": [Command.set((cls.agent | cls.mate).ids)],
                },
                {"name": "Second", "user_ids": [Command.set(cls.elsewhere.ids)]},
            ]
        )

    @classmethod
    def hold(cls, customer, tier):
        """Let a customer hold a tier, whatever the figures say."""
        profile = cls.profile_of(customer) or cls.Profile.create(
            {"partner_id": customer.id, "company_id": cls.company.id}
        )
        profile.tier_id = tier

    @classmethod
    def make_ticket(cls, partner=None, env=None, **values):
        return cls.Ticket.with_env(env or cls.env).create(
            {
                "name": "Help",
                "description": "x",
                "partner_id": (partner or cls.best).id,
                "user_id": False,
                **values,
            }
        )

    def seen(self, ticket, user):
        self.env.invalidate_all()
        return ticket.with_user(user).read(SHOWN)[0]


@tagged("post_install", "-at_install")
class TestCustomerShown(TicketCommon):
    def assertShown(self, ticket, *users):
        for user in users:
            values = self.seen(ticket, user)
            self.assertEqual(values["retention_tier_name"], self.high.name)
            self.assertEqual(values["retention_band"], "high")
            self.assertEqual(values["retention_revenue"], 5000)

    def assertHidden(self, ticket, *users):
        for user in users:
            values = self.seen(ticket, user)
            self.assertFalse(any(values[name] for name in SHOWN), user.login)

    def test_agent_and_team_only(self):
        ticket = self.make_ticket(team_id=self.team.id)
        self.assertShown(ticket, self.agent, self.mate)
        self.assertHidden(ticket, self.elsewhere)
        mine = self.make_ticket(user_id=self.elsewhere.id)
        self.assertShown(mine, self.elsewhere)
        self.assertHidden(mine, self.agent)
        self.assertHidden(self.make_ticket(), self.agent)
        # what one reader saw the next one does not get from the cache
        self.assertTrue(ticket.with_user(self.agent).retention_band)
        self.assertFalse(ticket.with_user(self.elsewhere).retention_band)

    def test_no_more_than_that(self):
        ticket = self.make_ticket(team_id=self.team.id)
        self.assertShown(ticket, self.agent)
        for model in ("retention.profile", "retention.tier", "retention.transaction"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.agent).search([])

    def test_own_customers_of_salespeople(self):
        seller = self.make_user("user", groups="helpdesk_mgmt.group_helpdesk_user")
        ticket = self.make_ticket(team_id=self.team.id)
        self.assertHidden(ticket, seller)
        self.best.user_id = seller
        self.assertShown(ticket, seller)

    def test_customers_themselves_see_nothing(self):
        portal = self.make_user("portal", partner_id=self.best.id)
        ticket = self.make_ticket(team_id=self.team.id, user_id=self.agent.id)
        self.assertHidden(ticket, portal)

    def test_found_by_band_only_where_shown(self):
        ours = self.make_ticket(team_id=self.team.id)
        theirs = self.make_ticket(team_id=self.other_team.id)
        plain = self.make_ticket(self.other, team_id=self.team.id)
        all_three = [("id", "in", (ours + theirs + plain).ids)]
        find = self.Ticket.with_user(self.agent).search
        self.assertEqual(find(all_three + [("retention_band", "=", "high")]), ours)
        self.assertEqual(find(all_three + [("retention_band", "=", "low")]), plain)
        self.assertEqual(find(all_three + [("retention_band", "=", False)]), theirs)
        self.assertEqual(
            find(all_three + [("retention_band", "!=", "high")]), plain + theirs
        )

    def test_other_company(self):
        """The figures are those of the ticket's company."""
        other = self.make_company()
        self.buy(self.best, (self.today, 10), company=other)
        ticket = self.make_ticket(
            company_id=other.id, user_id=self.env.uid, team_id=False
        )
        self.assertEqual(ticket.retention_revenue, 10)
        self.assertFalse(ticket.retention_band)
        self.assertFalse(self.Ticket.search([("retention_band", "=", "high")]) & ticket)

    def test_at_a_glance(self):
        phone = self.env.ref("crm_retention.channel_phone")
        touch = {"partner_id": self.best.id, "channel_id": phone.id}
        now = fields.Datetime.now()
        self.env["retention.touch"].create(
            [
                touch | {"due_date": self.today + timedelta(days=3)},
                *(
                    touch | {"state": "done", "done_at": now, "outcome": outcome}
                    for outcome in ("answered", "not_reached")
                ),
            ]
        )
        for days in (1, 89, 91):
            moment = now - timedelta(days=days)
            self.make_ticket(retention_kind="complaint", retention_received_at=moment)
        values = self.seen(self.make_ticket(team_id=self.team.id), self.agent)
        self.assertEqual(values["retention_complaint_count"], 2)
        self.assertIn("by Phone (nobody yet)", values["retention_promise_text"])
        self.assertIn("by Phone: Not Reached", values["retention_contact_text"])
        self.assertIn("Phone: 1 of 2 times", values["retention_hint_text"])
        self.assertIn("5,000", values["retention_hint_text"])
        self.env["retention.wish"].create(
            {
                "partner_id": self.best.id,
                "channel_id": self.env.ref("crm_retention.channel_email").id,
            }
        )
        values = self.seen(self.make_ticket(team_id=self.team.id), self.agent)
        self.assertIn("Wishes to be reached by", values["retention_hint_text"])


@tagged("post_install", "-at_install")
class TestTierOnTicket(TicketCommon):
    def test_priority(self):
        """Raised for the better ones, never lowered, never over a person's choice."""
        for customer, given, priority in (
            (self.best, {}, "2"),
            (self.best, {"priority": "1"}, "2"),
            (self.best, {"priority": "0"}, "0"),
            (self.best, {"priority": "3"}, "3"),
            (self.other, {}, "1"),
        ):
            with self.subTest(customer=customer.name, given=given):
                ticket = self.make_ticket(customer, **given)
                self.assertEqual(ticket.priority, priority)
        self.company.retention_priority_high = False
        self.assertEqual(self.make_ticket().priority, "1")

    def test_a_person_of_the_customer(self):
        person = self.make_customers(1, parent_id=self.best.id)
        self.assertEqual(self.make_ticket(person).priority, "2")

    def test_team_and_member(self):
        self.high.service_team_id = self.team
        ticket = self.make_ticket()
        self.assertEqual(ticket.team_id, self.team)
        self.assertFalse(ticket.user_id)
        self.high.service_user_id = self.mate
        self.assertEqual(self.make_ticket().user_id, self.mate)
        for chosen in ({"team_id": self.other_team.id}, {"user_id": self.agent.id}):
            ticket = self.make_ticket(**chosen)
            self.assertNotEqual(ticket.user_id, self.mate)
        self.assertEqual(self.make_ticket(team_id=self.team.id).user_id, self.mate)
        self.assertFalse(self.make_ticket(self.other).team_id)

    def test_what_does_not_fit_is_refused(self):
        elsewhere = self.make_company()
        theirs = self.team.copy({"company_id": elsewhere.id})
        self.high.service_team_id = self.team
        for values in (
            {"service_team_id": theirs.id},
            {"service_user_id": self.elsewhere.id},
        ):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.high.write(values)

    def test_mail_and_many(self):
        """By the gateway, and many with as many queries as one."""
        self.best.email = "best@example.com"
        ticket = self.Ticket.message_new(
            {
                "subject": "Broken",
                "body": "x",
                "from": "best@example.com",
                "author_id": self.best.id,
                "to": "",
                "cc": "",
            }
        )
        self.assertEqual(ticket.priority, "2")
        values = [{"partner_id": self.best.id}] * 20
        self.env.invalidate_all()
        with self.assertQueryCount(5):
            preferred = self.Ticket._retention_prefer(values)
        self.assertEqual({each["priority"] for each in preferred}, {"2"})


@tagged("post_install", "-at_install")
class TestCall(TicketCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.country_id = cls.env.ref("base.us")
        (cls.best + cls.other).country_id = cls.company.country_id
        cls.best.phone = "+1 202-555-0143"
        cls.Wizard = cls.env["retention.call.wizard"].with_user(cls.agent)

    def find(self, number):
        return self.env["res.partner"]._retention_find_callers(number)

    def test_found_by_number(self):
        for number in ("+12025550143", "(202) 555-0143", "001 202 555 0143", "5550143"):
            self.assertEqual(self.find(number), self.best, number)
        for number in ("", "0143", "+12025550144", "abcdefg", "%%%%%%", "_____55"):
            self.assertFalse(self.find(number), number)
        self.other.phone = self.best.phone
        self.assertEqual(self.find("202 555 0143"), self.best + self.other)

    def test_ticket_in_two_clicks(self):
        with Form(self.Wizard) as form:
            form.number = "202 555 0143"
            self.assertEqual(form.partner_id, self.best)
        action = form.record.action_create_ticket()
        ticket = self.Ticket.browse(action["res_id"])
        self.assertEqual((ticket.partner_id, ticket.user_id), (self.best, self.agent))
        self.assertEqual(ticket.priority, "2")
        self.assertEqual(ticket.name, f"Call by {self.best.name}")
        self.assertTrue(ticket.retention_answered_at)

    def test_several_and_nobody(self):
        self.other.phone = self.best.phone
        with Form(self.Wizard) as form:
            form.number = "202 555 0143"
            self.assertFalse(form.partner_id)
            form.partner_id = self.other
            form.kind = "complaint"
        ticket = self.Ticket.browse(form.record.action_create_ticket()["res_id"])
        self.assertEqual(ticket.partner_id, self.other)
        self.assertEqual(ticket.retention_kind, "complaint")
        unknown = self.Wizard.create({"number": "+49 30 123456"})
        ticket = self.Ticket.browse(unknown.action_create_ticket()["res_id"])
        self.assertEqual(ticket.partner_name, "+49 30 123456")
        with self.assertRaises(UserError):
            self.Wizard.create({}).action_create_ticket()


@tagged("post_install", "-at_install")
class TestWhatHelped(TicketCommon):
    def test_by_cause(self):
        """Of other complaints of the same cause that were settled for good."""
        late, other = (
            self.env.ref(f"crm_retention.complaint_cause_{name}")
            for name in ("late", "defect")
        )
        values = {
            "retention_kind": "complaint",
            "retention_cause_id": late.id,
            "retention_severity": "minor",
        }
        closed = [self.make_ticket(**values) for _each in range(4)]
        for ticket, kind in zip(
            closed, ("apology", "refund", "refund", "replacement"), strict=True
        ):
            self.env["retention.complaint.remedy"]._propose(
                ticket, {"kind": kind, "reason": "Sorry", "amount": 1}
            )
            ticket.retention_confirmed_by = "phone"
            ticket.sudo().retention_step = "closed"
        closed[2].retention_reopen_count = 1
        ticket = self.make_ticket(**values, user_id=self.agent.id)
        self.assertEqual(
            ticket.with_user(self.agent).retention_helped_text,
            "Apology: settled 1 of 1 complaints\n"
            "Replacement: settled 1 of 1 complaints",
        )
        closed[2].retention_reopen_count = 0
        ticket.invalidate_recordset()
        self.assertEqual(
            ticket.retention_helped_text.splitlines()[0],
            "Refund: settled 2 of 2 complaints",
        )
        ticket.retention_cause_id = other
        self.assertFalse(ticket.retention_helped_text)
