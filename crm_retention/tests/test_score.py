"""The SQL of the score step against plain Python over the same documents."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ..models.judgement import place_step, score_step
from ..models.judgement.score_columns import FACTS, JUDGEMENTS, SIGNS
from ..models.judgement.score_sql import ScoreSQL
from ..tools import rfm, tiering
from .common import TODAY, RetentionCommon

ELSEWHERE = {*SIGNS, "is_top", "contribution"}  # see test_contribution
COLUMNS = tuple(name for name in (*FACTS, *JUDGEMENTS) if name not in ELSEWHERE)
NUMERIC = {
    "lifetime_revenue",
    "average_order",
    "window_revenue",
    "purchase_interval",
}


def half_up(value, digits):
    return Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


class Oracle:
    """What every profile must hold on a day, computed one customer at a time.

    :param documents: ``{customer: [(day, amount)]}``
    :param interests: ``{customer: [(day, is open)]}``
    """

    def __init__(self, documents, interests, programs, segments, as_of):
        self.documents, self.interests = documents, interests
        self.programs, self.segments, self.as_of = programs, segments, as_of
        self.rows = {}
        for customer in documents.keys() | interests.keys():
            row = self._facts(customer)
            if row:
                self.rows[customer] = row
        self._judge()

    def _facts(self, customer):
        docs = [
            (day, Decimal(str(amount)))
            for day, amount in self.documents.get(customer, ())
            if day <= self.as_of and amount
        ]
        asked = [
            each for each in self.interests.get(customer, ()) if each[0] <= self.as_of
        ]
        is_open = any(each[1] for each in asked)
        if not docs and not is_open:
            return None
        program = next((each for each, takes in self.programs if takes(customer)), None)
        start = program and tiering.window_start(self.as_of, program.window_months)
        inside = [doc for doc in docs if not start or doc[0] > start]
        sales = [doc for doc in docs if doc[1] > 0]
        days = [day for day, _amount in sales]
        lasts = days[-0:] + [day for day, _open in asked]
        return {
            "program_id": program.id if program else None,
            "first_purchase": min(days, default=None),
            "last_purchase": max(days, default=None),
            "last_interaction": max(lasts, default=None),
            "is_prospect": not docs and is_open,
            "purchase_count": len(sales),
            "lifetime_revenue": half_up(sum(doc[1] for doc in docs), 2),
            "average_order": half_up(
                sum(doc[1] for doc in sales) / len(sales) if sales else 0, 2
            ),
            "window_purchases": sum(doc[1] > 0 for doc in inside),
            "window_revenue": half_up(sum(doc[1] for doc in inside), 2),
            "purchase_interval": half_up(rfm.purchase_interval(days) or 0, 1),
        }

    def _judge(self):
        for program, _takes in self.programs:
            mine = [
                row for row in self.rows.values() if row["program_id"] == program.id
            ]
            bought = [row for row in mine if row["window_purchases"]]
            enough = len(bought) >= program.min_customers
            self._score(program, mine, bought, enough)
            self._tier(program, mine, bought, enough)
        for row in self.rows.values():
            if row["program_id"] is None:
                row.update(dict.fromkeys(JUDGEMENTS), rule_version=0)
                row.update({f"{name}_score": 0 for name in rfm.DIMENSIONS})

    def _values(self, program, row):
        basis = (
            "last_interaction"
            if program.recency_basis == "interaction"
            else "last_purchase"
        )
        return {
            "recency": row[basis] and (self.as_of - row[basis]).days,
            "frequency": row["window_purchases"],
            "monetary": row["window_revenue"],
        }

    def _score(self, program, mine, bought, enough):
        for name in rfm.DIMENSIONS:
            if program.break_mode == "own":
                line = program.break_ids.filtered(
                    lambda line, name=name: line.dimension == name
                )
                points, known = line._points(), True
            else:
                points = rfm.break_points(
                    self._values(program, row)[name] for row in bought
                )
                known = enough
            for row in mine:
                row[f"{name}_score"] = (
                    rfm.score(
                        self._values(program, row)[name],
                        points,
                        lower_is_better=name == "recency",
                    )
                    if known and row["purchase_count"]
                    else rfm.NOT_ENOUGH
                )
        for row in mine:
            row["segment_id"] = self._segment(row)
            row["rule_version"] = program.version

    def _segment(self, row):
        scores = {name: row[f"{name}_score"] for name in rfm.DIMENSIONS}
        if not scores["recency"]:
            return None
        for segment in self.segments:
            box = segment._as_box()
            if not segment.is_other and all(
                box[name][0] <= scores[name] <= box[name][1] for name in scores
            ):
                return segment.id
        return next((each.id for each in self.segments if each.is_other), None)

    def _tier(self, program, mine, bought, enough):
        def metric(row):
            total = sum(row[f"{name}_score"] for name in rfm.DIMENSIONS)
            if program.metric == "orders":
                return row["window_purchases"], 0
            if program.metric == "rfm":
                return total, 0
            if program.metric == "customer_share" and program.rank_by == "rfm":
                return total, row["window_revenue"]
            return row["window_revenue"], 0

        ladder = program.tier_ids.sorted()
        cuts = []
        for tier in reversed(ladder[:-1]):
            if program.metric == "customer_share":
                cut = tiering.customer_share_cut(map(metric, bought), tier.threshold)
                cuts.append(cut if enough else None)
            elif program.metric == "revenue_share":
                revenues = [row["window_revenue"] for row in bought]
                cut = tiering.revenue_share_cut(revenues, tier.threshold)
                cuts.append(cut if enough else None)
            else:
                cuts.append((Decimal(str(tier.threshold)), 0))
        for row in mine:
            rung = tiering.earned(metric(row) if row["purchase_count"] else None, cuts)
            row["earned_tier_id"] = (
                None if rung is None else ladder[len(ladder) - 1 - rung].id
            )


class ScoreCommon(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segments = cls.env["retention.segment"].search([])
        cls.documents = defaultdict(list)
        cls.interests = defaultdict(list)

    def setUp(self):
        super().setUp()
        # what a test adds goes with it, as its records do
        kept = {customer: list(rows) for customer, rows in self.documents.items()}
        self.addCleanup(self.documents.update, kept)
        self.addCleanup(self.documents.clear)

    @classmethod
    def spread(cls, customers, seed, years=3, most=8):
        """Give customers purchases and refunds, with many equal values among them."""
        chance = random.Random(seed)
        rows = []
        for customer in customers:
            for _n in range(chance.randint(0, most)):
                age = chance.choice(
                    (0, 1, 30, 365, 366, chance.randint(0, 365 * years))
                )
                amount = chance.choice((10, 10, 25.5, 99.99, 1000, -10, -2000, 0.01))
                rows.append((customer, age, amount))
        cls.load(rows)

    @classmethod
    def load(cls, rows):
        cls.env["retention.purchase"].create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": cls.company.id,
                    "date": cls.day(when),
                    "amount": amount,
                    "reference": f"S-{next(cls._numbers)}",
                }
                for customer, when, amount in rows
            ]
        )
        for customer, when, amount in rows:
            cls.documents[customer.id].append((cls.day(when), amount))

    def programs(self):
        """Return [(program, function telling whether a customer is in it)]."""
        found = []
        for program in self.env["retention.program"].search(
            [("company_id", "=", self.company.id)]
        ):
            ids = set(
                self.env["res.partner"]
                .with_context(active_test=False)
                .search(eval(program.domain))  # noqa: S307
                .ids
            )
            found.append((program, ids.__contains__))
        return found

    def expected(self, as_of=TODAY):
        oracle = Oracle(
            self.documents, self.interests, self.programs(), self.segments, as_of
        )
        return {
            customer: tuple(row[name] for name in COLUMNS)
            for customer, row in oracle.rows.items()
        }

    def actual(self):
        exact = [f"{name}::text" if name in NUMERIC else name for name in COLUMNS]
        return {
            customer: tuple(
                Decimal(value) if name in NUMERIC else value
                for name, value in zip(COLUMNS, row, strict=True)
            )
            for customer, *row in self.rows_of("retention_profile", exact)
        }

    def assertAsComputed(self, as_of=TODAY):
        expected, actual = self.expected(as_of), self.actual()
        self.assertEqual(expected.keys(), actual.keys())
        for customer, row in expected.items():
            for name, wanted, found in zip(COLUMNS, row, actual[customer], strict=True):
                self.assertEqual(wanted, found, f"{name} of customer {customer}")


@tagged("post_install", "-at_install")
class TestScore(ScoreCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.make_customers(60)
        cls.customers[::4].is_company = True
        cls.spread(cls.customers, seed=7)
        leads = cls.env["crm.lead"].create(
            [
                {"name": "Asks", "partner_id": customer.id}
                for customer in cls.make_customers(3) + cls.customers[:6]
            ]
        )
        cls.env.flush_all()
        for lead, age in zip(leads, (1, 40, 400) * 3, strict=True):
            day = cls.day(age)
            cls.env.cr.execute(
                "UPDATE crm_lead SET create_date = %s WHERE id = %s", [day, lead.id]
            )
            cls.interests[lead.partner_id.id].append((day, True))
        cls.env.invalidate_all()

    def test_every_metric(self):
        for metric, thresholds, more in (
            ("customer_share", (5, 20, 50), {"rank_by": "rfm"}),
            ("customer_share", (5, 20, 50), {"rank_by": "spend"}),
            ("customer_share", (1, 2, 99.5), {"rank_by": "spend"}),
            ("revenue_share", (30, 80, 100), {}),
            ("rfm", (13, 10, 7), {}),
            ("spend", (2000, 500, 0.02), {}),
            ("orders", (5, 3, 1), {}),
        ):
            for months in (12, 0, 1):
                with self.subTest(metric, months=months, **more):
                    self.set_metric(metric, thresholds, window_months=months, **more)
                    self.run_pass()
                    self.assertAsComputed()

    def test_own_break_points(self):
        own = {
            "recency": (1, 30, 365, 400),
            "frequency": (0, 1, 2, 3),
            "monetary": (-10, 10, 25.5, 1000),
        }
        self.program.write(
            {
                "break_mode": "own",
                "break_ids": [
                    Command.update(
                        line.id,
                        {
                            f"point_{n}": point
                            for n, point in enumerate(own[line.dimension], 1)
                        },
                    )
                    for line in self.program.break_ids
                ],
            }
        )
        self.run_pass()
        self.assertAsComputed()
        self.assertFalse(self.program.is_pending)

    def test_recency_from_the_last_interaction(self):
        self.program.recency_basis = "interaction"
        self.run_pass()
        self.assertAsComputed()

    def test_programs_with_populations(self):
        Program = self.env["retention.program"]
        Program.create(
            [
                {
                    "name": "Companies",
                    "sequence": 1,
                    "domain": "[('is_company', '=', True)]",
                    "metric": "revenue_share",
                    "window_months": 6,
                },
                {
                    "name": "Few",
                    "sequence": 2,
                    "domain": f"[('id', 'in', {self.customers[1:4].ids})]",
                },
            ]
        )
        self.program.domain = f"[('id', 'not in', {self.customers[5:9].ids})]"
        self.run_pass()
        self.assertAsComputed()
        used = self.Profile.search([]).mapped("program_id.name")
        self.assertEqual(set(used), {"Companies", "Few", self.program.name})
        nowhere = self.Profile.search([("program_id", "=", False)])
        self.assertTrue(nowhere)
        self.assertFalse(nowhere.tier_id or nowhere.segment_id)

    def test_a_day_in_the_past(self):
        for age in (900, 400, 31):
            with self.subTest(age):
                self.run_pass(as_of=self.day(age))
                self.assertAsComputed(self.day(age))

    def test_an_earlier_day_after_a_later_one(self):
        """Judging as of the past leaves the history as it is."""
        self.run_pass()
        before = self.rows_of("retention_membership", ("id", "date_from", "date_to"))
        runs = self.run_pass(as_of=self.day(500))
        self.assertEqual(set(runs.mapped("state")), {"done"})
        self.assertEqual(sum(runs.mapped("errors")), 0)
        actual = self.actual()
        for customer, row in self.expected(self.day(500)).items():
            self.assertEqual(row, actual[customer])
        after = self.rows_of("retention_membership", ("id", "date_from", "date_to"))
        self.assertEqual(before, after)

    def test_several_batches(self):
        """Wherever batches end, the result is the same."""
        self.patch(score_step, "BATCH", 7)
        self.patch(place_step, "BATCH", 5)
        self.run_pass()
        self.assertAsComputed()
        self.patch(score_step, "MARKS", 3)
        self.run_pass("night")
        self.assertFalse(self.Mark.search([]))
        self.assertAsComputed()

    def test_a_second_run_changes_nothing(self):
        self.run_pass()
        columns = (*COLUMNS, "changed_at", "tier_id", "ctid::text")
        before = self.rows_of("retention_profile", columns)
        history = self.rows_of("retention_membership", ("id", "ctid::text"))
        self.Mark.search([]).unlink()
        for kind in ("full", "night", "light"):
            with self.subTest(kind):
                runs = self.run_pass(kind)
                self.assertFalse(any(runs.mapped("changed")))
                self.assertEqual(self.rows_of("retention_profile", columns), before)
        self.assertEqual(
            self.rows_of("retention_membership", ("id", "ctid::text")), history
        )

    def test_equal_customers_get_equal_scores(self):
        twins = self.make_customers(6)
        self.load([(twin, age, 50) for twin in twins for age in (3, 33)])
        self.run_pass()
        self.assertAsComputed()
        rows = {self.actual()[twin.id] for twin in twins}
        self.assertEqual(len(rows), 1)

    def test_refunds_lower_the_window_they_belong_to(self):
        customer = self.make_customers(1)
        self.load([(customer, 400, 1000), (customer, 10, 300), (customer, 5, -100)])
        self.run_pass()
        profile = self.profile_of(customer)
        self.assertEqual(profile.window_revenue, 200)
        self.assertEqual(profile.lifetime_revenue, 1200)
        self.assertEqual(profile.purchase_count, 2)
        self.assertEqual(profile.average_order, 650)
        self.assertEqual(profile.last_purchase, self.day(10))

    def test_a_removed_document_is_forgotten(self):
        customer = self.make_customers(1)
        purchase = self.buy(customer, (3, 5000))
        self.run_pass()
        self.assertTrue(self.profile_of(customer).tier_id)
        purchase.unlink()
        self.run_pass("light")
        profile = self.profile_of(customer)
        self.assertEqual(profile.purchase_count, 0)
        self.assertFalse(profile.tier_id or profile.segment_id or profile.last_purchase)
        self.assertFalse(self.history_of(customer).filtered(lambda m: not m.date_to))


@tagged("post_install", "-at_install")
class TestFewCustomers(ScoreCommon):
    def test_nobody(self):
        runs = self.run_pass()
        self.assertEqual(set(runs.mapped("state")), {"done"})
        self.assertFalse(self.Profile.search([]))

    def test_fewer_than_can_be_compared(self):
        for customer in self.make_customers(4):
            self.load([(customer, 5, 100 + customer.id)])
        self.run_pass()
        self.assertAsComputed()
        profiles = self.Profile.search([])
        self.assertEqual(set(profiles.mapped("recency_score")), {rfm.NOT_ENOUGH})
        self.assertFalse(profiles.segment_id)
        self.assertEqual(profiles.tier_id, self.tier("Standard"))
        self.assertIn("Not enough", profiles[0].rfm_text)
        self.load([(self.make_customers(1), 5, 100)])
        self.run_pass("night")  # at once, not only when the next comparison is due
        self.assertAsComputed()
        self.assertTrue(all(profiles.mapped("recency_score")))

    def test_all_alike(self):
        for customer in self.make_customers(10):
            self.load([(customer, 5, 100)])
        self.run_pass()
        self.assertAsComputed()
        profiles = self.Profile.search([])
        self.assertEqual(set(profiles.mapped("rfm_text")), {"3-3-3"})
        self.assertEqual(profiles.tier_id, self.tier("Standard"))
        self.assertEqual(set(self.program.break_ids.mapped("state")), {"flat"})

    def test_all_in_the_same_window_but_one(self):
        self.load([(each, 5, 100) for each in self.make_customers(9)])
        self.load([(self.make_customers(1), 5, 101)])
        self.run_pass()
        self.assertAsComputed()

    def test_amounts_at_the_edge(self):
        self.load(
            [
                (customer, 5, amount)
                for customer, amount in zip(
                    self.make_customers(8),
                    (999999999999.99, -999999999999.99, 0.01, 0.02, 0.03, 1e9, 5, 5),
                    strict=True,
                )
            ]
        )
        self.run_pass()
        self.assertAsComputed()


@tagged("post_install", "-at_install")
class TestNights(ScoreCommon):
    """Night by night, only those touched are judged, and nobody is missed."""

    def recompute_all(self, as_of):
        """Judge everybody from the documents; return what was wrong before."""
        judge = ScoreSQL(self.company, as_of)

        statement = judge.recompute(lambda column: SQL("TRUE"))
        with self.env.cr.savepoint() as savepoint:
            [(_seen, updated, inserted)] = self.env.execute_query(statement)
            if not updated + inserted:
                return []
            savepoint.rollback()
        before = self.actual()
        self.env.execute_query(statement)
        wrong = []
        for customer, row in self.actual().items():
            old = before.get(customer, [None] * len(COLUMNS))
            wrong += [
                (customer, *each)
                for each in zip(COLUMNS, old, row, strict=True)
                if each[1] != each[2]
            ]
        return wrong

    def test_four_hundred_nights(self):
        chance = random.Random(11)
        customers = self.make_customers(24)
        self.spread(customers[:20], seed=3, years=2, most=5)
        # dated ahead: an order may be
        self.load([(customers[20], -40, 70), (customers[21], -200, 70)])
        self.program.window_months = 6
        self.program.write({"recency_basis": "purchase", "refresh_days": 90})
        for night in range(400):
            as_of = TODAY + timedelta(days=night)
            if chance.random() < 0.15:
                self.load(
                    [(chance.choice(customers), as_of, chance.choice((5, 50, -5)))]
                )
            kind = "night" if night else "full"
            self.run_pass(kind, as_of, steps=("score", "place"))
            self.assertFalse(self.recompute_all(as_of), f"night {night}")
            if night % 90 == 0:  # a day of comparison: everything from scratch
                self.assertAsComputed(as_of)
        self.assertGreater(len(self.Membership.search([])), 30)

    def test_missed_nights_are_made_up_for(self):
        customers = self.make_customers(30)
        self.spread(customers, seed=5, years=1)
        self.program.window_months = 3
        self.run_pass()
        as_of = TODAY
        for gap in (2, 31, 1, 100):
            as_of += timedelta(days=gap)
            self.run_pass("night", as_of)
            self.assertFalse(self.recompute_all(as_of))

    def test_a_purchase_leaves_the_window_at_night(self):
        customer = self.make_customers(1)
        self.spread(self.make_customers(10), seed=5)
        self.load([(customer, date(2023, 6, 15), 500), (customer, 100, 5)])
        self.set_metric("spend", (1000, 100, 10))
        self.run_pass(as_of=TODAY - timedelta(days=1))
        self.assertEqual(self.profile_of(customer).window_revenue, 505)
        self.run_pass("night")
        self.assertEqual(self.profile_of(customer).window_revenue, 5)
        self.assertEqual(self.profile_of(customer).earned_tier_id.name, "Standard")

    def test_recency_falls_at_night(self):
        customers = self.make_customers(10)
        self.load([(each, 10 * n, 5) for n, each in enumerate(customers)])
        self.program.refresh_days = 365
        self.run_pass()
        self.assertEqual(self.profile_of(customers[0]).recency_score, 5)
        self.run_pass("night", TODAY + timedelta(days=60))
        self.assertLess(self.profile_of(customers[0]).recency_score, 5)

    def test_an_ordinary_night_writes_little(self):
        chance = random.Random(2)
        customers = self.make_customers(400)
        self.load(
            [
                (customer, chance.randint(0, 1000), chance.choice((9.9, 20, 35, 80)))
                for customer in customers
                for _n in range(chance.randint(1, 6))
            ]
        )
        self.run_pass()
        written = []
        for night in range(1, 6):
            as_of = TODAY + timedelta(days=night)
            self.load([(each, as_of, 20) for each in chance.sample(customers, 5)])
            runs = self.run_pass("night", as_of)
            written.append(runs.filtered(lambda run: run.step == "score").changed)
        self.assertLessEqual(max(written), 0.05 * len(customers), written)
        self.assertGreater(min(written), 0)

    def test_the_light_pass_judges_only_the_marked(self):
        customers = self.make_customers(20)
        self.spread(customers, seed=5)
        self.run_pass()
        self.Mark.search([]).unlink()
        self.load([(customers[3], 0, 1000)])
        self.assertEqual(self.marked(), customers[3])
        self.Mark._add(customers[3], self.company)
        runs = self.run_pass("light")
        self.assertEqual(runs.mapped("seen")[1], 1)
        self.assertEqual(self.profile_of(customers[3]).last_purchase, TODAY)
        self.assertFalse(self.Mark.search([]))

    def test_recalculating_one_customer_touches_no_other(self):
        customers = self.make_customers(20)
        self.spread(customers, seed=5)
        self.run_pass()
        self.load([(customers[3], 0, 1000), (customers[4], 0, 1000)])
        profile = self.profile_of(customers[3])
        self.Profile._recalculate(customers[3], self.company, TODAY)
        self.env.invalidate_all()
        self.assertEqual(profile.last_purchase, TODAY)
        self.assertNotEqual(self.profile_of(customers[4]).last_purchase, TODAY)

    def test_comparison_takes_place_when_due_only(self):
        self.spread(self.make_customers(20), seed=5)
        self.run_pass()
        self.run_pass("night", TODAY + timedelta(days=29))
        self.assertEqual(self.program.refreshed_on, TODAY)
        self.run_pass("night", TODAY + timedelta(days=30))
        self.assertEqual(self.program.refreshed_on, TODAY + timedelta(days=30))
        self.assertAsComputed(TODAY + timedelta(days=30))
        self.assertEqual(self.program.applied_version, self.program.version)

    def test_comparison_early_when_customers_have_doubled(self):
        customers = self.make_customers(20)
        rows = [(customer, n, 10 + n) for n, customer in enumerate(customers)]
        self.load(rows[:10])
        self.run_pass()
        self.load(rows[10:19])
        self.run_pass("night", TODAY + timedelta(days=1))
        self.assertEqual(self.program.refreshed_on, TODAY, "one less than twice")
        self.load(rows[19:])
        self.run_pass("light", TODAY + timedelta(days=1))
        self.assertEqual(self.program.refreshed_on, TODAY, "never within the day")
        self.run_pass("night", TODAY + timedelta(days=2))
        self.assertEqual(self.program.refreshed_on, TODAY + timedelta(days=2))
        self.assertEqual(self.program.compared_count, 20)
        self.assertAsComputed(TODAY + timedelta(days=2))

    def test_comparison_early_because_a_person_asked(self):
        self.spread(self.make_customers(20), seed=5)
        self.run_pass()
        tomorrow = TODAY + timedelta(days=1)
        self.program._ask_comparison()
        self.run_pass("light", tomorrow)
        self.assertEqual(self.program.refreshed_on, TODAY)
        self.run_pass("full", tomorrow)
        self.assertEqual(self.program.refreshed_on, tomorrow)
        self.assertFalse(self.program.is_comparison_asked)
        self.run_pass("full", tomorrow + timedelta(days=1))
        self.assertEqual(self.program.refreshed_on, tomorrow)

    def test_whether_customers_have_doubled_is_one_question(self):
        for count in (20, 60):
            self.spread(self.make_customers(count), seed=5)
            self.run_pass()
            self.program.compared_count = count
            self.env.flush_all()
            self.program.mapped("company_id")
            with self.assertQueryCount(1):
                self.program._has_outgrown()
