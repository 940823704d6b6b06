from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ...tools import drop, signals
from ...tools.signals import Finding, Months

BASE = 24  # months before, from which a customer's own level is known


class RetentionSignal(models.Model):
    """Purchases that become fewer: at once (drop), or month by month (slow).

    Whole calendar months are looked at, so the answer changes once a month.
    """

    _inherit = "retention.signal"

    @api.model
    def _selection_kind(self):
        kinds = {
            "drop": self.env._("Buys less often than before"),
            "slow": self.env._("Buys a little less every month"),
        }
        return [*super()._selection_kind(), *kinds.items()]

    @api.model
    def _get_explanations(self):
        rare = self.env._(
            "Of customers who buy once or twice a month at most, hardly every fifth "
            "fall to a third can be seen within three months, by whatever rule: their "
            "silence is nearly always chance. For them, watch what is overdue."
        )
        return super()._get_explanations() | {
            "drop": self.env._(
                "Compares the purchases of the last months with what the customer "
                "bought in the two years before, the season, and how much customers "
                "differ. Warns only where so few are hardly chance: the limit is set "
                "so that no more of the unchanged customers are warned of than you "
                "allow. %(rare)s",
                rare=rare,
            ),
            "slow": self.env._(
                "Adds up how far each of the last months lies below what was usual, "
                "the last ones most: finds declines too slow for any single month to "
                "stand out, some months later than a sudden drop. %(rare)s",
                rare=rare,
            ),
        }

    # ---- reading -------------------------------------------------------------------

    def _get_months(self, scope, recent, base=BASE, least=0):
        """Return :class:`Months` up to the last complete one: days with a purchase.

        :param least: customers who bought on fewer days are only counted, as ``few``:
            most are, and are not carried out of the database.
        """
        number = base + recent
        end = signals.month_end(scope.as_of)
        start = signals.months_before(end, number)
        rows = self.env.execute_query(
            SQL(
                """
                WITH bought AS (%(purchases)s),
                monthly AS (
                    SELECT partner_id,
                           ((extract(YEAR FROM date) - %(year)s) * 12
                             + extract(MONTH FROM date) - %(month)s)::integer AS place,
                           count(*)::integer AS number
                      FROM bought WHERE date < %(end)s GROUP BY 1, 2),
                known AS MATERIALIZED (
                    SELECT monthly.partner_id, profile.first_purchase,
                           array_agg(monthly.place) AS places,
                           array_agg(monthly.number) AS numbers,
                           sum(monthly.number) >= %(least)s AS is_enough
                      FROM monthly
                      JOIN retention_profile profile
                        ON profile.partner_id = monthly.partner_id
                       AND profile.company_id = %(company)s
                     WHERE profile.first_purchase < %(end)s
                     GROUP BY 1, 2)
                SELECT partner_id, first_purchase, places, numbers
                  FROM known WHERE is_enough
                 UNION ALL
                SELECT NULL, NULL, NULL, ARRAY[count(*)::integer]
                  FROM known WHERE NOT is_enough
                """,
                least=least,
                purchases=self._purchases(scope, start),
                year=start.year,
                month=start.month,
                end=end,
                company=scope.company.id,
            )
        )
        counts, first = {}, {}
        *rows, (_none, _no_day, _no_places, [few]) = rows
        for customer_id, began, places, numbers in rows:
            counts[customer_id] = own = [0] * number
            for place, count in zip(places, numbers, strict=True):
                own[place] = count
            months = (began.year - start.year) * 12 + began.month - start.month
            first[customer_id] = max(months + 1, 0)
        return Months(start, number, counts, first, few)

    # ---- fewer at once -------------------------------------------------------------

    def _fit_drop(self, scope):
        months = self._get_months(scope, self.months)
        share = self.false_share / 100
        return signals.fit_months(months, share, self.months, self.least)

    def _find_drop(self, scope):
        fit = self._fit(scope)
        months = self._get_months(scope, self.months, least=self.least)
        if not fit:
            return [], len(months.counts) + months.few
        found, few = signals.fallen_months(months, fit, self.months, self.least)
        end = signals.month_end(scope.as_of)
        since = signals.months_before(end, self.months)
        burst = fit["burst"]
        return [
            Finding(
                each.counted.customer_id,
                each.strength,
                before=round(each.expected * burst, 1),
                after=round(each.counted.recent * burst),
                since=since,
                words={
                    "chance": each.chance,
                    "first": since,
                    "last": end - timedelta(days=1),
                    "rare": each.expected * burst <= drop.RARE * self.months,
                },
            )
            for each in found
        ], few

    def _say_drop(self, finding, say_day):
        said = {
            "after": signals.number(finding.after),
            "before": signals.number(finding.before),
            "first": say_day(finding.words["first"]),
            "last": say_day(finding.words["last"]),
            "percent": signals.number(100 * finding.words["chance"]),
        }
        if finding.words["rare"]:
            return self.env._(
                "Bought on %(after)s days from %(first)s to %(last)s, %(before)s were "
                "expected; by chance in %(percent)s %% of cases. Buys seldom, so "
                "little is certain.",
                **said,
            )
        return self.env._(
            "Bought on %(after)s days from %(first)s to %(last)s, %(before)s were "
            "expected from the two years before; by chance in %(percent)s %% of cases",
            **said,
        )

    def _say_fit_drop(self, fit):
        return self.env._(
            "Customers buy on %(mean)s days a month on average; warns below a chance "
            "of %(limit)s %%.",
            mean=signals.number(fit["shape"] / fit["rate"] * fit["burst"]),
            limit=signals.number(100 * fit["limit"]),
        )

    # ---- fewer every month ---------------------------------------------------------

    def _fit_slow(self, scope):
        months = self._get_months(scope, self.months)
        share = self.false_share / 100
        return signals.fit_slow(months, share, self.months, self.least)

    def _find_slow(self, scope):
        fit = self._fit(scope)
        months = self._get_months(scope, self.months, least=self.least)
        if not fit:
            return [], len(months.counts) + months.few
        found, few = signals.declined(months, fit, self.months, self.least)
        since = signals.months_before(signals.month_end(scope.as_of), self.months)
        return [
            Finding(
                each.customer_id,
                signals.by_distance(each.score, fit["limit"], fit["limit"] - 2),
                before=round(each.before, 2),
                after=round(each.after, 2),
                since=since,
                words={"score": each.score, "limit": fit["limit"]},
            )
            for each in found
        ], few

    def _say_slow(self, finding, say_day):
        return self.env._(
            "Bought on %(before)s days a month before %(since)s, on %(after)s in the "
            "last three months: less and less since (%(score)s, warns below %(limit)s)",
            before=signals.number(finding.before),
            after=signals.number(finding.after),
            since=say_day(finding.since),
            score=signals.number(finding.words["score"]),
            limit=signals.number(finding.words["limit"]),
        )

    def _say_fit_slow(self, fit):
        return self.env._(
            "Customers buy on %(mean)s days a month on average; warns below a weighted "
            "distance of %(limit)s.",
            mean=signals.number(fit["shape"] / fit["rate"] * fit["burst"]),
            limit=signals.number(fit["limit"]),
        )
