from odoo import api, models
from odoo.tools import SQL

from ..tools import months
from ..tools.blocks import Cell, Column, Row, Table, Target, share


class RetentionCohort(models.AbstractModel):
    """Of those who first bought in one month: how many bought again, month by month."""

    _name = "retention.cohort"
    _inherit = "retention.analysis"
    _description = "Cohorts"

    @api.model
    def _get_help(self):
        return [
            self.env._(
                "A row holds the customers whose first purchase was in that month; a "
                "column says how many of them bought so many months later."
            )
        ]

    @api.model
    def _get_blocks(self, scope):
        counts = self._count(scope)
        if not counts:
            return []
        ages = range(months.between(scope.first, scope.as_of) + 1)
        columns = [
            Column("cohort", self.env._("First Purchase"), "month"),
            Column("size", self.env._("Customers"), "integer"),
            *(Column(f"age_{age}", str(age), "percent") for age in ages),
        ]
        rows = [
            self._make_row(scope, cohort, ages, counts)
            for cohort in scope.months
            if (cohort, 0) in counts
        ]
        title = self.env._("Customers who bought again, by month of first purchase")
        return [Table("cohorts", title, columns, rows, look="heat")]

    def _make_row(self, scope, cohort, ages, counts):
        size = counts[cohort, 0]
        cells = [Cell(cohort), Cell(size)]
        for age in ages:
            month = months.shift(cohort, age)
            if not months.is_over(month, scope.as_of):
                cells.append(Cell(state="open"))
                continue
            found = counts.get((cohort, age), 0)
            target = Target(
                "retention.month",
                [
                    ("profile_id", "any", list(scope.profile_domain())),
                    ("first_month", "=", str(cohort)),
                    ("month", "=", str(month)),
                    ("purchases", ">", 0),
                ],
            )
            part = share(found, size)
            title = self.env._("%(found)s of %(size)s", found=found, size=size)
            cells.append(Cell(part, shade=part / 100, title=title, target=target))
        return Row(cells)

    def _count(self, scope):
        """Return ``{(cohort, age in months): customers who bought}``."""
        rows = scope.rows(
            SQL(
                """
                SELECT first_month, month, count(*) FROM retention_month
                 WHERE company_id = %s AND purchases > 0
                   AND first_month BETWEEN %s AND %s AND month <= %s AND %s
                 GROUP BY 1, 2
                """,
                scope.company.id,
                months.first_day(scope.first),
                scope.last,
                scope.as_of,
                scope.among_profiles(SQL("profile_id")),
            )
        )
        return {
            (cohort, months.between(cohort, month)): count
            for cohort, month, count in rows
        }
