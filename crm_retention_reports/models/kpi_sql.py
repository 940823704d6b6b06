"""The SQL of key figures: sums over customers, by team, person and tier at once."""

from odoo.tools import SQL

from ..report.churn_sql import ChurnSQL
from ..tools import months
from ..tools.kpi import COMPANY, DIMENSIONS, MEDIAN, NPS, TEAM, TIER, USER, Sums
from .kpi_sql_contacts import ContactFacts
from .kpi_sql_customers import CustomerFacts
from .kpi_sql_money import MoneyFacts
from .kpi_sql_service import ServiceFacts

COLUMNS = {
    TEAM: SQL("seller.sale_team_id"),
    USER: SQL("customer.user_id"),
    TIER: SQL("held.tier_id"),
}

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
        self.known = ChurnSQL(scope)  # who is a customer, and since when it is known
        self.begin, self.end = self.company._retention_day_bounds(self.first, self.last)

    def sums(
        self,
        code: str,
        kind: str,
        dimensions=DIMENSIONS,
        limit=0,
        listed=None,
        only_counted=True,
    ) -> dict:
        """Return ``{(dimension, id or False): Sums}``; the id of company is False.

        :param limit, listed: so many ids of customers are added to the list.
        :param only_counted: of those who count, not all of whom it is taken.
        """
        columns = {name: COLUMNS[name] for name in dimensions if name in COLUMNS}
        rows = self.scope.rows(
            self._select(code, kind, columns, dimensions, limit, only_counted)
        )
        names, result = list(columns), {}
        for bits, keys, *values, people in rows:
            grouped = [place for place, bit in enumerate(bits) if not bit]
            dimension, key = COMPANY, False
            for place in grouped:
                dimension, key = names[place], keys[place] or False
            result[dimension, key] = Sums(*values)
            if limit:
                listed.extend(people or ())
        return result

    def _select(self, code, kind, columns, dimensions, limit, only_counted) -> SQL:
        people = "(array_agg(DISTINCT fact.partner_id) FILTER (WHERE %s))[:%s]"
        counted = SQL("fact.above > 0" if only_counted else "TRUE")
        return SQL(
            """
            %(cases)s
            SELECT ARRAY[%(bits)s]::integer[], ARRAY[%(keys)s]::integer[],
                   sum(fact.above), sum(fact.below), count(*), %(more)s, %(who)s
              %(people)s
             GROUP BY GROUPING SETS (%(sets)s)
            """,
            cases=self._cases(code),
            bits=SQL(", ").join(SQL("GROUPING(%s)", each) for each in columns.values()),
            keys=SQL(", ").join(columns.values()),
            more=SQL(MORE.get(kind, "0, NULL")),
            who=SQL(people, counted, limit) if limit else SQL("NULL"),
            people=self._people(),
            sets=SQL(", ").join(
                SQL("(%s)", columns.get(name, SQL())) for name in dimensions
            ),
        )

    def partners(
        self, code, limit: int, dimension=COMPANY, key=False, only_counted=True
    ) -> list:
        """Return the ids of customers behind a figure, ``limit`` at most.

        :param only_counted: those who count in it, not all of whom it is taken.
        """
        where = SQL("TRUE")
        if dimension != COMPANY:
            where = SQL("%s IS NOT DISTINCT FROM %s", COLUMNS[dimension], key or None)
        rows = self.scope.rows(
            SQL(
                """
                %(cases)s
                SELECT DISTINCT fact.partner_id
                  %(people)s AND %(counted)s AND %(where)s
                 ORDER BY 1 LIMIT %(limit)s
                """,
                cases=self._cases(code),
                people=self._people(),
                counted=SQL("fact.above > 0" if only_counted else "TRUE"),
                where=where,
                limit=limit,
            )
        )
        return [row[0] for row in rows]

    def _mine(self) -> SQL:
        """Return the condition on rows: of the company and the reader's customers.

        Of few customers it is quicker to choose them first. All of them, as when a
        period is kept, are chosen at the end.
        """
        mine = SQL("company_id = %s", self.company.id)
        if self.env.su and not self.scope.domain:
            return mine
        return SQL("%s AND %s", mine, self.scope.among(SQL("partner_id")))

    def _cases(self, code) -> SQL:
        """Return the cases of a figure and the tiers held then, as CTEs."""
        return SQL(
            "WITH held AS MATERIALIZED (%s), fact AS (%s)",
            self._held(),
            getattr(self, f"_{code}")(),
        )

    def _people(self) -> SQL:
        """Return from where cases are taken: of customers whom the reader may see."""
        return SQL(
            """
              FROM fact
              JOIN retention_profile profile
                ON profile.partner_id = fact.partner_id
               AND profile.company_id = %s
              JOIN res_partner customer ON customer.id = fact.partner_id
              LEFT JOIN res_users seller ON seller.id = customer.user_id
              LEFT JOIN held ON held.partner_id = fact.partner_id
             WHERE %s
            """,
            self.company.id,
            self.scope.among_profiles(SQL("profile.id")),
        )

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
