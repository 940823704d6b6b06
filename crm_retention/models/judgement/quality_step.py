from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .quality_sql import QualitySQL

BATCH = 20_000  # customers a transaction
OVERLAP = timedelta(hours=1)  # transactions that were open when the last run began


class RetentionProfile(models.Model):
    """The quality step: who is alike, then the faults of all or of who changed."""

    _inherit = "retention.profile"

    @api.model
    def _step_quality(self, run):
        """Do one batch of the quality step; as :meth:`_step_score`.

        The cursor: ``{"everybody": whether all are judged, "after": customer id}``.
        A light run leaves it to the night; what contacts said on days of the past is
        not known.
        """
        if not self._judges_quality(run):
            return 0, 0, None
        self._tune()
        company = run.company_id
        cursor = run.cursor
        if not cursor:
            cursor = {"everybody": self._is_quality_due(run), "after": 0}
            company.retention_quality_pending = False
            self._find_alike(run, cursor["everybody"])
            return 0, 0, cursor
        if not cursor["everybody"]:
            judge = QualitySQL(company, run.as_of)
            seen, changed = self._judge(judge, self._get_changed(run, judge))
            return seen, changed, None
        last = self._get_quality_end(company, cursor["after"])
        if not last:
            return 0, 0, None
        after = cursor["after"]
        seen, changed = self._judge(
            QualitySQL(company, run.as_of),
            lambda column: SQL("%s > %s AND %s <= %s", column, after, column, last),
        )
        return seen, changed, cursor | {"after": last}

    @api.model
    def _judges_quality(self, run):
        return run.kind != "light" and not self.env.context.get("retention_replay")

    @api.model
    def _is_quality_due(self, run):
        """Tell whether everybody is judged: weekly, first, and when rules changed."""
        last = self._get_last_quality(run)
        return (
            run.kind == "full"
            or run.company_id.retention_quality_pending
            or not last.started_at
            or last.as_of > run.as_of
        )

    @api.model
    def _get_changed(self, run, judge):
        last = self._get_last_quality(run)
        return judge.changed(last.started_at - OVERLAP, last.as_of)

    @api.model
    def _get_last_quality(self, run):
        """Return the last run that judged: a light one does not."""
        return run.search(
            [
                ("company_id", "=", run.company_id.id),
                ("step", "=", run.step),
                ("kind", "in", ("night", "full")),
                ("state", "=", "done"),
                ("id", "!=", run.id),
            ],
            limit=1,
        )

    @api.model
    def _find_alike(self, run, everybody):
        """Bring the pairs of possible duplicates up to date, of all or who changed."""
        judge = QualitySQL(run.company_id, run.as_of)
        which = None if everybody else self._get_changed(run, judge)
        for statement in judge.alike(which):
            self.env.cr.execute(statement)
        self.env["retention.duplicate"].invalidate_model()

    @api.model
    def _get_quality_end(self, company, after):
        """Return the last customer of the next batch, or None."""
        [(last,)] = self.env.execute_query(
            SQL(
                """SELECT max(partner_id) FROM (
                     SELECT partner_id FROM retention_profile
                      WHERE company_id = %s AND partner_id > %s
                      ORDER BY partner_id LIMIT %s) batch""",
                company.id,
                after,
                BATCH,
            )
        )
        return last

    @api.model
    def _judge(self, judge, which):
        [(seen, changed)] = self.env.execute_query(judge.judge(which))
        self.invalidate_model(["quality", "quality_share", "quality_rule_ids"])
        return seen, changed

    @api.model
    def _judge_quality(self, company, customer_ids, as_of=None):
        """Judge the data of these customers of one company, now; count changes.

        Possible duplicates are those that are known; the night looks for others.
        """
        judge = QualitySQL(company, as_of or company._retention_today())
        ids = list(customer_ids)
        _seen, changed = self._judge(judge, lambda col: SQL("%s = ANY(%s)", col, ids))
        return changed
