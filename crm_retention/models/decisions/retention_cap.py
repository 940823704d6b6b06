from odoo import api, fields, models
from odoo.tools import format_duration

from ..facts.retention_touch import CATEGORIES

WEEK, MONTH, QUARTER = 7 * 24, 30 * 24, 90 * 24
# the limits that a company comes with, by what _default_names calls them
SHIPPED = {
    "day": {"most": 1, "window_hours": 24},
    "high": {"band": "high", "most": 3, "window_hours": WEEK},
    "middle": {"band": "middle", "most": 1, "window_hours": WEEK},
    "low": {"band": "low", "most": 2, "window_hours": MONTH},
    "never": {"kind": "never", "band": "middle", "when_capped": "skip"},
    "quiet": {"kind": "quiet"},
    "closed": {"kind": "closed"},
    "complaint": {"kind": "complaint"},
    "survey": {"kind": "survey", "most": 1, "window_hours": QUARTER, "defer_days": 90},
}
ALL_CATEGORIES = ("high", "middle", "low", "quiet", "closed")
EVERYTHING = {"obey_service": True, "count_service": True}
ONLY_PROMOTION = ("day", "never")
PROMOTIONS = {"obey_relationship": False, "count_relationship": False}


class RetentionCap(models.Model):
    """One rule of the guard: how often, when, and in which case nobody is contacted.

    All rules that fit hold together, the strictest wins. A limit of 0 or empty means
    that the rule limits nothing.
    """

    _name = "retention.cap"
    _description = "Contact Limit"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    kind = fields.Selection(
        selection=[
            ("rolling", "At most so many in a time"),
            ("gap", "A minimum time between two"),
            ("quiet", "Quiet hours"),
            ("closed", "Closed days"),
            ("complaint", "Pause while a complaint is open"),
            ("survey", "At most so many surveys in a time"),
            ("never", "Not at all"),
        ],
        required=True,
        default="rolling",
    )
    rule_text = fields.Char(string="Limit", compute="_compute_rule_text")
    most = fields.Integer(string="At Most", help="0: no limit.")
    window_hours = fields.Integer(
        string="In (hours)", default=168, help="A rolling time: 168 hours are a week."
    )
    quiet_from = fields.Float(string="Quiet from", default=20.0)
    quiet_to = fields.Float(string="Quiet until", default=8.0)
    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        ondelete="restrict",
        help="Whose days off are closed. Empty: the company's working hours.",
    )
    channel_ids = fields.Many2many(
        comodel_name="retention.channel",
        string="Channels",
        help="Empty: all of them together.",
    )
    band = fields.Selection(
        selection=[("high", "High"), ("middle", "Middle"), ("low", "Low")],
        help="Customers of this band. Empty: everybody.",
    )
    tier_ids = fields.Many2many(
        comodel_name="retention.tier", string="Tiers", check_company=True
    )
    obey_transactional = fields.Boolean(string="Transactional")
    obey_service = fields.Boolean(string="Service")
    obey_relationship = fields.Boolean(string="Relationship", default=True)
    obey_promotion = fields.Boolean(string="Promotion", default=True)
    count_transactional = fields.Boolean(string="Counts Transactional")
    count_service = fields.Boolean(string="Counts Service")
    count_relationship = fields.Boolean(string="Counts Relationship", default=True)
    count_promotion = fields.Boolean(string="Counts Promotion", default=True)
    when_capped = fields.Selection(
        selection=[
            ("defer", "Wait until it is allowed"),
            ("skip", "Leave it out this time"),
            ("person", "Hand it to a person"),
        ],
        string="Then",
        required=True,
        default="defer",
    )
    defer_days = fields.Integer(
        string="Wait at Most (days)",
        default=14,
        help="Later than this it is left out.",
    )

    _sane = models.Constraint(
        """CHECK (most BETWEEN 0 AND 1000 AND window_hours BETWEEN 0 AND 9600
            AND defer_days BETWEEN 0 AND 365
            AND quiet_from >= 0 AND quiet_from < 24
            AND quiet_to >= 0 AND quiet_to < 24)""",
        "Out of range: at most is a number from 0 to 1,000, a time from 0 to 9,600 "
        "hours (400 days), a wait from 0 to 365 days, an hour of the day from 0:00 to "
        "23:59.",
    )

    def _get_categories(self, what):
        """Return the categories that obey this limit, or that it counts."""
        self.ensure_one()
        return frozenset(name for name, _ in CATEGORIES if self[f"{what}_{name}"])

    def _fits(self, tier_id, band):
        """Tell whether the limit is meant for customers of this tier and band."""
        self.ensure_one()
        return (not self.band or self.band == band) and (
            not self.tier_ids or tier_id in self.tier_ids.ids
        )

    @api.depends("kind", "most", "window_hours", "quiet_from", "quiet_to")
    @api.depends_context("lang")
    def _compute_rule_text(self):
        for cap in self:
            cap.rule_text = cap._describe()

    def _describe(self):
        """Say the rule in a few words."""
        self.ensure_one()
        time = self._describe_hours(self.window_hours)
        if self.kind == "rolling":
            if not self.most or not self.window_hours:
                return self.env._("No limit")
            return self.env._("%(most)s in %(time)s", most=self.most, time=time)
        if self.kind == "survey":
            return (
                self.env._("Surveys: %(most)s in %(time)s", most=self.most, time=time)
                if self.most and self.window_hours
                else self.env._("No limit")
            )
        if self.kind == "gap":
            return (
                self.env._("%(time)s apart", time=time)
                if self.window_hours
                else self.env._("No limit")
            )
        if self.kind == "quiet":
            if self.quiet_from == self.quiet_to:
                return self.env._("No limit")
            return self.env._(
                "%(start)s to %(end)s of the customer's day",
                start=format_duration(self.quiet_from),
                end=format_duration(self.quiet_to),
            )
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    def _describe_hours(self, hours):
        if hours % 24 or hours == 24:
            return self.env._("%s hours", hours)
        return self.env._("%s days", hours // 24)

    @api.model
    def _create_default(self, companies):
        """Give each of ``companies`` without any limit the shipped ones."""
        have = self.with_context(active_test=False).search(
            [("company_id", "in", companies.ids)]
        )
        rows = []
        for company in companies - have.company_id:
            names = self.with_context(lang=company._retention_lang())._default_names()
            rows += [
                {
                    "company_id": company.id,
                    "sequence": 10 * place,
                    "name": names[key],
                    **(EVERYTHING if key in ALL_CATEGORIES else {}),
                    **(PROMOTIONS if key in ONLY_PROMOTION else {}),
                    **values,
                }
                for place, (key, values) in enumerate(SHIPPED.items(), 1)
            ]
        self.create(rows)

    @api.model
    def _default_names(self):
        return {
            "day": self.env._("No second promotion within 24 hours"),
            "high": self.env._("High-value customers: 3 contacts in 7 days"),
            "middle": self.env._("Middle customers: 1 contact in 7 days"),
            "low": self.env._("Low-value customers: 2 contacts in 30 days"),
            "never": self.env._("No promotions to middle customers"),
            "quiet": self.env._("Quiet hours"),
            "closed": self.env._("Closed days"),
            "complaint": self.env._("A complaint is open"),
            "survey": self.env._("At most one survey in 90 days"),
        }

    @api.model
    def _add_survey_default(self, companies):
        """Give companies with limits of before the one on surveys."""
        have = self.with_context(active_test=False).search(
            [("company_id", "in", companies.ids)]
        )
        lacking = (
            have.company_id - have.filtered(lambda cap: cap.kind == "survey").company_id
        )
        self.create(
            [
                {
                    "company_id": company.id,
                    "sequence": 90,
                    "name": self.with_context(
                        lang=company._retention_lang()
                    )._default_names()["survey"],
                    **SHIPPED["survey"],
                }
                for company in lacking
            ]
        )
