import json
from datetime import timedelta
from operator import itemgetter

from odoo import api, models

from ...tools import lifecycle
from .stage_sql import DECIDED, StageSQL

BATCH = 5_000  # customers a transaction; few of them move
OVERLAP = timedelta(hours=1)  # transactions that were open when the last run began


class RetentionProfile(models.Model):
    """The stage step: where in the lifecycle each customer is."""

    _inherit = "retention.profile"

    @api.model
    def _step_stage(self, run):
        """Do one batch of the stage step; as :meth:`_step_score`.

        The cursor: ``{"after": customer id, "everybody": whether all are judged,
        "rules": the thresholds with which the run began, "first": whether nobody
        had a stage before}``.
        """
        self._tune()
        company = run.company_id
        cursor = run.cursor or self._begin_stages(run)
        customers = self._get_stage_waiting(run, cursor)
        if not customers:
            if cursor["everybody"]:
                company.retention_lifecycle_applied = cursor["rules"]
            return 0, 0, None
        rows = self._get_stage_rows(company, customers, run.as_of, cursor["everybody"])
        changed = run._in_pieces(
            rows,
            lambda part: self._stage(part, company, run.as_of, cursor["first"]),
        )
        return len(customers), changed, cursor | {"after": customers[-1]}

    @api.model
    def _begin_stages(self, run):
        """Return the first cursor: everybody where a threshold is another one now."""
        company = run.company_id
        rules = json.dumps(company._retention_lifecycle_rules())
        return {
            "after": 0,
            "everybody": run.kind == "full"
            or not run._get_last_start()
            or company.retention_lifecycle_applied != rules,
            "rules": rules,
            "first": not self.env["retention.stage.history"].search_count(
                [("company_id", "=", company.id)], limit=1
            ),
        }

    @api.model
    def _get_stage_waiting(self, run, cursor):
        """Return the next customers to judge, in order."""
        self.env.flush_all()
        since = None if cursor["everybody"] else run._get_last_start() - OVERLAP
        statement = StageSQL(run.company_id, run.as_of).waiting(
            since, cursor["after"], BATCH
        )
        return [row[0] for row in self.env.execute_query(statement)]

    @api.model
    def _stage_customers(self, company, customer_ids, as_of=None):
        """Judge the stage of these customers of one company, now; count changes."""
        as_of = as_of or company._retention_today()
        judge = self.with_context(lang=company._retention_lang())
        rows = judge._get_stage_rows(company, customer_ids, as_of)
        return judge._stage(rows, company, as_of)

    @api.model
    def _get_stage_rows(self, company, customer_ids, as_of, everybody=False):
        """Return what :class:`StageSQL` reads of these customers, as dictionaries.

        Without those who have history after ``as_of``: it is never rewritten. There
        is some only where a day in the past is judged again.
        """
        self.env.flush_all()
        query = StageSQL(company, as_of)
        if as_of < company._retention_today():
            found = self.env.execute_query(query.with_later_history(customer_ids))
            customer_ids = set(customer_ids) - {row[0] for row in found}
        self.env.cr.execute(query.facts(customer_ids, everybody))
        return self.env.cr.dictfetchall()

    @api.model
    def _stage(self, rows, company, as_of, first=False):
        """Write what the lifecycle says of these customers, where it is different.

        :param rows: as of :meth:`_get_stage_rows`.
        :return: how many profiles changed.
        """
        rules = company._retention_lifecycle_rules()
        stages = self.env["retention.stage"]._get_by_code()
        codes = {stage.id: code for code, stage in stages.items()}
        decided, moved, known = [], [], itemgetter(*DECIDED)
        for row in rows:
            fresh = _decide(row, rules, as_of, codes, stages)
            if fresh == known(row):
                continue
            decided.append((row["id"], *fresh))
            if fresh[0] != row["stage_id"]:
                moved.append(row | {"before": row["stage_id"], "stage_id": fresh[0]})
        if decided:
            self.env.cr.execute(StageSQL.assign(decided))
            self.invalidate_model([*DECIDED, "staged_at"])
        if moved:
            self._write_stage_moves(moved, company, as_of, rules, first)
        return len(decided)

    @api.model
    def _write_stage_moves(self, moved, company, as_of, rules, first):
        """Write the history of customers who moved, and tell on them."""
        stages = self.env["retention.stage"]._get_by_code()
        codes = {stage.id: code for code, stage in stages.items()}
        say_day = self._get_day_sayer()
        for row in moved:
            reason = lifecycle.explain(
                codes.get(row["stage_id"]), _facts(row), rules, as_of
            )
            row["reason"] = self._describe_stage(reason, say_day)
        History = self.env["retention.stage.history"]
        if first:
            new = [
                (row["partner_id"], row["stage_id"], row["reason"])
                for row in moved
                if row["stage_id"]
            ]
            if new:
                query = StageSQL(company, as_of).take_stock(new, self.env.uid)
                self.env.cr.execute(query)
                History.invalidate_model()
            return
        History._move(moved, company, as_of)

    # ---- contacts ----------------------------------------------------------------

    @api.model
    def _refresh_contacts(self, company, customer_ids):
        """Bring last contact and last answer up to date at once, from the contacts.

        The stage waits for the next run; only who has just answered is active now.
        Customers without a profile are left alone.
        """
        self.env.flush_all()
        today = company._retention_today()
        days = company._retention_lifecycle_rules().active_days
        query = StageSQL(company, today)
        self.env.cr.execute(query.refresh(customer_ids, today - timedelta(days=days)))
        self.invalidate_model([*DECIDED, "staged_at"])

    # ---- what if -----------------------------------------------------------------

    @api.model
    def _count_stages(self, company, rules, as_of=None):
        """Return ``{(stage now, stage by other rules): customers}``, by code."""
        as_of = as_of or company._retention_today()
        stages = self.env["retention.stage"]._get_by_code()
        codes = {stage.id: code for code, stage in stages.items()}
        self.env.flush_all()
        self.env.cr.execute(StageSQL(company, as_of).standings())
        counts = {}
        for row in self.env.cr.dictfetchall():
            now = codes.get(row["stage_id"])
            verdict = lifecycle.judge(_facts(row), rules, as_of, _standing(row, codes))
            counts[now, verdict.stage] = counts.get((now, verdict.stage), 0) + 1
        return counts


def _facts(row):
    return lifecycle.Facts(
        row["first_purchase"],
        row["last_purchase"],
        row["purchase_count"],
        row["purchase_interval"] or 0.0,
        row["is_prospect"],
    )


def _standing(row, codes):
    return lifecycle.Standing(codes.get(row["stage_id"]), row["stage_since"])


def _decide(row, rules, as_of, codes, stages):
    """Return the values of DECIDED for one customer.

    Of who wishes not to be profiled only when there was contact.
    """
    if row["is_private"]:
        return (None, None, None, row["contact"], row["answer"], row["event"], None)
    verdict = lifecycle.judge(_facts(row), rules, as_of, _standing(row, codes))
    warmth = lifecycle.engagement(row["answered_on"], rules, as_of)
    stage_id = stages[verdict.stage].id if verdict.stage else None
    same = stage_id == row["stage_id"]
    return (
        stage_id,
        row["stage_since"] if same else (as_of if stage_id else None),
        warmth.stage,
        row["contact"],
        row["answer"],
        row["event"],
        lifecycle.next_check(verdict, warmth),
    )
