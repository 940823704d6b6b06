from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, models

from ...tools import forecast
from ...tools.clv import DAYS, History
from .model_sql import BoughtSQL

EVERY_MONTHS = 1


class RetentionModel(models.Model):
    """Fitting: reads a sample of customers, lets the tools learn, keeps the result."""

    _inherit = "retention.model"

    @api.model
    def _is_due(self, run):
        """Tell whether the forecasts are to be fitted anew in this run.

        Once a month, in the weekly pass over everybody, and as long as there was too
        little data in each of them; at once when the days ahead are others.
        """
        last = self._get_current(run.company_id, run.as_of).get("buying")
        if not last or last.days != run.company_id.retention_quiet_days:
            return True
        if run.kind != "full":
            return False
        if last.method == "none":
            return last.fitted_on < run.as_of
        return last.fitted_on <= run.as_of - relativedelta(months=EVERY_MONTHS)

    @api.model
    def _fit(self, company, as_of):
        """Learn from the purchases until ``as_of``, and keep what was learned."""
        days = company.retention_quiet_days
        rows = self._read_sample(company, as_of, as_of - timedelta(days=days))
        often = forecast.buying(
            [_past(row, as_of, days) for row in rows if row["last_before"]],
            [_history(row["x"], row["first"], row["last"], as_of) for row in rows],
            days,
        )
        much = forecast.spending(
            [_paid(row) for row in rows if row["last_before"]],
            [(row["x"], row["mean"] or 0.0) for row in rows],
        )
        self._forget_vain(company)
        common = {"company_id": company.id, "fitted_on": as_of, "days": days}
        return self.create(
            [
                common | self._prepare_buying(often, len(rows)),
                common | self._prepare_spending(much, len(rows)),
            ]
        )

    @api.model
    def _forget_vain(self, company):
        """Forget the fits for which there was too little data: one says it all."""
        vain = self.search([("company_id", "=", company.id), ("method", "=", "none")])
        days = vain.mapped("fitted_on")
        self.search(
            [("company_id", "=", company.id), ("fitted_on", "in", days)]
        ).unlink()

    @api.model
    def _read_sample(self, company, as_of, split):
        self.env.flush_all()
        self.env.cr.execute(BoughtSQL(company, as_of).sample(split))
        return self.env.cr.dictfetchall()

    @api.model
    def _prepare_buying(self, found, count):
        uses = found.method == forecast.MODEL
        return {
            "question": "buying",
            "method": found.kind if uses else found.method,
            "why": found.why,
            "tried": found.kind,
            "customer_count": count,
            "likelihood": found.fit.likelihood if found.fit else 0.0,
            "parameters": found.fit.spread._asdict() if uses else None,
            "steps": [list(step) for step in found.steps],
        } | self._prepare_trial(found.trial)

    @api.model
    def _prepare_spending(self, found, count):
        return {
            "question": "spending",
            "method": found.method,
            "why": found.why,
            "tried": "gamma" if found.fit else False,
            "customer_count": found.fit.count if found.fit else count,
            "likelihood": found.fit.likelihood if found.fit else 0.0,
            "parameters": found.fit.spend._asdict() if found.fit else None,
            "correlation": found.correlation,
        } | self._prepare_trial(found.trial)

    @api.model
    def _prepare_trial(self, trial):
        if not trial:
            return {}
        return {
            "tested_count": trial.count,
            "error": trial.error,
            "plain_error": trial.plain_error,
            "rank": trial.rank or 0.0,
            "plain_rank": trial.plain_rank or 0.0,
            "told_share": trial.told,
            "real_share": trial.came,
        }


def _history(x, first, last, as_of):
    return History(x, (last - first).days / DAYS, (as_of - first).days / DAYS)


def _past(row, as_of, days):
    split = as_of - timedelta(days=days)
    history = _history(row["x_before"], row["first"], row["last_before"], split)
    return forecast.Past(history, row["later"])


def _paid(row):
    return forecast.Paid(
        row["x_before"],
        row["mean_before"] or 0.0,
        row["own_before"],
        row["mean_later"],
    )
