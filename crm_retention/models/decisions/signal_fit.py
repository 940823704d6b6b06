from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import signals
from ..facts.retention_transaction import Span
from .signal_scope import among

SAMPLE = 10_000  # customers from whom one learns how customers differ
FRESH_DAYS = 7  # for so long what was learned is taken as it is
KEPT = 15  # months: looking back at a year learns each of them once
# what a change of means that what was learned is no longer about this rule
LEARNED_BY = ("kind", "days", "months", "share", "least", "false_share")


class RetentionSignal(models.Model):
    """What a rule needs to know of everybody, learned once a month and kept.

    How customers differ, the season, and the limit below which one warns. Learned
    from at most ``SAMPLE`` customers, always the same ones, from what was known when
    the month began.
    """

    _inherit = "retention.signal"

    fit_json = fields.Json(string="Learned of All Customers", readonly=True, copy=False)
    fitted_on = fields.Date(
        string="Learned on",
        readonly=True,
        copy=False,
        help="When it was last computed how all customers behave, so that one who "
        "changes stands out.",
    )
    fit_text = fields.Char(string="What It Learned", compute="_compute_fit_text")

    @api.depends("fit_json", "kind")
    def _compute_fit_text(self):
        for signal in self:
            known = (signal.fit_json or {}).get("months", {})
            last = known[max(known)]["fit"] if known else {}
            signal.fit_text = bool(last) and signal._say_fit(last)

    def _say_fit(self, fit):
        """Say what was learned, for whoever wants to check it; by kind."""
        say = getattr(self, f"_say_fit_{self.kind}", None)
        return say and say(fit)

    # ---- learning ------------------------------------------------------------------

    def _fit(self, scope):
        """Return what this rule knows of everybody on the day of ``scope``: a dict.

        Empty: too little to warn of anybody. What is found is stored, for some days
        only, because documents of the past may still come in.
        """
        self.ensure_one()
        end = signals.month_end(scope.as_of)
        today = scope.company._retention_today()
        key, rules = str(end), self._learned_by(scope.company)
        kept = self.fit_json or {}
        months = kept["months"] if kept.get("rules") == rules else {}
        known = months.get(key)
        if known and self._is_fresh(known, today):
            return known["fit"]
        day = end - timedelta(days=1)
        sample = among(scope.company, day, self._get_sample(scope.company))
        fit = getattr(self, f"_fit_{self.kind}")(sample)
        months = months | {key: {"on": str(today), "fit": fit}}
        last = sorted(months)[-KEPT:]
        # sudo: what was learned is the same whoever looks
        self.sudo().with_context(tracking_disable=True).write(
            {
                "fit_json": {
                    "rules": rules,
                    "months": {month: months[month] for month in last},
                },
                "fitted_on": today,
            }
        )
        return fit

    def _learned_by(self, company):
        """Return by which rules something was learned, as JSON."""
        rules = [self[name] for name in LEARNED_BY]
        return [*rules, company.retention_revenue_source]

    def _is_fresh(self, known, today):
        """Tell whether something learned still holds; that there is too little, only
        on its day.
        """
        learned = fields.Date.to_date(known["on"])
        return learned > today - timedelta(days=FRESH_DAYS if known["fit"] else 1)

    @api.model
    def _get_sample(self, company):
        """Return the ids of the buying customers that one learns from."""
        self.env["retention.profile"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT partner_id FROM retention_profile
                    WHERE company_id = %s AND first_purchase IS NOT NULL
                    ORDER BY hashint4(partner_id), partner_id LIMIT %s""",
                company.id,
                SAMPLE,
            )
        )
        return [row[0] for row in rows]

    # ---- reading -------------------------------------------------------------------

    @api.model
    def _purchases(self, scope, first):
        """Return the purchases of the customers looked at since ``first``, as SQL.

        Several on one day are one occasion. Columns: partner_id, date, amount.
        """
        days = (first, scope.as_of)
        return SQL(
            """
            SELECT doc.partner_id, doc.date, sum(doc.amount)::float8 AS amount
              FROM (%(documents)s) doc
             WHERE doc.company_id = %(company)s AND doc.kind = 'sale'
               AND doc.date BETWEEN %(first)s AND %(last)s AND %(customers)s
             GROUP BY doc.partner_id, doc.date
            """,
            documents=self.env["retention.transaction"]._union(
                Span(*days, *scope.company._retention_day_bounds(*days))
            ),
            company=scope.company.id,
            first=first,
            last=scope.as_of,
            customers=scope.of(SQL("doc.partner_id")),
        )

    @api.model
    def _moments(self, scope, days):
        """Return the UTC moments between which ``days`` up to the day lie: [a, b)."""
        first = scope.as_of - timedelta(days=days - 1)
        return scope.company._retention_day_bounds(first, scope.as_of)
