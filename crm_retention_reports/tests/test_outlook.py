from datetime import date
from random import Random

import pandas as pd

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from odoo.addons.crm_retention.tests import cdnow
from odoo.addons.crm_retention.tests.common import RetentionCommon

from ..report.outlook_reader import OutlookReader, month_of, number_of
from ..report.scope import Scope
from ..tools import outlook, rhythms

LAST = date(2024, 5, 31)  # the last complete month before TODAY


def count_by_pandas(bought):
    """Count the months of customers plainly: one row a customer and month.

    :param bought: rows (customer, month as a number, amount).
    """
    frame = pd.DataFrame(bought, columns=["customer", "month", "amount"])
    frame = frame.groupby(["customer", "month"], as_index=False).amount.sum()
    by = frame.groupby("customer").month
    frame["before"] = by.diff().fillna(0).astype(int)
    frame["after"] = (-by.diff(-1)).fillna(0).astype(int)
    names = {0: 0, 1: 1, 2: 2, 3: 3} | dict.fromkeys(range(4, 7), 4)
    names |= dict.fromkeys(range(7, 13), 5) | dict.fromkeys(range(13, 25), 6)
    frame["rhythm"] = frame.before.map(lambda gap: names.get(gap, 7))
    return frame


def chances_by_pandas(frame, origin):
    """Follow every customer month by month: who could have bought, and did."""
    could, did = {}, {}
    for row in frame[frame.month <= origin].itertuples():
        for since in range(1, 25):
            month = row.month + since
            if month > origin or (row.after and since > row.after):
                break
            if month > origin - 24:
                key = row.rhythm, since
                could[key] = could.get(key, 0) + 1
                did[key] = did.get(key, 0) + (row.after == since)
    result = {}
    for which in range(8):
        for since in range(1, 25):
            everybody = sum(could.get((each, since), 0) for each in range(8))
            hits = sum(did.get((each, since), 0) for each in range(8))
            share = hits / everybody if everybody else 0
            own = could.get((which, since), 0), did.get((which, since), 0)
            result[which, since] = (own[1] + 5 * share) / (own[0] + 5)
    return result


def cells_by_pandas(frame):
    cut = frame.assign(after=frame.after.where(frame.after <= 24, 0))
    return [
        rhythms.Cell(
            int(month), int(which), int(after), len(its), its.amount.sum(),
            (its.amount**2).sum(),
        )
        for (month, which, after), its in cut.groupby(["month", "rhythm", "after"])
    ]  # fmt: skip


@tagged("post_install", "-at_install")
class TestOutlook(RetentionCommon):
    """What sales are to be expected, against a plain count of every customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.make_customers(40)
        cls.seller, cls.lead = cls.make_user("user"), cls.make_user("lead")
        cls.manager = cls.make_user("manager")
        cls.env["crm.team"].create(
            {
                "name": "Team",
                "user_id": cls.lead.id,
                "member_ids": [Command.set(cls.seller.ids)],
            }
        )
        cls.customers[:15].user_id = cls.seller
        chance = Random(7)
        cls.bought = [
            (customer.id, month, 50 + chance.randrange(100))
            for place, customer in enumerate(cls.customers)
            for month in range(number_of(date(2021, 1, 1)), number_of(LAST) + 1)
            if chance.random() < 0.1 + 0.02 * (place % 20)
        ]
        cls.env["retention.purchase"].create(
            [
                {
                    "partner_id": customer,
                    "company_id": cls.company.id,
                    "currency_id": cls.company.currency_id.id,
                    "date": month_of(month).replace(day=9),
                    "amount": amount,
                    "reference": f"O-{place}",
                }
                for place, (customer, month, amount) in enumerate(cls.bought)
            ]
        )
        cls.buy(cls.customers[0], (date(2024, 3, 3), -40))
        cls.run_pass()

    def setUp(self):
        super().setUp()
        clock = freeze_time("2024-06-15 12:00:00")
        clock.start()
        self.addCleanup(clock.stop)

    def reader_of(self, user=None, count=6, last=LAST, domain=None):
        env = self.env(user=user or self.manager)
        domain = domain or [("partner_id", "in", self.customers.ids)]
        return OutlookReader(Scope(env, date(2023, 6, 1), last, domain), count)

    def page(self, user=None, **options):
        options = {
            "period": "own",
            "first": "2023-06-01",
            "last": str(LAST),
            "domain": [("partner_id", "in", self.customers.ids)],
        } | options
        found = self.env["retention.outlook"].with_user(user or self.manager)
        return found.get_analysis(options)

    @staticmethod
    def table(page, name):
        [block] = [block for block in page["blocks"] if block["name"] == name]
        return [[cell["value"] for cell in row["cells"]] for row in block["rows"]]

    def test_counts_against_pandas(self):
        frame = count_by_pandas(self.bought)
        reader = self.reader_of()
        origin = number_of(LAST)
        self.assertEqual((reader.last, reader.latest), (origin, origin))
        expected = frame.groupby("month").amount.sum().to_dict()
        expected[number_of(date(2024, 3, 1))] -= 40
        self.assertEqual(reader.sold, expected)
        found = reader.forecast.them.chances(origin)
        for (which, since), chance in chances_by_pandas(frame, origin).items():
            self.assertAlmostEqual(found[which][since], chance, 12)
        last = frame[frame.month <= origin].groupby("customer").tail(1)
        standing = last.groupby(["rhythm", origin - last.month]).size()
        for (which, since), customers in standing.items():
            self.assertEqual(
                reader.forecast.them.standing(origin)[which][since], customers
            )
        # the chain's first step is a sum over customers
        [buyers] = reader.forecast.them.ahead(origin, 1)
        outside = reader.forecast.them.newcomers(origin)
        by_hand = sum(
            chances_by_pandas(frame, origin)[row.rhythm, origin - row.month + 1]
            for row in last.itertuples()
            if origin - row.month < 24
        )
        self.assertAlmostEqual(sum(buyers), by_hand + sum(outside.values()), 9)

    def test_the_past_is_told_from_what_was_known_then(self):
        then = self.reader_of(last=date(2024, 1, 31))
        self.assertEqual(month_of(then.last), date(2024, 1, 1))
        told = then.told
        known = [row for row in self.bought if row[1] <= number_of(date(2024, 1, 1))]
        them = rhythms.Rhythms(cells_by_pandas(count_by_pandas(known)))
        sold = pd.DataFrame(known).groupby(1)[2].sum().to_dict()
        # of the cells read at the time, nothing of later months was there
        self.assertEqual(
            [round(each, 6) for each in outlook.Outlook(them, sold).tell(then.last, 6)],
            [round(each, 6) for each in told],
        )
        rows = self.table(self.page(last="2024-01-31"), "months")
        self.assertEqual(rows[0][5], self.reader_of().sold[number_of(date(2024, 2, 1))])
        self.assertIsNone(rows[5][5])  # July has not been

    def test_the_page_adds_up(self):
        page = self.page()
        cards = page["blocks"][0]["cards"]
        rows = self.table(page, "months")
        self.assertAlmostEqual(sum(row[1] for row in rows), cards[1]["value"])
        self.assertEqual(len(rows), 6)
        reader = self.reader_of()
        tries = reader.of_year(reader.tries)
        real = sum(each.real for each in tries)
        plain = 100 * sum(abs(each.plain - each.real) for each in tries) / real
        rhythm = 100 * sum(abs(each.told - each.real) for each in tries) / real
        self.assertAlmostEqual(cards[3]["value"], min(plain, rhythm))
        self.assertEqual(reader.is_plain, plain < rhythm)
        for told in reader.values:
            self.assertTrue(0 <= told.low <= told.value <= told.high)
        self.assertEqual(len(self.table(self.page(ahead="3"), "months")), 3)

    def test_numbers_open_their_records(self):
        page = self.page()
        [block] = [each for each in page["blocks"] if each["name"] == "rhythms"]
        months = self.env["retention.month"].with_user(self.manager)
        seen = self.env["retention.month"]
        for row in block["rows"]:
            cell = row["cells"][1]
            found = months.search(cell["target"]["domain"])
            self.assertEqual(len(found), cell["value"])
            seen |= found
        self.assertEqual(len(seen.partner_id), len(seen))
        [block] = [each for each in page["blocks"] if each["name"] == "months"]
        cell = block["rows"][0]["cells"][4]
        found = months.search(cell["target"]["domain"])
        self.assertAlmostEqual(sum(found.mapped("revenue")), cell["value"])

    def test_who_sees_what(self):
        own = {self.customers[place].id for place in range(15)}
        month = number_of(date(2024, 4, 1))
        mine = sum(row[2] for row in self.bought if row[1] == month and row[0] in own)
        for user in (self.seller, self.lead):
            self.assertEqual(self.reader_of(user).sold[month], mine)
        everything = self.reader_of().sold
        auditor = self.make_user("auditor")
        self.assertEqual(self.reader_of(auditor).sold, everything)
        with self.assertRaises(UserError):
            self.page(self.make_user("none"))
        other = self.make_company()
        self.manager.company_ids |= other
        page = self.env["retention.outlook"].with_user(self.manager)
        page = page.with_context(allowed_company_ids=other.ids).get_analysis()
        self.assertTrue(page["empty"])

    def test_too_little_and_all_gone(self):
        self.assertTrue(self.page(domain=[("id", "=", 0)])["empty"])
        one = self.page(domain=[("partner_id", "=", self.customers[19].id)])
        self.assertFalse(one["empty"])
        gone = self.make_customers(3)
        for customer in gone:
            self.buy(customer, *((date(2021, 1 + n % 12, 5), 100) for n in range(12)))
        self.run_pass()
        reader = self.reader_of(domain=[("partner_id", "in", gone.ids)])
        self.assertEqual(reader.total.value, 0)
        page = self.page(domain=[("partner_id", "in", gone.ids)])
        self.assertIsNone(page["blocks"][0]["cards"][3]["value"])  # nothing was sold

    def test_known_truth(self):
        """Of a shop that grows, with a season, rhythms tell more than a year ago."""
        chance, bought = Random(3), []
        for customer in range(1500):
            born, rate = chance.randrange(-24, 40), chance.gammavariate(1.5, 0.2)
            for month in range(max(0, born), 40):
                if chance.random() < rate * (2 if month % 12 == 11 else 1):
                    bought.append((customer, month, 80 * chance.lognormvariate(0, 0.4)))
        frame = count_by_pandas(bought)
        sold = frame.groupby("month").amount.sum().to_dict()
        told = outlook.Outlook(rhythms.Rhythms(cells_by_pandas(frame)), sold)
        tries = [each for each in told.try_out(39, 6) if each.target > 27]
        ours = outlook.error(tries)
        self.assertLess(ours, 0.6 * outlook.error(outlook.by_year_before(tries)))
        self.assertLess(ours, 15)
        held, ranges = outlook.covered(told.try_out(39, 6), 27)
        self.assertGreater(held / ranges, 0.65)

    def test_chances_of_a_music_shop(self):
        """Every customer of the CDNOW history, followed month by month."""
        bought = [
            (customer, number_of(day), amount)
            for customer, days in cdnow.purchases().items()
            for day, amount in days.items()
        ]
        frame = count_by_pandas(bought)
        origin = number_of(date(1998, 5, 1))
        found = rhythms.Rhythms(cells_by_pandas(frame)).chances(origin)
        for (which, since), chance in chances_by_pandas(frame, origin).items():
            self.assertAlmostEqual(found[which][since], chance, 12)


@tagged("post_install", "-at_install")
class TestOutlookCategory(RetentionCommon):
    """What was bought of each product category is what the documents' lines say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Category = cls.env["retention.month.category"]
        cls.bread, cls.cake = cls.env["product.category"].create(
            [{"name": "Bread"}, {"name": "Cake"}]
        )
        cls.loaf, cls.tart = cls.env["product.product"].create(
            [
                {"name": "Loaf", "categ_id": cls.bread.id, "taxes_id": []},
                {"name": "Tart", "categ_id": cls.cake.id, "taxes_id": []},
            ]
        )
        cls.customer = cls.make_customers(1)
        cls.buy(cls.customer, *((date(2023, month, 7), 70) for month in range(1, 13)))
        cls.invoice_of(date(2023, 11, 7), (cls.loaf, 100), (cls.tart, 50))
        cls.invoice_of(date(2024, 5, 7), (cls.loaf, 60), (cls.tart, 20))
        cls.invoice_of(date(2024, 5, 20), (cls.tart, 5), move_type="out_refund")
        cls.invoice_of(date(2024, 6, 20), (cls.tart, 999))  # after TODAY
        cls.buy(cls.customer, (date(2024, 5, 9), 30))  # names no goods

    @classmethod
    def invoice_of(cls, day, *lines, **values):
        return cls.invoice(
            cls.customer,
            day,
            0,
            invoice_line_ids=[
                Command.create(
                    {"product_id": product.id, "price_unit": price, "tax_ids": []}
                )
                for product, price in lines
            ],
            **values,
        )

    def rows(self, **domain):
        rows = self.Category.search([("partner_id", "=", self.customer.id)])
        return {(str(row.month)[:7], row.category_id): row.revenue for row in rows}

    def test_lines_by_category(self):
        self.run_pass()
        rows = self.rows()
        self.assertEqual(len(rows), 4)
        self.assertEqual(rows["2024-05", self.bread], 60)
        self.assertEqual(rows["2024-05", self.cake], 15)
        again = self.run_pass().filtered(lambda run: run.step == "measure")
        self.assertFalse(again.changed)

    def test_forecast_by_category(self):
        self.run_pass()
        scope = Scope(
            self.env, date(2023, 6, 1), LAST, [("partner_id", "=", self.customer.id)]
        )
        with freeze_time("2024-06-15 12:00:00"):
            reader = OutlookReader(scope, 3)
            groups = reader.groups
            self.assertEqual([ids for ids, _sold in groups[:2]], [
                self.bread.ids, self.cake.ids,
            ])  # fmt: skip
            self.assertEqual(groups[2][0], [None])
            self.assertEqual(groups[2][1][number_of(LAST)], 30)
            by_group = [reader.tell_part(sold)[0].value for _ids, sold in groups]
            self.assertAlmostEqual(sum(by_group), reader.total.value)
            blocks = self.env["retention.outlook"]._make_categories(reader)
            back = OutlookReader(scope, 3)  # more was given back than sold
            back.sold = {month: -revenue for month, revenue in reader.sold.items()}
            [table] = self.env["retention.outlook"]._make_categories(back)
            *parts, total = (row.cells[2].value for row in table.rows)
            self.assertEqual((set(parts), total), ({None}, back.total.value))
        [table] = blocks
        cell = table.rows[0].cells[1]
        found = self.Category.search(cell.target.domain)
        self.assertEqual(sum(found.mapped("revenue")), cell.value)
        self.assertEqual(cell.value, 100 + 60)

    def test_orders_where_orders_count(self):
        self.company.retention_revenue_source = "order"
        self.product.categ_id = self.bread
        self.order(self.customer, "2024-05-31 23:30:00", 70)
        self.company.resource_calendar_id.tz = "Asia/Shanghai"  # June there
        self.run_pass()
        self.assertEqual(self.rows(), {("2024-06", self.bread): 70})

    def test_rights(self):
        self.run_pass()
        seller = self.make_user("user")
        self.assertFalse(self.Category.with_user(seller).search([]))
        self.customer.user_id = seller
        self.assertTrue(self.Category.with_user(seller).search([]))
        self.assertFalse(self.Category.with_user(seller).has_access("write"))
        self.assertFalse(
            self.Category.with_user(self.make_user("none")).has_access("read")
        )
        company = self.make_company()
        elsewhere = self.make_user(
            "manager",
            login="elsewhere",
            company_id=company.id,
            company_ids=company.ids,
        )
        self.assertFalse(self.Category.with_user(elsewhere).search([]))
