"""The SQL that reads from the ledger what became of points, and what is owed."""

from datetime import timedelta

from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import months

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


class PointsSQL:
    """Reads the points of a :class:`Scope`: of all accounts that the reader may see.

    Also of customers who have no profile, unless a filter is set: what is owed is owed
    to them as well.
    """

    def __init__(self, scope):
        self.scope = scope
        env = scope.env
        # a day is over on the day after it
        yesterday = scope.company._retention_today() - timedelta(days=1)
        self.last_over = min(scope.last, yesterday)
        accounts = env["retention.points.account"].with_context(active_test=False)
        query = accounts._search(Domain("company_id", "=", scope.company.id))
        self.mine = SQL("account.id IN %s", query.subselect())
        if not scope.domain.is_true():
            self.mine = SQL(
                "%s AND %s", self.mine, scope.among(SQL("account.partner_id"))
            )

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
                 WHERE award.remaining > 0 AND %s
                 GROUP BY 1, 2, 3
                """,
                EXPIRY,
                self.mine,
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
        rows = self.scope.rows(
            SQL(
                """
                WITH lot AS MATERIALIZED (
                    SELECT award.id, award.remaining, award.expires_on AS day
                      FROM retention_points_award award
                      JOIN retention_points_account account
                        ON account.id = award.account_id
                     WHERE award.expires_on BETWEEN %(first)s AND %(last)s
                       AND %(mine)s),
                part AS MATERIALIZED (
                    SELECT lot.day, %(fate)s AS fate, sum(drawn.points) AS points,
                           0 AS awards
                      FROM lot
                      JOIN retention_points_allocation drawn ON drawn.award_id = lot.id
                      JOIN retention_points_entry e ON e.id = drawn.entry_id
                     GROUP BY 1, 2
                     UNION ALL
                    SELECT day, 'left', sum(remaining), count(*) FROM lot GROUP BY 1)
                SELECT day, fate, points::bigint, 0 FROM part WHERE points <> 0
                 UNION ALL
                SELECT day, 'given', sum(points)::bigint, sum(awards)::bigint
                  FROM part GROUP BY 1
                """,
                fate=FATE,
                first=self.scope.first,
                last=self.last_over,
                mine=self.mine,
            )
        )
        return _by_month(rows, place=0, numbers=2)

    def flow(self) -> list:
        """Return (program, month, kind of change, points); month None: all before."""
        rows = self.scope.rows(
            SQL(
                """
                SELECT account.program_id,
                       CASE WHEN e.date >= %(first)s THEN e.date END,
                       CASE WHEN e.date >= %(first)s THEN %(flow)s END,
                       sum(e.points)::bigint
                  FROM retention_points_entry e
                  JOIN retention_points_account account ON account.id = e.account_id
                 WHERE e.date <= %(last)s AND %(mine)s
                 GROUP BY 1, 2, 3
                """,
                flow=FLOW,
                first=self.scope.first,
                last=self.scope.as_of,
                mine=self.mine,
            )
        )
        return _by_month(rows, place=1, numbers=1)


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
