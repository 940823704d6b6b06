"""Data quality: faults, duplicates, corrections, tasks to confirm, the portal page."""

from datetime import timedelta

from odoo import fields, http
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, tagged

from odoo.addons.crm_retention.models.decisions.signal_scope import everybody

from .common import RetentionCommon

GOOD = {
    "email": "good@example.com",
    "phone": "+32470112233",
    "city": "Gent",
    "zip": "9000",
}


class QualityCommon(RetentionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._retention_today()
        cls.Rule = cls.env["retention.quality.rule"]
        cls.belgium = cls.env.ref("base.be")
        cls.seller = cls.make_user("user", groups="base.group_partner_manager")

    @classmethod
    def customer(cls, name, **values):
        values = (
            GOOD | {"country_id": cls.belgium.id, "user_id": cls.seller.id} | values
        )
        partner = cls.env["res.partner"].create({"name": name} | values)
        cls.buy(partner, (cls.today - timedelta(days=5), 100))
        return partner

    def judge(self, kind="full", **values):
        return self.run_pass(kind, as_of=self.today, **values)

    def faults(self, partner):
        profile = self.profile_of(partner)
        rules = profile.quality_rule_ids.sorted("sequence")
        return profile.quality, [(rule.kind, rule.what) for rule in rules]


@tagged("post_install", "-at_install")
class TestFaults(QualityCommon):
    def test_what_is_wrong_and_what_it_weighs(self):
        old = fields.Date.to_string(self.today - timedelta(days=400))
        cases = [
            ({}, []),
            ({"email": False, "phone": " "}, [("missing", "reach")]),
            ({"email": False}, []),
            (
                {"user_id": False, "city": ""},
                [("missing", "user_id"), ("missing", "city")],
            ),
            ({"is_company": True}, [("missing", "vat")]),
            ({"is_company": True, "vat": "/"}, []),
            ({"email": "nobody at home"}, [("malformed", "email")]),
            ({"phone": "call me"}, [("malformed", "phone")]),
            ({"message_bounce": 2}, [("bounced", False)]),
            ({"retention_confirmed_on": old}, [("stale", False)]),
        ]
        customers = [
            self.customer(
                f"Case {n}",
                **{"email": f"n{n}@example.com", "phone": f"+3247011{n:04}"} | values,
            )
            for n, (values, _faults) in enumerate(cases)
        ]
        self.judge()
        weight = {(rule.kind, rule.what): rule.weight for rule in self.Rule.search([])}
        for customer, (values, expected) in zip(customers, cases, strict=True):
            with self.subTest(values):
                score, found = self.faults(customer)
                self.assertEqual(found, expected)
                whole = sum(
                    rule.weight
                    for rule in self.company_rules()
                    if rule.customers == "all" or customer.is_company
                )
                lost = sum(weight[fault] for fault in expected)
                self.assertEqual(score, int(100 * (whole - lost) / whole + 0.5))

    def company_rules(self):
        return self.Rule.search([("company_id", "=", self.company.id)])

    def test_a_night_judges_who_changed_and_writes_no_others(self):
        customers = [
            self.customer(f"C{n}", email=f"c{n}@example.com", phone=f"+324701122{n}0")
            for n in range(3)
        ]
        self.judge()
        self.env.cr.execute(
            "UPDATE res_partner SET write_date = write_date - interval '2 days'"
        )
        self.env.cr.execute("SELECT id, ctid FROM retention_profile ORDER BY id")
        before = dict(self.env.cr.fetchall())
        self.env.invalidate_all()
        customers[0].city = False
        last = self.Run.search([("step", "=", "quality")], limit=1)
        last.started_at = fields.Datetime.now() + timedelta(minutes=30)
        [run] = self.judge("night", steps=("quality",))
        self.assertEqual((run.seen, run.changed), (1, 1))
        self.assertEqual(self.faults(customers[0])[1], [("missing", "city")])
        self.env.cr.execute("SELECT id, ctid FROM retention_profile ORDER BY id")
        moved = {
            each for each, place in self.env.cr.fetchall() if place != before[each]
        }
        self.assertEqual(moved, set(self.profile_of(customers[0]).ids))

    def test_a_night_notices_what_grew_stale(self):
        partner = self.customer("Old")
        self.judge()
        self.assertEqual(self.faults(partner), (100, []))
        partner.retention_confirmed_on = self.today - timedelta(days=365)
        self.env.cr.execute("UPDATE res_partner SET write_date = '2020-01-01'")
        self.run_pass("night", as_of=self.today + timedelta(days=5), steps=("quality",))
        self.assertEqual(self.faults(partner)[1], [("stale", False)])

    def test_changed_rules_hold_for_all_the_next_night(self):
        partner = self.customer("Plain", street=False)
        self.judge()
        self.assertEqual(self.faults(partner), (100, []))
        rule = self.Rule.create({"kind": "missing", "what": "street", "weight": 100})
        self.judge("night", steps=("quality",))
        self.assertEqual(self.faults(partner)[1], [("missing", "street")])
        rule.unlink()
        self.judge("night", steps=("quality",))
        self.assertEqual(self.faults(partner), (100, []))

    def test_rules_that_make_no_sense(self):
        for values in ({"kind": "malformed", "what": "city"}, {"kind": "missing"}):
            with self.assertRaises(ValidationError):
                self.Rule.create(values)

    def test_shares_by_salesperson(self):
        self.customer("Good")
        self.customer("Bad", email="x", phone="y", city=False, message_bounce=1)
        self.judge()
        [(share,)] = self.Profile._read_group(
            [("user_id", "=", self.seller.id)], [], ["quality_share:avg"]
        )
        self.assertEqual(share, 50)

    def test_recalculating_judges_the_data_too(self):
        partner = self.customer("Now")
        self.judge()
        partner.write({"email": False, "phone": False})
        self.profile_of(partner).with_user(self.seller).action_recalculate()
        self.assertEqual(self.faults(partner)[1], [("missing", "reach")])

    def test_a_new_company_has_rules(self):
        other = self.make_company()
        rules = self.Rule.search([("company_id", "=", other.id)])
        self.assertEqual(len(rules), len(self.company_rules()))


@tagged("post_install", "-at_install")
class TestDuplicates(QualityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Pair = cls.env["retention.duplicate"]
        cls.first = cls.customer("Müller Trading GmbH", is_company=True, vat="/")
        cls.second = cls.customer(
            "MÜLLER, Trading", email="Good@Example.com", phone="0470 11 22 34"
        )
        cls.third = cls.customer("Else", email="e@example.com", phone="+32470112277")

    def pairs(self):
        return {
            (pair.partner_id, pair.other_id): pair.match_text
            for pair in self.Pair.search([("state", "=", "open")])
            if pair.partner_id in self.first + self.third
        }

    def test_alike(self):
        self.judge()
        pair = (self.first, self.second)
        self.assertEqual(self.pairs(), {pair: "Same E-mail, Same Name and Postcode"})
        for each in pair:
            self.assertIn(("duplicate", "email"), self.faults(each)[1])
        self.assertEqual(self.profile_of(self.second).duplicate_count, 1)
        self.second.write({"email": "other@example.com", "zip": "1000"})
        self.judge("night", steps=("quality",))
        self.assertEqual(self.pairs(), {})
        self.assertEqual(self.faults(self.second), (100, []))

    def test_what_a_person_says_stays(self):
        self.judge()
        pair = self.Pair.search([("partner_id", "=", self.first.id)])
        pair.with_user(self.seller).action_different()
        self.assertEqual(self.faults(self.second), (100, []))
        self.judge()
        self.assertEqual(pair.state, "different")
        self.assertEqual(pair.decided_by_id, self.seller)
        self.assertEqual(self.faults(self.second), (100, []))

    def test_a_switchboard_is_no_duplicate(self):
        for n in range(21):
            self.customer(f"Desk {n}", email=f"d{n}@example.com", phone="+3292223344")
        self.judge()
        self.assertFalse(self.Pair.search([("by_phone", "=", True)]))

    def test_merged_in_one_click(self):
        self.second.email = self.first.email  # Odoo merges no others
        self.judge()
        pair = self.Pair.search([("partner_id", "=", self.first.id)])
        action = pair.with_user(self.seller).action_merge()
        merge = (
            self.env[action["res_model"]]
            .with_user(self.seller)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(merge.partner_ids, self.first + self.second)
        merge.action_merge()
        [kept] = (self.first + self.second).exists()
        self.assertFalse(pair.exists())
        self.judge()
        self.assertEqual(self.profile_of(kept).purchase_count, 2)
        self.assertEqual(self.pairs(), {})


@tagged("post_install", "-at_install")
class TestCorrections(QualityCommon):
    def test_offered_applied_undone(self):
        odd = self.customer(
            "  ANNE   VAN DAM ", email="Anne@Example.COM", phone="0470 11.22.33"
        )
        firm = self.customer("ACME LTD", is_company=True, phone="+32 470 11 22 44")
        self.judge()
        Correction = self.env["retention.correction"].with_user(self.seller)
        rows = Correction.search([("partner_id", "in", (odd + firm).ids)])
        self.assertEqual(
            {(row.partner_id, row.field_name, row.after) for row in rows},
            {
                (odd, "name", "Anne van Dam"),
                (odd, "email", "anne@example.com"),
                (odd, "phone", "+32470112233"),
            },
        )
        self.assertEqual(odd.phone, "0470 11.22.33")  # never silent
        by_field = {row.field_name: row for row in rows}
        by_field["email"].action_refuse()
        (by_field["phone"] | by_field["name"]).action_apply()
        self.assertEqual((odd.name, odd.phone), ("Anne van Dam", "+32470112233"))
        self.assertEqual(odd.email, "Anne@Example.COM")
        by_field["name"].action_undo()
        self.assertEqual(odd.name, "  ANNE   VAN DAM ")
        self.judge()
        again = Correction.search([("partner_id", "=", odd.id)])
        self.assertEqual(again, rows)
        self.assertFalse(again.filtered(lambda row: row.state == "proposed"))

    def test_what_changed_meanwhile_is_left_alone(self):
        odd = self.customer("bob  low")
        self.judge()
        row = self.env["retention.correction"].search([("partner_id", "=", odd.id)])
        odd.name = "Robert Low"
        row.action_apply()
        self.assertEqual((odd.name, row.state), ("Robert Low", "proposed"))
        self.judge()
        self.assertFalse(row.exists())

    def test_only_own_customers(self):
        odd = self.customer("bob low", user_id=False)
        self.judge()
        row = self.env["retention.correction"].search([("partner_id", "=", odd.id)])
        with self.assertRaises(AccessError):
            row.with_user(self.seller).action_apply()
        self.assertEqual(odd.name, "bob low")


@tagged("post_install", "-at_install")
class TestConfirming(QualityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customers = [
            cls.customer(
                f"Stale {n}",
                email=f"s{n}@example.com",
                phone=f"+324701133{n}0",
                retention_confirmed_on=cls.today - timedelta(days=400 + n),
            )
            for n in range(4)
        ]
        cls.kind = cls.env.ref("crm_retention.mail_activity_type_confirm")
        cls.company.retention_confirm_week = 2

    def tasks(self):
        self.env.invalidate_all()
        return self.env["mail.activity"].search(
            [("activity_type_id", "=", self.kind.id)], order="res_id desc"
        )

    def test_oldest_first_and_no_more_than_so_many(self):
        for _time in range(3):
            self.judge()
            self.assertEqual(
                self.tasks().mapped("res_id"),
                [self.customers[3].id, self.customers[2].id],
            )
        self.assertEqual(self.tasks().user_id, self.seller)
        task = self.tasks()[0]
        task.with_user(self.seller).action_feedback("Called")
        self.assertEqual(self.customers[3].retention_confirmed_on, self.today)
        self.assertEqual(self.customers[3].retention_confirmed_by_id, self.seller)
        self.assertEqual(self.faults(self.customers[3]), (100, []))
        self.judge()
        self.assertEqual(len(self.tasks()), 1)  # two a week, done or not
        self.env.cr.execute(
            "UPDATE mail_activity SET create_date = create_date - interval '8 days'"
        )
        self.judge()
        self.assertEqual(
            set(self.tasks().mapped("res_id")),
            {self.customers[2].id, self.customers[1].id},
        )

    def test_a_warning_for_data_gone_stale(self):
        signals = self.env["retention.signal"]
        signal = signals.create(
            signals._begin_with("stale_data")
            | {"name": "Stale", "kind": "stale_data", "months": 13}
        )
        self.judge()
        customer = self.customers[3]
        self.customers[2].retention_confirmed_on = self.today
        found, _few = signal._find(everybody(self.company, self.today))
        found = {each.customer_id: each for each in found}
        self.assertIn(customer.id, found)
        self.assertNotIn(self.customers[2].id, found)
        self.assertIn("last confirmed", signal._say(found[customer.id], str))
        self.assertFalse(signal._can_look_back())
        customer.retention_no_profiling = True
        found, _few = signal._find(everybody(self.company, self.today))
        self.assertNotIn(customer.id, [each.customer_id for each in found])

    def test_nobody_is_asked_by_default(self):
        self.assertFalse(self.make_company().retention_confirm_week)
        self.company.retention_confirm_week = 0
        self.judge()
        self.assertFalse(self.tasks())

    def test_confirmed_by_a_button(self):
        self.judge()
        profile = self.profile_of(self.customers[3]).with_user(self.seller)
        profile.action_confirm_data()
        self.assertEqual(profile.confirmed_on, self.today)
        self.assertEqual(len(self.tasks()), 1)
        foreign = self.customer("Foreign", user_id=False)
        self.judge()
        with self.assertRaises(AccessError):
            foreign.with_user(self.seller).action_retention_confirm()


@tagged("post_install", "-at_install")
class TestDetailsPortal(QualityCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls.customer("Ann Portal", email="ann@example.com")
        cls.stranger = cls.customer("Stranger", email="s@example.com")
        cls.portal = cls.make_user("portal", partner_id=cls.person.id)
        cls.person.write({"name": "Ann Portal", "email": "ann@example.com"})
        cls.run_pass(as_of=cls.today)

    def send(self, path, token=True, **data):
        if token:
            data["csrf_token"] = http.Request.csrf_token(self)
        return self.url_open(path, data=data, allow_redirects=False)

    def test_confirm_correct_and_object(self):
        self.authenticate(self.portal.login, self.portal.login)
        text = self.url_open("/my/check-details").text
        self.assertIn("ann@example.com", text)
        own = {
            "name": "Ann Portal",
            "email": "ann@example.com",
            "phone": GOOD["phone"],
            "city": "Gent",
            "zip": "9000",
            "country_id": self.belgium.id,
        }
        answer = self.send("/my/check-details/confirm", **own)
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(self.person.retention_confirmed_on, self.today)
        self.assertIn("your data is right", self.url_open("/my/check-details").text)
        # corrected, with what nobody may choose by a form
        answer = self.send(
            "/my/check-details/confirm",
            **own
            | {
                "phone": "0470/11 22 99",
                "street": "<b>Kerkstraat</b> 1",
                "user_id": self.env.user.id,
                "credit_limit": 9999,
                "id": self.stranger.id,
                "partner_id": self.stranger.id,
            },
        )
        self.assertEqual(answer.status_code, 303)
        self.env.invalidate_all()
        self.assertEqual(self.person.phone, "0470/11 22 99")
        self.assertEqual(self.person.user_id, self.seller)
        self.assertFalse(self.stranger.retention_confirmed_on)
        note = " ".join(self.person.message_ids.mapped("body"))
        self.assertIn("0470/11 22 99", note)
        self.assertNotIn("<b>Kerk", note)
        for wrong in (
            {"email": "not an address"},
            {"email": ""},
            {"name": " "},
            {"phone": "abc"},
        ):
            answer = self.send("/my/check-details/confirm", **own | wrong)
            self.assertEqual(answer.status_code, 422, wrong)
        self.env.invalidate_all()
        self.assertEqual(self.person.email, "ann@example.com")
        # the wish
        self.send("/my/check-details/profiling", wish="no")
        self.env.invalidate_all()
        self.assertTrue(self.person.retention_no_profiling)
        self.assertFalse(self.profile_of(self.person).tier_id)
        self.send("/my/check-details/profiling", wish="yes")
        self.env.invalidate_all()
        self.assertFalse(self.person.retention_no_profiling)

    def test_no_way_around(self):
        self.authenticate(self.portal.login, self.portal.login)
        for path in ("confirm", "profiling"):
            path = f"/my/check-details/{path}"
            self.assertEqual(self.url_open(path).status_code, 405)
            self.assertEqual(
                self.send(path, token=False, name="X", wish="no").status_code, 400
            )
        self.env.invalidate_all()
        self.assertFalse(self.person.retention_no_profiling)
        self.authenticate(None, None)
        answer = self.url_open("/my/check-details", allow_redirects=False)
        self.assertIn("/web/login", answer.headers["Location"])

    def test_a_contact_of_a_company_speaks_for_himself(self):
        self.person.parent_id = self.stranger
        self.stranger.is_company = True
        self.authenticate(self.portal.login, self.portal.login)
        self.assertNotIn("/profiling", self.url_open("/my/check-details").text)
        self.send("/my/check-details/profiling", wish="no")
        self.send("/my/check-details/confirm", name="Ann", email="a2@example.com")
        self.env.invalidate_all()
        self.assertFalse(self.person.retention_no_profiling)
        self.assertEqual(self.person.retention_confirmed_on, self.today)
        self.assertFalse(self.stranger.retention_confirmed_on)
