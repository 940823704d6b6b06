from odoo import api, fields, models

from ...tools import points_earning


class RetentionCampaign(models.Model):
    """More points for a limited time: a factor or a bonus, for some customers.

    Its points are entries of their own beside the ordinary ones, so that what a
    campaign cost can be told. Campaigns add up. What a refund takes back of its
    points goes back to its budget.
    """

    _name = "retention.campaign"
    _description = "Points Campaign"
    _inherit = ["mail.thread", "retention.population"]
    _order = "date_from desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    program_id = fields.Many2one(
        comodel_name="retention.points.program",
        required=True,
        default=lambda self: self._default_program(),
        index=True,
        ondelete="restrict",
        tracking=True,
    )
    company_id = fields.Many2one(
        related="program_id.company_id",
        store=True,  # stored for the company rule
    )
    point_name = fields.Char(related="program_id.point_name")
    owner_id = fields.Many2one(
        comodel_name="res.users",
        required=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        tracking=True,
        help="The population is read with this person's rights.",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="The first day on which a document takes part, by its own date.",
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=fields.Date.context_today,
        tracking=True,
        help="The last day.",
    )
    domain = fields.Char(
        string="Customers",
        default="[]",
        required=True,
        tracking=True,
        help="Which customers take part. Empty: all of the program.",
    )
    tier_ids = fields.Many2many(
        comodel_name="retention.tier",
        string="Tiers",
        help="Only customers who hold one of these on the document's day. Empty: all.",
    )
    gives = fields.Selection(
        selection=[
            ("factor", "A multiple of the ordinary points"),
            ("bonus", "A fixed number of points a document"),
        ],
        required=True,
        default="factor",
        tracking=True,
    )
    factor = fields.Float(
        default=2.0,
        digits=(8, 2),
        tracking=True,
        help="2 doubles the points that the document earns anyway.",
    )
    bonus = fields.Integer(
        default=100,
        tracking=True,
        help="Added to every document that earns at least one point.",
    )
    budget = fields.Integer(
        string="Budget (points)",
        tracking=True,
        help="No more than so many points are given in all. 0: no limit.",
    )
    granted = fields.Integer(
        string="Given",
        readonly=True,
        copy=False,
        help="Points given so far, less what refunds took back.",
    )

    _days_sane = models.Constraint(
        "CHECK (date_to >= date_from)", "A campaign cannot end before it begins."
    )
    _extra_sane = models.Constraint(
        """CHECK (CASE gives WHEN 'factor' THEN factor > 1 AND factor <= 1000
                 ELSE bonus BETWEEN 1 AND 1000000 END)""",
        "A campaign gives more than the ordinary points: a factor above 1 (at most "
        "1,000), or a bonus of 1 to 1,000,000 points.",
    )
    _budget_sane = models.Constraint(
        "CHECK (budget >= 0)", "A budget is a number of points, or 0."
    )
    _days_idx = models.Index("(program_id, date_to)")

    @api.model
    def _default_program(self):
        """Return the program of the company at work, where there is one only."""
        programs = self.env["retention.points.program"].search(
            [("company_id", "=", self.env.company.id)], limit=2
        )
        return programs if len(programs) == 1 else programs.browse()

    @api.constrains("domain", "owner_id", "program_id")
    def _check_domain(self):
        self._check_population()

    def _population_owner(self):
        return self.owner_id

    def _get_extra(self, points):
        """Return what this campaign adds to a document's ordinary points."""
        self.ensure_one()
        if self.gives == "bonus":
            return self.bonus if points else 0
        return points_earning.extra_points(points, self.factor)
