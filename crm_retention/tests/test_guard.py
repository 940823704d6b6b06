from datetime import datetime, timedelta

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.crm_retention.tools import caps

from .common import GROUPS, RetentionCommon

NOW = datetime(2024, 6, 12, 12)  # a Wednesday, at work
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class GuardCase(RetentionCommon):
    """One customer, the channels, and no limits but those of the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Guard = cls.env["retention.guard"]
        cls.Cap = cls.env["retention.cap"]
        cls.Touch = cls.env["retention.touch"]
        cls.Cap.search([]).unlink()
        cls.phone = cls.env.ref("crm_retention.channel_phone")
        cls.mail = cls.env.ref("crm_retention.channel_email")
        cls.sms = cls.env.ref("crm_retention.channel_sms")
        cls.ann = cls.make_customers(1, email="ann@example.com", phone="+32470000001")
        cls.ann.tz = "UTC"

    @classmethod
    def make_cap(cls, kind="rolling", **values):
        return cls.Cap.create(
            {"name": values.pop("name", kind), "kind": kind, **values}
        )

    @classmethod
    def touch(cls, moment, partner=None, **values):
        return cls.Touch.create(
            {
                "partner_id": (partner or cls.ann).id,
                "channel_id": cls.mail.id,
                "category": "promotion",
                "state": "done",
                "done_at": moment,
                **values,
            }
        )

    def ask(self, partner=None, channel=None, category="promotion", **values):
        return caps.Request(
            customer_id=(partner or self.ann).commercial_partner_id.id,
            person_id=(partner or self.ann).id,
            channel_id=(channel or self.mail).id,
            category=category,
            **values,
        )

    def judge(self, *requests, now=NOW):
        return self.Guard._judge(self.company, list(requests), now=now)

    def verdict(self, *arguments, now=NOW, **values):
        [verdict] = self.judge(self.ask(*arguments, **values), now=now)
        return verdict

    def assertDeferred(self, verdict, until):
        self.assertEqual(verdict.state, "deferred", verdict)
        self.assertEqual(verdict.until, until, verdict)
        self.assertTrue(verdict.reason)

    def assertBlocked(self, verdict, cause, action="skip"):
        self.assertEqual(
            (verdict.state, verdict.cause, verdict.action),
            ("blocked", cause, action),
            verdict,
        )
        self.assertTrue(verdict.reason)

    def assertAllowed(self, verdict):
        self.assertEqual(verdict.state, "allowed", verdict)


class TestLimits(GuardCase):
    def test_two_around_midnight_count_in_one_rolling_window(self):
        self.make_cap(most=2, window_hours=24)
        self.touch(datetime(2024, 6, 11, 23, 30))
        self.touch(datetime(2024, 6, 12, 0, 30))
        self.assertDeferred(self.verdict(), datetime(2024, 6, 12, 23, 30))

    def test_three_a_week_and_one_a_day_together(self):
        self.make_cap(most=3, window_hours=168, name="week")
        self.make_cap(most=1, window_hours=24, name="day")
        self.touch(NOW - 2 * HOUR)
        self.assertDeferred(self.verdict(), NOW + 22 * HOUR)
        self.touch(NOW - 3 * DAY)
        self.touch(NOW - 6 * DAY)
        verdict = self.verdict()
        self.assertDeferred(verdict, NOW + DAY)
        self.assertIn("week", verdict.reason, "the stricter one is named")

    def test_zero_and_empty_mean_no_limit(self):
        self.make_cap(most=0, window_hours=24)
        self.make_cap(most=3, window_hours=0)
        self.make_cap("gap", window_hours=0)
        self.make_cap("quiet", quiet_from=0, quiet_to=0)
        for hours in range(5):
            self.touch(NOW - hours * HOUR)
        self.assertAllowed(self.verdict())

    def test_deferral_lands_at_the_first_instant_that_all_allow(self):
        self.make_cap(most=1, window_hours=24)
        self.make_cap("quiet", quiet_from=20, quiet_to=8)
        self.make_cap("closed")
        friday = datetime(2024, 6, 14, 21)
        self.touch(friday - HOUR)
        until = datetime(2024, 6, 17, 8)
        self.assertDeferred(self.verdict(now=friday), until)
        self.assertAllowed(self.verdict(now=until))
        [early] = self.judge(self.ask(), now=until - timedelta(seconds=1))
        self.assertDeferred(early, until)

    def test_quiet_hours_across_a_change_of_the_clock(self):
        self.make_cap("quiet", quiet_from=20, quiet_to=8)
        self.ann.tz = "Europe/Berlin"
        evening = datetime(2024, 3, 30, 19, 30)  # 20:30, the clock goes forward
        self.assertDeferred(self.verdict(now=evening), datetime(2024, 3, 31, 6))
        evening = datetime(2024, 10, 26, 18, 30)  # 20:30, the clock goes back
        self.assertDeferred(self.verdict(now=evening), datetime(2024, 10, 27, 7))

    def test_time_zone_of_person_then_customer_then_company(self):
        self.make_cap("quiet", quiet_from=20, quiet_to=8)
        firm = self.make_customers(1, is_company=True, tz=False)
        clerk = self.make_customers(1, parent_id=firm.id, email="c@e.com", tz=False)
        night_in_tokyo = datetime(2024, 6, 12, 12)
        self.assertAllowed(self.verdict(clerk, now=night_in_tokyo))
        firm.tz = "Asia/Tokyo"
        self.assertDeferred(
            self.verdict(clerk, now=night_in_tokyo), datetime(2024, 6, 12, 23)
        )
        clerk.tz = "UTC"
        self.assertAllowed(self.verdict(clerk, now=night_in_tokyo))

    def test_closed_days_follow_the_calendar(self):
        self.make_cap("closed", obey_service=True)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.company.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": datetime(2024, 6, 12),
                "date_to": datetime(2024, 6, 12, 23, 59, 59),
            }
        )
        self.assertDeferred(self.verdict(), datetime(2024, 6, 13))

    def test_gap_and_channels(self):
        self.make_cap("gap", window_hours=48, channel_ids=[self.phone.id])
        self.touch(NOW - HOUR)  # a mail
        self.assertAllowed(self.verdict(channel=self.phone))
        self.touch(NOW - HOUR, channel_id=self.phone.id, category="relationship")
        self.assertDeferred(self.verdict(channel=self.phone), NOW + 47 * HOUR)
        self.assertAllowed(self.verdict())

    def test_transactional_passes_and_its_counting_is_settable(self):
        cap = self.make_cap(most=1, window_hours=24)
        self.touch(NOW - HOUR, category="transactional")
        self.assertAllowed(self.verdict())
        cap.count_transactional = True
        self.assertDeferred(self.verdict(), NOW + 23 * HOUR)
        self.assertAllowed(self.verdict(category="transactional"))
        cap.obey_transactional = True
        self.assertDeferred(self.verdict(category="transactional"), NOW + 23 * HOUR)

    def test_categories_obey_and_count_separately(self):
        self.make_cap(
            most=1, window_hours=24, obey_relationship=False, count_promotion=False
        )
        self.touch(NOW - HOUR, category="relationship")
        self.assertAllowed(self.verdict(category="relationship"))
        self.assertDeferred(self.verdict(), NOW + 23 * HOUR)

    def test_what_comes_in_and_what_is_only_planned_does_not_count(self):
        self.make_cap(most=1, window_hours=24)
        self.touch(NOW - HOUR, direction="in")
        self.touch(False, state="planned", due_date=NOW.date())
        self.assertAllowed(self.verdict())

    def test_a_mail_in_the_queue_counts_but_not_against_itself(self):
        self.make_cap(most=1, window_hours=24)
        mail = self.env["mail.mail"].create({})
        queued = self.touch(False, state="planned", mail_id=mail.id, act_at=NOW + HOUR)
        self.assertDeferred(self.verdict(), NOW + 25 * HOUR)
        self.assertAllowed(self.verdict(touch_id=queued.id))

    def test_earlier_allowed_ones_of_a_batch_count(self):
        self.make_cap(most=1, window_hours=24)
        bob = self.make_customers(1, email="bob@example.com")
        first, other, second = self.judge(self.ask(), self.ask(bob), self.ask())
        self.assertAllowed(first)
        self.assertAllowed(other)
        self.assertDeferred(second, NOW + DAY)

    def test_beyond_the_last_date_it_is_left_out(self):
        self.make_cap(most=1, window_hours=20 * 24, defer_days=14)
        self.touch(NOW - HOUR)
        self.assertBlocked(self.verdict(), "cap")
        self.touch(NOW - HOUR).unlink()
        cap = self.make_cap(most=1, window_hours=48, defer_days=0, name="two days")
        self.Cap.search([("id", "!=", cap.id)]).unlink()
        self.assertDeferred(self.verdict(), NOW + 47 * HOUR)
        self.assertBlocked(self.verdict(last=NOW + DAY), "cap")
        cap.defer_days = 3
        self.assertBlocked(self.verdict(since=NOW - 2 * DAY), "cap")

    def test_what_happens_then_is_part_of_the_rule(self):
        cap = self.make_cap(most=1, window_hours=24, when_capped="skip")
        self.touch(NOW - HOUR)
        self.assertBlocked(self.verdict(), "cap")
        cap.when_capped = "person"
        self.assertBlocked(self.verdict(), "cap", action="person")

    def test_bands_and_tiers(self):
        tiers = self.program.tier_ids
        self.Profile.create(
            {
                "partner_id": self.ann.id,
                "company_id": self.company.id,
                "tier_id": self.tier("Silver").id,
            }
        )
        self.make_cap("never", band="middle", name="none for silver")
        self.assertBlocked(self.verdict(), "cap")
        self.Cap.search([]).write({"band": "high"})
        self.assertAllowed(self.verdict())
        self.Cap.search([]).write(
            {"band": False, "tier_ids": [(6, 0, (tiers - self.tier("Silver")).ids)]}
        )
        self.assertAllowed(self.verdict())

    def test_other_companies_do_not_matter(self):
        other = self.make_company()
        self.make_cap("never", company_id=other.id)
        self.touch(NOW - HOUR, company_id=other.id)
        self.make_cap(most=1, window_hours=24)
        self.assertAllowed(self.verdict())

    @mute_logger("odoo.sql_db")
    def test_values_out_of_range_are_refused(self):
        for values in (
            {"most": -1},
            {"window_hours": 10_000},
            {"defer_days": -1},
            {"kind": "quiet", "quiet_from": 24},
            {"kind": "quiet", "quiet_to": -1},
        ):
            with (
                self.subTest(values),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.make_cap(**values)

    def test_queries_do_not_depend_on_the_number_of_customers(self):
        for company in self.company:
            self.Cap._create_default(company)
        many = self.make_customers(300, email="x@example.com")
        for number, partner in enumerate(many):
            partner.email = f"x{number}@example.com"
        self.judge(self.ask(), self.ask(many[0]))
        with self.assertQueryCount(40):
            few = self.env.cr.sql_log_count
            self.judge(self.ask(many[1]))
            few = self.env.cr.sql_log_count - few
        before = self.env.cr.sql_log_count
        self.judge(*map(self.ask, many))
        self.assertLessEqual(self.env.cr.sql_log_count - before, few)


class TestRefusals(GuardCase):
    def say(self, state, partner=None, given_at=NOW - DAY, **values):
        return self.env["retention.consent"].create(
            {
                "partner_id": (partner or self.ann).id,
                "state": state,
                "given_at": given_at,
                **values,
            }
        )

    def test_opt_out_after_planning_stops_it_at_sending(self):
        self.assertAllowed(self.verdict(moment=NOW + 5 * DAY))
        self.env["mail.blacklist"]._add("Ann@Example.com")
        self.assertBlocked(self.verdict(now=NOW + 5 * DAY), "blacklist")
        self.assertAllowed(self.verdict(channel=self.phone))
        self.assertAllowed(self.verdict(category="transactional"))
        self.env["mail.blacklist"]._remove("ann@example.com")
        self.assertAllowed(self.verdict())

    def test_phone_blacklist_stops_sms_and_calls(self):
        self.env["phone.blacklist"].sudo()._add([self.ann.phone_sanitized])
        self.assertBlocked(self.verdict(channel=self.sms), "blacklist")
        self.assertBlocked(self.verdict(channel=self.phone), "blacklist")
        self.assertAllowed(self.verdict())

    def test_unsubscribed_from_a_list(self):
        news, tips = self.env["mailing.list"].create([{"name": "N"}, {"name": "T"}])
        contact = self.env["mailing.contact"].create(
            {"email": "Ann <ANN@example.com>", "list_ids": [(6, 0, news.ids)]}
        )
        self.assertAllowed(self.verdict())
        contact.subscription_ids.opt_out = True
        self.assertBlocked(self.verdict(), "optout")
        self.assertAllowed(self.verdict(category="service"))
        self.env["mailing.subscription"].create(
            {"contact_id": contact.id, "list_id": tips.id}
        )
        self.assertAllowed(self.verdict())

    def test_the_latest_word_holds_for_each_channel_and_purpose(self):
        offers = self.env.ref("crm_retention.purpose_offers")
        self.say("refused", purpose_id=offers.id, given_at=NOW - 9 * DAY)
        self.assertBlocked(self.verdict(), "consent")
        self.assertBlocked(self.verdict(channel=self.phone), "consent")
        self.assertAllowed(self.verdict(category="service"))
        self.say("granted", channel_id=self.mail.id, given_at=NOW - 8 * DAY)
        self.assertAllowed(self.verdict())
        self.assertBlocked(self.verdict(channel=self.phone), "consent")
        self.say("withdrawn", given_at=NOW - 7 * DAY)
        self.assertBlocked(self.verdict(), "consent")
        self.assertAllowed(self.verdict(category="transactional"))

    def test_some_purposes_need_consent(self):
        news = self.env.ref("crm_retention.purpose_news")
        values = {"category": "relationship", "purpose_id": news.id}
        self.assertBlocked(self.verdict(**values), "consent")
        self.say("granted", purpose_id=news.id)
        self.assertAllowed(self.verdict(**values))

    def test_a_word_of_the_firm_and_of_its_people(self):
        firm = self.make_customers(1, is_company=True)
        clerk, boss = (
            self.make_customers(1, parent_id=firm.id, email=f"{name}@example.com")
            for name in ("clerk", "boss")
        )
        self.say("refused", clerk)
        self.assertBlocked(self.verdict(clerk), "consent")
        self.assertAllowed(self.verdict(boss))
        self.say("refused", firm)
        self.assertBlocked(self.verdict(boss), "consent")

    def test_wishes(self):
        wish = self.env["retention.wish"].create(
            {"partner_id": self.ann.id, "channel_id": self.phone.id}
        )
        self.assertBlocked(self.verdict(), "wish")
        self.assertAllowed(self.verdict(channel=self.phone))
        self.assertAllowed(self.verdict(category="transactional"))
        wish.write({"channel_id": False, "most_a_month": 1})
        self.touch(NOW - 20 * DAY, category="service")
        self.assertDeferred(self.verdict(), NOW + 10 * DAY)
        wish.write({"most_a_month": 0, "pause_until": (NOW + 3 * DAY).date()})
        self.assertDeferred(self.verdict(), datetime(2024, 6, 15))
        wish.pause_until = (NOW + 90 * DAY).date()
        self.assertBlocked(self.verdict(), "wish")

    def test_wishes_of_one_of_the_customers_people(self):
        firm = self.make_customers(1, is_company=True)
        clerk, boss = (
            self.make_customers(1, parent_id=firm.id, email=f"{name}@example.com")
            for name in ("clerk", "boss")
        )
        self.env["retention.wish"].create(
            {"partner_id": clerk.id, "channel_id": self.phone.id}
        )
        self.assertBlocked(self.verdict(clerk), "wish")
        self.assertAllowed(self.verdict(boss))

    def test_merged_contacts_keep_what_they_said(self):
        bob = self.make_customers(1)
        bob.email = self.ann.email
        wishes = self.env["retention.wish"]
        wishes.create({"partner_id": self.ann.id, "most_a_month": 9})
        wishes.create({"partner_id": bob.id, "most_a_month": 2})
        self.say("refused", bob, channel_id=self.sms.id)
        self.Guard._hold(self.company, (self.ann | bob).ids)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.ann | bob).ids, self.ann
        )
        self.env.invalidate_all()
        wish = wishes.search([("partner_id", "=", self.ann.id)])
        self.assertEqual(wish.most_a_month, 2)
        self.assertBlocked(self.verdict(channel=self.sms), "consent")

    def test_paused_while_a_complaint_is_open(self):
        self.make_cap("complaint", defer_days=5)
        category = self.env["helpdesk.ticket.category"].create(
            {"name": "Complaints", "retention_kind": "complaint"}
        )
        below = category.create({"name": "Delivery", "parent_id": category.id})
        other = category.create({"name": "Questions"})
        ticket = self.env["helpdesk.ticket"].create(
            {
                "name": "Broken",
                "description": "Broken",
                "partner_id": self.ann.id,
                "category_id": other.id,
                "company_id": self.company.id,
            }
        )
        self.assertAllowed(self.verdict())
        ticket.category_id = below
        verdict = self.verdict()
        self.assertEqual((verdict.state, verdict.cause), ("deferred", "complaint"))
        self.assertEqual(verdict.until, NOW + DAY, "looked at again")
        self.assertBlocked(self.verdict(since=NOW - 5 * DAY), "complaint")
        self.assertAllowed(self.verdict(category="service"))
        ticket.stage_id = self.env["helpdesk.ticket.stage"].search(
            [("closed", "=", True)], limit=1
        )
        self.assertAllowed(self.verdict())

    def test_two_contacts_with_one_address_get_one_mail(self):
        twin = self.make_customers(1, email='"Ann" <ANN@example.com>')
        first, second = self.judge(self.ask(), self.ask(twin))
        self.assertAllowed(first)
        self.assertBlocked(second, "twin")
        self.assertAllowed(self.verdict(twin, category="transactional"))

    def test_customers_who_share_an_address_share_its_limits(self):
        self.make_cap(most=1, window_hours=24)
        twin = self.make_customers(1, email="ann@example.com")
        self.touch(NOW - HOUR)
        self.assertDeferred(self.verdict(twin), NOW + 23 * HOUR)
        self.assertAllowed(self.verdict(twin, channel=self.phone))

    def test_colleagues_with_addresses_of_their_own_both_get_it(self):
        firm = self.make_customers(1, is_company=True)
        people = [
            self.make_customers(1, parent_id=firm.id, email=f"{name}@example.com")
            for name in ("one", "two")
        ]
        for verdict in self.judge(*map(self.ask, people)):
            self.assertAllowed(verdict)

    def test_no_address(self):
        nobody = self.make_customers(1)
        self.assertBlocked(self.verdict(nobody), "address")
        self.assertBlocked(self.verdict(nobody, channel=self.sms), "address")
        self.assertAllowed(self.verdict(nobody, channel=self.phone))


class TestLog(GuardCase):
    def decisions(self, partner=None):
        return self.env["retention.decision"].search(
            [("partner_id", "=", (partner or self.ann).id)]
        )

    def test_refusals_and_deferrals_are_kept(self):
        cap = self.make_cap(most=1, window_hours=24)
        self.touch(NOW - HOUR)
        bob = self.make_customers(1, email="bob@example.com")
        requests = [self.ask(), self.ask(bob)]
        self.Guard._log(self.company, requests, self.judge(*requests))
        decision = self.decisions()
        self.assertRecordValues(
            decision,
            [
                {
                    "verdict": "deferred",
                    "until": NOW + 23 * HOUR,
                    "cause": "cap",
                    "cap_id": cap.id,
                    "category": "promotion",
                    "channel_id": self.mail.id,
                }
            ],
        )
        self.assertTrue(decision.reason)
        self.assertFalse(self.decisions(bob), "it was allowed")

    def test_a_planned_touch_waits_since_it_was_first_put_off(self):
        self.make_cap(most=1, window_hours=24, defer_days=2)
        planned = self.touch(False, state="planned")
        self.touch(NOW - HOUR)
        ask = [self.ask(touch_id=planned.id)]
        with freeze_time(NOW):
            self.Guard._log(self.company, ask, self.judge(*ask))
        later = NOW + DAY
        self.touch(later)
        self.assertDeferred(self.judge(*ask, now=later)[0], later + DAY)
        again = later + 5 * HOUR
        self.touch(again)
        self.assertBlocked(self.judge(*ask, now=again)[0], "cap")

    def test_the_same_answer_about_a_touch_is_kept_once(self):
        self.make_cap(most=1, window_hours=24)
        self.touch(NOW - HOUR)
        planned = self.touch(False, state="planned")
        ask = [self.ask(touch_id=planned.id)]
        for _again in range(2):
            self.Guard._log(self.company, ask, self.judge(*ask))
        self.assertEqual(len(self.decisions()), 1)
        self.env["mail.blacklist"]._add("ann@example.com")
        self.Guard._log(self.company, ask, self.judge(*ask))
        self.assertEqual(len(self.decisions()), 2)


class TestShipped(GuardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Cap._create_default(cls.company)

    def test_they_come_once_and_with_a_company(self):
        before = self.Cap.search_count([])
        self.Cap._create_default(self.company)
        self.assertEqual(self.Cap.search_count([]), before)
        self.assertEqual(
            self.Cap.search_count([("company_id", "=", self.make_company().id)]), before
        )

    def place(self, tier):
        self.Profile.create(
            {
                "partner_id": self.ann.id,
                "company_id": self.company.id,
                "tier_id": self.tier(tier).id,
            }
        )

    def test_no_second_promotion_within_a_day(self):
        self.touch(NOW - 3 * HOUR)
        self.assertDeferred(self.verdict(), NOW + 21 * HOUR)
        self.assertAllowed(self.verdict(category="relationship"))

    def test_limits_of_the_bands(self):
        for tier, most, days in (("Gold", 3, 7), ("Silver", 1, 7), ("Standard", 2, 30)):
            with self.subTest(tier):
                self.place(tier)
                care = {"category": "relationship", "channel": self.phone}
                for number in range(most):
                    self.assertAllowed(self.verdict(**care))
                    self.touch(
                        NOW - (number + 1) * HOUR,
                        category="service",
                        channel_id=self.phone.id,
                    )
                self.assertNotEqual(self.verdict(**care).state, "allowed")
                later = NOW + days * DAY
                self.assertAllowed(self.verdict(**care, now=later))
                self.Touch.search([]).write({"state": "dropped"})
                self.profile_of(self.ann).unlink()

    def test_no_promotions_to_the_middle(self):
        self.place("Silver")
        self.assertBlocked(self.verdict(), "cap")
        self.assertAllowed(self.verdict(category="relationship"))


class TestWords(GuardCase):
    """What staff records, and who may."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {kind: cls.make_user(kind) for kind in GROUPS if kind != "public"}
        cls.ann.user_id = cls.users["user"]
        cls.bob = cls.make_customers(1, email="bob@example.com")
        cls.profiles = cls.Profile.create(
            [
                {"partner_id": partner.id, "company_id": cls.company.id}
                for partner in cls.ann | cls.bob
            ]
        )
        cls.profile, cls.other = cls.profiles

    def wizard(self, kind="user", profile=None, **values):
        profile = (profile or self.profile).with_user(self.users[kind])
        context = profile.action_note_words()["context"]
        model = self.env["retention.consent.wizard"].with_user(self.users[kind])
        return model.with_context(**context).create(values)

    def test_a_salesperson_records_a_refusal_and_it_holds_at_once(self):
        self.wizard(
            word="refused", said_channel_id=self.mail.id, how="phone", proof="Call"
        ).action_apply()
        self.assertRecordValues(
            self.profile.consent_ids,
            [
                {
                    "state": "refused",
                    "channel_id": self.mail.id,
                    "proof": "Call",
                    "create_uid": self.users["user"].id,
                }
            ],
        )
        self.assertBlocked(self.verdict(now=None), "consent")
        self.wizard(word="granted").action_apply()
        self.env.invalidate_all()
        self.assertEqual(len(self.profile.consent_ids), 2, "nothing is changed")
        self.assertAllowed(self.verdict(now=None))

    def test_wishes_are_recorded_changed_and_taken_back(self):
        self.wizard(word="wish", most_a_month=2, reason="Busy").action_apply()
        self.assertIn("at most 2", self.profile.wish_text)
        wizard = self.wizard(word="wish")
        self.assertEqual((wizard.most_a_month, wizard.reason), (2, "Busy"))
        wizard.write({"most_a_month": 0, "channel_id": self.phone.id})
        wizard.action_apply()
        self.assertBlocked(self.verdict(now=None), "wish")
        self.wizard(word="wish", channel_id=False, most_a_month=0).action_apply()
        self.assertFalse(self.profile.wish_id)

    def test_who_may_record(self):
        self.wizard("manager").action_apply()
        for kind in ("auditor", "none", "portal"):
            with self.subTest(kind), self.assertRaises(AccessError):
                self.wizard(kind).action_apply()
        with self.assertRaises(AccessError):
            self.wizard("user", self.other).action_apply()
        for model in ("retention.consent", "retention.wish"):
            with self.subTest(model), self.assertRaises(AccessError):
                values = {"partner_id": self.ann.id, "company_id": self.company.id}
                if model == "retention.consent":
                    values["state"] = "granted"
                self.env[model].with_user(self.users["user"]).create(values)

    def test_nothing_is_said_in_the_future(self):
        with self.assertRaises(ValidationError):
            self.wizard(given_at=fields.Datetime.now() + DAY).action_apply()

    def test_may_i_contact(self):
        self.env["mail.blacklist"]._add("ann@example.com")
        profile = self.profile.with_user(self.users["user"])
        channels = {each["code"]: each for each in profile.get_channels()}
        self.assertEqual(channels["email"]["state"], "blocked")
        self.assertIn("blacklist", channels["email"]["reason"])
        self.assertEqual(channels["phone"]["state"], "allowed")
        self.assertEqual(profile.get_channels("nonsense"), profile.get_channels())
        with self.assertRaises(AccessError):
            self.other.with_user(self.users["user"]).get_channels()

    def test_alternatives_do_not_count_for_each_other(self):
        self.make_cap(most=1, window_hours=24)
        states = {each["state"] for each in self.profile.get_channels()}
        self.assertEqual(states, {"allowed"})

    def test_own_customers_only(self):
        self.make_cap("never")
        requests = [self.ask(), self.ask(self.bob)]
        self.Guard._log(self.company, requests, self.judge(*requests))
        for kind, seen in (("user", self.ann), ("manager", self.ann | self.bob)):
            decisions = self.env["retention.decision"].with_user(self.users[kind])
            self.assertEqual(decisions.search([]).sudo().partner_id, seen)
        self.assertEqual(self.profile.decision_count, 1)
