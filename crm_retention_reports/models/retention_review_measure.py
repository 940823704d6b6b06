from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools import kpi

STATES = [
    ("planned", "Planned"),
    ("running", "Running"),
    ("done", "Done"),
    ("dropped", "Dropped"),
]
OUTCOMES = [
    ("reached", "As much as expected"),
    (kpi.BETTER, "Better"),
    (kpi.SAME, "As before"),
    (kpi.WORSE, "Worse"),
    (kpi.UNKNOWN, "Not known yet"),
]
VERDICTS = [
    ("yes", "It worked"),
    ("partly", "It worked in part"),
    ("no", "It did not work"),
    ("unclear", "It cannot be told"),
]
DUE = "crm_retention_reports.mail_activity_type_measure"


class RetentionReviewMeasure(models.Model):
    """What is done to improve a key figure: who, until when, and did it help.

    The figure then and now is a comparison before and after, no proof: other things
    changed, too. A person says what to conclude.
    """

    _name = "retention.review.measure"
    _description = "Improvement Measure"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state, due_on, id"
    _check_company_auto = True

    name = fields.Char(string="Measure", required=True, tracking=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
        index=True,
    )
    review_id = fields.Many2one(
        comodel_name="retention.review",
        string="Decided in",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
    )
    review_ids = fields.Many2many(
        comodel_name="retention.review",
        relation="retention_review_measure_rel",
        column1="measure_id",
        column2="review_id",
        string="Reviews",
        readonly=True,
    )
    kpi_id = fields.Many2one(
        comodel_name="retention.kpi", string="To Improve", ondelete="restrict"
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        default=lambda self: self.env.user,
        index=True,
        ondelete="set null",
        domain="[('share', '=', False)]",
        tracking=True,
        help="Gets an activity for the day on which it is due.",
    )
    due_on = fields.Date(string="Due", required=True, tracking=True)
    state = fields.Selection(
        selection=STATES, default="planned", required=True, tracking=True
    )
    description = fields.Text(string="What Exactly")
    expected = fields.Char(string="Expected Effect", help="In words.")
    expected_change = fields.Float(
        digits=(16, 2),
        aggregator=None,
        help="By how much the figure is to change, in its unit. 0: not said.",
    )
    start_value = fields.Float(
        string="Figure Then", digits=(16, 2), readonly=True, aggregator=None
    )
    has_start = fields.Boolean(readonly=True)
    start_text = fields.Char(
        string="Then", compute="_compute_outcome", compute_sudo=True
    )
    now_text = fields.Char(string="Now", compute="_compute_outcome", compute_sudo=True)
    outcome = fields.Selection(
        selection=OUTCOMES,
        string="Figure since",
        compute="_compute_outcome",
        compute_sudo=True,  # its owner may not read reviews
        help="The figure of the last period that is known, against that of the review "
        "in which the measure was decided. A comparison, not an effect.",
    )
    verdict = fields.Selection(selection=VERDICTS, string="Did It Work", tracking=True)
    result = fields.Text(help="What came out, and what to learn from it.")
    is_late = fields.Boolean(string="Overdue", compute="_compute_is_late")

    @api.depends("state", "due_on")
    def _compute_is_late(self):
        for measure in self:
            today = measure.company_id._retention_today()
            measure.is_late = (
                measure.state in ("planned", "running")
                and bool(measure.due_on)
                and measure.due_on < today
            )

    @api.depends_context("lang")
    @api.depends("kpi_id", "start_value", "has_start", "expected_change", "review_id")
    def _compute_outcome(self):
        latest = self._get_latest()
        for measure in self:
            figure, company = measure.kpi_id, measure.company_id
            now = latest.get((company.id, measure.review_id.period, figure.id))
            started = measure.review_id.date_to
            is_later = bool(now and started and now.date_to > started)
            measure.start_text = measure.has_start and figure._say(
                measure.start_value, company
            )
            measure.now_text = is_later and now.figure_text
            measure.outcome = kpi.worked(
                measure.start_value if measure.has_start else None,
                now.value if is_later and not now.is_small else None,
                measure.expected_change,
                figure.direction,
            )

    def _get_latest(self):
        """Return ``{(company id, length, kpi id): last figure of the company}``.

        Of periods that were over when they were computed.
        """
        rows = self.env["retention.kpi.value"].search(
            Domain("company_id", "in", self.company_id.ids)
            & Domain("kpi_id", "in", self.kpi_id.ids)
            & Domain("dimension", "=", "company")
            & Domain("is_current", "=", True),
            order="date_to",
        )
        return {
            (row.company_id.id, row.period, row.kpi_id.id): row
            for row in rows
            if row.as_of >= row.date_to
        }

    # ---- writing -------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        measures = super().create(vals_list)
        measures._begin()
        measures._remind()
        return measures

    def write(self, vals):
        result = super().write(vals)
        if {"user_id", "due_on", "state"} & set(vals):
            self._remind()
        if "kpi_id" in vals:
            self._begin()
        return result

    def _begin(self):
        """Note what the figure was in the review in which it was decided."""
        # sudo: its owner may not read reviews
        for measure in self.sudo():
            line = measure.review_id.line_ids.filtered(
                lambda row, figure=measure.kpi_id: row.kpi_id == figure
            )
            row = line.value_id
            known = bool(row) and not row.is_small
            measure.write(
                {"start_value": row.value if known else 0, "has_start": known}
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reviewed(self):
        if any(review.state == "closed" for review in self.review_ids):
            raise UserError(
                self.env._("This measure is part of a closed review. Drop it instead.")
            )

    def _is_to_be_carried(self):
        """Tell whether the next review has to look at it: not done, or not judged."""
        if self.state == "dropped":
            return False
        return self.state != "done" or not self.verdict

    def _remind(self):
        """Plan the owner's activity for the day it is due; end it once it is over."""
        for measure in self:
            wanted = measure.state in ("planned", "running") and measure.user_id
            current = measure.activity_search([DUE])
            if not wanted:
                current.unlink()
            elif current:
                current.write(
                    {"date_deadline": measure.due_on, "user_id": measure.user_id.id}
                )
            else:
                measure.activity_schedule(
                    DUE,
                    date_deadline=measure.due_on,
                    summary=measure.name,
                    user_id=measure.user_id.id,
                )

    def action_start(self):
        """Note that somebody works on it."""
        self.write({"state": "running"})

    def action_done(self):
        """Note that it is done; the next review says whether it worked."""
        self.write({"state": "done"})

    def action_drop(self):
        """Note that it is not done after all."""
        self.write({"state": "dropped"})
