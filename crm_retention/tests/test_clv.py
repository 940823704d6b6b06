"""Forecasts of purchases against published figures, and against what came after."""

from itertools import islice

from odoo.tests import BaseCase, tagged

from odoo.addons.crm_retention.tools import backtest, clv, spend
from odoo.addons.crm_retention.tools.clv import BG, MBG, History, Spread
from odoo.addons.crm_retention.tools.forecast import Past, buying

from . import cdnow

# parameters for the calibration half of CDNOW, of the R packages CLVTools and BTYD
CDNOW = Spread(0.2425945, 4.4136019, 0.7929199, 2.4258881)
WALK = Spread(0.2425982, 4.4136842, 0.7929899, 2.4261667)  # of BTYD's walkthrough
ROUNDED = Spread(0.243, 4.414, 0.793, 2.426)
PINNED = Spread(0.25, 4.0, 0.8, 2.5)
WEEKS = 39


@tagged("post_install", "-at_install")
class TestPublished(BaseCase):
    """Predictions by published parameters, of which nothing is fitted here."""

    def assertClose(self, found, expected, part=1e-6):
        self.assertLessEqual(abs(found - expected), part * abs(expected), found)

    def test_expected_of_new_customers(self):
        self.assertClose(clv.expected_new(WALK, 52), 1.444004)
        published = {
            0.1429: 0.0078,
            1: 0.0532,
            3: 0.1506,
            31.8571: 1.0405,
            32: 1.0437,
        }
        for weeks, expected in published.items():
            self.assertAlmostEqual(clv.expected_new(CDNOW, weeks), expected, 4)
        self.assertAlmostEqual(clv.expected_new(CDNOW, 78), 1.8576, delta=5e-4)

    def test_expected_of_known_customers(self):
        found = clv.expected(CDNOW, History(2, 30.43, 38.86), 39)
        self.assertAlmostEqual(found, 1.226, 3)
        found = clv.expected(WALK, History(26, 30.857143, 31), 52)
        self.assertClose(found, 25.75659, 5e-6)
        # who bought more often and then stopped is the more surely gone
        for x, expected in (
            (10, 0.3474606),
            (15, 0.04283391),
            (20, 0.004158973),
            (25, 0.0003583685),
        ):
            self.assertClose(clv.expected(WALK, History(x, 20, 39), 52), expected, 1e-5)

    def test_alive(self):
        regular = clv.alive(WALK, History(26, 30.857143, 31))
        self.assertAlmostEqual(regular, 0.9688523, 6)
        for history, expected in (
            ((2, 30.43, 38.86), 0.72661),
            ((1, 1.71, 38.86), 0.21223),
            ((7, 29.43, 38.86), 0.6418),
        ):
            self.assertAlmostEqual(clv.alive(CDNOW, History(*history)), expected, 4)

    def test_shares(self):
        self.assertAlmostEqual(clv.share_buying(ROUNDED, 0, 39), 0.5737864, 6)
        self.assertClose(clv.share_buying(ROUNDED, 10, 2), 1.07869e-07, 1e-4)
        published = (
            0.0019995214,
            0.0015170236,
            0.0011633150,
            0.0009003148,
            0.0007023638,
            0.0005517902,
            0.0004361913,
            0.0003467171,
            0.0002769613,
            0.0002222260,
        )
        for n, expected in enumerate(published, 11):
            self.assertClose(clv.share_buying(ROUNDED, n, 30), expected, 1e-5)

    def test_likelihood_of_one(self):
        few, many = History(0, 0, 40), History(200, 38, 40)
        for kind, expected in (
            (BG, (-0.59947382, 100.7957)),
            (MBG, (-0.41792826, 100.7869)),
        ):
            self.assertAlmostEqual(clv.likelihood(PINNED, [few], kind), expected[0], 7)
            self.assertAlmostEqual(clv.likelihood(PINNED, [many], kind), expected[1], 3)

    def test_nothing_overflows(self):
        for history in (History(5_000, 10, 900), History(5_000, 899, 900)):
            for kind in clv.KINDS:
                self.assertLess(abs(clv.likelihood(CDNOW, [history], kind)), 1e6)
                alive = clv.alive(CDNOW, history, kind)
                quiet = clv.quiet(CDNOW, history, 13, kind)
                self.assertTrue(0 <= alive <= 1 and 0 <= quiet <= 1)
                self.assertTrue(0 <= clv.expected(CDNOW, history, 520, kind) < 5_000)
        # a whole number in the series, and a = 1, where the formula divides by 0
        near = clv.expected(CDNOW._replace(a=1 + 1e-5), History(3, 9, 12), 52)
        same = clv.expected(CDNOW._replace(a=1.0), History(3, 9, 12), 52)
        self.assertAlmostEqual(near, same, 3)


@tagged("post_install", "-at_install")
class TestFitted(BaseCase):
    """Parameters found in plain Python, from the log of purchases."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = list(cdnow.purchases().values())
        cls.histories = [cdnow.history(days) for days in cls.customers]
        cls.fits = {kind: clv.fit(cls.histories, kind) for kind in clv.KINDS}
        cls.later = [sum(d > cdnow.SPLIT for d in days) for days in cls.customers]

    def test_sums(self):
        self.assertEqual(len(self.histories), 2357)
        self.assertEqual(sum(history.x for history in self.histories), 2457)
        self.assertEqual(sum(bool(history.x) for history in self.histories), 946)
        self.assertEqual(sum(self.later), 1882)

    def test_bg(self):
        fit = self.fits[BG]
        self.assertTrue(fit.settled)
        self.assertAlmostEqual(fit.likelihood, -9582.4292, 3)
        for found, expected in zip(fit.spread, CDNOW, strict=True):
            self.assertAlmostEqual(found, expected, delta=1e-4 * expected)
        ahead = sum(clv.expected(fit.spread, each, WEEKS) for each in self.histories)
        self.assertAlmostEqual(ahead, 1653.4, delta=0.5)

    def test_mbg(self):
        fit = self.fits[MBG]
        self.assertAlmostEqual(fit.likelihood, -9582.14, 2)
        expected = (0.525, 6.183, 0.891, 1.614)
        for found, published in zip(fit.spread, expected, strict=True):
            self.assertAlmostEqual(found, published, delta=2e-3)

    def test_spend(self):
        repeaters = [cdnow.repeats(days) for days in self.customers]
        known = [pair for pair in repeaters if pair[0]]
        self.assertEqual(len(known), 946)
        mean = sum(amount for _x, amount in known) / len(known)
        self.assertAlmostEqual(mean, 35.078, 3)
        fit = spend.fit(repeaters)
        self.assertTrue(fit.settled)
        self.assertAlmostEqual(fit.likelihood, -4055.91769, 3)
        for found, published in zip(
            fit.spend, (6.24957, 3.74422, 15.44352), strict=True
        ):
            self.assertAlmostEqual(found, published, 2)
        self.assertAlmostEqual(spend.typical(fit.spend), 35.17, 1)
        published = (24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28)
        for pair, expected in zip(islice(repeaters, 9), published, strict=True):
            self.assertAlmostEqual(
                spend.expected(fit.spend, *pair), expected, delta=0.1
            )
        self.assertAlmostEqual(spend.correlation(known), 0.114, 3)
        self.assertLess(spend.correlation(known), spend.MOST_CORRELATED)

    def test_what_came_after(self):
        """No purchase in 39 weeks: ranking, calibration, and the plain rates."""
        silent = [not purchases for purchases in self.later]
        share = sum(silent) / len(silent)
        recency = backtest.ranked([h.T - h.tx for h in self.histories], silent)
        self.assertAlmostEqual(recency, 0.771, 2)
        for kind, least, off in ((BG, 0.75, 0.03), (MBG, 0.755, 0.06)):
            spread = self.fits[kind].spread
            risks = [clv.quiet(spread, each, WEEKS, kind) for each in self.histories]
            self.assertGreaterEqual(backtest.ranked(risks, silent), least)
            self.assertLessEqual(abs(sum(risks) / len(risks) - share), off)
            # said openly: days of silence alone rank a little better
            self.assertLess(backtest.ranked(risks, silent), recency)
        gone = [1 - clv.alive(self.fits[BG].spread, each) for each in self.histories]
        self.assertLess(backtest.ranked(gone, silent), 0.35)  # worse than a coin

    def test_what_is_chosen_is_close(self):
        """The model that is shown tells the share who buy nothing within 3 points."""
        past = [Past(*pair) for pair in zip(self.histories, self.later, strict=True)]
        found = buying(past, self.histories, round(WEEKS * clv.DAYS))
        self.assertEqual((found.method, found.why), ("model", "wins"))
        self.assertGreaterEqual(found.trial.rank, 0.75)
        self.assertLessEqual(abs(found.trial.told - found.trial.came), 0.03)

    def test_purchases_that_came_after(self):
        spread = self.fits[BG].spread
        ahead = [clv.expected(spread, each, WEEKS) for each in self.histories]
        plain = [WEEKS * each.x / each.T for each in self.histories]
        self.assertAlmostEqual(backtest.missed(ahead, self.later), 0.785, 2)
        self.assertAlmostEqual(backtest.missed(plain, self.later), 1.024, 2)


@tagged("post_install", "-at_install")
class TestUnsuited(BaseCase):
    """Histories of which nothing, or nothing sure, can be learned."""

    def test_nobody_came_back(self):
        self.assertIsNone(clv.fit([History(0, 0.0, 10.0)] * 50))
        self.assertIsNone(clv.fit([]))
        self.assertIsNone(spend.fit([(0, 0.0)]))

    def test_no_optimum(self):
        """Everybody buys weekly and never stops: dropping out goes to nothing."""
        fit = clv.fit([History(52, 52.0, 52.0)] * 40)
        self.assertFalse(fit.settled)
        self.assertFalse(spend.fit([(3, 20.0)] * 40).settled)
