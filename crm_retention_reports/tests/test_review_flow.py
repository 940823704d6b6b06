from datetime import date, datetime

from odoo.tests import HttpCase, tagged

from odoo.addons.crm_retention.tests.common import RetentionCommon
from odoo.addons.crm_retention_reports.tools import periods


@tagged("post_install", "-at_install")
class TestReviewFlow(RetentionCommon, HttpCase):
    """A manager holds a review, decides on a measure; the next says if it worked."""

    def answer(self, grade, day, count):
        moment = datetime(day.year, day.month, day.day, 9)
        self.env["retention.feedback"].create(
            [
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "kind": "nps",
                    "key": f"{day} {grade} {number}",
                    "state": "answered",
                    "grade": grade,
                    "invited_at": moment,
                    "answered_at": moment,
                }
                for number in range(count)
            ]
        )

    def test_review_measure_and_the_next_review(self):
        manager = self.make_user("manager")
        self.env["retention.review"].search([]).unlink()
        self.customer = self.make_customers(1)
        self.buy(self.customer, (date(2024, 1, 9), 100))
        today = self.company._retention_today()
        self.run_pass(as_of=today, steps=("score", "measure"))
        self.answer("promoter", date(2024, 2, 2), 10)
        self.answer("detractor", date(2024, 2, 2), 20)
        first, last = periods.finished("quarter", today)
        self.answer("promoter", first, 30)
        new = "/odoo/retention-reviews/new"
        self.start_tour(new, "crm_retention_reports_review", login=manager.login)
        review = self.env["retention.review"].search([])
        self.assertEqual(review.date_from, date(2024, 1, 1))
        self.assertEqual(review.state, "closed")
        self.assertTrue(all(review.value_ids.mapped("is_frozen")))
        measure = review.measure_ids
        self.assertAlmostEqual(measure.start_value, -100 / 3, 2)
        self.start_tour(new, "crm_retention_reports_next_review", login=manager.login)
        following = self.env["retention.review"].search([("state", "=", "open")])
        self.assertEqual((following.date_from, following.date_to), (first, last))
        self.assertEqual(following.measure_ids, measure)
