"""Customers of whom the truth is known: who falls, when, and what rules see of it.

Customers buy by chance, each at a rate of its own (Gamma), with a season that all
share. At a known month some fall to a part of their rate. Every rule looks at the ends
of the three months after; the same customers, had they not fallen, show how many are
warned of for nothing. Our rules learn from the purchases alone; the naive ones are
given the limit that makes exactly as many false alarms, which nobody could know.
"""

from datetime import date, timedelta
from functools import cache
from math import sqrt
from random import Random
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo.addons.crm_retention.tools import alerts, drop, signals

BASE, LOOKS, YEAR = (
    24,
    3,
    12,
)  # months: known before, looked at after, falls spread over
RECENT, LEAST = 3, 6  # what the shipped rule looks at
USUAL = 0.5  # where such a ratio is usually set: half of what was
SEASON = (0.9, 0.9, 1, 1, 1, 1.1, 0.8, 0.6, 1, 1.1, 1.2, 1.4)
START = date(2020, 1, 1)
CLASSES = ((0, "up to 1.5"), (1.5, "1.5 to 3"), (3, "3 to 6"), (6, "over 6"))


class Seen(NamedTuple):
    """What one rule saw: shares, of all customers and by purchases a month."""

    false_share: float
    detected: float
    by_rate: dict


class Truth:
    """Customers with their rates, and months of purchases, unchanged and fallen.

    Customer ``n`` falls at month ``BASE + RECENT + n % 12``. Ours learn from ``sample``
    of them.
    """

    def __init__(self, customers, seed, fall=0.3, shape=1.5, mean=2.5, sample=5_000):
        self.sample = range(min(sample, customers))
        random = Random(seed)
        self.rates = [
            random.gammavariate(shape, mean / shape) for _n in range(customers)
        ]
        months = BASE + RECENT + YEAR + LOOKS
        self.weights = signals.month_weights(START, months, SEASON)
        self.same = [
            [drop.poisson(random, rate * weight) for weight in self.weights]
            for rate in self.rates
        ]
        self.fallen = []
        for number, rate in enumerate(self.rates):
            begin = self.begin(number)
            lately = [
                drop.poisson(random, fall * rate * weight)
                for weight in self.weights[begin : begin + LOOKS]
            ]
            self.fallen.append(self.same[number][:begin] + lately)

    def begin(self, number):
        """Return the place of the first month of the fall."""
        return BASE + RECENT + number % YEAR

    # ---- our rules -----------------------------------------------------------------

    def ours(self, fit, judge, recent, share):
        """Return the scores of one of our rules: who is warned of, at each look.

        :return: {(number, look): (had it not fallen, fallen)}, True: warned of.
        """

        @cache
        def learned(end):
            return fit(
                self.months(self.sample, self.same, end, recent), share, recent, LEAST
            )

        warned = {}
        for begin in range(BASE + RECENT, BASE + RECENT + YEAR):
            some = [n for n in range(len(self.rates)) if self.begin(n) == begin]
            for look in range(LOOKS):
                end = begin + look + 1
                seen = [
                    self._warned(judge, learned(end), some, counts, end, recent)
                    for counts in (self.same, self.fallen)
                ]
                for number in some:
                    warned[number, look] = tuple(number in each for each in seen)
        return warned

    def _warned(self, judge, learned, some, counts, end, recent):
        months = self.months(some, counts, end, recent)
        found, _few = judge(months, learned, recent, LEAST)
        return {
            each.counted.customer_id if hasattr(each, "counted") else each.customer_id
            for each in found
        }

    def months(self, some, counts, end, recent):
        """Return what is known of these customers at the end of month ``end``."""
        number = min(BASE + recent, end)
        return signals.Months(
            START + relativedelta(months=end - number),
            number,
            {n: counts[n][end - number : end] for n in some},
            dict.fromkeys(some, 0),
        )

    # ---- naive rules -----------------------------------------------------------------

    def naive(self, score, share, limit=None):
        """Return the same of a rule that warns of the lowest scores.

        :param score: of the months before and those looked at; None: says nothing.
        :param limit: below which it warns; None: that which makes ``share`` of false
            alarms.
        """
        scores = {}
        for number in range(len(self.rates)):
            for look in range(LOOKS):
                end = self.begin(number) + look + 1
                scores[number, look] = tuple(
                    score(each[number][end - BASE - RECENT : end])
                    for each in (self.same, self.fallen)
                )
        if limit is None:
            limit = _quantile([same for same, _fallen in scores.values()], share)
        return {
            key: tuple(each is not None and each < limit for each in pair)
            for key, pair in scores.items()
        }

    # ---- what they saw ---------------------------------------------------------------

    def seen(self, warned):
        """Return :class:`Seen`: false alarms a look, falls seen within three."""
        false = sum(same for same, _fallen in warned.values()) / len(warned)
        groups = {}
        for number, rate in enumerate(self.rates):
            name = [name for least, name in CLASSES if rate > least or not least][-1]
            seen = any(warned[number, look][1] for look in range(LOOKS))
            groups.setdefault(name, []).append(seen)
        detected = [seen for group in groups.values() for seen in group]
        return Seen(
            false,
            sum(detected) / len(detected),
            {name: sum(groups[name]) / len(groups[name]) for _l, name in CLASSES},
        )

    def live(self, warned, people, budget, share_falling=0.05, seed=1):
        """Let our alerts be opened week by week, while a few customers fall.

        :return: (most alerts a person and seven days, alerts, of them about falls,
            falls, of them with an alert within the three months).
        """
        random = Random(seed)
        falling = {n for n in range(len(self.rates)) if random.random() < share_falling}
        known, opened = {}, []
        for week in range(4 * LOOKS):
            day = START + timedelta(days=7 * week)
            found = {
                number: alerts.New(
                    number, number % people, "medium", self.rates[number]
                )
                for number in range(len(self.rates))
                if warned[number, week // 4][number in falling]
            }
            night = alerts.night(found, known.values(), day, budget)
            for number in night.opened:
                known[number] = alerts.Known(number, "new", number % people, day)
            opened.append([(number % people, number) for number in night.opened])
        weekly = [
            [owner for owner, _n in week].count(p)
            for week in opened
            for p in range(people)
        ]
        alerted = {number for week in opened for _owner, number in week}
        return (
            max(weekly),
            len(alerted),
            len(alerted & falling),
            len(falling),
        )


# ---- scores of naive rules: the lower, the worse -------------------------------------


def ratio(counts):
    """The last three months against the own mean."""
    before = sum(counts[:-RECENT]) / (len(counts) - RECENT)
    return sum(counts[-RECENT:]) / RECENT / before if before else None


def z_score(counts):
    """How many own standard deviations the last three months lie below the mean."""
    before = counts[:-RECENT]
    mean = sum(before) / len(before)
    spread = sqrt(sum((n - mean) ** 2 for n in before) / (len(before) - 1))
    return (sum(counts[-RECENT:]) / RECENT - mean) / spread if spread else None


def cusum(counts):
    """The highest point of the Poisson CUSUM for a fall to half of the own mean."""
    before = sum(counts[:-RECENT]) / (len(counts) - RECENT)
    if not before:
        return None
    reference, total = before * 0.5 / 0.6931, 0.0
    for n in counts[-RECENT:]:
        total = max(total + reference - n, 0.0)
    return -total / sqrt(before)


NAIVE = {"ratio to own mean": ratio, "own z-score": z_score, "Poisson CUSUM": cusum}


def _quantile(scores, share):
    """Return the highest limit below which no more than ``share`` of scores lie."""
    known = sorted(each for each in scores if each is not None)
    return known[min(int(share * len(scores)), len(known) - 1)]


def compare(customers, seed, share=0.02):
    """Return {rule: Seen} of every rule, and the truth with what ours warned of."""
    truth = Truth(customers, seed)
    rules = {
        "Gamma-Poisson (drop)": truth.ours(
            signals.fit_months, signals.fallen_months, RECENT, share
        ),
        "EWMA (slow)": truth.ours(signals.fit_slow, signals.declined, RECENT, share),
    }
    drops = rules["Gamma-Poisson (drop)"]
    rules |= {name: truth.naive(score, share) for name, score in NAIVE.items()}
    rules["ratio below 50 %"] = truth.naive(ratio, share, USUAL)
    return {name: truth.seen(warned) for name, warned in rules.items()}, truth, drops
