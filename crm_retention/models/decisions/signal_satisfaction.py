from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ...tools import satisfaction, service, signals
from ...tools.signals import Finding

WAITED = 14  # days in which an answer may still come
# complaints lately, in as long a time before, and reopened ones
COMPLAINTS = """
SELECT commercial_partner_id, lately, before, reopened, last::date, first::date
  FROM (
    SELECT commercial_partner_id,
           count(*) FILTER (WHERE retention_received_at >= %(since)s)
             AS lately,
           count(*) FILTER (WHERE retention_received_at >= %(before)s
                              AND retention_received_at < %(since)s) AS before,
           count(*) FILTER (WHERE retention_reopened_at >= %(since)s
                              AND retention_reopened_at < %(until)s)
             AS reopened,
           max(GREATEST(retention_received_at, retention_reopened_at))
             AS last,
           min(retention_received_at)
             FILTER (WHERE retention_received_at >= %(since)s) AS first
      FROM helpdesk_ticket ticket
     WHERE retention_kind = %(complaint)s AND company_id = %(company)s
       AND commercial_partner_id IS NOT NULL
       AND retention_received_at < %(until)s
       AND (retention_received_at >= %(before)s
            OR retention_reopened_at >= %(since)s)
       AND %(customers)s
     GROUP BY commercial_partner_id) told
 WHERE reopened > 0
    OR (lately >= %(bound)s AND lately > told.before)
"""
# questions asked, and how many since the last answer have none
QUESTIONS = """
SELECT partner_id, answered, unanswered, last_answer::date, since::date, asked
  FROM (
    SELECT feedback.partner_id,
           max(answer.last) AS last_answer,
           count(*) FILTER (WHERE %(answered)s) AS answered,
           count(*) AS asked,
           count(*) FILTER (WHERE NOT %(answered)s AND invited_at
             > COALESCE(answer.last, '-infinity')) AS unanswered,
           min(invited_at) FILTER (WHERE NOT %(answered)s AND invited_at
             > COALESCE(answer.last, '-infinity')) AS since
      FROM retention_feedback feedback
      LEFT JOIN (
           SELECT partner_id, max(answered_at) AS last
             FROM retention_feedback given
            WHERE company_id = %(company)s AND state = 'answered'
              AND answered_at < %(until)s AND %(given)s
            GROUP BY partner_id) answer
        ON answer.partner_id = feedback.partner_id
     WHERE company_id = %(company)s AND invited_at < %(asked_until)s
       AND invited_at >= %(first)s AND state IN ('asked', 'answered')
       AND %(customers)s
     GROUP BY feedback.partner_id) told
"""


class RetentionSignal(models.Model):
    """What customers say: low or falling satisfaction, complaints, no answers."""

    _inherit = "retention.signal"

    @api.model
    def _selection_kind(self):
        kinds = {
            "satisfaction": self.env._("Satisfaction low or falling"),
            "complaints": self.env._("Complaints rising or reopened"),
            "surveys": self.env._("Surveys no longer answered"),
        }
        return [*super()._selection_kind(), *kinds.items()]

    @api.model
    def _get_explanations(self):
        return super()._get_explanations() | {
            "satisfaction": self.env._(
                "The last answer within the days looked back was bad (a detractor, or "
                "1 or 2 of 5), or lies below the average of the customer's earlier "
                "answers to the same question by at least the limit, in percent of "
                "the scale."
            ),
            "complaints": self.env._(
                "At least so many complaints (limit) within the days looked back, and "
                "more than in as many days before; or one that was reopened."
            ),
            "surveys": self.env._(
                "Customers who answered before, and have answered none of so many "
                "questions in a row (fewest observations). An invitation counts when "
                "two weeks have passed."
            ),
        }

    # ---- satisfaction --------------------------------------------------------------

    def _find_satisfaction(self, scope):
        """Find by the last answer to each question; the worst of a customer counts."""
        since, until = self._moments(scope, self.days)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT partner_id, kind, raw, grade, answered_at::date, before, number
                  FROM (SELECT feedback.*,
                               avg(raw) OVER earlier AS before,
                               count(*) OVER earlier AS number,
                               row_number() OVER (PARTITION BY partner_id, kind
                                                  ORDER BY answered_at DESC, id DESC)
                                 AS place
                          FROM retention_feedback feedback
                         WHERE company_id = %(company)s AND state = 'answered'
                           AND answered_at < %(until)s AND %(customers)s
                        WINDOW earlier AS (PARTITION BY partner_id, kind
                                           ORDER BY answered_at, id
                                           ROWS BETWEEN UNBOUNDED PRECEDING
                                                    AND 1 PRECEDING)) said
                 WHERE place = 1 AND answered_at >= %(since)s
                """,
                company=scope.company.id,
                since=since,
                until=until,
                customers=scope.of(SQL("feedback.partner_id")),
            )
        )
        found = {}
        for row in rows:
            finding = self._judge_answer(*row)
            known = found.get(row[0])
            if finding and (not known or finding.strength > known.strength):
                found[row[0]] = finding
        return list(found.values()), 0

    def _judge_answer(self, customer_id, kind, raw, grade, day, before, number):
        """Return the finding of one last answer, or None."""
        least, most = satisfaction.SCALES[kind]
        before = float(before) if number >= self.least else None
        fall = 100 * (before - raw) / (most - least) if before is not None else 0.0
        is_bad = grade in (satisfaction.BAD, satisfaction.DETRACTOR)
        has_fallen = bool(self.share) and fall >= self.share
        if not is_bad and not has_fallen:
            return None
        if is_bad:  # the lowest answer is beyond any doubt
            middle = least + (most - least) / 2
            strength = signals.by_distance(raw, middle, least)
        else:
            strength = signals.by_distance(fall, self.share, 2 * self.share)
        return Finding(
            customer_id,
            strength,
            before=before,
            after=float(raw),
            since=day,
            words={"kind": kind, "most": most, "number": number},
        )

    def _say_satisfaction(self, finding, say_day):
        model = self.env["retention.feedback"]
        questions = dict(model._fields["kind"]._description_selection(self.env))
        said = {
            "question": questions[finding.words["kind"]],
            "after": signals.number(finding.after),
            "most": finding.words["most"],
            "day": say_day(finding.since),
        }
        if finding.before is None:
            return self.env._("%(question)s: %(after)s of %(most)s on %(day)s", **said)
        return self.env._(
            "%(question)s: %(after)s of %(most)s on %(day)s, %(before)s on average "
            "before (%(number)s answers)",
            before=signals.number(finding.before),
            number=finding.words["number"],
            **said,
        )

    # ---- complaints ----------------------------------------------------------------

    def _get_complaints(self, scope):
        """Return rows: customer, complaints lately and in as long a time before,
        reopened ones, the last day of both, the first one lately.
        """
        since, until = self._moments(scope, self.days)
        return self.env.execute_query(
            SQL(
                COMPLAINTS,
                since=since,
                before=since - (until - since),
                until=until,
                complaint=service.COMPLAINT,
                company=scope.company.id,
                bound=max(self.bound, 1),
                customers=scope.of(SQL("ticket.commercial_partner_id")),
            )
        )

    def _find_complaints(self, scope):
        rows = self._get_complaints(scope)
        bound = max(self.bound, 1)
        return [
            Finding(
                customer_id,
                # a complaint that was not solved the first time is as clear as two more
                signals.by_distance(lately + 2 * reopened, bound, bound + 3),
                before=float(before),
                after=float(lately),
                since=first or last,
                words={"reopened": reopened},
            )
            for customer_id, lately, before, reopened, last, first in rows
        ], 0

    def _say_complaints(self, finding, say_day):
        said = {
            "after": signals.number(finding.after),
            "before": signals.number(finding.before),
            "days": self.days,
            "reopened": finding.words["reopened"],
        }
        if finding.words["reopened"]:
            return self.env._(
                "%(after)s complaints in the last %(days)s days, %(before)s in as many "
                "days before; %(reopened)s reopened",
                **said,
            )
        return self.env._(
            "%(after)s complaints in the last %(days)s days, %(before)s in as many "
            "days before",
            **said,
        )

    # ---- no answers ----------------------------------------------------------------

    def _get_questions(self, scope):
        """Return rows: customer, questions answered, unanswered since the last answer,
        the day of that answer, since when, questions altogether.
        """
        _since, until = self._moments(scope, 1)
        return self.env.execute_query(
            SQL(
                QUESTIONS,
                answered=SQL("COALESCE(answered_at < %s, FALSE)", until),
                company=scope.company.id,
                until=until,
                asked_until=until - timedelta(days=WAITED),
                first=until - timedelta(days=self.days),
                given=scope.of(SQL("given.partner_id")),
                customers=scope.of(SQL("feedback.partner_id")),
            )
        )

    def _find_surveys(self, scope):
        """Find whose last questions all stayed without an answer."""
        rows = self._get_questions(scope)
        least = max(self.least, 1)
        found = [
            Finding(
                customer_id,
                signals.by_distance(unanswered, least, 2 * least),
                before=float(answered),
                after=float(unanswered),
                since=since,
                words={"last": last},
            )
            for customer_id, answered, unanswered, last, since, _asked in rows
            if last and unanswered >= least
        ]
        few = sum(not row[3] or row[5] < least for row in rows)
        return found, few

    def _say_surveys(self, finding, say_day):
        return self.env._(
            "%(number)s questions without an answer since %(since)s; last answered on "
            "%(last)s",
            number=signals.number(finding.after),
            since=say_day(finding.since),
            last=say_day(finding.words["last"]),
        )
