"""What the team analysis counts: customers, contacts and alerts by person."""

from collections import defaultdict
from datetime import timedelta

from odoo.tools import SQL

from odoo.addons.crm_retention.models.actions.open_days import OpenDays

from ..tools import months
from ..tools.fair import Part
from .people import get_visible_people

WEEK = 7  # days ahead for which the load is told


class TeamSQL:
    """Counts of the reader's customers and of those people he may see by name.

    Whose a customer is: of the salesperson of today. None stands for nobody, whom only
    those see who see everybody.
    """

    def __init__(self, scope):
        self.scope = scope
        self.env = scope.env
        self.people = get_visible_people(scope.env)
        self.today = scope.company._retention_today()
        self.until = self.today + timedelta(days=WEEK)

    def _visible(self, column: SQL) -> SQL:
        if self.people is None:
            return SQL("TRUE")
        return SQL("%s = ANY(%s)", column, list(self.people))

    def _seen(self, model, column: SQL, partner: SQL) -> SQL:
        """Return the condition that the reader may see a row, also in lists."""
        query = self.env[model]._search([("company_id", "=", self.scope.company.id)])
        seen = SQL("%s IN %s", column, query.subselect())
        if self.scope.domain.is_true():
            return seen
        return SQL("%s AND %s", seen, self.scope.among(partner))

    def customers(self) -> dict:
        """Return ``{person: {tier: {name: number}}}`` of who has bought so far.

        Numbers are customers, those contacted and answered in the months of the
        period, and of the contacts themselves.
        """
        rows = self.scope.rows(
            SQL(
                """
                SELECT buyer.user_id, COALESCE(profile.tier_id, 0), count(*),
                       count(did.contacts), count(*) FILTER (WHERE did.answers > 0),
                       COALESCE(sum(did.contacts), 0)
                  FROM retention_profile profile
                  JOIN res_partner buyer ON buyer.id = profile.partner_id
                  LEFT JOIN (
                       SELECT profile_id, sum(contacts) AS contacts,
                              sum(answers) AS answers
                         FROM retention_month
                        WHERE company_id = %(company)s AND contacts > 0
                          AND month BETWEEN %(first)s AND %(last)s AND %(few)s
                        GROUP BY profile_id) did ON did.profile_id = profile.id
                 WHERE profile.company_id = %(company)s AND buyer.active
                   AND profile.first_purchase <= %(last)s
                   AND %(visible)s AND %(among)s
                 GROUP BY 1, 2
                """,
                company=self.scope.company.id,
                first=months.first_day(self.scope.first),
                last=self.scope.last,
                visible=self._visible(SQL("buyer.user_id")),
                among=self.scope.among_profiles(SQL("profile.id")),
                few=self.scope.few(profile=SQL("profile_id")),
            )
        )
        names = ("customers", "contacted", "answered", "contacts")
        found = defaultdict(dict)
        for user, tier, *numbers in rows:
            found[user][tier] = dict(zip(names, map(int, numbers), strict=True))
        return dict(found)

    def contacts(self) -> dict:
        """Return ``{person: (overdue, longest overdue in days, planned in a week)}``.

        Of today, and of what people do: what is sent by itself is no work.
        """
        rows = self.scope.rows(
            SQL(
                """
                SELECT touch.user_id,
                       count(*) FILTER (WHERE touch.due_date < %(today)s),
                       %(today)s - min(touch.due_date)
                         FILTER (WHERE touch.due_date < %(today)s),
                       count(*) FILTER (WHERE touch.due_date >= %(today)s)
                  FROM retention_touch touch
                  LEFT JOIN retention_cadence line ON line.id = touch.cadence_id
                 WHERE touch.state = 'planned' AND touch.company_id = %(company)s
                   AND touch.due_date < %(until)s
                   AND (line.id IS NULL OR line.mode = 'personal' OR touch.for_person)
                   AND touch.user_id IS NOT NULL AND %(visible)s AND %(seen)s
                 GROUP BY 1
                """,
                today=self.today,
                until=self.until,
                company=self.scope.company.id,
                visible=self._visible(SQL("touch.user_id")),
                seen=self._seen(
                    "retention.touch", SQL("touch.id"), SQL("touch.partner_id")
                ),
            )
        )
        return {user: tuple(numbers) for user, *numbers in rows}

    def alerts(self) -> dict:
        """Return ``{person: {name: number}}`` of alerts raised in the period.

        ``raised`` is without those that were over by themselves; ``acted`` are those
        that somebody acknowledged, worked on or closed; ``sure`` of the saved ones
        were confirmed by what the customer did afterwards.
        """
        names = ("raised", "acted", "saved", "lost", "sure", "open")
        rows = self.scope.rows(
            SQL(
                """
                SELECT alert.user_id, count(*),
                       count(*) FILTER (WHERE alert.state <> 'new'),
                       count(*) FILTER (WHERE alert.state = 'saved'),
                       count(*) FILTER (WHERE alert.state = 'lost'),
                       count(*) FILTER (WHERE alert.state = 'saved'
                                          AND alert.result = 'right'),
                       count(*) FILTER (WHERE alert.is_open)
                  FROM retention_alert alert
                 WHERE alert.company_id = %(company)s AND alert.state <> 'over'
                   AND alert.opened_on BETWEEN %(first)s AND %(last)s
                   AND %(visible)s AND %(seen)s
                 GROUP BY 1
                """,
                company=self.scope.company.id,
                first=self.scope.first,
                last=self.scope.last,
                visible=self._visible(SQL("alert.user_id")),
                seen=self._seen(
                    "retention.alert", SQL("alert.id"), SQL("alert.partner_id")
                ),
            )
        )
        return {user: dict(zip(names, numbers, strict=True)) for user, *numbers in rows}

    def capacities(self, users) -> dict:
        """Return ``{person: contacts that fit into the next days}``; {}: no limit."""
        most = self.scope.company.retention_daily_capacity
        if not most:
            return {}
        days = OpenDays(self.scope.company, self.today)
        week = [self.today + timedelta(days=ahead) for ahead in range(WEEK)]
        return {
            user: most * sum(days.is_open(user, day) for day in week)
            for user in users
            if user
        }


def strata(customers, whole, hits) -> dict:
    """Return ``{person: {tier: Part}}`` of two of the numbers of customers."""
    return {
        person: {
            tier: Part(numbers[whole], numbers[hits]) for tier, numbers in tiers.items()
        }
        for person, tiers in customers.items()
    }


def by_team(people, team_of) -> dict:
    """Return what was counted by person by team: numbers summed tier by tier.

    :param team_of: ``{person: team}``
    """
    found = {}
    for person, tiers in people.items():
        team = found.setdefault(team_of.get(person), {})
        for tier, numbers in tiers.items():
            known = team.setdefault(tier, dict.fromkeys(numbers, 0))
            for name, number in numbers.items():
                known[name] += number
    return found


def contacts_by_team(contacts, team_of):
    """Return contacts by team: numbers summed, the longest of all."""
    found = {}
    for person, (overdue, longest, planned) in contacts.items():
        team = team_of.get(person)
        known = found.get(team, (0, None, 0))
        longest = max(filter(None, (known[1], longest)), default=None)
        found[team] = (known[0] + overdue, longest, known[2] + planned)
    return found


def alerts_by_team(alerts, team_of):
    """Return alerts by team: numbers summed."""
    found = {}
    for person, numbers in alerts.items():
        known = found.setdefault(team_of.get(person), dict.fromkeys(numbers, 0))
        for name, number in numbers.items():
            known[name] += number
    return found


def sum_by_team(capacities, team_of):
    """Return one number a person by team."""
    found = {}
    for person, number in capacities.items():
        team = team_of.get(person)
        found[team] = found.get(team, 0) + number
    return found
