"""What a report looks at: which company, days and customers, as whom."""

from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import months

# who sees every customer
ALL = "crm_retention.group_retention_manager,crm_retention.group_retention_auditor"
FEW = 10_000  # customers that a statement names one by one
MOST_YEARS = 20  # that one report is about
EARLIEST = date(1970, 1, 1)


class Scope:
    """The days and the customers of one report, with the reader's own rights.

    :param env: of the reader; its company is the one that is reported.
    :param first, last: the days, both included.
    :param domain: condition on ``retention.profile``, also one typed by the reader: it
        is searched with the reader's own rights.
    :param options: what else was chosen, by name.
    """

    def __init__(self, env, first: date, last: date, domain=None, options=None):
        self.env = env
        self.company = env.company
        self.first, self.last = first, last
        self.domain = Domain(domain or [])
        self.options = options or {}
        self._few = False  # not asked yet

    @property
    def as_of(self) -> date:
        """The last day that is known whole: of the period, or yesterday.

        What is counted at night is the evening before; today has only begun.
        """
        return min(self.last, self.yesterday)

    @property
    def yesterday(self) -> date:
        return self.company._retention_today() - relativedelta(days=1)

    @property
    def months(self) -> list[date]:
        """The first days of the months of the period."""
        return months.span(self.first, self.last)

    def before(self) -> "Scope":
        """Return the same for the period of the same length right before."""
        if self.first.day == 1 and self.last == months.last_day(self.last):
            count = months.between(self.first, self.last) + 1
            first = months.shift(self.first, -count)
        else:
            first = self.first - (self.last - self.first) - relativedelta(days=1)
        last = self.first - relativedelta(days=1)
        return self._of_days(first, last)

    def year_before(self) -> "Scope":
        """Return the same for the period a year before."""
        first = self.first - relativedelta(years=1)
        last = self.last - relativedelta(years=1)
        if self.last == months.last_day(self.last):
            last = months.last_day(last)
        return self._of_days(first, last)

    def _of_days(self, first, last):
        """Return the same customers on other days."""
        scope = Scope(self.env, first, last, self.domain, self.options)
        scope._few = self._few
        return scope

    def profile_domain(self) -> Domain:
        """Return the condition on profiles, for lists behind a number."""
        return self.domain & Domain("company_id", "=", self.company.id)

    def profile_query(self):
        """Return the query of the profiles that the reader may see."""
        profiles = self.env["retention.profile"].with_context(active_test=False)
        return profiles._search(self.profile_domain())

    def _get_few(self):
        """Return [(id of the profile, of the customer)], or None if they are many.

        Few are named one by one: what a record rule lets a salesperson read, the
        database takes for most of all customers, and then reads everything.
        """
        if self._few is False:
            query = self.profile_query()
            self.env.flush_all()
            found = self.env.execute_query(
                SQL(
                    "%s LIMIT %s",
                    query.select(
                        SQL.identifier(query.table, "id"),
                        SQL.identifier(query.table, "partner_id"),
                    ),
                    FEW + 1,
                )
            )
            self._few = None if len(found) > FEW else found
        return self._few

    @property
    def are_few(self) -> bool:
        """Whether the customers are so few that statements name them."""
        return self._get_few() is not None

    def among(self, column: SQL) -> SQL:
        """Return the condition that a column of customer ids is of these customers."""
        few = self._get_few()
        if few is not None:
            return SQL("%s = ANY(%s)", column, [customer for _id, customer in few])
        query = self.profile_query()
        column_of = SQL.identifier(query.table, "partner_id")
        return SQL("%s IN %s", column, query.subselect(column_of))

    def among_profiles(self, column: SQL) -> SQL:
        """Return the same for a column of profile ids."""
        few = self._get_few()
        if few is not None:
            return SQL("%s = ANY(%s)", column, [profile for profile, _id in few])
        return SQL("%s IN %s", column, self.profile_query().subselect())

    def few(self, customer: SQL | None = None, profile: SQL | None = None) -> SQL:
        """Return the same where they are few, else no condition.

        For what is summed up before it is joined with the customers: of many, the
        condition would cost more than it spares.

        :param customer, profile: a column of customer or of profile ids.
        """
        if self._get_few() is None:
            return SQL("TRUE")
        return self.among(customer) if customer else self.among_profiles(profile)

    def rows(self, statement: SQL) -> list:
        """Execute a select after writing what waits, with settings for large sums.

        Nothing parallel: each worker would sum up the whole of what is joined again.
        """
        self.env.flush_all()
        self.env.cr.execute(
            "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off;"
            "SET LOCAL max_parallel_workers_per_gather = 0"
        )
        return self.env.execute_query(statement)


PERIODS = ("month", "quarter", "year", "months_12", "months_24", "own")


def period_days(name: str, today: date) -> tuple[date, date]:
    """Return (first, last) day of a period named as in PERIODS; of own: a year.

    The last complete month, quarter or year; the last 12 or 24 months with this one.
    """
    this = months.first_day(today)
    if name == "month":
        return months.shift(this, -1), this - relativedelta(days=1)
    if name == "quarter":
        this = this.replace(month=this.month - (this.month - 1) % 3)
        return months.shift(this, -3), this - relativedelta(days=1)
    if name == "year":
        return date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)
    count = 24 if name == "months_24" else 12
    return months.shift(this, 1 - count), months.last_day(this)


def own_days(first: date, last: date, today: date) -> tuple[date, date]:
    """Return days that somebody chose, in order, and no more than can be shown.

    At most MOST_YEARS, up to the end of next year: of a year mistyped as 0205, two
    thousand years would be counted month by month.
    """
    first, last = sorted((first, last))
    last = max(min(last, date(today.year + 1, 12, 31)), EARLIEST)
    floor = max(
        last - relativedelta(years=MOST_YEARS) + relativedelta(days=1), EARLIEST
    )
    return min(max(first, floor), last), last


def to_day(value) -> date | None:
    """Return a day from what a browser sends; None if it is none."""
    try:
        return fields.Date.to_date(value) or None
    except (KeyError, TypeError, ValueError):
        return None
