from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_retention.tests.common import TODAY

from .common_contacts import ContactCommon


@tagged("post_install", "-at_install")
class TestContactReports(ContactCommon):
    """The reports on channels and campaigns against figures counted by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.make_customers(100)

    def test_channels(self):
        for number, customer in enumerate(self.customers[:40]):
            self.touch(customer, 100, outcome="answered" if number < 10 else "reached")
            if number < 6:
                self.buy(customer, (95, 100))
        self.touch(self.customers[50], 100, channel_id=self.email.id)
        self.touch(self.customers[50], 99, direction="in")
        self.measure()
        page = self.report("retention.channel.analysis")
        phone, email = self.table(page, "channels")
        self.assertEqual(
            [phone[name]["value"] for name in ("touches", "answers", "answered")],
            [40, 10, 25],
        )
        self.assertEqual(
            [phone[name]["value"] for name in ("orders", "bought", "revenue")],
            [6, 15, 600],
        )
        self.assertEqual(phone["incoming"]["value"], 1)
        # one contact says nothing of a share
        self.assertEqual(
            (email["touches"]["value"], email["answered"]["value"]), (1, None)
        )
        total = self.block(page, "channels")["rows"][-1]
        self.assertEqual((total["kind"], total["cells"][1]["value"]), ("total", 41))
        [target] = [phone["channel"]["target"]]
        rows = self.env[target["model"]].search(target["domain"])
        self.assertEqual(sum(rows.mapped("touches")), 40)
        self.assertEqual(len(self.block(page, "answers")["labels"]), 1)
        self.assertFalse(self.block(page, "division"))

    def test_costs(self):
        """A call costs 2, mail 100 in all; who sees costs sees them."""
        calls, mails = self.customers[:40], self.customers[40:80]
        for customer in calls:
            self.touch(customer, 100, outcome="answered")
            self.buy(customer, (95, 100))
        for customer in mails:
            self.touch(customer, 100, channel_id=self.email.id)
            self.buy(customer, (95, 50))
        days = {"date_from": date(2024, 1, 1), "date_to": date(2024, 6, 30)}
        common = {"name": "Test", "company_id": self.company.id} | days
        costs = self.env["retention.cost"]
        costs.search([]).unlink()
        phone, email = ({"channel_id": each.id} for each in (self.phone, self.email))
        costs.create(
            [
                common | phone | {"kind": "contact", "amount": 2},
                common | email | {"kind": "campaign", "amount": 100},
                common | phone | {"amount": 60, "is_budget": True},
            ]
        )
        self.measure()
        page = self.report("retention.channel.analysis")
        calls_row, mails_row = self.table(page, "channels")
        names = ("cost", "per_answer", "per_order", "budget")
        self.assertEqual([calls_row[name]["value"] for name in names], [80, 2, 2, 60])
        self.assertEqual(
            [mails_row[name]["value"] for name in names], [100, None, 2.5, None]
        )
        self.assertAlmostEqual(calls_row["used"]["value"], 100 * 80 / 60)
        # a channel that cost something, and led to no contact at all
        letters = self.env.ref("crm_retention.channel_letter")
        unused = costs.create(
            [
                common | {"channel_id": letters.id, "kind": "campaign", "amount": 7},
                common | {"channel_id": letters.id, "amount": 9, "is_budget": True},
            ]
        )
        more = self.report("retention.channel.analysis")
        found = {row["channel"]["value"]: row for row in self.table(more, "channels")}
        row = found[letters.name]
        self.assertEqual([row[name]["value"] for name in names], [7, None, None, 9])
        total = self.block(more, "channels")["rows"][-1]["cells"]
        self.assertEqual([total[place]["value"] for place in (8, 11)], [187, 69])
        # what mail cost is no part of what was planned for calls and letters
        self.assertAlmostEqual(total[12]["value"], 100 * 87 / 69)
        unused.unlink()
        # the days of a period within a month: contacts and costs of the whole month
        half = self.report("retention.channel.analysis", last="2024-03-10")
        whole = self.report("retention.channel.analysis", last="2024-03-31")
        self.assertEqual(self.table(half, "channels"), self.table(whole, "channels"))
        # (4000 / √80)² : (2000 / √100)² is 5 : 1, but a quarter more is the most
        wanted = [row["wanted"]["value"] for row in self.table(page, "division")]
        self.assertEqual(wanted, [100, 80])
        # a lead's customers bear their share of mail's cost; a salesperson sees none
        lead, seller = self.make_user("lead"), self.make_user("user")
        team = {
            "name": "Team",
            "user_id": lead.id,
            "member_ids": [Command.set(seller.ids)],
        }
        self.env["crm.team"].create(team)
        mails[:10].user_id = seller
        page = self.report("retention.channel.analysis", user=lead)
        [row] = self.table(page, "channels")
        self.assertEqual(row["cost"]["value"], 25)
        self.assertNotIn("budget", row)
        self.assertFalse(self.block(page, "division"))
        page = self.report("retention.channel.analysis", user=seller)
        [row] = self.table(page, "channels")
        self.assertEqual(row["touches"]["value"], 10)
        self.assertNotIn("cost", row)

    def test_reports_of_nobody(self):
        self.measure()
        for name in ("channel.analysis", "campaign.analysis", "frequency"):
            page = self.report(f"retention.{name}")
            self.assertTrue(page["empty"]["title"], name)
            self.assertFalse(page["blocks"], name)
            with self.assertRaises(UserError):
                self.report(f"retention.{name}", user=self.env.ref("base.public_user"))

    def test_each_sees_the_figures_of_own_customers(self):
        seller = self.make_user("user")
        self.customers[:3].user_id = seller
        mailing = self.make_mailing("Spring")
        self.send(mailing, self.customers[:10], 60)
        self.measure()
        for user, count in (
            (seller, 3),
            (self.make_user("lead"), None),
            (self.make_user("manager"), 10),
            (self.make_user("auditor"), 10),
        ):
            with self.subTest(user=user.login):
                page = self.report("retention.campaign.analysis", user=user)
                channels = self.report("retention.channel.analysis", user=user)
                if count is None:
                    self.assertTrue(page["empty"] and channels["empty"])
                    continue
                [row] = self.table(page, "mailings")
                self.assertEqual(row["sent"]["value"], count)
                self.assertEqual(row["mailing"]["value"], "Spring")
                [row] = self.table(channels, "channels")
                self.assertEqual(row["touches"]["value"], count)

    def test_an_effect_is_told_by_the_comparison_group(self):
        mailing = self.make_mailing("Spring")
        meant, held = self.customers[:60], self.customers[60:90]
        self.send(mailing, meant[:50], 60, "open", links_click_datetime="2024-05-01")
        self.refuse(mailing, meant[50:], 60, "cap")
        self.refuse(mailing, held, 60)
        for customer in meant[:30] | held[:5]:
            self.buy(customer, (55, 100))
        order = self.env["sale.order"].create(
            {"partner_id": meant[0].id, "source_id": mailing.source_id.id}
        )
        order.state = "sale"
        self.measure()
        page = self.report("retention.campaign.analysis")
        [row] = self.table(page, "mailings")
        target = row["orders"]["target"]
        self.assertEqual(self.env["sale.order"].search(target["domain"]), order)
        manager = self.make_user("manager")  # sells nothing: the number alone
        [other] = self.table(
            self.report("retention.campaign.analysis", user=manager), "mailings"
        )
        self.assertEqual(
            (other["orders"]["value"], other["orders"]["target"]), (1, None)
        )
        self.assertEqual(
            [row[name]["value"] for name in ("sent", "delivered", "clicked", "bought")],
            [50, 100, 100, 60],
        )
        [row] = self.table(page, "effects_table")
        # 30 of 60 against 5 of 30: Newcombe's hybrid score interval (1998, method
        # 10), computed apart
        self.assertAlmostEqual(row["effect"]["value"], 100 * (30 / 60 - 5 / 30))
        low, high = newcombe(30, 60, 5, 30)
        series = self.block(page, "effects")["series"][0]
        self.assertAlmostEqual(series["low"][0], 100 * low, 3)
        self.assertAlmostEqual(series["high"][0], 100 * high, 3)
        self.assertEqual(row["verdict"]["text"], "surely more bought")
        # each of 30 spent 100, of 60; each of 5, of 30
        self.assertAlmostEqual(row["revenue"]["value"], 3000 / 60 - 500 / 30, 2)
        cards = self.block(page, "effect")["cards"]
        self.assertEqual([round(card["value"], 1) for card in cards], [50, 16.7, 33.3])
        held_rows = row["held"]["target"]
        found = self.env[held_rows["model"]].search(held_rows["domain"])
        self.assertEqual(found.partner_id, held)

    def test_without_a_comparison_group_nothing_is_told(self):
        mailing = self.make_mailing("Spring")
        self.send(mailing, self.customers[:50], 60)
        for customer in self.customers[:50]:
            self.buy(customer, (55, 100))
        self.measure()
        page = self.report("retention.campaign.analysis")
        [row] = self.table(page, "effects_table")
        self.assertIsNone(row["effect"]["value"])
        self.assertIn("nobody was kept", row["verdict"]["text"])
        self.assertIn("cannot be told", self.block(page, "no_comparison")["text"])
        self.assertFalse(self.block(page, "effect"))

    def test_who_changed_sides_is_in_neither_group(self):
        """The share kept for comparison was raised between two mailings."""
        early, late = self.make_mailing("Early"), self.make_mailing("Late")
        meant, both, held = (
            self.customers[start:end] for start, end in ((0, 50), (50, 60), (60, 90))
        )
        self.send(early, meant | both, 80)
        self.refuse(early, held, 80)
        self.send(late, meant, 40)
        self.refuse(late, held | both, 40)
        for customer in meant[:20] | both | held[:6]:
            self.buy(customer, (75, 100))
        self.measure()
        page = self.report("retention.campaign.analysis")
        cards = self.block(page, "effect")["cards"]
        self.assertEqual([card["value"] for card in cards], [40, 20, 20])
        self.assertIn("10 customers", self.block(page, "changed")["text"])
        rows = self.table(page, "effects_table")
        self.assertEqual([row["held"]["value"] for row in rows], [40, 30])

    def test_days_that_are_not_over_tell_nothing(self):
        today = self.company._retention_today()
        mailing = self.make_mailing("Now")
        yesterday = today - timedelta(days=1)
        self.send(mailing, self.customers[:50], yesterday)
        self.refuse(mailing, self.customers[50:], yesterday)
        self.measure(as_of=today)
        page = self.report(
            "retention.campaign.analysis", str(date(2024, 1, 1)), str(today)
        )
        [row] = self.table(page, "effects_table")
        self.assertIsNone(row["effect"]["value"])
        self.assertEqual(row["verdict"]["text"], "the days after it are not over")
        [row] = self.table(page, "mailings")
        self.assertEqual((row["sent"]["value"], row["bought"]["state"]), (50, "open"))
        cards = {card["label"]: card for card in self.block(page, "cards")["cards"]}
        self.assertIsNone(cards["Bought after it"]["value"])
        self.assertGreater(today, TODAY)


def newcombe(hits, n, others, m, z=1.959964):
    """Return the interval of hits/n − others/m by Newcombe (1998), method 10."""

    def wilson(x, size):
        part, square = x / size, z * z
        root = z * ((square + 4 * size * part * (1 - part)) ** 0.5)
        middle = 2 * size * part + square
        return (middle - root) / (2 * (size + square)), (middle + root) / (
            2 * (size + square)
        )

    (low, high), (low_other, high_other) = wilson(hits, n), wilson(others, m)
    p, q = hits / n, others / m
    below = ((p - low) ** 2 + (high_other - q) ** 2) ** 0.5
    above = ((high - p) ** 2 + (q - low_other) ** 2) ** 0.5
    return p - q - below, p - q + above
