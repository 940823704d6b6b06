"""The SQL of key figures: sums over customers, by team, person and tier at once."""

from odoo.tools import SQL

from ..tools import months
from ..tools.kpi import MEDIAN, NPS, Sums
from .kpi_sql_contacts import ContactFacts
from .kpi_sql_customers import CustomerFacts
from .kpi_sql_money import MoneyFacts
from .kpi_sql_service import ServiceFacts

COMPANY, TEAM, USER, TIER = DIMENSIONS = ("company", "team", "user", "tier")
# the bits of GROUPING(team, user, tier) that are not grouped by
GROUPED = {7: COMPANY, 3: TEAM, 5: USER, 6: TIER}

# what some figures need beside sums: squares, and the middle
MORE = {
    NPS: "sum(fact.above * fact.above), NULL",
    MEDIAN: "0, percentile_cont(0.5) WITHIN GROUP (ORDER BY fact.above)",
}


class KpiSQL(CustomerFacts, ContactFacts, ServiceFacts, MoneyFacts):
    """Sums the cases of key figures for the customers of one ``report.scope.Scope``.

    Every method ``_<code>`` returns the select of the cases of one figure: partner_id,
    ``above`` (what counts), ``below`` (what it is taken of, NULL for plain sums and
    medians). What is told of a customer as such has one case a customer.

    Figures are of whole months. The tier is the one held on the first day, the
    salesperson and the team are today's.
    """

    def __init__(self, scope):
        self.scope = scope
        self.env, self.company = scope.env, scope.company
        self.first = months.first_day(scope.first)
        self.last = months.last_day(scope.last)
        self.after = months.shift(self.last, 1)  # the day after the last
        self.as_of = min(self.last, self.company._retention_today())
        self.begin, self.end = self.company._retention_day_bounds(self.first, self.last)

    def sums(self, code: str, kind: str, dimensions=DIMENSIONS) -> dict:
        """Return ``{(dimension, id or False): Sums}``; the id of company is False."""
        rows = self.scope.rows(
            SQL(
                """
                WITH held AS MATERIALIZED (%(held)s), fact AS (%(fact)s)
                SELECT GROUPING(seller.sale_team_id, customer.user_id, held.tier_id),
                       seller.sale_team_id, customer.user_id, held.tier_id,
                       sum(fact.above), sum(fact.below), count(*), %(more)s
                  FROM fact
                  JOIN retention_profile profile
                    ON profile.partner_id = fact.partner_id
                   AND profile.company_id = %(company)s
                  JOIN res_partner customer ON customer.id = fact.partner_id
                  LEFT JOIN res_users seller ON seller.id = customer.user_id
                  LEFT JOIN held ON held.partner_id = fact.partner_id
                 WHERE %(among)s
                 GROUP BY GROUPING SETS (%(sets)s)
                """,
                held=self._held(),
                fact=getattr(self, f"_{code}")(),
                more=SQL(MORE.get(kind, "0, NULL")),
                company=self.company.id,
                among=self.scope.among_profiles(SQL("profile.id")),
                sets=self._sets(dimensions),
            )
        )
        result = {}
        for bits, team, user, tier, *values in rows:
            dimension = GROUPED[bits]
            key = {TEAM: team, USER: user, TIER: tier}.get(dimension)
            result[dimension, key or False] = Sums(*values)
        return result

    def partners(
        self, code, limit: int, dimension=COMPANY, key=False, only_counted=True
    ) -> list:
        """Return the ids of customers behind a figure, ``limit`` at most.

        :param only_counted: those who count in it, not all of whom it is taken.
        """
        where = {
            COMPANY: SQL("TRUE"),
            TEAM: SQL("seller.sale_team_id"),
            USER: SQL("customer.user_id"),
            TIER: SQL("held.tier_id"),
        }[dimension]
        if dimension != COMPANY:
            where = SQL("%s = %s", where, key) if key else SQL("%s IS NULL", where)
        rows = self.scope.rows(
            SQL(
                """
                WITH held AS MATERIALIZED (%(held)s), fact AS (%(fact)s)
                SELECT DISTINCT fact.partner_id FROM fact
                  JOIN retention_profile profile
                    ON profile.partner_id = fact.partner_id
                   AND profile.company_id = %(company)s
                  JOIN res_partner customer ON customer.id = fact.partner_id
                  LEFT JOIN res_users seller ON seller.id = customer.user_id
                  LEFT JOIN held ON held.partner_id = fact.partner_id
                 WHERE %(counted)s AND %(among)s AND %(where)s
                 ORDER BY 1 LIMIT %(limit)s
                """,
                counted=SQL("fact.above > 0" if only_counted else "TRUE"),
                held=self._held(),
                fact=getattr(self, f"_{code}")(),
                company=self.company.id,
                among=self.scope.among_profiles(SQL("profile.id")),
                where=where,
                limit=limit,
            )
        )
        return [row[0] for row in rows]

    def _sets(self, dimensions) -> SQL:
        sets = {
            COMPANY: SQL("()"),
            TEAM: SQL("(seller.sale_team_id)"),
            USER: SQL("(customer.user_id)"),
            TIER: SQL("(held.tier_id)"),
        }
        return SQL(", ").join(sets[dimension] for dimension in dimensions)

    def _held(self) -> SQL:
        """Return (partner_id, tier_id, band) of the tiers held on the first day.

        One row a customer, also where two histories were merged into one.
        """
        return SQL(
            """
            SELECT DISTINCT ON (kept.partner_id)
                   kept.partner_id, kept.tier_id, tier.band
              FROM retention_membership kept
              JOIN retention_tier tier ON tier.id = kept.tier_id
             WHERE kept.company_id = %(company)s AND kept.date_from <= %(day)s
               AND (kept.date_to IS NULL OR kept.date_to > %(day)s)
             ORDER BY kept.partner_id, kept.end_cause IS NOT NULL, kept.date_from DESC,
                      kept.id DESC
            """,
            company=self.company.id,
            day=self.first,
        )
