from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from .common_kpi import FIRST, LAST, KpiCommon


@tagged("post_install", "-at_install")
@freeze_time("2024-07-02 06:00:00")
class TestKpiRights(KpiCommon):
    """Who sees which figures: own ones, those of the team, all; companies apart."""

    count = 24

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager, cls.auditor = cls.make_user("manager"), cls.make_user("auditor")
        cls.review = cls.Review.create({"date_from": FIRST, "period": "quarter"})
        cls.review.action_compute()

    def seen(self, user):
        rows = self.Value.with_user(user).search([("date_from", "=", FIRST)])
        return {(row.dimension, (row.team_id or row.user_id).id) for row in rows}

    def test_figures_by_group(self):
        self.assertEqual(self.seen(self.seller), {("user", self.seller.id)})
        self.assertEqual(
            self.seen(self.lead),
            {("team", self.team.id), ("user", self.colleague.id)},
        )
        self.assertIn(("company", False), self.seen(self.manager))
        self.assertEqual(self.seen(self.auditor), self.seen(self.manager))

    def test_nobody_writes_figures(self):
        for user in (self.seller, self.lead, self.manager, self.auditor):
            for operation in ("create", "write", "unlink"):
                self.assertFalse(self.Value.with_user(user).has_access(operation))

    def test_reviews_are_the_managers(self):
        for user in (self.seller, self.lead):
            with self.assertRaises(AccessError):
                self.review.with_user(user).read(["name"])
        self.assertTrue(self.review.with_user(self.auditor).line_ids)
        with self.assertRaises(AccessError):
            self.review.with_user(self.auditor).action_compute()
        self.review.with_user(self.manager).action_compute()
        self.review.with_user(self.manager).action_close()
        self.assertTrue(self.review.value_ids.filtered("is_frozen"))

    def test_owner_sees_the_measure(self):
        measure = self.env["retention.review.measure"].create(
            {
                "name": "Call",
                "user_id": self.seller.id,
                "due_on": date(2024, 8, 1),
                "review_id": self.review.id,
                "kpi_id": self.kpi("churn").id,
            }
        )
        mine = measure.with_user(self.seller)
        mine.read()
        mine.write({"state": "running", "result": "Half of them called"})
        Measure = self.env["retention.review.measure"]
        self.assertFalse(Measure.with_user(self.colleague).search([]))
        self.assertIn(measure, Measure.with_user(self.auditor).search([]))
        with self.assertRaises(AccessError):
            measure.with_user(self.auditor).write({"result": "x"})

    def test_companies_apart(self):
        other = self.make_company()
        self.manager.company_ids |= other
        customer = self.customers[0]
        self.buy(customer, (date(2024, 4, 3), 10), company=other)
        self.run_pass(as_of=date(2024, 7, 2), company=other)
        review = self.Review.with_company(other).create(
            {"date_from": FIRST, "period": "quarter", "company_id": other.id}
        )
        review.action_compute()
        self.assertEqual(set(review.value_ids.company_id), {other})
        rows = self.Value.with_user(self.manager).with_context(
            allowed_company_ids=self.company.ids
        )
        self.assertEqual(rows.search([]).company_id, self.company)
        bought = review.value_ids.filtered(
            lambda row: row.kpi_id.code == "repurchase" and row.dimension == "company"
        )
        self.assertEqual((bought.numerator, bought.denominator), (0, 1))
        self.assertEqual(bought.date_to, LAST)
