from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ...tools import drop, signals
from ...tools.signals import Counted, Finding

BASE_DAYS = 365  # before, in which the usual number is known
HALF_YEAR = 182
MONTH = 365.25 / 12


class RetentionSignal(models.Model):
    """Talking less: contacts and answers that become fewer, and silence of use."""

    _inherit = "retention.signal"

    @api.model
    def _selection_kind(self):
        kinds = {
            "contacts": self.env._("Fewer contacts and answers"),
            "silent": self.env._("No visit, login or use any more"),
        }
        return [*super()._selection_kind(), *kinds.items()]

    @api.model
    def _get_explanations(self):
        return super()._get_explanations() | {
            "contacts": self.env._(
                "Compares how often the customer answered, wrote or called, and how "
                "often there was a personal contact at all, in the days looked back "
                "with the year before. Mass mailings and purchases do not count. "
                "Warns only where so few are hardly chance."
            ),
            "silent": self.env._(
                "Customers who visited, logged in or used the product regularly (at "
                "least so often in half a year) and have not done so for the days "
                "looked back, and for three times as long as usual."
            ),
        }

    # ---- contacts ------------------------------------------------------------------

    def _get_contacts(self, scope):
        """Return counts of each customer, before and in the last days.

        Rows: customer, months before, personal contacts before and lately, answers
        before and lately, day of the last answer.
        """
        since, until = self._moments(scope, self.days)
        return self.env.execute_query(
            SQL(
                """
                SELECT partner_id,
                       extract(epoch FROM %(since)s
                         - GREATEST(%(first)s, min(done_at)))::float8
                         / 86400 / %(month)s::float8,
                       count(*) FILTER (WHERE is_real AND done_at < %(since)s),
                       count(*) FILTER (WHERE is_real AND done_at >= %(since)s),
                       count(*) FILTER (WHERE %(answered)s AND done_at < %(since)s),
                       count(*) FILTER (WHERE %(answered)s AND done_at >= %(since)s),
                       max(done_at) FILTER (WHERE %(answered)s)::date
                  FROM retention_touch touch
                 WHERE company_id = %(company)s AND state = 'done'
                   AND done_at >= %(first)s AND done_at < %(until)s
                   AND origin <> 'order' AND is_bulk IS NOT TRUE AND %(customers)s
                 GROUP BY partner_id
                """,
                since=since,
                first=since - timedelta(days=BASE_DAYS),
                until=until,
                month=MONTH,
                answered=SQL(
                    "(direction = 'in' OR outcome IN ('answered','declined'))"
                ),
                company=scope.company.id,
                customers=scope.of(SQL("touch.partner_id")),
            )
        )

    def _counted_contacts(self, rows, place):
        """Return counts of contacts (place 2) or answers (4) as :class:`Counted`."""
        ahead = self.days / MONTH
        return [
            Counted(row[0], row[place], max(row[1], 1.0), row[place + 1], ahead)
            for row in rows
        ]

    def _fit_contacts(self, scope):
        rows = self._get_contacts(scope)
        share = self.false_share / 100 / 2  # two things are looked at
        return {
            name: fit
            for name, place in (("contacts", 2), ("answers", 4))
            if (
                fit := signals.fit_fallen(
                    self._counted_contacts(rows, place), share, self.least
                )
            )
        }

    def _find_contacts(self, scope):
        rows, fit = self._get_contacts(scope), self._fit(scope)
        found, known = {}, set()
        for name, place in (("contacts", 2), ("answers", 4)):
            if name not in fit:
                continue
            of = drop.Prior(fit[name]["shape"], fit[name]["rate"])
            counted = self._counted_contacts(rows, place)
            known.update(
                each.customer_id for each in counted if each.before >= self.least
            )
            fallen, _few = signals.fallen(counted, of, fit[name]["limit"], self.least)
            for each in fallen:  # answers last: they tell more
                found[each.counted.customer_id] = (name, each)
        since = scope.as_of - timedelta(days=self.days - 1)
        last = {row[0]: row[-1] for row in rows}
        return [
            Finding(
                customer_id,
                each.strength,
                before=round(each.expected, 1),
                after=float(each.counted.recent),
                since=since,
                words={"what": name, "last": last[customer_id]},
            )
            for customer_id, (name, each) in found.items()
        ], len(rows) - len(known)

    def _say_contacts(self, finding, say_day):
        last = finding.words["last"]
        said = {
            "after": signals.number(finding.after),
            "before": signals.number(finding.before),
            "since": say_day(finding.since),
            "last": say_day(last) if last else "–",
        }
        if finding.words["what"] == "answers":
            return self.env._(
                "Answered, wrote or called %(after)s times since %(since)s, %(before)s "
                "were expected from the year before; last on %(last)s",
                **said,
            )
        return self.env._(
            "%(after)s personal contacts since %(since)s, %(before)s were expected "
            "from the year before; the customer last answered on %(last)s",
            **said,
        )

    # ---- use -----------------------------------------------------------------------

    def _get_visits(self, scope):
        """Return days with visits in half a year and the days looked back.

        Rows: customer, number of days, the last of them, days from the first to it.
        """
        _since, until = self._moments(scope, self.days)
        return self.env.execute_query(
            SQL(
                """
                SELECT partner_id, count(*), max(day), max(day) - min(day)
                  FROM (SELECT DISTINCT event.partner_id,
                               (event.moment AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)
                                 ::date AS day
                          FROM retention_event event
                         WHERE event.company_id = %(company)s
                           AND event.moment >= %(first)s AND event.moment < %(until)s
                           AND event.kind <> 'event' AND %(customers)s) used
                 GROUP BY partner_id
                """,
                zone=scope.company.resource_calendar_id.tz or "UTC",
                company=scope.company.id,
                first=until - timedelta(days=HALF_YEAR + self.days),
                until=until,
                customers=scope.of(SQL("event.partner_id")),
            )
        )

    def _find_silent(self, scope):
        """Find whose visits have stopped; one a day counts."""
        found, few = [], 0
        for customer_id, number, last, span in self._get_visits(scope):
            if number < max(self.least, 2):
                few += 1
                continue
            usual = span / (number - 1)
            limit = max(self.days, 3 * usual)
            silent = (scope.as_of - last).days
            if silent >= limit:
                found.append(
                    Finding(
                        customer_id,
                        signals.by_distance(silent, limit, 2 * limit),
                        before=round(usual, 1),
                        after=float(silent),
                        since=last,
                        words={"number": number},
                    )
                )
        return found, few

    def _say_silent(self, finding, say_day):
        return self.env._(
            "No visit, login or use since %(since)s, for %(silent)s days; before it "
            "was every %(usual)s days (%(number)s days in half a year)",
            since=say_day(finding.since),
            silent=signals.number(finding.after),
            usual=signals.number(finding.before),
            number=finding.words["number"],
        )
