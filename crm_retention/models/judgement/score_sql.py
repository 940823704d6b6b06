"""The SQL of the score step: facts to figures, figures to scores, set by set.

Everything that depends on all customers (break points, tier limits) has been
computed before and stands in the statement as a constant; what remains of one
customer depends on that customer alone. That is what makes a night incremental.
"""

from odoo.tools import SQL

from ...tools import rfm, windows
from .contribution_sql import ContributionSQL
from .pilot_sql import in_share
from .score_columns import FACTS, JUDGEMENTS, case, columns, metric
from .windows_sql import joined, window_from


class ScoreSQL:
    """Builds the statements that judge the customers of one company on one day.

    Use: create it, then ask for :meth:`recompute` (from the documents) or
    :meth:`rescore` (from the figures already stored). Nothing is executed here but
    the reading of the rules.
    """

    def __init__(self, company, as_of):
        self.env = company.env
        self.company = company
        self.as_of = as_of
        self.programs = self.env["retention.program"].search(
            [("company_id", "=", company.id)]
        )
        self.programs.flush_recordset()
        self.segments = self.env["retention.segment"].search([])
        self.env.flush_all()
        self._points = self._read_points()
        self._cuts = self._read_cuts()
        brought = self.env["retention.profile"]._brought_query(company)
        self._signs = ContributionSQL(company, as_of, self.programs, brought)
        self._by_day = {
            program.anniversary_of
            for program in self.programs
            if program.window_kind == windows.ANNIVERSARY
        }

    # ---- constants of the rules ---------------------------------------------

    def _read_points(self):
        """Return ``{(program id, dimension): (state, four exact values)}``."""
        rows = self.env.execute_query(
            SQL(
                """SELECT program_id, dimension, state,
                          point_1::text, point_2::text, point_3::text, point_4::text
                     FROM retention_break WHERE program_id = ANY(%s)""",
                self.programs.ids,
            )
        )
        return {row[:2]: (row[2], row[3:]) for row in rows}

    def _read_cuts(self):
        """Return ``{program id: [(tier id, is floor, value, tie, band)]}``, best first.

        Limits as text: an exact numeric, not a float on its way through Python.
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT program_id, id, is_floor, cut_value::text, cut_tie::text,
                          band
                     FROM retention_tier
                    WHERE program_id = ANY(%s) AND (has_cut OR is_floor)
                    ORDER BY program_id, sequence, id""",
                self.programs.ids,
            )
        )
        cuts = {}
        for program, *cut in rows:
            cuts.setdefault(program, []).append(cut)
        return cuts

    # ---- expressions over one row, here called "fresh" ------------------------

    def _by_program(self, of_program, default):
        return case(
            [
                (SQL("fresh.program_id = %s", program.id), of_program(program))
                for program in self.programs
            ],
            default,
        )

    def _program(self):
        """The first program in whose population, and pilot, ``customer.id`` is.

        None for who wishes not to be profiled: without one there is neither score nor
        segment nor tier, and nobody is compared with him.
        """
        branches = [(SQL("customer.retention_no_profiling"), SQL("NULL::integer"))]
        for program, conditional in self.programs._in_turn():
            conditions = []
            for each in conditional:
                if not each._takes_all():
                    population = each._population().subselect()
                    conditions.append(SQL("customer.id IN %s", population))
            if program.pilot_of_id:
                conditions.append(in_share(program, SQL("customer.id")))
            if not conditions:
                return case(branches, SQL("%s", program.id))
            branches.append((SQL(" AND ").join(conditions), SQL("%s", program.id)))
        return case(branches, SQL("NULL::integer"))

    def _in_window(self):
        """Whether document ``doc`` lies in the window of the customer's program."""
        branches = []
        for program in self.programs:
            same = SQL("customer.program_id = %s", program.id)
            if program.window_kind == windows.ANNIVERSARY:
                begins = window_from(program, self._own_day(program), self.as_of)
                branches.append((same, SQL("doc.date >= %s", begins)))
            elif start := program._window_start(self.as_of):
                branches.append((same, SQL("doc.date > %s", start)))
        return case(branches, SQL("TRUE"))

    def _own_day(self, program):
        """The customer's own day, from which the periods of ``program`` count."""
        if program.anniversary_of == "joined":
            return SQL("customer.joined")
        # without a purchase yet (only credit notes) any day will do
        return SQL("COALESCE(doc.first, %s)", windows.NEW_YEAR)

    def _recency_day(self):
        """The day from which recency counts, by the program's choice."""
        return self._by_program(
            lambda program: SQL(
                "fresh.last_interaction"
                if program.recency_basis == "interaction"
                else "fresh.last_purchase"
            ),
            SQL("fresh.last_purchase"),
        )

    def _score(self, dimension, value, lower_is_better=False):
        """The score of ``value``: as :func:`tools.rfm.score`, by the stored points."""

        def of_program(program):
            state, points = self._points[program.id, dimension]
            if program.break_mode == "quantile" and not program.refreshed_on:
                state = "few"
            if state == "few":
                return SQL("%s", rfm.NOT_ENOUGH)
            if state == "flat":
                return SQL("%s", rfm.NEUTRAL)
            above = SQL(" + ").join(
                SQL("(%s > %s::numeric)::integer", value, point) for point in points
            )
            return SQL(
                "%s %s (%s)",
                rfm.BINS if lower_is_better else 1,
                SQL("-" if lower_is_better else "+"),
                above,
            )

        return SQL(
            "CASE WHEN fresh.purchase_count = 0 THEN %s ELSE %s END",
            rfm.NOT_ENOUGH,
            self._by_program(of_program, SQL("%s", rfm.NOT_ENOUGH)),
        )

    def _segment(self):
        """The segment of the three scores in ``scored``."""
        named = self.segments.filtered(lambda segment: not segment.is_other)
        other = self.segments - named
        branches = [(SQL("scored.recency_score = 0"), SQL("NULL::integer"))]
        for segment in named:
            box = segment._as_box()
            inside = SQL(" AND ").join(
                SQL(
                    "scored.%s BETWEEN %s AND %s", SQL.identifier(f"{n}_score"), *box[n]
                )
                for n in rfm.DIMENSIONS
            )
            branches.append((inside, SQL("%s", segment.id)))
        return case(branches, SQL("%s::integer", other[:1].id or None))

    def _earned(self):
        """The tier that the figures in ``scored`` earn; none without a purchase."""
        branches = [(SQL("scored.purchase_count = 0"), SQL("NULL::integer"))]
        for program in self.programs:
            value, tie = metric(program, "scored")
            tiers, floor = [], SQL("NULL::integer")
            may = self._signs.may_be_high(program)
            for tier_id, is_floor, cut, cut_tie, band in self._cuts.get(program.id, ()):
                if is_floor:
                    floor = SQL("%s", tier_id)
                    continue
                reached = _reaches((value, tie), (cut, cut_tie))
                if band == "high" and may:
                    reached = SQL("%s AND %s", reached, may)
                tiers.append((reached, SQL("%s", tier_id)))
            branches.append(
                (SQL("scored.program_id = %s", program.id), case(tiers, floor))
            )
        return case(branches, SQL("NULL::integer"))

    def _reaches_high(self, program):
        """Whether the figures in ``scored`` reach a tier of high value; or None."""
        pair = metric(program, "scored")
        high = [
            _reaches(pair, (cut, tie))
            for _tier, is_floor, cut, tie, band in self._cuts.get(program.id, ())
            if band == "high" and not is_floor
        ]
        if not high or program.metric == "contribution":
            return None
        return SQL("(%s)", SQL(" OR ").join(high))

    def _judged(self, fresh):
        """Return a select of all FACTS and JUDGEMENTS from the relation ``fresh``."""
        days = SQL("(%s::date - %s)", self.as_of, self._recency_day())
        return SQL(
            """
            SELECT scored.*, %(segment)s AS segment_id, %(earned)s AS earned_tier_id
              FROM (SELECT scored.*, %(count)s AS contribution
                      FROM (SELECT scored.*, %(top)s AS is_top
                              FROM (SELECT fresh.*,
                                           %(recency)s AS recency_score,
                                           %(frequency)s AS frequency_score,
                                           %(monetary)s AS monetary_score,
                                           %(version)s AS rule_version
                                      FROM %(fresh)s fresh) scored) scored) scored
            """,
            count=self._signs.count(),
            top=self._signs.top(self._reaches_high),
            segment=self._segment(),
            earned=self._earned(),
            recency=self._score("recency", days, lower_is_better=True),
            frequency=self._score("frequency", SQL("fresh.window_purchases")),
            monetary=self._score("monetary", SQL("fresh.window_revenue")),
            version=self._by_program(
                lambda program: SQL("%s", program.version), SQL("0")
            ),
            fresh=fresh,
        )

    # ---- facts ---------------------------------------------------------------

    def _documents(self, which):
        """Revenue documents with the days since the one before, per customer."""
        return SQL(
            """
            SELECT partner_id, date, amount, amount > 0 AS is_sale, %s AS first,
                   date - lag(date) OVER (PARTITION BY partner_id, amount > 0
                                              ORDER BY date) AS gap
              FROM (%s) transaction
             WHERE company_id = %s AND date <= %s AND %s
            """,
            SQL("min(date) FILTER (WHERE amount > 0) OVER (PARTITION BY partner_id)")
            if "first_purchase" in self._by_day
            else SQL("NULL::date"),
            self.env["retention.transaction"]._table_query,
            self.company.id,
            self.as_of,
            which(SQL("partner_id")),
        )

    def _bought(self, which):
        return SQL(
            """
            SELECT doc.partner_id,
                   min(doc.date) FILTER (WHERE doc.is_sale) AS first_purchase,
                   max(doc.date) FILTER (WHERE doc.is_sale) AS last_purchase,
                   count(*) FILTER (WHERE doc.is_sale) AS purchase_count,
                   sum(doc.amount) AS lifetime_revenue,
                   avg(doc.amount) FILTER (WHERE doc.is_sale) AS average_order,
                   count(*) FILTER (WHERE doc.is_sale AND %(inside)s)
                     AS window_purchases,
                   sum(doc.amount) FILTER (WHERE %(inside)s) AS window_revenue,
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY doc.gap)
                     FILTER (WHERE doc.is_sale AND doc.gap > 0) AS purchase_interval,
                   %(signs)s
              FROM (%(documents)s) doc
              JOIN customer ON customer.id = doc.partner_id
             GROUP BY doc.partner_id
            """,
            inside=self._in_window(),
            signs=self._signs.aggregates(),
            documents=self._documents(which),
        )

    def _asked(self, which):
        day = SQL(
            "(moment AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
            self.company.resource_calendar_id.tz or "UTC",
        )
        return SQL(
            """
            SELECT partner_id, max(%(day)s) AS last_interaction,
                   bool_or(is_open) AS is_open
              FROM (%(interest)s) interest
             WHERE (company_id = %(company)s OR company_id IS NULL)
               AND %(day)s <= %(as_of)s AND %(which)s
             GROUP BY partner_id
            """,
            day=day,
            interest=self.env["retention.interest"]._table_query,
            company=self.company.id,
            as_of=self.as_of,
            which=which(SQL("partner_id")),
        )

    def _customers(self, which):
        # "commercial_partner_id = id", said so that the planner expects a third of
        # the contacts and not one in two hundred (it would then loop, not hash)
        return SQL(
            """
            SELECT customer.id, %s AS program_id, %s AS joined
              FROM res_partner customer
             WHERE abs(customer.commercial_partner_id - customer.id) < 1 AND %s
               AND customer.id NOT IN (SELECT partner_id FROM res_company)
            """,
            self._program(),
            joined(self.company, "customer")
            if "joined" in self._by_day
            else SQL("NULL::date"),
            which(SQL("customer.id")),
        )

    def _facts(self, which):
        """One row a customer with facts, an open interest, or a profile already."""
        return SQL(
            """
            SELECT known.id AS profile_id,
                   customer.id AS partner_id,
                   customer.program_id,
                   bought.first_purchase,
                   bought.last_purchase,
                   GREATEST(bought.last_purchase, asked.last_interaction)
                     AS last_interaction,
                   bought.purchase_count IS NULL AND COALESCE(asked.is_open, FALSE)
                     AS is_prospect,
                   COALESCE(bought.purchase_count, 0)::integer AS purchase_count,
                   COALESCE(round(bought.lifetime_revenue, %(places)s), 0)
                     AS lifetime_revenue,
                   COALESCE(round(bought.average_order, %(places)s), 0)
                     AS average_order,
                   COALESCE(bought.window_purchases, 0)::integer AS window_purchases,
                   COALESCE(round(bought.window_revenue, %(places)s), 0)
                     AS window_revenue,
                   COALESCE(round(bought.purchase_interval::numeric, 1), 0)
                     AS purchase_interval,
                   %(signs)s, known.review_state
              FROM customer
              LEFT JOIN (%(bought)s) bought ON bought.partner_id = customer.id
              LEFT JOIN (%(asked)s) asked ON asked.partner_id = customer.id
              LEFT JOIN retention_profile known
                ON known.partner_id = customer.id AND known.company_id = %(company)s
              %(friends)s
             WHERE bought.partner_id IS NOT NULL OR asked.is_open
                OR known.id IS NOT NULL
            """,
            places=self.company.currency_id.decimal_places,
            bought=self._bought(which),
            asked=self._asked(which),
            signs=self._signs.signs(),
            friends=self._signs.join(which, SQL("customer.id")),
            company=self.company.id,
        )

    # ---- statements ------------------------------------------------------------

    def recompute(self, which):
        """Return the statement that judges customers from their documents.

        :param which: function from a column of customer ids to the condition that
            names the customers.
        The statement writes only what is different, and answers one row:
        (profiles looked at, updated, inserted).
        """
        return SQL(
            """
            WITH customer AS MATERIALIZED (%(customers)s),
                 judged AS MATERIALIZED (%(judged)s),
                 updated AS (%(update)s),
                 inserted AS (
                   INSERT INTO retention_profile
                     (partner_id, company_id, changed_at, %(columns)s)
                   SELECT judged.partner_id, %(company)s, now() AT TIME ZONE 'UTC',
                          %(values)s
                     FROM judged WHERE judged.profile_id IS NULL
                   -- made by another at this moment: not an error, but to be retried
                   ON CONFLICT (partner_id, company_id) DO NOTHING
                   RETURNING 1)
            SELECT (SELECT count(*) FROM judged), (SELECT count(*) FROM updated),
                   (SELECT count(*) FROM inserted)
            """,
            customers=self._customers(which),
            judged=self._judged(SQL("(%s)", self._facts(which))),
            update=self._update(FACTS + JUDGEMENTS),
            columns=columns(FACTS + JUDGEMENTS),
            values=columns(FACTS + JUDGEMENTS, "judged"),
            company=self.company.id,
        )

    def rescore(self, condition):
        """Return the statement that judges profiles anew from their stored figures.

        :param condition: SQL on ``profile``. Answers (looked at, updated, 0).
        """
        fresh = SQL(
            "(SELECT id AS profile_id, partner_id, review_state, %s"
            " FROM retention_profile profile"
            " WHERE company_id = %s AND %s)",
            columns(FACTS),
            self.company.id,
            condition,
        )
        return SQL(
            """
            WITH judged AS MATERIALIZED (%s), updated AS (%s)
            SELECT (SELECT count(*) FROM judged), (SELECT count(*) FROM updated), 0
            """,
            self._judged(fresh),
            self._update(JUDGEMENTS),
        )

    def _update(self, names):
        """Update the profiles of ``judged`` that differ in one of the columns."""
        assign = SQL(", ").join(
            SQL("%s = %s", SQL.identifier(name), SQL.identifier("judged", name))
            for name in names
        )
        return SQL(
            """
            UPDATE retention_profile profile
               SET changed_at = now() AT TIME ZONE 'UTC', %s
              FROM judged
             WHERE profile.id = judged.profile_id AND (%s) IS DISTINCT FROM (%s)
            RETURNING 1
            """,
            assign,
            columns(names, "profile"),
            columns(names, "judged"),
        )


def _reaches(pair, limit):
    """Whether a pair of figures is at least the pair of limits, as exact numbers."""
    return SQL("(%s, %s) >= (%s::numeric, %s::numeric)", *pair, *limit)
