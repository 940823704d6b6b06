from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ...tools import drop, rhythm, signals
from ...tools.signals import Finding

BASE_DAYS = 365  # before, in which the usual share is known
SETTLED = 3  # days in which a mailing may still be opened
OPENED = ("opened", "clicked", "replied")
# what people of a customer said against mailings, by their addresses
REFUSALS = """
WITH people AS (
    SELECT commercial_partner_id AS customer_id, email_normalized
      FROM res_partner person
     WHERE email_normalized IS NOT NULL AND active AND %(customers)s),
said AS (
    SELECT people.customer_id, 'list' AS how,
           subscription.opt_out_datetime AS moment
      FROM mailing_subscription subscription
      JOIN mailing_contact contact
        ON contact.id = subscription.contact_id
      JOIN people USING (email_normalized)
     WHERE subscription.opt_out
       AND subscription.opt_out_datetime >= %(since)s
       AND subscription.opt_out_datetime < %(until)s
    UNION ALL
    SELECT people.customer_id, 'black', black.write_date
      FROM mail_blacklist black
      JOIN people ON people.email_normalized = black.email
     WHERE black.active AND black.write_date >= %(since)s
       AND black.write_date < %(until)s
    UNION ALL
    SELECT consent.partner_id, 'consent', consent.given_at
      FROM retention_consent consent
     WHERE consent.company_id = %(company)s
       AND consent.state = 'withdrawn'
       AND consent.given_at >= %(since)s
       AND consent.given_at < %(until)s AND %(consents)s)
SELECT DISTINCT ON (customer_id) customer_id, how, moment::date
  FROM said
 ORDER BY customer_id, moment DESC, how
"""


class RetentionSignal(models.Model):
    """Mailings: no longer opened, campaigns ignored, no longer wanted."""

    _inherit = "retention.signal"

    @api.model
    def _selection_kind(self):
        kinds = {
            "mails": self.env._("Mailings no longer opened"),
            "campaigns": self.env._("Campaigns ignored"),
            "unsubscribed": self.env._("Wants no more mailings"),
        }
        return [*super()._selection_kind(), *kinds.items()]

    @api.model
    def _get_explanations(self):
        return super()._get_explanations() | {
            "mails": self.env._(
                "Compares the share of mailings opened or clicked within the days "
                "looked back with the year before. Warns if it fell to the limit "
                "(percent of what was usual) or below, and hardly by chance. Many "
                "mail programs hide or fake openings: take it as a hint only."
            ),
            "campaigns": self.env._(
                "Of the last campaigns mailed within the days looked back, at least so "
                "many (fewest observations), the customer opened, clicked and bought "
                "nothing."
            ),
            "unsubscribed": self.env._(
                "Within the days looked back the customer, or one of its people, left "
                "a mailing list, was put on the black list for mail, or withdrew a "
                "consent."
            ),
        }

    # ---- openings ------------------------------------------------------------------

    def _get_openings(self, scope):
        """Rows: customer, mailings and opened ones before, and lately."""
        since, until = self._moments(scope, self.days)
        settled = until - timedelta(days=SETTLED)
        return self.env.execute_query(
            SQL(
                """
                SELECT partner_id,
                       count(*) FILTER (WHERE done_at < %(since)s),
                       count(*) FILTER (WHERE done_at < %(since)s AND %(opened)s),
                       count(*) FILTER (WHERE done_at >= %(since)s),
                       count(*) FILTER (WHERE done_at >= %(since)s AND %(opened)s)
                  FROM retention_touch touch
                 WHERE company_id = %(company)s AND state = 'done'
                   AND origin = 'mailing' AND outcome IS DISTINCT FROM 'not_reached'
                   AND done_at >= %(first)s AND done_at < %(settled)s AND %(customers)s
                 GROUP BY partner_id
                """,
                since=since,
                first=since - timedelta(days=BASE_DAYS),
                settled=settled,
                opened=SQL("COALESCE(reaction = ANY(%s), FALSE)", list(OPENED)),
                company=scope.company.id,
                customers=scope.of(SQL("touch.partner_id")),
            )
        )

    def _fit_mails(self, scope):
        """Learn how the shares of opened mailings differ between customers."""
        rows = [(n, x) for _id, n, x, _m, _y in self._get_openings(scope) if n >= 2]
        if len(rows) < drop.LEAST_CUSTOMERS:
            return {}
        mean = sum(x / n for n, x in rows) / len(rows)
        variance = sum((x / n - mean) ** 2 for n, x in rows) / len(rows)
        trials = len(rows) / sum(1 / n for n, _x in rows)
        a, b = rhythm.share_prior(mean, variance, trials)
        return {"a": a, "b": b}

    def _find_mails(self, scope):
        rows, fit = self._get_openings(scope), self._fit(scope)
        if not fit:
            return [], len(rows)
        found, few = [], 0
        limit = self.false_share / 100
        for customer_id, number, opened, recent, count in rows:
            if number < self.least or recent < self.least:
                few += 1
                continue
            of = rhythm.Rate(fit["a"] + opened, fit["b"] + number - opened)
            chance = rhythm.share_tail(count, recent, of)
            if chance <= limit and 100 * count <= self.share * of.mean * recent:
                found.append(
                    Finding(
                        customer_id,
                        signals.by_chance(chance, limit),
                        before=round(100 * opened / number, 1),
                        after=round(100 * count / recent, 1),
                        since=scope.as_of - timedelta(days=self.days - 1),
                        words={"number": recent, "count": count},
                    )
                )
        return found, few

    def _say_mails(self, finding, say_day):
        return self.env._(
            "Opened %(count)s of %(number)s mailings since %(since)s; %(before)s %% in "
            "the year before",
            count=finding.words["count"],
            number=finding.words["number"],
            since=say_day(finding.since),
            before=f"{finding.before:.0f}",
        )

    def _say_fit_mails(self, fit):
        return self.env._(
            "Customers open %(share)s %% of mailings on average.",
            share=f"{100 * rhythm.Rate(fit['a'], fit['b']).mean:.0f}",
        )

    # ---- campaigns -----------------------------------------------------------------

    def _get_campaigns(self, scope):
        """Return rows: customer, campaigns mailed, opened, the first, last purchase."""
        since, until = self._moments(scope, self.days)
        return self.env.execute_query(
            SQL(
                """
                WITH got AS (
                    SELECT touch.partner_id, mailing.campaign_id,
                           bool_or(COALESCE(touch.reaction = ANY(%(opened)s), FALSE))
                             AS opened,
                           min(touch.done_at)::date AS day
                      FROM retention_touch touch
                      JOIN mailing_mailing mailing ON mailing.id = touch.res_id
                     WHERE touch.company_id = %(company)s AND touch.state = 'done'
                       AND touch.origin IN ('mailing', 'sms')
                       AND touch.res_model = 'mailing.mailing'
                       AND touch.outcome IS DISTINCT FROM 'not_reached'
                       AND mailing.campaign_id IS NOT NULL
                       AND touch.done_at >= %(since)s AND touch.done_at < %(settled)s
                       AND %(customers)s
                     GROUP BY 1, 2)
                SELECT got.partner_id, count(*), count(*) FILTER (WHERE opened),
                       min(day), max(bought.last)
                  FROM got
                  LEFT JOIN (SELECT partner_id, max(date) AS last
                               FROM (%(purchases)s) purchase GROUP BY 1) bought
                    ON bought.partner_id = got.partner_id
                 GROUP BY got.partner_id
                """,
                opened=list(OPENED),
                company=scope.company.id,
                since=since,
                settled=until - timedelta(days=SETTLED),
                customers=scope.of(SQL("touch.partner_id")),
                purchases=self._purchases(
                    scope, scope.as_of - timedelta(self.days - 1)
                ),
            )
        )

    def _find_campaigns(self, scope):
        """Find who got several campaigns and cared for none, nor bought since."""
        rows = self._get_campaigns(scope)
        least = max(self.least, 1)
        found = [
            Finding(
                customer_id,
                signals.by_distance(number, least, 2 * least),
                before=None,
                after=float(number),
                since=first,
            )
            for customer_id, number, opened, first, bought in rows
            if number >= least and not opened and not (bought and bought >= first)
        ]
        return found, sum(row[1] < least for row in rows)

    def _say_campaigns(self, finding, say_day):
        return self.env._(
            "%(number)s campaigns since %(since)s: none opened or clicked, nothing "
            "bought",
            number=signals.number(finding.after),
            since=say_day(finding.since),
        )

    # ---- no more wanted ------------------------------------------------------------

    def _get_refusals(self, scope):
        """Return rows: customer, how the last one was said, the day.

        By the addresses of the customer's people, as the guard does.
        """
        since, until = self._moments(scope, self.days)
        return self.env.execute_query(
            SQL(
                REFUSALS,
                since=since,
                until=until,
                company=scope.company.id,
                customers=scope.of(SQL("person.commercial_partner_id")),
                consents=scope.of(SQL("consent.partner_id")),
            )
        )

    def _find_unsubscribed(self, scope):
        strengths = {"list": 0.6, "consent": 0.75, "black": 0.9}  # how final it is
        return [
            Finding(customer_id, strengths[how], since=day, words={"how": how})
            for customer_id, how, day in self._get_refusals(scope)
        ], 0

    def _say_unsubscribed(self, finding, say_day):
        day = say_day(finding.since)
        if finding.words["how"] == "list":
            return self.env._("Left a mailing list on %(day)s", day=day)
        if finding.words["how"] == "black":
            return self.env._("Blocked all mailings on %(day)s", day=day)
        return self.env._("Withdrew a consent on %(day)s", day=day)
