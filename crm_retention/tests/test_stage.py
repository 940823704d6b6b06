"""Lifecycle stages and engagement: judged, kept as history, shown."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.crm_retention.tools import lifecycle

from .common import TODAY, RetentionCommon

STAGE_COLUMNS = (
    "stage_id",
    "stage_since",
    "engagement",
    "last_contact",
    "last_answer",
    "stage_check_on",
)


class StageCommon(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.History = cls.env["retention.stage.history"]
        cls.phone = cls.env.ref("crm_retention.channel_phone")
        cls.stages = cls.env["retention.stage"]._get_by_code()

    @classmethod
    def touch(cls, partner, when, company=None, **values):
        """Log a contact that took place ``when`` (days before TODAY, or a moment)."""
        if not isinstance(when, datetime):
            when = datetime.combine(cls.day(when), datetime.min.time())
        return cls.env["retention.touch"].create(
            {
                "partner_id": partner.id,
                "company_id": (company or cls.company).id,
                "channel_id": cls.phone.id,
                "state": "done",
                "done_at": when,
                **values,
            }
        )

    @classmethod
    def stage_run(cls, kind="night", as_of=TODAY, company=None):
        """Run a pass and return its stage step."""
        runs = cls.run_pass(kind, as_of, company)
        return runs.filtered(lambda run: run.step == "stage")

    def stage_of(self, partner, company=None):
        return self.profile_of(partner, company).stage_id.code or None

    def lifecycle_of(self, partner, company=None):
        """Return (stage, from, to) of a customer, oldest first."""
        rows = self.History.search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", (company or self.company).id),
            ],
            order="date_from, id",
        )
        return [(row.stage_id.code, row.date_from, row.date_to or None) for row in rows]


@tagged("post_install", "-at_install")
class TestStages(StageCommon):
    def test_cases(self):
        """Interval 30 days: at risk after 45 days, dormant after 90, lost after 180."""
        cases = {
            "new": [10],
            "active": [70, 40, 10],
            "loyal": [160, 130, 100, 70, 40],
            "at_risk": [106, 76, 46],
            "dormant": [151, 121, 91],
            "lost": [241, 211, 181],
        }
        customers = self.make_customers(len(cases))
        for customer, days in zip(customers, cases.values(), strict=True):
            self.buy(customer, *((day, 100) for day in days))
        asked = self.make_customers(1)
        self.env["crm.lead"].create(
            {"name": "Asks", "partner_id": asked.id, "type": "opportunity"}
        )
        self.env.flush_all()
        today = self.company._retention_today()
        self.run_pass()
        found = [self.stage_of(customer) for customer in customers]
        self.assertEqual(found, list(cases))
        self.run_pass(as_of=today)
        self.assertEqual(self.stage_of(asked), "prospect")
        self.assertEqual(self.profile_of(asked).engagement, "active")

    def test_judged_by_the_usual_interval(self):
        """Two purchases make no rhythm: 60 days are taken, at risk after 90."""
        one, other = self.make_customers(2)
        self.buy(one, (100, 50), (91, 50))
        self.buy(other, (100, 50), (90, 50))
        self.run_pass()
        self.assertEqual(self.stage_of(one), "at_risk")
        self.assertEqual(self.stage_of(other), "active")

    def test_the_day_to_look_again_is_exact(self):
        customer = self.make_customers(1)
        self.buy(customer, (70, 100), (40, 100), (10, 100))
        day = TODAY
        self.run_pass()
        found = [self.stage_of(customer)]
        for _time in range(5):
            day = self.profile_of(customer).stage_check_on
            before = self.stage_run(as_of=day - timedelta(days=1))
            self.assertEqual(before.changed, 0)
            self.assertEqual(self.stage_run(as_of=day).changed, 1)
            found.append(self.stage_of(customer))
            if not self.profile_of(customer).stage_check_on:
                break
        # the second time the contact cools; it freezes on the day of being lost
        self.assertEqual(found, ["active", "active", "at_risk", "dormant", "lost"])
        last = self.day(10)
        self.assertEqual(
            self.lifecycle_of(customer),
            [
                ("active", TODAY, lifecycle.after(last, 45)),
                ("at_risk", lifecycle.after(last, 45), lifecycle.after(last, 90)),
                ("dormant", lifecycle.after(last, 90), lifecycle.after(last, 180)),
                ("lost", lifecycle.after(last, 180), None),
            ],
        )

    def test_won_back(self):
        back, never = self.make_customers(2)
        self.buy(back, (200, 100))
        self.buy(never, (200, 100))
        self.run_pass(as_of=self.day(10))
        self.assertEqual(self.stage_of(back), "dormant")
        self.buy(back, (5, 100))
        self.buy(never, (180, 100), (190, 100))  # of before: not noted in time
        self.stage_run(as_of=self.day(4))
        self.assertEqual(self.stage_of(back), "won_back")
        self.assertEqual(self.stage_of(never), "dormant")
        profile = self.profile_of(back)
        self.assertEqual(profile.stage_since, self.day(4))
        self.stage_run(as_of=self.day(4) + timedelta(days=91))
        self.assertEqual(self.stage_of(back), "at_risk")

    def test_late_news_win_nobody_back(self):
        customer = self.make_customers(1)
        self.buy(customer, (300, 100), (200, 100))
        self.run_pass()
        self.assertEqual(self.stage_of(customer), "dormant")
        self.buy(customer, (20, 100))  # bought before, and came to light today
        self.stage_run(as_of=TODAY + timedelta(days=1))
        self.assertEqual(self.stage_of(customer), "active")

    def test_who_neither_buys_nor_asks_any_more(self):
        customer = self.make_customers(1)
        purchase = self.buy(customer, (10, 100))
        self.run_pass()
        self.assertEqual(self.stage_of(customer), "new")
        purchase.unlink()
        self.stage_run("light")
        self.assertFalse(self.stage_of(customer))
        row = self.History.search([("partner_id", "=", customer.id)])
        self.assertEqual((row.date_to, row.end_cause), (TODAY, "nothing"))

    def test_engagement(self):
        customers = self.make_customers(4)
        for customer, days in zip(customers, (30, 31, 180, 181), strict=True):
            self.buy(customer, (days, 100))
        self.run_pass()
        found = [self.profile_of(customer).engagement for customer in customers]
        self.assertEqual(found, ["active", "warm", "warm", "frozen"])
        self.touch(customers[1], 20, outcome="answered")
        self.touch(customers[2], 20, direction="in")
        self.touch(customers[3], 20, outcome="reached")
        self.stage_run("light")
        found = [self.profile_of(customer).engagement for customer in customers]
        self.assertEqual(found, ["active", "active", "active", "frozen"])

    def test_behaviour_is_a_sign_of_life(self):
        customer = self.make_customers(1)
        self.buy(customer, (400, 100))
        self.run_pass()
        self.assertEqual(self.profile_of(customer).engagement, "frozen")
        self.env["retention.event"].create(
            {
                "partner_id": customer.id,
                "moment": f"{self.day(3)} 10:00:00",
                "reference": "E-1",
            }
        )
        self.stage_run("light")
        profile = self.profile_of(customer)
        self.assertEqual(profile.engagement, "active")
        self.assertEqual(profile.last_event, datetime(2024, 6, 12, 10))
        self.assertEqual(profile.last_answer.date(), self.day(400))


@tagged("post_install", "-at_install")
class TestStageStep(StageCommon):
    def make_some(self, count=12):
        customers = self.make_customers(count)
        for n, customer in enumerate(customers):
            self.buy(customer, (20 * n, 100), (20 * n + 30, 100), (20 * n + 60, 100))
        return customers

    def test_running_twice_changes_nothing(self):
        self.make_some()
        self.assertEqual(self.stage_run("full").changed, 12)
        before = self.rows_of("retention_profile", STAGE_COLUMNS + ("staged_at",))
        for kind in ("full", "night", "light", "full"):
            self.assertEqual(self.stage_run(kind).changed, 0, kind)
        after = self.rows_of("retention_profile", STAGE_COLUMNS + ("staged_at",))
        self.assertEqual(before, after)
        self.assertEqual(self.History.search_count([]), 12)

    def test_a_night_looks_only_at_whose_day_has_come(self):
        self.make_some()
        self.stage_run("full", TODAY)
        with patch.object(type(self.Run), "_get_last_start") as start:
            start.return_value = datetime(2099, 1, 1)
            run = self.stage_run(as_of=TODAY + timedelta(days=3))
        moved = self.Profile.search([("stage_since", ">", TODAY)])
        self.assertTrue(moved)
        self.assertLess(run.seen, 12)
        self.assertEqual(run.seen, run.changed)

    def test_batches_and_a_bad_row(self):
        customers = self.make_some()
        step = "odoo.addons.crm_retention.models.judgement.stage_step"
        decide = lifecycle.judge

        def sometimes(facts, *args):
            if facts.last == self.day(40):
                raise ZeroDivisionError("bad row")
            return decide(facts, *args)

        with (
            patch(f"{step}.BATCH", 5),
            patch(f"{step}.lifecycle.judge", sometimes),
            self.assertLogs("odoo.addons.crm_retention", "WARNING"),
        ):
            run = self.stage_run("full")
        self.assertEqual((run.seen, run.changed, run.errors), (12, 11, 1))
        self.assertFalse(self.stage_of(customers[2]))
        self.assertEqual(self.stage_run("full").changed, 1)

    def test_number_of_queries_does_not_grow(self):
        for stage in ("first", "moves"):
            with self.subTest(stage):
                self.make_some(4)
                few = self.count_queries(TODAY)
                self.make_some(40)
                many = self.count_queries(TODAY + timedelta(days=60))
                # partners and their messages are read and written in batches
                self.assertLess(many, few + 40)

    def count_queries(self, as_of):
        self.run_pass("full", as_of - timedelta(days=70))
        self.env["retention.profile"].flush_model()
        ids = self.Profile.search([]).partner_id.ids
        before = self.env.cr.sql_log_count
        self.Profile._stage_customers(self.company, ids, as_of)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_replay_builds_history(self):
        customer = self.make_customers(1)
        self.buy(customer, (400, 100), (50, 100))
        days = [self.day(n) for n in (390, 270, 150, 45)]
        self.Run._replay(self.company, days)
        self.env.invalidate_all()
        self.assertEqual(
            self.lifecycle_of(customer),
            [
                ("new", days[0], days[1]),
                ("at_risk", days[1], days[2]),
                ("dormant", days[2], days[3]),
                ("won_back", days[3], None),
            ],
        )
        notes = customer.message_ids.filtered(lambda note: "Lifecycle" in note.body)
        self.assertFalse(notes, "long ago is no news")

    def test_later_history_is_never_rewritten(self):
        customer = self.make_customers(1)
        self.buy(customer, (10, 100))
        self.run_pass()
        before = self.lifecycle_of(customer)
        self.run_pass(as_of=self.day(5))
        self.assertEqual(self.lifecycle_of(customer), before)
        self.assertEqual(self.stage_of(customer), "new")

    def test_notes(self):
        customer = self.make_customers(1)
        self.buy(customer, (10, 100))
        self.run_pass()
        self.assertNotIn("Lifecycle", " ".join(customer.message_ids.mapped("body")))
        self.stage_run(as_of=TODAY + timedelta(days=60))  # active: no news
        self.stage_run(as_of=TODAY + timedelta(days=85))  # at risk
        notes = [note for note in customer.message_ids.mapped("body") if "→" in note]
        self.assertEqual(notes, ["<p>Lifecycle: Active → At Risk.</p>"])

    def test_automation_sees_moves(self):
        customer = self.make_customers(1)
        self.buy(customer, (10, 100))
        self.run_pass()
        seen = []
        with patch.object(
            type(self.History), "_log_on_customers", lambda rows: seen.extend(rows)
        ):
            self.stage_run(as_of=TODAY + timedelta(days=85))
        self.assertEqual([row.stage_id.code for row in seen], ["at_risk"])
        self.assertEqual(seen[0].previous_stage_id.code, "new")

    def test_changed_threshold_judges_everybody(self):
        customers = self.make_some()
        self.stage_run("full")
        self.assertEqual(self.stage_of(customers[2]), "active")
        self.company.retention_risk_factor = 1.1
        self.assertEqual(self.stage_of(customers[2]), "active")
        with patch.object(type(self.Run), "_get_last_start") as start:
            start.return_value = datetime(2099, 1, 1)
            self.assertEqual(self.stage_run("night").seen, 12)
            self.assertEqual(self.stage_run("night").seen, 0)
        self.assertEqual(self.stage_of(customers[2]), "at_risk")

    def test_two_companies(self):
        other = self.make_company()
        other.write({"retention_revenue_source": "invoice", "retention_new_days": 5})
        customer = self.make_customers(1)
        self.buy(customer, (10, 100))
        self.buy(customer, (10, 100), company=other)
        self.touch(customer, 3)
        self.run_pass()
        self.run_pass(company=other)
        self.assertEqual(self.stage_of(customer), "new")
        self.assertEqual(self.stage_of(customer, other), "active")
        self.assertTrue(self.profile_of(customer).last_contact)
        self.assertFalse(self.profile_of(customer, other).last_contact)

    def test_recalculate_judges_the_stage(self):
        customer = self.make_customers(1)
        self.buy(customer, (10, 100))
        self.Profile._recalculate(customer, self.company, TODAY)
        self.assertEqual(self.stage_of(customer), "new")


@tagged("post_install", "-at_install")
class TestContacts(StageCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.make_customers(1)
        cls.buy(cls.customer, (10, 100))
        cls.run_pass()

    def test_a_logged_contact_shows_at_once(self):
        touch = self.touch(self.customer, 3)
        touch._contacts_changed()
        profile = self.profile_of(self.customer)
        self.assertEqual(profile.last_contact, touch.done_at)
        self.assertEqual(profile.last_answer.date(), self.day(10))
        self.assertEqual(self.stage_run("light").changed, 0, "as the run sees it")

    def test_an_undone_contact_is_gone_at_once(self):
        touch = self.touch(self.customer, 3, outcome="answered")
        touch._contacts_changed()
        touch.write({"state": "planned", "done_at": False, "outcome": False})
        touch._contacts_changed()
        profile = self.profile_of(self.customer)
        self.assertFalse(profile.last_contact)
        self.assertEqual(profile.last_answer.date(), self.day(10))

    def test_an_answer_warms_at_once(self):
        self.profile_of(self.customer).engagement = "frozen"
        now = datetime.now().replace(microsecond=0)
        self.touch(self.customer, now, outcome="answered")._contacts_changed()
        self.assertEqual(self.profile_of(self.customer).engagement, "active")

    def test_only_real_contacts(self):
        self.touch(self.customer, 4)
        self.touch(self.customer, 3, is_bulk=True)
        self.touch(self.customer, 2, outcome="not_reached")
        self.touch(self.customer, 1, state="planned", done_at=False)
        self.stage_run("light")
        profile = self.profile_of(self.customer)
        self.assertEqual(profile.last_contact.date(), self.day(4))

    def test_contact_of_nobody(self):
        stranger = self.make_customers(1)
        self.touch(stranger, 3)._contacts_changed()
        self.assertFalse(self.profile_of(stranger))

    def test_time_zones(self):
        """A contact at half past midnight there belongs to the next day there."""
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.stage_run("full")
        noon = self.profile_of(self.customer).last_answer
        self.assertEqual(noon, datetime(2024, 6, 5, 4), "noon of the purchase")
        self.touch(self.customer, datetime(2024, 6, 15, 16, 30))
        self.stage_run("full")
        self.assertFalse(self.profile_of(self.customer).last_contact)
        self.stage_run("full", TODAY + timedelta(days=1))
        self.assertTrue(self.profile_of(self.customer).last_contact)


@tagged("post_install", "-at_install")
class TestStageScreens(StageCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.make_user("user", groups="base.group_partner_manager")
        cls.manager = cls.make_user("manager", groups="base.group_partner_manager")
        cls.auditor = cls.make_user("auditor")
        cls.nobody = cls.make_user("none")
        cls.mine, cls.other = cls.make_customers(2)
        cls.mine.user_id = cls.user
        cls.other.user_id = cls.manager
        cls.buy(cls.mine, (10, 100))
        cls.buy(cls.other, (100, 100))
        cls.run_pass()

    def found_by(self, user, domain):
        partners = self.env["res.partner"].with_user(user)
        both = [("id", "in", (self.mine | self.other).ids)]
        return partners.search(both + domain).with_env(self.env)

    def test_contacts_are_found_and_grouped_by_stage(self):
        new = [("retention_stage_id.code", "=", "new")]
        risk = [("retention_stage_id", "=", self.stages["at_risk"].id)]
        none = [("retention_stage_id", "=", False)]
        self.assertEqual(self.found_by(self.user, new), self.mine)
        self.assertFalse(self.found_by(self.user, risk))
        self.assertEqual(self.found_by(self.user, none), self.other)
        self.assertEqual(self.found_by(self.manager, risk), self.other)
        groups = (
            self.env["res.partner"]
            .with_user(self.manager)
            ._read_group(
                [("id", "in", (self.mine | self.other).ids)],
                ["retention_stage_id"],
                ["__count"],
            )
        )
        self.assertEqual(
            [(stage.code, count) for stage, count in groups],
            [("new", 1), ("at_risk", 1)],
        )
        self.assertEqual(self.mine.with_user(self.user).retention_stage_id.code, "new")
        self.assertFalse(self.other.with_user(self.user).retention_stage_id)

    def test_rights(self):
        rows = self.History.search([("partner_id", "in", (self.mine | self.other).ids)])
        self.assertEqual(len(rows), 2)
        seen = {
            user: self.History.with_user(user)
            .search([("id", "in", rows.ids)])
            .partner_id.with_env(self.env)
            for user in (self.user, self.manager, self.auditor)
        }
        self.assertEqual(seen[self.user], self.mine)
        self.assertEqual(seen[self.manager], self.mine | self.other)
        self.assertEqual(seen[self.auditor], self.mine | self.other)
        with self.assertRaises(AccessError):
            self.History.with_user(self.nobody).search([])
        for user in (self.user, self.manager, self.auditor):
            with self.assertRaises(AccessError):
                rows[0].with_user(user).write({"reason": "Another"})
        with self.assertRaises(UserError):
            rows.unlink()
        with self.assertRaises(UserError):
            self.stages["new"].unlink()

    def test_reason_in_the_readers_language(self):
        profile = self.profile_of(self.other)
        self.assertIn("no own rhythm yet, 60 days are taken", profile.stage_reason)
        self.assertIn("03/07/2024", profile.stage_reason)
        self.env["res.lang"]._activate_lang("fr_FR")
        self.assertIn("07/03/2024", profile.with_context(lang="fr_FR").stage_reason)

    def test_history_in_the_companys_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        people = self.env["res.users"].search([("share", "=", False)])
        people.write({"lang": "fr_FR"})
        self.stage_run(as_of=TODAY + timedelta(days=85))
        row = self.History.search(
            [("partner_id", "=", self.mine.id), ("date_to", "=", False)]
        )
        self.assertEqual(row.stage_id.code, "at_risk")
        self.assertIn("05/06/2024", row.reason)

    def test_profile_shows_its_history(self):
        profile = self.profile_of(self.mine).with_user(self.user)
        self.assertEqual(profile.stage_history_ids.stage_id.code, "new")
        self.assertEqual(profile.stage_move_count, 1)
        action = profile.action_view_stage_history()
        found = self.History.with_user(self.user).search(action["domain"])
        self.assertEqual(found, profile.stage_history_ids)

    def test_board_shows_every_stage_in_order(self):
        groups = self.Profile.with_user(self.manager).formatted_read_group(
            [("id", "in", self.profile_of(self.mine).ids)], ["stage_id"], ["__count"]
        )
        self.assertEqual(len(groups), 1)
        expanded = self.Profile._group_expand_stage(self.stages["new"], [])
        self.assertEqual(
            [stage.code for stage in expanded],
            list(lifecycle.STAGES),
        )

    # ---- contacts that merge, move or go ---------------------------------------

    def test_merge(self):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.mine | self.other).ids, self.other)
        self.env.invalidate_all()
        rows = self.History.search(
            [("partner_id", "=", self.other.id)], order="date_from, id"
        )
        self.assertEqual(len(rows.filtered(lambda row: not row.date_to)), 1)
        self.assertEqual(
            rows.filtered("date_to").mapped("end_cause"), ["merge"] * (len(rows) - 1)
        )
        today = self.company._retention_today()
        self.assertEqual(self.profile_of(self.other).stage_check_on, today)
        self.assertEqual(self.stage_of(self.other), "at_risk")
        self.run_pass("light", today)
        self.assertEqual(
            self.lifecycle_of(self.other)[-1][0], self.stage_of(self.other)
        )

    def test_merge_keeps_a_sources_stage(self):
        target = self.make_customers(1)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.mine | target).ids, target)
        self.env.invalidate_all()
        self.assertEqual(self.stage_of(target), "new")
        self.assertEqual(self.lifecycle_of(target), [("new", TODAY, None)])

    def test_leaving_and_going(self):
        self.mine.parent_id = self.other
        row = self.History.search([("partner_id", "=", self.mine.id)])
        self.assertEqual(row.end_cause, "entity")
        gone = self.make_customers(1)
        self.buy(gone, (5, 100)).reference = "X"
        self.run_pass()
        self.env["retention.purchase"].search([("partner_id", "=", gone.id)]).unlink()
        gone.unlink()
        self.assertFalse(self.History.search([("partner_id", "=", gone.id)]))


@tagged("post_install", "-at_install")
class TestStageSettings(StageCommon):
    def test_bad_values_are_refused(self):
        bad = [
            {"retention_risk_factor": 4},
            {"retention_dormant_days": 10},
            {"retention_lost_factor": 3},
            {"retention_new_days": 0},
            {"retention_loyal_from": -1},
            {"retention_default_interval": 5_000},
            {"retention_lost_factor": 1_000},
            {"retention_active_days": 180},
        ]
        for values in bad:
            with self.subTest(values), self.assertRaises(ValidationError) as caught:
                self.company.write(values)
            self.assertNotIn("\n", str(caught.exception))

    def test_settings_are_saved_together(self):
        values = {
            "retention_risk_factor": 4,
            "retention_dormant_factor": 8,
            "retention_lost_factor": 12,
        }
        settings = self.env["res.config.settings"].create(values)
        self.assertEqual(self.company.retention_risk_factor, 1.5, "not before saving")
        settings.execute()
        self.assertRecordValues(self.company, [values])

    def test_preview_saves_nothing(self):
        customers = self.make_customers(3)
        for customer, days in zip(customers, (5, 50, 91), strict=True):
            self.buy(customer, (days, 100))
        today = self.company._retention_today()
        self.run_pass()
        rules = self.company._retention_lifecycle_rules()
        counts = self.Profile._count_stages(self.company, rules, TODAY)
        self.assertEqual(counts, {("new", "new"): 2, ("at_risk", "at_risk"): 1})
        other = rules._replace(new_days=20, risk_days=100)
        counts = self.Profile._count_stages(self.company, other, TODAY)
        self.assertEqual(
            counts,
            {("new", "new"): 1, ("new", "active"): 1, ("at_risk", "active"): 1},
        )
        self.run_pass(as_of=today)
        settings = self.env["res.config.settings"].create({"retention_lost_days": 200})
        settings.action_preview_lifecycle()
        self.assertIn(
            "0 of 3 customers would move", settings.retention_lifecycle_preview
        )
        self.assertEqual(self.company.retention_lost_days, 180)
        settings.action_apply_lifecycle()
        self.assertEqual(self.company.retention_lost_days, 200)
        settings.retention_lost_days = 20  # less than dormant
        with self.assertRaises(ValidationError):
            settings.action_preview_lifecycle()
