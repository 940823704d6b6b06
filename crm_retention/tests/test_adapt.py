"""How often: the interval follows the response of each customer."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged

from odoo.addons.crm_retention.tools import cadence

from .common_plan import MONDAY, PlanCommon

DAYS = st.integers(1, 400)
exactly = settings(derandomize=True, deadline=None, max_examples=300, database=None)


@tagged("post_install", "-at_install")
class TestAdapting(PlanCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.make_known(1)
        cls.policy = cls.make_policy({"adapts": True})
        cls.line = cls.policy.cadence_ids

    def contact(self, *answered, partner=None, **values):
        """Carry the line out once for each, some days apart; True: answered."""
        for number, back in enumerate(answered):
            self.log(
                partner or self.partner,
                self.ago(60 - number * 5),
                cadence_id=self.line.id,
                outcome="answered" if back else None,
                **values,
            )

    def state(self, partner=None):
        return self.State.search([("partner_id", "=", (partner or self.partner).id)])

    def test_response_up(self):
        self.contact(True, True, True, True)
        self.plan()
        state = self.state()
        self.assertEqual((state.interval_days, state.touches), (14, 4))
        self.assertIn("4 of 4", state.reason)
        self.assertEqual(self.planned(self.partner).interval_days, 14)
        self.assertEqual(self.plan()[1], 0)
        self.plan(MONDAY + timedelta(days=20))
        self.assertEqual(self.state().interval_days, 14, "one step a cycle")
        self.plan(MONDAY + timedelta(days=31))
        self.assertEqual(self.state().interval_days, 14, "the response did not rise")

    def test_response_down(self):
        self.contact(False, False, False, False)
        self.plan()
        self.assertEqual(self.state().interval_days, 60)

    def test_opens_do_not_count_and_purchases_do(self):
        self.contact(False, False, False, is_bulk=True)
        self.Touch.search([("cadence_id", "=", self.line.id)]).outcome = "reached"
        self.plan()
        self.assertEqual(self.state().responses, 0)
        self.state().unlink()
        order = self.env.ref("crm_retention.channel_email")
        self.log(
            self.partner,
            self.ago(44),
            channel_id=order.id,
            direction="in",
            origin="order",
            outcome="bought",
        )
        self.plan()
        self.assertEqual(self.state().responses, 2, "those of the 14 days before")

    def test_too_little(self):
        self.contact(True, True)
        self.plan()
        self.assertFalse(self.state())
        self.assertEqual(self.planned(self.partner).interval_days, 30)

    def test_complaint_and_opt_out_at_once(self):
        partners = self.make_known(3)
        self.contact(True, True, True, partner=partners[0])
        self.log(partners[0], self.ago(1), direction="in", outcome="complained")
        self.env["retention.consent"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "state": "withdrawn",
                    "channel_id": channel.id,
                    "given_at": MONDAY,
                }
                for partner, channel in (
                    (partners[1], self.phone),
                    (partners[2], self.email),
                )
            ]
        )
        self.plan()
        self.assertEqual(self.state(partners[0]).interval_days, 180)
        self.assertIn("complaint", self.state(partners[0]).reason)
        self.assertEqual(self.state(partners[1]).interval_days, 180)
        self.assertFalse(self.state(partners[2]))

    def test_start_by_engagement(self):
        partners = self.make_known(3)
        self.policy.by_engagement = True
        for partner, engagement in zip(
            partners, ("active", "warm", "frozen"), strict=True
        ):
            self.profile_of(partner).engagement = engagement
        self.plan()
        self.assertEqual(
            [self.state(partner).interval_days for partner in partners], [7, 90, 180]
        )
        self.assertIn("Active", self.state(partners[0]).reason)
        self.profile_of(partners[0]).engagement = "warm"
        self.plan()
        self.assertEqual(
            self.state(partners[0]).interval_days, 7, "from there by steps"
        )

    def test_pinned(self):
        ann = self.make_user("user", login="ann")
        self.partner.user_id = ann
        self.contact(False, False, False, False)
        State = self.State.with_user(ann)
        with self.assertRaises(UserError):
            State._pin(self.partner, self.line, 45, " ")
        State._pin(self.partner, self.line, 45, "Agreed by phone")
        state = self.state()
        self.assertEqual((state.interval_days, state.pinned), (45, True))
        self.assertIn("Agreed by phone", state.reason)
        self.plan()
        self.assertEqual(self.state().interval_days, 45)
        self.assertEqual(self.planned(self.partner).interval_days, 45)
        self.log(self.partner, self.ago(1), direction="in", outcome="complained")
        self.plan()
        self.assertEqual(self.state().interval_days, 45)
        state.with_user(ann).action_unpin()
        self.assertFalse(state.pinned)

    def test_who_may_pin(self):
        ann = self.make_user("user", login="ann")
        auditor = self.make_user("auditor", login="audit")
        for user in (ann, auditor, self.make_user("none")):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.State.with_user(user)._pin(self.partner, self.line, 45, "Why")

    def test_wizard(self):
        self.contact(False, False, False, False)
        self.plan()
        manager = self.make_user("manager")
        action = self.state().with_user(manager).action_pin()
        wizard = (
            self.env[action["res_model"]]
            .with_user(manager)
            .with_context(**action["context"])
            .create({"reason": "Wishes it"})
        )
        self.assertEqual(wizard.interval_days, 60)
        wizard.interval_days = 20
        wizard.action_apply()
        self.assertEqual(self.state().interval_days, 20)

    def test_chance(self):
        partners = self.make_known(60)
        self.company.retention_jitter_share = 50
        self.plan()
        states = self.State.search([("partner_id", "in", partners.ids)])
        self.assertEqual(len(states), 60)
        self.assertEqual(
            set(states.mapped("assignment")), {"longer", "same", "shorter"}
        )
        for state in states:
            self.assertEqual(state.decided_days, 30)
            expected = {"longer": (60, 0.25), "same": (30, 0.5), "shorter": (14, 0.25)}
            self.assertEqual(
                (state.interval_days, state.probability), expected[state.assignment]
            )
        self.assertEqual(self.plan()[1], 0)


@tagged("post_install", "-at_install")
class TestArithmetic(BaseCase):
    """What must hold for any figures."""

    @exactly
    @given(
        bounds=st.tuples(DAYS, DAYS).map(sorted).map(tuple),
        interval=DAYS,
        seen=st.tuples(st.integers(0, 20), st.integers(0, 20)),
        rate=st.none() | st.floats(0, 1),
        ago=st.none() | st.integers(0, 100),
        refused=st.sampled_from([None, "complaint", "opt_out"]),
    )
    def test_bounds_and_steps(self, bounds, interval, seen, rate, ago, refused):
        changed = None if ago is None else MONDAY - timedelta(days=ago)
        touches, responses = max(seen), min(seen)
        verdict = cadence.adapt(
            cadence.Rhythm(interval, changed, rate),
            cadence.Seen(touches, responses, refused),
            bounds,
            MONDAY,
        )
        self.assertTrue(bounds[0] <= verdict.interval <= bounds[1])
        if refused:
            self.assertEqual(verdict.interval, bounds[1])
        elif bounds[0] <= interval <= bounds[1]:
            rungs = sorted({*cadence.ladder(*bounds), interval})
            moved = rungs.index(verdict.interval) - rungs.index(interval)
            self.assertLessEqual(abs(moved), 1)
            if touches < 3 or (ago is not None and ago < 30):
                self.assertEqual(moved, 0)

    @exactly
    @given(
        day=st.dates(),
        lead=st.integers(0, 180),
        as_of=st.dates(MONDAY, MONDAY + timedelta(days=3000)),
    )
    def test_key_dates(self, day, lead, as_of):
        when, due = cadence.keydate(day, lead, as_of)
        self.assertGreater(when, day)
        self.assertEqual(due, when - timedelta(days=lead))
        self.assertGreaterEqual(when, as_of - timedelta(days=cadence.LATE_DAYS))
        following, _due = cadence.keydate(day, lead, as_of, handled=due)
        self.assertEqual(following.year, when.year + 1)
        again, _due = cadence.keydate(day, lead, due, handled=due)
        self.assertEqual(again, following)

    @exactly
    @given(
        loads=st.dictionaries(st.integers(0, 20), st.integers(1, 30), max_size=10),
        capacity=st.integers(1, 10),
    )
    def test_spreading(self, loads, capacity):
        days = {MONDAY + timedelta(days=n): count for n, count in loads.items()}
        waiting = {
            day: [(day, n) for n in range(count)]
            for day, count in days.items()
            if count > capacity
        }

        def next_open(day):
            while day.weekday() > 4:
                day += timedelta(days=1)
            return day

        moved = cadence.spread(days, waiting, capacity, next_open)
        for (before, _n), after in moved.items():
            days[before] -= 1
            days[after] = days.get(after, 0) + 1
            self.assertGreater(after, before)
            self.assertLess(after.weekday(), 5)
        self.assertLessEqual(max(days.values(), default=0), capacity)
