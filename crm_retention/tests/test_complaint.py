"""Complaints: the path and what it asks for, remedies, the end, measures."""

import random
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_retention.models.host.helpdesk_ticket_path import DATES
from odoo.addons.crm_retention.tools import complaint, service

from .common import TODAY
from .common_complaint import AGENT, ComplaintCommon


@tagged("post_install", "-at_install")
class TestPath(ComplaintCommon):
    def test_from_received_to_closed(self):
        ticket = self.complain()
        own = ticket.with_user(self.agent)
        self.assertEqual(ticket.retention_step, "received")
        with self.assertRaisesRegex(UserError, "Choose the cause. Say how severe"):
            own.action_retention_next()
        own.write(
            {"retention_cause_id": self.cause.id, "retention_severity": "serious"}
        )
        own.action_retention_next()
        self.assertEqual(ticket.retention_step, "classified")
        self.assertEqual(ticket.stage_id, self.working)
        self.assertTrue(ticket.retention_classified_at)
        with self.assertRaisesRegex(UserError, "Write down what was found"):
            own.action_retention_next()
        own.retention_finding = "Bad packing"
        own.action_retention_next()
        action = own.action_retention_next()
        self.assertEqual(action["res_model"], "retention.remedy.wizard")
        self.assertEqual(ticket.retention_step, "investigated")
        with Form(
            self.env["retention.remedy.wizard"]
            .with_user(self.agent)
            .with_context(**action["context"])
        ) as form:
            form.reason = "Sorry"
        form.record.action_apply()
        self.assertEqual(ticket.retention_step, "solved")
        with self.assertRaisesRegex(UserError, "customer has to confirm"):
            own.action_retention_next()
        self.say(own, "phone", "All fine")
        self.assertEqual(ticket.retention_confirmed_by, "phone")
        touch = self.env["retention.touch"].search(
            [("res_model", "=", "helpdesk.ticket"), ("res_id", "=", ticket.id)]
        )
        self.assertEqual((touch.state, touch.note), ("done", "All fine"))
        own.action_retention_next()
        self.assertEqual(ticket.retention_step, "closed")
        self.assertEqual(ticket.stage_id, self.done)
        self.assertTrue(ticket.closed_date)

    def say(self, ticket, what, reason, **values):
        wizards = self.env["retention.complaint.wizard"].with_user(self.agent)
        wizards.create(
            {"ticket_id": ticket.id, "what": what, "reason": reason} | values
        ).action_apply()

    def test_minor_goes_straight(self):
        """Of a trifle nobody writes a report; the steps between have dates, too."""
        ticket = self.complain()
        self.solve(ticket)
        self.assertTrue(ticket.retention_classified_at)
        self.assertTrue(ticket.retention_investigated_at)
        self.assertFalse(ticket.retention_confirmed_at)

    def test_a_step_without_a_stage_takes_that_of_one_passed_by(self):
        ticket = self.complain()
        ticket.sudo().retention_step = "investigated"
        self.assertEqual(ticket.stage_id, self.working)
        waiting = self.working.copy({"name": "Waiting", "retention_step": False})
        ticket.stage_id = waiting
        ticket.sudo().retention_step = "solved"
        self.assertEqual(ticket.stage_id, waiting, "nothing was passed by")

    def test_stage_by_hand(self):
        """An open stage never argues; it takes the step along if all is there."""
        ticket = self.complain()
        own = ticket.with_user(self.agent)
        own.stage_id = self.working
        self.assertEqual(ticket.retention_step, "received")
        own.write({"stage_id": self.new.id})
        own.write({"retention_cause_id": self.cause.id, "retention_severity": "minor"})
        own.stage_id = self.working
        self.assertEqual(ticket.retention_step, "classified")
        own.stage_id = self.new
        self.assertEqual(ticket.retention_step, "classified")

    def test_closing_by_hand_is_refused(self):
        ticket = self.complain()
        own = ticket.with_user(self.agent)
        for what in ("Choose the cause", "press “No Complaint”"):
            with self.assertRaisesRegex(UserError, what):
                own.stage_id = self.done
        with self.assertRaises(UserError):
            own.write({"retention_step": "closed"})
        with self.assertRaises(UserError):
            own.write({"retention_step": "closed", "stage_id": self.done.id})
        self.assertEqual(ticket.retention_step, "received")
        self.assertEqual(ticket.stage_id, self.new)

    def test_no_complaint_and_duplicates_may_go(self):
        spam, twice = self.complain(), self.complain()
        self.say(spam, "none", "Advertising", kind="request")
        self.assertEqual((spam.retention_kind, spam.retention_step), ("request", False))
        spam.with_user(self.agent).stage_id = self.done
        twice.duplicate_id = self.complain()
        twice.with_user(self.agent).stage_id = self.done
        self.assertTrue(twice.closed)

    def test_bulk(self):
        """Many at once are written in groups, and one that lacks stops all."""
        tickets = self.complain() + self.complain() + self.complain()
        own = tickets.with_user(self.agent)
        own.write({"retention_cause_id": self.cause.id, "retention_severity": "minor"})
        own._retention_advance("classified")
        self.assertEqual(tickets.stage_id, self.working)
        for ticket in tickets[:2]:
            self.give(ticket)
        with self.assertRaisesRegex(UserError, tickets[2].number):
            own._retention_advance("solved")

    def test_owner_of_the_step(self):
        self.team.retention_received_user_id = self.chief
        self.team.retention_solved_user_id = self.agent
        ticket = self.complain()
        self.assertEqual(ticket.user_id, self.chief)
        self.assertFalse(self.complain(retention_kind="question").user_id)
        self.solve(ticket)
        self.assertEqual(ticket.user_id, self.agent)

    def test_reopened(self):
        ticket = self.complain()
        own = self.solve(ticket)
        with self.assertRaisesRegex(UserError, "press “Reopen”"):
            own.write({"retention_step": "classified"})
        ticket._retention_confirm("customer")
        ticket._retention_confirm("customer")
        own._retention_advance("closed")
        with self.assertRaisesRegex(UserError, "Say why"):
            self.say(own, "reopen", " ")
        self.say(own, "reopen", "Cracked again")
        self.assertEqual(ticket.retention_step, "classified")
        self.assertEqual(ticket.stage_id, self.working)
        self.assertFalse(ticket.closed)
        self.assertEqual(ticket.retention_reopen_reason, "Cracked again")
        self.assertEqual(ticket.retention_reopen_count, 1)
        self.assertFalse(ticket.retention_solved_at)
        self.assertFalse(ticket.retention_confirmed_by)
        # the apology of the first round does not solve it again
        ticket.retention_reopened_at += timedelta(seconds=1)
        with self.assertRaisesRegex(UserError, "Give the customer a remedy"):
            own._retention_advance("solved")

    def test_reopened_by_its_stage(self):
        ticket = self.complain()
        own = self.solve(ticket)
        ticket._retention_confirm("customer")
        own.stage_id = self.done
        self.assertEqual(ticket.retention_step, "closed")
        own.stage_id = self.new
        self.assertEqual(ticket.retention_step, "classified")
        self.assertEqual(ticket.stage_id, self.new)
        self.assertTrue(ticket.retention_reopened_at)
        self.assertEqual(ticket.retention_reopen_count, 1)

    def test_another_team(self):
        """What is over stays over, also in a team without that stage."""
        ticket, running = self.complain(), self.complain()
        self.solve(ticket)
        ticket._retention_confirm("customer")
        ticket._retention_advance("closed")
        other = self.env["helpdesk.ticket.team"].create({"name": "Others"})
        (ticket + running).write({"team_id": other.id})
        self.assertNotEqual(ticket.stage_id, self.done)
        self.assertTrue(ticket.closed)
        self.assertFalse(ticket.retention_reopen_count)
        self.assertFalse(running.closed)
        steps = (ticket + running).mapped("retention_step")
        self.assertEqual(steps, ["closed", "received"])

    def test_rights(self):
        """Who only follows a ticket moves nothing; customers do not read our words."""
        ticket = self.complain()
        reader = self.make_user("none", login="reader")
        ticket.message_subscribe(reader.partner_id.ids)
        for call in ("action_retention_next", "action_retention_remedy"):
            with self.assertRaises(AccessError):
                getattr(ticket.with_user(reader), call)()
        portal = self.make_user("portal", login="complainer")
        portal.partner_id.parent_id = self.customer
        seen = ticket.with_user(portal)
        self.assertTrue(seen.read(["name", "retention_step"]))
        for name in ("retention_cause_id", "retention_finding", "retention_severity"):
            with self.assertRaises(AccessError):
                seen.read([name])
        for model in (self.Cause, self.Remedy):
            with self.assertRaises(AccessError):
                model.with_user(portal).search([])

    def test_who_looks_after_the_customer_reads_his_complaints(self):
        seller = self.make_user("user", login="seller")
        self.customer.user_id = seller
        other = self.complain(self.make_customers(1))
        question = self.complain(retention_kind="question")
        ticket = self.complain()
        found = self.env["helpdesk.ticket"].with_user(seller).search([])
        self.assertEqual(found & (ticket + other + question), ticket)
        with self.assertRaises(AccessError):
            ticket.with_user(seller).write({"name": "Nothing"})
        profile = self.Profile.new({"partner_id": self.customer.id})
        profile.company_id = self.company
        self.assertEqual(profile.complaint_ids._origin, ticket)


@tagged("post_install", "-at_install")
class TestAnyOrder(ComplaintCommon):
    """Whatever people press in whatever order, what a step says is true."""

    def act(self, chance, ticket):
        """Let somebody do something at random; refusals are part of it."""
        own = ticket.with_user(chance.choice((self.agent, self.chief)))
        actions = {
            "cause": lambda: own.write({"retention_cause_id": self.cause.id}),
            "severity": lambda: own.write(
                {"retention_severity": chance.choice(("minor", "serious"))}
            ),
            "forget": lambda: own.write({"retention_finding": False}),
            "finding": lambda: own.write({"retention_finding": "Bad packing"}),
            "apologize": lambda: self.give(ticket, own.env.user),
            "refund": lambda: self.give(
                ticket, own.env.user, kind="refund", amount=chance.choice((5, 100))
            ),
            "approve": lambda: ticket.retention_remedy_ids.with_user(
                self.chief
            ).action_approve(),
            "next": own.action_retention_next,
            "step": lambda: own.write({"retention_step": chance.choice(service.STEPS)}),
            "stage": lambda: own.write(
                {"stage_id": chance.choice(self.new + self.working + self.done).id}
            ),
            "confirm": lambda: ticket._retention_confirm("customer"),
            "reopen": lambda: own._retention_reopen("Still broken"),
            "night": lambda: (
                self.env["helpdesk.ticket"]
                ._retention_find_quiet(
                    self.company, self.company._retention_today(), ticket.id - 1, 1
                )
                ._retention_close_quiet()
            ),
        }
        actions[chance.choice(sorted(actions))]()

    def check(self, ticket):
        step, rank = ticket.retention_step, complaint.rank(ticket.retention_step)
        self.assertEqual(step == "closed", ticket.closed)
        if rank >= complaint.rank("solved"):
            self.assertIn("given", ticket.retention_remedy_ids.mapped("state"))
        if rank >= complaint.rank("classified"):
            self.assertTrue(ticket.retention_cause_id and ticket.retention_severity)
        confirmed = rank >= complaint.rank("confirmed")
        self.assertEqual(bool(ticket.retention_confirmed_by), confirmed)
        for each, name in DATES.items() | {("solved", "retention_solved_at")}:
            self.assertEqual(bool(ticket[name]), rank >= complaint.rank(each), name)

    def test_any_order(self):
        reached = set()
        for seed in (1, 3):
            chance, ticket, refused = random.Random(seed), self.complain(), 0
            for number in range(60):
                try:
                    with self.cr.savepoint():
                        self.act(chance, ticket)
                        self.env.flush_all()
                except UserError:
                    refused += 1
                self.env.invalidate_all()
                with self.subTest(seed=seed, number=number):
                    self.check(ticket)
                reached.add(ticket.retention_step)
            self.assertLess(refused, 50)
        self.assertGreaterEqual(
            reached, {"received", "classified", *service.SOLVED_STEPS}
        )


@tagged("post_install", "-at_install")
class TestRemedies(ComplaintCommon):
    def test_points_within_the_limit(self):
        ticket = self.complain()
        remedy = self.give(ticket, kind="points", points=500)
        self.assertEqual(remedy.state, "given")
        self.assertFalse(remedy.decided_by_id)
        entry = remedy.entry_id
        self.assertEqual(
            (entry.points, entry.kind, entry.reason), (500, "adjust", "For the crack")
        )
        self.assertTrue(entry.key.endswith(f"remedy:{remedy.id}"))
        self.assertEqual(self.account.available, 500)

    def test_points_above_the_limit_wait(self):
        """Also when they are given in slices."""
        ticket = self.complain()
        self.give(ticket, kind="points", points=300)
        self.team.user_id = self.chief
        remedy = self.give(ticket, kind="points", points=201)
        self.assertEqual(remedy.state, "proposed")
        self.assertEqual(remedy.activity_id.user_id, self.chief)
        self.assertEqual(self.account.available, 300)
        own = ticket.with_user(self.agent)
        own.write({"retention_cause_id": self.cause.id, "retention_severity": "minor"})
        with self.assertRaisesRegex(UserError, "manager has to approve"):
            own._retention_advance("solved")
        for call in ("action_approve", "action_refuse"):
            with self.assertRaises(AccessError):
                getattr(remedy.with_user(self.agent), call)()
        remedy.with_user(self.chief).action_approve()
        self.assertEqual((remedy.state, remedy.decided_by_id), ("given", self.chief))
        self.assertFalse(ticket.activity_ids)
        self.assertEqual(self.account.available, 501)
        with self.assertRaisesRegex(UserError, "decided already"):
            remedy.with_user(self.chief).action_approve()
        remedy.state = "proposed"  # as if two managers had pressed at once
        remedy.with_user(self.chief).action_approve()
        self.assertEqual(self.account.available, 501)
        own._retention_advance("solved")

    def test_refused(self):
        ticket = self.complain()
        remedy = self.give(ticket, kind="refund", amount=50.01)
        self.assertEqual(remedy.state, "proposed")
        remedy.with_user(self.chief).action_refuse()
        self.assertEqual(remedy.state, "refused")
        self.assertEqual(self.give(ticket, kind="refund", amount=50).state, "given")
        self.assertEqual(
            self.give(ticket, self.chief, kind="repair", amount=900).state, "given"
        )

    def test_written_by_methods_only(self):
        ticket = self.complain()
        remedy = self.give(ticket, kind="points", points=900)
        for user in (self.agent, self.chief):
            with self.assertRaises(AccessError):
                remedy.with_user(user).write({"state": "given"})
            with self.assertRaises(AccessError):
                self.Remedy.with_user(user).create(
                    {"ticket_id": ticket.id, "kind": "apology", "reason": "x"}
                )
        stranger = self.make_user("none", login="stranger")
        with self.assertRaises(AccessError):
            self.give(ticket, stranger)

    def test_without_points_program(self):
        self.env["retention.points.program"].search([]).active = False
        with self.assertRaisesRegex(UserError, "collects no points"):
            self.give(self.complain(), kind="points", points=5)

    def test_nonsense_is_refused(self):
        ticket = self.complain()
        for values in (
            {"kind": "points", "points": 0},
            {"kind": "points", "points": -5},
            {"kind": "refund", "amount": 0},
            {"kind": "discount"},
        ):
            with self.subTest(values), mute_logger("odoo.sql_db"):
                with self.assertRaises(IntegrityError):
                    self.give(ticket, **values)
        self.assertFalse(ticket.retention_remedy_ids)
        with self.assertRaisesRegex(UserError, "Say why"):
            self.give(ticket, reason=" ")

    def test_coupon(self):
        """One code for one customer, from the catalogue; its worth counts."""
        reward = self.env["retention.reward"].create(
            {
                "name": "Ten off",
                "program_id": self.points.id,
                "kind": "coupon",
                "amount": 10,
                "cost": 100,
            }
        )
        reward.action_create_program()
        ticket = self.complain()
        remedy = self.give(ticket, kind="discount", reward_id=reward.id)
        self.assertEqual(remedy.state, "given")
        self.assertEqual(remedy.card_id.partner_id, self.customer)
        self.assertEqual(remedy.code, remedy.card_id.code)
        self.assertTrue(remedy.expires_on)
        reward.amount = 60
        remedy = self.give(ticket, kind="discount", reward_id=reward.id)
        self.assertEqual(remedy.state, "proposed")
        self.assertFalse(remedy.card_id)

    def test_other_company(self):
        """Limits and currency are those of the ticket's company."""
        other = self.make_company(currency="CHF")
        other.retention_remedy_amount = 5
        ticket = self.complain(company_id=other.id, team_id=False, stage_id=False)
        self.agent.company_ids |= other
        agent = self.agent.with_context(allowed_company_ids=other.ids)
        remedy = (
            self.Remedy.with_user(agent)
            .with_company(other)
            ._propose(
                ticket.with_user(agent).with_company(other),
                {"kind": "refund", "amount": 6, "reason": "x"},
            )
        )
        self.assertEqual(
            (remedy.company_id, remedy.currency_id.name, remedy.state),
            (other, "CHF", "proposed"),
        )
        self.assertFalse(self.Remedy.with_user(self.chief).search([]) & remedy)


@tagged("post_install", "-at_install")
class TestEnding(ComplaintCommon):
    def close_at_night(self, day, kind="full"):
        run = self.Run.with_env(self.env(context={})).create(  # as the job does
            {
                "company_id": self.company.id,
                "step": "act",
                "kind": kind,
                "as_of": day,
            }
        )
        run._execute()
        self.env.invalidate_all()
        self.assertFalse(run.errors)

    def test_silence(self):
        """Five whole days, once; not while the customer writes, nor in a light run."""
        silent, talking, confirmed, waiting = (self.complain() for _each in range(4))
        for ticket in (silent, talking, confirmed):
            self.solve(ticket)
        talking.message_post(
            body="No!", author_id=self.customer.id, message_type="comment"
        )
        talking.message_ids[0].date = fields.Datetime.now() + timedelta(minutes=1)
        today = self.company._retention_today()
        self.close_at_night(today + timedelta(days=5))
        self.assertEqual(silent.retention_step, "solved")
        self.close_at_night(today + timedelta(days=6), kind="light")
        self.assertEqual(silent.retention_step, "solved")
        confirmed._retention_confirm("customer")
        for _twice in range(2):
            self.close_at_night(today + timedelta(days=6))
        steps = [each.retention_step for each in (silent, talking, confirmed, waiting)]
        self.assertEqual(steps, ["closed", "solved", "closed", "received"])
        self.assertEqual(silent.retention_confirmed_by, "silence")
        self.assertEqual(confirmed.retention_confirmed_by, "customer")
        self.assertTrue(silent.closed and confirmed.closed)
        notes = [body for body in silent.message_ids.mapped("body") if "heard" in body]
        self.assertEqual(len(notes), 1)

    def test_silence_never(self):
        self.company.retention_silence_days = 0
        ticket = self.complain()
        self.solve(ticket)
        self.close_at_night(self.company._retention_today() + timedelta(days=99))
        self.assertEqual(ticket.retention_step, "solved")

    def test_customer_is_asked_once_and_only_when_sending(self):
        mails = self.env["mail.mail"]
        domain = [("subject", "like", "Is all well again?")]
        self.solve(self.complain())
        self.assertFalse(mails.search(domain))
        self.company.retention_sending = True
        ticket = self.complain()
        self.solve(ticket)
        mail = mails.search(domain)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertIn(f"/my/complaint/{ticket.id}?access_token=", mail.body_html)
        self.assertIn(ticket.access_token, mail.body_html)

    def test_dry_run_tells_nobody_that_the_night_closed_it(self):
        self.done.mail_template_id = self.env.ref(
            "helpdesk_mgmt.closed_ticket_template"
        )
        mails = self.env["mail.mail"]
        for sending, expected in ((False, 0), (True, 1)):
            self.company.retention_sending = sending
            ticket = self.complain()
            self.solve(ticket)
            self.flush_tracking()
            before = mails.search([])
            self.close_at_night(self.company._retention_today() + timedelta(days=6))
            self.flush_tracking()
            self.assertEqual(ticket.retention_step, "closed")
            self.assertEqual(len(mails.search([]) - before), expected)

    def flush_tracking(self):
        self.env.flush_all()
        self.cr.precommit.run()

    def test_care_call(self):
        """For the high band, some days later; taken back when it is reopened."""
        high, low = self.make_customers(2)
        for customer, band in ((high, "high"), (low, "low")):
            self.buy(customer, (3, 100))
            self.Profile._score_customers(self.company, customer.ids, TODAY)
            self.profile_of(customer).tier_id = self.program.tier_ids.filtered(
                lambda tier, band=band: tier.band == band
            )[:1]
        tickets = self.complain(high, user_id=self.agent.id) + self.complain(low)
        for ticket in tickets:
            self.solve(ticket)
            ticket._retention_confirm("customer")
        tickets._retention_advance("closed")
        touch = self.env["retention.touch"].search(
            [("res_model", "=", "helpdesk.ticket"), ("res_id", "in", tickets.ids)]
        )
        today = self.company._retention_today()
        self.assertRecordValues(
            touch,
            [
                {
                    "partner_id": high.id,
                    "state": "planned",
                    "due_date": today + timedelta(days=7),
                    "user_id": self.agent.id,
                }
            ],
        )
        tickets[0]._retention_reopen("No")
        self.assertEqual(touch.state, "dropped")


@tagged("post_install", "-at_install")
class TestCauses(ComplaintCommon):
    def test_repeat_complainers(self):
        other = self.make_customers(1)
        old = self.complain(other)
        old.retention_received_at -= timedelta(days=91)
        once = self.complain(other)
        twice = self.complain() + self.complain()
        copy = self.complain(other, duplicate_id=once.id)
        tickets = once + twice + old + copy
        self.assertEqual(
            tickets.filtered("retention_is_repeat"), twice, "of these alone"
        )
        domain = [("retention_is_repeat", "=", True), ("id", "in", tickets.ids)]
        self.assertEqual(self.env["helpdesk.ticket"].search(domain), twice)
        domain[0] = ("retention_is_repeat", "=", False)
        self.assertEqual(self.env["helpdesk.ticket"].search(domain), old + once + copy)
        own = once.with_user(self.agent)
        self.assertFalse(own.retention_is_repeat)

    def test_recurring_causes(self):
        """Three in 90 days propose a measure, until one is open."""
        for _each in range(3):
            self.complain(retention_cause_id=self.cause.id)
        rare = self.Cause.create({"name": "Rare"})
        self.complain(retention_cause_id=rare.id)
        causes = self.cause + rare
        domain = [("is_recurring", "=", True), ("id", "in", causes.ids)]
        self.assertEqual(self.Cause.search(domain), self.cause)
        self.assertEqual(causes.mapped("complaint_count"), [3, 1])
        manager = self.cause.with_user(self.chief)
        context = manager.action_propose_measure()["context"]
        self.assertEqual(len(context["default_ticket_ids"]), 3)
        measures = self.env["retention.complaint.measure"].with_user(self.chief)
        with Form(measures.with_context(**context)) as form:
            form.name = "Better boxes"
        self.env.invalidate_all()
        self.assertFalse(self.Cause.search(domain))
        self.assertFalse(self.cause.is_recurring)
        measure = form.record
        measure.state = "done"
        self.assertEqual(measure.done_on, self.company._retention_today())
        self.env.invalidate_all()
        self.assertTrue(self.cause.is_recurring)

    def test_before_and_after_a_measure(self):
        part = self.Cause.create({"name": "Left", "parent_id": self.cause.id})
        measure = self.env["retention.complaint.measure"].create(
            {"name": "Boxes", "cause_id": self.cause.id, "state": "done"}
        )
        today = self.company._retention_today()
        measure.done_on = today - timedelta(days=10)
        for cause, days in ((part, 11), (self.cause, 30), (part, 10), (part, 200)):
            ticket = self.complain(retention_cause_id=cause.id)
            ticket.retention_received_at -= timedelta(days=days)
        self.env.invalidate_all()
        self.assertEqual((measure.count_before, measure.count_after), (2, 1))

    def test_used_causes_stay(self):
        self.complain(retention_cause_id=self.cause.id)
        with self.assertRaisesRegex(UserError, "archive it"):
            self.cause.unlink()
        with self.assertRaises(UserError):
            self.cause.parent_id = self.Cause.create(
                {"name": "Part", "parent_id": self.cause.id}
            )

    def test_cause_of_another_company(self):
        other = self.make_company()
        theirs = self.Cause.create({"name": "Theirs", "company_id": other.id})
        with self.assertRaisesRegex(UserError, "another company"):
            self.complain(retention_cause_id=theirs.id)

    def test_agents_without_other_rights(self):
        """An agent of the helpdesk alone works on complaints in the form."""
        agent = self.make_user("none", login="plain", groups=AGENT)
        self.team.user_ids += agent
        with Form(self.complain().with_user(agent)) as form:
            form.retention_cause_id = self.cause
            form.retention_severity = "critical"
        self.assertEqual(form.record.retention_severity, "critical")
        self.assertEqual(service.COMPLAINT, form.record.retention_kind)
