from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import formatLang

from ..report.scope import ALL
from ..tools import kpi
from ..tools.kpi import COMPANY, DIMENSIONS
from .kpi_sql import KpiSQL

LATEST_DAYS = 31  # so long after a period today's state is taken for that of its end
UNITS = [
    ("percent", "%"),
    ("score", "Points from −100 to 100"),
    ("money", "Company currency"),
    ("minutes", "Minutes"),
]
GROUPS = [
    ("customers", "Customers"),
    ("contacts", "Contacts"),
    ("service", "Service"),
    ("money", "Money"),
]


class Rule:
    """How a figure is made of its cases: see :mod:`tools.kpi`."""

    def __init__(self, kind, factor=1.0, is_today=False, is_whole=False):
        self.kind, self.factor = kind, factor
        # known only as it is today, nobody keeps what it was
        self.is_today = is_today
        # of the company alone: costs are not known by customer
        self.is_whole = is_whole


# code → how it is made; the cases come from the method of KpiSQL with this name
RULES = {
    "retention_rate": Rule(kpi.SHARE, 100),
    "churn": Rule(kpi.SHARE, 100),
    "grr": Rule(kpi.RATIO, 100),
    "nrr": Rule(kpi.RATIO, 100),
    "repurchase": Rule(kpi.SHARE, 100),
    "loyal_share": Rule(kpi.SHARE, 100),
    "recommendation": Rule(kpi.SHARE, 100),
    "targeting": Rule(kpi.SHARE, 100),
    "data_quality": Rule(kpi.SHARE, 100, is_today=True),
    "reach_contacted": Rule(kpi.SHARE, 100),
    "reach_answered": Rule(kpi.SHARE, 100),
    "response": Rule(kpi.RATIO, 100),
    "campaign_conversion": Rule(kpi.SHARE, 100),
    "nps": Rule(kpi.NPS, 100),
    "satisfaction": Rule(kpi.SHARE, 100),
    "first_answer": Rule(kpi.MEDIAN),
    "answered_in_time": Rule(kpi.SHARE, 100),
    "complaints_24h": Rule(kpi.SHARE, 100),
    "lifetime_value": Rule(kpi.RATIO, is_today=True),
    "service_cost": Rule(kpi.RATIO, is_whole=True),
    "winning_cost": Rule(kpi.RATIO, is_whole=True),
    "points_liability": Rule(kpi.SUM),
    "breakage": Rule(kpi.RATIO, 100),
}


class RetentionKpi(models.Model):
    """A key figure: exactly what it counts, in words and in code.

    Shipped: a figure exists where the product has its source. Managers may rename it,
    put it elsewhere, archive it, and say from how many cases it counts.
    """

    _name = "retention.kpi"
    _description = "Key Figure"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    code = fields.Char(required=True, readonly=True, copy=False)
    group = fields.Selection(
        selection=GROUPS, string="About", required=True, readonly=True
    )
    formula = fields.Text(
        required=True, readonly=True, translate=True, help="What exactly is counted."
    )
    source = fields.Char(
        required=True, readonly=True, translate=True, help="Where the data comes from."
    )
    unit = fields.Selection(selection=UNITS, required=True, readonly=True)
    direction = fields.Selection(
        selection=[("up", "More is better"), ("down", "Less is better")],
        string="What Is Better",
        required=True,
        readonly=True,
    )
    min_n = fields.Integer(
        string="Fewest Cases",
        default=20,
        help="With fewer cases than these the figure is called too uncertain to judge.",
    )
    is_today = fields.Boolean(
        string="Known Only as of Today",
        compute="_compute_rule",
        help="Nobody keeps what it was: it is written down when a period ends, and "
        "empty for periods before.",
    )
    is_whole = fields.Boolean(
        string="Of the Whole Company Only", compute="_compute_rule"
    )
    target_ids = fields.One2many(
        comodel_name="retention.kpi.target", inverse_name="kpi_id", string="Targets"
    )

    _code_unique = models.UniqueIndex("(code)", "There is a figure with this code.")
    _min_n_sane = models.Constraint(
        "CHECK (min_n >= 1)", "At least one case is needed for a figure."
    )

    @api.depends("code")
    def _compute_rule(self):
        for figure in self:
            rule = RULES.get(figure.code)
            figure.is_today = bool(rule and rule.is_today)
            figure.is_whole = bool(rule and rule.is_whole)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shipped(self):
        raise UserError(
            self.env._("Key figures belong to the product. They can be archived.")
        )

    def _load_records_write(self, values):
        """Leave what managers may have changed when the product is updated."""
        own = {"name", "sequence", "min_n"}
        super()._load_records_write(
            {name: value for name, value in values.items() if name not in own}
        )

    def write(self, vals):
        result = super().write(vals)
        if "min_n" in vals:
            self._judge_again()
        return result

    def _judge_again(self):
        """Compare what is written down and not frozen with the targets of now."""
        # sudo: figures are written by nobody but their own code
        values = self.env["retention.kpi.value"].sudo()
        values.search(
            [
                ("kpi_id", "in", self.ids),
                ("is_current", "=", True),
                ("is_frozen", "=", False),
            ]
        )._judge()

    # ---- computing -----------------------------------------------------------------

    @api.model
    def _get_all(self):
        """Return the figures in use: a list of some twenty."""
        return self.search([("active", "=", True)])

    def _compute_values(self, scope, by=None):
        """Return this figure for the customers of a scope: {key: Figure}.

        :param scope: a :class:`report.scope.Scope`; whole months are counted.
        :param by: None, "team", "user" or "tier". The key is False, or the id of a
            sales team, a salesperson, a tier; False there: without one.
        :return: :class:`tools.kpi.Figure` by key; no key where there is nothing.
        """
        self.ensure_one()
        found = self._compute_all(scope, (by or COMPANY,))
        return {key: figure for (_kpi, _by, key), figure in found.items()}

    def _compute_all(self, scope, dimensions=DIMENSIONS, limit=0, listed=None):
        """Return all of these figures: ``{(kpi, dimension, key): Figure}``.

        One statement a figure, whatever the dimensions.

        :param limit, listed: ``listed`` is filled with {kpi: ids of customers behind
            the figure}, ``limit`` at most.
        """
        statements, result = KpiSQL(scope), {}
        for figure in self:
            rule = RULES.get(figure.code)
            if not rule or not figure._is_known(scope):
                continue
            if rule.is_whole:
                found = figure._sum_whole(statements, dimensions)
            else:
                people = listed.setdefault(figure, []) if limit else None
                found = statements.sums(
                    figure.code,
                    rule.kind,
                    dimensions,
                    limit,
                    people,
                    figure._is_about_customers(),
                )
            for (dimension, key), sums in found.items():
                if made := kpi.make(rule.kind, sums, rule.factor):
                    result[figure, dimension, key] = made
        return result

    def _sum_whole(self, statements, dimensions):
        """Return the sums of a figure of the whole company, for who sees all of it."""
        self.ensure_one()
        sees_all = self.env.su or self.env.user.has_groups(ALL)
        if COMPANY not in dimensions or not sees_all or statements.scope.domain:
            return {}
        amount, count = getattr(statements, f"whole_{self.code}")()
        if amount is None:
            return {}
        return {(COMPANY, False): kpi.Sums(amount, count, count)}

    def _is_known(self, scope):
        """Tell whether anything is known of this figure for the days of a scope."""
        today = scope.company._retention_today()
        if scope.first > today:
            return False
        return not self.is_today or (today - scope.last).days <= LATEST_DAYS

    # ---- words ---------------------------------------------------------------------

    def _get_block_kind(self):
        """Return the kind of value for the blocks of a report."""
        self.ensure_one()
        return {"score": "number"}.get(self.unit, self.unit)

    def _say(self, value, company=None, is_change=False):
        """Return a value as the reader writes it, with its unit.

        :param is_change: with its sign; a change of a percentage is in points.
        """
        self.ensure_one()
        company = company or self.env.company
        digits = 0 if self.unit == "minutes" else 1
        if self.unit == "money":
            number = formatLang(
                self.env,
                value,
                currency_obj=company.currency_id,
                # without its smaller unit where that says nothing
                rounding_unit="decimals" if abs(value) < 10_000 else "units",
            )
        else:
            # what is rounded to 0 has no sign
            value = round(value, digits) or 0.0
            number = formatLang(self.env, value, digits=digits)
        sign = "+" if is_change and value > 0 else ""
        values = {"sign": sign, "number": number}
        if self.unit == "percent":
            if is_change:
                return self.env._("%(sign)s%(number)s points", **values)
            return self.env._("%(sign)s%(number)s %%", **values)
        if self.unit == "minutes":
            return self.env._("%(sign)s%(number)s min", **values)
        return self.env._("%(sign)s%(number)s", **values)

    def _say_figure(self, figure, company=None, is_small=None):
        """Return a figure in words: too few cases, or with the range where known.

        :param is_small: whether they were too few when it was judged; None: judge now.
        """
        self.ensure_one()
        if not figure:
            return ""
        if figure.n < self.min_n if is_small is None else is_small:
            return self.env._("too few: %(count)s", count=figure.n)
        value = self._say(figure.value, company)
        if figure.low is None:
            return value
        return self.env._(
            "%(value)s (%(low)s to %(high)s)",
            value=value,
            low=formatLang(self.env, figure.low, digits=1),
            high=formatLang(self.env, figure.high, digits=1),
        )
