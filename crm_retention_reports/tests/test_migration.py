from collections import Counter
from datetime import date, timedelta

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import TODAY

from ..tools import months
from .common import ReportCommon

FIRST = date(2023, 9, 10)


@tagged("post_install", "-at_install")
class TestMigration(ReportCommon):
    """The table of moves is what a person counts, customer by customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = [("partner_id", "in", cls.customers.ids)]

    def look(self, first=FIRST, last=TODAY, domain=None, user=None, company=None):
        report = self.env["retention.migration"]
        report = report.with_user(user or self.make_manager())
        report = report.with_context(
            allowed_company_ids=(company or self.company).ids,
        )
        return report.get_analysis(
            {
                "period": "own",
                "first": str(first),
                "last": str(last),
                "domain": self.mine if domain is None else domain,
            }
        )

    def make_manager(self):
        login = "retention_manager"
        known = self.env["res.users"].search([("login", "=", login)])
        return known or self.make_user("manager")

    def table(self, page, name):
        return next(each for each in page["blocks"] if each["name"] == name)

    def pairs(self, first, last, customers=None):
        """Return {(tier before, tier after): customers}, looked up one by one."""
        start = first - timedelta(days=1)
        counts = Counter(
            (self.held_on(each, start), self.held_on(each, last))
            for each in customers or self.customers
        )
        none = self.env["retention.tier"]
        return {pair: count for pair, count in counts.items() if pair != (none, none)}

    def held_on(self, partner, day):
        """Return the tier of a day; of merged histories the one not ended by that."""
        held = self.history_of(partner).filtered(
            lambda row: row.date_from <= day and (not row.date_to or row.date_to > day)
        )
        held = held.filtered(lambda row: not row.end_cause) or held
        return held[-1:].tier_id

    def check_matrix(self, page, expected, user=None):
        """Compare every cell, its sums and the records behind it."""
        table = self.table(page, "matrix")
        names = [column["title"] for column in table["columns"][1:-1]]
        found = {}
        for row in table["rows"][:-1]:
            head, *cells, total = row["cells"]
            self.assertEqual(sum(cell["value"] or 0 for cell in cells), total["value"])
            for name, cell in zip(names, cells, strict=True):
                if cell["value"]:
                    found[head["value"], name] = cell["value"]
                    self.check_target(cell, user)
        for place, cell in enumerate(table["rows"][-1]["cells"][1:-1], 1):
            column = [row["cells"][place]["value"] or 0 for row in table["rows"][:-1]]
            self.assertEqual(cell["value"], sum(column))
        self.assertEqual(
            found,
            {
                (before.name or "New", after.name or "Left the Tiers"): count
                for (before, after), count in expected.items()
            },
        )

    def check_target(self, cell, user=None):
        target = cell["target"]
        model = self.env[target["model"]].with_context(active_test=False)
        model = model.with_user(user or self.env.user)
        self.assertEqual(model.search_count(target["domain"]), cell["value"])

    def leave(self, customer, as_of):
        """Take away what a customer bought: no purchase counts any more."""
        self.env["retention.purchase"].search(
            [("partner_id", "=", customer.id)]
        ).unlink()
        self.run_pass(as_of=as_of)

    def test_matrix_between_any_two_days(self):
        for first, last in (
            (FIRST, TODAY),
            (date(2022, 8, 1), date(2023, 2, 1)),
            (date(2024, 6, 14), TODAY),
        ):
            with self.subTest(first=first, last=last):
                expected = self.pairs(first, last)
                self.check_matrix(self.look(first, last), expected)

    def test_directions_and_signs(self):
        page = self.look()
        table = self.table(page, "matrix")
        order = [row["cells"][0]["value"] for row in table["rows"][:-2]]
        tiers = self.program.tier_ids.sorted(reverse=True)
        self.assertEqual(order, [tier.name for tier in tiers if tier.name in order])
        signs = Counter()
        for place, row in enumerate(table["rows"][:-2]):
            for column, cell in enumerate(row["cells"][1:-2]):
                if cell["value"]:
                    way = (column > place) - (column < place)
                    sign = {1: "▲", -1: "▼", 0: "="}[way]
                    state = {1: "good", -1: "bad", 0: "same"}[way]
                    signs[sign] += cell["value"]
                    self.assertTrue(cell["text"].startswith(sign))
                    self.assertEqual(cell["state"], state)
        self.assertGreaterEqual(set(signs), {"▲", "▼"})
        cards = {card["label"]: card for card in self.table(page, "cards")["cards"]}
        start = cards["Customers at the Start"]["value"]
        self.assertAlmostEqual(cards["Up"]["value"], 100 * signs["▲"] / start)
        self.assertAlmostEqual(cards["Down"]["value"], 100 * signs["▼"] / start)
        target = cards["Up"]["target"]
        found = self.env[target["model"]].search_count(target["domain"])
        self.assertEqual(found, signs["▲"])

    def test_months_add_up_to_what_changed(self):
        self.leave(self.customers[3], TODAY + timedelta(days=1))
        last = date(2024, 6, 30)
        table = self.table(self.look(last=last), "flows")
        names = [column["name"] for column in table["columns"]]
        total = Counter()
        for row, month in zip(table["rows"], months.span(FIRST, last), strict=True):
            cells = dict(zip(names, row["cells"], strict=True))
            begin = max(month, FIRST) - timedelta(days=1)
            end = min(months.last_day(month), last)
            for tier in self.program.tier_ids:
                cell = cells.get(f"net_{tier.id}")
                before = sum(self.held_on(c, begin) == tier for c in self.customers)
                after = sum(self.held_on(c, end) == tier for c in self.customers)
                self.assertEqual(cell["value"] if cell else 0, after - before)
            for way in ("new", "up", "down", "left"):
                total[way] += cells[way]["value"]
                if cells[way]["value"]:
                    self.check_target(cells[way])
        pairs = self.pairs(FIRST, last)
        none = self.env["retention.tier"]
        gained = sum(n for (before, _after), n in pairs.items() if before == none)
        lost = sum(n for (_before, after), n in pairs.items() if after == none)
        self.assertEqual(total["new"] - total["left"], gained - lost)
        self.assertTrue(total["left"] and total["up"] and total["down"])

    def test_merged_contacts_are_one_customer(self):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            self.customers[:2].ids, self.customers[0]
        )
        self.env.invalidate_all()
        rest = self.customers[:1] | self.customers[2:]
        last = self.company._retention_today() + timedelta(days=1)
        for first in (date(2022, 6, 1), FIRST):
            page = self.look(first, last)
            pairs = self.pairs(first, last, rest)
            table = self.table(page, "matrix")
            start = sum(row["cells"][-1]["value"] for row in table["rows"][:-2])
            none = self.env["retention.tier"]
            self.assertEqual(
                start, sum(n for (before, _), n in pairs.items() if before != none)
            )
            rows = self.table(page, "flows")["rows"]
            new, left = (sum(r["cells"][n]["value"] for r in rows) for n in (1, 4))
            self.assertEqual(new - left, len(rest) - start)
            self.check_net(page, pairs)
            self.check_matrix(page, pairs)

    def check_net(self, page, pairs):
        """What each tier grew by month by month is what it grew in all."""
        table = self.table(page, "flows")
        names = [column["name"] for column in table["columns"]]
        for tier in self.program.tier_ids:
            before = sum(n for (left, _), n in pairs.items() if left == tier)
            after = sum(n for (_, came), n in pairs.items() if came == tier)
            grown = [
                row["cells"][names.index(f"net_{tier.id}")]["value"]
                for row in table["rows"]
                if f"net_{tier.id}" in names
            ]
            self.assertEqual(sum(grown), after - before, tier.name)

    def test_left_and_back_on_the_same_day(self):
        """Who left and came back on one day left, and is new: as the list says."""
        held = self.history_of(self.customers[1])[-1]
        held.date_to = TODAY
        held.flush_recordset()
        held.copy({"previous_tier_id": False, "date_from": TODAY, "date_to": False})
        page = self.look()
        self.check_net(page, self.pairs(FIRST, TODAY))
        row = self.table(page, "flows")["rows"][-1]["cells"]
        for cell in (row[1], row[4]):
            self.assertEqual(cell["value"], 1)
            self.check_target(cell)

    def test_no_history(self):
        page = self.look(domain=[("partner_id", "=", self.env.user.partner_id.id)])
        self.assertFalse(page["blocks"])
        self.assertIn("No tier history", page["empty"]["title"])
        page = self.look(date(2020, 1, 1), date(2020, 12, 31))
        self.assertFalse(page["blocks"])
        self.assertNotIn("No tier history", page["empty"]["title"])
        ahead = self.company._retention_today() + timedelta(days=9)
        self.assertFalse(self.look(ahead, ahead)["blocks"])
        page = self.look(date(2022, 1, 1))
        self.assertIn("Tiers are known from", self.table(page, "history")["text"])
        self.assertNotIn("history", [each["name"] for each in self.look()["blocks"]])

    def test_customers_are_found_by_their_tiers(self):
        """The filters that a reader can make of the tier history work."""
        search = self.env["retention.profile"].search
        held = self.history_of(self.customers[0])
        new = self.make_customers(1)
        self.buy(new, (1, 10))
        self.run_pass(as_of=TODAY, steps=("score",))
        mine = [("partner_id", "in", (self.customers | new).ids)]
        for found, leaf in (
            (self.customers[0], ("membership_ids", "in", held.ids)),
            (new, ("membership_ids", "=", False)),
            (self.customers, ("membership_ids", "!=", False)),
        ):
            with self.subTest(leaf=leaf):
                self.assertEqual(search([*mine, leaf]).partner_id, found)

    def test_one_customer(self):
        domain = [("partner_id", "=", self.customers[4].id)]
        expected = self.pairs(FIRST, TODAY, self.customers[4])
        self.check_matrix(self.look(domain=domain), expected)

    def test_rights(self):
        seller, lead = self.make_user("user"), self.make_user("lead")
        colleague = self.make_user("user", login="retention_colleague")
        self.env["crm.team"].create(
            {
                "name": "Team",
                "user_id": lead.id,
                "member_ids": [Command.set(colleague.ids)],
            }
        )
        self.customers[:3].user_id = seller
        self.customers[3:7].user_id = colleague
        for user, customers in (
            (seller, self.customers[:3]),
            (lead, self.customers[3:7]),
            (self.make_user("auditor"), self.customers),
        ):
            with self.subTest(user=user.login):
                expected = self.pairs(FIRST, TODAY, customers)
                self.check_matrix(self.look(user=user), expected, user)
                flows = self.table(self.look(date(2022, 1, 1), user=user), "flows")
                new = sum(row["cells"][1]["value"] for row in flows["rows"])
                self.assertEqual(new, len(customers))

    def test_companies_apart(self):
        other = self.make_company()
        manager = self.make_manager()
        manager.company_ids |= other
        self.buy(self.customers[0], (40, 500), (20, 700), company=other)
        self.run_pass(as_of=TODAY, company=other)
        page = self.look(company=other)
        table = self.table(page, "matrix")
        self.assertEqual(
            [row["cells"][-1]["value"] for row in table["rows"]], [0, 1, None]
        )
        self.check_matrix(self.look(), self.pairs(FIRST, TODAY))
