"""The SQL behind the report on how often customers are contacted."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date

from odoo.tools import SQL

from ..tools import frequency, months

BEFORE = 12  # months in which a customer must have bought; of the spend before, too
TERMS = ("y", "x", "d", "yy", "xx", "dd", "xy", "yd", "xd")
BY = {"shorter": 1, "same": 0, "longer": -1}  # a shorter interval is more contacts


@dataclass
class Level:
    """What is counted of the customers with so many contacts a month."""

    n: int = 0
    lost: int = 0
    complained: int = 0
    objected: int = 0
    touches: int = 0
    answers: int = 0
    profiles: list = field(default_factory=list)

    def add(self, figures, profiles):
        for name, figure in figures.items():
            setattr(self, name, getattr(self, name) + figure)
        self.profiles += profiles


class FrequencySQL:
    """Counts what goes with contacts, and what comes of them.

    :param scope: of the report.
    :param follow: so many months at the end tell whether a customer was lost.
    """

    def __init__(self, scope, follow: int):
        self.scope = scope
        self.company = scope.company
        last = months.first_day(scope.as_of)
        if not months.is_over(last, scope.as_of):
            last = months.shift(last, -1)
        self.last = last
        self.first = months.first_day(scope.first)
        self.follow = follow
        self.turn: date = months.shift(last, 1 - follow)  # the first month that tells

    @property
    def is_long_enough(self) -> bool:
        """Tell whether a month is left in which contacts are counted."""
        return self.first < self.turn

    # ---- what goes with it -----------------------------------------------------------

    def levels(self, touches: SQL, answers: SQL, channels: SQL):
        """Return ``{(tier id or None, place among frequency.EDGES): Level}``.

        Of the customers who bought in the twelve months before the months that tell.

        :param touches, answers: what of ``contact``, a row of
            ``retention_month_contact``, counts as contacts and as answers.
        :param channels: condition on such rows.
        """
        rows = self.scope.rows(self._customers(touches, answers, channels))
        result = defaultdict(Level)
        for tier, count, span, profiles, *counts in rows:
            names = ("n", "lost", "complained", "objected", "touches", "answers")
            figures = dict(zip(names, map(int, counts), strict=True))
            key = tier, frequency.level(count, span)
            result[key].add(figures, profiles)
        return result

    def _customers(self, touches, answers, channels) -> SQL:
        """Group the customers by tier, contacts and months; count what happened."""
        return SQL(
            """
            WITH last AS (%(last)s), had AS (%(had)s), said AS (%(said)s),
            held AS (%(tiers)s),
            each AS (
                SELECT last.profile_id, last.stayed, said.complained, said.objected,
                       held.tier_id, COALESCE(had.touches, 0) AS touches,
                       COALESCE(had.answers, 0) AS answers, %(span)s AS span
                  FROM last
                  LEFT JOIN had ON had.profile_id = last.profile_id
                  LEFT JOIN said ON said.profile_id = last.profile_id
                  LEFT JOIN held ON held.partner_id = last.partner_id)
            SELECT tier_id, touches, span, array_agg(profile_id), count(*),
                   count(*) FILTER (WHERE NOT stayed),
                   count(*) FILTER (WHERE complained),
                   count(*) FILTER (WHERE objected), sum(touches), sum(answers)
              FROM each GROUP BY tier_id, touches, span
            """,
            last=self._last_bought(),
            had=self._had_before(touches, answers, channels),
            said=self._said(),
            tiers=self._tiers(),
            span=self._span(),
        )

    def _last_bought(self) -> SQL:
        """Return the month in which each customer bought last before those that tell.

        The row of that month knows when the next purchase came: there is one a customer
        at most, and nothing to be summed.
        """
        ahead = [
            SQL("(%s::date, %s)", months.shift(self.turn, -count), count)
            for count in range(1, BEFORE + 1)
        ]
        return SQL(
            """
            SELECT month.profile_id, month.partner_id, month.first_month,
                   month.gap_after > 0 AND month.gap_after < ahead.count + %(follow)s
                     AS stayed
              FROM retention_month month
              JOIN (VALUES %(ahead)s) ahead(month, count) ON ahead.month = month.month
             WHERE month.company_id = %(company)s AND month.purchases > 0
               AND (month.gap_after = 0 OR month.gap_after >= ahead.count)
               AND %(among)s
            """,
            follow=self.follow,
            ahead=SQL(", ").join(ahead),
            company=self.company.id,
            among=self.scope.among_profiles(SQL("month.profile_id")),
        )

    def _said(self) -> SQL:
        """Return who complained or opted out in the period."""
        return SQL(
            """
            SELECT month.profile_id, bool_or(month.complaints > 0) AS complained,
                   bool_or(month.objections > 0) AS objected
              FROM retention_month month
             WHERE month.company_id = %s AND month.month BETWEEN %s AND %s
               AND (month.complaints > 0 OR month.objections > 0) AND %s
             GROUP BY month.profile_id
            """,
            self.company.id,
            self.first,
            self.last,
            self.scope.few(profile=SQL("month.profile_id")),
        )

    def _had_before(self, touches, answers, channels) -> SQL:
        """Return the contacts of each customer before the months that tell."""
        return SQL(
            """
            SELECT contact.profile_id, sum(%(touches)s) AS touches,
                   sum(%(answers)s) AS answers
              FROM retention_month_contact contact
             WHERE contact.company_id = %(company)s AND contact.month >= %(first)s
               AND contact.month < %(turn)s AND %(channels)s AND %(few)s
             GROUP BY contact.profile_id
            """,
            few=self.scope.few(profile=SQL("contact.profile_id")),
            touches=touches,
            answers=answers,
            company=self.company.id,
            first=self.first,
            turn=self.turn,
            channels=channels,
        )

    def _span(self) -> SQL:
        """Return the months in which contacts of a customer were counted.

        Since the first purchase, if that lies in between; a customer who only began
        in the last of them has one.
        """
        begin = SQL(
            "GREATEST(%s, COALESCE(last.first_month, %s))", self.first, self.first
        )
        return SQL(
            """GREATEST(1, 12 * (extract(year FROM %(turn)s::date)
                                 - extract(year FROM %(begin)s))
                           + extract(month FROM %(turn)s::date)
                           - extract(month FROM %(begin)s))::integer""",
            turn=self.turn,
            begin=begin,
        )

    def _tiers(self) -> SQL:
        """Return the tier that each customer held when the months that tell began."""
        return SQL(
            """
            SELECT DISTINCT ON (partner_id) partner_id, tier_id
              FROM retention_membership
             WHERE company_id = %(company)s AND date_from <= %(day)s
               AND (date_to IS NULL OR date_to > %(day)s) AND %(few)s
             ORDER BY partner_id, end_cause IS NOT NULL, date_from DESC, id DESC
            """,
            company=self.company.id,
            day=self.turn,
            few=self.scope.few(customer=SQL("partner_id")),
        )

    # ---- what comes of it ------------------------------------------------------------

    def arms(self):
        """Return ``{ideal interval in days: [frequency.Arm]}`` of lines of policies.

        By the interval from which the line starts, not by the one in force: that one
        follows the responses, and so what chance decided. Arms are compared within one
        line and share of chance. y is the revenue a month since the month after chance
        decided, x that of the twelve months before, d the contacts a month. Of those
        whom chance left alone, by far the most, only the number is read: they are
        compared with nobody.
        """
        known = self._count_moved()
        if not known:
            return {}
        rows = self.scope.rows(self._sums())
        result = defaultdict(list)
        for days, line, assignment, probability, count, *sums in rows:
            by = BY[assignment]
            # the share that chance moves, half of it each way: one set of lots each
            share = round(2 * probability if by else 1 - probability, 6)
            terms = dict(zip(TERMS, sums, strict=True))
            arm = frequency.Arm(by, (line, share), frequency.Sums(count, **terms))
            result[days].append(arm)
        return dict(result)

    def _count_moved(self) -> int:
        [(count,)] = self.scope.rows(
            SQL(
                """SELECT count(*) FROM retention_cadence_state state
                    WHERE state.company_id = %s AND state.assignment <> 'same'""",
                self.company.id,
            )
        )
        return count

    def _sums(self) -> SQL:
        """Return the sums over customers, by line, assignment and probability."""
        return SQL(
            """
            WITH lot AS MATERIALIZED (%(lots)s),
            bought AS (%(bought)s),
            had AS (%(had)s),
            each AS (
                SELECT lot.interval_days, lot.cadence_id, lot.assignment,
                       lot.probability,
                       COALESCE(bought.after, 0) / lot.span AS y,
                       COALESCE(bought.before, 0) / %(before)s AS x,
                       COALESCE(had.touches, 0) / lot.span AS d
                  FROM lot
                  LEFT JOIN bought ON bought.id = lot.id
                  LEFT JOIN had ON had.id = lot.id)
            SELECT interval_days, cadence_id, assignment, probability, count(*),
                   sum(y), sum(x), sum(d), sum(y * y), sum(x * x), sum(d * d),
                   sum(x * y), sum(y * d), sum(x * d)
              FROM each GROUP BY 1, 2, 3, 4
            """,
            lots=self._lots(),
            bought=self._bought(),
            had=self._had(),
            before=float(BEFORE),
        )

    def _lots(self) -> SQL:
        """Return what chance decided, and from which month on its effect is counted."""
        begin = SQL(
            "GREATEST(%s, (%s + interval '1 month')::date)",
            self.first,
            self._assigned(),
        )
        return SQL(
            """
            SELECT * FROM (
                SELECT state.id, state.partner_id, state.cadence_id, state.assignment,
                       state.probability, line.interval_days, %(assigned)s AS assigned,
                       %(begin)s AS begins,
                       (12 * (extract(year FROM %(last)s::date)
                              - extract(year FROM %(begin)s))
                        + extract(month FROM %(last)s::date)
                        - extract(month FROM %(begin)s) + 1)::float8 AS span
                  FROM retention_cadence_state state
                  JOIN retention_cadence line ON line.id = state.cadence_id
                 WHERE state.company_id = %(company)s AND state.probability < 1
                   AND state.probability > 0 AND %(among)s) lot
             WHERE span >= 1
            """,
            assigned=self._assigned(),
            begin=begin,
            last=self.last,
            company=self.company.id,
            among=self.scope.among(SQL("state.partner_id")),
        )

    def _assigned(self) -> SQL:
        return SQL(
            "date_trunc('month', state.create_date AT TIME ZONE 'UTC'"
            " AT TIME ZONE %s)::date",
            self.company.resource_calendar_id.tz or "UTC",
        )

    def _bought(self) -> SQL:
        return SQL(
            """
            SELECT lot.id,
                   sum(month.revenue::float8)
                     FILTER (WHERE month.month >= lot.begins) AS after,
                   sum(month.revenue::float8)
                     FILTER (WHERE month.month < lot.assigned) AS before
              FROM lot
              JOIN retention_month month ON month.partner_id = lot.partner_id
               AND month.company_id = %s AND month.month <= %s
               AND month.month >= lot.assigned - make_interval(months => %s)
             WHERE lot.assignment <> 'same'
             GROUP BY lot.id
            """,
            self.company.id,
            self.last,
            BEFORE,
        )

    def _had(self) -> SQL:
        return SQL(
            """
            SELECT lot.id, sum(contact.touches)::float8 AS touches
              FROM lot
              JOIN retention_month_contact contact
                ON contact.partner_id = lot.partner_id AND contact.company_id = %s
               AND contact.month >= lot.begins AND contact.month <= %s
             WHERE lot.assignment <> 'same'
             GROUP BY lot.id
            """,
            self.company.id,
            self.last,
        )

    def totals(self, levels):
        """Return the levels of all tiers together, ``{place: Level}``."""
        result = defaultdict(Level)
        for (_tier, place), counted in levels.items():
            figures = Counter(vars(counted))
            profiles = figures.pop("profiles")
            result[place].add(figures, profiles)
        return result
