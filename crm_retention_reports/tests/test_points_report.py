from collections import Counter, defaultdict
from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.crm_retention.tests.common_points import PointsCommon
from odoo.addons.crm_retention.tools import points

from ..tools import liability, months

OVER = date(2024, 1, 31)  # the day of expiry of points that are over
FIRST, LAST = date(2023, 1, 1), date(2024, 2, 29)
ABOUT = {"redeem": "spent", "expire": "expired", "transfer": "moved"}


@tagged("post_install", "-at_install")
class TestPointsReport(PointsCommon):
    """What became of points, and what is owed, as the ledger says entry by entry."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other, cls.quiet = cls.make_customers(2)
        cls.second = cls.account_of(cls.other)
        cls.today = cls.company._retention_today()
        cls.Report = cls.env["retention.points.report"]
        cls.mine = [("program_id", "=", cls.points.id)]
        cls.manager = cls.make_user("manager")
        cls.fill()

    @classmethod
    def fill(cls):
        """Two awards that are over, and others that can still be spent."""
        one = cls.give(cls.account, 100, date(2023, 1, 10), OVER)
        cls.spend(cls.account, 40, date(2023, 3, 5))
        two = cls.give(cls.second, 200, date(2023, 2, 10), OVER)
        cls.reverse(two, 50, today=date(2023, 2, 20))
        spent = cls.spend(cls.second, 100, date(2023, 4, 1))
        cls.reverse(spent, 30, today=date(2023, 4, 9))
        for entry, left in ((one, 60), (two, 80)):
            cls.post(
                points.EXPIRE,
                -left,
                entry.account_id,
                today=date(2024, 2, 1),
                award_id=entry.award_ids.id,
            )
        cls.later_day = months.shift(cls.today, 2) + timedelta(days=9)
        cls.give(cls.account, 500, date(2024, 2, 3), cls.later_day)
        cls.give(cls.second, 70, date(2024, 2, 4), None)
        cls.give(
            cls.second,
            30,
            date(2024, 2, 5),
            cls.later_day,
            available_on=cls.today + timedelta(days=5),
        )
        cls.env.invalidate_all()

    @classmethod
    def give(cls, account, number, day, expires, **values):
        return cls.post(
            points.EARN, number, account, today=day, expires_on=expires, **values
        )

    @classmethod
    def spend(cls, account, number, day):
        return cls.post(points.REDEEM, -number, account, today=day)

    # ---- reading ---------------------------------------------------------------------

    def look(self, user=None, first=FIRST, last=LAST, domain=(), company=None):
        model = self.env["retention.liability"].with_user(user or self.manager)
        model = model.with_context(
            allowed_company_ids=(company or self.company).ids,
        )
        options = {"period": "own", "first": str(first), "last": str(last)}
        return model.get_analysis(options | {"domain": list(domain)})

    def table(self, page, name):
        return next(each for each in page["blocks"] if each["name"] == name)

    def cards(self, page):
        cards = self.table(page, "cards")["cards"]
        return {card["label"]: card for card in cards}

    def lines(self, page, name):
        """Return {text of the first cell: [values of the others]}."""
        return {
            row["cells"][0]["text"]: [cell["value"] for cell in row["cells"][1:]]
            for row in self.table(page, name)["rows"]
        }

    def by_hand(self):
        """Return {award: Counter of what became of it}, allocation by allocation."""
        fates = defaultdict(Counter)
        for award in self.Award.search(self.mine):
            fates[award]["given"] = award.points
        for part in self.env["retention.points.allocation"].search(
            [("award_id", "in", [award.id for award in fates])]
        ):
            entry = part.entry_id
            while entry.kind == "reverse" and entry.reverses_id:
                entry = entry.reverses_id
            fates[part.award_id][ABOUT.get(entry.kind, "back")] += part.points
        return fates

    # ---- figures ---------------------------------------------------------------------

    def test_rows_tell_what_became_of_every_award(self):
        self.reverse(self.reverse(self.give(self.account, 9, LAST, OVER), 4), 1)
        self.post(points.ADJUST, -5, self.second, reason="Wrong", today=LAST)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | self.other).ids, self.customer
        )
        self.env.invalidate_all()
        rows = self.Report.search(self.mine)
        self.assertIn("moved", rows.mapped("fate"))
        found = defaultdict(Counter)
        for row in rows:
            award = row.entry_id.award_ids
            if row.fate != "given":
                place = (row.id - 1) // 2
                part = self.env["retention.points.allocation"].browse(place)
                self.assertEqual(part.entry_id, row.entry_id)
                award = part.award_id
            for name in ("given", "spent", "expired", "moved"):
                found[award][name] += row[name]
            found[award]["back"] += row.taken_back
        expected = self.by_hand()
        self.assertEqual(
            {award: +counts for award, counts in found.items()},
            {award: +counts for award, counts in expected.items()},
        )
        for award, counts in expected.items():
            given = counts.pop("given")
            self.assertEqual(given - counts.total(), award.remaining)
        names = ["given", "spent", "expired", "taken_back", "moved", "remaining"]
        [sums] = self.Report._read_group(self.mine, [], [f"{n}:sum" for n in names])
        self.assertEqual(sums[0], sum(sums[1:]))
        left = sum(
            account.balance + account.debt
            for account in self.Account.search(
                [*self.mine, ("merged_into_id", "=", False)]
            )
        )
        self.assertEqual(sums[-1], left)

    def test_shares_are_quotients_of_sums(self):
        rows = self.Report._read_group(
            self.mine,
            ["expires_on:month"],
            ["spent_share:avg", "expired_share:avg", "cost:sum", "liability:sum"],
        )
        by_month = {row[0]: [float(each or 0) for each in row[1:]] for row in rows}
        self.assertAlmostEqual(by_month[date(2024, 1, 1)][0], 100 * 110 / 250)
        self.assertAlmostEqual(by_month[date(2024, 1, 1)][1], 100 * 140 / 250)
        self.assertAlmostEqual(by_month[date(2024, 1, 1)][2], 1.10)
        later = by_month[months.first_day(self.later_day)]
        self.assertEqual(later, [0, 0, 0, 5.3])  # shares: empty

    def test_cards(self):
        cards = self.cards(self.look(domain=[]))
        own = sum(
            self.Account.search([("company_id", "=", self.company.id)]).mapped(
                lambda account: account.balance + account.debt
            )
        )
        held = cards["Points That Customers Hold"]
        self.assertEqual(held["value"], own)
        self.assertEqual(own, 600)
        self.assertIn("30", held["note"])
        target = held["target"]
        rows = self.env[target["model"]].search(target["domain"])
        self.assertEqual(sum(rows.mapped("remaining")), own)
        self.assertAlmostEqual(cards["Owed to Customers"]["value"], 6.00)
        self.assertEqual(cards["Expire within 3 Months"]["value"], 530)
        self.assertEqual(cards["Spent in the Period"]["value"], 110)
        for label in ("Redemption", "Breakage", "Expected to Be Spent"):
            self.assertIsNone(cards[label]["value"])
            self.assertIn("too few", cards[label]["note"])
        with patch.object(liability, "LEAST", 2):
            cards = self.cards(self.look())
            with patch.object(liability, "LEAST_PART", 0.5):
                young = self.cards(self.look())["Expected to Be Spent"]
        self.assertIsNone(young["value"])
        self.assertIn("250", young["note"])
        self.assertAlmostEqual(cards["Redemption"]["value"], 44)
        self.assertAlmostEqual(cards["Breakage"]["value"], 56)
        self.assertAlmostEqual(cards["Expected to Be Spent"]["value"], 6.00 * 0.44)

    def test_expiry_by_month(self):
        page = self.look()
        lines = self.lines(page, "expiry")
        name = self.env["retention.liability"]._say(self.later_day, "month")
        self.assertEqual(lines[name], [500, 30, 530, 5.3])
        self.assertEqual(lines["Never"], [70, 0, 70, 0.7])
        self.assertEqual(lines["Together"], [570, 30, 600, 6.0])
        for row in self.table(page, "expiry")["rows"][:-1]:
            target = row["cells"][3]["target"]
            if target:
                rows = self.env[target["model"]].search(target["domain"])
                self.assertEqual(
                    sum(rows.mapped("remaining")), row["cells"][3]["value"]
                )

    def test_what_became_of_what_is_over(self):
        lines = self.lines(self.look(), "over")
        self.assertEqual(lines["Jan 2024"][:6], [300, 110, 140, 50, 0, 0])
        self.assertEqual(lines["Together"][:6], [300, 110, 140, 50, 0, 0])
        names = [
            block["name"] for block in self.look(last=date(2023, 12, 31))["blocks"]
        ]
        self.assertNotIn("over", names)

    def test_months_add_up(self):
        lines = self.lines(self.look(), "flow")
        self.assertEqual(lines["Feb 2023"], [200, 0, 0, -50, 250, 0])
        self.assertEqual(lines["Apr 2023"], [0, -70, 0, 0, 140, 0.7])
        self.assertEqual(lines["Feb 2024"], [600, 0, -140, 0, 600, 0])
        self.assertEqual(lines["Together"], [900, -110, -140, -50, 600, 1.1])
        late = self.lines(self.look(first=date(2023, 3, 15)), "flow")
        [before] = [values for name, values in late.items() if "Before" in name]
        self.assertEqual(before[-2], 210)
        self.assertEqual(late["Feb 2024"], lines["Feb 2024"])
        together = late["Together"]
        self.assertEqual(before[-2] + sum(together[:4]), together[4])

    def test_months_add_up_for_some_customers_too(self):
        """Points of a merged contact came from outside of those chosen."""
        self.buy(self.other, (30, 100))
        self.run_pass(steps=("score",))
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | self.other).ids, self.other)
        page = self.look(last=self.today, domain=[("partner_id", "=", self.other.id)])
        columns = [each["name"] for each in self.table(page, "flow")["columns"]]
        together = self.lines(page, "flow")["Together"]
        held = self.cards(page)["Points That Customers Hold"]["value"]
        self.assertEqual(together[columns.index("balance") - 1], held)
        before = [
            row[-2]
            for name, row in self.lines(page, "flow").items()
            if "Before" in name
        ]
        self.assertEqual(sum(before + together[:-2]), held)

    def change_days(self, how):
        self.env.cr.execute(
            SQL(
                "UPDATE retention_points_day SET %s WHERE program_id = %s",
                SQL(how),
                self.points.id,
            )
        )

    def test_counted_at_night(self):
        live = self.look()["blocks"]
        part = self.look(first=date(2023, 3, 15))["blocks"]
        self.run_pass("night")
        self.assertTrue(self.env["retention.points.day"].search_count(self.mine))
        self.assertEqual(self.look()["blocks"], live)
        self.assertEqual(self.look(first=date(2023, 3, 15))["blocks"], part)
        # who sees all customers reads what was counted, but only on the same day
        self.change_days("points = 2 * points")
        names = ("over", "flow")
        before = [self.table({"blocks": live}, name)["rows"] for name in names]
        after = [self.table(self.look(), name)["rows"] for name in names]
        for one, other in zip(before, after, strict=True):
            self.assertNotEqual(one, other)
        seller = self.make_user("user")
        (self.customer | self.other).user_id = seller
        flow = self.lines(self.look(user=seller), "flow")
        self.assertEqual(flow, self.lines({"blocks": live}, "flow"))
        self.change_days("counted_on = counted_on - 1")
        self.assertEqual(self.look()["blocks"], live)

    def test_inactive_points_expire_with_the_last_movement(self):
        self.points.write({"expiry_model": "inactive", "expiry_months": 6})
        row = self.Report.search(
            [*self.mine, ("given", "=", 70), ("fate", "=", "given")]
        )
        day = self.second.active_on
        self.assertEqual(row.expires_on, months.shift(day, 6).replace(day=day.day))

    def test_worth_in_company_currency(self):
        euro = self.env.ref("base.EUR")
        other = self.make_company("Other", "EUR")
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.company.currency_id.id,
                "company_id": other.id,
                "rate": 2.0,
                "name": "2020-01-01",
            }
        )
        program = self.points.copy(
            {"company_id": other.id, "currency_id": self.company.currency_id.id}
        )
        self.assertNotEqual(program.currency_id, euro)
        account = self.account_of(self.quiet, program)
        self.give(account, 1000, date(2024, 2, 1), None)
        self.manager.company_ids |= other
        page = self.look(company=other)
        self.assertAlmostEqual(self.cards(page)["Owed to Customers"]["value"], 5.0)
        row = self.Report.search([("program_id", "=", program.id)])
        self.assertEqual((row.liability, row.currency_id), (5.0, euro))
        held = self.cards(self.look())["Points That Customers Hold"]["value"]
        self.assertEqual(held, 600)  # companies apart

    def test_empty(self):
        program = self.make_company("Fresh")
        self.manager.company_ids |= program
        page = self.look(company=program)
        self.assertEqual(page["blocks"], [])
        self.assertEqual(page["empty"]["title"], "No points yet")

    # ---- rights ----------------------------------------------------------------------

    def test_rights(self):
        seller, lead = self.make_user("user"), self.make_user("lead")
        colleague = self.make_user("user", login="retention_colleague")
        members = [Command.set(colleague.ids)]
        self.env["crm.team"].create(
            {"name": "Team", "user_id": lead.id, "member_ids": members}
        )
        self.customer.user_id, self.other.user_id = seller, colleague
        for user, held, partners in (
            (seller, 500, self.customer),
            (lead, 100, self.other),
            (self.make_user("auditor"), 600, self.customer | self.other),
        ):
            with self.subTest(user=user.login):
                cards = self.cards(self.look(user))
                self.assertEqual(cards["Points That Customers Hold"]["value"], held)
                flow = self.lines(self.look(user), "flow")
                self.assertEqual(flow["Together"][4], held)
                rows = self.Report.with_user(user).search(self.mine)
                self.assertEqual(rows.sudo().partner_id, partners)
                self.assertFalse(self.Report.with_user(user).has_access("write"))
        with self.assertRaises(AccessError):
            self.Report.with_user(self.make_user("none")).search([])

    def test_filters(self):
        self.buy(self.customer, (30, 100))
        self.run_pass(steps=("score",))
        page = self.look(domain=[("partner_id", "=", self.customer.id)])
        self.assertEqual(self.lines(page, "expiry")["Together"][2], 500)
        target = self.cards(page)["Points That Customers Hold"]["target"]
        rows = self.env[target["model"]].with_user(self.manager)
        self.assertEqual(sum(rows.search(target["domain"]).mapped("remaining")), 500)
