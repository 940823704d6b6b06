from datetime import date, datetime, timedelta

from odoo.tests import freeze_time, tagged

from .common_kpi import DAY, FIRST, LAST, KpiCommon

YEAR = (date(2023, 7, 1), LAST)
DAYS = 9  # after a mailing, a figure that nobody takes for the usual one


@tagged("post_install", "-at_install")
@freeze_time("2024-07-02 06:00:00")
class TestKpiFacts(KpiCommon):
    """Stages, referrals, alerts, mailings and data quality, counted in plain Python."""

    def check(self, code, above, below, **kwargs):
        """A figure is the quotient of what two sets or lists hold."""
        key = kwargs.pop("key", False)
        found = self.figure(code, **kwargs)[key]
        self.assertTrue(0 < len(above) < len(below), code)
        self.assertEqual(
            (found.numerator, found.denominator), (len(above), len(below)), code
        )
        self.assertAlmostEqual(found.value, 100 * len(above) / len(below))

    def test_loyal_share(self):
        stages = self.env["retention.stage"]._get_by_code()
        codes = ("prospect", "new", "active", "loyal")
        told = []  # (place, code, first day, day after the last)
        for place in self.known:
            day = date(2024, 1, 1)
            while day:
                until = day + timedelta(days=self.dice.randrange(10, 120))
                until = until if until < date(2024, 8, 1) else None
                told.append((place, self.dice.choice(codes), day, until))
                day = until
        merged = sorted(self.known)[:3]  # these had a history under another name, too
        more = [(place, "loyal", date(2024, 2, 1), DAY) for place in merged]
        self.env["retention.stage.history"].create(
            [
                {
                    "partner_id": self.customers[place].id,
                    "company_id": self.company.id,
                    "stage_id": stages[code].id,
                    "date_from": day,
                    "date_to": until,
                    "end_cause": "merge" if number >= len(told) else False,
                }
                for number, (place, code, day, until) in enumerate(told + more)
            ]
        )
        held = {
            place: code
            for place, code, day, until in told
            if day <= LAST and (not until or until > LAST)
        }
        known = {place for place, code in held.items() if code != "prospect"}
        loyal = {place for place, code in held.items() if code == "loyal"}
        self.check("loyal_share", loyal, known)

        def mine(places):
            return {place for place in places if place % 3 == 0}

        self.check(
            "loyal_share", mine(loyal), mine(known), by="user", key=self.seller.id
        )

    def test_recommendation(self):
        program = self.env["retention.points.program"].search(
            [("company_id", "=", self.company.id)], limit=1
        ) or self.env["retention.points.program"].create({"name": "Points"})
        places = sorted(self.known)[:24]
        bringers = self.customers.browse(self.customers[place].id for place in places)
        accounts = self.env["retention.points.account"]._open(program, bringers.ids)
        days = (FIRST, date(2023, 6, 30), YEAR[0], LAST, date(2024, 7, 1))
        states = ("waiting", "hold", "rewarded", "refused", "reversed", "review")
        friends = self.make_customers(len(places))
        said = [
            (place, days[number % len(days)], states[number % len(states)])
            for number, place in enumerate(places)
        ]
        self.env["retention.referral"].create(
            [
                {
                    "account_id": accounts[self.customers[place].id],
                    "friend_id": friend.id,
                    "date": day,
                    "source": "staff",
                    "state": state,
                }
                for (place, day, state), friend in zip(said, friends, strict=True)
            ]
        )
        times = [place for place, day, amount in self.bought if amount > 0]
        again = {place for place in self.known if times.count(place) > 1}
        brought = {
            place
            for place, day, state in said
            if YEAR[0] <= day <= LAST and state not in ("refused", "reversed")
        }
        self.check("recommendation", again & brought, again)

    def test_targeting(self):
        signal = self.env["retention.signal"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        days = (FIRST, date(2024, 3, 31), LAST, date(2024, 7, 1))
        states = ("saved", "lost", "false", "new", "false", "working")
        alerts = [
            (place, states[number % 6], days[number // 2 % 4])
            for number, place in enumerate(sorted(self.known))
        ]
        self.env["retention.alert"].create(
            [
                {
                    "partner_id": self.customers[place].id,
                    "company_id": self.company.id,
                    "signal_id": signal.id,
                    "severity": signal.severity,
                    "opened_on": date(2024, 1, 1),
                    "state": state,
                    "closed_on": state not in ("new", "working") and day,
                }
                for place, state, day in alerts
            ]
        )
        closed = [
            alert
            for alert in alerts
            if alert[1] in ("saved", "lost", "false") and FIRST <= alert[2] <= LAST
        ]
        right = [alert for alert in closed if alert[1] != "false"]
        self.check("targeting", right, closed)

    def test_data_quality(self):
        points = {place: (None, 79, 80, 100)[place % 4] for place in self.known}
        self.env.flush_all()
        for place, quality in points.items():
            self.env.cr.execute(
                "UPDATE retention_profile SET quality = %s WHERE partner_id = %s",
                [quality, self.customers[place].id],
            )
        gone = {place for place in self.known if place % 5 == 0}
        self.customers.browse(self.customers[place].id for place in gone).active = False
        known = {place for place in self.known - gone if points[place] is not None}
        good = {place for place in known if points[place] >= 80}
        self.check("data_quality", good, known)

    def send(self, day, places, bounced=(), **values):
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": f"News {day}",
                "body_html": "<p>New</p>",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "user_id": self.env.uid,
                **values,
            }
        )
        self.env["retention.touch"].create(
            [
                {
                    "partner_id": self.customers[place].id,
                    "company_id": self.company.id,
                    "channel_id": self.env.ref("crm_retention.channel_email").id,
                    "state": "done",
                    "origin": "mailing",
                    "category": mailing.retention_category,
                    "is_bulk": True,
                    "outcome": "not_reached" if place in bounced else "reached",
                    "done_at": datetime(day.year, day.month, day.day, 9),
                    "res_model": "mailing.mailing",
                    "res_id": mailing.id,
                }
                for place in places
            ]
        )

    def test_campaign_conversion(self):
        """As many days as the company says, the day of the mailing with them."""
        self.company.retention_conversion_days = DAYS
        bounced = {place for place in self.known if place % 5 == 0}
        sent = (date(2024, 3, 24), date(2024, 5, 20), date(2024, 6, 21))
        for day in sent:
            self.send(day, self.known, bounced)
        self.send(date(2024, 3, 22), self.known)  # its days ended before
        self.send(date(2024, 6, 23), self.known)  # its days end later
        self.send(sent[1], self.known, retention_category="service")
        self.run_pass(as_of=DAY, steps=("measure",))
        reached = self.known - bounced
        bought = {
            place
            for place, day, amount in self.bought
            if amount > 0
            and any(each <= day <= each + timedelta(days=DAYS) for each in sent)
        }
        self.check("campaign_conversion", bought & reached, reached)
        # of a month that runs only mailings whose days are over
        july = {"first": date(2024, 7, 1), "last": date(2024, 7, 31)}
        self.assertEqual(self.figure("campaign_conversion", **july), {})

    def test_records_of_a_filter(self):
        """Of answers all are opened, not only those of who recommends."""
        one, two = self.customers[0], self.customers[1]
        self.say("nps", {"detractor": 2, "passive": 1}, partner=one)
        self.say("nps", {"promoter": 3}, partner=two)
        nps, listed = self.kpi("nps"), {}
        scope = self.scope(domain=[("partner_id", "=", one.id)])
        nps._compute_all(scope, ("company",), 100, listed)
        target = nps._get_records_of(scope, listed[nps])
        rows = self.env[target.model].search(target.domain)
        self.assertEqual(rows.partner_id, one)
        self.assertEqual(len(rows), 3)
