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

# figures whose cases are taken from the tiers held
OF_TIERS = ("reach_contacted", "reach_answered")
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
            cases=self._cases(code, dimensions),
            bits=SQL(", ").join(SQL("GROUPING(%s)", each) for each in columns.values()),
            keys=SQL(", ").join(columns.values()),
            more=SQL(MORE.get(kind, "0, NULL")),
            who=SQL(people, counted, limit) if limit else SQL("NULL"),
            people=self._people(dimensions),
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
                cases=self._cases(code, (dimension,)),
                people=self._people((dimension,)),
                counted=SQL("fact.above > 0" if only_counted else "TRUE"),
                where=where,
                limit=limit,
            )
        )
        return [row[0] for row in rows]

    def _is_of_all(self) -> bool:
        """Tell whether all customers are counted, as when a period is kept."""
        return self.env.su and not self.scope.domain

    def _mine(self, table=None, partner="partner_id") -> SQL:
        """Return the condition on rows: of the company and the reader's customers.

        All cases are chosen by it. Where few are, nothing else is asked; all of them,
        as when a period is kept, are chosen at the end.

        :param table: under which name the columns stand.
        :param partner: the column of the customer.
        """
        company, customer = (
            SQL.identifier(table, name) if table else SQL.identifier(name)
            for name in ("company_id", partner)
        )
        mine = SQL("%s = %s", company, self.company.id)
        if self._is_of_all():
            return mine
        return SQL("%s AND %s", mine, self.scope.among(customer))

    def _cases(self, code, dimensions) -> SQL:
        """Return the cases of a figure, and the tiers held then, as CTEs."""
        cases = SQL("fact AS (%s)", getattr(self, f"_{code}")())
        if TIER in dimensions or code in OF_TIERS:
            cases = SQL("held AS MATERIALIZED (%s), %s", self._held(), cases)
        return SQL("WITH %s", cases)

    def _people(self, dimensions) -> SQL:
        """Return from where cases are taken: of customers whom the reader may see.

        :param dimensions: what they are asked by; nothing more is joined than it needs.
        """
        joins, where = [], SQL("TRUE")
        if self._is_of_all() or not self.scope.are_few:
            where = self.scope.among_profiles(SQL("profile.id"))
            joins.append(
                SQL(
                    """JOIN retention_profile profile
                         ON profile.partner_id = fact.partner_id
                        AND profile.company_id = %s""",
                    self.company.id,
                )
            )
        if TEAM in dimensions or USER in dimensions:
            joins.append(
                SQL(
                    """JOIN res_partner customer ON customer.id = fact.partner_id
                       LEFT JOIN res_users seller ON seller.id = customer.user_id"""
                )
            )
        if TIER in dimensions:
            joins.append(SQL("LEFT JOIN held ON held.partner_id = fact.partner_id"))
        return SQL("FROM fact %s WHERE %s", SQL(" ").join(joins), where)

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
             WHERE %(mine)s AND kept.date_from <= %(day)s
               AND (kept.date_to IS NULL OR kept.date_to > %(day)s)
             ORDER BY kept.partner_id, kept.end_cause IS NOT NULL, kept.date_from DESC,
                      kept.id DESC
            """,
            mine=self._mine("kept"),
            day=self.first,
        )
