from datetime import date

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common_kpi import DAY, FIRST, LAST, KpiCommon


@tagged("post_install", "-at_install")
@freeze_time("2024-07-02 06:00:00")
class TestReviewPeriods(KpiCommon):
    """What a figure knows: whole periods, late answers, targets and rules of now."""

    count = 30

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.say("nps", {"promoter": 20, "detractor": 10})

    def open_review(self, day=FIRST, **values):
        return self.Review.create({"period": "quarter", "date_from": day, **values})

    def row(self, code, first=FIRST, last=LAST):
        return self.Value._get_current(self.company, first, last).filtered(
            lambda row: row.kpi_id.code == code
        )

    def night(self, day):
        """Let nothing but the night of ``day`` have counted the months."""
        self.Run.search([("company_id", "=", self.company.id)]).unlink()
        self.run_pass(as_of=day, steps=("measure",))

    def test_night_before_the_last_day(self):
        """The night of a day has not seen that day."""
        self.night(LAST)
        missing = self.Value._get_missing(self.company)
        self.assertNotIn((FIRST, LAST), missing)
        self.assertIn((date(2024, 5, 1), date(2024, 5, 31)), missing)
        begun = self.Review._schedule(self.company)
        self.assertEqual(begun.date_to, date(2024, 3, 31))
        review = self.open_review()
        with self.assertRaisesRegex(UserError, "not counted"):
            review.action_close()
        self.night(date(2024, 7, 1))
        self.assertIn((FIRST, LAST), self.Value._get_missing(self.company))
        review.action_close()
        self.assertTrue(self.row("churn").is_frozen)

    def test_looked_at_before_the_end(self):
        """What was computed while a period ran is neither kept nor frozen."""
        with freeze_time("2024-05-20 06:00:00"):
            review = self.open_review()
            review.action_compute()
            self.assertTrue(review.is_partial)
        self.assertFalse(self.row("churn"))
        few = self.row("repurchase").numerator
        self.assertIn((FIRST, LAST), self.Value._get_missing(self.company))
        review.action_close()
        self.assertFalse(review.is_partial)
        self.assertTrue(self.row("churn").is_frozen)
        self.assertGreaterEqual(self.row("repurchase").numerator, few)

    def test_late_answers_are_counted(self):
        """Ten days after its end a period is computed once more, then no more."""
        review = self.open_review()
        self.Value._keep_missing(self.company)
        self.assertEqual(self.Value._get_missing(self.company), [])
        self.say("nps", {"promoter": 30}, day=date(2024, 6, 29))
        with freeze_time("2024-07-12 06:00:00"):
            self.night(date(2024, 7, 12))
            missing = self.Value._get_missing(self.company)
            self.assertEqual(set(missing), {(date(2024, 6, 1), LAST), (FIRST, LAST)})
            self.Value._keep_missing(self.company)
            self.assertEqual(self.Value._get_missing(self.company), [])
        self.assertEqual(self.row("nps").n, 60)
        # in the open review, too
        line = review.line_ids.filtered(lambda row: row.kpi_id.code == "nps")
        self.assertEqual(line.value_id, self.row("nps"))

    def test_what_is_known_only_once(self):
        """Figures of today stay what they were when the period was over."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE retention_profile SET quality = 90 WHERE company_id = %s",
            [self.company.id],
        )
        review = self.open_review()
        review.action_compute()
        noted = self.row("data_quality")
        self.assertEqual(noted.value, 100)
        for day in ("2024-07-20", "2024-10-20"):
            with freeze_time(f"{day} 06:00:00"):
                review.action_compute()
        self.assertEqual(self.row("data_quality"), noted)
        review.action_close()
        self.assertTrue(noted.is_frozen)
        review.action_compute()
        self.assertEqual(self.row("data_quality"), noted)
        self.assertEqual(self.row("nps").version, 2)

    def test_archived_figure(self):
        """It stays in closed reviews as it was, and is shown nowhere else."""
        review = self.open_review()
        review.action_close()
        frozen = self.row("nps")
        frozen.kpi_id.active = False
        review.action_compute()
        self.assertTrue(frozen.is_current)
        line = review.line_ids.filtered(lambda row: row.kpi_id == frozen.kpi_id)
        self.assertEqual(line.value_id, frozen)
        self.assertNotIn(
            frozen.kpi_id, self.Value._get_current(self.company, FIRST, LAST).kpi_id
        )
        later = self.open_review(date(2024, 7, 1))
        later.action_compute()
        self.assertNotIn(frozen.kpi_id, later.line_ids.kpi_id)

    def test_targets_of_now(self):
        """A new target judges what is not frozen at once; what is frozen stays."""
        review = self.open_review()
        review.action_compute()
        nps = self.row("nps")
        self.assertEqual((nps.value, nps.goal, nps.status), (33.33, 50, "missed"))
        values = {"kpi_id": nps.kpi_id.id, "company_id": self.company.id}
        target = self.env["retention.kpi.target"].create(values | {"amount": 30})
        self.assertEqual((nps.goal, nps.status), (30, "met"))
        target.write({"amount": 34})
        self.assertEqual(nps.status, "near")
        nps.kpi_id.min_n = 31
        self.assertEqual((nps.is_small, nps.status), (True, "unknown"))
        nps.kpi_id.min_n = 20
        review.action_close()
        target.unlink()
        self.assertEqual((nps.goal, nps.status), (34, "near"))
        # told from what is not known: said, and not judged by the whole
        self.env["retention.kpi.target"].create(
            values
            | {
                "amount": 80,
                "pace": "growth",
                "date_from": date(2024, 1, 1),
                "date_to": date(2024, 12, 31),
            }
        )
        key = (nps.kpi_id, "company", False)
        goals = self.env["retention.kpi.target"]._get_goals(
            self.company, "month", date(2024, 6, 1), LAST, [key]
        )
        self.assertIsNone(goals[key].wanted)

    def test_baseline_closed_later(self):
        """What is told from the baseline is judged as soon as that is frozen."""
        before = self.open_review(date(2024, 1, 1), is_baseline=True)
        review = self.open_review()
        (before | review).action_compute()
        self.kpi("churn").target_ids.period = "any"
        self.kpi("churn").min_n = 1
        churn = self.row("churn")
        self.assertFalse(churn.has_goal)
        before.action_close()
        self.assertTrue(churn.has_goal)

    def test_measures_follow(self):
        """Also into a review made by hand; a measure is told from where it began."""
        before = self.open_review(date(2024, 1, 1))
        self.say("nps", {"detractor": 20}, day=date(2024, 2, 2))
        before.measure_ids = [
            (
                0,
                0,
                {
                    "name": "Call back detractors",
                    "kpi_id": self.kpi("nps").id,
                    "user_id": self.seller.id,
                    "due_on": DAY,
                },
            )
        ]
        measure = before.measure_ids
        self.assertFalse(measure.has_start)
        own = before.activity_schedule("mail.mail_activity_data_todo")
        before.action_close()
        self.assertEqual((measure.has_start, measure.start_value), (True, -100))
        self.assertTrue(own.exists())
        review = self.open_review()
        self.assertEqual(review.measure_ids, measure)
        with freeze_time("2024-05-20 06:00:00"):
            review.action_compute()
        measure.invalidate_recordset()
        self.assertEqual(measure.outcome, "unknown")  # of a part of the quarter
        review.action_compute()
        measure.invalidate_recordset()
        self.assertEqual(measure.outcome, "better")

    def test_another_period(self):
        """A review of other days has not the figures of the former ones."""
        review = self.open_review(date(2024, 1, 1))
        review.action_compute()
        figures = review.value_ids
        review.date_from = FIRST
        self.assertFalse(figures.review_id or review.computed_on)
        self.assertFalse(review.line_ids.value_id)
        review.action_close()
        self.assertFalse(any(figures.mapped("is_frozen")))
        self.assertEqual(set(review.value_ids.mapped("date_from")), {FIRST})
        with self.assertRaises(UserError):
            review.state = "open"

    def test_update_leaves_what_is_the_managers(self):
        nps = self.kpi("nps")
        nps.write({"name": "Would You Recommend Us", "min_n": 50, "sequence": 1})
        data = {"name": "Other", "min_n": 20, "sequence": 9, "formula": "New words"}
        self.Kpi._load_records(
            [
                {
                    "xml_id": "crm_retention_reports.retention_kpi_nps",
                    "values": data,
                    "noupdate": False,
                }
            ],
            update=True,
        )
        self.assertEqual((nps.name, nps.min_n), ("Would You Recommend Us", 50))
        self.assertEqual((nps.sequence, nps.formula), (1, "New words"))

    def test_several_companies(self):
        """Money of two companies is never one number."""
        self.open_review().action_compute()
        one = self.row("nrr")
        other = self.make_company()
        two = one.copy({"company_id": other.id, "review_id": False})
        rows = [("id", "in", (one | two).ids)]
        [(value,)] = self.Value._read_group(rows, aggregates=["value:avg"])
        self.assertFalse(value)
