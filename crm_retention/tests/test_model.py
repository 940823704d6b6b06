"""Forecasts in use: learned on a schedule, tried on the past, and honest about it."""

import random
from datetime import timedelta

from odoo.tests import tagged

from odoo.addons.crm_retention.tools import clv, forecast

from .common import TODAY, RetentionCommon

STEPS = ("score", "predict")


@tagged("post_install", "-at_install")
class TestModel(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Model = cls.env["retention.model"]
        cls.Model.search([]).unlink()

    def load(self, count, days_of, amount=lambda chance, place: 50.0):
        """Load purchases of customers who bought on the days that ``days_of`` gives."""
        chance = random.Random(6)
        customers = self.make_customers(count)
        self.env["retention.purchase"].create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "date": TODAY - timedelta(days=ago),
                    "amount": amount(chance, place),
                    "reference": f"M-{customer.id}-{ago}",
                }
                for place, customer in enumerate(customers)
                for ago in sorted(set(days_of(chance)))
            ]
        )
        return customers

    @staticmethod
    def as_the_model_has_it(chance):
        """Days of a customer who buys at an own rate and one day no more."""
        first = chance.randrange(250, 700)
        rate, end = chance.gammavariate(0.9, 1 / 40), chance.betavariate(1, 3)
        days, ago = [first], float(first)
        while True:
            ago -= chance.expovariate(rate) if rate > 1e-9 else 9e9
            if ago < 1:
                return days
            days.append(int(ago))
            if chance.random() < end:
                return days

    def judge(self, as_of=TODAY, kind="full"):
        self.run_pass(kind, as_of, steps=STEPS)
        return self.Model._get_current(self.company, as_of)

    def test_model_wins(self):
        customers = self.load(
            400, self.as_the_model_has_it, lambda chance, _n: chance.uniform(20, 60)
        )
        current = self.judge()
        often = current["buying"]
        self.assertEqual((often.why, often.is_model), ("wins", True))
        self.assertLess(often.error, often.plain_error)
        self.assertAlmostEqual(often.told_share, often.real_share, delta=0.1)
        self.assertEqual(often.customer_count, 400)
        self.assertIn("the model is used", often.verdict)
        spread = clv.Spread(**often.parameters)
        profile = self.profile_of(customers[0])
        days = self.env["retention.purchase"].search(
            [("partner_id", "=", customers[0].id)], order="date"
        )
        first, last = days[0].date, days[-1].date
        history = clv.History(
            len(days) - 1, (last - first).days / 7, (TODAY - first).days / 7
        )
        self.assertEqual(profile.purchase_days, len(days))
        quiet = clv.quiet(spread, history, 90 / 7, often.method)
        self.assertEqual(profile.quiet_risk, round(100 * quiet))
        purchases = clv.expected(spread, history, 365 / 7, often.method)
        self.assertAlmostEqual(profile.expected_purchases, purchases, 2)
        self.assertAlmostEqual(
            profile.year_value, purchases * profile.purchase_value, delta=1
        )
        self.assertIn("told by the model", profile.forecast_text)
        # the same purchases give the same parameters
        again = self.Model._fit(self.company, TODAY)
        self.assertEqual(again[0].parameters, often.parameters)

    def test_model_gives_way(self):
        """Everybody buys every month: no dropping out can be learned."""
        customers = self.load(220, lambda chance: range(5, 400, 30))
        often = self.judge()["buying"]
        self.assertEqual((often.method, often.is_model), ("rate", False))
        self.assertIn(often.why, ("unsettled", "loses"))
        profile = self.profile_of(customers[0])
        self.assertEqual(profile.quiet_risk, 0)
        self.assertAlmostEqual(profile.expected_purchases, 365 / 30, delta=0.6)
        self.assertEqual(profile.purchase_value, 50)
        self.assertIn("counted, no model", profile.forecast_text)

    def test_too_little(self):
        """Nothing is foretold, and it is said so; it is tried again with more data."""
        customer = self.make_customers(1)
        self.buy(customer, (100, 50), (10, 50))
        often = self.judge()["buying"]
        self.assertEqual((often.method, often.why), ("none", "few"))
        self.assertIn("60 customers are needed", often.verdict)
        profile = self.profile_of(customer)
        self.assertFalse(profile.forecast_on)
        self.assertIn("Too little is known", profile.forecast_text)
        self.judge(TODAY + timedelta(days=1), "night")
        self.assertEqual(often.exists(), often)  # it waits for the weekly pass
        later = self.judge(TODAY + timedelta(days=7))["buying"]
        self.assertNotEqual(later, often)
        self.assertFalse(often.exists())  # one says it all

    def test_too_few_for_a_model(self):
        customers = self.load(70, lambda chance: [chance.randrange(120, 300), 10])
        often = self.judge()["buying"]
        self.assertEqual((often.method, often.why), ("rate", "few"))
        self.assertIn("Too few customers for a model", often.verdict)
        self.assertTrue(self.profile_of(customers[0]).forecast_on)

    def test_schedule(self):
        self.load(220, lambda chance: range(5, 400, 30))
        first = self.judge()["buying"]
        self.assertEqual(self.judge(TODAY + timedelta(days=20))["buying"], first)
        second = self.judge(TODAY + timedelta(days=31))["buying"]
        self.assertNotEqual(second, first)
        # the past is told by what was known then
        self.assertEqual(self.Model._get_current(self.company, TODAY)["buying"], first)
        self.company.retention_quiet_days = 60
        third = self.judge(TODAY + timedelta(days=32), "night")["buying"]
        self.assertEqual((third.days, second.days), (60, 90))

    def test_amounts_that_go_with_numbers(self):
        pairs = [(n % 7 + 1, 20.0 * (n % 7 + 1)) for n in range(80)]
        found = forecast.spending([], pairs)
        self.assertEqual((found.method, found.why), ("own", "depends"))
        self.assertGreater(found.correlation, 0.9)

    def test_same_day_counts_once(self):
        customer = self.make_customers(1)
        self.buy(customer, (50, 10), (50, 20), (20, 30))
        self.judge()
        self.assertEqual(self.profile_of(customer).purchase_days, 2)
