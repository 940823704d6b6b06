from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ...tools import health, lifecycle
from ...tools.clv import DAYS, History
from ..running.columns_sql import update_rows
from .health_sql import DATES, DECIDED, FORECAST, HealthSQL
from .model_sql import BoughtSQL

BATCH = 5_000  # customers a transaction
OVERLAP = timedelta(hours=1)  # transactions that were open when the last run began
# what a run of each kind goes through; the light one only follows what happened
PARTS = {
    "light": ("judge",),
    "night": ("fit", "judge", "keep"),
    "full": ("fit", "judge", "keep"),
}
KNOWN = tuple(DECIDED)


class RetentionProfile(models.Model):
    """The predict step: what customers will do, and how they are.

    Both change a little every day that nothing happens. So that a night does not
    write every row, it looks only at customers of whom something changed; the weekly
    pass over everybody brings all of them up to its day.
    """

    _inherit = "retention.profile"

    @api.model
    def _step_predict(self, run):
        """Do one batch of the predict step; as :meth:`_step_score`.

        The cursor: ``{"part": name, "after": customer id, "everybody": whether all
        are judged, "version": of the health model with which the run began}``.
        """
        self._tune()
        parts = PARTS[run.kind]
        cursor = run.cursor or self._begin_predictions(run, parts)
        seen, changed, cursor = getattr(self, f"_predict_{cursor['part']}")(run, cursor)
        if cursor.pop("done", False):
            place = parts.index(cursor["part"]) + 1
            if place == len(parts):
                return seen, changed, None
            cursor["part"] = parts[place]
        return seen, changed, cursor

    @api.model
    def _begin_predictions(self, run, parts):
        """Return the first cursor: everybody weekly, and where the rules are new."""
        model = self.env["retention.health.model"]._get_of(run.company_id)
        return {
            "part": parts[0],
            "after": 0,
            "version": model.version,
            "everybody": run.kind == "full"
            or not run._get_last_start()
            or (run.kind == "night" and model.is_pending),
        }

    # ---- parts ---------------------------------------------------------------------

    def _predict_fit(self, run, cursor):
        """Fit the forecasts, where the day for it has come."""
        Model = self.env["retention.model"]
        fitted = 0
        if Model._is_due(run):
            fitted = len(Model._fit(run.company_id, run.as_of))
            cursor["everybody"] = True
        return 0, fitted, cursor | {"done": True}

    def _predict_judge(self, run, cursor):
        """The next customers: forecast and health, written where different."""
        query = HealthSQL(run.company_id, run.as_of)
        changed = SQL("TRUE")
        if not cursor["everybody"]:
            changed = query.changed(*self._get_predicted_since(run))
        statement = query.waiting(changed, cursor["after"], BATCH)
        self.env.flush_all()
        customers = [row[0] for row in self.env.execute_query(statement)]
        if not customers:
            if cursor["everybody"]:
                self._note_health_applied(run.company_id, cursor["version"])
            return 0, 0, cursor | {"done": True}
        rows = self._read_predicted(run.company_id, customers, run.as_of)
        written = run._in_pieces(
            rows,
            lambda part: self._predict(
                part, run.company_id, run.as_of, cursor["everybody"]
            ),
        )
        return len(customers), written, cursor | {"after": customers[-1]}

    @api.model
    def _get_predicted_since(self, run):
        """Return from when on what happened has not been looked at: (all, invoices).

        Invoices are not looked at by light runs: None.
        """
        since = run._get_last_start() - OVERLAP
        if run.kind == "light":
            return since, None
        last = run._get_last_start(("night", "full"))
        return since, last - OVERLAP if last else since

    def _predict_keep(self, run, cursor):
        """Keep how everybody is at the beginning of the month."""
        History = self.env["retention.health.history"]
        added = History._take(run.company_id, run.as_of)
        return 0, added, cursor | {"done": True}

    @api.model
    def _note_health_applied(self, company, version):
        model = self.env["retention.health.model"]._get_of(company)
        if model.applied_version != version:
            model.applied_version = version

    # ---- judging -------------------------------------------------------------------

    @api.model
    def _predict_customers(self, company, customer_ids, as_of=None):
        """Judge forecast and health of these customers now; count changes."""
        as_of = as_of or company._retention_today()
        self.env.flush_all()
        rows = self._read_predicted(company, customer_ids, as_of)
        return self._predict(rows, company, as_of, dated=True)

    @api.model
    def _read_predicted(self, company, customer_ids, as_of):
        """Return what is known of these customers, as dictionaries, one each."""
        query = HealthSQL(company, as_of)
        rows = self._read_dicts(query.profiles(customer_ids))
        known = {row["partner_id"]: row for row in rows}
        for statement in (
            BoughtSQL(company, as_of).facts(customer_ids),
            query.touches(customer_ids),
            query.tickets(customer_ids),
            query.feedback(customer_ids),
            query.invoices(customer_ids),
            query.events(customer_ids),
        ):
            for facts in self._read_dicts(statement):
                known.get(facts["partner_id"], {}).update(facts)
        return rows

    @api.model
    def _read_dicts(self, statement):
        self.env.cr.execute(statement)
        return self.env.cr.dictfetchall()

    @api.model
    def _predict(self, rows, company, as_of, dated=False):
        """Write forecast and health of these customers, where they are different.

        :param rows: as of :meth:`_read_predicted`.
        :param dated: also where only the day of judgement is another one.
        :return: how many profiles changed.
        """
        tell = self.env["retention.model"]._get_teller(company, as_of)
        judge = self._get_health_judge(company, as_of)
        digits = company.currency_id.decimal_places
        fresh = []
        for row in rows:
            values = _foretell(row, tell, as_of, digits) | judge(row)[1]
            values |= {
                "forecast_on": as_of if values["quiet_risk"] is not None else None,
                "health_on": as_of,
            }
            names = [*KNOWN, *DATES] if dated else KNOWN
            if any(values[name] != row[name] for name in names):
                fresh.append(values | {"id": row["id"]})
        update_rows(self.env, "retention_profile", DECIDED | DATES, fresh)
        self.invalidate_model([*DECIDED, *DATES])
        return len(fresh)

    @api.model
    def _get_health_judge(self, company, as_of):
        """Return the function that judges one row: (verdict, values to store)."""
        model = self.env["retention.health.model"]._get_of(company)
        weights, rules = model._weights(), company._retention_lifecycle_rules()
        good_from, poor_below = model.good_from, model.poor_below
        least = model.least_known

        def judge(row):
            verdict = health.judge(_facts(row), rules, as_of, weights, least)
            values = {
                "health": verdict.score,
                "health_known": verdict.known,
                "health_band": health.band(verdict.score, good_from, poor_below),
            }
            for name, part in verdict.parts.items():
                values[f"health_{name}"] = part.score
            return verdict, values

        return judge

    @api.model
    def _get_health_verdicts(self, company, customer_ids, as_of):
        """Return ``{customer id: health.Verdict}``; nothing is written."""
        self.env.flush_all()
        judge = self._get_health_judge(company, as_of)
        rows = self._read_predicted(company, customer_ids, as_of)
        return {row["partner_id"]: judge(row)[0] for row in rows}


def _foretell(row, tell, as_of, digits):
    """Return the values of FORECAST for one customer."""
    values = dict.fromkeys(FORECAST)
    values["purchase_days"] = row.get("days") or 0
    if not row.get("first_day"):
        return values
    history = History(
        row["days"] - 1,
        (row["last_day"] - row["first_day"]).days / DAYS,
        (as_of - row["first_day"]).days / DAYS,
    )
    found = tell(history, (row["repeat_mean"], row["own_mean"]))
    if not found:
        return values
    quiet, purchases, worth = found
    return values | {
        "quiet_risk": round(100 * quiet),
        "expected_purchases": round(purchases, 2),
        "purchase_value": round(worth, digits),
        "year_value": round(purchases * worth, digits),
    }


def _facts(row):
    """Return what is known of one customer as the tools take it."""
    buying = lifecycle.Facts(
        row["first_purchase"],
        row["last_purchase"],
        row["purchase_count"],
        row["purchase_interval"] or 0.0,
        row["is_prospect"],
    )
    get = row.get
    return health.Facts(
        buying,
        revenue=get("revenue") or 0.0,
        revenue_before=get("revenue_before") or 0.0,
        answered_on=get("answered_on"),
        contacts=get("contacts") or 0,
        answers=get("answers") or 0,
        tickets=get("tickets") or 0,
        complaints=get("complaints") or 0,
        open_complaints=get("open_complaints") or 0,
        reopened=get("reopened") or 0,
        grades=tuple(get("grades") or ()),
        invoices=get("invoices") or 0,
        overdue=get("overdue") or 0,
        overdue_since=get("overdue_since"),
        used=get("used") or 0,
        used_before=get("used_before") or 0,
        used_on=get("used_on"),
    )
