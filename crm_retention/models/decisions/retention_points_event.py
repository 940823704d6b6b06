from odoo import api, fields, models

KINDS = [
    ("survey", "Survey answered"),
    ("birthday", "Birthday"),
    ("joining", "First points"),
    ("tier", "Tier reached"),
]


class RetentionPointsEvent(models.Model):
    """Points for something else than a purchase, once for each time it happens."""

    _name = "retention.points.event"
    _description = "Points for an Event"
    _order = "program_id, sequence, id"
    _rec_name = "kind"

    program_id = fields.Many2one(
        comodel_name="retention.points.program",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="program_id.company_id",
        store=True,  # stored for the company rule
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        selection=KINDS,
        string="Event",
        required=True,
        default="birthday",
        help="A survey counts once a customer, a birthday once a year for customers "
        "who have collected before, first points and each tier once.",
    )
    points = fields.Integer(required=True, default=100)
    start_date = fields.Date(
        string="From",
        required=True,
        default=fields.Date.context_today,
        help="What happened before earns nothing.",
    )
    survey_id = fields.Many2one(
        comodel_name="survey.survey",
        ondelete="cascade",
        help="Empty: every survey, each once.",
    )
    tier_ids = fields.Many2many(
        comodel_name="retention.tier",
        string="Tiers",
        help="Which tiers count when they are reached, or whose customers get points "
        "for their birthday. Empty: all.",
    )

    _points_sane = models.Constraint(
        "CHECK (points BETWEEN 1 AND 1000000)", "An event gives 1 to 1,000,000 points."
    )

    @api.depends("kind", "points", "survey_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for event in self:
            event.display_name = event.survey_id.title or kinds.get(event.kind, "")
