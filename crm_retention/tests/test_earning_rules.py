"""On what amounts points are earned, how many, and in which program."""

from datetime import date

from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY
from .common_earning import EarningCommon


@tagged("post_install", "-at_install")
class TestEarningRules(EarningCommon):
    # ---- what counts -----------------------------------------------------------------

    def test_what_is_no_purchase(self):
        tax = self.env["account.tax"].create({"name": "10 %", "amount": 10})
        program = self.env["loyalty.program"].create(
            {"name": "Gift", "program_type": "gift_card", "applies_on": "future"}
        )
        gift = self.make_product()
        program.rule_ids = [Command.clear(), Command.create({"product_ids": gift.ids})]
        move = self.invoice(self.customer, 10, 100, post=False)
        line = move.invoice_line_ids
        line.tax_ids = tax
        line.copy({"price_unit": -30, "move_id": move.id})
        line.copy({"product_id": gift.id, "price_unit": 50, "move_id": move.id})
        move.action_post()
        self.invoice(self.customer, 5, 500, retention_no_points=True)
        self.invoice(self.customer, 5, 500, move_type="out_refund")
        self.invoice(self.customer, date(2023, 12, 31), 500)
        self.invoice(self.customer, 5, 500, move_type="in_invoice")
        self.settle()
        self.assertEqual(self.account.entry_ids.amount, 70)
        self.assertBalance(70)

    def test_an_order_without_points(self):
        self.product.invoice_policy = "order"
        order = self.order(self.customer, TODAY, 100, retention_no_points=True)
        self.assertFalse(order.retention_points_text)
        move = order._create_invoices()
        move.invoice_date = TODAY
        move.action_post()
        self.settle()
        self.assertBalance(0)
        move.retention_no_points = False
        self.settle("night")
        self.assertBalance(100)

    def test_delivery_earns_nothing(self):
        if "is_delivery" not in self.env["sale.order.line"]._fields:
            self.skipTest("no delivery")
        self.product.invoice_policy = "order"
        order = self.order(self.customer, TODAY, 100, confirm=False)
        order.order_line.copy(
            {"order_id": order.id, "price_unit": 9, "is_delivery": True}
        )
        self.assertIn("earns 100", order.retention_points_text)
        order.action_confirm()
        move = order._create_invoices()
        move.invoice_date = TODAY
        move.action_post()
        self.settle()
        self.assertBalance(100)

    def test_told_on_documents(self):
        self.points.write({"show_on_documents": True, "start_date": date(2020, 1, 1)})
        order = self.order(self.customer, TODAY, 80)
        move = self.invoice(self.customer, 0, 90)
        render = self.env["ir.actions.report"]._render_qweb_html
        for record, report, text in (
            (order, "sale.action_report_saleorder", "This order earns 80 points."),
            (move, "account.account_invoices", "This invoice earns 90 points."),
        ):
            with self.subTest(report):
                self.assertIn(text, render(report, record.ids)[0].decode())
                note = record.message_post(body="x", partner_ids=self.customer.ids)
                context = record._notify_by_email_prepare_rendering_context(note)
                self.assertIn(text, context["subtitles"])
        self.points.show_on_documents = False
        order.invalidate_recordset()
        self.assertNotIn(
            "earns 80", render("sale.action_report_saleorder", order.ids)[0].decode()
        )

    def test_currencies(self):
        for name, amount, rate, number in (
            ("JPY", 15_000, 150, 100),
            ("KWD", 30.725, 0.3, 102),
            ("USD", 99.5, 1, 99),
        ):
            with self.subTest(name):
                company = self.make_company(f"Shop {name}", name)
                self.env["res.currency.rate"].create(
                    {
                        "currency_id": self.env.ref("base.USD").id,
                        "company_id": company.id,
                        "name": date(2024, 1, 1),
                        "rate": 1 / rate,
                    }
                )
                program = self.points.copy(
                    {
                        "company_id": company.id,
                        "currency_id": self.env.ref("base.USD").id,
                    }
                )
                customer = self.make_customers(1)
                self.buy(customer, (10, amount), company=company)
                self.settle(company=company)
                self.assertBalance(number, account=self.account_of(customer, program))

    def test_purchase_from_elsewhere(self):
        purchase = self.buy(self.customer, (10, 100))
        refund = self.buy(self.customer, (2, -25), refunds_id=purchase.id)
        self.buy(self.customer, (1, -70))
        self.settle()
        self.assertBalance(75)
        refund.amount = -50
        self.settle("night")
        self.assertBalance(50)
        refund.refunds_id = False
        self.settle()
        self.assertBalance(100)

    def test_exceptions_and_tier(self):
        category = self.env["product.category"].create({"name": "Above"})
        below = self.env["product.category"].create(
            {"name": "Below", "parent_id": category.id}
        )
        in_category = self.make_product(categ_id=below.id)
        nothing = self.make_product(categ_id=below.id)
        self.points.rule_ids = [
            Command.create({"category_id": category.id, "factor": 2}),
            Command.create(
                {"product_tmpl_id": nothing.product_tmpl_id.id, "factor": 0}
            ),
        ]
        move = self.invoice(self.customer, 10, 10, post=False)
        for product in (in_category, nothing):
            move.invoice_line_ids[0].copy(
                {"product_id": product.id, "move_id": move.id}
            )
        self.assertIn("earns 30", move.retention_points_text)
        move.action_post()
        gold = self.tier("Gold")
        gold.points_factor = 1.5
        self.env["retention.membership"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "program_id": self.program.id,
                "tier_id": gold.id,
                "date_from": self.day(3),
                "valid_until": TODAY,
                "cause": "enter",
            }
        )
        later = self.invoice(self.customer, 3, 10)
        self.settle()
        entries = self.account.entry_ids
        by_move = {entry.res_id: entry for entry in entries}
        self.assertEqual(by_move[move.id].points, 30)
        self.assertEqual(by_move[later.id].points, 15)
        self.assertIn("Gold × 1.5", by_move[later.id].reason)
        move.invalidate_recordset()
        self.assertIn("has earned 30", move.retention_points_text)

    def test_a_customer_collects_in_the_first_program_that_fits(self):
        vip = self.points.copy(
            {"sequence": 1, "earn_points": 5, "domain": "[('ref', '=', 'VIP')]"}
        )
        self.customer.ref = "VIP"
        other = self.make_customers(1)
        for customer in (self.customer, other):
            self.invoice(customer, 5, 10)
        self.settle()
        self.assertBalance(50, account=self.account_of(self.customer, vip))
        self.assertBalance(10, account=self.account_of(other))
        # what was earned stays where it was earned
        self.customer.ref = False
        self.assertFalse(self.settle())

    # ---- campaigns -------------------------------------------------------------------

    def make_campaign(self, **values):
        return self.env["retention.campaign"].create(
            {
                "name": "Double",
                "program_id": self.points.id,
                "date_from": self.day(10),
                "date_to": TODAY,
                **values,
            }
        )

    def test_campaign_and_its_budget(self):
        campaign = self.make_campaign(budget=130)
        self.make_campaign(gives="bonus", bonus=7, domain="[('ref', '=', 'VIP')]")
        before = self.invoice(self.customer, 11, 100)
        first = self.invoice(self.customer, 10, 100)
        second = self.invoice(self.customer, 0, 100)
        self.settle()
        self.assertEqual(campaign.granted, 130)
        sums = {
            move: sum(
                self.account.entry_ids.filtered(
                    lambda each, move=move: each.res_id == move.id
                ).mapped("points")
            )
            for move in (before, first, second)
        }
        self.assertEqual(sums, {before: 100, first: 200, second: 130})
        self.refund(first, 50)
        self.settle()
        self.assertEqual(campaign.granted, 80)
        self.assertBalance(330)
        self.assertFalse(self.settle())
