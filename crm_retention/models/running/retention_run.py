import logging
import time
from datetime import timedelta

import psycopg2.errors

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

PLANNING = ("watch", "plan", "act", "settle")  # steps about what is to be done
STEPS = [
    ("collect", "Collect"),
    ("score", "Score"),
    ("place", "Place"),
    ("stage", "Stage"),
    ("quality", "Data quality"),
    ("predict", "Predict"),
    ("watch", "Watch"),
    ("plan", "Plan"),
    ("act", "Act"),
    ("settle", "Settle"),
]
KINDS = [
    ("light", "Changed customers"),
    ("night", "Nightly"),
    ("full", "Everybody"),
]
STEP_MODELS = {
    "collect": "retention.touch",
    "score": "retention.profile",
    "place": "retention.profile",
    "stage": "retention.profile",
    "quality": "retention.profile",
    "predict": "retention.profile",
    "watch": "retention.alert",
    "plan": "retention.touch",
    "act": "retention.touch",
    "settle": "retention.points.account",
}
ATTEMPTS = 5
RETRY_MINUTES = 10  # shorter than the job's quarter of an hour
KEEP_DAYS = {"light": 14, "night": 400, "full": 400}
FULL_EVERY_DAYS = 7
TRANSIENT = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
)


class RetentionRun(models.Model):
    """One step of one pass over the customers of one company: what it did.

    Also the bookmark: each batch commits its work together with ``cursor``, so a
    killed worker goes on where the last batch ended, and a step run twice finds
    nothing to do.
    """

    _name = "retention.run"
    _description = "Evaluation Run"
    _order = "id desc"
    _rec_name = "step"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    step = fields.Selection(selection=STEPS, required=True, readonly=True)
    kind = fields.Selection(selection=KINDS, required=True, readonly=True)
    as_of = fields.Date(string="As of", required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ("todo", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        default="todo",
        required=True,
        readonly=True,
    )
    cursor = fields.Json(readonly=True)
    seen = fields.Integer(string="Customers Seen", readonly=True)
    changed = fields.Integer(readonly=True)
    errors = fields.Integer(readonly=True)
    attempts = fields.Integer(readonly=True, aggregator=None)
    message = fields.Text(readonly=True)
    seconds = fields.Float(digits=(16, 2), readonly=True)
    started_at = fields.Datetime(readonly=True)
    finished_at = fields.Datetime(readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Asked by",
        readonly=True,
        ondelete="set null",
    )
    total = fields.Integer(readonly=True, help="Customers expected, for the progress.")
    progress = fields.Integer(string="Progress (%)", compute="_compute_progress")

    _open_idx = models.Index("(state) WHERE state IN ('todo', 'running')")
    _last_idx = models.Index("(company_id, step, as_of)")

    @api.depends("seen", "total", "state")
    def _compute_progress(self):
        for run in self:
            part = min(99, 100 * run.seen // run.total) if run.total else 0
            run.progress = 100 if run.state == "done" else part

    # ---- scheduling --------------------------------------------------------

    @api.model
    def _get_steps(self):
        """Return ``{step: name of the model that does it}``, in their order.

        The model's method ``_step_<step>(run)`` does one batch and returns (customers
        looked at, changed, next cursor or None at the end). An addon adds its own step
        here and to the choices of ``step``.
        """
        return dict(STEP_MODELS)

    @api.model
    def _cron_keep_current(self):
        """Judge marked customers; once a night, and weekly in full, everybody due.

        One job for both, so that two of them never write the same rows at once.
        """
        self._schedule()
        runs = self.search(self._get_open_domain(), order="id")
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=len(runs))
        if not runs._execute(progress):
            return  # the scheduler calls again, soon
        progress(remaining=0)  # what is left waits for its next attempt
        failed = runs.filtered(lambda run: run.state == "failed")
        if failed:
            raise UserError(
                self.env._(
                    "Retention: %(count)s steps failed: %(message)s",
                    count=len(failed),
                    message=failed[0].message,
                )
            )

    @api.model
    def _get_open_domain(self):
        return Domain("state", "in", ("todo", "running")) | (
            Domain("state", "=", "failed")
            & Domain("attempts", "<", ATTEMPTS)
            & Domain("as_of", ">=", "today -1d")
        )

    @api.model
    def _schedule(self):
        """Create the runs that are due now, for every company."""
        busy = self.search([("state", "in", ("todo", "running"))]).company_id
        for company in self.env["res.company"].search([("active", "=", True)]) - busy:
            kind = self._get_due_kind(company)
            if kind:
                self._plan(company, kind, company._retention_today())

    @api.model
    def _get_due_kind(self, company):
        """Return which pass ``company`` needs now, or None."""
        today = company._retention_today()
        if self._get_last(company, KEEP_DAYS, state="failed").as_of == today:
            return None  # is tried again as it stands, or waits for a person
        last = self._get_last(company, ("night", "full"))
        last_full = self._get_last(company, ("full",))
        if company._retention_choose_source() or not last_full:
            return "full"
        if last.as_of < today and company._retention_is_night():
            weekly = last_full.as_of + timedelta(days=FULL_EVERY_DAYS) <= today
            pending = company.retention_program_ids.filtered("is_pending")
            return "full" if weekly or pending else "night"
        waiting = self.env["retention.mark"].search_count(
            [("company_id", "=", company.id)], limit=1
        )
        return "light" if waiting else None

    @api.model
    def _get_last(self, company, kinds, state="done", order="as_of desc, id desc"):
        """Return the newest score run of these kinds."""
        return self.search(
            [
                ("company_id", "=", company.id),
                ("kind", "in", list(kinds)),
                ("step", "=", "score"),
                ("state", "=", state),
            ],
            order=order,
            limit=1,
        )

    @api.model
    def _plan(self, company, kind, as_of):
        """Create the steps of one pass."""
        return self.create(
            [
                {
                    "company_id": company.id,
                    "step": step,
                    "kind": kind,
                    "as_of": as_of,
                    "user_id": self.env.uid,
                    "total": self._get_expected(company) if kind == "full" else 0,
                }
                for step in self._get_steps()
            ]
        )

    @api.model
    def _get_expected(self, company):
        """Return about how many profiles a full run will look at."""
        Profile = self.env["retention.profile"]
        # sudo: a number for the progress bar, not shown otherwise
        known = Profile.sudo().search_count([("company_id", "=", company.id)])
        return known or self.env["res.partner"].sudo().search_count(  # sudo: as above
            [("parent_id", "=", False)]
        )

    @api.model
    def _replay(self, company, days):
        """Rebuild the history of a company that has none yet: judge it as of ``days``.

        Documents count as they stood on each day; rules, populations and open
        quotations are those of now. Customers get no notes about such moves, and
        what should have been done on earlier days than the last one is not planned.
        """
        if self.env["retention.membership"].search_count(
            [("company_id", "=", company.id)], limit=1
        ):
            raise UserError(
                self.env._(
                    "%(company)s has a tier history already. History is never "
                    "rewritten.",
                    company=company.name,
                )
            )
        runs = self.with_context(retention_replay=True)
        for day in sorted(days):
            steps = runs._plan(company, "full", day)
            if day < max(days):
                idle = steps.filtered(lambda run: run.step in PLANNING)
                idle.unlink()
                steps -= idle
            steps._execute()

    def _previous_as_of(self):
        """Return the day for which the profiles now stand, if it is not a later one.

        None: there was no pass before, or it looked at a later day than this one.
        """
        self.ensure_one()
        last = self._get_last(self.company_id, ("night", "full"), order="id desc")
        return last.as_of if last and last.as_of <= self.as_of else None

    def _get_last_start(self, kinds=tuple(KEEP_DAYS)):
        """Return when the last finished run of this step and company began, or None."""
        self.ensure_one()
        last = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("step", "=", self.step),
                ("kind", "in", list(kinds)),
                ("state", "=", "done"),
                ("id", "!=", self.id),
            ],
            limit=1,
        )
        return last.started_at or None

    # ---- running -----------------------------------------------------------

    def _execute(self, checkpoint=None):
        """Work these runs off, batch by batch.

        :param checkpoint: called after each batch as ``ir.cron._commit_progress``
            is, returns the seconds left; without it nothing is committed (tests,
            and whoever wants all or nothing).
        :return: False if the time was up before the end.
        """
        for run in self.sorted("id"):
            if run._waits() or run._blocked_by(self):
                continue
            while run.state != "done":
                left = run._advance(checkpoint)
                if run.state == "failed":
                    break
                if left <= 0:
                    return False
        return True

    def _waits(self):
        """Tell whether this step failed a moment ago.

        The scheduler calls the job several times in a row as long as others get on:
        that is one attempt, not several.
        """
        self.ensure_one()
        again = fields.Datetime.now() - timedelta(minutes=RETRY_MINUTES)
        return self.state == "failed" and self.finished_at > again

    def _blocked_by(self, runs):
        """Tell whether an earlier step of the same pass failed."""
        self.ensure_one()
        return any(
            run.state == "failed" and run.id < self.id
            for run in runs
            if (run.company_id, run.kind, run.as_of)
            == (self.company_id, self.kind, self.as_of)
        )

    def _advance(self, checkpoint):
        """Do one batch and keep it; on an error keep the error instead."""
        self.ensure_one()
        if not checkpoint:
            self._do_batch()
            return float("inf")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._do_batch()
                self.env.flush_all()
                return checkpoint(int(self.state == "done"))
            except TRANSIENT:  # a user saved one of the rows at the same moment
                self.env.cr.rollback()
                self.env.invalidate_all()
                if attempt == ATTEMPTS:
                    self._fail(self.env._("The rows were in use; tried five times."))
            except Exception as error:
                _logger.exception("Retention step %s failed", self.step)
                self.env.cr.rollback()
                self.env.invalidate_all()
                self._fail(str(error) or type(error).__name__)
                break
        return checkpoint(0)

    def _do_batch(self):
        """Let the step's model do one batch, and note what it did."""
        start = time.monotonic()
        begun = self.started_at or fields.Datetime.now()
        model = (
            self.env[self._get_steps()[self.step]]
            .with_company(self.company_id)
            .with_context(lang=self.company_id._retention_lang())
        )
        seen, changed, cursor = getattr(model, f"_step_{self.step}")(self)
        self.write(
            {
                "state": "running" if cursor else "done",
                "cursor": cursor,
                "seen": self.seen + seen,
                "changed": self.changed + changed,
                "seconds": self.seconds + time.monotonic() - start,
                "started_at": begun,
                "finished_at": False if cursor else fields.Datetime.now(),
            }
        )

    def _fail(self, message):
        self.write(
            {
                "state": "failed",
                "message": message,
                "attempts": self.attempts + 1,
                "finished_at": fields.Datetime.now(),
            }
        )
        if self.attempts >= ATTEMPTS:
            self._get_later_steps().write(
                {
                    "state": "failed",
                    "message": self.env._("An earlier step of this pass failed."),
                    "attempts": ATTEMPTS,
                }
            )

    def _get_later_steps(self):
        """Return the steps after this one of the same pass that are not done."""
        self.ensure_one()
        return self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("kind", "=", self.kind),
                ("as_of", "=", self.as_of),
                ("state", "!=", "done"),
                ("id", ">", self.id),
                ("id", "<", self.id + len(self._get_steps())),
            ]
        )

    def _in_pieces(self, rows, work):
        """Do ``work(rows)``; where it raises, halve until the bad row is found.

        Each bad row is counted and named in the run; all others are done.
        :return: the sum of what ``work`` returned.
        """
        try:
            with self.env.cr.savepoint():
                return work(rows)
        except TRANSIENT:
            raise
        except Exception as error:
            if len(rows) == 1:
                self._note_bad(rows[0], error)
                return 0
        half = len(rows) // 2
        return self._in_pieces(rows[:half], work) + self._in_pieces(rows[half:], work)

    def _note_bad(self, row, error):
        _logger.warning("Retention step %s: record %s: %s", self.step, row["id"], error)
        line = self.env._("Record %(id)s: %(error)s", id=row["id"], error=error)
        self.write(
            {
                "errors": self.errors + 1,
                "message": f"{self.message or ''}{line}\n",
            }
        )
