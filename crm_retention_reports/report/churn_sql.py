"""The SQL that counts customers won and lost, and the revenue that stays."""

from copy import copy
from datetime import date

from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import churn, months
from ..tools.blocks import Target

# by what figures can be split: a column of the joined tables
KEYS = {
    None: SQL("NULL::integer"),
    "user": SQL("customer.user_id"),
    "team": SQL("seller.sale_team_id"),
    "tier": SQL("held.tier_id"),
}


class ChurnSQL:
    """Customers and revenue of a scope; for words and formulas see ``tools/churn.py``.

    Whole months only: from the first month of the scope to the last one that is over.
    A month of which the history does not reach back far enough is not told, as nobody
    can be seen to leave, and everybody seems to be new.
    """

    def __init__(self, scope):
        self.scope = scope
        self.company = scope.company
        self.within = self.company.retention_churn_months
        self.first = months.first_day(scope.first)
        last = months.first_day(scope.as_of)
        over = months.is_over(last, scope.as_of)
        self.last = last if over else months.shift(last, -1)
        self._since = False

    # ---- how far back the history reaches --------------------------------------------

    @property
    def since(self) -> date | None:
        """The month of the company's first purchase that is known."""
        if self._since is False:
            [(self._since,)] = self.scope.rows(
                SQL(
                    """SELECT min(month) FROM retention_month
                        WHERE company_id = %s AND purchases > 0""",
                    self.company.id,
                )
            )
        return self._since

    @property
    def told_from(self) -> date | None:
        """The first month of which can be told who was won and lost."""
        return self.since and months.shift(self.since, self.within)

    @property
    def revenue_from(self) -> date | None:
        """The first month at whose end revenue can be compared."""
        return self.since and months.shift(self.since, 2 * churn.WINDOW - 1)

    def is_told(self, first: date, last: date) -> bool:
        """Tell whether customers of these months are told: over, and known before."""
        return bool(self.since) and self.told_from <= first <= last <= self.last

    def is_revenue_told(self, last: date, window=churn.WINDOW) -> bool:
        """Tell whether a window of revenue up to ``last`` and the one before are."""
        first = months.shift(last, 1 - 2 * window)
        return bool(self.since) and self.since <= first and last <= self.last

    def between(self, first: date, last: date) -> "ChurnSQL":
        """Return the same for other months."""
        result = copy(self)
        result.first, result.last = first, last
        return result

    # ---- customers -------------------------------------------------------------------

    def counts(self, by=None) -> dict:
        """Return the customers between the beginning and the end of the scope.

        Each customer is counted once, by where he stood at both ends. A tier is that
        held at the beginning, a salesperson and team those of today.

        :param by: None, ``user``, ``team`` or ``tier``.
        :return: ``{id of by or False: Counts}``, of None ``{False: Counts}``; empty if
            the scope is not told.
        """
        if not self.is_told(self.first, self.last):
            return {}
        rows = self.scope.rows(self._select_counts(by))
        found = {key or False: churn.Counts(*row) for key, *row in rows}
        return found if by else {False: found.get(False, churn.Counts())}

    def _select_counts(self, by) -> SQL:
        before = months.shift(self.first, -1)
        return SQL(
            """
            SELECT %(key)s, count(*) FILTER (WHERE opening),
                   count(*) FILTER (
                       WHERE NOT opening AND closing AND first_month > %(before)s),
                   count(*) FILTER (
                       WHERE NOT opening AND closing AND first_month <= %(before)s),
                   count(*) FILTER (WHERE opening AND NOT closing)
              FROM (SELECT profile_id, first_month,
                           bool_or(month <= %(before)s) AS opening,
                           bool_or(month > %(active)s) AS closing
                      FROM retention_month
                     WHERE %(mine)s AND purchases > 0
                       AND month > %(since)s AND month <= %(last)s
                     GROUP BY profile_id, first_month) known
                   %(joins)s
             GROUP BY 1
            """,
            key=KEYS[by],
            before=before,
            active=months.shift(self.last, -self.within),
            mine=self._mine(),
            since=months.shift(before, -self.within),
            last=self.last,
            joins=self._joins(by, months.last_day(before)),
        )

    def flow(self, size="month") -> dict:
        """Return ``{period: Counts or None}`` for every month or quarter of the scope.

        None: not over yet, or too early to be told. Those before the first purchase
        known and after today are left out.
        """
        first = max(self.first, self.since or self.first)
        last = min(self.scope.last, self.company._retention_today())
        every = churn.periods(first, last, size)
        told = [
            period
            for period in every
            if self.is_told(period, churn.last_month(period, size))
        ]
        if not told:
            return dict.fromkeys(every)
        last = churn.last_month(told[-1], size)
        rows = self.scope.rows(self._select_flow(told[0], last))
        return dict.fromkeys(every) | churn.flow(rows, told, size, self.within)

    def _select_flow(self, first, last) -> SQL:
        """Return the select of what :func:`churn.flow` takes.

        Longer gaps than matter are cut, so that the rows are few.
        """
        most = self.within + max(churn.SIZES.values())
        return SQL(
            """
            SELECT month, LEAST(gap_before, %(most)s), LEAST(gap_after, %(most)s),
                   count(*)
              FROM retention_month
             WHERE %(mine)s AND purchases > 0 AND month BETWEEN %(since)s AND %(last)s
             GROUP BY 1, 2, 3
            """,
            most=most,
            mine=self._mine(),
            since=months.shift(first, -self.within),
            last=last,
        )

    # ---- revenue ---------------------------------------------------------------------

    def revenue_retention(self, by=None, window=churn.WINDOW) -> dict:
        """Return the revenue of the last months of the scope against those before.

        The window ends with the last month of the scope that is over, whatever the
        scope's length is.

        :return: ``{id of by or False: Revenue}`` in company currency, of None
            ``{False: Revenue}``; empty if the history does not reach back two windows.
        """
        if not self.is_revenue_told(self.last, window):
            return {}
        rows = self.scope.rows(self._select_revenue(by, window))
        parts = {} if by else {False: {}}
        for key, part, *sums in rows:
            if part:
                parts.setdefault(key or False, {})[part] = churn.Part(*sums)
        return {key: churn.Revenue(found) for key, found in parts.items()}

    def _select_revenue(self, by, window) -> SQL:
        middle = months.shift(self.last, -window)
        return SQL(
            """
            SELECT %(key)s, %(part)s, count(*), sum(before), sum(now)
              FROM (SELECT profile_id, min(first_month) AS first_month,
                           COALESCE(sum(revenue) FILTER (
                               WHERE month <= %(middle)s), 0) AS before,
                           COALESCE(sum(revenue) FILTER (
                               WHERE month > %(middle)s), 0) AS now
                      FROM retention_month
                     WHERE %(mine)s AND revenue <> 0
                       AND month > %(since)s AND month <= %(last)s
                     GROUP BY profile_id) known
                   %(joins)s
             GROUP BY 1, 2
            """,
            key=KEYS[by],
            part=_part_of(SQL("before"), SQL("now"), middle),
            middle=middle,
            mine=self._mine(),
            since=months.shift(middle, -window),
            last=self.last,
            joins=self._joins(by, months.last_day(middle)),
        )

    # ---- both, of two years ----------------------------------------------------------

    def years(self) -> list:
        """Return [last twelve months, the twelve before], each a :class:`Year`.

        The same as :meth:`counts` and :meth:`revenue_retention` of these months, read
        at once; without what cannot be told.
        """
        told = []
        for last in (self.last, months.shift(self.last, -churn.WINDOW)):
            first = months.shift(last, 1 - churn.WINDOW)
            told.append((self.is_told(first, last), self.is_revenue_told(last)))
        if not any(told[0]):
            return []
        found = churn.fold_years(self.scope.rows(self._select_years()))
        return [
            year.only(*parts)
            for year, parts in zip(found, told, strict=True)
            if any(parts)
        ]

    def _select_years(self) -> SQL:
        now, before, first = (months.shift(self.last, -12 * n) for n in (0, 1, 2))
        begin = months.shift(first, -max(churn.WINDOW, self.within))
        return SQL(
            """
            SELECT %(part)s, %(part_before)s, active, earlier, long_ago,
                   count(*), sum(revenue_now), sum(revenue_before), sum(revenue_first),
                   CASE WHEN count(*) <= %(listed)s THEN array_agg(profile_id) END
              FROM (SELECT profile_id, min(first_month) AS first_month,
                           %(active)s AS active, %(earlier)s AS earlier,
                           %(long_ago)s AS long_ago,
                           %(revenue_now)s AS revenue_now,
                           %(revenue_before)s AS revenue_before,
                           %(revenue_first)s AS revenue_first
                      FROM retention_month
                     WHERE %(mine)s AND month > %(begin)s AND month <= %(now)s
                       AND (purchases > 0 OR revenue <> 0)
                     GROUP BY profile_id) known
             GROUP BY 1, 2, 3, 4, 5
            """,
            part=_part_of(SQL("revenue_before"), SQL("revenue_now"), before),
            part_before=_part_of(SQL("revenue_first"), SQL("revenue_before"), first),
            active=self._is_active(now),
            earlier=self._is_active(before),
            long_ago=self._is_active(first),
            revenue_now=_sum_revenue(now),
            revenue_before=_sum_revenue(before),
            revenue_first=_sum_revenue(first),
            mine=self._mine(),
            begin=begin,
            now=now,
            listed=churn.LISTED,
        )

    def _is_active(self, end) -> SQL:
        """Return whether a customer was active at the end of a month."""
        return SQL(
            "COALESCE(bool_or(month > %s AND month <= %s AND purchases > 0), FALSE)",
            months.shift(end, -self.within),
            end,
        )

    # ---- parts of the selects --------------------------------------------------------

    def _mine(self) -> SQL:
        """Return the condition on rows: of the company and the reader's customers."""
        return SQL(
            "company_id = %s AND %s",
            self.company.id,
            self.scope.among_profiles(SQL("profile_id")),
        )

    def _joins(self, by, day) -> SQL:
        """Return what is joined to ``known`` to split by it; a tier is of a day."""
        if not by:
            return SQL()
        joins = SQL(
            """JOIN retention_profile profile ON profile.id = known.profile_id
               JOIN res_partner customer ON customer.id = profile.partner_id
               LEFT JOIN res_users seller ON seller.id = customer.user_id"""
        )
        if by != "tier":
            return joins
        return SQL(
            """
            %(joins)s LEFT JOIN LATERAL (
                SELECT membership.tier_id FROM retention_membership membership
                 WHERE membership.partner_id = profile.partner_id
                   AND membership.company_id = profile.company_id
                   AND membership.date_from <= %(day)s
                   AND (membership.date_to IS NULL OR membership.date_to > %(day)s)
                 ORDER BY membership.end_cause IS NOT NULL,
                          membership.date_from DESC, membership.id DESC
                 LIMIT 1) held ON TRUE
            """,
            joins=joins,
            day=day,
        )

    # ---- the customers behind a number -----------------------------------------------

    def target(self, kind: str, first: date, last: date) -> Target | None:
        """Return the customers behind a count of months: a row each.

        :param kind: opening, new, won_back, lost or closing.
        :param first, last: the months; None is returned if they are more than those
            within which one is active, as one row does not tell it then.
        """
        if months.between(first, last) >= self.within:
            return None
        domain = Domain.AND(
            [
                Domain("profile_id", "any", list(self.scope.profile_domain())),
                Domain("purchases", ">", 0),
                Domain.OR(self._rows_of(kind, first, last)),
            ]
        )
        return Target("retention.month", list(domain))

    def _rows_of(self, kind, first, last):
        """Return conditions, one a month: each customer has one row that meets one."""
        if kind == "new":
            return [
                _row(month, Domain("gap_before", "=", 0))
                for month in months.span(first, last)
            ]
        if kind == "won_back":
            return [
                _row(month, Domain("gap_before", ">", gap + self.within))
                for gap, month in enumerate(months.span(first, last))
            ]
        begin, end = months.shift(last, 1 - self.within), last
        if kind == "opening":
            end = months.shift(first, -1)
            begin = months.shift(first, -self.within)
        until = end
        if kind == "lost":
            begin = months.shift(first, -self.within)
            end = months.shift(last, -self.within)
        return [
            _row(
                month,
                Domain("gap_after", "=", 0)
                | Domain("gap_after", ">", months.between(month, until)),
            )
            for month in months.span(begin, end)
        ]


def _row(month, condition) -> Domain:
    return Domain("month", "=", str(month)) & condition


def _sum_revenue(end) -> SQL:
    """Return a customer's revenue of the twelve months that end with ``end``."""
    return SQL(
        "COALESCE(sum(revenue) FILTER (WHERE month > %s AND month <= %s), 0)",
        months.shift(end, -churn.WINDOW),
        end,
    )


def _part_of(before, now, middle) -> SQL:
    """Return the part to which a customer belongs, as :func:`churn.part_of` says.

    :param before, now: columns of revenue.
    :param middle: the last month before.
    """
    return SQL(
        """
        CASE WHEN %(before)s = 0 AND %(now)s = 0 THEN NULL
             WHEN %(before)s > 0 AND %(now)s <= 0 THEN 'lost'
             WHEN %(before)s > 0 AND %(now)s < %(before)s THEN 'less'
             WHEN %(before)s > 0 AND %(now)s > %(before)s THEN 'more'
             WHEN %(before)s > 0 THEN 'same'
             WHEN %(now)s <= 0 THEN 'refunds'
             WHEN first_month > %(middle)s THEN 'new'
             ELSE 'won_back' END
        """,
        before=before,
        now=now,
        middle=middle,
    )
