"""Privacy: the wish not to be profiled, forgetting people, what is kept how long."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import SQL

from .common import RetentionCommon

SECRET = ("Quentin Zwiebelmann", "quentin@zwiebel.example", "+32470112233")


class PrivacyCommon(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.others = cls.make_customers(6)
        for number, each in enumerate(cls.others, 1):
            cls.buy(each, (10 * number, 100 * number), (200, 50))
        name, mail, phone = SECRET
        cls.belgium = cls.env.ref("base.be")
        cls.quentin = cls.env["res.partner"].create(
            {
                "name": name,
                "email": mail,
                "phone": phone,
                "country_id": cls.belgium.id,
                "comment": f"Ask for {name}",
            }
        )
        cls.buy(cls.quentin, (10, 500), (40, 300))
        cls.run_pass()

    def judged(self, partner):
        profile = self.profile_of(partner)
        return (
            profile.recency_score,
            profile.segment_id.id,
            profile.earned_tier_id.id,
            profile.tier_id.id,
            profile.stage_id.id,
        )


@tagged("post_install", "-at_install")
class TestNoProfiling(PrivacyCommon):
    def test_at_once_and_back(self):
        before = self.judged(self.quentin)
        self.assertTrue(all(before))
        self.quentin.retention_no_profiling = True
        self.assertFalse(any(self.judged(self.quentin)))
        profile = self.profile_of(self.quentin)
        self.assertEqual(profile.purchase_count, 2)  # facts are not judgements
        self.assertFalse(
            self.history_of(self.quentin).filtered(lambda r: not r.date_to)
        )
        self.quentin.retention_no_profiling = False
        self.assertTrue(all(self.judged(self.quentin)))

    def test_neither_health_nor_forecast_nor_label(self):
        profile = self.profile_of(self.quentin)
        self.assertTrue(profile.health_on)
        self.assertTrue(profile.behavior)
        tag = self.env["res.partner.category"].create({"name": "Buyer"})
        rule = self.env["retention.label.rule"].create(
            {
                "name": "Buyers",
                "category_id": tag.id,
                "domain": "[('purchase_count', '>', 0)]",
            }
        )
        rule.action_apply()
        self.assertIn(tag, self.quentin.category_id)
        self.quentin.retention_no_profiling = True
        self.assertNotIn(tag, self.quentin.category_id)
        rule.action_apply()
        self.assertNotIn(tag, self.quentin.category_id)
        self.assertIn(tag, self.others[0].category_id)
        self.run_pass()
        columns = ("health", "health_on", "year_value", "quiet_risk")
        [row] = [
            row
            for row in self.rows_of("retention_profile", columns)
            if row[0] == self.quentin.id
        ]
        self.assertEqual(row[1:], (None,) * 4)
        self.assertFalse(profile.behavior)
        self.assertNotIn(
            profile, self.Profile.search([("behavior", "in", ["regular", "lost"])])
        )
        self.assertIn(profile, self.Profile.search([("behavior", "=", False)]))
        for model in ("retention.health.history", "retention.alert"):
            rows = self.env[model].search([("partner_id", "=", self.quentin.id)])
            self.assertFalse(rows, model)

    def test_stays_out_of_every_pass(self):
        self.quentin.retention_no_profiling = True
        self.buy(self.quentin, (0, 9_000))
        for kind in ("light", "night", "full"):
            self.run_pass(kind)
            self.assertFalse(any(self.judged(self.quentin)), kind)
        self.Profile._refresh_contacts(self.company, self.quentin.ids)
        self.assertFalse(self.profile_of(self.quentin).engagement)

    def test_nobody_is_compared_with_them(self):
        rows = self.rows_of("retention_profile", ("monetary_score",))
        self.quentin.retention_no_profiling = True
        self.env["retention.program"].search([]).refreshed_on = False
        self.run_pass()
        self.assertEqual(self.program.compared_count, len(self.others))
        self.assertTrue(rows)

    def test_many_are_marked(self):
        many = self.make_customers(101)
        self.marked()
        many.retention_no_profiling = True
        self.assertEqual(self.marked(), many)

    def test_recorded_by_staff(self):
        self.quentin.user_id = self.make_user("user")
        profile = self.profile_of(self.quentin).with_user(self.quentin.user_id)
        wizard = self.env["retention.consent.wizard"].with_user(self.quentin.user_id)
        wizard.create({"profile_id": profile.id, "word": "private"}).action_apply()
        self.assertTrue(self.quentin.retention_no_profiling)
        self.assertIn("not to be profiled", self.quentin.message_ids[0].body)

    def test_a_merge_keeps_the_wish(self):
        twin = self.make_customers(1, email=SECRET[1], retention_no_profiling=True)
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        merge._merge((twin | self.quentin).ids, self.quentin)
        self.assertTrue(self.quentin.retention_no_profiling)
        self.assertFalse(any(self.judged(self.quentin)))


@tagged("post_install", "-at_install")
class TestAnonymise(PrivacyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        name, mail, _phone = SECRET
        cls.child = cls.make_customers(1, parent_id=cls.quentin.id, email=f"a.{mail}")
        cls.portal = cls.make_user("portal", partner_id=cls.child.id, login=f"a.{mail}")
        cls.child.email = f"a.{mail}"
        cls.env["retention.touch"].log_contact(
            {"partner_id": cls.quentin.id, "note": f"{name} called"}
        )
        cls.ticket = cls.env["helpdesk.ticket"].create(
            {
                "name": f"{name} is angry",
                "description": f"Write to {mail}",
                "partner_id": cls.quentin.id,
                "partner_name": name,
                "partner_email": mail,
            }
        )
        cls.env["crm.lead"].create({"name": name, "partner_id": cls.quentin.id})
        cls.quentin.message_post(body=f"Dear {name}")
        cls.ticket.activity_schedule(
            "mail.mail_activity_data_todo", note=f"Call {name}"
        )
        values = {"partner_id": cls.quentin.id, "company_id": cls.company.id}
        cls.env["retention.consent"].create(
            values | {"state": "refused", "proof": f"Mail of {mail}"}
        )
        cls.env["retention.wish"].create(values | {"most_a_month": 1, "reason": name})
        cls.env["retention.feedback"].create(
            values | {"kind": "nps", "key": "x", "comment": f"I am {name}"}
        )
        program = cls.env["retention.points.program"].create(
            {"name": "Stars", "company_id": cls.company.id}
        )
        cls.env["retention.points.account"]._post_rows(
            program,
            [
                {
                    "kind": "adjust",
                    "points": 70,
                    "reason": f"Sorry, {name}",
                    "key": "a",
                    "partner_id": cls.quentin.id,
                }
            ],
        )
        cls.invoiced = cls.invoice(cls.quentin, 3, 100)
        cls.env["mail.blacklist"].create({"email": mail})
        cls.manager = cls.make_user("manager", groups="base.group_partner_manager")

    def forget(self, user=None, **values):
        wizard = self.env["retention.anonymise.wizard"].with_user(user or self.manager)
        values = {
            "partner_ids": [Command.set(self.quentin.ids)],
            "is_sure": True,
        } | values
        return wizard.create(values).action_apply()

    def settle(self):
        self.invoiced.button_cancel()

    def found(self, *tables):
        """Return the tables in which a name, an address or a number is left."""
        self.env.flush_all()
        left = set()
        for table in tables:
            self.cr.execute(
                SQL(
                    "SELECT count(*) FROM %s t WHERE t::text ~* %s",
                    SQL.identifier(table),
                    "zwiebel|470112233|470 11 22 33",
                )
            )
            if self.cr.fetchone()[0]:
                left.add(table)
        return left

    def our_tables(self):
        return {
            model._table
            for name, model in self.env.registry.items()
            if name.startswith("retention.")
            and model._auto
            and not model._abstract
            and not model._transient
        }

    def test_people_go_and_numbers_stay(self):
        others = {"res_partner", "res_users", "helpdesk_ticket", "crm_lead"}
        others |= {"mail_message", "mail_blacklist", "account_move", "mail_activity"}
        self.assertTrue(self.found(*self.our_tables()))
        self.assertEqual(self.found(*others), others)
        self.settle()
        account = self.env["retention.points.account"].search(
            [("partner_id", "=", self.quentin.id)]
        )
        revenue = self.profile_of(self.quentin).lifetime_revenue
        self.forget()
        self.assertFalse(self.found(*self.our_tables()))
        self.assertFalse(self.found(*others))
        self.assertEqual(account.balance, 70)
        self.assertEqual(account.entry_ids.points, 70)
        self.assertEqual(self.profile_of(self.quentin).lifetime_revenue, revenue)
        self.assertFalse(self.quentin.active or self.portal.active)
        self.assertEqual(self.quentin.country_id, self.belgium)
        self.assertFalse(any(self.judged(self.quentin)))
        log = self.env["privacy.log"].search([], limit=1)
        self.assertEqual(log.user_id, self.manager)
        self.assertNotIn("Zwiebel", log.anonymized_name)

    def test_suppression_stays(self):
        self.settle()
        self.forget(never_write=False)
        listed = self.env["mail.blacklist"].search([("email", "=", SECRET[1])])
        self.assertFalse(listed)
        for model in ("res.partner", "mailing.contact"):
            again = self.env[model].create(
                {"name": "Q", "email": f" {SECRET[1].upper()}"}
            )
            self.assertTrue(again.is_blacklisted, model)
            again.unlink()
            self.env["mail.blacklist"].search([("email", "=", SECRET[1])]).unlink()
        # who is allowed again by a person stays so
        again = self.env["res.partner"].create({"name": "Q", "email": SECRET[1]})
        self.env["mail.blacklist"]._remove(SECRET[1])
        again.email = SECRET[1]
        again.invalidate_recordset()
        self.assertFalse(again.is_blacklisted)
        # nothing was refused for the other address
        child = self.env["res.partner"].create({"name": "A", "email": f"a.{SECRET[1]}"})
        self.assertFalse(child.is_blacklisted)

    def test_never_write_again(self):
        self.settle()
        self.forget()
        lead = self.env["crm.lead"].create(
            {"name": "Form", "email_from": f"a.{SECRET[1]}", "phone": SECRET[2]}
        )
        lead.invalidate_recordset()
        self.assertTrue(lead.is_blacklisted)
        self.assertTrue(
            self.env["phone.blacklist"].search([("number", "=", SECRET[2])])
        )

    def test_refused(self):
        with self.assertRaisesRegex(UserError, "not settled"):
            self.forget()
        self.settle()
        with self.assertRaisesRegex(UserError, "cannot be undone"):
            self.forget(is_sure=False)
        with self.assertRaises(AccessError):
            self.forget(self.make_user("lead"))
        with self.assertRaisesRegex(UserError, "colleague"):
            self.forget(partner_ids=[Command.set(self.manager.partner_id.ids)])
        self.assertEqual(self.quentin.name, SECRET[0])

    def test_the_dialog_says_what_is_open(self):
        form = Form(
            self.env["retention.anonymise.wizard"].with_context(
                active_model="retention.profile",
                active_ids=self.profile_of(self.quentin).ids,
            )
        )
        self.assertEqual(form.person_count, 2)
        self.assertIn("1 invoices not settled", form.open_text)


@tagged("post_install", "-at_install")
class TestLookup(PrivacyCommon):
    def test_odoo_finds_our_records(self):
        self.run_pass()
        wizard = self.env["privacy.lookup.wizard"].create(
            {"name": SECRET[0], "email": SECRET[1]}
        )
        wizard.action_lookup()
        models = set(wizard.line_ids.mapped("res_model"))
        for model in ("profile", "membership", "purchase", "stage.history"):
            self.assertIn(f"retention.{model}", models)


@tagged("post_install", "-at_install")
class TestKeeping(PrivacyCommon):
    def test_exports_are_noted(self):
        manager = self.make_user("manager", groups="base.group_allow_export")
        profiles = self.Profile.search([]).with_user(manager)
        profiles.export_data(["partner_id", "lifetime_revenue"])
        row = self.env["retention.access.log"].search([], limit=1)
        self.assertRecordValues(
            row,
            [
                {
                    "user_id": manager.id,
                    "model_name": "retention.profile",
                    "record_count": len(profiles),
                    "field_names": "partner_id, lifetime_revenue",
                }
            ],
        )

    def test_what_is_old_is_forgotten(self):
        now = fields.Datetime.now()
        old, new = now - timedelta(days=800), now - timedelta(days=20)
        events = self.env["retention.event"].create(
            [
                {"partner_id": self.quentin.id, "reference": f"E{n}", "moment": moment}
                for n, moment in enumerate((old, new))
            ]
        )
        touches = self.env["retention.touch"]
        channel = self.env.ref("crm_retention.channel_phone")
        for moment in (old, new):
            touches |= touches.create(
                {
                    "partner_id": self.quentin.id,
                    "channel_id": channel.id,
                    "state": "done",
                    "done_at": moment,
                    "note": "Said something",
                }
            )
        self.env.flush_all()
        self.Run._gc_events()
        self.Run._gc_notes()
        self.assertEqual(events.exists(), events)  # 36 months; notes: for ever
        self.assertTrue(all(touches.mapped("note")))
        self.company.write({"retention_keep_events": 12, "retention_keep_notes": 12})
        self.assertEqual(self.Run._gc_events(), (1, False))
        self.assertEqual(self.Run._gc_notes(), (1, False))
        self.assertEqual(events.exists(), events[1])
        self.assertEqual(touches.mapped("note"), [False, "Said something"])

    def test_who_may_be_forgotten_is_proposed(self):
        found = [("is_forgettable", "=", True)]
        self.assertFalse(self.Profile.search(found))
        self.company.retention_forget_months = 12
        old = fields.Date.today() - timedelta(days=900)
        self.env.cr.execute("UPDATE res_partner SET create_date = %s", [old])
        self.env.invalidate_all()
        proposed = self.Profile.search(found)
        self.assertIn(self.profile_of(self.quentin), proposed)  # bought in 2024
        self.assertTrue(self.profile_of(self.quentin).is_forgettable)
        self.env["retention.touch"].log_contact({"partner_id": self.quentin.id})
        self.assertNotIn(self.profile_of(self.quentin), self.Profile.search(found))
