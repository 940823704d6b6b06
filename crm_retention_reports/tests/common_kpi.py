from datetime import date, datetime, timedelta
from random import Random

from odoo.fields import Command

from odoo.addons.crm_retention.tests.common import TODAY, RetentionCommon
from odoo.addons.crm_retention.tools import tiering

FIRST, LAST = date(2024, 4, 1), date(2024, 6, 30)  # a quarter, over
DAY = date(2024, 7, 2)  # the day that the figures are looked at


class KpiCommon(RetentionCommon):
    """A generated company: what was bought, said and asked is also kept as plain data.

    ``bought`` are (place of the customer, day, amount); ``talks`` (place, day,
    answered); ``held`` the band that a customer held on the first day of the quarter.
    """

    count = 60

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dice = Random(7)
        cls.Kpi, cls.Value = cls.env["retention.kpi"], cls.env["retention.kpi.value"]
        cls.Review = cls.env["retention.review"]
        cls.customers = cls.make_customers(cls.count)
        cls.make_people()
        cls.bought = [
            (place, day, amount)
            for place in range(cls.count)
            for day, amount in cls.make_history(place)
        ]
        cls.env["retention.purchase"].create(
            [
                {
                    "partner_id": cls.customers[place].id,
                    "company_id": cls.company.id,
                    "currency_id": cls.company.currency_id.id,
                    "date": day,
                    "amount": amount,
                    "reference": f"K-{number}",
                }
                for number, (place, day, amount) in enumerate(cls.bought)
            ]
        )
        cls.make_talks()
        cls.run_pass(as_of=DAY, steps=("collect", "score"))
        cls.make_tiers()
        cls.run_pass(as_of=DAY, steps=("measure",))

    @classmethod
    def make_people(cls):
        """One seller of a team, one of none; a third of the customers have nobody."""
        cls.lead = cls.make_user("lead")
        cls.seller, cls.colleague = (
            cls.make_user("user", login=f"kpi_seller_{n}") for n in (1, 2)
        )
        cls.team = cls.env["crm.team"].create(
            {
                "name": "North",
                "user_id": cls.lead.id,
                "member_ids": [Command.set(cls.colleague.ids)],
            }
        )
        for place, customer in enumerate(cls.customers):
            customer.user_id = (cls.seller, cls.colleague, False)[place % 3]

    @classmethod
    def make_history(cls, place):
        day = date(2022, 1, 1) + timedelta(days=cls.dice.randrange(860))
        until = date(2023, 9, 1) if place % 7 == 0 else date(2024, 9, 1)
        while day < min(until, date(2024, 7, 1)):
            yield day, cls.dice.randrange(20, 400)
            if cls.dice.random() < 0.1:
                yield day + timedelta(days=2), -cls.dice.randrange(5, 20)
            day += timedelta(days=cls.dice.randrange(20, 260))

    @classmethod
    def make_talks(cls):
        phone = cls.env.ref("crm_retention.channel_phone")
        cls.talks = [
            (place, day, cls.dice.random() < 0.4)
            for place in sorted({place for place, _day, _amount in cls.bought})
            for day in (date(2024, 3, 20), date(2024, 5, 5), date(2024, 6, 30))
            if cls.dice.random() < 0.6
        ]
        cls.env["retention.touch"].create(
            [
                {
                    "partner_id": cls.customers[place].id,
                    "company_id": cls.company.id,
                    "channel_id": phone.id,
                    "state": "done",
                    "done_at": datetime(day.year, day.month, day.day, 10),
                    "outcome": "answered" if answered else "reached",
                }
                for place, day, answered in cls.talks
            ]
        )

    @classmethod
    def make_tiers(cls):
        """Let every second customer hold a high tier on the first day, others none."""
        cls.high = cls.program.tier_ids.filtered(lambda tier: tier.band == "high")[:1]
        cls.known = {place for place, _day, _amount in cls.bought}
        cls.held = {place for place in cls.known if place % 2 == 0}
        cls.Membership.create(
            [
                {
                    "partner_id": cls.customers[place].id,
                    "company_id": cls.company.id,
                    "program_id": cls.program.id,
                    "tier_id": cls.high.id,
                    "date_from": date(2024, 1, 1 + place % 20),
                    "date_to": date(2024, 5, 1) if place % 4 == 0 else False,
                    "valid_until": date(2025, 1, 31),
                    "cause": tiering.ENTER,
                }
                for place in cls.held
            ]
        )

    @classmethod
    def say(cls, kind, counts, day=TODAY, partner=None):
        """Let so many answers of each grade be given."""
        cls.env["retention.feedback"].create(
            [
                {
                    "partner_id": (partner or cls.customers[0]).id,
                    "company_id": cls.company.id,
                    "kind": kind,
                    "key": f"{kind}{day}{grade}{number}{partner}",
                    "state": "answered",
                    "grade": grade,
                    "invited_at": datetime(day.year, day.month, day.day, 9),
                    "answered_at": datetime(day.year, day.month, day.day, 10),
                }
                for grade, count in counts.items()
                for number in range(count)
            ]
        )

    @classmethod
    def kpi(cls, code):
        return cls.env.ref(f"crm_retention_reports.retention_kpi_{code}")

    @classmethod
    def scope(cls, first=FIRST, last=LAST, domain=None, user=None):
        analysis = cls.env["retention.analysis"].with_user(user or cls.env.user)
        return analysis._get_scope(
            {"first": first, "last": last, "domain": domain or []}
        )

    def figure(self, code, by=None, **kwargs):
        return self.kpi(code)._compute_values(self.scope(**kwargs), by)
