from collections import defaultdict
from datetime import date, datetime, timedelta

from odoo.tests import freeze_time, tagged

from odoo.addons.crm_retention_reports.report.churn_sql import ChurnSQL

from .common_kpi import DAY, FIRST, LAST, KpiCommon

YEAR = (date(2023, 7, 1), date(2024, 6, 30))
YEAR_BEFORE = (date(2022, 7, 1), date(2023, 6, 30))


@tagged("post_install", "-at_install")
@freeze_time("2024-07-02 06:00:00")
class TestKpi(KpiCommon):
    """Every figure is what plain counting of the same facts says."""

    def buyers(self, first, last):
        return {
            place
            for place, day, amount in self.bought
            if amount > 0 and first <= day <= last
        }

    def revenue(self, first, last):
        result = defaultdict(int)
        for place, day, amount in self.bought:
            if first <= day <= last:
                result[place] += amount
        return result

    def check(self, code, above, below, by=None, key=False, factor=100):
        found = self.figure(code, by).get(key)
        self.assertTrue(found, code)
        self.assertAlmostEqual(found.numerator, above, 2, code)
        self.assertAlmostEqual(found.denominator, below, 2, code)
        self.assertAlmostEqual(found.value, factor * above / below, 4, code)

    def test_customers_kept_and_lost(self):
        was = self.buyers(date(2023, 4, 1), date(2024, 3, 31))
        still = self.buyers(*YEAR)
        self.assertTrue(was & still and was - still)
        self.check("retention_rate", len(was & still), len(was))
        self.check("churn", len(was - still), len(was))
        counts = ChurnSQL(self.scope()).counts()[False]
        self.assertEqual(self.figure("churn")[False].value, counts.churn)
        # a month that is not over; one before anybody could have been lost
        for first, last in ((DAY, DAY), (date(2022, 5, 1), date(2022, 5, 31))):
            self.assertFalse(self.figure("churn", first=first, last=last))

    def test_revenue_kept(self):
        before, now = self.revenue(*YEAR_BEFORE), self.revenue(*YEAR)
        cohort = {place: old for place, old in before.items() if old > 0}
        whole = sum(cohort.values())
        self.check("nrr", sum(now[place] for place in cohort), whole)
        kept = sum(min(max(now[place], 0), old) for place, old in cohort.items())
        self.check("grr", kept, whole)
        found = ChurnSQL(self.scope()).revenue_retention()[False]
        self.assertAlmostEqual(self.figure("grr")[False].value, found.gross)
        self.assertAlmostEqual(self.figure("nrr")[False].value, found.net)
        early = {"first": date(2023, 6, 1), "last": date(2023, 6, 30)}
        self.assertFalse(self.figure("grr", **early))

    def test_costs(self):
        costs = self.env["retention.cost"].create(
            [
                {
                    "name": purpose,
                    "kind": "people",
                    "purpose": purpose,
                    "basis": "month",
                    "amount": amount,
                    "date_from": date(2024, 1, 1),
                }
                for purpose, amount in (("service", 900), ("winning", 300))
            ]
        )
        new = {
            place
            for place in self.buyers(FIRST, LAST)
            if not self.buyers(date(2000, 1, 1), date(2024, 3, 31)) & {place}
        }
        self.assertTrue(new)
        self.check("service_cost", 2700, len(self.buyers(*YEAR)), factor=1)
        self.check("winning_cost", 900, len(new), factor=1)
        self.assertFalse(self.figure("service_cost", user=self.seller))
        costs.unlink()
        self.assertFalse(self.figure("service_cost"))

    def test_bought_again(self):
        times = defaultdict(int)
        for place, day, amount in self.bought:
            times[place] += amount > 0 and YEAR[0] <= day <= YEAR[1]
        once = [n for n in times.values() if n]
        self.check("repurchase", sum(n > 1 for n in once), len(once))

    def test_reach_and_response(self):
        inside = [talk for talk in self.talks if FIRST <= talk[1] <= LAST]
        reached = {place for place, _day, _answered in inside}
        answered = {place for place, _day, yes in inside if yes}
        self.check("reach_contacted", len(self.held & reached), len(self.held))
        self.check("reach_answered", len(self.held & answered), len(self.held))
        self.check("response", sum(talk[2] for talk in inside), len(inside))

    def test_by_team_person_and_tier(self):
        was = self.buyers(date(2023, 4, 1), date(2024, 3, 31))
        still = self.buyers(*YEAR)
        for by, key, mine in (
            ("user", self.seller.id, lambda place: place % 3 == 0),
            ("team", self.team.id, lambda place: place % 3 == 1),
            ("user", False, lambda place: place % 3 == 2),
            ("tier", self.high.id, lambda place: place in self.held),
        ):
            own = {place for place in was if mine(place)}
            self.check("churn", len(own - still), len(own), by, key)
        all_at_once = self.kpi("churn")._compute_all(self.scope())
        self.assertEqual(
            all_at_once[self.kpi("churn"), "user", self.seller.id],
            self.figure("churn", "user")[self.seller.id],
        )

    def test_filters(self):
        only = self.customers[:20]
        found = self.figure("churn", domain=[("partner_id", "in", only.ids)])[False]
        was = self.buyers(date(2023, 4, 1), date(2024, 3, 31)) & set(range(20))
        self.assertEqual(found.denominator, len(was))

    def test_answers(self):
        self.say("nps", {"promoter": 60, "passive": 25, "detractor": 15})
        self.say("nps", {"detractor": 9}, day=date(2024, 3, 31))
        self.say("csat", {"good": 8, "neutral": 1, "bad": 1})
        nps = self.figure("nps")[False]
        # adjusted Wald of 60, 25, 15: Agresti & Min's figures, by hand
        self.assertEqual((nps.value, nps.n), (45, 100))
        self.assertEqual((round(nps.low, 2), round(nps.high, 2)), (29.34, 58.04))
        self.assertEqual(self.figure("satisfaction")[False].value, 80)

    def make_ticket(self, hours=None, minutes=None, **values):
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "T", "description": "x", "partner_id": self.customers[0].id}
        )
        ticket.retention_kind = values.pop("retention_kind", "question")
        received = datetime(2024, 5, 6, 9)
        ticket.write(
            {
                "retention_received_at": received,
                "retention_outside_hours": False,
                "retention_answer_state": "met" if minutes else "running",
                "retention_answered_at": minutes
                and received + timedelta(minutes=minutes),
                "retention_solved_at": hours and received + timedelta(hours=hours),
                **values,
            }
        )

    def test_service(self):
        complaint = {"retention_kind": "complaint"}
        self.make_ticket(24, 10, **complaint)
        self.make_ticket(25, 20, **complaint)
        self.make_ticket(None, None, **complaint)
        self.make_ticket(1, 30, retention_answer_state="missed")
        self.make_ticket(1, 9, retention_received_at=datetime(2024, 3, 31, 9))
        self.check("complaints_24h", 1, 3)
        self.check("answered_in_time", 2, 3)
        # 10, 20, 30 and one not answered: the middle of 20 and 30
        self.assertEqual(self.figure("first_answer")[False].value, 25)
        self.make_ticket(None, None)
        self.make_ticket(None, None)
        # the middle one of seven is not answered yet
        self.assertFalse(self.figure("first_answer"))

    def test_lifetime_value_is_of_today(self):
        self.env.cr.execute(
            """UPDATE retention_profile SET year_value = 100, forecast_on = %s
                WHERE company_id = %s AND purchase_count > 0""",
            [date(2024, 7, 2), self.company.id],
        )
        self.env.invalidate_all()
        spent = self.revenue(date(2000, 1, 1), date(2024, 7, 2))
        self.check(
            "lifetime_value",
            sum(spent.values()) + 100 * len(spent),
            len(spent),
            factor=1,
        )
        self.assertFalse(
            self.figure(
                "lifetime_value", first=date(2024, 1, 1), last=date(2024, 3, 31)
            )
        )

    def test_points(self):
        program = self.env["retention.points.program"].search(
            [("company_id", "=", self.company.id)], limit=1
        ) or self.env["retention.points.program"].create({"name": "Points"})
        program.point_value = 0.02
        customers = self.customers[:2]
        accounts = self.env["retention.points.account"]._open(program, customers.ids)
        one, two = (accounts[customer.id] for customer in customers)
        entries = [
            (one, "earn", 500, date(2024, 3, 1)),
            (one, "redeem", -100, date(2024, 4, 2)),
            (two, "earn", 300, date(2024, 5, 1)),
            (two, "expire", -50, date(2024, 6, 30)),
            (two, "earn", 70, date(2024, 7, 1)),
        ]
        for number, (account, kind, points, day) in enumerate(entries):
            self.env.cr.execute(
                """INSERT INTO retention_points_entry
                     (account_id, kind, points, date, key, payload_hash, create_date)
                   VALUES (%s, %s, %s, %s, %s, 'x', now())""",
                [account, kind, points, day, f"k{number}"],
            )
        liability = self.figure("points_liability")[False]
        self.assertAlmostEqual(liability.value, (400 + 250) * 0.02)
        self.check("breakage", 50, 150)

    def test_empty_company(self):
        other = self.make_company()
        scope = (
            self.env["retention.analysis"]
            .with_company(other)
            ._get_scope({"first": FIRST, "last": LAST, "domain": []})
        )
        found = self.Kpi.search([])._compute_all(scope)
        self.assertFalse(found)

    def test_records_behind(self):
        for code in ("churn", "reach_answered", "repurchase"):
            figure = self.figure(code, "user")[self.seller.id]
            target = self.kpi(code)._get_records(self.scope(), "user", self.seller.id)
            rows = self.env[target.model].search(target.domain)
            self.assertEqual(len(rows), figure.numerator, code)
        self.say("nps", {"promoter": 3}, partner=self.customers[0])
        self.say("nps", {"promoter": 2}, partner=self.customers[1])
        for by, key, count in (
            ("company", False, 5),
            ("user", self.seller.id, 3),
            ("team", self.team.id, 2),
            ("tier", self.high.id, 3),
        ):
            target = self.kpi("nps")._get_records(self.scope(), by, key)
            self.assertEqual(self.env[target.model].search_count(target.domain), count)

    def test_own_customers_only(self):
        found = self.figure("churn", user=self.seller)[False]
        own = self.figure("churn", "user")[self.seller.id]
        self.assertEqual(found, own)
