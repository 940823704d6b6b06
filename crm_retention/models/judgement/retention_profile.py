from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import tiering

CLOSE_TO_UPGRADE = 0.9  # of the next tier's limit
FILL_FACTOR = 50
UNSETTLED = (
    "CASE WHEN COALESCE(earned_tier_id, 0) = COALESCE(tier_id, 0) THEN 0 ELSE 1 END = 1"
)


class RetentionProfile(models.Model):
    """What one customer is worth to one company, and why: one narrow row each.

    Holds dates and counts, never "days since": ages are computed on reading, so a
    night rewrites only those whose facts or scores changed. Written by the score
    and place steps alone; a person sets only the override of the tier.
    """

    _name = "retention.profile"
    _description = "Customer Profile"
    _rec_name = "partner_id"
    _rec_names_search = ["partner_id"]
    _order = "lifetime_revenue desc, id"
    _log_access = False
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    active = fields.Boolean(related="partner_id.active")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    industry_id = fields.Many2one(related="partner_id.industry_id")
    country_id = fields.Many2one(related="partner_id.country_id")
    program_id = fields.Many2one(
        comodel_name="retention.program", readonly=True, ondelete="set null"
    )

    first_purchase = fields.Date(readonly=True)
    last_purchase = fields.Date(readonly=True)
    last_interaction = fields.Date(
        readonly=True, help="Last purchase, lead, quotation or ticket."
    )
    is_prospect = fields.Boolean(
        string="Prospect",
        readonly=True,
        help="Has an open lead, quotation or ticket and has not bought yet.",
    )
    purchase_count = fields.Integer(string="Purchases", readonly=True)
    lifetime_revenue = fields.Monetary(
        string="Revenue (all time)", readonly=True, help="Refunds deducted."
    )
    average_order = fields.Monetary(
        string="Average Purchase", readonly=True, aggregator="avg"
    )
    window_purchases = fields.Integer(
        string="Purchases (window)",
        readonly=True,
        help="In the months that the program counts.",
    )
    window_revenue = fields.Monetary(
        string="Revenue (window)",
        readonly=True,
        help="In the months that the program counts, refunds deducted.",
    )
    purchase_interval = fields.Float(
        string="Usual Interval (days)",
        digits=(16, 1),
        readonly=True,
        aggregator="avg",
        help="Median number of days between two purchases. 0: not known yet.",
    )

    recency_score = fields.Integer(string="R", readonly=True, aggregator="avg")
    frequency_score = fields.Integer(string="F", readonly=True, aggregator="avg")
    monetary_score = fields.Integer(string="M", readonly=True, aggregator="avg")
    segment_id = fields.Many2one(
        comodel_name="retention.segment", readonly=True, ondelete="set null"
    )
    earned_tier_id = fields.Many2one(
        comodel_name="retention.tier",
        string="Tier by Figures",
        readonly=True,
        ondelete="set null",
        help="The tier that today's figures earn; the tier held may still be better.",
    )
    tier_id = fields.Many2one(
        comodel_name="retention.tier",
        readonly=True,
        ondelete="set null",
        group_expand="_group_expand_tier",
    )
    band = fields.Selection(related="tier_id.band")
    changed_at = fields.Datetime(
        string="Last Changed",
        readonly=True,
        help="When these figures last became different.",
    )
    rule_version = fields.Integer(readonly=True)

    override_tier_id = fields.Many2one(
        comodel_name="retention.tier",
        string="Tier by Decision",
        readonly=True,
        ondelete="set null",
    )
    override_until = fields.Date(readonly=True)
    override_reason = fields.Char(readonly=True)
    override_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Decided by",
        readonly=True,
        ondelete="set null",
    )

    recency_days = fields.Integer(
        string="Days since Purchase",
        compute="_compute_recency_days",
        search="_search_recency_days",
    )
    rfm_text = fields.Char(string="RFM", compute="_compute_texts")
    recency_text = fields.Char(compute="_compute_texts")
    frequency_text = fields.Char(compute="_compute_texts")
    monetary_text = fields.Char(compute="_compute_texts")
    tier_text = fields.Char(string="Why This Tier", compute="_compute_standing")
    next_tier_id = fields.Many2one(
        comodel_name="retention.tier", compute="_compute_standing"
    )
    next_text = fields.Char(string="To the Next Tier", compute="_compute_standing")
    progress = fields.Integer(
        string="Progress to Next (%)", compute="_compute_standing"
    )
    fall_date = fields.Date(
        string="Falls on",
        compute="_compute_standing",
        help="The day on which the tier is lost unless it is earned again.",
    )
    is_falling = fields.Boolean(
        string="About to Be Downgraded",
        compute="_compute_is_falling",
        search="_search_is_falling",
    )
    is_close = fields.Boolean(
        string="Close to Upgrade",
        compute="_compute_is_close",
        search="_search_is_close",
        help="At least 90 % of the figure that the next tier asks for.",
    )
    has_override = fields.Boolean(
        string="Override Active",
        compute="_compute_has_override",
        search="_search_has_override",
    )
    membership_ids = fields.One2many(
        comodel_name="retention.membership",
        compute="_compute_membership_ids",
        string="Tier History",
    )
    transaction_ids = fields.One2many(
        comodel_name="retention.transaction",
        compute="_compute_transaction_ids",
        string="Last Purchases",
    )

    _partner_company_unique = models.UniqueIndex(
        "(partner_id, company_id)", "A customer has one profile a company."
    )
    _company_idx = models.Index("(company_id, partner_id)")
    # For the place step; these columns change for a few customers in a thousand.
    # Said as "= 1", because the planner takes "is distinct from" for almost all rows.
    _unsettled_idx = models.Index(f"(company_id, id) WHERE {UNSETTLED}")
    _decided_idx = models.Index("(company_id, id) WHERE override_until IS NOT NULL")

    def init(self):
        """Leave room on every page, so that nightly updates stay on it (HOT).

        Odoo cannot declare this: measured 2.2 times faster to rewrite, and the
        table does not grow.
        """
        self.env.cr.execute(
            SQL(
                "ALTER TABLE %s SET (fillfactor = %s)",
                SQL.identifier(self._table),
                SQL(str(FILL_FACTOR)),
            )
        )

    # ---- reading -----------------------------------------------------------

    @api.model
    def _today(self):
        return fields.Date.context_today(self)

    @api.depends("last_purchase")
    def _compute_recency_days(self):
        today = self._today()
        for profile in self:
            last = profile.last_purchase
            profile.recency_days = (today - last).days if last else 0

    def _search_recency_days(self, operator, value):
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}[operator]
        day = self._today() - timedelta(days=int(value))
        return Domain("last_purchase", mirrored, day)

    @api.depends_context("lang", "uid")
    @api.depends("recency_score", "frequency_score", "monetary_score")
    def _compute_texts(self):
        for profile in self:
            profile.update(profile._describe_scores())

    @api.depends("earned_tier_id", "tier_id", "program_id")
    def _compute_is_falling(self):
        rungs = (self.tier_id | self.earned_tier_id)._rungs()
        for profile in self:
            profile.is_falling = (
                profile.earned_tier_id
                and profile.earned_tier_id.program_id == profile.tier_id.program_id
                and rungs.get(profile.earned_tier_id, 0) < rungs.get(profile.tier_id, 0)
            )

    def _search_is_falling(self, operator, value):
        if operator != "in":
            return NotImplemented
        tiers = self.env["retention.tier"].search(
            [("company_id", "in", self.env.companies.ids)]
        )
        rungs = tiers._rungs()
        return Domain.OR(
            Domain("tier_id", "=", tier.id)
            & Domain(
                "earned_tier_id",
                "in",
                [
                    lower.id
                    for lower in tier.program_id.tier_ids
                    if rungs[lower] < rungs[tier]
                ],
            )
            for tier in tiers
        )

    @api.depends("progress")
    def _compute_is_close(self):
        for profile in self:
            profile.is_close = (
                profile.next_tier_id and profile.progress >= 100 * CLOSE_TO_UPGRADE
            )

    def _search_is_close(self, operator, value):
        if operator != "in":
            return NotImplemented
        tiers = self.env["retention.tier"].search([("has_cut", "=", True)])
        return Domain.OR(tier._close_domain(CLOSE_TO_UPGRADE) for tier in tiers)

    @api.depends("override_tier_id", "override_until")
    def _compute_has_override(self):
        today = self._today()
        for profile in self:
            profile.has_override = bool(
                profile.override_tier_id and profile.override_until >= today
            )

    def _search_has_override(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("override_tier_id", "!=", False) & Domain(
            "override_until", ">=", self._today()
        )

    def _compute_membership_ids(self):
        memberships = self.env["retention.membership"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ]
        )
        grouped = memberships.grouped(lambda row: (row.partner_id, row.company_id))
        for profile in self:
            key = (profile.partner_id, profile.company_id)
            profile.membership_ids = grouped.get(key, memberships.browse())

    def _compute_transaction_ids(self):
        model = self.env["retention.transaction"]
        for profile in self:
            # the screen of one customer; a list never reads this field
            profile.transaction_ids = model.search(profile._document_domain(), limit=10)

    def _document_domain(self):
        self.ensure_one()
        return [
            ("partner_id", "=", self.partner_id.id),
            ("company_id", "=", self.company_id.id),
        ]

    @api.model
    def _group_expand_tier(self, tiers, domain):
        """Show every tier of the programs in sight, best first, also empty ones."""
        programs = self.env["retention.program"].search(
            [("company_id", "in", self.env.companies.ids)]
        )
        return (tiers | programs.tier_ids).sorted()

    # ---- the current tier in words -------------------------------------------

    @api.depends_context("lang", "uid")
    @api.depends(
        "tier_id",
        "earned_tier_id",
        "window_revenue",
        "window_purchases",
        "recency_score",
        "frequency_score",
        "monetary_score",
        "override_tier_id",
        "override_until",
        "override_reason",
        "contribution",
    )
    def _compute_standing(self):
        rungs = (self.tier_id | self.earned_tier_id)._rungs()
        current = self.env["retention.membership"]._get_current(self)
        for profile in self:
            profile.update(profile._describe_standing(rungs, current))

    def _metric_pair(self):
        """Return the figures that the program's metric compares: (value, tie)."""
        self.ensure_one()
        program = self.program_id
        score = self.recency_score + self.frequency_score + self.monetary_score
        if program.metric == "orders":
            return self.window_purchases, 0
        if program.metric == "contribution":
            return self.contribution, 0
        if program.metric == "rfm":
            return score, 0
        if program.metric == "customer_share" and program.rank_by == "rfm":
            return score, self.window_revenue
        return self.window_revenue, 0

    def _get_fall_date(self, membership):
        """Return the first day without the tier of ``membership``."""
        self.ensure_one()
        standing = tiering.Standing(0, membership.valid_until)
        return tiering.fall_date(standing, membership.program_id._rules())

    # ---- actions -----------------------------------------------------------

    @api.model
    def _recalculate(self, partners, company=None, as_of=None):
        """Judge these customers anew, now: facts, scores, tiers, stages and health.

        :param partners: contacts; their commercial entities are judged.
        :param company: of this company only, else of every one.
        :return: how many profiles changed.
        """
        customers = partners.commercial_partner_id
        changed = 0
        for each in company or self.env["res.company"].search([("active", "=", True)]):
            changed += self._score_customers(each, customers.ids, as_of)
            self._place_customers(each, customers.ids, as_of)
            self._stage_customers(each, customers.ids, as_of)
            self._predict_customers(each, customers.ids, as_of)
        return changed

    def action_recalculate(self):
        """Judge the selected customers anew, in the foreground."""
        if len(self) > 1000:
            raise UserError(
                self.env._(
                    "Select at most 1,000 customers, or recalculate all of them in "
                    "the background from Configuration."
                )
            )
        for company, profiles in self.grouped("company_id").items():
            # sudo: whoever may read a profile may have it brought up to date
            self.sudo()._recalculate(profiles.partner_id, company)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": (
                    self.env._("%s customers judged anew.", len(self))
                    if len(self) > 1
                    else self.env._("%s judged anew.", self.display_name)
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_open_partner(self):
        """Open the customer's contact form."""
        self.ensure_one()
        return self.partner_id.get_formview_action()

    def action_view_transactions(self):
        """Open every revenue document that this profile counts."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_transaction_action"
        )
        return action | {"domain": self._document_domain()}

    def action_override(self):
        """Open the dialog that sets a tier by decision."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set Tier by Decision"),
            "res_model": "retention.override.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_profile_ids": self.ids},
        }
