"""The SQL that reads from the ledger what became of points, and what is owed."""

from datetime import timedelta

from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import months
from .scope import FEW

# what days are counted by at night
BASES = BOOKED, OVER, SPENT = ("booked", "over", "spent")
# What an entry ``e`` is about: of a reversal, what it reverses, as in the wallet.
ABOUT = SQL(
    """(CASE WHEN e.kind <> 'reverse' OR e.reverses_id IS NULL THEN e.kind
        ELSE (SELECT CASE WHEN r.kind = 'reverse' AND r.reverses_id IS NOT NULL
                     THEN (SELECT rr.kind FROM retention_points_entry rr
                            WHERE rr.id = r.reverses_id)
                     ELSE r.kind END
                FROM retention_points_entry r WHERE r.id = e.reverses_id) END)"""
)
# What a draw from an award means: spent, expired, moved to another account, or taken
# back (a purchase was returned, a person corrected).
FATE = SQL(
    """(CASE %s WHEN 'redeem' THEN 'spent' WHEN 'expire' THEN 'expired'
        WHEN 'transfer' THEN 'moved' ELSE 'back' END)""",
    ABOUT,
)
# The same of an entry: what was given counts apart from what was taken back.
FLOW = SQL(
    """(CASE %s WHEN 'redeem' THEN 'spent' WHEN 'expire' THEN 'expired'
        WHEN 'transfer' THEN 'moved'
        ELSE CASE WHEN e.points > 0 AND e.kind <> 'reverse'
             THEN 'given' ELSE 'back' END END)""",
    ABOUT,
)
# Until when points can be spent: without a day of their own, as long as the customer
# stays active; known of what is left only.
EXPIRY = SQL(
    """COALESCE(award.expires_on, CASE
        WHEN program.expiry_model = 'inactive' AND award.remaining > 0
        THEN (COALESCE(account.active_on, account.create_date::date)
              + make_interval(months => program.expiry_months))::date END)"""
)


def get_last_over(scope):
    """Return the last day of a period that is over: on the day after it."""
    return min(scope.last, scope.company._retention_today() - timedelta(days=1))


class PointsSQL:
    """Reads the points of a :class:`Scope`: of all accounts that the reader may see.

    Also of customers who have no profile, unless a filter is set: what is owed is owed
    to them as well. Of all customers together the nights have counted what became of
    their points (:class:`models.retention_points_day.RetentionPointsDay`).
    """

    def __init__(self, scope):
        self.scope = scope
        self.last_over = get_last_over(scope)
        self.is_whole = scope.domain.is_true() and scope.env[
            "retention.points.day"
        ].has_access("read")
        self.few = None  # ids of the accounts, where they are few
        self.mine = self._get_mine()

    def _get_mine(self) -> SQL:
        """Return the condition on accounts; few are named one by one.

        What a record rule lets a salesperson read, the database takes for most of all
        accounts, and then reads everything.
        """
        scope = self.scope
        if self.is_whole:
            return SQL("account.company_id = %s", scope.company.id)
        accounts = scope.env["retention.points.account"]
        query = accounts.with_context(active_test=False)._search(
            Domain("company_id", "=", scope.company.id)
        )
        mine = SQL("account.id IN %s", query.subselect())
        if not scope.domain.is_true():
            mine = SQL("%s AND %s", mine, scope.among(SQL("account.partner_id")))
        found = scope.rows(
            SQL(
                "SELECT id FROM retention_points_account account WHERE %s LIMIT %s",
                mine,
                FEW + 1,
            )
        )
        if len(found) > FEW:
            return mine
        self.few = [row[0] for row in found]
        return self._among(SQL("account.id"))

    def _among(self, column) -> SQL:
        """Return the condition on a column of account ids, where they are few."""
        return (
            SQL("TRUE") if self.few is None else SQL("%s = ANY(%s)", column, self.few)
        )

    def _get_kept(self, basis) -> SQL | None:
        """Return the days kept tonight as SQL; None: there are none for the reader."""
        days = self.scope.env["retention.points.day"]
        return days._get_kept(self.scope.company, basis) if self.is_whole else None

    def left(self) -> list:
        """Return (program, first day of the month, is pending, points, awards) left.

        The month is that in which they expire unless they are spent; None: never.
        """
        rows = self.scope.rows(
            SQL(
                """
                SELECT account.program_id, %s AS day, award.state = 'pending',
                       sum(award.remaining)::bigint, count(*)
                  FROM retention_points_award award
                  JOIN retention_points_account account
                    ON account.id = award.account_id
                  JOIN retention_points_program program
                    ON program.id = account.program_id
                 WHERE award.remaining > 0 AND %s AND %s
                 GROUP BY 1, 2, 3
                """,
                EXPIRY,
                self.mine,
                self._among(SQL("award.account_id")),
            )
        )
        return _by_month(rows, place=1, numbers=2)

    def debt(self) -> list:
        """Return (program, points owed by customers, how many of them)."""
        return self.scope.rows(
            SQL(
                """SELECT program_id, sum(debt)::bigint, count(*)
                     FROM retention_points_account account
                    WHERE debt > 0 AND %s GROUP BY 1""",
                self.mine,
            )
        )

    def over(self) -> list:
        """Return (month, what became of them, points, awards) of awards that are over.

        Those whose day of expiry lies in the period: nothing can happen to them any
        more, so that spent and expired are all there is. ``given`` is what they gave,
        as the ledger has it: what was drawn from them and what is left; with it is
        counted how many awards they are.
        """
        kept = self._get_kept(OVER)
        select = SQL(
            """SELECT day, fate, sum(points)::bigint, sum(awards)::bigint
                 FROM (%s) counted WHERE day BETWEEN %s AND %s GROUP BY 1, 2""",
            SQL("SELECT * FROM %s kept", kept) if kept else self.over_select(),
            self.scope.first,
            self.last_over,
        )
        rows = self.scope.rows(select)
        return _by_month(rows, place=0, numbers=2)

    def over_select(self) -> SQL:
        """Return the select of (program, day, fate, points, awards) that are over."""
        return SQL(
            """
            WITH lot AS MATERIALIZED (
                SELECT award.id, award.remaining, award.expires_on AS day,
                       account.program_id
                  FROM retention_points_award award
                  JOIN retention_points_account account
                    ON account.id = award.account_id
                 WHERE award.expires_on BETWEEN %(first)s AND %(last)s
                   AND %(mine)s AND %(among)s),
            part AS MATERIALIZED (
                SELECT lot.program_id, lot.day, %(fate)s AS fate,
                       sum(drawn.points) AS points, 0 AS awards
                  FROM lot
                  JOIN retention_points_allocation drawn ON drawn.award_id = lot.id
                  JOIN retention_points_entry e ON e.id = drawn.entry_id
                 GROUP BY 1, 2, 3
                 UNION ALL
                SELECT program_id, day, 'left', sum(remaining), count(*)
                  FROM lot GROUP BY 1, 2)
            SELECT program_id, day, fate, points::bigint AS points, 0 AS awards
              FROM part WHERE points <> 0
             UNION ALL
            SELECT program_id, day, 'given', sum(points)::bigint, sum(awards)::bigint
              FROM part GROUP BY 1, 2
            """,
            fate=FATE,
            first=self.scope.first,
            last=self.last_over,
            mine=self.mine,
            among=self._among(SQL("award.account_id")),
        )

    def flow(self) -> list:
        """Return (program, month, kind of change, points); month None: all before."""
        kept = self._get_kept(BOOKED)
        select = self.flow_select()
        if kept:
            select = SQL(
                """
                SELECT program_id, CASE WHEN day >= %(first)s THEN day END,
                       CASE WHEN day >= %(first)s THEN fate END, sum(points)::bigint, 0
                  FROM %(kept)s kept WHERE day <= %(last)s GROUP BY 1, 2, 3
                """,
                kept=kept,
                first=self.scope.first,
                last=self.scope.as_of,
            )
        rows = [row[:-1] for row in self.scope.rows(select)]
        return _by_month(rows, place=1, numbers=1)

    def flow_select(self) -> SQL:
        """Return the select of (program, day, kind of change, points, 0)."""
        return SQL(
            """
            SELECT account.program_id, CASE WHEN e.date >= %(first)s THEN e.date END,
                   CASE WHEN e.date >= %(first)s THEN %(flow)s END,
                   sum(e.points)::bigint, 0
              FROM retention_points_entry e
              JOIN retention_points_account account ON account.id = e.account_id
             WHERE e.date <= %(last)s AND %(mine)s AND %(among)s
             GROUP BY 1, 2, 3
            """,
            flow=FLOW,
            first=self.scope.first,
            last=self.scope.as_of,
            mine=self.mine,
            among=self._among(SQL("e.account_id")),
        )


def _by_month(rows, place, numbers):
    """Return rows by day summed by month; cheaper than to have it done in SQL.

    :param place: where the day stands in a row.
    :param numbers: how many figures stand at the end of a row.
    """
    sums = {}
    for row in rows:
        key, day = list(row[:-numbers]), row[place]
        key[place] = day and months.first_day(day)
        known = sums.setdefault(tuple(key), [0] * numbers)
        for each, value in enumerate(row[-numbers:]):
            known[each] += value
    return [(*key, *values) for key, values in sums.items()]
