"""A company's contacts, day by day, and an independent judge of each of them.

Customers, policies, limits, refusals, complaints and answers come from a seeded
generator; the passes run as the job runs them. The judge knows the rules only by
what this file made, and recounts every contact by itself: it shares no code with the
guard.
"""

import contextlib
import hashlib
import random
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from unittest.mock import patch
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time
from odoo.tools import SQL

START = date(2026, 3, 2)  # a Monday; the clocks change on the 29th
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Sydney")
HOME = "Europe/Berlin"
MOMENTS = (time(2, 30), time(9, 30), time(15, 0))  # UTC; the first is the night
PEOPLE = 6
CATEGORIES = ("relationship", "promotion")
UTC = ZoneInfo("UTC")
NUMBERED = (
    "res_partner",
    "res_users",
    "retention_contact_policy",
    "retention_cadence",
    "retention_touch",
)


class Simulation:
    """One company over some weeks; ``wrong`` counts what must never happen."""

    def __init__(self, env, seed, customers):
        self.env = env
        self.company = env.company
        self.chance = random.Random(seed)
        self.size = customers
        self.wrong = Counter()
        self.said = Counter()
        self.contacts = defaultdict(list)  # customer -> [(moment, category, channel)]
        self.refused = {}  # customer -> moment from which nothing is allowed
        self.paused = {}  # customer -> day before which nothing is allowed
        self.complaints = {}  # customer -> ticket
        self.missing = []
        self.seen = 0

    # ---- the company -------------------------------------------------------------

    def set_up(self):
        """Make people, customers with a history, policies and limits."""
        self.count_anew()
        self.company.resource_calendar_id.tz = HOME
        self.company.retention_sending = True
        self.company.retention_holdout_share = 0
        self.closed = {
            START + timedelta(days=self.chance.randrange(120)) for _ in range(6)
        }
        self.env["resource.calendar.leaves"].create(
            [
                {
                    "name": "Closed",
                    "calendar_id": self.company.resource_calendar_id.id,
                    "company_id": self.company.id,
                    "date_from": datetime.combine(day, time(0)) - timedelta(hours=1),
                    "date_to": datetime.combine(day, time(22)),
                }
                for day in self.closed
            ]
        )
        self.people = self.env["res.users"].create(
            [
                {
                    "name": f"Person {n}",
                    "login": f"simulated_{n}",
                    "group_ids": [
                        Command.link(
                            self.env.ref("crm_retention.group_retention_user").id
                        )
                    ],
                    "tz": HOME,
                }
                for n in range(PEOPLE)
            ]
        )
        self.make_customers()
        self.make_rules()

    def count_anew(self):
        """Have ids begin where they end: chance by id is then the same each time."""
        for table in NUMBERED:
            self.env.cr.execute(
                SQL(
                    "SELECT setval(%s, (SELECT max(id) + 1 FROM %s))",
                    f"{table}_id_seq",
                    SQL.identifier(table),
                )
            )

    def make_customers(self):
        chance = self.chance
        self.customers = self.env["res.partner"].create(
            [
                {
                    "name": f"Simulated {n}",
                    # one address in fifty is another customer's too
                    "email": f"c{n - n % 50 if n % 50 == 1 else n}@example.com",
                    "phone": f"+49 30 {1000000 + n}",
                    "tz": chance.choice(ZONES),
                    "user_id": chance.choice(self.people).id,
                }
                for n in range(self.size)
            ]
        )
        self.number = {partner.id: n for n, partner in enumerate(self.customers)}
        self.env["retention.purchase"].create(
            [
                {
                    "partner_id": partner.id,
                    "date": START - timedelta(days=chance.randrange(1, 500)),
                    "amount": round(chance.lognormvariate(4, 1), 2),
                    "reference": f"S-{n}-{k}",
                }
                for n, partner in enumerate(self.customers)
                for k in range(chance.randrange(1, 5))
            ]
        )

    def make_rules(self):
        """Replace what is shipped by random policies and limits."""
        env, chance = self.env, self.chance
        env["retention.contact.policy"].search([]).active = False
        env["retention.cap"].search([]).active = False
        self.channels = {
            code: env.ref(f"crm_retention.channel_{code}")
            for code in ("phone", "email")
        }
        template = env["mail.template"].create(
            {
                "name": "Simulated",
                "model_id": env["ir.model"]._get_id("res.partner"),
                "subject": "News",
                "body_html": "<p>News</p>",
                "email_to": "{{ object.email }}",
            }
        )
        policies = env["retention.contact.policy"].create(
            [
                {
                    "name": f"Policy {band}",
                    "band": band,
                    "cadence_ids": [
                        Command.create(self.make_line(n, template))
                        for n in range(chance.randrange(2, 4))
                    ],
                }
                for band in ("high", "middle", "low")
            ]
        )
        policies._start()
        self.limits = [
            {"kind": "rolling", "most": most, "window_hours": hours, "only": only}
            for most, hours, only in (
                (1, chance.choice((20, 24, 30)), "promotion"),
                (chance.randrange(1, 4), 24 * 7, None),
                (chance.randrange(2, 6), 24 * 30, None),
            )
        ] + [{"kind": "gap", "window_hours": chance.choice((6, 20)), "only": None}]
        env["retention.cap"].create(
            [
                {
                    "name": f"Limit {n}",
                    "kind": limit["kind"],
                    "most": limit.get("most", 0),
                    "window_hours": limit["window_hours"],
                    "obey_relationship": limit["only"] != "promotion",
                    "count_relationship": limit["only"] != "promotion",
                    "when_capped": chance.choice(("defer", "skip")),
                }
                for n, limit in enumerate(self.limits)
            ]
            + [
                {"name": name, "kind": name}
                for name in ("quiet", "closed", "complaint")
            ]
        )

    def make_line(self, n, template):
        interval = self.chance.choice((7, 10, 14, 21, 30))
        automatic = n % 2 == 0
        return {
            "name": f"Line {n}",
            "channel_id": self.channels["email" if automatic else "phone"].id,
            "mode": "automatic" if automatic else "personal",
            "mail_template_id": template.id if automatic else False,
            "category": self.chance.choice(CATEGORIES) if automatic else "relationship",
            "interval_days": interval,
            "longest_days": 2 * interval,
            "shortest_days": 7,
            "slowest_days": 180,
            "adapts": self.chance.random() < 0.5,
        }

    # ---- the days ----------------------------------------------------------------

    def run(self, days, rest=None):
        """Live through so many days; return what was found.

        :param rest: called with the number of each day that is over.
        """
        with self.at(datetime.combine(START, MOMENTS[0])):
            self.set_up()
            self.run_pass("full")
        for n in range(days):
            day = START + timedelta(days=n)
            for moment in MOMENTS:
                with self.at(datetime.combine(day, moment)):
                    self.live(moment, day)
            if rest:
                rest(n)
        return {
            "contacts": self.seen,
            "wrong": dict(self.wrong),
            "said": dict(self.said),
            "digest": self.digest(),
        }

    @contextlib.contextmanager
    def at(self, moment):
        """Have it be ``moment`` for a while, for the database too."""
        self.now = moment
        with freeze_time(moment), patch.object(self.env.cr, "now", lambda: moment):
            yield

    def live(self, moment, day):
        self.happen()
        self.run_pass("night" if moment == MOMENTS[0] else "light")
        self.judge_new()
        if moment != MOMENTS[0] and day.weekday() < 5 and day not in self.closed:
            self.work()
            self.judge_new()
        if moment == MOMENTS[0]:
            self.check_plan()

    def run_pass(self, kind):
        runs = self.env["retention.run"]._plan(
            self.company, kind, self.company._retention_today()
        )
        runs._execute()
        self.env.invalidate_all()
        failed = runs.filtered(lambda run: run.state != "done" or run.errors)
        if failed:
            raise AssertionError(failed.mapped("message"))

    def some(self, share):
        """Return some of the customers, about ``share`` of them."""
        share *= 1 + 2_000 / self.size  # few customers: enough happens all the same
        count = round(self.size * share * 2 * self.chance.random())
        return self.customers.browse(self.chance.sample(self.customers.ids, count))

    def happen(self):
        """Let customers refuse, pause, complain, be content again, and answer."""
        env, now = self.env, self.now
        for partner in self.some(0.0007):
            env["mail.blacklist"]._add(partner.email)
            env["retention.consent"].create(
                {
                    "partner_id": partner.id,
                    "state": self.chance.choice(("refused", "withdrawn")),
                    "given_at": now,
                }
            )
            self.refused.setdefault(partner.id, now)
            self.said["refused"] += 1
        for partner in self.some(0.0005):
            until = now.date() + timedelta(days=self.chance.randrange(3, 40))
            wish = env["retention.wish"].search([("partner_id", "=", partner.id)])
            if wish:
                wish.pause_until = until
            else:
                wish.create({"partner_id": partner.id, "pause_until": until})
            self.paused[partner.id] = until
            self.said["paused"] += 1
        self.complain()
        answers = [
            {
                "partner_id": partner.id,
                "channel_id": self.channels["phone"].id,
                "direction": "in",
                "category": "service",
                "state": "done",
                "done_at": now,
                "outcome": "answered",
            }
            for partner in self.some(0.002)
        ]
        env["retention.touch"].create(answers)._contacts_changed()

    def complain(self):
        tickets = self.env["helpdesk.ticket"]
        category = self.env["helpdesk.ticket.category"].search(
            [("name", "=", "Simulated complaint")]
        ) or self.env["helpdesk.ticket.category"].create(
            {"name": "Simulated complaint", "retention_kind": "complaint"}
        )
        for partner in self.some(0.0005):
            if partner.id not in self.complaints:
                self.complaints[partner.id] = tickets.create(
                    {
                        "name": "Broken",
                        "description": "It is broken",
                        "partner_id": partner.id,
                        "category_id": category.id,
                        "company_id": self.company.id,
                    }
                )
                self.said["complained"] += 1
        closed = self.env["helpdesk.ticket.stage"].search(
            [("closed", "=", True)], limit=1
        )
        for customer, ticket in list(self.complaints.items()):
            if self.chance.random() < 0.1:
                ticket.stage_id = closed
                del self.complaints[customer]

    def work(self):
        """Let people carry out some of what Today shows them, as the guard allows."""
        Touch = self.env["retention.touch"]
        due = Touch.search(
            [("state", "=", "planned"), ("activity_id.active", "=", True)], order="id"
        )
        chosen = due.filtered(lambda _touch: self.chance.random() < 0.6)
        requests = [touch._prepare_request() for touch in chosen]
        verdicts = self.env["retention.guard"]._judge(self.company, requests)
        for touch, verdict in zip(chosen, verdicts, strict=True):
            if verdict.state == "allowed" and touch.state == "planned":
                outcome = self.chance.choice(("reached", "answered", "not_reached"))
                touch._do({"outcome": outcome})

    # ---- the judge ---------------------------------------------------------------

    def judge_new(self):
        """Look at every contact that took place since the last time."""
        self.env.flush_all()
        touches = self.env["retention.touch"].search(
            [
                ("state", "=", "done"),
                ("direction", "=", "out"),
                ("company_id", "=", self.company.id),
                ("cadence_id", "!=", False),
                ("done_at", ">=", fields.Datetime.to_string(self.now)),
            ],
            order="done_at, id",
        )
        for touch in touches:
            row = (touch.done_at, touch.category, touch.channel_id.code, touch.id)
            known = self.contacts[touch.partner_id.id]
            if row in known:
                continue
            self.judge(touch.partner_id, *row[:3])
            known.append(row)
            self.seen += 1

    def judge(self, partner, moment, category, channel):
        """Count what is wrong with one contact of ``partner`` at ``moment`` (UTC)."""
        customer = partner.id
        if customer in self.refused:
            self.wrong["after saying no"] += 1
        home = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(HOME))
        if customer in self.paused and home.date() < self.paused[customer]:
            self.wrong["while paused"] += 1
        if customer in self.complaints:
            self.wrong["while complaining"] += 1
        if home.date() in self.closed or home.weekday() >= 5:
            self.wrong["on a closed day"] += 1
        there = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(partner.tz))
        if there.hour >= 20 or there.hour < 8:
            self.wrong["in quiet hours"] += 1
        earlier = self.contacts[customer]
        for limit in self.limits:
            if limit["only"] and category != limit["only"]:
                continue
            counted = [
                at
                for at, kind, _channel, _id in earlier
                if (not limit["only"] or kind == limit["only"])
                and at > moment - timedelta(hours=limit["window_hours"])
            ]
            if len(counted) >= (limit.get("most") or 1):
                self.wrong[f"over a limit: {limit['kind']}"] += 1

    def check_plan(self):
        """Each line of who may be contacted has one planned contact, none has two."""
        rows = self.env["retention.touch"]._read_group(
            [("state", "=", "planned"), ("cadence_id", "!=", False)],
            ["partner_id", "cadence_id"],
            ["__count"],
        )
        planned = defaultdict(set)
        for partner, line, count in rows:
            planned[partner.id].add(line.id)
            self.wrong["planned twice"] += count > 1
        lines = {
            policy.band: set(policy.cadence_ids.ids)
            for policy in self.env["retention.contact.policy"].search([])
        }
        profiles = self.env["retention.profile"].search([("tier_id", "!=", False)])
        for profile in profiles:
            customer = profile.partner_id
            if not self.is_free(customer):
                continue
            missing = lines[profile.band] - planned[customer.id]
            self.wrong["not planned"] += len(missing)
            self.missing.extend((customer, line, self.now) for line in missing)
        self.wrong += Counter()  # forget zeros

    def is_free(self, partner):
        """Tell whether nothing that was said keeps ``partner`` from being contacted."""
        customer = partner.id
        if customer not in self.number or customer in self.complaints:
            return False
        silent = {each.email for each in self.customers.browse(self.refused)}
        return partner.email not in silent and not (
            customer in self.paused and self.paused[customer] > self.now.date()
        )

    def digest(self):
        """Return a fingerprint of all that was planned and done, without ids."""
        rows = sorted(
            (
                self.number[touch.partner_id.id],
                touch.cadence_id.name or "",
                touch.policy_id.name or "",
                str(touch.due_date),
                str(touch.done_at),
                touch.state,
                touch.channel_id.code,
                self.people.ids.index(touch.user_id.id)
                if touch.user_id in self.people
                else -1,
            )
            for touch in self.env["retention.touch"].search([])
            if touch.partner_id.id in self.number
        )
        return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
