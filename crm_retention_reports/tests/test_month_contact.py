from collections import defaultdict
from datetime import date, datetime
from random import Random

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common_contacts import ContactCommon


@tagged("post_install", "-at_install")
class TestMonthContact(ContactCommon):
    """Contacts by channel and mailings: as the documents say, for whom it concerns."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two, cls.three, cls.four = cls.make_customers(4)

    def rows(self, partner, *names):
        found = self.Contact.search([("partner_id", "=", partner.id)], order="month")
        found = found.sorted(lambda row: (row.month, row.channel_id.sequence))
        return [
            (str(row.month)[5:7], row.channel_id.code, *(row[name] for name in names))
            for row in found
        ]

    def test_counts(self):
        self.touch(self.one, date(2024, 4, 3), outcome="answered")
        self.touch(self.one, date(2024, 4, 9), outcome="not_reached")
        self.touch(self.one, date(2024, 4, 10), direction="in")
        self.touch(
            self.one,
            date(2024, 4, 11),
            channel_id=self.email.id,
            is_bulk=True,
            outcome="answered",
            reaction="clicked",
        )
        self.touch(
            self.one,
            date(2024, 4, 12),
            channel_id=self.email.id,
            category="transactional",
        )
        self.touch(self.one, date(2024, 4, 13), origin="order", direction="in")
        # by the company's clock: already May
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.touch(self.one, datetime(2024, 4, 30, 17))
        self.measure()
        self.assertEqual(
            self.rows(self.one, "touches", "reached", "answers", "incoming"),
            [("04", "phone", 2, 1, 1, 1), ("04", "email", 1, 1, 1, 0)]
            + [("05", "phone", 1, 1, 0, 0)],
        )
        self.assertEqual(
            self.rows(
                self.one, "mailings", "mailing_answers", "opened", "clicked", "notices"
            )[1],
            ("04", "email", 1, 1, 1, 1, 1),
        )

    def test_a_purchase_counts_once_for_the_last_contact_that_got_through(self):
        self.touch(self.one, date(2024, 3, 1), channel_id=self.email.id)
        self.touch(self.one, date(2024, 3, 5))
        self.touch(self.one, date(2024, 3, 6), outcome="not_reached")
        self.touch(
            self.one,
            date(2024, 3, 7),
            channel_id=self.email.id,
            category="transactional",
        )
        self.buy(self.one, (date(2024, 3, 5), 10), (date(2024, 3, 19), 20))
        self.buy(self.one, (date(2024, 3, 20), 40), (date(2024, 3, 8), -5))
        self.measure()
        self.assertEqual(
            self.rows(self.one, "conversions", "orders", "revenue"),
            [("03", "phone", 1, 2, 30), ("03", "email", 0, 0, 0)],
        )

    def test_against_a_plain_count(self):
        """A made-up company: every purchase is looked up among all contacts."""
        random = Random(5)
        people = self.make_customers(25)
        contacts, purchases = [], []
        for partner in people:
            for _contact in range(random.randint(0, 12)):
                contacts.append(
                    {
                        "partner_id": partner.id,
                        "company_id": self.company.id,
                        "channel_id": random.choice((self.phone, self.email)).id,
                        "state": "done",
                        "done_at": self.moment(random.randint(1, 150)),
                        "outcome": random.choice(
                            ("reached", "answered", "not_reached")
                        ),
                        "category": random.choice(
                            ("relationship", "promotion", "transactional")
                        ),
                        "direction": random.choice(("out", "out", "out", "in")),
                    }
                )
            days = [random.randint(1, 150) for _ in range(random.randint(0, 9))]
            self.buy(partner, *((day, 10 + day) for day in days))
            purchases += [(partner.id, day, 10 + day) for day in days]
        touches = self.env["retention.touch"].create(contacts)
        self.measure()
        plain = defaultdict(lambda: [0, 0, 0, 0])
        sent = [
            (row["partner_id"], row["done_at"].date(), touch.id, row)
            for row, touch in zip(contacts, touches, strict=True)
            if row["direction"] == "out" and row["category"] != "transactional"
        ]
        for _partner, day, _id, row in sent:
            counted = plain[day.replace(day=1), row["channel_id"]]
            counted[0] += 1
            counted[1] += row["outcome"] == "answered"
        for partner, ago, amount in purchases:
            before = [
                (day, touch, row["channel_id"])
                for owner, day, touch, row in sent
                if owner == partner
                and row["outcome"] != "not_reached"
                and 0 <= (self.day(ago) - day).days
            ]
            day, _touch, channel = max(before, default=(None, None, None))
            if day and (self.day(ago) - day).days <= 14:
                counted = plain[day.replace(day=1), channel]
                counted[2] += 1
                counted[3] += amount
        rows = self.Contact._read_group(
            [("partner_id", "in", people.ids), ("touches", ">", 0)],
            ["month:month", "channel_id"],
            ["touches:sum", "answers:sum", "orders:sum", "revenue:sum"],
        )
        found = {(month, channel.id): figures for month, channel, *figures in rows}
        self.assertEqual(found, dict(plain))
        self.assertGreater(sum(figures[2] for figures in plain.values()), 20)

    def test_other_days_are_counted_at_once(self):
        self.touch(self.one, date(2024, 3, 1))
        self.buy(self.one, (date(2024, 3, 20), 40))
        self.measure()
        self.assertEqual(self.rows(self.one, "orders"), [("03", "phone", 0)])
        self.assertFalse(self.measure("night").filtered("changed"))
        before = self.Run.search([])
        self.company.retention_conversion_days = 30
        planned = self.Run.search([]) - before
        self.assertEqual((planned.step, planned.company_id), ("measure", self.company))
        planned._execute()
        self.env.invalidate_all()
        self.assertEqual(
            self.rows(self.one, "orders", "within_days"), [("03", "phone", 1, 30)]
        )
        self.company.retention_conversion_days = 30
        self.assertFalse(self.Run.search([]) - before - planned)

    def test_mailings_and_who_was_left_out(self):
        mailing = self.make_mailing("Spring")
        self.send(mailing, self.one, date(2024, 5, 1), "open")
        self.send(mailing, self.two, date(2024, 5, 1), "bounce")
        self.refuse(mailing, self.three, date(2024, 5, 1))
        self.refuse(mailing, self.four, date(2024, 5, 1), "consent")
        self.buy(self.one, (date(2024, 5, 2), 50), (date(2024, 5, 3), -20))
        self.buy(self.three, (date(2024, 5, 15), 30), (date(2024, 5, 16), 99))
        self.measure()
        found = self.Reach.search([("mailing_id", "=", mailing.id)])
        self.assertEqual(
            {
                row.partner_id: (row.state, row.opened, row.orders, row.revenue)
                for row in found
            },
            {
                self.one: ("delivered", True, 1, 30),
                self.two: ("bounced", False, 0, 0),
                self.three: ("held_out", False, 1, 30),
            },
        )

    def test_a_night_finds_whom_a_mailing_left_out(self):
        mailing = self.make_mailing("Spring")
        self.measure()
        self.refuse(mailing, self.one, datetime.now())
        self.measure("night", as_of=datetime.now().date())
        self.assertEqual(self.Reach.search([]).state, "held_out")

    def test_shares_of_groups_are_quotients_of_sums(self):
        for ago in (10, 11, 12):
            self.touch(self.one, ago)
        self.touch(self.two, 10, outcome="answered")
        self.measure()
        [(share,)] = self.Contact._read_group([], [], ["answer_share:avg"])
        self.assertEqual(share, 25)

    def test_who_sees_what(self):
        seller, lead = self.make_user("user"), self.make_user("lead")
        colleague = self.make_user("user", login="colleague")
        self.env["crm.team"].create(
            {
                "name": "Team",
                "user_id": lead.id,
                "member_ids": [Command.set(colleague.ids)],
            }
        )
        self.one.user_id, self.two.user_id = seller, colleague
        everybody = self.one | self.two | self.three
        mailing = self.make_mailing("Spring")
        self.send(mailing, everybody, 30)
        self.measure()
        expected = {
            seller: self.one,
            lead: self.two,
            self.make_user("manager"): everybody,
            self.make_user("auditor"): everybody,
        }
        for model in (self.Contact, self.Reach):
            for user, customers in expected.items():
                with self.subTest(model=model._name, user=user.login):
                    rows = model.with_user(user).search([])
                    self.assertEqual(rows.sudo().partner_id, customers)
                    for operation in ("create", "write", "unlink"):
                        self.assertFalse(model.with_user(user).has_access(operation))
            for kind in ("none", "portal"):
                user = self.env["res.users"].search([("login", "=", f"who_{kind}")])
                user = user or self.make_user(kind, login=f"who_{kind}")
                with self.assertRaises(AccessError):
                    model.with_user(user).search([])

    def test_companies_apart(self):
        other = self.make_company()
        self.buy(self.one, (500, 1), company=other)
        self.touch(self.one, 10)
        self.touch(self.one, 10, company_id=other.id)
        self.measure()
        self.measure(company=other)
        manager = self.make_user("manager")
        manager.company_ids |= other
        for company in (self.company, other):
            rows = self.Contact.with_user(manager)
            rows = rows.with_context(allowed_company_ids=company.ids).search([])
            self.assertEqual((rows.company_id, rows.touches), (company, 1))
