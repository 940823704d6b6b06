from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Command

from ...tools import rfm, tiering

SHARE_METRICS = ("customer_share", "revenue_share")
# what a change of makes every customer's judgement out of date
RULE_FIELDS = {
    "active",
    "amount_bound",
    "anniversary_of",
    "break_ids",
    "break_mode",
    "brought_least",
    "brought_recurring",
    "domain",
    "grace_days",
    "marks_high",
    "metric",
    "min_customers",
    "one_step",
    "period_months",
    "pilot_share",
    "rank_by",
    "recency_basis",
    "review_mode",
    "sequence",
    "steady_period",
    "steady_share",
    "tier_ids",
    "top_share",
    "up_waits",
    "window_kind",
    "window_months",
}


class RetentionProgram(models.Model):
    """The rules by which one company's customers are scored and tiered.

    A customer belongs to the first program, in order, whose population he is in.
    ``version`` grows with every change of a rule and is noted on each judgement.
    """

    _name = "retention.program"
    _description = "Tier Program"
    _inherit = ["mail.thread", "retention.population"]
    _order = "company_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(
        default=10, help="A customer belongs to the first program that fits."
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
        index=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    owner_id = fields.Many2one(
        comodel_name="res.users",
        required=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        tracking=True,
        help="The population is read with this person's rights.",
    )
    domain = fields.Char(
        string="Population",
        default="[]",
        required=True,
        tracking=True,
        help="Which customers the program judges. Empty: all that no earlier "
        "program takes.",
    )
    metric = fields.Selection(
        selection=[
            ("customer_share", "Best share of the customers"),
            ("revenue_share", "Customers who make a share of the revenue"),
            ("rfm", "RFM score"),
            ("spend", "Revenue in the window"),
            ("orders", "Number of purchases in the window"),
            ("contribution", "Signs of high value (contribution index)"),
        ],
        default="customer_share",
        required=True,
        tracking=True,
    )
    rank_by = fields.Selection(
        selection=[("rfm", "RFM score, then revenue"), ("spend", "Revenue")],
        string="Best by",
        default="rfm",
        required=True,
        tracking=True,
    )
    window_months = fields.Integer(
        string="Window (months)",
        default=12,
        tracking=True,
        help="Purchases of the last so many months count. 0: the whole history.",
    )
    period_months = fields.Integer(
        string="Tier Period (months)",
        default=12,
        tracking=True,
        help="How long a tier is promised once it is reached.",
    )
    grace_days = fields.Integer(
        string="Grace (days)",
        default=30,
        tracking=True,
        help="How long after the tier period a customer may still earn it again.",
    )
    one_step = fields.Boolean(
        string="Down One Step at a Time",
        default=True,
        tracking=True,
        help="Otherwise a customer falls to the tier he has earned.",
    )
    recency_basis = fields.Selection(
        selection=[
            ("purchase", "Last purchase"),
            ("interaction", "Last purchase, lead, quotation or ticket"),
        ],
        string="Recency Counts",
        default="purchase",
        required=True,
        tracking=True,
    )
    break_mode = fields.Selection(
        selection=[
            ("quantile", "Fifths of the customers"),
            ("own", "My own break points"),
        ],
        string="Scores by",
        default="quantile",
        required=True,
        tracking=True,
    )
    refresh_days = fields.Integer(
        string="Compared Anew Every (days)",
        default=30,
        tracking=True,
        help="How often break points and tier limits that depend on all customers "
        "are computed. Between those days a customer's score depends on him alone. "
        "Sooner if twice as many customers buy, and with “Recalculate Everything”.",
    )
    min_customers = fields.Integer(
        string="Fewest Customers to Compare",
        default=5,
        tracking=True,
        help="With fewer buying customers than these, scores and shares say nothing "
        "and are not given.",
    )
    version = fields.Integer(default=1, readonly=True, copy=False)
    applied_version = fields.Integer(
        readonly=True, copy=False, help="The version every customer was judged by."
    )
    is_pending = fields.Boolean(
        string="Changes Not Applied Yet", compute="_compute_is_pending"
    )
    tier_ids = fields.One2many(
        comodel_name="retention.tier",
        inverse_name="program_id",
        string="Tiers",
        copy=True,
        default=lambda self: self._default_tiers(),
    )
    break_ids = fields.One2many(
        comodel_name="retention.break",
        inverse_name="program_id",
        string="Break Points",
        copy=True,
        default=lambda self: self._default_breaks(),
    )
    profile_count = fields.Integer(string="Customers", compute="_compute_profile_count")

    _lengths = models.Constraint(
        """CHECK (window_months >= 0 AND period_months > 0 AND grace_days >= 0
            AND refresh_days > 0 AND min_customers > 0)""",
        "Windows and grace cannot be negative; the tier period, the days between "
        "comparisons and the fewest customers must be at least 1.",
    )
    _lengths_sane = models.Constraint(
        "CHECK (window_months <= 600 AND period_months <= 600 AND grace_days <= 3650)",
        "A window or tier period is at most 600 months, a grace at most 3650 days.",
    )

    @api.model
    def _default_tiers(self):
        """Diamond and Gold: the best 20 %; Silver: to the better half; Standard."""
        names = (
            self.env._("Diamond"),
            self.env._("Gold"),
            self.env._("Silver"),
            self.env._("Standard"),
        )
        return [
            Command.create(values)
            for values in (
                {"name": names[0], "band": "high", "threshold": 5, "color": 4},
                {"name": names[1], "band": "high", "threshold": 20, "color": 3},
                {"name": names[2], "band": "middle", "threshold": 50, "color": 7},
                {"name": names[3], "band": "low", "is_floor": True, "color": 0},
            )
        ]

    @api.model
    def _default_breaks(self):
        """Return one row a dimension, with values to start from for own points."""
        start = {
            "recency": (30, 90, 180, 365),
            "frequency": (1, 2, 4, 8),
            "monetary": (100, 500, 1000, 5000),
        }
        return [
            Command.create(
                {"dimension": name}
                | {f"point_{n}": value for n, value in enumerate(points, 1)}
            )
            for name, points in start.items()
        ]

    @api.depends("version", "applied_version")
    def _compute_is_pending(self):
        for program in self:
            program.is_pending = program.version != program.applied_version

    def _compute_profile_count(self):
        counts = dict(
            self.env["retention.profile"]._read_group(
                [("program_id", "in", self.ids)], ["program_id"], ["__count"]
            )
        )
        for program in self:
            program.profile_count = counts.get(program, 0)

    @api.constrains("tier_ids", "metric", "active")
    def _check_ladder(self):
        for program in self.filtered("active"):
            tiers = program.tier_ids.sorted()
            if not tiers or not tiers[-1].is_floor or len(tiers) < 2:
                raise ValidationError(
                    self.env._(
                        "%(program)s: at least two tiers are needed, and the last "
                        "must be the one for everybody else.",
                        program=program.name,
                    )
                )
            limits = tiers.filtered(lambda tier: not tier.is_floor)
            shares = program.metric in SHARE_METRICS
            if not tiering.in_order(limits.mapped("threshold"), shares=shares):
                raise ValidationError(
                    self.env._(
                        "%(program)s: the limits of the tiers are out of order. From "
                        "the best tier down they must %(direction)s with every step.",
                        program=program.name,
                        direction=(
                            self.env._("grow") if shares else self.env._("fall")
                        ),
                    )
                )
            limits._check_threshold(program.metric)

    @api.constrains("break_ids", "break_mode")
    def _check_breaks(self):
        for program in self:
            dimensions = program.break_ids.mapped("dimension")
            if sorted(dimensions) != sorted(rfm.DIMENSIONS):
                raise ValidationError(
                    self.env._(
                        "%(program)s: one row of break points is needed for each of "
                        "recency, frequency and monetary value.",
                        program=program.name,
                    )
                )
            if program.break_mode == "own":
                program.break_ids._check_ascending()

    @api.constrains("domain", "owner_id")
    def _check_domain(self):
        self._check_population()

    @api.model_create_multi
    def create(self, vals_list):
        together = self.with_context(retention_tiers_together=True)
        programs = super(RetentionProgram, together).create(vals_list)
        programs = programs.with_env(self.env)
        self.env.registry.clear_cache()
        return programs

    def write(self, vals):
        together = self.with_context(retention_tiers_together=True)
        result = super(RetentionProgram, together).write(vals)
        if {"active", "sequence", "domain", "pilot_share"} & set(vals):
            # whom these programs leave or take concerns those after them
            (self | self.company_id.retention_program_ids)._rules_changed()
        elif RULE_FIELDS & set(vals):
            self._rules_changed()
        if "domain" in vals or "active" in vals:
            self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.env["retention.membership"].search_count(
            [("program_id", "in", self.ids)], limit=1
        ):
            raise ValidationError(
                self.env._(
                    "Customers hold or held tiers of this program. Archive it instead."
                )
            )

    def copy_data(self, default=None):
        return [
            dict(vals, name=self.env._("%s (copy)", vals["name"]), active=False)
            for vals in super().copy_data(default)
        ]

    # ---- what the rules say ------------------------------------------------

    def _rules_changed(self):
        """Note that these programs judge differently from now on."""
        for program in self:
            program.version += 1

    @api.model
    def _rules_of_all_changed(self):
        """Note that every program of every company judges differently from now on."""
        # sudo: whoever may change what all share reaches the other companies' too
        self.sudo().search([("active", "=", True)])._rules_changed()

    def _rules(self) -> tiering.Rules:
        """Return what decides about time; periods begin as of :meth:`_rules_on`."""
        self.ensure_one()
        return tiering.Rules(self.period_months, self.grace_days, self.one_step)

    def _population_owner(self):
        return self.owner_id

    def _window_start(self, as_of):
        """Return the last day before the window, or None for the whole history."""
        self.ensure_one()
        return tiering.window_start(as_of, self.window_months)

    def _ranks_by_score(self):
        """Tell whether the figure that this program compares is an RFM score."""
        self.ensure_one()
        by_share = self.metric == "customer_share" and self.rank_by == "rfm"
        return by_share or self.metric == "rfm"

    @api.model
    def _create_default(self, companies):
        """Give each of ``companies`` without a program the shipped one."""
        have = self.with_context(active_test=False).search(
            [("company_id", "in", companies.ids)]
        )
        programs = self.browse()
        for company in companies - have.company_id:
            model = self.with_context(lang=company._retention_lang())
            program = model.create(
                {
                    "name": model.env._("Customer tiers"),
                    "company_id": company.id,
                    "owner_id": self.env.ref("base.user_root").id,
                }
            )
            programs |= program.with_env(self.env)
        return programs

    # ---- actions -----------------------------------------------------------

    def action_apply(self):
        """Judge every customer of these programs' companies anew, in the background."""
        return self.env["retention.run"].action_recalculate_all(self.company_id)

    def action_view_profiles(self):
        """Open the customers of this program."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_profile_action"
        )
        return action | {
            "domain": [("program_id", "in", self.ids)],
            "display_name": self.env._("Customers of %s", self[:1].name),
        }
