"""The SQL of the signs of high value: as :mod:`tools.contribution`, set by set."""

from odoo.tools import SQL

from ...tools import contribution
from .score_columns import case, rfm_pair

NO_FACTS = SQL("NULL::numeric AS year_revenue, NULL::integer AS months_bought")
NO_SIGNS = SQL("FALSE AS gives_amount, FALSE AS gives_steady, FALSE AS gives_friends")


class ContributionSQL:
    """Builds the expressions for the customers of one company on one day.

    :param programs: all programs of the company, in order.
    :param brought: select of (partner_id, friend_id), who brought whom; or None.
    """

    def __init__(self, company, as_of, programs, brought):
        self.company = company
        self.as_of = as_of
        self.programs = programs.filtered("marks_high")
        self.looks_at_friends = brought and any(self.programs.mapped("brought_least"))
        self.brought = brought
        self.since = contribution.year_from(as_of)

    # ---- facts -----------------------------------------------------------------

    def aggregates(self):
        """Return what is summed up of the documents ``doc`` of one customer.

        ``months_bought`` has a bit for each of the last twelve whole months.
        """
        if not self.programs:
            return NO_FACTS
        first, end = contribution.months_span(self.as_of)
        month = SQL(
            "(12 * (extract(year FROM doc.date)::integer - %s)"
            " + extract(month FROM doc.date)::integer - %s)",
            first.year,
            first.month,
        )
        return SQL(
            """sum(doc.amount) FILTER (WHERE doc.date > %(since)s) AS year_revenue,
               bit_or(1 << %(month)s) FILTER (
                 WHERE doc.is_sale AND doc.date >= %(first)s AND doc.date < %(end)s
               ) AS months_bought""",
            since=self.since,
            month=month,
            first=first,
            end=end,
        )

    def join(self, which, customer):
        """Return the join of what the customers brought in, if a program asks."""
        if not self.looks_at_friends:
            return SQL("")
        return SQL(
            "LEFT JOIN (%s) friends ON friends.partner_id = %s",
            self.friends(which),
            customer,
        )

    def friends(self, which):
        """Return the query of (partner_id, friends who bought, revenue, again).

        Revenue of the last twelve months; ``again`` is what of it came after the
        friend's first day of buying.
        """
        return SQL(
            """
            SELECT brought.partner_id, count(doc.partner_id) AS friend_count,
                   sum(doc.revenue) AS revenue, sum(doc.again) AS again
              FROM (SELECT DISTINCT partner_id, friend_id
                      FROM (%(brought)s) each WHERE %(which)s) brought
              JOIN LATERAL (
                SELECT bought.partner_id,
                       sum(amount) FILTER (WHERE date > %(since)s) AS revenue,
                       sum(amount) FILTER (WHERE date > %(since)s AND date > first)
                         AS again
                  FROM (SELECT partner_id, date, amount,
                               min(date) FILTER (WHERE amount > 0) OVER () AS first
                          FROM (%(transactions)s) transaction
                         WHERE company_id = %(company)s AND date <= %(as_of)s
                           AND partner_id = brought.friend_id) bought
                 WHERE first IS NOT NULL
                 GROUP BY bought.partner_id) doc ON TRUE
             GROUP BY brought.partner_id
            """,
            brought=self.brought,
            which=which(SQL("partner_id")),
            since=self.since,
            transactions=self.company.env["retention.transaction"]._table_query,
            company=self.company.id,
            as_of=self.as_of,
        )

    def signs(self):
        """Return the columns that say which facts of ``bought`` are signs."""
        if not self.programs:
            return NO_SIGNS
        return SQL(
            "%s AS gives_amount, %s AS gives_steady, %s AS gives_friends",
            self._by_program(self._amount),
            self._by_program(self._steady),
            self._by_program(self._friends),
        )

    def _by_program(self, of_program):
        branches = [
            (SQL("customer.program_id = %s", program.id), of_program(program))
            for program in self.programs
        ]
        return case(branches, SQL("FALSE"))

    def _amount(self, program):
        if not program.amount_bound:
            return SQL("FALSE")
        return SQL("COALESCE(bought.year_revenue >= %s, FALSE)", program.amount_bound)

    def _steady(self, program):
        if not program.steady_share:
            return SQL("FALSE")
        months = int(program.steady_period)
        hits = SQL(" + ").join(
            SQL("((bought.months_bought & %s) <> 0)::integer", mask)
            for mask in contribution.masks(months)
        )
        return SQL(
            "COALESCE(%s >= %s, FALSE)",
            hits,
            contribution.needed(program.steady_share, months),
        )

    def _friends(self, program):
        if not self.looks_at_friends or not program.brought_least:
            return SQL("FALSE")
        return SQL(
            "COALESCE(friends.friend_count >= %s AND COALESCE(friends.again, 0)"
            " >= %s::numeric / 100 * GREATEST(friends.revenue, 0), FALSE)",
            program.brought_least,
            str(program.brought_recurring),
        )

    # ---- judgements: over one row, here called "scored" ---------------------------

    def top(self, reaches_high):
        """Return whether the customer is proposed as one of high value.

        :param reaches_high: function of a program: the SQL that its figures reach a
            tier of high value, or None.
        """
        branches = [(SQL("scored.purchase_count = 0"), SQL("FALSE"))]
        for program in self.programs:
            reasons = [SQL("FALSE")]
            if program.top_share and program.has_top_limit:
                reasons.append(
                    SQL(
                        "(%s, %s) >= (%s::numeric, %s::numeric)",
                        *rfm_pair("scored"),
                        *program._top_limit_exact(),
                    )
                )
            reached = reaches_high(program)
            if program.review_mode == contribution.AFTER and reached:
                reasons.append(reached)
            branches.append(
                (
                    SQL("scored.program_id = %s", program.id),
                    SQL("(%s)", SQL(" OR ").join(reasons)),
                )
            )
        return case(branches, SQL("FALSE"))

    def count(self):
        """Return how many signs count, as :func:`tools.contribution.contribution`."""
        after = [
            program.id
            for program in self.programs
            if program.review_mode == contribution.AFTER
        ]
        return SQL(
            """CASE WHEN scored.review_state = %(excluded)s THEN 0
                    ELSE COALESCE(scored.gives_amount::integer, 0)
                       + COALESCE(scored.gives_steady::integer, 0)
                       + COALESCE(scored.gives_friends::integer, 0)
                       + (scored.is_top AND (
                           COALESCE(scored.program_id <> ALL(%(after)s), FALSE)
                           OR COALESCE(scored.review_state = %(confirmed)s, FALSE)
                         ))::integer END""",
            excluded=contribution.EXCLUDED,
            confirmed=contribution.CONFIRMED,
            after=after,
        )

    def may_be_high(self, program):
        """Return whether a tier of high value may be earned: None, if by anybody."""
        if program not in self.programs:
            return None
        if program.review_mode == contribution.AFTER:
            return SQL("scored.contribution > 0")
        return SQL("scored.review_state IS DISTINCT FROM %s", contribution.EXCLUDED)


def sign_figures(judge, which):
    """Return the query of the figures behind the signs of high value.

    :param judge: the :class:`ScoreSQL` of the day.
    """
    friends = judge._signs.join(which, SQL("customer.id"))
    return SQL(
        """
        WITH customer AS MATERIALIZED (%s)
        SELECT customer.id, bought.year_revenue, bought.months_bought, %s
          FROM customer
          LEFT JOIN (%s) bought ON bought.partner_id = customer.id %s
        """,
        judge._customers(which),
        SQL("friend_count, revenue, again" if friends.code else "NULL, NULL, NULL"),
        judge._bought(which),
        friends,
    )
