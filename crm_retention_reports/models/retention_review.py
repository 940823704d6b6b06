from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ..tools import kpi, periods
from .retention_kpi_target import PERIODS

CLOSE_DAYS = 10  # after the end of its period a review is to be closed
DUE = "crm_retention_reports.mail_activity_type_review"


class RetentionReview(models.Model):
    """The evaluation of a period: figures against targets, what to do, did it work.

    Closing it freezes its figures. Computed again afterwards they get a next version,
    with what became different. Measures that are not done are carried into the next.
    """

    _name = "retention.review"
    _description = "Review"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name", store=True)  # sought by it
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
        index=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    period = fields.Selection(
        selection=PERIODS[1:], string="Length", default="quarter", required=True
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self._default_first(),
        help="Any day of it; the review is of the whole month, quarter or year.",
    )
    date_to = fields.Date(
        string="To",
        compute="_compute_date_to",
        store=True,  # searched and compared
    )
    state = fields.Selection(
        selection=[("open", "Open"), ("closed", "Closed")],
        default="open",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    is_baseline = fields.Boolean(
        string="Baseline",
        copy=False,
        tracking=True,
        help="The review of the time before the launch, which relative targets are "
        "told from. Once closed it is frozen like any other.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        ondelete="set null",
        domain="[('share', '=', False)]",
        tracking=True,
    )
    due_on = fields.Date(
        string="To Be Closed by", compute="_compute_due_on", store=True, readonly=False
    )
    summary = fields.Html(
        string="Management Summary", help="What matters, in a few sentences."
    )
    line_ids = fields.One2many(
        comodel_name="retention.review.line",
        inverse_name="review_id",
        string="Figures",
        copy=False,
    )
    value_ids = fields.One2many(
        comodel_name="retention.kpi.value",
        inverse_name="review_id",
        string="All Figures",
        copy=False,
    )
    measure_ids = fields.Many2many(
        comodel_name="retention.review.measure",
        relation="retention_review_measure_rel",
        column1="review_id",
        column2="measure_id",
        string="Measures",
        copy=False,
        check_company=True,
        help="Decided in this review, or carried over from the one before.",
    )
    previous_id = fields.Many2one(
        comodel_name="retention.review",
        string="Review before",
        compute="_compute_previous_id",
    )
    computed_on = fields.Datetime(readonly=True, copy=False)
    closed_on = fields.Date(readonly=True, copy=False)
    closed_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False, ondelete="set null"
    )
    version = fields.Integer(
        string="Version of the Figures",
        compute="_compute_counts",
        help="Above 1: they were computed again after it had been closed.",
    )
    met_count = fields.Integer(string="Targets Met", compute="_compute_counts")
    goal_count = fields.Integer(string="Targets Judged", compute="_compute_counts")
    met_text = fields.Char(string="Met", compute="_compute_counts")
    is_partial = fields.Boolean(
        string="Not the Whole Period",
        compute="_compute_is_partial",
        help="The figures were computed before the period was over.",
    )
    rules_text = fields.Text(
        string="Rules Changed in the Period",
        readonly=True,
        copy=False,
        help="A figure before and after such a change is not quite the same.",
    )
    is_late = fields.Boolean(string="Overdue", compute="_compute_is_late")

    _period_unique = models.UniqueIndex(
        "(company_id, date_from, date_to)", "There is a review of this period."
    )
    _baseline_unique = models.UniqueIndex(
        "(company_id) WHERE is_baseline", "A company has one baseline review."
    )

    # ---- fields --------------------------------------------------------------------

    @api.model
    def _default_first(self):
        today = self.env.company._retention_today()
        return periods.finished(periods.QUARTER, today)[0]

    @api.depends("period", "date_from")
    def _compute_date_to(self):
        for review in self:
            review.date_to = (
                review.date_from and periods.holding(review.period, review.date_from)[1]
            )

    @api.depends("date_to")
    def _compute_due_on(self):
        for review in self:
            review.due_on = review.date_to and review.date_to + timedelta(CLOSE_DAYS)

    @api.depends("period", "date_from", "company_id")
    def _compute_name(self):
        for review in self:
            lang = review.company_id._retention_lang()
            review.name = review.with_context(lang=lang)._say_period()

    def _say_period(self):
        """Return the name of the period: March 2024, Quarter 1 of 2024, 2024."""
        if not self.date_from:
            return ""
        first, _last = periods.holding(self.period, self.date_from)
        if self.period == periods.MONTH:
            return format_date(self.env, first, date_format="MMMM y")
        if self.period == periods.YEAR:
            return str(first.year)
        return self.env._(
            "Quarter %(number)s of %(year)s",
            number=(first.month + 2) // 3,
            year=first.year,
        )

    @api.depends("period", "date_from", "company_id")
    def _compute_previous_id(self):
        for review in self:
            review.previous_id = review.date_from and self.search(
                [
                    ("company_id", "=", review.company_id.id),
                    ("period", "=", review.period),
                    ("date_from", "<", review.date_from),
                ],
                limit=1,
            )

    @api.depends("line_ids.value_id")
    @api.depends_context("lang")
    def _compute_counts(self):
        for review in self:
            lines = review.line_ids
            judged = lines.filtered(lambda line: line.status != kpi.UNKNOWN)
            met = judged.filtered(lambda line: line.status == kpi.MET)
            review.met_count, review.goal_count = len(met), len(judged)
            review.met_text = judged and self.env._(
                "%(met)s of %(all)s", met=len(met), all=len(judged)
            )
            review.version = max(lines.value_id.mapped("version"), default=1)

    @api.depends("value_ids.as_of", "date_to")
    def _compute_is_partial(self):
        for review in self:
            current = review.value_ids.filtered("is_current")
            known = max(current.mapped("as_of"), default=review.date_to)
            review.is_partial = bool(current) and known < review.date_to

    @api.depends("state", "due_on")
    def _compute_is_late(self):
        for review in self:
            today = review.company_id._retention_today()
            review.is_late = (
                review.state == "open" and bool(review.due_on) and review.due_on < today
            )

    @api.constrains("date_from", "date_to", "company_id")
    def _check_started(self):
        for review in self:
            if review.date_from > review.company_id._retention_today():
                raise ValidationError(
                    self.env._("This period has not begun: nothing is known of it.")
                )

    # ---- writing -------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for values in vals_list:
            self._take_whole_period(values)
        reviews = super().create(vals_list)
        reviews._adopt_measures()
        for review in reviews:
            review._carry(review.previous_id)
        return reviews

    def write(self, vals):
        if {"date_from", "period", "company_id", "state"} & set(vals):
            self._check_open(self.env._("Its figures are frozen."))
        if "date_from" in vals or "period" in vals:
            self.ensure_one()
            mine = {"period": self.period, "date_from": self.date_from} | vals
            self._take_whole_period(mine)
            vals = mine
        if {"date_from", "period", "company_id"} & set(vals):
            self._forget_figures()
        result = super().write(vals)
        if "measure_ids" in vals:
            self._adopt_measures()
        if "is_baseline" in vals:
            self._judge_again()
        return result

    def _forget_figures(self):
        """Leave the figures of a period that this review is no longer of."""
        # sudo: figures are written by nobody but their own code
        self.sudo().value_ids.review_id = False
        self.line_ids.value_id = False
        self.write({"computed_on": False, "rules_text": False})

    def _judge_again(self):
        """Compare with the baseline what is told from one."""
        # sudo: figures are compared with targets whoever may read those
        targets = self.env["retention.kpi.target"].sudo()
        told = targets.search(
            Domain("base", "=", "review")
            & (Domain("kind", "!=", kpi.ABSOLUTE) | Domain("pace", "=", kpi.GROWTH))
        )
        told.kpi_id._judge_again()

    def _adopt_measures(self):
        """Note of measures written down here that they were decided in this review."""
        for review in self:
            new = review.measure_ids.filtered(lambda row: not row.review_id)
            new.review_id = review
            new._begin()

    @api.model
    def _take_whole_period(self, values):
        """Make the first day the first of the month, quarter or year."""
        day = fields.Date.to_date(values.get("date_from")) or self._default_first()
        name = values.get("period") or periods.QUARTER
        values["date_from"] = periods.holding(name, day)[0]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_closed(self):
        self._check_open(self.env._("A closed review is history and stays."))

    def _check_open(self, why):
        if any(review.state == "closed" for review in self):
            raise UserError(self.env._("This review is closed. %(why)s", why=why))

    # ---- actions -------------------------------------------------------------------

    def action_compute(self):
        """Compute the figures of these reviews, or compute them again.

        Of a closed one the frozen figures stay; a next version shows the difference.
        """
        self.check_access("write")
        for review in self:
            # the customers behind the figures are counted whoever asks for it
            values = self.env["retention.kpi.value"]._keep(
                review.company_id, review.date_from, review.date_to, review
            )
            review._take_figures(values)
            review.write(
                {
                    "computed_on": fields.Datetime.now(),
                    "rules_text": review._find_rule_changes(),
                }
            )
            if review.state == "open":
                decided = review.measure_ids
                decided.filtered(lambda row, of=review: row.review_id == of)._begin()
        return True

    def _take_figures(self, values):
        """Show these figures of the company in the lines, one a key figure."""
        values = values.filtered(lambda row: row.dimension == "company")
        by_kpi = values.grouped("kpi_id")
        lines = self.line_ids.grouped("kpi_id")
        figures = self.env["retention.kpi"]._get_all()
        commands = []
        for place, figure in enumerate(figures, 1):
            row = by_kpi.get(figure)
            taken = {"value_id": row.id if row else False, "sequence": place}
            if line := lines.get(figure):
                commands.append(Command.update(line.id, taken))
            else:
                commands.append(Command.create(taken | {"kpi_id": figure.id}))
        self.line_ids = commands

    @api.model
    def _close_period(self, company, period, day):
        """Compute and close the review of the period in which ``day`` lies."""
        first, last = periods.holding(period, day)
        review = self.search(
            [
                ("company_id", "=", company.id),
                ("date_from", "=", first),
                ("date_to", "=", last),
            ]
        ) or self.create(
            {"company_id": company.id, "period": period, "date_from": first}
        )
        review.action_compute()
        review.action_close()
        return review

    def action_close(self):
        """Freeze the figures, and carry what is not done into the next review."""
        self.check_access("write")
        self._check_open(self.env._("It cannot be closed twice."))
        for review in self:
            review._make_whole()
        # sudo: figures are written by nobody but their own code
        self.value_ids.sudo().filtered("is_current").is_frozen = True
        for review in self:
            review.write(
                {
                    "state": "closed",
                    "closed_on": review.company_id._retention_today(),
                    "closed_by_id": self.env.uid,
                }
            )
            review._get_next()._carry(review)
        self.activity_unlink([DUE])
        if any(self.mapped("is_baseline")):
            self._judge_again()
        return True

    def _make_whole(self):
        """Compute the figures again if they do not know the whole period.

        What is not over or not counted yet cannot be frozen.
        """
        if self.date_to >= self.company_id._retention_today():
            raise UserError(
                self.env._("The period is not over: its figures would be frozen.")
            )
        values = self.env["retention.kpi.value"]
        # sudo: as what is computed
        if values.sudo()._get_known_until(self.company_id) < self.date_to:
            raise UserError(
                self.env._(
                    "Purchases and contacts are not counted up to the end of this "
                    "period yet. That happens at night; close the review then."
                )
            )
        if not self.computed_on or self.is_partial:
            self.action_compute()

    def _get_next(self):
        """Return the next review of the same length that exists, or none."""
        return self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("period", "=", self.period),
                ("date_from", ">", self.date_to),
                ("state", "=", "open"),
            ],
            order="date_from",
            limit=1,
        )

    def _carry(self, before):
        """Take over the measures of the review before whose worth is not known yet."""
        open_ones = before.measure_ids.filtered(lambda row: row._is_to_be_carried())
        if self and open_ones:
            self.measure_ids = [Command.link(row.id) for row in open_ones]

    def action_view_values(self):
        """Open all figures of the period: by team, person and tier, and old ones."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention_reports.retention_kpi_value_action"
        )
        domain = (
            Domain("company_id", "=", self.company_id.id)
            & Domain("date_from", "=", self.date_from)
            & Domain("date_to", "=", self.date_to)
        )
        return action | {"domain": list(domain), "context": {"search_default_last": 1}}
