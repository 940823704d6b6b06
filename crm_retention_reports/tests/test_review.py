from datetime import date
from unittest.mock import patch

from odoo.exceptions import ConcurrencyError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common_kpi import FIRST, LAST, KpiCommon


@tagged("post_install", "-at_install")
@freeze_time("2024-07-02 06:00:00")
class TestReview(KpiCommon):
    """Figures against targets, frozen, computed again, and measures that follow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Target = cls.env["retention.kpi.target"]
        cls.say("nps", {"promoter": 60, "passive": 25, "detractor": 15})
        cls.say("csat", {"good": 3})

    def open_review(self, **values):
        review = self.Review.create(
            {"period": "quarter", "date_from": date(2024, 5, 9), **values}
        )
        review.action_compute()
        return review

    def line(self, review, code):
        return review.line_ids.filtered(lambda row: row.kpi_id.code == code)

    def test_figures_against_targets(self):
        review = self.open_review()
        self.assertEqual((review.date_from, review.date_to), (FIRST, LAST))
        nps = self.line(review, "nps")
        self.assertEqual((nps.value, nps.status), (45, "missed"))
        self.assertIn("29.3 to 58.0", nps.figure_text)
        few = self.line(review, "satisfaction")
        self.assertIn("too few", few.figure_text)
        self.assertEqual(few.status, "unknown")
        # nothing asked: no figure, not 0
        self.assertFalse(self.line(review, "targeting").value_id)
        self.assertEqual(self.line(review, "churn").status, "unknown")  # no baseline
        self.assertEqual(len(review.line_ids), len(self.Kpi.search([])))

    def test_most_exact_target_counts(self):
        nps = self.kpi("nps")
        mine = {"kpi_id": nps.id, "company_id": self.company.id}
        self.Target.create({**mine, "amount": 40})
        self.Target.create({**mine, "amount": 10, "user_id": self.seller.id})
        self.Target.create({**mine, "amount": 45, "period": "quarter"})
        keys = [(nps, "company", False), (nps, "user", self.seller.id)]
        goals = self.Target._get_goals(self.company, "quarter", FIRST, LAST, keys)
        self.assertEqual([goals[key].wanted for key in keys], [45, 10])
        goals = self.Target._get_goals(self.company, "month", FIRST, LAST, keys)
        self.assertEqual([goals[key].wanted for key in keys], [40, 10])
        other = self.make_company()
        goals = self.Target._get_goals(other, "month", FIRST, LAST, keys)
        self.assertEqual([goals[key].wanted for key in keys], [50, 50])

    def test_pace(self):
        nps = self.kpi("nps")
        target = self.Target.create(
            {
                "kpi_id": nps.id,
                "company_id": self.company.id,
                "kind": "points",
                "amount": 12,
                "base": "own",
                "own_baseline": 40,
                "pace": "growth",
                "date_from": date(2024, 1, 1),
                "date_to": date(2024, 12, 31),
            }
        )
        key = (nps, "company", False)
        goals = self.Target._get_goals(self.company, "quarter", FIRST, LAST, [key])
        self.assertEqual(goals[key].target, target)
        self.assertAlmostEqual(goals[key].wanted, 40 + 12 * 182 / 366)

    def test_baseline(self):
        before = self.open_review(date_from=date(2024, 1, 1), is_baseline=True)
        before.action_close()
        churn = self.line(before, "churn").value
        self.kpi("churn").target_ids.period = "any"
        review = self.open_review()
        line = self.line(review, "churn")
        self.assertAlmostEqual(line.value_id.goal, churn - 3, 2)
        # a month is told from a month, not from the quarter
        self.Value._keep(self.company, date(2024, 3, 1), date(2024, 3, 31))
        march = self.figure("churn", first=date(2024, 3, 1), last=date(2024, 3, 31))
        key = (self.kpi("churn"), "company", False)
        days = date(2024, 6, 1), LAST
        goals = self.Target._get_goals(self.company, "month", *days, [key])
        self.assertAlmostEqual(goals[key].wanted, march[False].value - 3, 2)
        expected = "met" if line.value <= churn - 3 else None
        self.assertIn(line.status, [expected] if expected else ["near", "missed"])
        self.assertEqual(review.previous_id, before)
        self.assertAlmostEqual(line.value_id.previous, churn)

    def test_closing_freezes(self):
        review = self.open_review()
        with freeze_time("2024-06-30 20:00:00"), self.assertRaises(UserError):
            review.action_close()
        review.action_close()
        frozen = self.line(review, "nps").value_id
        self.assertTrue(frozen.is_frozen)
        self.say("nps", {"promoter": 50}, day=date(2024, 6, 29))
        review.action_compute()
        again = self.line(review, "nps").value_id
        self.assertEqual((frozen.value, frozen.is_current), (45, False))
        self.assertEqual((again.version, again.is_current), (2, True))
        self.assertAlmostEqual(again.value, 100 * 95 / 150, 2)
        self.assertAlmostEqual(again.change, 100 * 95 / 150 - 45, 2)
        self.assertEqual(review.version, 2)
        review.action_compute()
        self.assertEqual(self.line(review, "nps").value_id.version, 3)
        with self.assertRaises(UserError):
            review.unlink()
        with self.assertRaises(UserError):
            review.date_from = date(2024, 1, 1)

    def test_computing_twice_changes_nothing(self):
        review = self.open_review()
        count = len(review.value_ids)
        review.action_compute()
        self.assertEqual(len(review.value_ids), count)
        self.assertEqual(set(review.value_ids.mapped("version")), {1})

    def test_computed_by_two_at_the_same_time(self):
        self.open_review()
        # the second does not see yet what the first wrote
        Value = self.env.registry["retention.kpi.value"]
        blind = patch.object(Value, "search", lambda self, *_a, **_k: self.browse())
        with (
            blind,
            mute_logger("odoo.sql_db"),
            self.assertRaises(ConcurrencyError),
            self.env.cr.savepoint(),
        ):
            self.Value._keep(self.company, FIRST, LAST)

    def test_measure_is_carried_and_judged(self):
        before = self.open_review(date_from=date(2024, 1, 1))
        self.assertFalse(self.line(before, "nps").value_id)
        self.say("nps", {"promoter": 10, "detractor": 20}, day=date(2024, 2, 2))
        before.action_compute()
        before.measure_ids = [
            (
                0,
                0,
                {
                    "name": "Call back detractors",
                    "kpi_id": self.kpi("nps").id,
                    "user_id": self.seller.id,
                    "due_on": date(2024, 5, 1),
                    "expected_change": 20,
                },
            )
        ]
        measure = before.measure_ids
        self.assertEqual(measure.review_id, before)
        self.assertAlmostEqual(measure.start_value, -100 / 3, 2)
        self.assertEqual(measure.outcome, "unknown")
        self.assertTrue(measure.is_late)
        self.assertEqual(measure.activity_ids.user_id, self.seller)
        review = self.open_review()
        before.action_close()
        self.assertEqual(review.measure_ids, measure)
        measure.invalidate_recordset()
        self.assertEqual(measure.outcome, "reached")
        measure.with_user(self.seller).action_done()
        self.assertFalse(measure.activity_ids)
        measure.verdict = "yes"
        self.assertFalse(measure._is_to_be_carried())

    def test_schedules_itself(self):
        manager = self.make_user("manager")
        self.company.retention_review_user_id = manager
        policies = self.env["retention.contact.policy"].search(
            [("company_id", "=", self.company.id)]
        )
        policies.write({"started_on": date(2024, 7, 1)})
        begun = self.Review._schedule(self.company)
        self.assertEqual(len(begun), 1)
        self.assertTrue(begun.is_baseline)
        self.assertEqual(begun.date_to, LAST)
        self.assertEqual(begun.activity_ids.user_id, manager)
        self.assertFalse(self.Review._schedule(self.company))
        missing = self.Value._get_missing(self.company)
        self.assertEqual(missing[-1], (date(2024, 6, 1), LAST))
        self.assertNotIn((FIRST, LAST), missing)
        self.assertIn((date(2023, 1, 1), date(2023, 12, 31)), missing)

    def test_rule_change_is_marked(self):
        with freeze_time("2024-05-08 10:00:00"):
            self.env.cr.precommit.run()
            program = self.program.with_context(
                tracking_disable=False, mail_notrack=False
            )
            program.window_months = 18
            self.env.flush_all()
            self.env.cr.precommit.run()
        self.env["mail.message"].search(
            [("model", "=", "retention.program"), ("tracking_value_ids", "!=", False)],
            limit=1,
        ).date = "2024-05-08 10:00:00"
        review = self.open_review()
        self.assertIn(self.program.name, review.rules_text)
        self.assertIn("Window (months)", review.rules_text)
        earlier = self.open_review(date_from=date(2024, 1, 1))
        self.assertNotIn("Window", earlier.rules_text or "")
