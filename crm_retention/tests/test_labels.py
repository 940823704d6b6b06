"""Tags that rules set and take away, and those of people, which stay."""

from datetime import date, timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TODAY, RetentionCommon

JULY, AUGUST = date(2024, 7, 1), date(2024, 8, 2)


@tagged("post_install", "-at_install")
class TestLabels(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.History = cls.env["retention.label.history"]
        cls.tag, cls.other_tag = cls.env["res.partner.category"].create(
            [{"name": "Big"}, {"name": "Bigger"}]
        )
        cls.small, cls.big, cls.tagged_by_hand = cls.make_customers(3)
        cls.tagged_by_hand.category_id = cls.tag
        cls.rule = cls.make_rule(cls.tag, 100)
        cls.buy(cls.small, (9, 50))
        cls.buy(cls.big, (9, 500))
        cls.buy(cls.tagged_by_hand, (9, 700))
        cls.run_pass(steps=("score", "place", "stage"))

    @classmethod
    def make_rule(cls, tag, amount, **values):
        return cls.env["retention.label.rule"].create(
            {
                "name": f"From {amount}",
                "category_id": tag.id,
                "domain": f"[('lifetime_revenue', '>=', {amount})]",
                **values,
            }
        )

    def carriers(self, tag=None):
        self.env.invalidate_all()
        tag = tag or self.tag
        return self.env["res.partner"].search([("category_id", "=", tag.id)])

    def earn(self, customer, amount):
        self.buy(customer, (1, amount))
        self.Profile._score_customers(self.company, customer.ids, TODAY)

    def rows(self, customer):
        return self.History.search([("partner_id", "=", customer.id)], order="id")

    # ---- by month ----------------------------------------------------------------

    def test_set_monthly_and_taken_away_again(self):
        self.run_pass("night", steps=("predict",))
        self.assertEqual(self.carriers(), self.big | self.tagged_by_hand)
        self.earn(self.small, 400)
        self.earn(self.big, -450)
        self.run_pass("night", TODAY + timedelta(days=5), steps=("predict",))
        self.assertEqual(self.carriers(), self.big | self.tagged_by_hand)
        self.run_pass("night", JULY, steps=("predict",))
        self.assertEqual(self.carriers(), self.small | self.tagged_by_hand)
        self.assertRecordValues(
            self.rows(self.big),
            [{"date_from": TODAY, "date_to": JULY, "end_cause": "fits"}],
        )
        self.assertEqual(self.rows(self.small).date_to, False)
        self.assertEqual(self.rule.applied_on, JULY)

    def test_a_changed_rule_in_the_next_night(self):
        self.rule._apply(TODAY)
        self.rule.domain = "[('lifetime_revenue', '<', 100)]"
        self.run_pass("light", steps=("predict",))
        self.assertIn(self.big, self.carriers())
        self.run_pass("night", steps=("predict",))
        self.assertEqual(self.carriers(), self.small | self.tagged_by_hand)

    def test_twice_is_once(self):
        self.assertEqual(self.rule._apply(TODAY), 1)
        self.assertEqual(self.rule._apply(TODAY), 0)
        self.assertEqual(len(self.rows(self.big)), 1)

    # ---- people's own tags -------------------------------------------------------

    def test_a_persons_tag_stays(self):
        self.rule._apply(TODAY)
        self.assertFalse(self.rows(self.tagged_by_hand))
        self.earn(self.tagged_by_hand, -690)
        self.rule._apply(JULY)
        self.assertIn(self.tagged_by_hand, self.carriers())
        self.rule.active = False
        self.assertEqual(self.carriers(), self.tagged_by_hand)

    def test_what_a_person_took_away_does_not_come_back(self):
        self.rule._apply(TODAY)
        self.big.category_id = False
        self.assertEqual(self.rule._apply(JULY), 0)
        self.assertNotIn(self.big, self.carriers())
        [row] = self.rows(self.big)
        self.assertEqual((row.end_cause, row.is_refused), ("person", True))
        self.rule._apply(AUGUST)
        self.assertNotIn(self.big, self.carriers())
        # until the customer stopped fitting once
        self.earn(self.big, -450)
        self.rule._apply(AUGUST)
        self.earn(self.big, 450)
        self.rule._apply(AUGUST)
        self.assertIn(self.big, self.carriers())

    def test_uninstalling_leaves_only_what_people_tagged(self):
        self.rule._apply(TODAY)
        self.env["retention.label.rule"]._take_back_all()
        self.assertEqual(self.carriers(), self.tagged_by_hand)

    def test_other_tags_of_a_customer_stay(self):
        self.big.category_id = self.other_tag
        self.rule._apply(TODAY)
        self.earn(self.big, -450)
        self.rule._apply(JULY)
        self.assertEqual(self.big.category_id, self.other_tag)

    # ---- several rules -----------------------------------------------------------

    def test_two_rules_with_one_tag(self):
        second = self.make_rule(self.tag, 10)
        self.rule._apply(TODAY)
        second._apply(TODAY)
        both = self.small | self.big | self.tagged_by_hand
        self.assertEqual(self.carriers(), both)
        self.rule.active = False
        self.assertEqual(self.carriers(), both)
        second.unlink()
        self.assertEqual(self.carriers(), self.tagged_by_hand)
        self.assertEqual(self.rows(self.small).end_cause, "rule")

    def test_another_tag(self):
        self.rule._apply(TODAY)
        self.rule.category_id = self.other_tag
        self.assertEqual(self.carriers(), self.tagged_by_hand)
        self.rule._apply(TODAY)
        self.assertEqual(self.carriers(self.other_tag), self.big | self.tagged_by_hand)

    def test_one_bad_rule_does_not_stop_the_others(self):
        bad = self.make_rule(self.other_tag, 1, sequence=1)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE retention_label_rule SET domain = %s WHERE id = %s",
            ["[('no_such_field', '=', 1)]", bad.id],
        )
        self.env.invalidate_all()
        with mute_logger(
            "odoo.addons.crm_retention.models.running.retention_run", "odoo.sql_db"
        ):
            [run] = self.run_pass("night", steps=("predict",))
        self.assertEqual(run.errors, 1)
        self.assertIn(self.big, self.carriers())

    def test_refused_conditions(self):
        for domain in (
            "[('no_such_field', '=', 1)]",
            "env.user",
            "[('id', '=', __import__('os'))]",
            "nonsense",
        ):
            with self.subTest(domain), self.assertRaises(ValidationError):
                with self.cr.savepoint():
                    self.rule.domain = domain
        self.assertEqual(self.rule.domain, "[('lifetime_revenue', '>=', 100)]")

    # ---- companies, contacts -----------------------------------------------------

    def test_two_companies(self):
        other = self.make_company()
        theirs = self.make_rule(self.tag, 100, company_id=other.id)
        self.buy(self.small, (9, 5_000), company=other)
        self.run_pass(steps=("score",), company=other)
        theirs._apply(TODAY)
        self.assertEqual(self.carriers(), self.small | self.tagged_by_hand)
        self.rule._apply(TODAY)
        self.assertEqual(self.carriers(), self.small | self.big | self.tagged_by_hand)
        theirs.active = False
        self.assertEqual(self.carriers(), self.big | self.tagged_by_hand)
        self.assertTrue(
            self.env["retention.label.rule"]
            .with_context(active_test=False)
            .search([("company_id", "=", other.id), ("active", "=", False)])
        )

    def test_merged_contacts(self):
        self.earn(self.small, 900)
        self.rule._apply(TODAY)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.small.id, self.big.id], self.big)
        open_rows = self.rows(self.big).filtered("is_open")
        self.assertEqual(len(open_rows), 1)
        self.assertIn(self.big, self.carriers())
        self.earn(self.big, -1_400)
        self.rule._apply(JULY)
        self.assertNotIn(self.big, self.carriers())

    def test_merged_into_who_was_tagged_by_hand(self):
        self.rule._apply(TODAY)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([self.big.id, self.tagged_by_hand.id], self.tagged_by_hand)
        self.assertFalse(self.rows(self.tagged_by_hand).filtered("is_open"))
        self.earn(self.tagged_by_hand, -1_190)
        self.rule._apply(JULY)
        self.assertIn(self.tagged_by_hand, self.carriers())

    def test_who_is_no_customer_any_more(self):
        self.rule._apply(TODAY)
        self.big.write({"parent_id": self.small.id, "is_company": False})
        self.assertNotIn(self.big, self.carriers())
        self.assertEqual(self.rows(self.big).end_cause, "entity")

    def test_who_wishes_not_to_be_profiled(self):
        self.rule._apply(TODAY)
        self.big.retention_no_profiling = True
        self.assertEqual(self.carriers(), self.tagged_by_hand)
        self.assertEqual(self.rows(self.big).end_cause, "private")
        self.rule._apply(JULY)
        self.assertEqual(self.carriers(), self.tagged_by_hand)

    def test_deleted_contact_and_kept_history(self):
        self.rule._apply(TODAY)
        with self.assertRaises(UserError):
            self.rows(self.big).unlink()
        stranger = self.make_customers(1)
        self.Profile.create(
            {
                "partner_id": stranger.id,
                "company_id": self.company.id,
                "lifetime_revenue": 999,
            }
        )
        self.rule._apply(TODAY)
        self.assertTrue(self.rows(stranger))
        stranger.unlink()
        self.assertFalse(stranger.exists())

    def test_programs_that_ask_for_the_tag(self):
        self.marked()
        self.rule._apply(TODAY)
        self.assertFalse(self.marked())
        self.rule.active = False
        self.program.domain = f"[('category_id', 'not in', {self.tag.ids})]"
        self.marked()
        self.rule.active = True
        self.rule._apply(TODAY)
        self.assertEqual(self.marked(), self.big)

    # ---- set-wise, counted -------------------------------------------------------

    def test_as_many_statements_for_many(self):
        def count():
            self.env.invalidate_all()
            self.rule.mapped("name")
            before = self.cr.sql_log_count
            self.rule._apply(TODAY)
            return self.cr.sql_log_count - before

        few = count()
        more = self.make_customers(50)
        self.Profile.create(
            [
                {
                    "partner_id": each.id,
                    "company_id": self.company.id,
                    "lifetime_revenue": 999,
                }
                for each in more
            ]
        )
        self.assertLessEqual(count(), few + 2)
        self.assertTrue(more <= self.carriers())

    def test_screen(self):
        self.rule._apply(TODAY)
        self.assertEqual((self.rule.fit_count, self.rule.label_count), (2, 1))
        shown = self.rule.action_view_fitting()
        self.assertEqual(
            self.Profile.search(shown["domain"]).partner_id,
            self.big | self.tagged_by_hand,
        )
        profile = self.profile_of(self.big)
        self.assertEqual(profile.category_ids, self.tag)
        self.assertEqual(profile.label_history_ids, self.rows(self.big))
        manager = self.make_user("manager")
        message = self.rule.with_user(manager).action_apply()["params"]["message"]
        self.assertIn("0", message)
