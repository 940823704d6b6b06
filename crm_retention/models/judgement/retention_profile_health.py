from odoo import api, fields, models

BANDS = [
    ("good", "Good"),
    ("fair", "Fair"),
    ("poor", "Poor"),
    ("unknown", "Not Enough Data"),
]


class RetentionProfile(models.Model):
    """How the relationship with the customer is, and why."""

    _inherit = "retention.profile"

    health = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="From 0 to 100, from the parts of which something is known.",
    )
    health_band = fields.Selection(
        selection=BANDS,
        string="Health Is",
        readonly=True,
        help="Where good begins and poor ends stands in the health model. Not enough "
        "data: too little of the whole is known for a score.",
    )
    health_known = fields.Integer(
        string="Known (%)",
        readonly=True,
        aggregator="avg",
        help="Which share of the weights is known of this customer.",
    )
    health_purchases = fields.Integer(
        string="Purchases (health)", readonly=True, aggregator="avg"
    )
    health_contact = fields.Integer(
        string="Contact (health)", readonly=True, aggregator="avg"
    )
    health_service = fields.Integer(
        string="Service (health)", readonly=True, aggregator="avg"
    )
    health_satisfaction = fields.Integer(
        string="Satisfaction (health)", readonly=True, aggregator="avg"
    )
    health_payment = fields.Integer(
        string="Payment (health)", readonly=True, aggregator="avg"
    )
    health_use = fields.Integer(
        string="Visits and Use (health)", readonly=True, aggregator="avg"
    )
    health_on = fields.Date(string="Health as of", readonly=True)
    health_max = fields.Integer(compute="_compute_health_text")
    health_change = fields.Integer(
        string="Since Last Month", compute="_compute_health_text"
    )
    health_text = fields.Char(string="Health in Words", compute="_compute_health_text")
    health_line_ids = fields.One2many(
        comodel_name="retention.health.line",
        compute="_compute_health_line_ids",
        string="Why This Health",
    )

    @api.depends_context("lang", "uid")
    @api.depends("health", "health_band", "health_known", "health_on")
    def _compute_health_text(self):
        before = self._get_health_before()
        self.health_max = 100
        for profile in self:
            known = before.get((profile.partner_id, profile.company_id))
            scored = profile.health_band not in (False, "unknown")
            change = profile.health - known if scored and known is not None else 0
            profile.health_change = change
            profile.health_text = profile._describe_health(known, change)

    def _get_health_before(self):
        """Return ``{(customer, company): health at the beginning of the month}``."""
        rows = self.env["retention.health.history"].search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ],
            order="day",
        )
        judged = {
            (profile.partner_id, profile.company_id): profile.health_on
            for profile in self
        }
        known = {}
        for row in rows:  # the last one that is older than the score
            key = (row.partner_id, row.company_id)
            if judged.get(key) and row.day < judged[key]:
                known[key] = row.health
        return known

    def _describe_health(self, before, change):
        self.ensure_one()
        if not self.health_band:
            return False
        if self.health_band == "unknown":
            return self.env._(
                "Only %(known)s %% of what counts is known: too little for a score",
                known=self.health_known,
            )
        figures = {"score": self.health, "known": self.health_known}
        if before is None:
            return self.env._(
                "%(score)s of 100; %(known)s %% of what counts is known", **figures
            )
        if not change:
            return self.env._(
                "%(score)s of 100, as last month; %(known)s %% of what counts is known",
                **figures,
            )
        return self.env._(
            "%(score)s of 100, %(before)s last month; %(known)s %% of what counts is "
            "known",
            before=before,
            **figures,
        )

    def _compute_health_line_ids(self):
        lines = self.env["retention.health.line"].search(
            [("profile_id", "in", self.ids)]
        )
        grouped = lines.grouped("profile_id")
        for profile in self:
            profile.health_line_ids = grouped.get(profile, lines.browse())

    @api.model
    def _merge(self, sources, target):
        """Leave one row a month of the past, too."""
        self.env["retention.health.history"]._merge(sources, target)
        return super()._merge(sources, target)
