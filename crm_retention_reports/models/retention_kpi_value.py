from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools import kpi
from ..tools.kpi import COMPANY, TEAM, TIER, USER
from .retention_kpi_target import FIELDS, PERIODS

DIMENSIONS = [
    (COMPANY, "Company"),
    (TEAM, "Sales Team"),
    (USER, "Salesperson"),
    (TIER, "Tier"),
]
STATUSES = [
    (kpi.MET, "Met"),
    (kpi.NEAR, "Nearly Met"),
    (kpi.MISSED, "Missed"),
    (kpi.UNKNOWN, "Not Judged"),
]
TRENDS = [
    (kpi.BETTER, "Better"),
    (kpi.SAME, "As Before"),
    (kpi.WORSE, "Worse"),
    (kpi.UNKNOWN, "Not Known"),
]
# a quotient of sums of several periods or groups of one company, as each has its
# currency; of medians there is none
TOGETHER = """
CASE WHEN COUNT(*) = 1 THEN MAX(%(value)s)
     WHEN MIN(%(kpi)s) = MAX(%(kpi)s) AND MIN(%(denominator)s) > 0
      AND MIN(%(company)s) = MAX(%(company)s)
      AND BOOL_AND(%(is_quotient)s)
     THEN SUM(%(value)s * %(denominator)s) / SUM(%(denominator)s) END
"""


class RetentionKpiValue(models.Model):
    """What a key figure was in one period, of a company, team, person or tier.

    Written by :meth:`_keep` alone, set-wise; no row where there is nothing to tell.
    Frozen rows are never changed: computed again they get a row of the next version.
    """

    _name = "retention.kpi.value"
    _description = "Figure of a Period"
    _order = "date_from desc, kpi_id, dimension, version desc, id"
    _rec_name = "kpi_id"

    kpi_id = fields.Many2one(
        comodel_name="retention.kpi",
        string="Key Figure",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    group = fields.Selection(related="kpi_id.group")
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    period = fields.Selection(selection=PERIODS[1:], required=True, readonly=True)
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    as_of = fields.Date(
        required=True, readonly=True, help="The last day of which it knows."
    )
    dimension = fields.Selection(
        selection=DIMENSIONS, string="Of Whom", required=True, readonly=True
    )
    team_id = fields.Many2one(
        comodel_name="crm.team", string="Sales Team", readonly=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        readonly=True,
        ondelete="cascade",
    )
    tier_id = fields.Many2one(
        comodel_name="retention.tier",
        string="Tier Held Then",
        readonly=True,
        ondelete="cascade",
        help="On the first day of the period.",
    )
    value = fields.Float(
        readonly=True,
        aggregator="avg",
        digits=(16, 2),
        help="Of several rows: the quotient of their sums; empty where there is none.",
    )
    low = fields.Float(string="At Least", readonly=True, aggregator=None)
    high = fields.Float(string="At Most", readonly=True, aggregator=None)
    has_range = fields.Boolean(readonly=True)
    numerator = fields.Float(readonly=True, aggregator=None, digits=(16, 2))
    denominator = fields.Float(readonly=True, aggregator=None, digits=(16, 2))
    is_quotient = fields.Boolean(readonly=True)
    n = fields.Integer(
        string="Cases", readonly=True, aggregator=None, help="What it is counted from."
    )
    is_small = fields.Boolean(
        string="Too Few Cases", readonly=True, help="Too uncertain to be judged."
    )
    target_id = fields.Many2one(
        comodel_name="retention.kpi.target", readonly=True, ondelete="set null"
    )
    goal = fields.Float(
        string="Should Be", readonly=True, aggregator=None, digits=(16, 2)
    )
    has_goal = fields.Boolean(string="Has a Target", readonly=True)
    status = fields.Selection(selection=STATUSES, required=True, readonly=True)
    previous = fields.Float(
        string="Period Before", readonly=True, aggregator=None, digits=(16, 2)
    )
    has_previous = fields.Boolean(string="Known Before", readonly=True)
    trend = fields.Selection(selection=TRENDS, required=True, readonly=True)
    version = fields.Integer(required=True, readonly=True, default=1, aggregator=None)
    is_current = fields.Boolean(
        string="Last Version", required=True, readonly=True, default=True
    )
    is_frozen = fields.Boolean(
        string="Frozen", readonly=True, help="Of a closed review: it stays as it is."
    )
    review_id = fields.Many2one(
        comodel_name="retention.review",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    value_before = fields.Float(
        string="Version before", readonly=True, aggregator=None, digits=(16, 2)
    )
    change = fields.Float(
        string="Changed by",
        readonly=True,
        aggregator=None,
        digits=(16, 2),
        help="What computing it again changed against the version before.",
    )
    who = fields.Char(compute="_compute_texts")
    figure_text = fields.Char(string="Figure", compute="_compute_texts")
    goal_text = fields.Char(string="Target in Words", compute="_compute_texts")
    trend_text = fields.Char(
        string="Against the Period Before", compute="_compute_texts"
    )
    change_text = fields.Char(string="Change of Version", compute="_compute_texts")

    _version_unique = models.UniqueIndex(
        """(company_id, kpi_id, date_from, date_to, dimension, COALESCE(team_id, 0),
            COALESCE(user_id, 0), COALESCE(tier_id, 0), version)""",
        "A figure of a period has one row a version.",
    )
    _period_idx = models.Index("(company_id, date_from, date_to) WHERE is_current")

    @api.depends_context("lang")
    @api.depends("value", "is_small", "goal", "has_goal", "previous", "version")
    def _compute_texts(self):
        for row in self:
            figure = row.kpi_id
            # sudo: the name of those of whom a row tells that may be read
            name = (row.team_id or row.user_id or row.tier_id).sudo().display_name
            row.who = name or row._say_nobody()
            row.figure_text = figure._say_figure(
                row._get_figure(), row.company_id, row.is_small
            )
            row.goal_text = (
                figure._say(row.goal, row.company_id) if row.has_goal else False
            )
            row.trend_text = row.has_previous and figure._say(
                row.value - row.previous, row.company_id, is_change=True
            )
            row.change_text = row.version > 1 and figure._say(
                row.change, row.company_id, is_change=True
            )

    @api.depends("kpi_id", "date_from", "dimension")
    def _compute_display_name(self):
        for row in self:
            row.display_name = self.env._(
                "%(figure)s, %(who)s, %(first)s to %(last)s",
                figure=row.kpi_id.name,
                who=row.who,
                first=format_date(self.env, row.date_from),
                last=format_date(self.env, row.date_to),
            )

    def _say_nobody(self):
        """Return what a row without team, person or tier is about."""
        return {
            TEAM: self.env._("Without a sales team"),
            USER: self.env._("Without a salesperson"),
            TIER: self.env._("Without a tier"),
        }.get(self.dimension, self.company_id.sudo().name)  # sudo: its own company

    def _get_figure(self):
        """Return the :class:`tools.kpi.Figure` of this row."""
        return kpi.Figure(
            self.value,
            self.numerator,
            self.denominator,
            self.n,
            self.low if self.has_range else None,
            self.high if self.has_range else None,
        )

    def _get_key(self):
        """Return (kpi id, dimension, id or False)."""
        field = FIELDS.get(self.dimension)
        return self.kpi_id.id, self.dimension, self[field].id if field else False

    def _get_values(self):
        """Return ``{(kpi id, dimension, key): value}``."""
        return {row._get_key(): row.value for row in self}

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec != "value:avg":
            return super()._read_group_select(aggregate_spec, query)
        names = {
            "value": "value",
            "kpi": "kpi_id",
            "company": "company_id",
            "denominator": "denominator",
            "is_quotient": "is_quotient",
        }
        return SQL(
            TOGETHER,
            **{
                name: self._field_to_sql(self._table, field, query)
                for name, field in names.items()
            },
        )

    def action_open_records(self):
        """Open the records behind the figure, those that the reader may see."""
        self.ensure_one()
        scope = self.with_company(self.company_id)._make_scope(
            self.date_from, self.date_to
        )
        _kpi, dimension, key = self._get_key()
        target = self.kpi_id._get_records(scope, dimension, key)
        return {
            "type": "ir.actions.act_window",
            "name": target.name,
            "res_model": target.model,
            "views": [(False, "list"), (False, "form")],
            "domain": target.domain,
            "context": {"active_test": False},
        }

    @api.model
    def _get_current(self, company, first, last, dimension=COMPANY, key=False):
        """Return the last versions of a period, of one company, team, person, tier."""
        domain = (
            Domain("company_id", "=", company.id)
            & Domain("date_from", "=", first)
            & Domain("date_to", "=", last)
            & Domain("is_current", "=", True)
            & Domain("dimension", "=", dimension)
            & Domain("kpi_id.active", "=", True)
        )
        if dimension != COMPANY:
            domain &= Domain(FIELDS[dimension], "=", key)
        return self.search(domain)
