"""What purchases earn, and what refunds and changes make of it."""

from datetime import date, timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TODAY
from .common_earning import EarningCommon


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
