from odoo.tools import SQL

from ..tools import months


class MoneyFacts:
    """Cases of the figures on what customers are worth and what is owed to them."""

    def _lifetime_value(self) -> SQL:
        """What a customer bought so far and is expected to buy in 12 months."""
        return SQL(
            """
            SELECT partner_id, lifetime_revenue + COALESCE(year_value, 0) AS above,
                   1 AS below
              FROM retention_profile
             WHERE %s AND purchase_count > 0 AND forecast_on IS NOT NULL
            """,
            self._mine(),
        )

    def whole_service_cost(self):
        """Return (cost of serving in the period, customers when it ended)."""
        return self._spent("service"), self._count(
            SQL(
                "month > %s AND month <= %s",
                months.shift(self.known.last, -self.known.within),
                self.known.last,
            )
        )

    def whole_winning_cost(self):
        """Return (cost of winning in the period, who first bought in it)."""
        return self._spent("winning"), self._count(
            SQL("first_month >= %s AND month <= %s", self.first, self.last)
        )

    def _spent(self, purpose):
        """Return what was spent for a purpose; None: nothing, or it may not be seen."""
        costs = self.env["retention.cost"]
        found = costs._sum_by(self.company, self.first, self.as_of, "purpose")
        return found.get(purpose)

    def _count(self, condition) -> int:
        """Return how many customers of the company have a purchase like this."""
        [(count,)] = self.scope.rows(
            SQL(
                """SELECT count(DISTINCT profile_id) FROM retention_month
                    WHERE company_id = %s AND purchases > 0 AND %s""",
                self.company.id,
                condition,
            )
        )
        return count

    def _points_liability(self) -> SQL:
        """What the points held on the last day are worth, in company currency."""
        return SQL(
            """
            SELECT account.partner_id,
                   GREATEST(sum(entry.points), 0) * max(program.worth) AS above,
                   NULL::double precision AS below
              FROM retention_points_entry entry
              JOIN retention_points_account account ON account.id = entry.account_id
              JOIN (%s) program ON program.id = account.program_id
             WHERE %s AND %s AND entry.date <= %s
             GROUP BY account.id, account.partner_id
            HAVING sum(entry.points) > 0
            """,
            self._programs(),
            self._mine("account"),
            self._of_accounts(),
            self.as_of,
        )

    def _of_accounts(self) -> SQL:
        """Return the condition on ``entry`` that lets few accounts be looked up.

        Joined alone, all entries ever are read: the database takes it for cheaper.
        """
        if self._is_of_all():
            return SQL("TRUE")
        return SQL(
            """entry.account_id = ANY(ARRAY(
                 SELECT id FROM retention_points_account WHERE %s))""",
            self._mine(),
        )

    def _programs(self) -> SQL:
        """Return (id, worth of a point in company currency) of the company's."""
        # sudo: what a point is worth belongs to the figure, whoever reads it
        programs = self.env["retention.points.program"].sudo()
        found = programs.with_context(active_test=False).search(
            [("company_id", "=", self.company.id)]
        )
        rows = [
            SQL(
                "(%s, %s::double precision)",
                program.id,
                program.currency_id._convert(
                    program.point_value,
                    self.company.currency_id,
                    self.company,
                    self.as_of,
                    round=False,
                ),
            )
            for program in found
        ]
        if not rows:
            return SQL("SELECT NULL::integer AS id, 0 AS worth WHERE FALSE")
        return SQL(
            "SELECT * FROM (VALUES %s) AS program (id, worth)", SQL(", ").join(rows)
        )

    def _breakage(self) -> SQL:
        """Of the points that left accounts in the period: how many expired.

        Points of an exchange that was undone count as not spent.
        """
        return SQL(
            """
            SELECT account.partner_id,
                   sum(CASE WHEN entry.kind = 'expire' THEN -entry.points ELSE 0 END)
                     AS above, sum(-entry.points) AS below
              FROM retention_points_entry entry
              JOIN retention_points_account account ON account.id = entry.account_id
              LEFT JOIN retention_points_entry undone
                ON undone.id = entry.reverses_id AND undone.kind = 'redeem'
             WHERE %s AND %s AND entry.date BETWEEN %s AND %s
               AND (entry.kind IN ('expire', 'redeem') OR undone.id IS NOT NULL)
             GROUP BY account.partner_id
            """,
            self._mine("account"),
            self._of_accounts(),
            self.first,
            self.last,
        )
