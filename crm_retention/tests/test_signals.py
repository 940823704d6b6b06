"""Kinds of signs: each finds whom it should, as of its day, and nobody else."""

from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, format_date

from odoo.addons.crm_retention.models.decisions.signal_scope import between, everybody

from .common import TODAY, RetentionCommon

MONTHS = 28  # with purchases before the month of TODAY
NOON = timedelta(hours=12)


class SignalCommon(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Signal = cls.env["retention.signal"]
        cls.scope = everybody(cls.company, TODAY)

    @classmethod
    def make_signal(cls, kind, **values):
        return cls.Signal.create(
            cls.Signal._begin_with(kind) | {"name": kind, "kind": kind} | values
        )

    @classmethod
    def moment(cls, ago):
        return datetime.combine(TODAY - timedelta(days=ago), datetime.min.time()) + NOON

    def find(self, signal, as_of=TODAY):
        """Return ({customer: finding}, number of whom too little is known)."""
        found, few = signal._find(everybody(signal.company_id, as_of))
        partners = self.env["res.partner"]
        self.assertEqual(len({each.customer_id for each in found}), len(found))
        for each in found:
            self.assertTrue(0 <= each.strength <= 1, each)
            self.assertNotIn("%(", signal._say(each, self.say_day))
        return {partners.browse(each.customer_id): each for each in found}, few

    def say(self, signal, finding):
        return signal._say(finding, self.say_day)

    def say_day(self, day):
        return format_date(self.env, day)


@tagged("post_install", "-at_install")
class TestPurchases(SignalCommon):
    """Thirty customers who buy two to five times a month, always the same way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.make_customers(30)
        cls.end = TODAY.replace(day=1)
        for place, customer in enumerate(cls.customers):
            cls.buy_monthly(customer, 2 + place % 4, range(MONTHS + 1))
        cls.rare = cls.make_customers(1)
        cls.buy(cls.rare, (400, 50), (200, 50))
        cls.judge()

    @classmethod
    def judge(cls):
        cls.run_pass(steps=("score",))

    @classmethod
    def buy_monthly(cls, customer, number, months, amount=100, **values):
        """Buy so often in each of these months, counted from the oldest (0)."""
        cls.env["retention.purchase"].flush_model()
        cls.env.cr.execute(
            SQL(
                """INSERT INTO retention_purchase (partner_id, company_id, currency_id,
                          date, amount, amount_company, reference)
                   SELECT %(partner)s, %(company)s, %(currency)s, day::date, %(amount)s,
                          %(amount)s, 'M-' || %(partner)s || '-' || day
                     FROM unnest(%(days)s::date[]) AS day""",
                partner=customer.id,
                company=cls.company.id,
                currency=cls.company.currency_id.id,
                amount=amount,
                days=[
                    cls.end
                    - relativedelta(months=MONTHS - month)
                    + timedelta(days=28 // number * place)
                    for month in months
                    for place in range(number)
                ],
            )
        )

    @classmethod
    def stop(cls, customer, months=3, left=0):
        """Take the purchases of the last months away, but for some."""
        first = cls.end - relativedelta(months=months)
        rows = cls.env["retention.purchase"].search(
            [("partner_id", "=", customer.id), ("date", ">=", first)], order="date"
        )
        (rows - rows[:left]).unlink()

    def test_a_fall_is_found_and_only_that(self):
        fallen, some_left = self.customers[3], self.customers[0]  # 5 and 2 a month
        self.stop(fallen)
        self.stop(some_left, left=2)
        self.judge()
        signal = self.make_signal("drop")
        found, few = self.find(signal)
        self.assertEqual(set(found), {fallen, some_left})
        finding = found[fallen]
        self.assertEqual((finding.after, finding.since), (0, date(2024, 3, 1)))
        self.assertAlmostEqual(finding.before, 15, delta=2)
        self.assertGreater(finding.strength, found[some_left].strength)
        self.assertFalse(finding.words["rare"])
        self.assertIn("Bought on 0 days from", self.say(signal, finding))
        self.assertEqual(few, 1, "the rare one")

    def test_a_fall_is_seen_from_its_month_on(self):
        fallen = self.customers[3]
        self.stop(fallen)
        self.judge()
        signal = self.make_signal("drop", months=1)
        months = [(2024, 3, 30), (2024, 3, 31), (2024, 4, 29)]
        seen = [bool(self.find(signal, date(*day))[0]) for day in months]
        self.assertEqual(seen, [False, True, True])

    def test_the_same_in_pieces_and_within_a_month(self):
        self.stop(self.customers[3])
        self.judge()
        signal = self.make_signal("drop")
        whole, few = signal._find(self.scope)
        pieces, fews = [], 0
        ids = self.customers.ids + self.rare.ids
        for after, last in ((0, ids[3] - 1), (ids[3] - 1, ids[9]), (ids[9], ids[-1])):
            found, number = signal._find(between(self.company, TODAY, after, last))
            pieces += found
            fews += number
        self.assertEqual((pieces, fews), (whole, few))
        later, _few = signal._find(everybody(self.company, date(2024, 6, 29)))
        self.assertEqual(later, whole, "looked at once a month")

    def test_what_all_do_is_learned_once(self):
        signal = self.make_signal("drop")
        signal._find(self.scope)
        fit = signal.fit_json
        self.assertEqual(list(fit["months"]), ["2024-06-01"])
        self.assertTrue(signal.fitted_on)
        self.assertIn("days a month", signal.fit_text)
        purchases = self.env["retention.purchase"]
        purchases.search([("partner_id", "in", self.customers[:20].ids)]).unlink()
        signal._find(self.scope)
        self.assertEqual(signal.fit_json, fit)
        signal.least = 7
        signal._find(self.scope)
        self.assertNotEqual(signal.fit_json, fit, "another rule")

    def test_too_few_customers_tell_nothing(self):
        self.env["retention.purchase"].search(
            [("partner_id", "in", self.customers[:15].ids)]
        ).unlink()
        self.stop(self.customers[19])
        for kind in ("drop", "slow", "amount"):
            found, few = self.find(self.make_signal(kind))
            self.assertFalse(found)
            self.assertGreaterEqual(few, 14)

    def test_season_is_no_fall(self):
        """Everybody buys half as often in spring, every year."""
        purchases = self.env["retention.purchase"]
        every_second = purchases.search([], order="partner_id, date").ids[::2]
        for year in (2022, 2023, 2024):
            purchases.search(
                [
                    ("partner_id", "in", self.customers.ids),
                    ("date", ">=", f"{year}-03-01"),
                    ("date", "<=", f"{year}-05-31"),
                    ("id", "in", every_second),
                ]
            ).unlink()
        signal = self.make_signal("drop")
        found, _few = self.find(signal)
        self.assertFalse(found)
        season = signal.fit_json["months"]["2024-06-01"]["fit"]["season"]
        self.assertLess(max(season[2:5]), 0.8)

    def test_slow_decline(self):
        sinking = self.customers[3]
        self.env["retention.purchase"].search(
            [("partner_id", "=", sinking.id)]
        ).unlink()
        for first, number in ((0, 5), (15, 4), (18, 3), (21, 2), (24, 1)):
            last = {24: MONTHS}.get(first, 15 if not first else first + 3)
            self.buy_monthly(sinking, number, range(first, last))
        self.judge()
        signal = self.make_signal("slow")
        found, few = self.find(signal)
        self.assertEqual(set(found), {sinking})
        self.assertEqual(found[sinking].after, 1)
        self.assertGreater(found[sinking].before, 4)
        self.assertEqual(few, 1)

    def test_overdue_against_the_own_rhythm(self):
        weekly, monthly = self.customers[2], self.make_customers(1)
        self.buy_monthly(monthly, 1, range(MONTHS + 1))
        self.stop(weekly, 1)  # last bought 3 weeks before May
        self.judge()
        signal = self.make_signal("overdue")
        found, few = self.find(signal)
        self.assertEqual(set(found), {weekly}, "45 days are usual for a monthly one")
        finding = found[weekly]
        self.assertLess(finding.before, 20)
        self.assertEqual(
            finding.since, TODAY - timedelta(finding.after - finding.before)
        )
        self.assertIn("Nothing bought since", self.say(signal, finding))
        self.assertEqual(few, 1)
        found, _few = self.find(signal, TODAY + timedelta(days=30))
        self.assertTrue(found[monthly].strength >= 0.5)
        self.assertFalse(found[weekly].late)
        found, _few = self.find(signal, TODAY + timedelta(days=90))
        self.assertTrue(found[weekly].late, "no early warning any more")
        self.assertFalse(self.find(signal, date(2024, 5, 1))[0])

    def test_smaller_purchases_but_no_refund(self):
        smaller, refunded, large = self.customers[1:4]
        self.env.cr.execute(
            SQL(
                """UPDATE retention_purchase SET amount_company = 40
                    WHERE partner_id = %s AND date >= '2024-03-01'""",
                smaller.id,
            )
        )
        self.buy(refunded, (40, -5000))
        self.buy(large, (300, 90000))
        signal = self.make_signal("amount")
        found, _few = self.find(signal)
        self.assertEqual(set(found), {smaller})
        self.assertEqual((found[smaller].before, found[smaller].after), (100, 40))
        self.assertIn("60 % less", self.say(signal, found[smaller]))

    def test_no_second_purchase(self):
        once, twice, just, long_ago = self.make_customers(4)
        self.buy(once, (60, 80))
        self.buy(twice, (60, 80), (20, 80))
        self.buy(just, (44, 80))
        self.buy(long_ago, (136, 80))
        self.judge()
        signal = self.make_signal("second")
        found, _few = self.find(signal)
        self.assertEqual(
            {each: of.late for each, of in found.items()}, {once: False, long_ago: True}
        )
        self.assertEqual(found[once].since, self.day(15))
        self.assertEqual(
            set(self.find(signal, self.day(-1))[0]), {once, long_ago, just}
        )
        before = self.find(signal, self.day(21))[0]
        self.assertEqual(set(before), {long_ago}, "39 days ago only")

    def test_another_company_is_not_looked_at(self):
        other = self.make_company()
        self.stop(self.customers[3])
        for kind in ("drop", "overdue", "amount"):
            signal = self.make_signal(kind, company_id=other.id)
            self.assertEqual(self.find(signal), ({}, 0))

    def test_population(self):
        self.stop(self.customers[3])
        self.stop(self.customers[7])
        domain = f"[('id', '=', {self.customers[7].id})]"
        found, _few = self.find(self.make_signal("drop", domain=domain))
        self.assertEqual(set(found), {self.customers[7]})


@tagged("post_install", "-at_install")
class TestContacts(SignalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.make_customers(24)
        for each in cls.customers:
            cls.buy(each, (100, 10))
        cls.run_pass(steps=("score",))
        cls.phone = cls.env.ref("crm_retention.channel_phone")
        cls.mail = cls.env.ref("crm_retention.channel_email")

    @classmethod
    def touch(cls, customer, *agos, **values):
        return cls.env["retention.touch"].create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": cls.company.id,
                    "channel_id": cls.phone.id,
                    "state": "done",
                    "done_at": cls.moment(ago),
                    "outcome": "answered",
                    **values,
                }
                for ago in agos
            ]
        )

    def test_answers_become_fewer(self):
        silent, planned = self.customers[0], self.customers[1]
        for place, each in enumerate(self.customers):
            agos = range(100 + place, 440, 10)
            self.touch(each, *agos)
            if each == silent:
                self.touch(each, *range(5, 90, 10), outcome="reached")
            elif each != planned:
                self.touch(each, *range(5, 90, 10))
        signal = self.make_signal("contacts")
        found, few = self.find(signal)
        self.assertEqual(set(found), {silent, planned})
        self.assertEqual(found[silent].words["what"], "answers")
        self.assertIn(
            "Answered, wrote or called 0 times", self.say(signal, found[silent])
        )
        self.assertEqual((found[silent].after, few), (0, 0))
        self.assertFalse(self.find(signal, TODAY - timedelta(days=85))[0])

    def test_silent_use(self):
        user, seldom, active = self.customers[:3]
        days = {
            user: range(40, 150, 7),
            seldom: (70, 100),
            active: range(3, 150, 7),
        }
        self.env["retention.event"].create(
            [
                {
                    "partner_id": each.id,
                    "kind": "login",
                    "moment": self.moment(ago),
                    "reference": f"{each.id}-{ago}",
                }
                for each, agos in days.items()
                for ago in agos
            ]
        )
        signal = self.make_signal("silent")
        found, few = self.find(signal)
        self.assertEqual(set(found), {user})
        self.assertEqual((found[user].before, found[user].after), (7, 40))
        self.assertEqual(few, 1)
        self.assertFalse(self.find(signal, TODAY - timedelta(days=30))[0])

    def mailing(self, customer, opened, agos, **values):
        return self.touch(
            customer,
            *agos,
            channel_id=self.mail.id,
            origin="mailing",
            is_bulk=True,
            outcome="reached",
            reaction="opened" if opened else False,
            **values,
        )

    def test_mailings_no_longer_opened(self):
        tired, never, reader = self.customers[:3]
        for each in self.customers[2:]:
            self.mailing(each, True, range(5, 300, 10))
        self.mailing(tired, True, range(95, 300, 10))
        self.mailing(tired, False, range(5, 90, 10))
        self.mailing(never, False, range(5, 300, 10))
        signal = self.make_signal("mails")
        found, few = self.find(signal)
        self.assertEqual(set(found), {tired}, "who never opens has not changed")
        self.assertEqual((found[tired].before, found[tired].after, few), (100, 0, 0))

    def test_campaigns_ignored(self):
        ignoring, buying, reading = self.customers[:3]
        for number in range(3):
            campaign = self.env["utm.campaign"].create({"name": f"Spring {number}"})
            mailing = self.env["mailing.mailing"].create(
                {"subject": "Offer", "campaign_id": campaign.id}
            )
            for each in (ignoring, buying, reading):
                is_read = each == reading and number == 1
                self.mailing(
                    each,
                    is_read,
                    (20 + 30 * number,),
                    res_model="mailing.mailing",
                    res_id=mailing.id,
                )
        self.buy(buying, (10, 100))
        signal = self.make_signal("campaigns")
        found, _few = self.find(signal)
        self.assertEqual(set(found), {ignoring})
        self.assertEqual(found[ignoring].after, 3)
        self.assertEqual(self.find(self.make_signal("campaigns", least=4)), ({}, 3))

    def test_unsubscribed(self):
        blocked, withdrawn, left = self.customers[:3]
        for number, each in enumerate((blocked, withdrawn, left)):
            each.email = f"customer{number}@example.com"
        today = self.company._retention_today()
        self.env["mail.blacklist"]._add(blocked.email)
        self.env["retention.consent"].create(
            {"partner_id": withdrawn.id, "state": "withdrawn"}
        )
        mailing_list = self.env["mailing.list"].create({"name": "News"})
        contact = self.env["mailing.contact"].create(
            {"email": left.email, "list_ids": mailing_list.ids}
        )
        contact.subscription_ids.opt_out = True
        signal = self.make_signal("unsubscribed")
        found, _few = self.find(signal, today)
        how = {each: finding.words["how"] for each, finding in found.items()}
        self.assertEqual(how, {blocked: "black", withdrawn: "consent", left: "list"})
        self.assertFalse(self.find(signal, today - timedelta(days=1))[0])
        self.assertFalse(self.find(signal, today + timedelta(days=31))[0])


@tagged("post_install", "-at_install")
class TestVoice(SignalCommon):
    """What customers say: answers, complaints, no answers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = cls.make_customers(4)
        cls._numbers_asked = iter(range(1000))

    def answer(self, customer, kind, *answers):
        """Answer, each a (days ago, raw or None for no answer)."""
        grades = {"nps": ("detractor", "promoter"), "csat": ("bad", "good")}[kind]
        return self.env["retention.feedback"].create(
            [
                {
                    "partner_id": customer.id,
                    "company_id": self.company.id,
                    "kind": kind,
                    "key": f"s:{next(self._numbers_asked)}",
                    "invited_at": self.moment(ago + 2),
                    "state": "asked" if raw is None else "answered",
                    "answered_at": raw is not None and self.moment(ago),
                    "raw": raw,
                    "grade": raw is not None
                    and grades[raw > (6 if kind == "nps" else 3)],
                }
                for ago, raw in answers
            ]
        )

    def test_satisfaction_low_or_falling(self):
        low, falling, fine, long_ago = self.customers
        self.answer(low, "nps", (10, 3))
        self.answer(falling, "nps", (300, 10), (200, 10), (5, 7))
        self.answer(fine, "nps", (300, 8), (200, 8), (5, 7))
        self.answer(long_ago, "csat", (100, 1))
        signal = self.make_signal("satisfaction")
        found, _few = self.find(signal)
        self.assertEqual(set(found), {low, falling})
        self.assertEqual((found[falling].before, found[falling].after), (10, 7))
        self.assertIn("7 of 10", self.say(signal, found[falling]))
        self.assertEqual(found[falling].strength, 0.5)
        found, _few = self.find(signal, TODAY - timedelta(days=90))
        self.assertEqual(set(found), {long_ago})

    def test_surveys_no_longer_answered(self):
        tired, never, fresh = self.customers[:3]
        self.answer(tired, "nps", (300, 8), (200, None), (120, None), (60, None))
        self.answer(never, "nps", (200, None), (120, None), (60, None))
        self.answer(fresh, "nps", (300, 8), (200, None), (120, None), (5, None))
        found, few = self.find(self.make_signal("surveys"))
        self.assertEqual(set(found), {tired})
        self.assertEqual((found[tired].after, few), (3, 1))

    def test_complaints_rise_or_come_back(self):
        rising, steady, reopened = self.customers[:3]
        agos = {rising: (10, 50, 120), steady: (10, 50, 100, 150), reopened: (200,)}
        tickets = self.env["helpdesk.ticket"].create(
            [
                {
                    "name": "Broken",
                    "description": "It does not work.",
                    "partner_id": each.id,
                    "company_id": self.company.id,
                    "retention_kind": "complaint",
                }
                for each, days in agos.items()
                for _ago in days
            ]
        )
        moments = [ago for days in agos.values() for ago in days]
        for ticket, ago in zip(tickets, moments, strict=True):
            ticket.retention_received_at = self.moment(ago)
        tickets[-1].retention_reopened_at = self.moment(3)
        signal = self.make_signal("complaints")
        found, _few = self.find(signal)
        self.assertEqual(set(found), {rising, reopened})
        self.assertEqual((found[rising].before, found[rising].after), (1, 2))
        self.assertIn("1 reopened", self.say(signal, found[reopened]))
        self.assertEqual(set(self.find(signal, self.day(5))[0]), {rising})


@tagged("post_install", "-at_install")
class TestMoney(SignalCommon):
    def test_unpaid_invoices_as_of_the_day(self):
        late, paid, young = self.make_customers(3)
        for customer, ago in ((late, 60), (paid, 60), (young, 5)):
            invoice = self.invoice(
                customer, ago, 500, invoice_date_due=TODAY - timedelta(days=ago)
            )
            if customer == paid:
                self.env["account.payment.register"].with_context(
                    active_model="account.move", active_ids=invoice.ids
                ).create({"payment_date": self.day(10)})._create_payments()
        signal = self.make_signal("overdue_invoices")
        found, _few = self.find(signal)
        self.assertEqual(set(found), {late})
        self.assertEqual((found[late].after, found[late].since), (500, self.day(60)))
        self.assertEqual(set(self.find(signal, self.day(20))[0]), {late, paid})
        self.assertFalse(self.find(signal, self.day(46))[0], "14 days are patience")
        signal.bound = 501
        self.assertFalse(self.find(signal)[0])

    def test_credit_limit(self):
        over, under = self.make_customers(2)
        self.company.account_use_credit_limit = True
        over.credit_limit, under.credit_limit = 400, 600
        for customer in (over, under):
            self.invoice(customer, 1, 500, invoice_date_due=TODAY)
        signal = self.make_signal("overdue_invoices")
        found, _few = self.find(signal)
        self.assertEqual(set(found), {over})
        self.assertEqual((found[over].before, found[over].after), (400, 500))
        self.assertIn("more than the credit limit", self.say(signal, found[over]))

    def test_what_is_about_to_end(self):
        ending, later = self.make_customers(2, birthdate_date=TODAY)
        later.birthdate_date = TODAY + timedelta(days=90)
        signal = self.make_signal("contract_end", date_field="birthdate_date")
        domain = f"[('id', 'in', {[ending.id, later.id]})]"
        signal.domain = domain
        self.assertEqual(set(self.find(signal)[0]), {ending})
        self.assertFalse(signal._can_look_back())
        order = self.order(later, self.moment(3), 100, confirm=False)
        order.validity_date = TODAY + timedelta(days=20)
        signal.date_field = False
        found, _few = self.find(signal)
        self.assertEqual(set(found), {later})
        self.assertIn(order.name, self.say(signal, found[later]))
        for name in ("name", "create_date", "no_field"):
            with self.assertRaises(ValidationError):
                signal.date_field = name
        manager = self.make_user("manager")
        fields_seen = dict(self.Signal.with_user(manager)._selection_date_field())
        self.assertIn("birthdate_date", fields_seen)

    def test_tier_about_to_be_lost(self):
        customer, other = self.make_customers(2)
        self.set_metric("spend", (1000, 500, 100))
        for each in (customer, other):
            self.buy(each, (350, 2000))
        self.buy(other, (10, 2000))
        self.run_pass(as_of=self.day(349))
        self.run_pass(steps=("score",), as_of=TODAY + timedelta(days=30))
        signal = self.make_signal("tier_loss")
        profile = self.profile_of(customer)
        self.assertTrue(profile.is_falling)
        falls_on = profile.fall_date
        found, _few = self.find(signal, falls_on - timedelta(days=60))
        self.assertEqual(set(found), {customer})
        self.assertEqual(found[customer].since, falls_on)
        self.assertEqual(self.say(signal, found[customer]), profile.fall_text)
        profile.write({"override_tier_id": profile.tier_id, "override_until": falls_on})
        self.assertFalse(self.find(signal, falls_on - timedelta(days=60))[0])
        profile.override_until = falls_on - timedelta(days=61)
        self.assertFalse(self.find(signal, falls_on - timedelta(days=61))[0])


@tagged("post_install", "-at_install")
class TestData(SignalCommon):
    def test_data_not_confirmed_for_long(self):
        stale, fresh, new, gone = self.make_customers(4)
        for customer in (stale, fresh, new):
            self.buy(customer, (30, 100))
        self.buy(gone, (400, 100))
        self.env.flush_all()
        old = (stale + fresh + gone).ids
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = ANY(%s)",
            [self.day(366), old],
        )
        self.env.cr.execute(
            "UPDATE res_partner SET create_date = %s WHERE id = %s",
            [self.day(365), new.id],
        )
        fresh.retention_confirmed_on = self.day(100)
        self.run_pass(steps=("score",))
        signal = self.make_signal("stale_data")
        found, _few = self.find(signal)
        self.assertEqual(set(found), {stale})
        self.assertIn("never confirmed", self.say(signal, found[stale]))
        fresh.retention_confirmed_on = self.day(400)
        self.env.flush_all()
        found, _few = self.find(signal)
        self.assertEqual(set(found), {stale, fresh})
        self.assertIn("last confirmed", self.say(signal, found[fresh]))
        self.assertFalse(signal._can_look_back())


@tagged("post_install", "-at_install")
class TestShipped(SignalCommon):
    def test_a_company_comes_with_rules(self):
        company = self.make_company()
        rules = self.Signal.with_context(active_test=False).search(
            [("company_id", "=", company.id)]
        )
        kinds = {key for key, _label in self.Signal._selection_kind()}
        self.assertEqual(set(rules.mapped("kind")), kinds)
        on = {"satisfaction", "complaints", "unsubscribed", "overdue_invoices"}
        self.assertEqual(set(rules.filtered("active").mapped("kind")), on)
        self.assertEqual(set(self.Signal._get_explanations()), kinds)
        self.Signal._create_default(company)
        again = self.Signal.with_context(active_test=False).search_count(
            [("company_id", "=", company.id)]
        )
        self.assertEqual(again, len(rules))
        for rule in rules:
            self.assertTrue(rule.explanation)
            rule._find(everybody(company, TODAY))  # with nothing at all

    def test_a_new_rule_begins_with_what_its_kind_needs(self):
        signal = self.Signal.new({"name": "x", "kind": "mails"})
        signal._onchange_kind()
        self.assertEqual((signal.days, signal.share, signal.months), (90, 30, 0))
        self.assertTrue(signal.uses_share)
        self.assertFalse(signal.uses_months)
