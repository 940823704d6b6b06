"""Which documents count as revenue, of whom, on which day, and with what amount."""

from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY, RetentionCommon


@tagged("post_install", "-at_install")
class TestTransaction(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customers(1)

    def rows(self, customer=None, company=None):
        self.env.invalidate_all()
        found = self.env["retention.transaction"].search(
            [
                ("partner_id", "=", (customer or self.customer).id),
                ("company_id", "=", (company or self.company).id),
            ],
            order="date, id",
        )
        return [(row.date, row.amount, row.kind, row.source) for row in found]

    def with_orders(self):
        self.company.retention_revenue_source = "order"

    # ---- invoices ----------------------------------------------------------------

    def test_posted_invoices_and_credit_notes(self):
        self.invoice(self.customer, 10, 100)
        self.invoice(self.customer, 5, 30, move_type="out_refund")
        self.invoice(self.customer, 2, 7, move_type="out_receipt")
        self.assertEqual(
            self.rows(),
            [
                (self.day(10), 100, "sale", "invoice"),
                (self.day(5), -30, "refund", "invoice"),
                (self.day(2), 7, "sale", "invoice"),
            ],
        )

    def test_drafts_cancelled_zero_and_bills_do_not_count(self):
        self.invoice(self.customer, 1, 100, post=False)
        cancelled = self.invoice(self.customer, 2, 100)
        cancelled.button_draft()
        cancelled.button_cancel()
        self.invoice(self.customer, 3, 0)
        self.invoice(self.customer, 4, 50, move_type="in_invoice")
        self.assertEqual(self.rows(), [])

    def test_taxes_do_not_count(self):
        tax = self.env["account.tax"].create({"name": "10 %", "amount": 10})
        move = self.invoice(self.customer, 1, 100, post=False)
        move.invoice_line_ids.tax_ids = tax
        move.action_post()
        self.assertEqual(move.amount_total, 110)
        self.assertEqual([row[1] for row in self.rows()], [100])

    def test_orders_do_not_count_beside_invoices(self):
        self.order(self.customer, datetime(2024, 6, 1, 12), 100)
        self.assertEqual(self.rows(), [])

    def test_invoice_in_foreign_currency_at_its_own_rate(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2024-01-01", 0.5), ("2024-06-01", 0.8)]
        )
        self.invoice(self.customer, date(2024, 5, 1), 100, currency_id=euro.id)
        self.invoice(self.customer, date(2024, 6, 2), 100, currency_id=euro.id)
        self.assertEqual([row[1] for row in self.rows()], [200, 125])

    # ---- orders ------------------------------------------------------------------

    def test_confirmed_orders_only(self):
        self.with_orders()
        self.order(self.customer, datetime(2024, 6, 1, 12), 100)
        self.order(self.customer, datetime(2024, 6, 2, 12), 50, confirm=False)
        self.order(self.customer, datetime(2024, 6, 3, 12), 70)._action_cancel()
        self.order(self.customer, datetime(2024, 6, 4, 12), 0)
        self.invoice(self.customer, 1, 999)
        locked = self.order(self.customer, datetime(2024, 6, 5, 12), 30)
        locked.action_lock()
        self.assertEqual(
            self.rows(),
            [
                (date(2024, 6, 1), 100, "sale", "order"),
                (date(2024, 6, 5), 30, "sale", "order"),
            ],
        )

    def test_order_in_foreign_currency_at_its_own_rate(self):
        self.with_orders()
        euro = self.setup_other_currency(
            "EUR", rates=[("2024-01-01", 0.5), ("2024-06-01", 0.8)]
        )
        prices = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )
        for moment in (datetime(2024, 5, 1, 12), datetime(2024, 6, 2, 12)):
            self.order(self.customer, moment, 100, pricelist_id=prices.id)
        self.assertEqual([row[1] for row in self.rows()], [200, 125])

    def test_order_day_is_the_company_day(self):
        self.with_orders()
        self.order(self.customer, datetime(2024, 6, 1, 23, 30), 100)
        for zone, day in (
            ("UTC", 1),
            ("Asia/Shanghai", 2),
            ("America/New_York", 1),
            ("Pacific/Kiritimati", 2),
        ):
            self.company.resource_calendar_id.tz = zone
            with self.subTest(zone):
                self.assertEqual(self.rows()[0][0], date(2024, 6, day))

    def test_without_a_calendar_the_day_is_utc(self):
        self.with_orders()
        self.company.resource_calendar_id = False
        self.order(self.customer, datetime(2024, 6, 1, 23, 30), 100)
        self.assertEqual(self.rows()[0][0], date(2024, 6, 1))
        self.assertTrue(self.company._retention_today())

    # ---- whom it counts for --------------------------------------------------------

    def test_contacts_count_for_their_company(self):
        firm = self.make_customers(1, is_company=True)
        person = self.make_customers(1, parent_id=firm.id)
        self.invoice(person, 3, 10)
        self.buy(person, (2, 20))
        self.assertEqual([row[1] for row in self.rows(firm)], [10, 20])
        self.assertEqual(self.rows(person), [])
        self.with_orders()
        self.order(person, datetime(2024, 6, 14, 12), 30)
        self.assertEqual([row[1] for row in self.rows(firm)], [20, 30])

    def test_documents_between_our_companies_do_not_count(self):
        other = self.make_company()
        branch = self.make_customers(1, parent_id=other.partner_id.id)
        for partner in (other.partner_id, branch):
            self.invoice(partner, 3, 10)
            self.buy(partner, (2, 20))
            self.order(partner, datetime(2024, 6, 14, 12), 30)
        for source in ("invoice", "order"):
            self.company.retention_revenue_source = source
            self.assertEqual(self.rows(other.partner_id), [])
        self.run_pass()
        self.assertFalse(self.profile_of(other.partner_id))

    # ---- purchases from elsewhere ----------------------------------------------------

    def test_purchases_from_elsewhere_count_with_both_sources(self):
        self.buy(self.customer, (5, 20), (4, -5), (3, 0))
        expected = [
            (self.day(5), 20, "sale", "elsewhere"),
            (self.day(4), -5, "refund", "elsewhere"),
        ]
        self.assertEqual(self.rows(), expected)
        self.with_orders()
        self.assertEqual(self.rows(), expected)

    def test_purchase_amount_at_the_rate_of_its_day(self):
        euro = self.setup_other_currency(
            "EUR", rates=[("2024-01-01", 0.5), ("2024-06-01", 0.8)]
        )
        for day in (date(2024, 5, 1), date(2024, 6, 2)):
            self.buy(self.customer, (day, 100), currency_id=euro.id)
        self.assertEqual([row[1] for row in self.rows()], [200, 125])

    def test_companies_and_their_currencies_are_apart(self):
        other = self.make_company(currency="JPY")
        self.buy(self.customer, (5, 20))
        self.buy(self.customer, (4, 2000), company=other)
        self.assertEqual([row[1] for row in self.rows()], [20])
        self.assertEqual([row[1] for row in self.rows(company=other)], [2000])
        row = self.env["retention.transaction"].search([("company_id", "=", other.id)])
        self.assertEqual(row.currency_id.name, "JPY")

    def test_documents_of_a_span_of_days(self):
        """The narrowed reading finds what the full one finds."""
        self.with_orders()
        self.company.resource_calendar_id.tz = "Pacific/Kiritimati"
        others = self.make_customers(2)
        self.order(self.customer, datetime(2024, 6, 1, 11), 10)  # the 2nd there
        self.order(others[0], datetime(2024, 6, 1, 9), 10)  # the 1st
        self.buy(others[1], (date(2024, 6, 2), 10))
        find = self.env["retention.transaction"]._get_customers_between
        first, second = date(2024, 6, 1), date(2024, 6, 2)
        self.assertEqual(find(self.company, first, first), others[:1].ids)
        self.assertEqual(
            set(find(self.company, second, second)), {self.customer.id, others[1].id}
        )

    def test_rows_open_their_document(self):
        move = self.invoice(self.customer, 10, 100)
        row = self.env["retention.transaction"].search(
            [("partner_id", "=", self.customer.id)]
        )
        action = row.action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), (move._name, move.id))
        self.assertEqual(row.reference, move.name)


@tagged("post_install", "-at_install")
class TestInterest(RetentionCommon):
    """Who asked without buying."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customers(1)
        cls.today = cls.company._retention_today()

    def prospect(self):
        self.run_pass(as_of=self.today)
        return self.profile_of(self.customer).is_prospect

    def test_an_open_lead_makes_a_prospect(self):
        lead = self.env["crm.lead"].create(
            {"name": "Asks", "partner_id": self.customer.id}
        )
        self.assertTrue(self.prospect())
        profile = self.profile_of(self.customer)
        self.assertEqual(profile.last_interaction, lead.create_date.date())
        self.assertFalse(
            profile.tier_id or profile.segment_id or profile.rfm_text[:1].isdigit()
        )
        lead.action_set_lost()
        self.assertFalse(self.prospect())

    def test_a_quotation_makes_a_prospect(self):
        order = self.order(self.customer, datetime(2024, 6, 1), 100, confirm=False)
        self.assertTrue(self.prospect())
        order._action_cancel()
        self.assertFalse(self.prospect())

    def test_an_open_ticket_makes_a_prospect(self):
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "Help", "description": "x", "partner_id": self.customer.id}
        )
        self.assertTrue(self.prospect())
        ticket.stage_id = self.env["helpdesk.ticket.stage"].search(
            [("closed", "=", True)], limit=1
        )
        self.assertFalse(self.prospect())

    def test_who_bought_is_no_prospect(self):
        self.env["crm.lead"].create({"name": "Asks", "partner_id": self.customer.id})
        self.buy(self.customer, (1, 10))
        self.assertFalse(self.prospect())

    def test_nobody_is_judged_without_reason(self):
        self.env["crm.lead"].create(
            {"name": "Gone", "partner_id": self.customer.id, "active": False}
        )
        self.run_pass(as_of=self.today)
        self.assertFalse(self.profile_of(self.customer))

    def test_lead_of_tomorrow_in_utc_counts_today(self):
        """West of Greenwich the evening is already the next day in UTC."""
        lead = self.env["crm.lead"].create(
            {
                "name": "Asks",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
            }
        )
        self.company.resource_calendar_id.tz = "America/Los_Angeles"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = '2024-06-16 02:00' WHERE id = %s",
            [lead.id],
        )
        self.run_pass(as_of=TODAY)
        profile = self.profile_of(self.customer)
        self.assertTrue(profile.is_prospect)
        self.assertEqual(profile.last_interaction, TODAY)


@tagged("post_install", "-at_install")
class TestSourceChoice(RetentionCommon):
    """The source that a company starts with follows the data it has."""

    def test_a_shop_that_never_invoices_counts_orders(self):
        for customer in self.make_customers(3):
            self.order(customer, datetime(2024, 6, 1, 12), 100)
        self.env.flush_all()
        self.company._retention_choose_source()
        self.assertEqual(self.company.retention_revenue_source, "order")
        self.assertFalse(self.company.retention_source_chosen)

    def test_a_company_that_invoices_counts_invoices(self):
        self.company.retention_revenue_source = "order"
        for customer in self.make_customers(3):
            self.order(customer, datetime(2024, 6, 1, 12), 100)
            self.invoice(customer, 3, 100)
        self.company.retention_source_chosen = False
        self.company._retention_choose_source()
        self.assertEqual(self.company.retention_revenue_source, "invoice")

    def test_a_person_s_choice_stays(self):
        self.order(self.make_customers(1), datetime(2024, 6, 1, 12), 100)
        self.company.retention_source_chosen = True
        self.company._retention_choose_source()
        self.assertEqual(self.company.retention_revenue_source, "invoice")

    def test_settings_note_that_a_person_chose(self):
        settings = self.env["res.config.settings"]
        settings.create({"retention_revenue_source": "order"}).execute()
        self.assertEqual(self.company.retention_revenue_source, "order")
        self.assertTrue(self.company.retention_source_chosen)
        self.assertTrue(self.program.is_pending)

    def test_saving_settings_unchanged_changes_nothing(self):
        self.run_pass()
        settings = self.env["res.config.settings"]
        settings.create({"retention_revenue_source": "invoice"}).execute()
        self.assertFalse(self.program.is_pending)
        self.assertFalse(self.company.retention_source_chosen)


def pos_installed(env):
    return "pos.order" in env


@tagged("post_install", "-at_install")
class TestPointOfSale(RetentionCommon):
    """Orders of the till, where that app is installed."""

    def setUp(self):
        super().setUp()
        if not pos_installed(self.env):
            self.skipTest("point_of_sale is not installed in this database")

    def make_order(self, amount, **values):
        session = self.env["pos.session"].search([], limit=1)
        if not session:
            till = self.env["pos.config"].search([], limit=1) or self.env[
                "pos.config"
            ].create({"name": "Till"})
            session = self.env["pos.session"].create({"config_id": till.id})
        return self.env["pos.order"].create(
            {
                "session_id": session.id,
                "partner_id": self.customer.id,
                "date_order": datetime(2024, 6, 1, 12),
                "amount_tax": 0,
                "amount_total": amount,
                "amount_paid": amount,
                "amount_return": 0,
                "lines": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "qty": 1,
                            "price_unit": amount,
                            "price_subtotal": amount,
                            "price_subtotal_incl": amount,
                        }
                    )
                ],
                "state": "paid",
                **values,
            }
        )

    def test_orders_of_the_till(self):
        self.customer = self.make_customers(1)
        self.make_order(50)
        self.make_order(-20)
        self.make_order(99, state="draft")
        self.make_order(10, account_move=self.invoice(self.customer, 3, 10).id)
        rows = self.env["retention.transaction"].search(
            [("partner_id", "=", self.customer.id), ("source", "=", "pos")]
        )
        self.assertEqual(sorted(rows.mapped("amount")), [-20, 50])
        # where invoices do not count, the invoiced order of the till does
        self.company.retention_revenue_source = "order"
        if "sale_order_origin_id" in self.env["pos.order.line"]._fields:
            settled = self.make_order(7)
            order = self.order(self.customer, datetime(2024, 6, 1, 12), 7)
            settled.lines.sale_order_origin_id = order
        rows = self.env["retention.transaction"].search(
            [("partner_id", "=", self.customer.id)]
        )
        self.assertEqual(
            sorted(rows.filtered(lambda row: row.source == "pos").mapped("amount")),
            [-20, 10, 50],
        )
        self.company.retention_revenue_source = "invoice"
        self.env.invalidate_all()
        self.Mark.search([]).unlink()
        self.run_pass("light")
        # the invoice, the order of the till, and (with pos_sale) the settled one
        self.assertIn(self.profile_of(self.customer).purchase_count, (2, 3))
