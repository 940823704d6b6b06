"""What purchases earn, what refunds take back, and how points come and go in time."""

from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY
from .common_points import PointsCommon


class EarningCommon(PointsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["retention.points.program"].search([("id", "!=", cls.points.id)]).active = False
        cls.points.write({"earn_on": "posted", "pending_days": 0})

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
        note = move._reverse_moves([{"invoice_date": self.day(when), "date": self.day(when)}])
        if amount is not None:
            note.invoice_line_ids.price_unit = amount
        if post:
            note.action_post()
        return note

    def pay(self, move, when=0):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({"payment_date": self.day(when)})._create_payments()

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
