from collections import namedtuple
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ..tools import kpi, periods
from ..tools.kpi import COMPANY, TEAM, TIER, USER

PERIODS = [
    ("any", "Every period"),
    ("month", "Months"),
    ("quarter", "Quarters"),
    ("year", "Years"),
]
FIELDS = {TEAM: "team_id", USER: "user_id", TIER: "tier_id"}
# what a figure should be, by which target; None: there is nothing to tell it from
Goal = namedtuple("Goal", "wanted target")


class RetentionKpiTarget(models.Model):
    """What a key figure should be: for whom, when, and from what it is told.

    Of several that fit counts the one that says most exactly for whom: of the same
    team, person or tier before the company's, of the company before that of all, of
    this length of period before every one, then the one that begins last.
    """

    _name = "retention.kpi.target"
    _description = "Target"
    _order = "kpi_id, company_id, date_from desc, id"
    _rec_name = "kpi_id"
    _check_company_auto = True

    kpi_id = fields.Many2one(
        comodel_name="retention.kpi",
        string="Key Figure",
        required=True,
        ondelete="cascade",
        index=True,
    )
    unit = fields.Selection(related="kpi_id.unit")
    company_id = fields.Many2one(
        comodel_name="res.company",
        default=lambda self: self.env.company,
        ondelete="cascade",
        index=True,
        help="Empty: every company that has no target of its own.",
    )
    period = fields.Selection(
        selection=PERIODS,
        string="For",
        default="any",
        required=True,
        help="The length of the periods that are measured by it.",
    )
    date_from = fields.Date(string="From", help="Empty: always.")
    date_to = fields.Date(string="To", help="Empty: until further notice.")
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales Team",
        ondelete="cascade",
        check_company=True,
        help="Whose customers are measured by it.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        ondelete="cascade",
        domain="[('share', '=', False)]",
    )
    tier_id = fields.Many2one(
        comodel_name="retention.tier",
        ondelete="cascade",
        domain="[('program_id.company_id', '=', company_id)]",
    )
    kind = fields.Selection(
        selection=[
            (kpi.ABSOLUTE, "The figure itself"),
            (kpi.RELATIVE, "% more than the baseline"),
            (kpi.POINTS, "More than the baseline, in its unit"),
        ],
        string="Target Is",
        default=kpi.ABSOLUTE,
        required=True,
    )
    amount = fields.Float(
        string="Target",
        required=True,
        digits=(16, 2),
        aggregator=None,
        help="Below 0: so much less than the baseline.",
    )
    base = fields.Selection(
        selection=[
            ("review", "The baseline review"),
            ("year", "The same period a year before"),
            ("own", "A figure of your own"),
        ],
        string="Baseline",
        default="review",
        required=True,
        help="What relative targets are told from. The baseline review is the frozen "
        "one of the time before the launch; of periods of another length, the last "
        "one that was over then.",
    )
    own_baseline = fields.Float(digits=(16, 2), aggregator=None)
    pace = fields.Selection(
        selection=[
            (kpi.WHOLE, "At once, in each period"),
            (kpi.GROWTH, "Step by step, from the baseline to the end"),
        ],
        string="Due",
        default=kpi.WHOLE,
        required=True,
        help="Step by step: after a quarter of the time a quarter of the change is "
        "due.",
    )
    tolerance = fields.Float(
        string="Tolerance (%)",
        default=5,
        digits=(5, 1),
        aggregator=None,
        help="Missed by no more than this share of the target is “nearly met”.",
    )
    benchmark = fields.Float(
        digits=(16, 2),
        aggregator=None,
        help="What others reach, as a line to compare with. Only with its source.",
    )
    benchmark_source = fields.Char(
        string="Source of the Benchmark",
        help="Who published it, where, and when. Without it no benchmark is shown.",
    )
    text = fields.Char(string="In Words", compute="_compute_text")

    _sane = models.Constraint(
        """CHECK (tolerance BETWEEN 0 AND 100
            AND (date_to IS NULL OR date_from IS NULL OR date_to >= date_from)
            AND num_nonnulls(team_id, user_id, tier_id) <= 1)""",
        "A target is for one team, person or tier at most, ends after it begins, and "
        "has a tolerance from 0 to 100 %.",
    )
    _benchmark_has_source = models.Constraint(
        "CHECK (COALESCE(benchmark, 0) = 0 OR benchmark_source IS NOT NULL)",
        "A benchmark needs its source.",
    )

    @api.depends("kind", "amount", "kpi_id", "base", "own_baseline")
    @api.depends_context("lang")
    def _compute_text(self):
        bases = dict(self._fields["base"]._description_selection(self.env))
        for target in self:
            target.text = target._describe(bases.get(target.base, ""))

    def _describe(self, base):
        """Say the target in a few words."""
        figure = self.kpi_id
        if not figure:
            return ""
        if self.kind == kpi.ABSOLUTE:
            value = figure._say(self.amount, self.company_id)
            if figure.direction == kpi.UP:
                return self.env._("at least %(value)s", value=value)
            return self.env._("at most %(value)s", value=value)
        if self.kind == kpi.POINTS:
            amount = figure._say(self.amount, self.company_id, is_change=True)
            return self.env._("%(amount)s against: %(base)s", amount=amount, base=base)
        amount = formatLang(self.env, abs(self.amount), digits=1)
        if self.amount < 0:
            return self.env._(
                "−%(amount)s %% against: %(base)s", amount=amount, base=base
            )
        return self.env._("+%(amount)s %% against: %(base)s", amount=amount, base=base)

    @api.constrains("pace", "date_from", "date_to")
    def _check_pace(self):
        for target in self:
            if target.pace != kpi.WHOLE and not (target.date_from and target.date_to):
                raise ValidationError(
                    self.env._(
                        "A target that is due step by step needs its first and its "
                        "last day."
                    )
                )

    @api.constrains("team_id", "user_id", "tier_id", "kpi_id")
    def _check_dimension(self):
        for target in self:
            if target.kpi_id.is_whole and target._get_key() != (COMPANY, False):
                raise ValidationError(
                    self.env._("This figure is of the whole company only.")
                )

    def _get_key(self):
        """Return (dimension, id or False) of whom it is for."""
        for dimension, name in FIELDS.items():
            if self[name]:
                return dimension, self[name].id
        return COMPANY, False

    # ---- what was judged by it -------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create(vals_list)
        targets.kpi_id._judge_again()
        return targets

    def write(self, vals):
        figures = self.kpi_id
        result = super().write(vals)
        (figures | self.kpi_id)._judge_again()
        return result

    def unlink(self):
        figures = self.kpi_id
        result = super().unlink()
        figures._judge_again()
        return result

    # ---- which one counts ------------------------------------------------------------

    @api.model
    def _get_goals(self, company, name, first, last, keys):
        """Return what figures should be: ``{(kpi, dimension, key): Goal}``.

        :param name: month, quarter or year; anything else: days of one's own.
        :param keys: ``(kpi, dimension, key)``, of those in a period first..last.
        """
        # sudo: what is aimed at may be known to whoever sees the figure
        targets = self.sudo().search(
            Domain("company_id", "in", (company.id, False))
            & Domain("period", "in", ("any", name))
            & (Domain("date_from", "=", False) | Domain("date_from", "<=", last))
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", first))
        )
        by_kpi = targets.grouped("kpi_id")
        bases = self._get_bases(company, name, first, last)
        result = {}
        for figure, dimension, key in keys:
            target = self._choose(
                by_kpi.get(figure, self.browse()), company, dimension, key
            )
            if target:
                result[figure, dimension, key] = target._get_goal(
                    last, bases, (figure.id, dimension, key)
                )
        return result

    def _choose(self, targets, company, dimension, key):
        """Return the one of these targets that counts for one figure, or none."""
        fitting = targets.filtered(
            lambda target: (
                target._get_key() == (dimension, key)
                # a rate that holds for all holds for each; an amount does not
                or target._get_key() == (COMPANY, False)
                and target.kpi_id.code != "points_liability"
            )
        )
        return fitting.sorted(
            lambda target: (
                target._get_key() == (dimension, key),
                target.company_id == company,
                target.period != "any",
                target.date_from or fields.Date.to_date("1900-01-01"),
            )
        )[-1:]

    @api.model
    def _get_bases(self, company, name, first, last):
        """Return {"review" or "year": {(kpi id, dimension, key): value}}."""
        # sudo: as the targets
        Value = self.env["retention.kpi.value"].sudo()
        own = Domain("company_id", "=", company.id) & Domain("is_current", "=", True)
        result = {}
        result["review"] = self._get_baseline(company, name, Value, own)
        if name in periods.NAMES:
            begin, end = periods.holding(name, first.replace(year=first.year - 1))
            same = Domain("date_from", "=", begin) & Domain("date_to", "=", end)
            rows = Value.search(own & same)
            result["year"] = rows.filtered(lambda row: not row.is_small)._get_values()
        return result

    @api.model
    def _get_baseline(self, company, name, Value, own):
        """Return the values of the baseline review, or of another length of then.

        Of another length: of the last such period that was over with the review's, as
        a figure of a quarter cannot be compared with that of a year.
        """
        # sudo: as the targets
        review = self.env["retention.review"].sudo()
        review = review.search(
            [
                ("company_id", "=", company.id),
                ("is_baseline", "=", True),
                ("state", "=", "closed"),
            ]
        )
        if not review:
            return {}
        first, last = review.date_from, review.date_to
        if name in periods.NAMES and name != review.period:
            first, last = periods.finished(name, last + timedelta(days=1))
        days = Domain("date_from", "=", first) & Domain("date_to", "=", last)
        rows = Value.search(own & days)
        return rows.filtered(lambda row: not row.is_small)._get_values()

    def _get_goal(self, last, bases, key):
        """Return the :class:`Goal` of one figure in a period that ends with last."""
        baseline = None
        if self.base == "own":
            baseline = self.own_baseline
        elif self.kind != kpi.ABSOLUTE or self.pace == kpi.GROWTH:
            found = bases.get(self.base, {})
            # a group that is not in the baseline is told from that of the company
            baseline = found.get(key, found.get((key[0], COMPANY, False)))
        part = 1.0
        if self.pace == kpi.GROWTH:
            part = kpi.elapsed(self.date_from, self.date_to, last)
        return Goal(kpi.goal(self.kind, self.amount, baseline, part), self)
