"""What to offer next: counted as the specification says, chosen with tact."""

import doctest
from datetime import datetime, timedelta
from random import Random

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from odoo.addons.crm_retention.tools import behavior, offers

from .common import TODAY, RetentionCommon


def load_tests(_loader, tests, _ignore):
    for module in (offers, behavior):
        tests.addTests(doctest.DocTestSuite(module))
    return tests


class OfferCommon(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "retention_revenue_source": "order",
                "retention_offer_least": 3,
                "retention_offers_on": False,  # of the day of installation
            }
        )
        cls.Rule = cls.env["retention.offer.rule"]
        cls.products = cls.env["product.product"].create(
            [
                {"name": f"Item {n}", "type": "consu", "list_price": n + 1}
                for n in range(8)
            ]
        )
        cls.items = cls.products.product_tmpl_id
        cls.startClassPatcher(freeze_time(datetime(2024, 6, 15, 10)))

    @classmethod
    def sell(cls, rows):
        """Make confirmed orders of many (customer, days ago, product numbers)."""
        orders = cls.env["sale.order"].create(
            [
                {
                    "partner_id": customer.id,
                    "order_line": [
                        Command.create({"product_id": cls.products[number].id})
                        for number in numbers
                    ],
                }
                for customer, _ago, numbers in rows
            ]
        )
        for order, (_customer, ago, _numbers) in zip(orders, rows, strict=True):
            moment = datetime(2024, 6, 15, 9) - timedelta(days=ago)
            order.write({"state": "sale", "date_order": moment})
        return orders

    @classmethod
    def pattern(cls, count=8):
        """Let customers buy item 0 and later item 1, others only items 2 and 3."""
        followers = cls.make_customers(count)
        others = cls.make_customers(2 * count)
        cls.sell(
            [
                *((each, 300, [0, 4]) for each in followers),
                *((each, 250, [1]) for each in followers),
                *((each, 280, [2, 3]) for each in others),
            ]
        )
        return followers, others

    @classmethod
    def refresh(cls):
        return sum(
            cls.Rule._refresh(cls.company, kind, TODAY) for kind in ("next", "together")
        )


@tagged("post_install", "-at_install")
class TestCounting(OfferCommon):
    def rows(self, kind):
        rules = self.Rule.search([("kind", "=", kind), ("segment_id", "=", False)])
        return {
            (
                rule.product_tmpl_id.id,
                rule.offer_tmpl_id.id,
                *(rule.hits, rule.chances, rule.buyers, rule.base),
            )
            for rule in rules
        }

    def kept(self, rules):
        """Return what of the specification's rules is kept: sure, the best five."""
        kept = set()
        for product in {rule.product for rule in rules}:
            ranked = sorted(
                (rule for rule in rules if rule.product == product and rule.is_sure),
                key=lambda rule: (-rule.confidence, -rule.hits, rule.offer),
            )
            kept.update(tuple(rule) for rule in ranked[:5])
        return kept

    def test_as_the_specification_counts(self):
        chance = Random(6)
        customers = self.make_customers(60)
        rows = []
        for customer in customers:
            first = chance.randrange(3)
            rows.append((customer, chance.randrange(200, 240), [first, first + 3]))
            if chance.random() < 0.4:
                numbers = chance.sample(range(8), chance.randrange(1, 4))
                rows.append((customer, chance.randrange(0, 400), numbers))
            if first < 2 and chance.random() < 0.9:
                rows.append((customer, chance.randrange(80, 190), [first + 6]))
        self.sell(rows)
        self.refresh()
        days, baskets = {}, []
        for customer, ago, numbers in rows:
            basket = {self.items[number].id for number in numbers}
            baskets.append(basket)
            known = days.setdefault(customer.id, {})
            for item in basket:
                day = TODAY - timedelta(days=ago)
                known[item] = min(day, known.get(item, day))
        expected = self.kept(offers.rules_next(days, 3, 180))
        self.assertGreater(len(expected), 3)
        self.assertEqual(self.rows("next"), expected)
        expected = self.kept(offers.rules_together(baskets, 3))
        self.assertGreater(len(expected), 3)
        self.assertEqual(self.rows("together"), expected)

    def test_figures_and_words(self):
        self.pattern()
        self.refresh()
        rule = self.Rule.search(
            [("product_tmpl_id", "=", self.items[0].id), ("kind", "=", "next")]
        )
        self.assertRecordValues(
            rule,
            [
                {
                    "offer_id": self.products[1].id,
                    "hits": 8,
                    "chances": 8,
                    "buyers": 8,
                    "base": 24,
                    "confidence": 1.0,
                    "lift": 3.0,
                }
            ],
        )
        self.assertIn("8 of 8 customers who bought Item 0", rule.why_text)
        self.assertFalse(self.refresh() - len(self.Rule.search([])), "not twice")

    def test_by_segment_where_it_differs(self):
        followers, others = self.pattern()
        segment = self.env["retention.segment"].search([], limit=1)
        self.run_pass(steps=("score",))
        self.profile_of(followers[0]).segment_id = False
        some = followers | others
        profiles = self.Profile.search([("partner_id", "in", some.ids)])
        profiles.segment_id = segment
        self.refresh()
        own = self.Rule.search([("segment_id", "=", segment.id), ("kind", "=", "next")])
        self.assertEqual(own.offer_tmpl_id, self.items[1])
        self.assertIn(segment.name, own[0].why_text)

    def test_what_does_not_count(self):
        """Quotations, too few, chance, what cannot be sold, another company."""
        _followers, others = self.pattern()
        self.products[1].product_tmpl_id.sale_ok = False
        self.sell([(each, 100, [5]) for each in others[:2]])
        self.env["sale.order"].create(
            [
                {
                    "partner_id": each.id,
                    "order_line": [Command.create({"product_id": self.products[6].id})],
                }
                for each in others
            ]
        )
        other = self.make_company()
        other.retention_offer_least = 3
        self.refresh()
        offered = self.Rule.search([]).offer_tmpl_id
        self.assertNotIn(self.items[1], offered)
        self.assertNotIn(self.items[5], offered)
        self.assertNotIn(self.items[6], offered)
        self.assertFalse(self.Rule._refresh(other, "next", TODAY))

    def test_invoices_where_they_count(self):
        self.company.retention_revenue_source = "invoice"
        for customer in self.make_customers(4):
            for ago, number in ((300, 0), (200, 1)):
                move = self.invoice(customer, ago, 10, post=False)
                move.invoice_line_ids.product_id = self.products[number]
                move.action_post()
        for customer in self.make_customers(6):
            self.invoice(customer, 100, 5)
        self.refresh()
        self.assertEqual(self.Rule.search([]).offer_tmpl_id, self.items[1])

    def test_once_a_month(self):
        self.pattern()
        [run] = self.run_pass("night", steps=("predict",))
        self.assertEqual(self.company.retention_offers_on, TODAY)
        count = len(self.Rule.search([]))
        self.assertGreater(count, 0)
        self.assertGreaterEqual(run.changed, count)
        self.Rule.search([]).unlink()
        self.run_pass("night", TODAY + timedelta(days=10), steps=("predict",))
        self.assertFalse(self.Rule.search([]))
        self.run_pass("light", TODAY + timedelta(days=20), steps=("predict",))
        self.assertFalse(self.Rule.search([]))
        self.run_pass("night", TODAY + timedelta(days=20), steps=("predict",))
        self.assertTrue(self.Rule.search([]))


@tagged("post_install", "-at_install")
class TestChoosing(OfferCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pattern()
        cls.refresh()
        cls.customer = cls.make_customers(1)
        cls.sell([(cls.customer, 200, [0])])
        cls.run_pass(steps=("score", "place", "stage"))
        cls.seller = cls.make_user(
            "user",
            groups="sales_team.group_sale_salesman_all_leads,"
            "helpdesk_mgmt.group_helpdesk_user_own",
        )
        cls.customer.user_id = cls.seller

    def offered(self, customer=None):
        customer = customer or self.customer
        self.env.invalidate_all()
        return self.profile_of(customer).offer_ids.offer_tmpl_id

    def test_what_others_bought_next(self):
        self.assertEqual(self.offered(), self.items[1])
        self.assertIn("Item 1", self.profile_of(self.customer).offer_text)

    def test_not_what_was_just_bought(self):
        self.sell([(self.customer, 89, [1])])
        self.assertFalse(self.offered())
        self.company.retention_offer_quiet_days = 60
        self.assertEqual(self.offered(), self.items[1])

    def test_not_what_was_given_back(self):
        self.sell([(self.customer, 150, [1])])
        self.assertEqual(self.offered(), self.items[1])
        refund = self.invoice(
            self.customer, 140, 10, post=False, move_type="out_refund"
        )
        refund.invoice_line_ids.product_id = self.products[1]
        refund.action_post()
        self.assertFalse(self.offered())

    def test_not_after_what_was_given_back(self):
        refund = self.invoice(
            self.customer, 190, 10, post=False, move_type="out_refund"
        )
        refund.invoice_line_ids.product_id = self.products[0]
        refund.action_post()
        self.assertFalse(self.offered())

    def test_who_wishes_not_to_be_profiled(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [Command.create({"product_id": self.products[2].id})],
            }
        )
        known = order.retention_offer_ids.offer_tmpl_id
        self.assertEqual(known, self.items[1] | self.items[3])
        self.customer.retention_no_profiling = True
        self.assertFalse(self.offered())
        self.env.invalidate_all()
        self.assertEqual(order.retention_offer_ids.offer_tmpl_id, self.items[3])
        customers = (
            self.env["sale.order.line"]
            .search([("product_id", "=", self.products[1].id)])
            .order_partner_id
        )
        customers.retention_no_profiling = True
        self.refresh()
        self.assertNotIn(self.items[1], self.Rule.search([]).offer_tmpl_id)

    def test_nothing_is_known(self):
        stranger = self.make_customers(1)
        self.buy(stranger, (3, 5))
        self.run_pass(steps=("score",))
        self.assertFalse(self.offered(stranger))
        self.assertFalse(self.profile_of(stranger).offer_text)

    def test_one_click_to_a_quotation_or_an_opportunity(self):
        profile = self.profile_of(self.customer)
        rule = profile.offer_ids.with_user(self.seller)
        shown = rule.with_context(retention_profile_id=profile.id)
        action = shown.action_quote()
        order = self.env["sale.order"].browse(action["res_id"])
        self.assertEqual(order.partner_id, self.customer)
        self.assertEqual(order.order_line.product_id, self.products[1])
        self.assertEqual(order.state, "draft")
        lead = self.env["crm.lead"].browse(shown.action_opportunity()["res_id"])
        self.assertEqual((lead.type, lead.user_id), ("opportunity", self.seller))
        self.assertIn("Item 1", lead.name)
        with self.assertRaises(AccessError):
            rule.action_quote()
        self.customer.user_id = False
        with self.assertRaises(AccessError):
            shown.action_quote()

    def test_on_a_quotation(self):
        """What goes with its lines, and suits the customer; then it is on it."""
        self.company.retention_offer_quiet_days = 400
        form = Form(self.env["sale.order"].with_user(self.seller))
        form.partner_id = self.customer
        with form.order_line.new() as line:
            line.product_id = self.products[2]
        order = form.save()
        offered = order.retention_offer_ids
        self.assertEqual(offered.offer_tmpl_id, self.items[1] | self.items[3])
        rule = offered.filtered(lambda each: each.offer_tmpl_id == self.items[3])
        rule.with_context(retention_order_id=order.id).action_add_to_order()
        self.assertEqual(
            order.order_line.product_id, self.products[2] | self.products[3]
        )
        self.env.invalidate_all()
        self.assertEqual(order.retention_offer_ids.offer_tmpl_id, self.items[1])
        order.sudo().action_confirm()
        self.assertFalse(order.retention_offer_ids)

    def test_a_quotation_tells_nothing_of_foreign_customers(self):
        self.customer.user_id = False
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [Command.create({"product_id": self.products[2].id})],
            }
        )
        seen = order.with_user(self.seller).retention_offer_ids
        self.assertEqual(seen.offer_tmpl_id, self.items[3])

    def test_on_a_ticket(self):
        agent = self.make_user("none", login="agent")
        agent.group_ids += self.env.ref("helpdesk_mgmt.group_helpdesk_user_own")
        ticket = self.env["helpdesk.ticket"].create(
            {
                "name": "Question",
                "description": "x",
                "partner_id": self.customer.id,
                "user_id": agent.id,
            }
        )
        seen = ticket.with_user(agent)
        self.assertIn("Item 1", seen.retention_offer_text)
        with self.assertRaises(AccessError):  # knows the offer, may not sell
            seen.action_retention_offer()
        ticket.user_id = self.seller
        action = ticket.with_user(self.seller).action_retention_offer()
        lead = self.env["crm.lead"].browse(action["res_id"])
        self.assertEqual(lead.partner_id, self.customer)
        self.assertEqual(lead.create_uid, self.seller)
        other = ticket.copy({"retention_kind": "complaint"})
        self.env.invalidate_all()
        self.assertFalse(ticket.with_user(self.seller).retention_offer_text)
        other.unlink()
        self.env.invalidate_all()
        self.assertTrue(ticket.with_user(self.seller).retention_offer_text)
        ticket.retention_kind = "complaint"
        self.assertFalse(ticket.with_user(self.seller).retention_offer_text)
