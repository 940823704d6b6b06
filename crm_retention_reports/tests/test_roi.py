import doctest
import random
from datetime import date, datetime, time
from math import exp, lgamma, pi, sqrt

import numpy as np

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import RetentionCommon
from odoo.addons.crm_retention.tests.common_reward import RewardCommon
from odoo.addons.crm_retention.tools import caps

from ..report.roi_costs import CostSheet
from ..report.roi_groups import Comparisons
from ..report.roi_sql import MarginSQL
from ..report.scope import Scope
from ..tools import costs, roi

FIRST, LAST = date(2023, 6, 1), date(2024, 5, 31)
PERIOD = {"period": "own", "first": str(FIRST), "last": str(LAST)}


def t_point(df):
    """Return the 97.5 % point of Student's t, by adding up its density."""
    scale = exp(lgamma((df + 1) / 2) - lgamma(df / 2)) / sqrt(df * pi)
    at = np.arange(0, 20, 1e-4) + 5e-5
    beyond = 0.5 + np.cumsum(scale * (1 + at**2 / df) ** (-(df + 1) / 2)) * 1e-4
    return at[np.searchsorted(beyond, 0.975)]


def welch(treated, rest):
    """Return (difference, low, high) by another hand; the smaller group counts as at
    least as uneven as both."""
    groups = [np.array(group, dtype=float) for group in (treated, rest)]
    around = np.concatenate([group - group.mean() for group in groups])
    floor = around @ around / (around.size - 2)
    smaller = min(groups, key=len) if len(treated) != len(rest) else None
    spreads = [
        max(group.var(ddof=1), floor if group is smaller else 0) for group in groups
    ]
    parts = np.array(spreads) / [group.size for group in groups]
    value, sizes = groups[0].mean() - groups[1].mean(), [g.size for g in groups]
    if not parts.sum():
        return value, value, value
    df = parts.sum() ** 2 / sum(parts**2 / (np.array(sizes) - 1))
    half = t_point(df) * sqrt(parts.sum())
    return value, value - half, value + half


def cuped(treated, rest):
    """Return the same of what is left after a regression on what was before."""
    pairs = [np.array(group, dtype=float) for group in (treated, rest)]
    centred = [pair - pair.mean(axis=0) for pair in pairs]
    both = np.concatenate(centred)
    slope = (both[:, 0] @ both[:, 1]) / (both[:, 1] @ both[:, 1])
    return welch(*(pair[:, 0] - slope * pair[:, 1] for pair in pairs))


class RoiCommon(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Cost = cls.env["retention.cost"]
        cls.Assumption = cls.env["retention.assumption"]
        cls.Cost.search([]).unlink()
        cls.Assumption.search([]).unlink()

    @classmethod
    def assume(cls, **values):
        values = {"reason": "As in the books", "least": 30} | values
        return cls.Assumption.create(values | {"company_id": cls.company.id})

    @classmethod
    def spend(cls, amount, kind="system", **values):
        days = {"date_from": FIRST, "date_to": LAST}
        values = {"name": kind, "kind": kind, "amount": amount, **days} | values
        return cls.Cost.create(values | {"company_id": cls.company.id})

    def analysis(self, user=None, **options):
        model = self.env["retention.roi"]
        model = model.with_user(user) if user else model
        return model.get_analysis(PERIOD | options)

    def block(self, page, name):
        [block] = [each for each in page["blocks"] if each["name"] == name]
        return block

    def rows(self, page, name):
        """Return {first cell: {column: value}} of a table."""
        table = self.block(page, name)
        names = [column["name"] for column in table["columns"]]
        return {
            row["cells"][0]["value"]: dict(
                zip(names, (cell["value"] for cell in row["cells"]), strict=True)
            )
            for row in table["rows"]
        }


@tagged("post_install", "-at_install")
class TestRoi(RoiCommon):
    """The gain and its range are what another computation says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.retention_holdout_share = 40
        cls.customers = cls.make_customers(160)
        rng = random.Random(7)
        cls.bought = {}
        rows = []
        for customer in cls.customers:
            key = f"holdout:{cls.company.id}:{customer.id}"
            lift = 0 if caps.in_share(key, 40) else 60
            size = rng.lognormvariate(3.5, 0.6)
            mine = [
                (date(2022, month, 10), round(size * rng.uniform(0.5, 1.5), 2))
                for month in rng.sample(range(1, 13), 5)
            ]
            mine += [
                (date(2023, month, 5), round(size * rng.uniform(0.5, 1.5) + lift, 2))
                for month in (2, 7, 11)
                if rng.random() > 0.15
            ]
            cls.bought[customer] = mine
            rows += [
                {
                    "partner_id": customer.id,
                    "company_id": cls.company.id,
                    "currency_id": cls.company.currency_id.id,
                    "date": day,
                    "amount": amount,
                    "reference": f"R-{customer.id}-{place}",
                }
                for place, (day, amount) in enumerate(mine)
            ]
        cls.env["retention.purchase"].create(rows)
        cls.run_pass()

    def sums(self, first, last):
        return {
            customer: sum(x for day, x in rows if first <= day <= last)
            for customer, rows in self.bought.items()
        }

    def split(self, key, share, first=FIRST, last=LAST):
        """Return [(after, before)] of who is not in a share, and of who is."""
        before = date(first.year - 1, first.month, 1), date(first.year, first.month, 1)
        after = self.sums(first, last)
        before = {
            customer: sum(x for day, x in rows if before[0] <= day < before[1])
            for customer, rows in self.bought.items()
        }
        groups = ([], [])
        for customer in self.customers:
            inside = caps.in_share(f"{key}:{customer.id}", share)
            groups[inside].append((after[customer], before[customer]))
        return groups

    def assertRange(self, found, expected):
        for one, other in zip(found, expected, strict=True):
            self.assertAlmostEqual(one, other, delta=0.011)

    def test_comparison_group(self):
        self.assume(holdout_from=date(2023, 1, 1), margin_basis="assumed", margin=40)
        self.spend(500)
        self.spend(1200, "people", is_budget=True)
        page = self.analysis()
        treated, rest = self.split(f"holdout:{self.company.id}", 40)
        row = self.rows(page, "comparisons")["Comparison group"]
        self.assertEqual((row["customers"], row["rest"]), (len(treated), len(rest)))
        expected = cuped(treated, rest)
        self.assertRange([row[end] for end in ("value", "low", "high")], expected)
        raw = welch([y for y, _x in treated], [y for y, _x in rest])
        self.assertLess(expected[2] - expected[1], raw[2] - raw[1], "CUPED narrows")
        gain = self.rows(page, "gain")
        factor = 0.4 * len(treated)
        net = gain["Net"]
        for end, value in zip(("value", "low", "high"), expected, strict=True):
            self.assertAlmostEqual(
                gain["Gain in revenue"][end], value * len(treated), delta=0.2
            )
            self.assertAlmostEqual(
                gain["Gain on margin"][end], value * factor, delta=0.2
            )
            self.assertAlmostEqual(net[end], value * factor - 500, delta=0.2)
            back = gain["Return on investment"][end]
            self.assertAlmostEqual(back, (value * factor - 500) / 5, delta=0.2)
        cards = self.block(page, "return")["cards"]
        self.assertEqual(len(cards), 4)
        for card in cards:
            if card["label"] != "Costs":
                self.assertIn(" to ", card["note"], "never without its range")
        self.assertIn("significant", cards[0]["note"])

    def test_the_groups_can_be_listed(self):
        """Behind the number of a group stand exactly its customers."""
        self.assume(holdout_from=date(2023, 1, 1))
        pilot = self.program.copy({"name": "Other rules"})
        pilot.write(
            {
                "pilot_of_id": self.program.id,
                "pilot_share": 30,
                "pilot_from": date(2023, 6, 1),
            }
        )
        manager = self.make_user("manager")
        page = self.analysis(manager, first="2023-08-01", last="2024-03-31")
        rows = self.block(page, "comparisons")["rows"]
        self.assertEqual(len(rows), 3)
        Profile = self.env["retention.profile"].with_user(manager)
        for row in rows:
            counts = [cell for cell in row["cells"] if cell["target"]]
            self.assertEqual(len(counts), 2, row["cells"][0]["value"])
            for cell in counts:
                found = Profile.search_count(cell["target"]["domain"])
                self.assertEqual(found, cell["value"], cell["target"])
        for junk in ("x", "holdout::1:2023", f"pilot:{pilot.id + 99}:1:2023-01-01"):
            self.assertFalse(Profile.search_count([("compared_as", "=", junk)]))

    def test_chance_is_said_to_be_chance(self):
        self.assume(holdout_from=FIRST, margin_basis="assumed", margin=40)
        options = PERIOD | {"first": "2023-12-01"}  # nobody bought
        page = self.analysis(**options)
        found = self.rows(page, "comparisons")["Comparison group"]
        self.assertEqual((found["low"], found["high"]), (0, 0))
        [card] = self.block(page, "return")["cards"][:1]
        self.assertIn("not significant", card["note"])
        self.assertEqual((card["tone"], card["text"]), ("warning", "Not significant"))

    def test_before_and_after(self):
        self.company.retention_holdout_share = 0
        self.assume()
        page = self.analysis(first="2023-01-01", last="2023-12-31")
        rows = self.rows(page, "comparisons")
        self.assertIn("Settings", rows["Comparison group"]["verdict"])
        found = rows["Before and after"]
        self.assertEqual(found["rest"], 0, "nobody had bought before 2022")
        self.assertFalse(found["low"])
        page = self.analysis(first="2023-02-01", last="2023-03-31")
        found = self.rows(page, "comparisons")["Before and after"]
        now = self.sums(date(2023, 2, 1), date(2023, 3, 31))
        then = self.sums(date(2022, 2, 1), date(2022, 3, 31))
        loyal = [
            c
            for c in self.customers
            if any(
                d.year == 2022 and d >= date(2022, 2, 1) or d == date(2023, 1, 5)
                for d, _x in self.bought[c]
            )
        ]
        early = [
            c
            for c in self.customers
            if any(d < date(2022, 2, 1) for d, _x in self.bought[c])
        ]
        self.assertEqual((found["customers"], found["rest"]), (len(loyal), len(early)))
        expected = welch([now[c] for c in loyal], [then[c] for c in early])
        self.assertRange([found[end] for end in ("value", "low", "high")], expected)

    def test_pilot(self):
        self.company.retention_holdout_share = 0
        self.assume(margin_basis="assumed", margin=50)
        pilot = self.program.copy({"name": "Other rules"})
        pilot.write(
            {
                "pilot_of_id": self.program.id,
                "pilot_share": 30,
                "pilot_from": date(2023, 6, 10),
                "pilot_ended": date(2024, 3, 2),
            }
        )
        page = self.analysis()
        found = self.rows(page, "comparisons")[pilot.name]
        self.assertEqual(found["first"], date(2023, 7, 1))
        self.assertEqual(found["last"], date(2024, 2, 29))
        key = f"program:{pilot.id}"
        rest, inside = self.split(key, 30, date(2023, 7, 1), date(2024, 2, 29))
        self.assertEqual((found["customers"], found["rest"]), (len(inside), len(rest)))
        self.assertRange(
            [found[end] for end in ("value", "low", "high")], cuped(inside, rest)
        )
        chance = found["low"] <= 0 <= found["high"]
        self.assertEqual(found["verdict"].startswith("not significant"), chance)
        self.spend(700)
        self.assertNotIn("Net", self.rows(self.analysis(), "gain"), "none of its own")
        self.spend(100, program_id=pilot.id)
        gain = self.rows(self.analysis(), "gain")
        part = 100 * costs.days(date(2023, 7, 1), date(2024, 2, 29)) / 366
        self.assertAlmostEqual(gain["Costs"]["value"], part, 2)

    def test_nothing_is_said_where_nothing_can_be(self):
        self.assume(margin_basis="assumed", margin=40)
        self.spend(500)
        rows = self.rows(self.analysis(), "comparisons")
        self.assertIn("so far", rows["Comparison group"]["verdict"])
        self.env["retention.decision"].create(
            {
                "partner_id": self.customers[0].id,
                "company_id": self.company.id,
                "decided_at": "2024-04-30 23:30:00",
                "category": "promotion",
                "verdict": "blocked",
                "cause": "holdout",
                "reason": "Kept for comparison",
            }
        )
        self.company.resource_calendar_id.tz = "Europe/Paris"  # there it is May
        row = self.rows(self.analysis(), "comparisons")["Comparison group"]
        self.assertEqual(row["first"], date(2024, 5, 1))
        self.assume(least=1000)
        page = self.analysis()
        row = self.rows(page, "comparisons")["Comparison group"]
        self.assertIn("1000", row["verdict"])
        self.assertEqual(len(self.block(page, "return")["cards"]), 1)

    def test_some_customers_have_a_gain_but_no_return(self):
        self.assume(holdout_from=FIRST, margin_basis="assumed", margin=40)
        self.spend(500)
        page = self.analysis(domain=[("partner_id", "in", self.customers[:120].ids)])
        row = self.rows(page, "comparisons")["Comparison group"]
        self.assertEqual(row["customers"] + row["rest"], 120)
        self.assertNotIn("Net", self.rows(page, "gain"))

    def test_expected_and_in_proportion(self):
        self.assume(
            holdout_from=FIRST,
            margin_basis="assumed",
            margin=40,
            expected_gain=1_000_000,
            people=2,
        )
        self.spend(500)
        self.spend(300, "campaign")
        self.spend(400, "campaign", is_budget=True)
        page = self.analysis()
        rows = self.rows(page, "forecast")
        gain = rows["Gain on margin"]
        self.assertEqual(gain["expected"], 1_000_000, "of twelve whole months")
        self.assertEqual(gain["verdict"], "Less than expected")
        self.assertEqual(rows["Costs"]["expected"], 400)
        self.assertEqual(rows["Costs"]["verdict"], "Over the budget")
        ratios = self.rows(page, "ratios")
        revenue = sum(self.sums(FIRST, LAST).values())
        system = ratios["System cost to revenue"]["value"]
        self.assertAlmostEqual(system, 50_000 / revenue, 2)
        person = ratios["Gain on margin for each person at work"]
        self.assertAlmostEqual(person["value"], gain["value"] / 2, 1)
        self.assertAlmostEqual(person["high"], gain["high"] / 2, 1)

    def test_who_may_look(self):
        self.spend(500)
        for kind in ("manager", "auditor"):
            page = self.analysis(self.make_user(kind))
            self.assertEqual(self.rows(page, "costs")["System"]["amount"], 500)
        for kind in ("lead", "user", "none"):
            with self.subTest(kind), self.assertRaises(UserError):
                self.analysis(self.make_user(kind))

    def test_companies_apart(self):
        self.spend(500)
        other = self.make_company()
        model = self.env["retention.roi"].with_company(other)
        self.assertFalse(model.get_analysis(PERIOD)["blocks"])
        self.buy(self.customers[0], (date(2023, 7, 1), 5), company=other)
        self.run_pass(company=other)
        page = model.get_analysis(PERIOD | {"first": "2023-08-01"})
        row = self.rows(page, "comparisons")["Before and after"]
        self.assertEqual((row["customers"], row["rest"]), (1, 0))
        self.assertIn("too few", row["verdict"])
        self.assertFalse([b for b in page["blocks"] if b["name"] in ("costs", "gain")])


@tagged("post_install", "-at_install")
class TestRoiTerms(RoiCommon):
    """Assumptions stay, product costs make a margin, and the arithmetic is right."""

    def test_assumptions_are_kept(self):
        first = self.assume(people=3, expected_gain=900)
        manager = self.make_user("manager")
        mine = self.Assumption.with_user(manager)
        second = mine.create({"reason": "Fewer people", "people": 2})
        self.assertEqual(second.expected_gain, 900, "taken over from the last")
        self.assertEqual(mine._get_latest(self.company), second)
        self.assertEqual(second.create_uid, manager)
        self.assertEqual(first.people, 3)
        for each in (mine.browse(first.id), second):
            with self.assertRaises(AccessError):
                each.people = 9
            with self.assertRaises(AccessError):
                each.unlink()
        self.assertFalse(
            self.Assumption.with_user(self.make_user("lead")).has_access("read")
        )
        auditor = self.Assumption.with_user(self.make_user("auditor"))
        self.assertTrue(auditor.has_access("read"))
        self.assertFalse(auditor.has_access("create"))

    def test_empty(self):
        self.env["retention.month"].search([]).unlink()
        self.env["retention.profile"].search([]).write({"first_purchase": False})
        page = self.analysis()
        self.assertFalse(page["blocks"])
        self.assertIn("No costs yet", page["empty"]["title"])
        self.assertEqual(
            self.env.ref(page["empty"]["action"])._name, "ir.actions.act_window"
        )
        self.spend(10)
        self.assertTrue(self.analysis()["blocks"])

    def test_margin_of_products(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        bread, cake = self.env["product.product"].create(
            [
                {"name": name, "standard_price": cost, "taxes_id": []}
                for name, cost in (("Bread", 2.0), ("Cake", 0.0))
            ]
        )
        customer = self.make_customers(1)
        lines = [
            (bread, 10, self.env.ref("uom.product_uom_unit"), 5.0),  # 50, costs 20
            (bread, 1, dozen, 60.0),  # 60, costs 24
            (cake, 1, self.env.ref("uom.product_uom_unit"), 30.0),  # cost not known
        ]
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_date": date(2024, 5, 3),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "quantity": count,
                            "product_uom_id": unit.id,
                            "price_unit": price,
                            "tax_ids": [Command.clear()],
                        }
                    )
                    for product, count, unit, price in lines
                ],
            }
        )
        move.action_post()
        back = move._reverse_moves([{"invoice_date": date(2024, 5, 9)}])
        back.invoice_line_ids[1:].unlink()
        back.invoice_line_ids.quantity = 5  # 25 back, cost 10
        back.action_post()
        scope = Scope(self.env, date(2024, 5, 1), LAST)
        found = MarginSQL(scope, scope.first, scope.last).rate()
        self.assertEqual(found, (115.0, 85.0, 34.0))
        self.assertAlmostEqual(roi.margin_of(*found[1:]), 0.6)

    def test_margin_of_orders(self):
        self.company.retention_revenue_source = "order"
        self.product.standard_price = 30
        self.spend(5)
        customer = self.make_customers(1)
        self.order(customer, "2024-05-31 23:00:00", 100)
        self.order(customer, "2024-06-01 00:00:00", 100)  # a month later
        self.order(customer, "2024-05-03 10:00:00", 100, confirm=False)
        scope = Scope(self.env, date(2024, 5, 1), LAST)
        found = MarginSQL(scope, scope.first, scope.last).rate()
        self.assertEqual(found, (100.0, 100.0, 30.0))
        page = self.analysis(first="2024-05-01")
        texts = [block["text"] for block in page["blocks"] if block["block"] == "note"]
        self.assertTrue(any("70.0 %" in text for text in texts), texts)
        self.product.standard_price = 0
        page = self.analysis(first="2024-05-01")
        texts = [block["text"] for block in page["blocks"] if block["block"] == "note"]
        self.assertTrue(any("there is no margin" in text for text in texts), texts)

    def test_documented_examples(self):
        for module in (roi, costs):
            result = doctest.testmod(module)
            self.assertGreater(result.attempted, 5)
            self.assertFalse(result.failed)

    def test_range_as_another_library_has_it(self):
        rng = random.Random(3)
        one = [rng.gauss(10, 4) for _n in range(9)]
        other = [rng.gauss(8, 9) for _n in range(40)]
        sums = [
            roi.Sums(len(group), sum(group), sum(x * x for x in group))
            for group in (one, other)
        ]
        found = roi.difference(*sums)
        for mine, theirs in zip(
            (found.value, found.low, found.high), welch(one, other), strict=True
        ):
            self.assertAlmostEqual(mine, theirs, 2)

    def test_the_range_holds_for_a_small_group(self):
        """Of uneven amounts and a tenth kept back, chance is not called a gain."""
        rng = np.random.default_rng(11)
        tries, above, below = 600, 0, 0
        for _n in range(tries):
            groups = []
            for size in (1000, 100):
                usual = rng.lognormal(4, 1.2, size)
                before, after = (
                    usual * rng.gamma(2, 0.5, size) * (rng.random(size) > 0.4)
                    for _time in range(2)
                )
                groups.append(
                    roi.Sums(
                        size,
                        after.sum(),
                        after @ after,
                        before.sum(),
                        before @ before,
                        before @ after,
                    )
                )
            found = roi.difference(*groups)
            above, below = above + (found.low > 0), below + (found.high < 0)
        self.assertLess(above / tries, 0.035)
        self.assertLess(below / tries, 0.035)


@tagged("post_install", "-at_install")
class TestRoiRewards(RewardCommon):
    """What customers got for points is counted once, whatever way they got it."""

    def sheet(self, margin=0.4):
        first = self.today.replace(day=1)
        scope = Scope(self.env, first, self.today)
        sheet = CostSheet(scope, first, self.today, margin)
        return {row.key: row for row in sheet.rows}, sheet

    def test_points_and_discounts(self):
        self.env["retention.cost"].search([]).unlink()
        before, _sheet = self.sheet()
        self.points.point_value = 0.05
        self.earn(1000, today=self.today)
        gift = self.make_reward("gift", cost=40)
        self.exchange(gift)
        undone = self.exchange(gift)
        undone._cancel("Not wanted")
        again = self.exchange(gift)
        again._cancel("Not wanted")
        back = self.reverse(again.return_id, today=self.today)  # wanted after all
        self.assertEqual(back.points, -40)
        coupon = self.exchange(self.coupon)  # 100 points, 10 off
        order = self.quotation(amount=90)
        self.apply_code(order, coupon.code)
        order.action_confirm()
        rows, sheet = self.sheet()

        def grown(key, name):
            past = getattr(before[key], name) if key in before else 0
            return round(getattr(rows[key], name) - past, 6)

        self.assertEqual(grown("gifts", "counted"), 4.0, "80 points at 0.05")
        self.assertEqual(grown("orders", "amount"), 10.0)
        self.assertEqual(grown("orders", "counted"), 6.0, "the margin loses 4 anyway")
        every = sheet.worth_of_points()
        self.assertAlmostEqual(
            every, sum(sheet.worth_of_points(on_orders=each) for each in (True, False))
        )

    def test_a_free_product_costs_what_it_costs(self):
        before, _sheet = self.sheet()
        cake = self.env["product.product"].create(
            {"name": "Cake", "standard_price": 7, "list_price": 20, "taxes_id": []}
        )
        reward = self.make_reward(discount_kind="product", product_id=cake.id)
        self.earn(1000, today=self.today)
        coupon = self.exchange(reward)
        order = self.quotation(amount=90)
        self.apply_code(order, coupon.code)
        order.action_confirm()
        self.assertTrue(order.order_line.filtered(lambda line: line.reward_id))
        rows, _sheet = self.sheet()
        past = before["products"].counted if "products" in before else 0
        self.assertEqual(rows["products"].counted - past, 7)
        same = [each.get("orders") and each["orders"].amount for each in (before, rows)]
        self.assertEqual(*same)

    def test_rewards_redeemed_at_a_till(self):
        lines = self.env.get("pos.order.line")
        if lines is None or "reward_id" not in lines._fields:
            self.skipTest("pos_loyalty is not installed in this database")
        before, _sheet = self.sheet()
        native = self.coupon.loyalty_program_id.reward_ids
        self.make_till_order(-10, native)
        self.make_till_order(-5, native, state="draft")
        self.make_till_order(-4, native.browse())
        if "sale_order_origin_id" in lines._fields:
            # it was taken off the sales order, and is counted there
            settled = self.make_till_order(-3, native)
            settled.lines.sale_order_origin_id = self.quotation(amount=90)
        rows, _sheet = self.sheet()
        past = before["orders"].amount if "orders" in before else 0
        self.assertAlmostEqual(rows["orders"].amount - past, 10)

    def make_till_order(self, amount, reward, **values):
        till = self.env["pos.config"].search([], limit=1) or self.env[
            "pos.config"
        ].create({"name": "Till"})
        sessions = self.env["pos.session"]
        session = sessions.search([("config_id", "=", till.id)], limit=1)
        line = {
            "product_id": self.env["product.product"].search([], limit=1).id,
            "qty": 1,
            "price_unit": amount,
            "price_subtotal": amount,
            "price_subtotal_incl": amount,
            "reward_id": reward.id,
            "is_reward_line": bool(reward),
        }
        return self.env["pos.order"].create(
            {
                "session_id": (session or sessions.create({"config_id": till.id})).id,
                "date_order": datetime.combine(self.today, time(12)),
                "amount_tax": 0,
                "amount_total": amount,
                "amount_paid": amount,
                "amount_return": 0,
                "lines": [Command.create(line)],
                "state": "paid",
                **values,
            }
        )

    def test_share_of_the_high_tiers(self):
        gold = self.program.tier_ids.filtered(lambda tier: tier.band == "high")[:1]
        self.env["retention.membership"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "program_id": self.program.id,
                "tier_id": gold.id,
                "date_from": self.today,
                "valid_until": self.today,
                "cause": "enter",
            }
        )
        _rows, before = self.sheet()
        self.points.point_value = 0.05
        self.earn(1000, today=self.today)
        self.exchange(self.make_reward("gift", cost=60))
        _rows, sheet = self.sheet()
        grown = sheet.worth_of_points("high") - before.worth_of_points("high")
        self.assertAlmostEqual(grown, 3.0)


@tagged("post_install", "-at_install")
class TestRoiDays(RoiCommon):
    """Which months are compared with which."""

    def comparison(self, first, last, **values):
        terms = self.Assumption.new({"company_id": self.company.id, **values})
        scope = Scope(self.env, first, last)
        found = Comparisons(scope, first, last, terms)
        found._get_before()
        return [(arm.first, arm.last) for arm in found.arms]

    def test_before_is_whole_years_before(self):
        days = (date(2024, 2, 1), date(2024, 2, 29))
        self.assertEqual(
            self.comparison(*days), [days, (date(2023, 2, 1), date(2023, 2, 28))]
        )
        self.assertEqual(
            self.comparison(*days, launched_on=date(2022, 2, 28))[1],
            (date(2021, 2, 1), date(2021, 2, 28)),
        )
        self.assertFalse(self.comparison(*days, launched_on=date(205, 2, 28)))
        years = (date(2022, 1, 1), date(2023, 12, 31))
        self.assertEqual(
            self.comparison(*years)[1], (date(2020, 1, 1), date(2021, 12, 31))
        )
