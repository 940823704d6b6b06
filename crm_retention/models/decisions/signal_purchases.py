from datetime import timedelta
from math import ceil

from odoo import api, models
from odoo.tools import SQL

from ...tools import drop, rhythm, signals
from ...tools.signals import Finding

LOOKED_BACK = 3 * 365  # days of purchases that make a rhythm
BASE_DAYS = 2 * 365  # before, in which the usual size is known
ONCE_DAYS = 365  # longer ago nobody comes for a second purchase
LEAST_SIZE = 0.1  # a deviation of sizes: no customer always buys for the same


class RetentionSignal(models.Model):
    """Purchases that do not come, and purchases that become smaller."""

    _inherit = "retention.signal"

    @api.model
    def _selection_kind(self):
        kinds = {
            "overdue": self.env._("Next purchase overdue"),
            "amount": self.env._("Buys for less than before"),
            "second": self.env._("No second purchase yet"),
        }
        return [*super()._selection_kind(), *kinds.items()]

    @api.model
    def _get_explanations(self):
        return super()._get_explanations() | {
            "overdue": self.env._(
                "The customer's own rhythm: silent for longer than so many percent of "
                "the gaps between purchases. Few gaps are drawn to those of customers "
                "of the same industry. At 95 %, every twentieth gap of an unchanged "
                "customer is that long: set the limit higher for fewer false alarms. "
                "Whoever bought only once or twice has no rhythm, and nobody is "
                "warned of."
            ),
            "amount": self.env._(
                "Compares the typical purchase (the median, so that one refund or one "
                "large order changes nothing) of the last months with the two years "
                "before. Warns if it fell by the limit or more, and hardly by chance."
            ),
            "second": self.env._(
                "Customers who bought on one day only, the given number of days ago or "
                "longer: most who never come again leave after the first purchase. "
                "After the horizon it is no warning any more."
            ),
        }

    # ---- overdue -------------------------------------------------------------------

    def _get_gaps(self, scope, least=0):
        """Return the rhythm of each customer, and how many have fewer gaps.

        Rows: customer, industry or 0, last purchase, gaps, mean and variance of their
        logarithms, the quantile of the gaps.
        :param least: customers with fewer gaps are only counted.
        """
        first = scope.as_of - timedelta(days=LOOKED_BACK)
        *rows, (_none, *_nothing, few) = self.env.execute_query(
            SQL(
                """
                WITH gaps AS MATERIALIZED (
                    SELECT partner_id, max(date) AS last, count(gap) AS number,
                           COALESCE(avg(ln(gap)), 0) AS mean,
                           COALESCE(var_pop(ln(gap)), 0) AS variance,
                           percentile_cont(%(share)s) WITHIN GROUP (ORDER BY gap) AS own
                      FROM (SELECT partner_id, date,
                                   (date - lag(date) OVER (PARTITION BY partner_id
                                                               ORDER BY date))::float8
                                     AS gap
                              FROM (%(purchases)s) bought) day
                     GROUP BY partner_id)
                SELECT gaps.partner_id, COALESCE(partner.industry_id, 0), gaps.last,
                       gaps.number, gaps.mean, gaps.variance, gaps.own
                  FROM gaps JOIN res_partner partner ON partner.id = gaps.partner_id
                 WHERE gaps.number >= %(least)s
                 UNION ALL
                SELECT NULL, NULL, NULL, NULL, NULL, NULL, count(*)
                  FROM gaps WHERE gaps.number < %(least)s
                """,
                share=self.share / 100,
                purchases=self._purchases(scope, first),
                least=least,
            )
        )
        return rows, int(few)

    def _fit_overdue(self, scope):
        """Learn the rhythm of each industry, and of all (0) for the small ones."""
        by_industry = {0: []}
        rows, _few = self._get_gaps(scope, least=2)
        for _id, industry, _last, number, mean, variance, _own in rows:
            by_industry[0].append((number, mean, variance))
            if industry:
                by_industry.setdefault(industry, []).append((number, mean, variance))
        found = {
            str(industry): rhythm.rhythm_of(rows)
            for industry, rows in by_industry.items()
        }
        return {key: list(each) for key, each in found.items() if each}

    def _find_overdue(self, scope):
        fit = {
            int(industry): rhythm.Rhythm(*values)
            for industry, values in self._fit(scope).items()
        }
        rows, few = self._get_gaps(scope, least=max(self.least, 1))
        found = []
        for customer_id, industry, last, number, mean, variance, own in rows:
            of = fit.get(industry) or fit.get(0)
            if not of:
                few += 1
                continue
            limit = ceil(
                rhythm.gap_limit(number, mean, variance, own, of, self.share / 100)
            )
            silent = (scope.as_of - last).days
            if silent > limit:
                due = last + timedelta(days=limit)
                found.append(
                    Finding(
                        customer_id,
                        signals.by_distance(silent, limit, 3 * limit),
                        before=float(limit),
                        after=float(silent),
                        since=due,
                        words={"last": last, "gaps": number},
                        late=(scope.as_of - due).days > self.horizon_days,
                    )
                )
        return found, few

    def _say_overdue(self, finding, say_day):
        return self.env._(
            "Nothing bought since %(last)s, for %(silent)s days: %(share)s %% of the "
            "customer's gaps between purchases are %(limit)s days or less (from "
            "%(gaps)s gaps)",
            last=say_day(finding.words["last"]),
            silent=signals.number(finding.after),
            limit=signals.number(finding.before),
            share=signals.number(self.share),
            gaps=finding.words["gaps"],
        )

    def _say_fit_overdue(self, fit):
        middle = rhythm.Rhythm(*fit["0"]) if "0" in fit else None
        return middle and self.env._(
            "Customers buy every %(days)s days as a rule; industries with a rhythm of "
            "their own: %(number)s.",
            days=signals.number(middle.typical),
            number=len(fit) - 1,
        )

    # ---- smaller -------------------------------------------------------------------

    def _get_sizes(self, scope):
        """Return typical sizes: customer, and of before and now (number, log median),
        and the spread of the logarithms within the customer, None with fewer than 8.
        """
        end = signals.month_end(scope.as_of)
        since = signals.months_before(end, self.months)
        return self.env.execute_query(
            SQL(
                """
                SELECT partner_id,
                       count(*) FILTER (WHERE date < %(since)s),
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY ln(amount))
                         FILTER (WHERE date < %(since)s),
                       count(*) FILTER (WHERE date >= %(since)s),
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY ln(amount))
                         FILTER (WHERE date >= %(since)s),
                       CASE WHEN count(*) FILTER (WHERE date < %(since)s) >= 8 THEN
                         (percentile_cont(0.75) WITHIN GROUP (ORDER BY ln(amount))
                            FILTER (WHERE date < %(since)s)
                          - percentile_cont(0.25) WITHIN GROUP (ORDER BY ln(amount))
                            FILTER (WHERE date < %(since)s)) / 1.349 END
                  FROM (%(purchases)s) bought
                 WHERE amount > 0 AND date < %(end)s
                 GROUP BY partner_id
                """,
                since=since,
                end=end,
                purchases=self._purchases(scope, since - timedelta(days=BASE_DAYS)),
            )
        )

    def _fit_amount(self, scope):
        """Learn how much a customer's purchases usually differ: the median of all."""
        spreads = sorted(
            row[-1] for row in self._get_sizes(scope) if row[-1] is not None
        )
        if len(spreads) < drop.LEAST_CUSTOMERS:
            return {}
        return {"spread": max(spreads[len(spreads) // 2], LEAST_SIZE)}

    def _find_amount(self, scope):
        rows, fit = self._get_sizes(scope), self._fit(scope)
        limit = rhythm.score_limit(self.false_share / 100)
        found, few = [], 0
        since = signals.months_before(signals.month_end(scope.as_of), self.months)
        for customer_id, numbers, before, number, recent, own in rows:
            if not fit or numbers < self.least or number < 2:
                few += number > 0
                continue
            spread = max(own or 0.0, fit["spread"])
            score = rhythm.size_score(recent, number, before, numbers, spread)
            fall = 100 * rhythm.fall(before, recent)
            if score < limit and fall >= self.share:
                found.append(
                    Finding(
                        customer_id,
                        signals.by_distance(score, limit, limit - 2),
                        before=round(rhythm.size(before), 2),
                        after=round(rhythm.size(recent), 2),
                        since=since,
                        words={"fall": fall, "number": number},
                    )
                )
        return found, few

    def _say_amount(self, finding, say_day):
        return self.env._(
            "The typical purchase is %(after)s since %(since)s (%(number)s purchases), "
            "it was %(before)s in the two years before: %(fall)s %% less",
            before=self.company_id.currency_id.format(finding.before),
            after=self.company_id.currency_id.format(finding.after),
            since=say_day(finding.since),
            number=finding.words["number"],
            fall=f"{finding.words['fall']:.0f}",
        )

    # ---- only once -----------------------------------------------------------------

    def _find_second(self, scope):
        """Find who has bought on one day only, for the days now."""
        last = scope.as_of - timedelta(days=self.days)
        first = last - timedelta(days=ONCE_DAYS)
        began = SQL(
            """SELECT partner_id FROM retention_profile
                WHERE company_id = %s AND first_purchase BETWEEN %s AND %s""",
            scope.company.id,
            first,
            last,
        )
        some = scope._replace(
            of=lambda column: SQL("%s AND %s IN (%s)", scope.of(column), column, began)
        )
        rows = self.env.execute_query(
            SQL(
                """SELECT partner_id, min(date), sum(amount) FROM (%s) bought
                    GROUP BY partner_id HAVING count(*) = 1""",
                self._purchases(some, first),
            )
        )
        return [
            Finding(
                customer_id,
                0.5,  # nothing but the days is known of somebody who bought once
                before=float(self.days),
                after=float((scope.as_of - day).days),
                since=day + timedelta(days=self.days),
                words={"day": day, "amount": amount},
                late=day + timedelta(days=self.horizon_days) < last,
            )
            for customer_id, day, amount in rows
        ], 0

    def _say_second(self, finding, say_day):
        return self.env._(
            "Bought once, for %(amount)s on %(day)s, and not again for %(days)s days",
            amount=self.company_id.currency_id.format(finding.words["amount"]),
            day=say_day(finding.words["day"]),
            days=signals.number(finding.after),
        )
