"""What the watch needs to know of customers in whom a sign was found."""

from datetime import timedelta

from odoo.tools import SQL

from ...tools import alerts
from ..decisions.signal_scope import among, between

BATCH = 20_000  # customers a search looks at
YEAR = timedelta(days=365)


def stake(value, strength):
    """Return what an alert is ranked by: what is at stake × how clearly it shows.

    From the figures as they are stored, so that the next night finds the same.
    """
    return round(round(value, 2) * round(strength, 4), 2)


class Watch:
    """Looks through one company by one rule, on one day; reads only.

    :param ids: look at these customers only, as a search in a sample does.
    """

    def __init__(self, signal, as_of, ids=None):
        self.signal = signal
        self.company = signal.company_id
        self.env = signal.env
        self.as_of = as_of
        self.ids = ids
        self.few = 0
        self.findings = {}
        self.values = {}

    def look(self):
        """Find the sign; then ``findings`` has it by customer, ``few`` a count."""
        for scope in self._scopes():
            found, few = self.signal._find(scope)
            self.findings.update((each.customer_id, each) for each in found)
            self.few += few
        return self

    def _scopes(self):
        """Yield whom to look at, some thousand customers at a time."""
        if self.ids is not None:
            for start in range(0, len(self.ids), BATCH):
                yield among(self.company, self.as_of, self.ids[start : start + BATCH])
            return
        after = 0
        while True:
            [(last,)] = self.env.execute_query(
                SQL(
                    """SELECT max(partner_id) FROM (
                         SELECT partner_id FROM retention_profile
                          WHERE company_id = %s AND partner_id > %s
                          ORDER BY partner_id LIMIT %s) batch""",
                    self.company.id,
                    after,
                    BATCH,
                )
            )
            if not last:
                return
            yield between(self.company, self.as_of, after, last)
            after = last

    def weigh(self, known, people):
        """Return ``{customer id: alerts.New}`` for those found, with whom, how grave.

        Without who is archived, is no customer of the company any more, or does not
        want to be watched.
        :param known: ids of customers whose value need not be looked up.
        :param people: of the company, :class:`People`.
        """
        ids = list(self.findings)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT profile.partner_id, partner.user_id, tier.band
                  FROM retention_profile profile
                  JOIN res_partner partner ON partner.id = profile.partner_id
                  LEFT JOIN retention_tier tier ON tier.id = profile.tier_id
                 WHERE profile.company_id = %s AND profile.partner_id = ANY(%s)
                   AND %s
                """,
                self.company.id,
                ids,
                self._is_watched(),
            )
        )
        self.values = self._get_values({row[0] for row in rows} - known)
        weighed = {}
        for customer_id, user_id, band in rows:
            finding = self.findings[customer_id]
            value = self.values.get(customer_id, 0.0)
            weighed[customer_id] = alerts.New(
                customer_id,
                self._owner(people, user_id),
                alerts.level(self.signal.severity, finding.strength, band),
                stake(value, finding.strength),
                finding.late,
            )
        return weighed

    def _is_watched(self):
        """Return the condition that a customer is watched at all."""
        return SQL("partner.active")

    def _owner(self, people, salesperson):
        """Return the id of whose alert it is, or None: then the list of unowned has it.

        The chain never ends with somebody who has left.
        """
        signal = self.signal
        lead = people.leaders.get(salesperson)
        first = {
            "salesperson": salesperson,
            "lead": lead,
            "person": signal.user_id.id,
        }[signal.responsible]
        return people.choose(
            first, salesperson, lead, signal.user_id.id, people.first_manager
        )

    def _get_values(self, customer_ids):
        """Return ``{customer id: revenue}`` of the twelve months up to the day."""
        if not customer_ids:
            return {}
        rows = self.env.execute_query(
            SQL(
                """SELECT partner_id, sum(amount)::float8 FROM (%s) doc
                    WHERE company_id = %s AND partner_id = ANY(%s)
                      AND date > %s AND date <= %s
                    GROUP BY partner_id""",
                self.env["retention.transaction"]._union(),
                self.company.id,
                list(customer_ids),
                self.as_of - YEAR,
                self.as_of,
            )
        )
        return dict(rows)
