"""What purchases earn, what refunds take back, and how points come and go in time."""

import random
from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.crm_retention.models.actions.points_earning_read import read_grants
from odoo.addons.crm_retention.tools import points_earning

from .common import TODAY
from .common_points import PointsCommon


class EarningCommon(PointsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["retention.points.program"].search(
            [("id", "!=", cls.points.id)]
        ).active = False
        cls.points.write({"earn_on": "posted", "pending_days": 0})

    def tearDown(self):
        """Whatever was done: the books are right."""
        rows = self.env["retention.points.check"]._run(self.company)
        failed = rows.filtered(lambda row: row.state == "failed")
        self.assertEqual(failed.mapped("code"), [], failed.mapped("detail"))
        super().tearDown()

    def settle(self, kind="full", today=TODAY, company=None):
        """Do the settle step; return how many entries it wrote."""
        run = self.Run.create(
            {
                "company_id": (company or self.company).id,
                "step": "settle",
                "kind": kind,
                "as_of": today,
            }
        )
        run._execute()
        self.env.invalidate_all()
        self.assertFalse(run.errors, run.message)
        return run.changed

    def refund(self, move, amount=None, post=True, when=1):
        """Return a credit note of an invoice, or of a part of it."""
        note = move._reverse_moves(
            [{"invoice_date": self.day(when), "date": self.day(when)}]
        )
        if amount is not None:
            note.invoice_line_ids.price_unit = amount
        if post:
            note.action_post()
        return note

    def pay(self, move, when=0):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({"payment_date": self.day(when)})._create_payments()

    def make_product(self, **values):
        return self.env["product.product"].create(
            {"name": "Other", "type": "service", "taxes_id": [], **values}
        )

    def assertBalance(self, balance, debt=0, account=None):
        account = account or self.account
        self.assertEqual((account.balance, account.debt), (balance, debt))


@tagged("post_install", "-at_install")
class TestEarning(EarningCommon):
    def test_refunded_in_parts_and_the_refund_cancelled(self):
        move = self.invoice(self.customer, 10, 100)
        self.assertTrue(self.settle())
        self.assertBalance(100)
        first = self.refund(move, 40)
        self.settle()
        self.assertBalance(60)
        rest = self.refund(move, 60)
        self.settle()
        self.assertBalance(0)
        first.button_draft()
        self.settle()
        self.assertBalance(40)
        rest.button_draft()
        self.settle()
        self.assertBalance(100)
        self.assertFalse(self.settle())
        self.assertEqual(len(self.account.award_ids), 1)

    def test_told_three_times(self):
        move = self.invoice(self.customer, 10, 100)
        self.assertEqual(self.settle(), 1)
        for kind in ("night", "full"):
            move.ref = kind
            self.assertEqual(self.settle(kind), 0)
        self.assertEqual(self.account.entry_ids.mapped("points"), [100])
        self.assertEqual(self.account.entry_ids.res_id, move.id)

    def test_rules_hold_for_what_comes(self):
        """A change of the rules takes nothing back; an earlier start earns by night."""
        old = self.invoice(self.customer, 200, 30)
        self.invoice(self.customer, 10, 100)
        self.settle()
        self.assertBalance(100)
        self.points.write({"earn_points": 5, "start_date": TODAY})
        self.assertFalse(self.settle())
        self.points.write({"earn_points": 1, "start_date": date(2023, 1, 1)})
        self.settle("night")
        self.assertBalance(130)
        self.assertEqual(self.account.entry_ids[0].res_id, old.id)
        self.assertFalse(self.settle("night"))

    def test_only_what_is_paid(self):
        self.points.write({"earn_on": "paid", "pending_days": 14})
        move = self.invoice(self.customer, 10, 100)
        self.assertFalse(self.settle())
        self.pay(move, when=3)
        self.settle()
        entry = self.account.entry_ids
        self.assertEqual((self.account.balance, self.account.pending), (100, 100))
        self.assertEqual(entry.date, self.day(3))
        self.assertEqual(entry.available_on, self.day(3) + timedelta(days=14))
        self.assertEqual(entry.expires_on, date(2026, 6, 12))
        # the payment bounces
        move.matched_payment_ids.action_draft()
        (move.line_ids.filtered("reconciled")).remove_move_reconcile()
        self.assertEqual(move.payment_state, "not_paid")
        self.settle()
        self.assertBalance(0)

    def test_released_exactly_at_the_end(self):
        self.points.pending_days = 14
        self.invoice(self.customer, 10, 100)
        for days, available in ((0, 0), (3, 0), (4, 100)):
            self.settle("light", TODAY + timedelta(days=days))
            self.assertEqual(self.account.available, available, days)

    def test_threshold(self):
        self.points.earn_amount = 100
        for amount, number in ((99.99, 0), (100, 1), (199.99, 1)):
            customer = self.make_customers(1)
            self.invoice(customer, 5, amount)
            self.settle()
            self.assertBalance(number, account=self.account_of(customer))

    def test_edited_and_posted_again(self):
        move = self.invoice(self.customer, 10, 100)
        self.settle()
        move.button_draft()
        self.settle()
        self.assertBalance(0)
        move.action_post()
        self.settle()
        self.assertBalance(100)
        self.assertEqual(len(self.account.award_ids), 1)
        move.button_draft()
        move.invoice_line_ids.price_unit = 130
        move.action_post()
        self.settle()
        self.assertBalance(130)
        self.assertEqual(
            self.left(*self.account.award_ids.entry_id.sorted("id")), [0, 130]
        )
        other = self.make_customers(1)
        move.button_draft()
        move.partner_id = other
        move.action_post()
        self.settle()
        self.assertBalance(0)
        self.assertBalance(130, account=self.account_of(other))

    def test_deleted(self):
        move, kept = (self.invoice(self.customer, 10, 100) for _n in range(2))
        note = self.refund(kept, 30)
        self.settle()
        self.assertBalance(170)
        move.button_draft()
        move.name = False
        move.unlink()
        note.button_draft()
        note.name = False
        note.unlink()
        self.settle("night")
        self.assertBalance(100)
        self.assertFalse(self.settle())

    def test_an_invoice_that_undoes_a_credit_note(self):
        move = self.invoice(self.customer, 10, 100)
        note = self.refund(move, 40)
        self.settle()
        self.assertBalance(60)
        note._reverse_moves([{"invoice_date": TODAY, "date": TODAY}]).action_post()
        self.settle()
        self.assertBalance(100)

    def test_expired_points_are_not_taken_back_again(self):
        self.points.expiry_months = 1
        move = self.invoice(self.customer, 40, 100)
        self.settle()
        self.assertBalance(0)
        self.earn(50)
        self.refund(move)
        self.settle()
        self.assertBalance(50)

    def test_refunded_after_contacts_were_merged(self):
        other = self.make_customers(1)
        self.invoice(other, 10, 50)
        move = self.invoice(self.customer, 10, 100)
        self.settle()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer | other).ids, other)
        self.assertEqual(self.settle(), 0)
        account = self.account_of(other)
        self.assertBalance(150, account=account)
        note = self.refund(move, 40)
        self.settle()
        self.assertBalance(110, account=account)
        note.button_draft()
        self.settle()
        self.assertBalance(150, account=account)

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

    # ---- debts -----------------------------------------------------------------------

    def spend_and_refund(self, policy):
        self.points.debt_policy = policy
        move = self.invoice(self.customer, 10, 100)
        self.settle()
        self.redeem(80)
        note = self.refund(move)
        self.settle()
        return note

    def test_cancelled_after_it_was_spent(self):
        move = self.invoice(self.customer, 10, 100)
        self.settle()
        spent = self.redeem(80)
        move.button_draft()
        move.button_cancel()
        self.settle()
        self.assertBalance(-80, 80)
        self.reverse(spent)
        self.assertBalance(0)

    def test_refunded_after_it_was_spent(self):
        note = self.spend_and_refund("debt")
        self.assertBalance(-80, 80)
        self.invoice(self.customer, 1, 50)
        self.settle()
        self.assertBalance(-30, 30)
        note.button_draft()
        self.settle()
        self.assertBalance(70)

    def test_written_off(self):
        note = self.spend_and_refund("write_off")
        self.assertBalance(0)
        self.assertTrue(
            self.account.entry_ids.filtered(lambda e: e.kind == "adjust").reason
        )
        note.button_draft()
        self.settle()
        self.assertBalance(20)
        self.assertFalse(self.settle())
        note.action_post()
        self.settle()
        self.assertBalance(0)

    def test_a_person_is_asked(self):
        note = self.spend_and_refund("ask")
        self.assertBalance(-80, 80)
        self.assertEqual(len(self.account.activity_ids), 1)
        with self.assertRaises(AccessError):
            self.account.with_user(self.make_user("user")).action_write_off()
        self.account.with_user(self.make_user("manager")).action_write_off()
        self.assertBalance(0)
        self.assertFalse(self.account.activity_ids)
        note.button_draft()
        self.settle()
        self.assertBalance(20)

    # ---- how -------------------------------------------------------------------------

    def test_queries_do_not_grow_with_documents(self):
        def count(number):
            for customer in self.make_customers(number):
                self.buy(customer, (5, 100))
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.settle("light")
            return self.cr.sql_log_count - before

        count(2)  # warm
        few = count(2)
        self.assertEqual(count(30), few)
        self.assertLess(few, 60)

    def test_a_payment_is_settled_within_the_day(self):
        self.program.applied_version = self.program.version
        for step in ("score", "settle"):
            self.Run.create(
                {
                    "company_id": self.company.id,
                    "step": step,
                    "kind": "full",
                    "as_of": self.company._retention_today(),
                    "state": "done",
                    "started_at": fields.Datetime.now(),
                }
            )
        self.company.retention_source_chosen = True
        self.assertIsNone(self.Run._get_due_kind(self.company))
        move = self.invoice(self.customer, 10, 100)
        self.Mark.search([]).unlink()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET write_date = now() + interval '1 day'"
            " WHERE id = %s",
            [move.id],
        )
        self.assertEqual(self.Run._get_due_kind(self.company), "light")

    def test_a_bad_document_does_not_stop_the_others(self):
        bad = self.buy(self.customer, (5, 100))
        other = self.make_customers(1)
        self.buy(other, (5, 100))
        self.earn(1, key=f"earn:retention.purchase:{bad.id}:1")
        run = self.Run.create(
            {
                "company_id": self.company.id,
                "step": "settle",
                "kind": "full",
                "as_of": TODAY,
            }
        )
        with mute_logger("odoo.addons.crm_retention.models.running.retention_run"):
            run._execute()
        self.assertEqual((run.state, run.errors), ("done", 1))
        self.assertBalance(100, account=self.account_of(other))


@tagged("post_install", "-at_install")
class TestAnything(EarningCommon):
    """Purchases that are made, changed, refunded and removed in any order."""

    def expected(self, purchase):
        refunds = -sum(
            self.Purchase.search([("refunds_id", "=", purchase.id)]).mapped("amount")
        )
        number = points_earning.base_points(purchase.amount, 1, 1)
        if not number:
            return 0
        return number - points_earning.reversed_points(number, purchase.amount, refunds)

    def earned(self, purchase):
        """Return what stands posted, and in whose account."""
        found = read_grants(self.env, "retention.purchase", purchase.ids)
        sums = {}
        for grant in found.get(purchase.id, []):
            left = grant.points - sum(grant.held().values())
            sums[grant.partner_id] = sums.get(grant.partner_id, 0) + left
        return {partner: number for partner, number in sums.items() if number}

    def act(self, chance):
        """Do something that people or tills do."""
        purchases = self.Purchase.search([("amount", ">", 0)])
        refunds = self.Purchase.search([("amount", "<", 0)])
        amount = chance.choice((0.4, 1, 9.99, 33.33, 100, 250.5))
        deed = chance.choice(
            ("buy", "refund", "refund", "edit", "less", "drop", "give")
        )
        if deed == "buy" or not purchases:
            self.buy(chance.choice(self.customers), (0, amount))
        elif deed == "refund":
            bought = chance.choice(purchases)
            self.buy(bought.partner_id, (0, -amount), refunds_id=bought.id)
        elif deed == "edit":
            chance.choice(purchases).amount = amount
        elif deed == "less" and refunds:
            chance.choice(refunds).amount = -amount / 2
        elif deed == "drop" and refunds:
            chance.choice(refunds).unlink()
        elif deed == "give":
            chance.choice(purchases).partner_id = chance.choice(self.customers)
        account = self.account_of(chance.choice(self.customers))
        if account.available > 1 and chance.random() < 0.5:
            self.redeem(account.available // 2, account=account)
        self.points.debt_policy = chance.choice(("debt", "write_off", "ask"))

    def test_the_entries_say_what_the_documents_say(self):
        self.Purchase = self.env["retention.purchase"]
        self.Purchase.search([]).unlink()
        self.customers = self.make_customers(2)
        chance = random.Random(19)
        for step in range(40):
            self.act(chance)
            if chance.random() < 0.3:
                continue
            self.settle("night", TODAY)
            self.assertEqual(self.settle("full", TODAY), 0, step)
            for purchase in self.Purchase.search([("amount", ">", 0)]):
                number = self.expected(purchase)
                wanted = {purchase.partner_id.id: number} if number else {}
                self.assertEqual(self.earned(purchase), wanted, step)
