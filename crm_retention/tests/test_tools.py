"""The arithmetic: its documented examples, and what must hold for any figures."""

import doctest
import importlib
import pkgutil
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.crm_retention import tools
from odoo.addons.crm_retention.tools import (
    lifecycle,
    rfm,
    tiering,
)

MODULES = [
    importlib.import_module(f"{tools.__name__}.{found.name}")
    for found in pkgutil.iter_modules(tools.__path__)
]
VALUES = st.integers(-50, 50)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
METRICS = st.tuples(st.integers(0, 6), st.integers(0, 3))
RULES = st.builds(
    tiering.Rules,
    period_months=st.integers(1, 36),
    grace_days=st.integers(0, 120),
    one_step=st.booleans(),
)
STANDINGS = st.builds(
    tiering.Standing,
    rung=st.integers(0, 4),
    valid_until=DAYS,
    overridden=st.just(False),
)
exactly = settings(derandomize=True, deadline=None, max_examples=200, database=None)


def load_tests(_loader, tests, _ignore):
    for module in MODULES:
        tests.addTests(doctest.DocTestSuite(module))
    return tests


@tagged("post_install", "-at_install")
class TestExamples(BaseCase):
    def test_documented_examples(self):
        for module in MODULES:
            with self.subTest(module.__name__):
                result = doctest.testmod(module)
                self.assertGreater(result.attempted, 5)
                self.assertFalse(result.failed)


@tagged("post_install", "-at_install")
class TestScores(BaseCase):
    @exactly
    @given(st.lists(VALUES, min_size=1))
    def test_break_points_occur_and_ascend(self, values):
        points = rfm.break_points(values)
        self.assertEqual(bool(points), len(set(values)) > 1)
        self.assertEqual(list(points), sorted(points))
        self.assertLessEqual(set(points), set(values))

    @exactly
    @given(st.lists(VALUES, min_size=1), st.booleans())
    def test_scores_are_monotone_and_in_range(self, values, lower_is_better):
        points = rfm.break_points(values)
        scores = [
            rfm.score(value, points, lower_is_better=lower_is_better)
            for value in sorted(values, reverse=lower_is_better)
        ]
        self.assertEqual(scores, sorted(scores))
        self.assertTrue(all(1 <= score <= 5 for score in scores))

    @exactly
    @given(st.lists(VALUES, min_size=1))
    def test_no_fifth_holds_more_than_its_share_but_for_ties(self, values):
        points = rfm.break_points(values)
        if not points:
            return
        above = [sum(value > point for value in values) for point in points]
        for place, count in enumerate(above, 1):
            self.assertLessEqual(5 * count, (5 - place) * len(values))

    @exactly
    @given(st.lists(DAYS))
    def test_interval_does_not_depend_on_order_or_repetition(self, days):
        interval = rfm.purchase_interval(days)
        self.assertEqual(interval, rfm.purchase_interval(days[::-1] * 2))
        self.assertEqual(interval is None, len(set(days)) < 2)

    def test_uncovered_counts_cells(self):
        everything = dict.fromkeys(rfm.DIMENSIONS, (1, 5))
        one = dict.fromkeys(rfm.DIMENSIONS, (3, 3))
        self.assertEqual(rfm.uncovered([everything]), 0)
        self.assertEqual(rfm.uncovered([one]), 124)
        self.assertEqual(rfm.uncovered([]), 125)


@tagged("post_install", "-at_install")
class TestLimits(BaseCase):
    @exactly
    @given(st.lists(METRICS), st.integers(1, 100))
    def test_customer_share_never_exceeds_its_share(self, metrics, share):
        cut = tiering.customer_share_cut(metrics, share)
        if cut is None:
            best = max(metrics, default=None)
            if best:
                self.assertGreater(
                    100 * metrics.count(best),
                    share * len(metrics),
                    "nobody, needlessly",
                )
            return
        inside = [metric for metric in metrics if metric >= cut]
        self.assertLessEqual(100 * len(inside), share * len(metrics))
        outside = [metric for metric in metrics if metric < cut]
        if outside:
            following = [each for each in outside if each == max(outside)]
            self.assertGreater(
                100 * len(inside + following), share * len(metrics), "room was left"
            )

    @exactly
    @given(st.lists(VALUES), st.integers(1, 100))
    def test_revenue_share_is_reached_and_not_without_the_last(self, values, share):
        cut = tiering.revenue_share_cut(values, share)
        gains = [value for value in values if value > 0]
        self.assertEqual(cut is None, not gains)
        if cut:
            inside = [value for value in gains if value >= cut[0]]
            better = [value for value in gains if value > cut[0]]
            self.assertGreaterEqual(100 * sum(inside), share * sum(gains))
            self.assertLess(100 * sum(better), share * sum(gains))

    @exactly
    @given(st.lists(METRICS, min_size=2, max_size=40), st.integers(1, 30))
    def test_a_greater_share_never_has_a_higher_cut(self, metrics, share):
        small = tiering.customer_share_cut(metrics, share)
        great = tiering.customer_share_cut(metrics, 2 * share)
        if small is not None:
            self.assertLessEqual(great, small)

    @exactly
    @given(METRICS, METRICS, st.lists(st.none() | METRICS, max_size=4))
    def test_a_better_metric_never_earns_less(self, one, other, cuts):
        low, high = sorted((one, other))
        self.assertLessEqual(tiering.earned(low, cuts), tiering.earned(high, cuts))


@tagged("post_install", "-at_install")
class TestDecisions(BaseCase):
    @exactly
    @given(st.integers(0, 4), STANDINGS, RULES, DAYS)
    def test_never_down_before_the_fall_date(self, earned, standing, rules, day):
        verdict = tiering.decide(earned, standing, rules, day)
        falls = tiering.fall_date(standing, rules)
        if verdict and verdict.rung < standing.rung:
            self.assertGreaterEqual(day, falls)
            self.assertGreaterEqual(verdict.rung, earned)
            if rules.one_step:
                self.assertEqual(verdict.rung, standing.rung - 1)
        elif earned < standing.rung:
            self.assertLess(day, falls)

    @exactly
    @given(st.integers(0, 4), STANDINGS, RULES, DAYS)
    def test_up_at_once_and_only_as_far_as_earned(self, earned, standing, rules, day):
        verdict = tiering.decide(earned, standing, rules, day)
        if earned > standing.rung:
            self.assertEqual((verdict.cause, verdict.rung), (tiering.UPGRADE, earned))
        elif verdict:
            self.assertLessEqual(verdict.rung, standing.rung)

    @exactly
    @given(st.integers(0, 4), STANDINGS | st.none(), RULES, DAYS)
    def test_what_was_decided_is_not_decided_again(self, earned, standing, rules, day):
        verdict = tiering.decide(earned, standing, rules, day)
        if verdict and not (rules.one_step and verdict.rung > earned):
            after = tiering.Standing(verdict.rung, verdict.valid_until)
            self.assertIsNone(tiering.decide(earned, after, rules, day))

    @exactly
    @given(st.integers(0, 4), STANDINGS | st.none(), RULES, DAYS, st.integers(0, 4))
    def test_a_decision_wins_until_its_last_day(self, earned, stand, rules, day, rung):
        override = tiering.Override(rung, day)
        verdict = tiering.decide(earned, stand, rules, day, override)
        self.assertEqual((verdict.cause, verdict.rung), (tiering.OVERRIDE, rung))
        held = tiering.Standing(rung, day, overridden=True)
        self.assertIsNone(tiering.decide(earned, held, rules, day, override))
        after = tiering.decide(earned, held, rules, day + timedelta(days=1), override)
        self.assertEqual((after.cause, after.rung), (tiering.OVERRIDE_END, earned))

    @exactly
    @given(RULES, DAYS)
    def test_a_period_and_its_grace_have_their_length(self, rules, day):
        last = tiering.promise(day, rules)
        self.assertEqual(
            tiering.window_start(last + timedelta(days=1), rules.period_months).replace(
                day=1
            ),
            day.replace(day=1),
        )
        standing = tiering.Standing(1, last)
        falls = tiering.fall_date(standing, rules)
        self.assertEqual((falls - last).days, rules.grace_days + 1)
        self.assertIsNone(tiering.decide(0, standing, rules, falls - timedelta(days=1)))
        self.assertTrue(tiering.decide(0, standing, rules, falls))


LIFECYCLE = lifecycle.Rules()
GAPS = st.lists(st.integers(0, 250), min_size=1, max_size=8)


def facts_on(day, gaps, interval):
    """Return what is known on ``day`` of who bought after each of ``gaps``."""
    days, bought = [], date(2024, 1, 1)
    for gap in gaps:
        bought += timedelta(days=gap)
        if bought <= day:
            days.append(bought)
    first, last = (days[0], days[-1]) if days else (None, None)
    return lifecycle.Facts(first, last, len(days), interval)


@tagged("post_install", "-at_install")
class TestLifecycle(BaseCase):
    def walk(self, days, gaps, interval, every_day):
        """Judge on each of ``days``, or only when facts change or a day has come."""
        found, standing, known, check_on = [], None, None, None
        for day in days:
            facts = facts_on(day, gaps, interval)
            if every_day or facts != known or (check_on and check_on <= day):
                verdict = lifecycle.judge(facts, LIFECYCLE, day, standing)
                if not standing or verdict.stage != standing.stage:
                    standing = lifecycle.Standing(verdict.stage, day)
                known, check_on = facts, verdict.check_on
            found.append(standing)
        return found

    @exactly
    @given(GAPS, st.sampled_from((0.0, 7.5, 30.0, 44.5)))
    def test_each_day_in_turn_is_as_from_check_to_check(self, gaps, interval):
        days = [date(2024, 1, 1) + timedelta(days=n) for n in range(0, 1500, 1)]
        self.assertEqual(
            self.walk(days, gaps, interval, True),
            self.walk(days, gaps, interval, False),
        )

    @exactly
    @given(
        st.builds(
            lifecycle.Facts,
            st.just(date(2020, 1, 1)),
            st.dates(date(2020, 1, 1), date(2024, 1, 1)),
            st.integers(1, 9),
            st.floats(0, 500),
        ),
        st.integers(0, 1500),
        st.sampled_from(lifecycle.STAGES),
        st.integers(0, 60),
    )
    def test_the_check_is_the_first_day_of_change(self, facts, days, stage, ago):
        day = facts.last + timedelta(days=days)
        before = lifecycle.Standing(stage, day - timedelta(days=ago))
        verdict = lifecycle.judge(facts, LIFECYCLE, day, before)
        same = verdict.stage == stage
        now = before if same else lifecycle.Standing(verdict.stage, day)
        self.assertEqual(lifecycle.judge(facts, LIFECYCLE, day, now), verdict)
        if not verdict.check_on:
            far = day + timedelta(days=9_999)
            self.assertEqual(lifecycle.judge(facts, LIFECYCLE, far, now), verdict)
            return
        self.assertGreater(verdict.check_on, day)
        eve = verdict.check_on - timedelta(days=1)
        self.assertEqual(lifecycle.judge(facts, LIFECYCLE, eve, now), verdict)
        after = lifecycle.judge(facts, LIFECYCLE, verdict.check_on, now)
        self.assertNotEqual(after.stage, verdict.stage)

    @exactly
    @given(st.floats(0, 1e6), st.integers(1, 9))
    def test_limits_grow(self, interval, count):
        facts = lifecycle.Facts(date(2024, 1, 1), date(2024, 1, 1), count, interval)
        limits = lifecycle.limits(facts, LIFECYCLE)
        self.assertLessEqual(limits.risk, limits.dormant)
        self.assertLessEqual(limits.dormant, limits.lost)
        self.assertLessEqual(limits.lost, lifecycle.LONGEST)

    @exactly
    @given(DAYS, st.integers(0, 600))
    def test_engagement_only_cools(self, answered, days):
        day = answered + timedelta(days=days)
        warmth = lifecycle.engagement(answered, LIFECYCLE, day)
        rank = lifecycle.ENGAGEMENTS.index(warmth.stage)
        if warmth.check_on:
            eve = warmth.check_on - timedelta(days=1)
            for each, step in ((eve, 0), (warmth.check_on, 1)):
                later = lifecycle.engagement(answered, LIFECYCLE, each)
                self.assertEqual(lifecycle.ENGAGEMENTS.index(later.stage), rank + step)
        else:
            self.assertEqual(warmth.stage, lifecycle.FROZEN)
