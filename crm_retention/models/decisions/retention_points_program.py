from odoo import api, fields, models

from ...tools import points_earning

MONTHS = [
    ("1", "January"),
    ("2", "February"),
    ("3", "March"),
    ("4", "April"),
    ("5", "May"),
    ("6", "June"),
    ("7", "July"),
    ("8", "August"),
    ("9", "September"),
    ("10", "October"),
    ("11", "November"),
    ("12", "December"),
]
MOST_DAYS = 3650
MOST_MONTHS = 240


class RetentionPointsProgram(models.Model):
    """The rules by which a company's customers earn points and lose them again.

    A customer collects in the first program, in order, whose population he is in.
    Points already posted keep the terms they were posted under: a change of the
    rules holds for what comes.
    """

    _name = "retention.points.program"
    _description = "Points Program"
    _inherit = ["mail.thread", "retention.population"]
    _order = "company_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(
        default=10, help="A customer collects in the first program that fits."
    )
    # restrict: what was promised must not vanish with a company
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
        index=True,
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        ondelete="restrict",
        tracking=True,
        help="Amounts are converted into it at the rate of the document's day.",
    )
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
        help="Which customers may collect. Empty: all that no earlier program takes.",
    )
    point_name = fields.Char(
        string="Points Are Called",
        default=lambda self: self.env._("points"),
        required=True,
        translate=True,
        help="As customers read it: points, stars, miles.",
    )
    start_date = fields.Date(
        string="Earning from",
        default=fields.Date.context_today,
        required=True,
        tracking=True,
        help="Documents of earlier days earn nothing.",
    )
    earn_on = fields.Selection(
        selection=[("paid", "Paid"), ("posted", "Posted")],
        string="An Invoice Earns When",
        default="paid",
        required=True,
        tracking=True,
    )
    earn_points = fields.Integer(
        string="Points",
        default=1,
        tracking=True,
        help="So many points for every amount beside; the sum is rounded down once "
        "a document.",
    )
    earn_amount = fields.Monetary(
        string="For Every",
        default=1.0,
        tracking=True,
        help="Without taxes, delivery, discounts and what was paid with rewards.",
    )
    pending_days = fields.Integer(
        string="Pending (days)",
        default=14,
        tracking=True,
        help="The time for returns: points earned by a purchase can be spent only "
        "after it.",
    )
    expiry_model = fields.Selection(
        selection=[
            ("never", "Never"),
            ("months", "Months after earning"),
            ("day", "On a fixed day"),
            ("inactive", "After months of inactivity"),
        ],
        string="Points Expire",
        default="months",
        required=True,
        tracking=True,
        help="Fixed day: each year on this day, but not before the months are over. "
        "Inactivity: nothing earned and nothing spent for so many months.",
    )
    expiry_months = fields.Integer(
        string="Months",
        default=24,
        tracking=True,
        help="With a fixed day: points live at least so many months.",
    )
    expiry_day = fields.Integer(string="Day", default=31, tracking=True)
    expiry_month = fields.Selection(
        selection=MONTHS, string="Month", default="12", tracking=True
    )
    revive_days = fields.Integer(
        string="Returned Points Live at Least (days)",
        default=30,
        tracking=True,
        help="Points of an undone exchange come back with their old expiry date, but "
        "not with less than this time to use them.",
    )
    debt_policy = fields.Selection(
        selection=[
            ("debt", "The next points pay it"),
            ("write_off", "Write it off"),
            ("ask", "The next points pay it, and a person is asked"),
        ],
        string="Points Refunded But Spent",
        default="debt",
        required=True,
        tracking=True,
        help="A purchase is returned after its points were spent: what is missing is "
        "owed and paid by the next points, or forgiven.",
    )
    warn_days = fields.Integer(
        string="First Warning (days before)",
        default=60,
        tracking=True,
        help="Customers are told by e-mail what expires, once. 0: no such warning.",
    )
    warn_again_days = fields.Integer(
        string="Second Warning (days before)",
        default=14,
        tracking=True,
        help="And told once more. 0: no second warning.",
    )
    show_on_documents = fields.Boolean(
        string="Tell on Quotations and Invoices",
        tracking=True,
        help="Customers read how many points a document earns: on its print, in its "
        "e-mails and in the portal.",
    )
    point_value = fields.Float(
        string="Worth of a Point",
        default=0.01,
        digits=(16, 4),
        tracking=True,
        help="What a point costs you when it is spent, in the currency of the program; "
        "for simulations and figures of what is owed to customers.",
    )
    rule_ids = fields.One2many(
        comodel_name="retention.points.rule",
        inverse_name="program_id",
        string="Exceptions",
        copy=True,
    )
    event_ids = fields.One2many(
        comodel_name="retention.points.event",
        inverse_name="program_id",
        string="Events",
        copy=True,
    )
    campaign_ids = fields.One2many(
        comodel_name="retention.campaign", inverse_name="program_id"
    )
    settled_on = fields.Date(
        string="Settled as of",
        readonly=True,
        copy=False,
        help="The last day for which points were released and expired.",
    )

    _earning_sane = models.Constraint(
        "CHECK (earn_points >= 0 AND earn_points <= 1000000 AND earn_amount > 0)",
        "A program gives 0 to 1,000,000 points for an amount above 0.",
    )
    _days_sane = models.Constraint(
        f"""CHECK (pending_days BETWEEN 0 AND {MOST_DAYS}
               AND revive_days BETWEEN 0 AND {MOST_DAYS}
               AND warn_days BETWEEN 0 AND {MOST_DAYS}
               AND warn_again_days BETWEEN 0 AND {MOST_DAYS})""",
        "Days are numbers from 0 to 3,650.",
    )
    _expiry_sane = models.Constraint(
        f"""CHECK (expiry_model = 'never' OR expiry_months <= {MOST_MONTHS}
              AND expiry_months >= CASE WHEN expiry_model = 'day' THEN 0 ELSE 1 END)""",
        "Points expire after 1 to 240 months.",
    )
    _expiry_day_sane = models.Constraint(
        "CHECK (expiry_day BETWEEN 1 AND 31)", "A day of the month is 1 to 31."
    )

    @api.constrains("domain", "owner_id", "company_id")
    def _check_domain(self):
        self._check_population()

    def _population_owner(self):
        return self.owner_id

    @api.model
    def _assign(self, company, customer_ids):
        """Return ``{customer id: program}``: the first in order that takes each."""
        waiting, found = set(customer_ids), {}
        for program in self.search([("company_id", "=", company.id)]):
            if not waiting:
                break
            taken = program._get_takers(waiting)
            found |= dict.fromkeys(taken, program)
            waiting -= taken
        return found

    def _get_expiry(self, earned):
        """Return until when points earned on a day can be spent; None: any day."""
        self.ensure_one()
        return points_earning.expiry_day(
            self.expiry_model,
            earned,
            self.expiry_months,
            int(self.expiry_month or 12),
            self.expiry_day,
        )
