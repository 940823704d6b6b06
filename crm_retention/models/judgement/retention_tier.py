import math

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import rfm
from ...tools.contribution import SIGNS
from .retention_program import SHARE_METRICS

HIGHEST_SCORE = rfm.BINS * len(rfm.DIMENSIONS)

MOST = 1e15  # what a float still holds to the unit


def check_numbers(env, vals, names):
    """Refuse figures that are no numbers, before the ORM stumbles over them."""
    for name in names:
        if not abs(vals.get(name) or 0) < MOST:  # also NaN
            raise ValidationError(env._("%s is not a number to go by.", vals[name]))


class RetentionTier(models.Model):
    """One level of a program, best first; the last is the floor for everybody.

    ``threshold`` is what a person sets, in the metric of the program: a share in
    percent, a score, an amount or a number. ``cut_value`` and ``cut_tie`` are what
    it means in the customers' figures (for shares: as of the last comparison).
    """

    _name = "retention.tier"
    _inherit = ["retention.rule.part"]
    _description = "Customer Tier"
    _order = "program_id, sequence, id"
    _rule_fields = ("name", "sequence", "threshold", "is_floor", "band")

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10, required=True)
    program_id = fields.Many2one(
        comodel_name="retention.program", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="program_id.company_id",
        store=True,  # stored for the company rule
    )
    metric = fields.Selection(related="program_id.metric")
    threshold = fields.Float(
        string="Limit",
        digits=(16, 2),
        help="From the limit on a customer has earned the tier: a share in %, an RFM "
        "score (3 to 15), revenue, a number of purchases, or a number of signs of high "
        "value (1 to 4), as the program says.",
    )
    is_floor = fields.Boolean(
        string="Everybody Else", help="The tier of all who earn no better one."
    )
    band = fields.Selection(
        selection=[("high", "High"), ("middle", "Middle"), ("low", "Low")],
        required=True,
        default="middle",
        help="What contact and service policies go by.",
    )
    color = fields.Integer()
    description = fields.Char(
        translate=True, help="What a customer of this tier may expect, in a sentence."
    )
    has_cut = fields.Boolean(
        string="Limit Known", readonly=True, help="Not set: nobody reaches this tier."
    )
    cut_value = fields.Float(string="Limit in Figures", digits=(24, 6), readonly=True)
    cut_tie = fields.Float(
        string="And with Revenue from", digits=(24, 6), readonly=True
    )
    limit_text = fields.Char(string="In Words", compute="_compute_limit_text")
    profile_count = fields.Integer(string="Customers", compute="_compute_profile_count")

    _floor_unique = models.UniqueIndex(
        "(program_id) WHERE is_floor",
        "A program has exactly one tier for everybody else.",
    )
    _threshold_sane = models.Constraint(
        "CHECK (threshold >= 0 AND threshold < 1000000000000)",
        "A limit is a number from 0 up.",
    )

    def _compute_profile_count(self):
        counts = dict(
            self.env["retention.profile"]._read_group(
                [("tier_id", "in", self.ids)], ["tier_id"], ["__count"]
            )
        )
        for tier in self:
            tier.profile_count = counts.get(tier, 0)

    @api.depends(
        "threshold",
        "is_floor",
        "has_cut",
        "cut_value",
        "cut_tie",
        "program_id.metric",
        "program_id.rank_by",
        "program_id.refreshed_on",
    )
    def _compute_limit_text(self):
        for tier in self:
            tier.limit_text = tier._describe_limit()

    def _describe_limit(self):
        """Say in words from what figure on this tier is earned."""
        self.ensure_one()
        program = self.program_id
        if self.is_floor:
            return self.env._("everybody else")
        if program.metric in SHARE_METRICS and not program.refreshed_on:
            return self.env._("known after the first evaluation")
        if not self.has_cut and program.metric in SHARE_METRICS:
            return self.env._("nobody: too few customers for this share")
        money = program.currency_id.format
        value = self.cut_value if program.metric in SHARE_METRICS else self.threshold
        if program.metric == "rfm":
            return self.env._("RFM score of %s or more", round(value))
        if program.metric == "orders":
            return self.env._("%s purchases or more", round(value))
        if program.metric == "contribution":
            return self.env._("%s signs of high value or more", round(value))
        if program.metric == "customer_share" and program.rank_by == "rfm":
            if round(value) >= HIGHEST_SCORE:
                return self.env._(
                    "RFM score of %(score)s with revenue from %(revenue)s",
                    score=HIGHEST_SCORE,
                    revenue=money(self.cut_tie),
                )
            numbers = {"score": round(value), "revenue": money(self.cut_tie)}
            if value >= rfm.HIGHEST:
                return self.env._(
                    "RFM score %(score)s with revenue from %(revenue)s", **numbers
                )
            return self.env._(
                "RFM score above %(score)s, or %(score)s with revenue from %(revenue)s",
                **numbers,
            )
        return self.env._("revenue of %s or more", money(value))

    def _check_threshold(self, metric):
        """Refuse limits that make no sense for ``metric``."""
        shares = {"customer_share": 100, "revenue_share": 100}
        scores = {"rfm": rfm.HIGHEST, "contribution": len(SIGNS)}
        highest = (shares | scores).get(metric)
        for tier in self:
            if not tier.threshold or (highest and tier.threshold > highest):
                raise ValidationError(
                    self.env._(
                        "The limit of %(tier)s must be above 0%(most)s.",
                        tier=tier.name,
                        most=(
                            self.env._(" and at most %s", highest) if highest else ""
                        ),
                    )
                )

    @api.constrains("threshold", "sequence", "is_floor", "program_id")
    def _check_ladder(self):
        # a form saves its tiers one by one: the program checks them when all are in
        if not self.env.context.get("retention_tiers_together"):
            self.program_id._check_ladder()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_numbers(self.env, vals, ("threshold",))
        tiers = super().create(self._number(vals_list))
        tiers.program_id._rules_changed()
        return tiers

    @api.model
    def _number(self, vals_list):
        """Number tiers that come without a place in the order they come in."""
        return [
            vals if "sequence" in vals else dict(vals, sequence=10 + place)
            for place, vals in enumerate(vals_list)
        ]

    def write(self, vals):
        check_numbers(self.env, vals, ("threshold",))
        result = super().write(vals)
        if {"threshold", "sequence", "is_floor", "program_id"} & set(vals):
            self.program_id._rules_changed()
        return result

    def unlink(self):
        programs = self.program_id
        result = super().unlink()
        programs._rules_changed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        used = self.env["retention.membership"].search(
            [("tier_id", "in", self.ids)], limit=1
        )
        if used:
            raise ValidationError(
                self.env._(
                    "Customers hold or held the tier %(tier)s: it is part of their "
                    "history. Rename it or change its limit instead.",
                    tier=used.tier_id.name,
                )
            )

    def _rungs(self):
        """Return ``{tier: rung}`` of these tiers' programs, 0 being the floor."""
        return {
            tier: rung
            for program in self.program_id
            for rung, tier in enumerate(reversed(program.tier_ids.sorted()))
        }

    def _close_domain(self, part):
        """Return the domain of customers one tier below with ``part`` of the figure.

        :param part: 0.9 means at least 90 % of what this tier asks for.
        """
        self.ensure_one()
        program, rungs = self.program_id, self._rungs()
        below = [tier.id for tier, rung in rungs.items() if rung == rungs[self] - 1]
        domain = Domain("tier_id", "in", below)
        if program.metric == "orders":
            least = math.ceil(part * self.cut_value)
            return domain & Domain("window_purchases", ">=", least)
        if program.metric == "contribution":
            return domain & Domain("contribution", ">=", part * self.cut_value)
        if program._ranks_by_score():
            return domain & Domain.custom(
                to_sql=lambda model, alias, query: self._close_score_sql(alias, part)
            )
        return domain & Domain("window_revenue", ">=", part * self.cut_value)

    def _close_score_sql(self, alias, part):
        """Return the same condition where the figure is a sum of scores."""
        score = SQL(" + ").join(
            SQL.identifier(alias, f"{name}_score") for name in rfm.DIMENSIONS
        )
        revenue = SQL.identifier(alias, "window_revenue")
        return SQL(
            "((%(score)s) >= %(part)s * %(value)s AND ((%(score)s) <> %(value)s"
            " OR %(tie)s = 0 OR %(revenue)s >= %(part)s * %(tie)s))",
            score=score,
            part=part,
            value=self.cut_value,
            revenue=revenue,
            tie=self.cut_tie,
        )

    def action_view_profiles(self):
        """Open the customers who hold this tier."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_profile_action"
        )
        return action | {"domain": [("tier_id", "in", self.ids)]}
