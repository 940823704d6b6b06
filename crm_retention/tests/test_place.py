"""From earned tiers to memberships: when, why, and what the history then says."""

import random
from datetime import date, timedelta
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_retention.models.judgement.retention_membership import (
    RetentionMembership,
)
from odoo.addons.crm_retention.tools import tiering

from .common import TODAY, RetentionCommon


class PlaceCommon(RetentionCommon):
    """A program by spend: Gold from 100, Diamond from 1000, no waiting for others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_metric("spend", (1000, 100, 10), window_months=6)
        cls.customer = cls.make_customers(1)

    def place(self, when=0, kind="full"):
        """Judge everybody ``when`` days after TODAY, or on that day."""
        as_of = when if isinstance(when, date) else TODAY + timedelta(days=when)
        return self.run_pass(kind, as_of)

    def story(self, customer=None):
        return [
            (row.tier_id.name, row.cause, row.date_from, row.date_to)
            for row in self.history_of(customer or self.customer)
        ]

    def held(self, customer=None):
        return self.profile_of(customer or self.customer).tier_id.name

    def assertSoundHistory(self, customers):
        """Intervals follow each other without gap or overlap; the open one is shown."""
        for customer in customers:
            rows = self.history_of(customer)
            for row, following in zip(rows, rows[1:], strict=False):
                self.assertEqual(row.date_to, following.date_from)
                self.assertEqual(following.previous_tier_id, row.tier_id)
            self.assertFalse(rows[:-1].filtered(lambda row: not row.date_to))
            current = rows[-1:].filtered(lambda row: not row.date_to)
            profile = self.profile_of(customer)
            self.assertEqual(profile.tier_id, current.tier_id)
            self.assertFalse(rows.filtered(lambda row: not row.reason))


@tagged("post_install", "-at_install")
class TestPlace(PlaceCommon):
    def test_first_tier(self):
        self.buy(self.customer, (1, 150))
        self.place()
        self.assertEqual(self.story(), [("Gold", "enter", TODAY, False)])
        row = self.history_of(self.customer)
        self.assertEqual(row.valid_until, date(2025, 6, 14))
        self.assertEqual(row.metric_value, 150)
        self.assertEqual(row.rule_version, self.program.version)
        self.assertIn("150", row.reason)

    def test_up_at_once(self):
        self.buy(self.customer, (1, 150))
        self.place()
        self.buy(self.customer, (0, 900))
        self.place(3, "light")
        self.assertEqual(
            self.story(),
            [
                ("Gold", "enter", TODAY, self.day(-3)),
                ("Diamond", "upgrade", self.day(-3), False),
            ],
        )
        self.assertEqual(
            self.history_of(self.customer)[-1].valid_until, date(2025, 6, 17)
        )

    def test_down_only_after_period_and_grace_one_step_at_a_time(self):
        self.buy(self.customer, (1, 1500))
        self.place()
        last = date(2025, 6, 14)
        for day in (date(2025, 1, 1), last, last + timedelta(days=30)):
            self.place(day, "night")
            self.assertEqual(self.held(), "Diamond", day)
            self.assertTrue(self.profile_of(self.customer).is_falling)
        self.assertEqual(
            self.profile_of(self.customer).fall_date, last + timedelta(days=31)
        )
        self.place(last + timedelta(days=31), "night")
        self.assertEqual(self.held(), "Gold")
        self.assertSoundHistory(self.customer)
        row = self.history_of(self.customer)[-1]
        self.assertEqual((row.cause, row.date_to), ("downgrade", False))
        self.assertEqual(row.valid_until, date(2026, 7, 14))
        self.place(last + timedelta(days=60), "night")
        self.assertEqual(self.held(), "Gold")  # a new period was promised

    def test_down_to_the_earned_tier(self):
        self.program.one_step = False
        self.buy(self.customer, (1, 1500))
        self.place()
        self.place(date(2025, 7, 15), "night")
        self.assertEqual(self.held(), "Standard")

    def test_renewed_when_still_earned(self):
        self.buy(self.customer, (1, 150))
        self.place()
        self.buy(self.customer, (date(2025, 1, 1), 150))
        self.place(date(2025, 6, 14))
        row = self.history_of(self.customer)
        self.assertEqual(row.valid_until, date(2025, 6, 14))
        self.place(date(2025, 6, 15))
        self.assertEqual(row.valid_until, date(2026, 6, 14))
        self.assertEqual(self.story(), [("Gold", "enter", TODAY, False)])

    def test_earned_again_within_the_grace(self):
        self.buy(self.customer, (1, 150))
        self.place()
        self.place(date(2025, 6, 20))
        self.assertTrue(self.profile_of(self.customer).is_falling)
        self.buy(self.customer, (date(2025, 6, 25), 150))
        self.place(date(2025, 6, 25), "light")
        row = self.history_of(self.customer)
        self.assertEqual(len(row), 1)
        self.assertEqual(row.valid_until, date(2026, 6, 24))

    def test_moved_to_another_program_and_back(self):
        self.buy(self.customer, (1, 150))
        self.place()
        self.env["retention.program"].create(
            {
                "name": "Firms",
                "sequence": 1,
                "domain": "[('is_company', '=', True)]",
                "metric": "spend",
                "tier_ids": [
                    Command.create({"name": "Partner", "threshold": 5}),
                    Command.create({"name": "Other", "is_floor": True}),
                ],
            }
        )
        self.place(1)
        self.assertEqual(self.held(), "Gold")
        self.customer.is_company = True
        self.assertEqual(self.marked(), self.customer)
        self.Mark._add(self.customer)
        self.place(2, "light")
        self.assertEqual(self.held(), "Partner")
        self.customer.is_company = False
        self.place(3, "light")
        self.assertEqual(
            self.story(),
            [
                ("Gold", "enter", TODAY, self.day(-2)),
                ("Partner", "program", self.day(-2), self.day(-3)),
                ("Gold", "program", self.day(-3), False),
            ],
        )
        self.assertSoundHistory(self.customer)

    def test_between_score_and_place_the_screens_can_be_read(self):
        """After a change of program the open membership is one of the old program."""
        self.buy(self.customer, (1, 1500))
        self.place()
        new = self.env["retention.program"].create(
            {"name": "New", "sequence": 1, "domain": "[]", "metric": "spend"}
            | {
                "tier_ids": [
                    Command.create({"name": "Top", "threshold": 10**6}),
                    Command.create({"name": "Rest", "is_floor": True}),
                ]
            }
        )
        self.Profile._score_customers(self.company, self.customer.ids, TODAY)
        self.env.invalidate_all()
        profile = self.profile_of(self.customer)
        self.assertEqual(profile.program_id, new)
        self.assertTrue(profile.read())

    def test_an_archived_program_gives_its_customers_to_the_next(self):
        self.buy(self.customer, (1, 1500))
        first = self.env["retention.program"].create(
            {"name": "New", "sequence": 1, "domain": "[]", "metric": "spend"}
            | {
                "tier_ids": [
                    Command.create({"name": "Top", "threshold": 10}),
                    Command.create({"name": "Rest", "is_floor": True}),
                ]
            }
        )
        self.place()
        self.assertEqual(self.held(), "Top")
        self.assertFalse(self.program.is_pending)
        first.active = False
        self.assertTrue(self.program.is_pending)
        self.place(1)
        self.assertEqual(self.held(), "Diamond")
        self.assertSoundHistory(self.customer)
        self.program.active = False
        self.place(2)
        self.assertFalse(self.held())
        self.assertEqual(
            self.story()[-1], ("Diamond", "program", self.day(-1), self.day(-2))
        )

    def test_no_purchase_left_no_tier(self):
        purchase = self.buy(self.customer, (1, 150))
        self.place()
        purchase.unlink()
        self.place(1, "light")
        self.assertEqual(self.story(), [("Gold", "enter", TODAY, self.day(-1))])
        self.assertFalse(self.held())

    def test_the_database_refuses_a_second_open_row(self):
        self.buy(self.customer, (1, 150))
        self.place()
        values = self.history_of(self.customer).copy_data()[0]
        with (
            self.assertRaises(UniqueViolation),
            self.cr.savepoint(),
            mute_logger("odoo.sql_db"),
        ):
            self.Membership.create(values)

    def test_history_is_not_deleted(self):
        self.buy(self.customer, (1, 150))
        self.place()
        with self.assertRaises(UserError):
            self.history_of(self.customer).unlink()

    def test_notes_for_moves_only_and_without_figures(self):
        self.buy(self.customer, (1, 150))
        before = self.customer.message_ids
        self.place()
        self.assertEqual(self.customer.message_ids, before)
        self.buy(self.customer, (0, 4321))
        self.place(1)
        note = self.customer.message_ids - before
        self.assertEqual(len(note), 1)
        self.assertIn("Gold", note.body)
        self.assertIn("Diamond", note.body)
        # who reads the contact need not be allowed to read his figures
        self.assertNotIn("4,", note.body)
        self.assertNotIn("1,000", note.body)

    def test_names_cannot_smuggle_markup_into_the_note(self):
        self.tier("Diamond").name = "<b onclick=alert(1)>Top</b>"
        self.buy(self.customer, (1, 150))
        self.place()
        self.buy(self.customer, (0, 1000))
        self.place(1)
        self.assertNotIn("<b", self.customer.message_ids[0].body)

    def test_new_rows_come_through_create(self):
        """Automation rules hang on create: every new row passes it, in batches."""
        customers = self.make_customers(5)
        for customer in customers:
            self.buy(customer, (1, 150))
        calls = []
        create = RetentionMembership.create

        def counted(records, vals_list):
            calls.append(len(vals_list))
            return create(records, vals_list)

        with patch.object(RetentionMembership, "create", counted):
            self.place()
        self.assertEqual(calls, [5])

    def test_automation_rules_fire(self):
        if "base.automation" not in self.env:
            self.skipTest("base_automation is not installed in this database")
        self.env["base.automation"].create(
            {
                "name": "Greet",
                "model_id": self.env["ir.model"]._get_id("retention.membership"),
                "trigger": "on_create",
                "action_server_ids": [
                    Command.create(
                        {
                            "name": "Greet",
                            "model_id": self.env["ir.model"]._get_id(
                                "retention.membership"
                            ),
                            "state": "code",
                            "code": "record.partner_id.write({'ref': record.cause})",
                        }
                    )
                ],
            }
        )
        self.buy(self.customer, (1, 150))
        self.place()
        self.assertEqual(self.customer.ref, "enter")
        self.buy(self.customer, (0, 2000))
        self.place(1, "light")
        self.assertEqual(self.customer.ref, "upgrade")

    def test_moves_of_a_whole_life(self):
        """Two years of random buying: the history stays sound on every day."""
        chance = random.Random(4)
        customers = self.make_customers(12)
        self.program.write({"period_months": 2, "grace_days": 10, "window_months": 2})
        for step in range(60):
            as_of = TODAY + timedelta(days=12 * step)
            for customer in chance.sample(customers, 3):
                self.buy(customer, (as_of, chance.choice((5, 50, 500, 2000))))
            kind = "night" if step else "full"
            self.run_pass(kind, as_of, steps=("score", "place"))
        rows = self.Membership.search([])
        self.assertEqual(set(rows.mapped("cause")), {"enter", "upgrade", "downgrade"})
        self.assertSoundHistory(customers)


@tagged("post_install", "-at_install")
class TestOverride(PlaceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._retention_today()
        cls.buy(cls.customer, (cls.today, 150))
        cls.run_pass(as_of=cls.today)
        cls.manager = cls.make_user("manager")

    def decide(self, tier="Diamond", days=10, reason="Key account", **values):
        wizard = self.env["retention.override.wizard"].with_user(self.manager)
        wizard.create(
            {
                "profile_ids": [Command.set(self.profile_of(self.customer).ids)],
                "tier_id": self.tier(tier).id,
                "until": self.today + timedelta(days=days),
                "reason": reason,
                **values,
            }
        ).action_apply()
        self.env.invalidate_all()

    def later(self, days):
        self.run_pass("night", self.today + timedelta(days=days))

    def test_a_decision_holds_until_its_last_day(self):
        self.decide()
        self.assertEqual(self.held(), "Diamond")
        profile = self.profile_of(self.customer)
        self.assertTrue(profile.has_override)
        self.assertIn("Key account", profile.tier_text)
        self.assertIn(self.manager.name, profile.tier_text)
        self.later(10)
        self.assertEqual(self.held(), "Diamond")
        self.later(11)
        self.assertEqual(self.held(), "Gold")
        self.assertEqual(
            [row[1] for row in self.story()], ["enter", "override", "override_end"]
        )
        self.assertSoundHistory(self.customer)

    def test_a_decision_downwards_wins_over_figures(self):
        self.decide("Standard")
        self.assertEqual(self.held(), "Standard")
        self.buy(self.customer, (self.today, 5000))
        self.later(1)
        self.assertEqual(self.held(), "Standard")
        self.later(11)
        self.assertEqual(self.held(), "Diamond")

    def test_prolonged_and_ended_by_hand(self):
        self.decide()
        self.decide(days=100, reason="Still")
        row = self.history_of(self.customer)[-1]
        self.assertEqual(row.valid_until, self.today + timedelta(days=100))
        self.later(50)
        self.assertEqual(self.held(), "Diamond")
        self.decide(action="end")
        self.assertEqual(self.held(), "Gold")
        self.assertFalse(self.profile_of(self.customer).override_tier_id)

    def test_another_decision_replaces_the_first(self):
        self.decide()
        self.decide("Silver")
        self.assertEqual(self.held(), "Silver")
        self.assertEqual(len(self.history_of(self.customer)), 3)
        self.assertSoundHistory(self.customer)

    def test_searching_for_decisions(self):
        found = self.Profile.search([("has_override", "=", True)])
        self.assertFalse(found)
        self.decide()
        found = self.Profile.search([("has_override", "=", True)])
        self.assertEqual(found.partner_id, self.customer)
        others = self.Profile.search([("has_override", "=", False)])
        self.assertNotIn(found, others)

    def test_what_cannot_be_decided(self):
        foreign = self.make_company().retention_program_ids.tier_ids[0]
        for name, values, error in (
            ("no reason", {"reason": " "}, ValidationError),
            ("no tier", {"tier_id": False}, ValidationError),
            ("no end", {"until": False}, ValidationError),
            (
                "over already",
                {"until": self.today - timedelta(days=2)},
                ValidationError,
            ),
            ("tier of another company", {"tier_id": foreign.id}, UserError),
        ):
            with self.subTest(name), self.assertRaises(error):
                self.decide(**values)
        prospect = self.make_customers(1)
        self.env["crm.lead"].create({"name": "Asks", "partner_id": prospect.id})
        self.run_pass("light", self.today)
        profile = self.profile_of(prospect)
        self.assertTrue(profile)
        with self.assertRaises(UserError):
            self.decide(profile_ids=[Command.set(profile.ids)])

    def test_only_managers_decide(self):
        for kind in ("none", "user", "lead", "auditor"):
            user = self.make_user(kind, login=f"decider_{kind}")
            with self.subTest(kind), self.assertRaises(AccessError):
                self.env["retention.override.wizard"].with_user(user).create(
                    {"profile_ids": [Command.set(self.profile_of(self.customer).ids)]}
                )
            with self.subTest(kind), self.assertRaises(AccessError):
                self.profile_of(self.customer).with_user(user).write(
                    {"override_tier_id": self.tier("Diamond").id}
                )


@tagged("post_install", "-at_install")
class TestCandidates(PlaceCommon):
    """The SQL that picks candidates picks exactly those whom the rules move."""

    def test_candidates_are_those_whom_decide_moves(self):
        chance = random.Random(9)
        other = self.env["retention.program"].create(
            {"name": "Other", "sequence": 90, "grace_days": 1}
        )
        programs = self.program | other
        customers = self.make_customers(300)
        for customer in customers:
            self.buy(customer, (1, 5))
        self.Profile._score_customers(self.company, customers.ids, TODAY)
        days = [TODAY + timedelta(days=n) for n in (-60, -31, -30, -29, -1, 0, 1, 40)]
        self.env.invalidate_all()
        profiles = self.Profile.search([("partner_id", "in", customers.ids)])
        rows = []
        for profile in profiles:
            program = chance.choice(programs)
            ladder = program.tier_ids
            override = chance.random() < 0.4
            profile.write(
                {
                    "program_id": program.id,
                    "earned_tier_id": chance.choice([*ladder.ids, False]),
                    "override_tier_id": chance.choice(ladder.ids)
                    if override
                    else False,
                    "override_until": chance.choice(days) if override else False,
                }
            )
            if chance.random() < 0.8:
                held = chance.choice([program] * 4 + list(programs))
                profile.tier_id = chance.choice(held.tier_ids.ids)
                rows.append(
                    {
                        "partner_id": profile.partner_id.id,
                        "company_id": self.company.id,
                        "program_id": held.id,
                        "tier_id": profile.tier_id.id,
                        "date_from": TODAY - timedelta(days=300),
                        "valid_until": chance.choice(days),
                        "cause": "override"
                        if override and chance.random() < 0.7
                        else chance.choice(("enter", "upgrade")),
                    }
                )
        for held in self.Membership.create(rows):
            held.partner_id.with_company(
                self.company
            ).retention_profile_id.tier_id = held.tier_id
        for as_of in (TODAY, TODAY + timedelta(days=1)):
            candidates = self.candidates(as_of)
            moved = {profile.id for profile in profiles if self.moves(profile, as_of)}
            self.assertEqual(candidates, moved)
            self.assertTrue(0 < len(moved) < len(profiles))
        carried_out = self.Profile._place_customers(self.company, customers.ids, as_of)
        self.assertEqual(carried_out, len(moved))
        self.env.invalidate_all()
        self.assertEqual(
            self.candidates(as_of),
            {profile.id for profile in profiles if self.moves(profile, as_of)},
        )

    def candidates(self, as_of):
        """Ask the statements: who is unsettled, and of those whose time has come."""
        ids = self.Profile._get_unsettled(self.company, as_of)
        return {row["id"] for row in self.Profile._get_candidates(ids, as_of)}

    def moves(self, profile, as_of):
        """Ask the pure function, from the records alone."""
        held = self.history_of(profile.partner_id).filtered(lambda row: not row.date_to)
        if not profile.earned_tier_id:
            return bool(held)
        program = profile.program_id
        ladder = list(reversed(program.tier_ids.sorted()))
        override = standing = None
        if profile.override_tier_id:
            override = tiering.Override(
                ladder.index(profile.override_tier_id), profile.override_until
            )
        if held and held.program_id == program:
            standing = tiering.Standing(
                ladder.index(held.tier_id), held.valid_until, held.cause == "override"
            )
        earned = ladder.index(profile.earned_tier_id)
        rules = tiering.Rules(
            program.period_months, program.grace_days, program.one_step
        )
        return bool(tiering.decide(earned, standing, rules, as_of, override))
