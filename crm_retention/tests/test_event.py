"""Behaviour from elsewhere: loaded once, refused in one sentence, taken in once."""

import unittest
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .test_collect import CollectCommon


class EventCommon(CollectCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Event = cls.env["retention.event"]

    def row(self, **values):
        return {
            "partner_id": self.customer.id,
            "kind": "use",
            "moment": "2024-05-01 10:00:00",
            "reference": "A-1",
            **values,
        }

    def events(self, partner=None):
        return self.Event.search([("partner_id", "=", (partner or self.customer).id)])


@tagged("post_install", "-at_install")
class TestLoadEvents(EventCommon):
    def assertRefused(self, *rows, says=""):
        before = self.Event.search_count([])
        with self.assertRaises(UserError) as caught:
            self.Event.load_events(list(rows))
        message = str(caught.exception)
        self.assertIn(says, message)
        self.assertNotIn("\n", message.strip())
        self.assertEqual(self.Event.search_count([]), before)

    def test_takes_in_what_is_right(self):
        result = self.Event.load_events(
            [
                self.row(),
                self.row(reference="A-2", amount="12.5", note="minutes"),
                self.row(reference=3, partner_id=self.person.id, kind="visit"),
            ]
        )
        self.assertEqual(result, {"created": 3, "unchanged": 0})
        self.assertEqual(
            {each.reference: (each.kind, each.amount) for each in self.events()},
            {"A-1": ("use", 0), "A-2": ("use", 12.5), "3": ("visit", 0)},
        )

    def test_loading_twice_changes_nothing(self):
        rows = [self.row(amount=0.1), self.row(reference="A-2"), self.row(amount=0.1)]
        self.assertEqual(self.Event.load_events(rows), {"created": 2, "unchanged": 1})
        self.assertEqual(self.Event.load_events(rows), {"created": 0, "unchanged": 3})

    def test_bad_rows_are_refused_in_one_sentence(self):
        tomorrow = fields.Datetime.now() + timedelta(days=2)
        for says, row in (
            ("no named values", "A-1"),
            (
                "moment is missing",
                {k: v for k, v in self.row().items() if k != "moment"},
            ),
            ("cannot be read", self.row(partner_id="x")),
            ("cannot be read", self.row(moment="soon")),
            ("cannot be read", self.row(moment=False)),
            ("cannot be read", self.row(amount="much")),
            ("does not exist", self.row(partner_id=10**9)),
            ("no kind", self.row(kind="dance")),
            ("future", self.row(moment=tomorrow)),
            ("text", self.row(reference="  ")),
            ("text", self.row(reference="a\0")),
            ("text", self.row(note="\ud800")),
            ("amount", self.row(amount="nan")),
            ("amount", self.row(amount=1e13)),
        ):
            with self.subTest(says=says, row=row):
                self.assertRefused(self.row(reference="A-9"), row, says="Row 2")
                self.assertRefused(self.row(reference="A-9"), row, says=says)

    def test_a_reference_has_one_meaning(self):
        self.assertRefused(self.row(), self.row(amount=3), says="twice")
        self.Event.load_events([self.row()])
        self.assertRefused(self.row(kind="visit"), says="known with other values")

    def test_by_hand_the_same_is_refused(self):
        for values in (
            {"partner_id": False},
            {"reference": False},
            {"reference": " "},
            {"kind": False},
            {"moment": False},
            {"moment": fields.Datetime.now() + timedelta(days=3)},
            {"amount": float("inf")},
            {"note": "a\0"},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.Event.create(self.row(**values))

    def test_odoo_import_takes_the_template(self):
        result = self.Event.load(
            ["partner_id/.id", "kind", "moment", "amount", "reference", "note"],
            [[self.person.id, "Visit", "2024-01-15 10:30:00", "1", "V-1", "Showroom"]],
        )
        self.assertFalse(result["messages"])
        self.assertEqual(self.events().reference, "V-1")

    def test_only_a_manager_loads(self):
        for kind in ("user", "lead", "auditor", "none"):
            with self.subTest(kind), self.assertRaises(AccessError):
                self.Event.with_user(self.make_user(kind)).load_events([self.row()])
        manager = self.make_user("manager")
        self.assertTrue(self.Event.with_user(manager).load_events([self.row()]))

    def test_queries_do_not_grow_with_the_rows(self):
        def count(prefix, rows):
            given = [self.row(reference=f"{prefix}{n}") for n in range(rows)]
            before = self.env.cr.sql_log_count
            self.Event.load_events(given)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count("w", 2)
        self.assertEqual(count("b", 90), count("a", 2))


@tagged("post_install", "-at_install")
class TestCollectEvents(EventCommon):
    def log_in(self, user):
        return self.env["res.users.log"].with_user(user).sudo().create({})

    def test_portal_logins_count_once_and_own_people_do_not(self):
        portal = self.make_user("portal")
        portal.partner_id.parent_id = self.customer
        log = self.log_in(portal)
        self.log_in(self.seller)
        for kind in ("night", "light", "full"):
            self.collect(kind)
        self.assertRecordValues(
            self.events(),
            [
                {
                    "kind": "login",
                    "reference": f"res.users.log:{log.id}",
                    "moment": log.create_date.replace(microsecond=0),
                    "company_id": self.company.id,
                }
            ],
        )
        self.assertFalse(self.events(self.seller.partner_id))

    def test_registrations_count_when_the_event_has_begun(self):
        if "event.registration" not in self.env:
            raise unittest.SkipTest("needs the app: ./dev test --with event")
        held, coming = self.env["event.event"].create(
            [
                {
                    "name": "Fair",
                    "date_begin": self.now + timedelta(days=days),
                    "date_end": self.now + timedelta(days=days, hours=2),
                }
                for days in (-1, 1)
            ]
        )
        registrations = self.env["event.registration"].create(
            [
                {"event_id": event.id, "partner_id": self.person.id, "state": state}
                for event, state in (
                    (held, "open"),
                    (held, "cancel"),
                    (coming, "open"),
                )
            ]
        )
        self.collect()
        self.collect()
        self.assertRecordValues(
            self.events(),
            [
                {
                    "kind": "event",
                    "reference": f"event.registration:{registrations[0].id}",
                }
            ],
        )
