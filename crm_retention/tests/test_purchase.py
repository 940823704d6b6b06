"""Purchases from elsewhere: what is refused, in which words, and that nothing stays."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RetentionCommon

HTML = '<img src=x onerror="alert(1)">'
FORMULA = '=HYPERLINK("http://example.com")'
RTL = "\u202eשלום \u0627\u0644\u0633\u0644\u0627\u0645"


class PurchaseCommon(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Purchase = cls.env["retention.purchase"]
        cls.customer = cls.make_customers(1)

    def row(self, **values):
        return {
            "partner_id": self.customer.id,
            "date": "2024-05-01",
            "amount": 10.0,
            "reference": "A-1",
            **values,
        }

    def assertOneSentence(self, message):
        self.assertTrue(message)
        self.assertNotIn("\n", message.strip())
        for jargon in ("Traceback", "psycopg2", "violates", "null value", "line 1"):
            self.assertNotIn(jargon, message)


@tagged("post_install", "-at_install")
class TestLoadPurchases(PurchaseCommon):
    def assertRefused(self, *rows, says=""):
        before = self.Purchase.search_count([])
        with self.assertRaises(UserError) as caught:
            self.Purchase.load_purchases(list(rows))
        self.assertOneSentence(str(caught.exception))
        self.assertIn(says, str(caught.exception))
        self.assertEqual(self.Purchase.search_count([]), before)

    def test_takes_in_what_is_right(self):
        euro = self.setup_other_currency("EUR", rates=[("2024-01-01", 0.5)])
        result = self.Purchase.load_purchases(
            [
                self.row(),
                self.row(reference="A-2", amount="-3.5", note="returned"),
                self.row(reference="A-3", currency_id=euro.id),
                self.row(reference=4, date=fields.Date.to_date("2024-05-02")),
            ]
        )
        self.assertEqual(result, {"created": 4, "unchanged": 0})
        loaded = self.Purchase.search([("partner_id", "=", self.customer.id)])
        self.assertEqual(
            {each.reference: each.amount_company for each in loaded},
            {"A-1": 10, "A-2": -3.5, "A-3": 20, "4": 10},
        )

    def test_loading_twice_changes_nothing(self):
        rows = [self.row(), self.row(reference="A-2"), self.row(reference="A-2")]
        self.assertEqual(
            self.Purchase.load_purchases(rows), {"created": 2, "unchanged": 1}
        )
        self.marked()
        self.assertEqual(
            self.Purchase.load_purchases(rows), {"created": 0, "unchanged": 3}
        )
        self.assertFalse(self.marked())

    def test_strange_but_harmless_texts_are_kept_as_they_are(self):
        for text in (HTML, FORMULA, RTL, "O'Brien \\ %s ; DROP TABLE", "x" * 5000):
            with self.subTest(text[:20]):
                self.Purchase.load_purchases([self.row(reference=text, note=text)])
                loaded = self.Purchase.search([("reference", "=", text)])
                self.assertEqual((loaded.reference, loaded.note), (text, text))

    def test_wrong_values_are_refused_and_name_the_row(self):
        tomorrow = fields.Date.today() + timedelta(days=2)
        for name, values in {
            "unknown customer": {"partner_id": 2**31 - 1},
            "customer beyond all numbers": {"partner_id": 10**30},
            "endless customer": {"partner_id": float("inf")},
            "no customer": {"partner_id": None},
            "customer by name": {"partner_id": "Azure"},
            "negative customer": {"partner_id": -1},
            "unknown currency": {"currency_id": 2**31 - 1},
            "currency beyond all numbers": {"currency_id": 10**30},
            "currency by code": {"currency_id": "USD"},
            "not a number": {"amount": float("nan")},
            "not a number, as text": {"amount": "NaN"},
            "endless": {"amount": float("inf")},
            "huge": {"amount": 1e308},
            "too great": {"amount": -1e12},
            "no amount": {"amount": None},
            "amount in words": {"amount": "ten"},
            "formula as amount": {"amount": "=1+1"},
            "amount of a list": {"amount": [1]},
            "impossible day": {"date": "2024-02-30"},
            "day in words": {"date": "yesterday"},
            "day as number": {"date": 20240501},
            "no day": {"date": False},
            "NUL in reference": {"reference": "A\x001"},
            "half a character": {"reference": "A\ud8001"},
            "NUL in note": {"note": "A\x001"},
        }.items():
            with self.subTest(name):
                self.assertRefused(
                    self.row(), self.row(reference="A-2") | values, says="Row 2"
                )
        for name, values in {
            "in the future": {"date": str(tomorrow)},
            "far in the future": {"date": "9999-12-31"},
            "no reference": {"reference": None},
            "empty reference": {"reference": "  "},
        }.items():
            with self.subTest(name):
                self.assertRefused(self.row(), self.row(reference="A-2") | values)

    def test_rows_that_are_no_rows(self):
        for name, row in {
            "a number": 5,
            "nothing": None,
            "a text": "A-1",
            "empty": {},
            "without amount": {"partner_id": self.customer.id, "reference": "A"},
        }.items():
            with self.subTest(name):
                self.assertRefused(self.row(), row, says="Row 2")

    def test_a_reference_with_two_meanings(self):
        self.assertRefused(self.row(), self.row(amount=11), says="Row 2")
        self.Purchase.load_purchases([self.row()])
        self.assertRefused(self.row(amount=11), says="known with other values")
        self.assertRefused(self.row(date="2024-05-02"), says="A-1")

    def test_companies_have_their_own_references(self):
        other = self.make_company()
        self.Purchase.load_purchases([self.row()])
        result = self.Purchase.with_company(other).load_purchases([self.row()])
        self.assertEqual(result["created"], 1)
        loaded = self.Purchase.search([("company_id", "=", other.id)])
        self.assertEqual(loaded.currency_id, other.currency_id)

    def test_customer_of_another_company(self):
        self.customer.company_id = self.make_company()
        with self.assertRaises(UserError):
            self.Purchase.load_purchases([self.row()])

    def test_only_managers_load(self):
        for kind in ("none", "user", "lead", "auditor"):
            user = self.make_user(kind, login=f"loader_{kind}")
            with self.subTest(kind), self.assertRaises(AccessError):
                self.Purchase.with_user(user).load_purchases([self.row()])
        manager = self.make_user("manager", login="loader_manager")
        self.assertEqual(
            self.Purchase.with_user(manager).load_purchases([self.row()])["created"], 1
        )


@tagged("post_install", "-at_install")
class TestImport(PurchaseCommon):
    """Odoo's own import: file columns as text."""

    FIELDS = ["partner_id/.id", "date", "amount", "reference", "currency_id/id"]

    def load(self, *rows, columns=None):
        before = self.Purchase.search_count([])
        with mute_logger("odoo.sql_db"):
            result = self.Purchase.load(columns or self.FIELDS, list(rows))
        self.env.invalidate_all()
        return result, self.Purchase.search_count([]) - before

    def line(self, **values):
        values = {
            "partner": str(self.customer.id),
            "date": "2024-05-01",
            "amount": "10",
            "reference": "A-1",
            "currency": "base.USD",
        } | values
        return list(values.values())

    def assertRefused(self, *lines, **options):
        result, created = self.load(*lines, **options)
        self.assertFalse(result["ids"])
        self.assertEqual(created, 0)
        for message in result["messages"]:
            self.assertOneSentence(message["message"])
        self.assertTrue(result["messages"])
        return result["messages"]

    def test_takes_in_what_is_right(self):
        result, created = self.load(
            self.line(), self.line(reference="A-2", amount="-5")
        )
        self.assertEqual((len(result["ids"]), created), (2, 2))

    def test_wrong_values_are_refused_and_nothing_stays(self):
        for name, values in {
            "unknown customer": {"partner": "999999999"},
            "unknown currency": {"currency": "base.XXX"},
            "not a number": {"amount": "nan"},
            "huge": {"amount": "1e308"},
            "endless": {"amount": "inf"},
            "too great": {"amount": "1000000000000"},
            "amount in words": {"amount": "ten"},
            "formula as amount": {"amount": "=1+1"},
            "impossible day": {"date": "2024-02-30"},
            "future": {"date": "2999-01-01"},
            "no day": {"date": ""},
            "no reference": {"reference": ""},
            "blank reference": {"reference": "   "},
            "NUL in reference": {"reference": "A\x001"},
        }.items():
            with self.subTest(name):
                self.assertRefused(
                    self.line(), self.line(**{"reference": "A-2"} | values)
                )

    def test_unknown_names(self):
        columns = ["partner_id", "date", "amount", "reference"]
        good = [self.customer.name, "2024-05-01", "10", "A-1"]
        _result, created = self.load(good, columns=columns)
        self.assertEqual(created, 1)
        bad = ["Nobody of This Name", "2024-05-01", "10", "A-2"]
        message, *_others = self.assertRefused(bad, columns=columns)
        self.assertIn("Nobody of This Name", message["message"])

    def test_duplicate_references(self):
        self.assertRefused(self.line(), self.line())
        self.load(self.line())
        messages = self.assertRefused(self.line(reference="A-2"), self.line())
        self.assertIn("loaded before", messages[0]["message"])

    def test_strange_but_harmless_texts_are_kept_as_they_are(self):
        for text in (HTML, FORMULA, RTL):
            _result, created = self.load(self.line(reference=text))
            self.assertEqual(created, 1)
            self.assertTrue(self.Purchase.search([("reference", "=", text)]))


@tagged("post_install", "-at_install")
class TestPurchaseRecord(PurchaseCommon):
    def test_the_database_refuses_what_slips_through(self):
        purchase = self.buy(self.customer, (1, 10))
        self.env.flush_all()
        for column, value in (("amount", "'NaN'"), ("amount", "1e12")):
            with (
                self.subTest(value),
                self.assertRaisesRegex(Exception, "amount_sane"),
                self.cr.savepoint(),
                mute_logger("odoo.sql_db"),
            ):
                self.cr.execute(
                    f"UPDATE retention_purchase SET {column} = {value} WHERE id = %s",
                    [purchase.id],
                )

    def test_wrong_amounts_by_hand(self):
        purchase = self.buy(self.customer, (1, 10))
        for amount in (float("nan"), float("inf"), 1e308, 1e12, None):
            with self.subTest(amount), self.assertRaises(ValidationError):
                purchase.amount = amount
            with self.subTest(amount), self.assertRaises(ValidationError):
                self.buy(self.customer, (1, amount))

    def test_amounts_follow_the_currency(self):
        self.setup_other_currency("KWD", rates=[("2024-01-01", 0.25)])
        dinar = self.env["res.currency"].search([("name", "=", "KWD")])
        purchase = self.buy(self.customer, (1, 1.2345), currency_id=dinar.id)
        self.assertEqual(purchase.amount_company, 4.94)
        yen = self.make_company(currency="JPY")
        purchase = self.buy(self.customer, (1, 1234.5), company=yen)
        self.assertEqual(purchase.amount_company, 1235)
