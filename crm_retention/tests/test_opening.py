"""Taking over balances: a dry run first, once, with equal totals."""

import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_points import PointsCommon


@tagged("post_install", "-at_install")
class TestOpening(PointsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.native = cls.env["loyalty.program"].create(
            {"name": "Old Cards", "program_type": "loyalty"}
        )
        cls.people = cls.make_customers(3)
        cls.cards = cls.env["loyalty.card"].create(
            [
                {
                    "program_id": cls.native.id,
                    "partner_id": partner.id,
                    "points": number,
                }
                for partner, number in zip(cls.people, (120, 30.7, 0), strict=True)
            ]
            + [{"program_id": cls.native.id, "points": 9}]
        )

    def take_over(self, **values):
        wizard = self.env["retention.opening.wizard"].create(
            {
                "program_id": self.points.id,
                "loyalty_program_id": self.native.id,
                **values,
            }
        )
        wizard.action_check()
        return wizard

    def from_file(self, text, **values):
        file = base64.b64encode(text.encode())
        return self.take_over(source="file", file=file, **values)

    def points_of(self, *partners):
        return [self.account_of(partner).available for partner in partners]

    def test_from_loyalty_cards(self):
        wizard = self.take_over()
        self.assertFalse(self.Entry.search([("kind", "=", "opening")]))
        self.assertEqual((wizard.count_ready, wizard.count_wrong), (2, 1))
        self.assertEqual((wizard.total_source, wizard.total_ready), (159.7, 150))
        self.assertEqual(wizard.line_ids.filtered("problem").number, 9)
        wizard.action_apply()
        self.assertEqual((wizard.state, wizard.total_posted), ("done", 150))
        self.assertEqual(self.points_of(*self.people), [120, 30, 0])
        self.assertEqual(self.cards.mapped("points"), [0, 0, 0, 9])
        self.assertEqual(self.cards[0].history_ids.used, 120)
        entry = self.account_of(self.people[0]).entry_ids
        self.assertEqual(
            entry.key, f"{self.points.id}:opening:loyalty.card:{entry.res_id}"
        )
        self.assertEqual((entry.kind, entry.res_model), ("opening", "loyalty.card"))

    def test_twice_adds_nothing(self):
        self.take_over(empties_cards=False).action_apply()
        wizard = self.take_over(empties_cards=False)
        self.assertEqual((wizard.count_ready, wizard.count_known), (0, 2))
        with self.assertRaises(UserError):
            wizard.action_apply()
        self.cards[0].points = 500
        wizard = self.take_over()
        self.assertEqual((wizard.count_ready, wizard.count_wrong), (0, 2))
        self.assertEqual(self.points_of(*self.people), [120, 30, 0])

    def test_card_used_after_the_dry_run(self):
        wizard = self.take_over()
        self.cards[0].points = 20
        with self.assertRaisesRegex(UserError, "meanwhile"), self.cr.savepoint():
            wizard.action_apply()
        self.account_of(self.people[0]).invalidate_recordset()
        self.assertEqual(self.points_of(*self.people), [0, 0, 0])

    def test_from_a_file(self):
        one, two, three = self.people
        one.email, two.ref = "One <ONE@example.com>", "C-2"
        self.make_customers(2, ref="DOUBLE")
        text = f"""Customer;Points;Expires;Card
one@example.com;100;31.12.2099;A
C-2;50,5;;B
{three.id};7;2020-01-01;C
nobody@example.com;5;;D
DOUBLE;5;;E
C-2;many;;F
C-2;3;soon;G
C-2;4;;H
C-2;4;;H
"""
        wizard = self.from_file(text, source_name="shop")
        self.assertEqual((wizard.count_ready, wizard.total_ready), (2, 150))
        self.assertEqual(
            wizard.line_ids.sorted("id").filtered("problem").mapped("problem"),
            [
                "Expired already",
                "No such customer",
                "Several customers",
                "Not a number",
                "Not a date",
                "More than once in the file",
                "More than once in the file",
            ],
        )
        wizard.action_apply()
        self.assertEqual(self.points_of(one, two), [100, 50])
        entry = self.account_of(one).entry_ids
        self.assertEqual(entry.key, f"{self.points.id}:opening:shop:A")
        self.assertEqual(entry.award_ids.expires_on.year, 2099)
        again = self.from_file(text, source_name="shop")
        self.assertEqual((again.count_ready, again.count_known), (0, 2))

    def test_another_worth(self):
        one = self.people[0]
        one.ref = "ONE"
        self.from_file("ref,balance\nONE,10.99\n", factor=2).action_apply()
        self.assertEqual(self.points_of(one), [21])

    def test_what_is_no_table(self):
        for text in ("", "name,age\nAnna,5", "a"):
            with self.subTest(text), self.assertRaises(UserError):
                self.from_file(text)
        with self.assertRaises(UserError):
            self.take_over(source="file", file=base64.b64encode(b"\xff\xfe\x00"))
        for factor in (0, -1, 1e300):
            with self.subTest(factor), self.assertRaises(UserError):
                self.take_over(factor=factor)

    def test_only_who_sets_the_rules(self):
        for kind in ("user", "auditor", "none"):
            user = self.make_user(kind)
            with self.subTest(kind), self.assertRaises(AccessError):
                self.env["retention.opening.wizard"].with_user(user).create(
                    {"program_id": self.points.id}
                ).action_check()
        wizard = self.env["retention.opening.wizard"].with_user(
            self.make_user("manager")
        )
        wizard = wizard.create(
            {"program_id": self.points.id, "loyalty_program_id": self.native.id}
        )
        wizard.action_check()
        wizard.action_apply()
        self.assertEqual(self.points_of(self.people[0]), [120])
