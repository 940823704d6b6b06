from odoo import api, fields, models

BANDS = [("high", "High"), ("middle", "Middle"), ("low", "Low")]


class RetentionContactPolicy(models.Model):
    """How often, how deeply and by whom a group of customers is to be contacted.

    A customer is served by the first policy in force, in order of ``sequence``, whose
    tiers, band, stages and domain all fit him; an empty criterion fits everybody. A
    new one is a draft: its preview says what it would ask for.
    """

    _name = "retention.contact.policy"
    _inherit = ["mail.thread", "retention.population"]
    _description = "Contact Policy"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(
        string="Priority",
        default=10,
        help="A customer is served by the first policy that fits.",
    )
    state = fields.Selection(
        selection=[("draft", "Draft"), ("running", "In Force")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    started_on = fields.Date(
        string="In Force since",
        readonly=True,
        copy=False,
        help="Whoever was never contacted comes in turn over the first interval from "
        "here.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        required=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        tracking=True,
        help="Is warned when complaints or opt-outs rise, and gets the customers for "
        "whom there is nobody else. The condition is read with this person's rights.",
    )
    tier_ids = fields.Many2many(
        comodel_name="retention.tier",
        check_company=True,
        help="Customers who hold one of these tiers. Empty: any.",
    )
    band = fields.Selection(
        selection=BANDS,
        string="Tiers of the Band",
        help="All tiers of this band. Empty: any.",
    )
    stage_ids = fields.Many2many(
        comodel_name="retention.stage",
        string="Stages",
        help="Customers in one of these stages of the lifecycle. Empty: any.",
    )
    domain = fields.Char(string="Only Contacts Where", default="[]", tracking=True)
    pilot_share = fields.Integer(
        string="Share of Customers (%)",
        default=100,
        tracking=True,
        help="Below 100 the policy is a pilot: always the same share of the customers "
        "gets it, the rest the next policy that fits.",
    )
    by_engagement = fields.Boolean(
        help="Rhythms that adapt start from an interval by the customer's engagement. "
        "Frozen customers get nothing but one greeting now and then, and key dates.",
    )
    active_days = fields.Integer(string="Active Every (days)", default=7)
    warm_days = fields.Integer(string="Warm Every (days)", default=90)
    description = fields.Text(translate=True)
    cadence_ids = fields.One2many(
        comodel_name="retention.cadence",
        inverse_name="policy_id",
        string="Rhythms",
        copy=True,
    )

    is_unfinished = fields.Boolean(
        string="E-mails To Be Written", compute="_compute_is_unfinished"
    )

    _share = models.Constraint(
        "CHECK (pilot_share BETWEEN 1 AND 100)",
        "The share of customers is a number from 1 to 100.",
    )
    _starts = models.Constraint(
        "CHECK (active_days BETWEEN 1 AND 3650 AND warm_days BETWEEN active_days "
        "AND 3650)",
        "Intervals are days from 1 up, and active customers come at least as often as "
        "warm ones.",
    )

    @api.depends("cadence_ids.is_unfinished")
    def _compute_is_unfinished(self):
        for policy in self:
            policy.is_unfinished = any(policy.cadence_ids.mapped("is_unfinished"))

    @api.constrains("domain", "user_id")
    def _check_domain(self):
        self._check_population()

    def _population_owner(self):
        return self.user_id

    def copy_data(self, default=None):
        return [
            dict(vals, name=self.env._("%s (copy)", vals["name"]))
            for vals in super().copy_data(default)
        ]

    # ---- shipped ones ------------------------------------------------------------

    @api.model
    def _create_default(self, companies):
        """Give each of ``companies`` without a policy the shipped ones, in force."""
        have = self.with_context(active_test=False).search(
            [("company_id", "in", companies.ids)]
        )
        for company in companies - have.company_id:
            self._create_from_template("default", company)._start()

    @api.model
    def _create_from_template(self, template, company):
        """Create the draft policies of a template for ``company``."""
        model = self.with_context(lang=company._retention_lang())
        return model.create(
            [
                values
                | {"company_id": company.id, "user_id": self.env.uid}
                | {"sequence": 10 + number if template == "default" else number}
                for number, values in enumerate(model._get_template(template))
            ]
        ).with_env(self.env)

    # ---- coming into force ---------------------------------------------------------

    def _start(self):
        """Put these drafts in force from today on."""
        for company, policies in self.grouped("company_id").items():
            policies.filtered(lambda policy: policy.state == "draft").write(
                {"state": "running", "started_on": company._retention_today()}
            )

    def action_start(self):
        """Put these policies in force; the plan follows with the next run."""
        self.check_access("write")
        self._start()
        return True

    def action_stop(self):
        """Make drafts of these policies again: nobody is contacted by them."""
        self.check_access("write")
        self.state = "draft"
        return True
