"""What the tests of earning share."""

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
