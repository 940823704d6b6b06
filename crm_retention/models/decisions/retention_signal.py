from odoo import api, fields, models
from odoo.exceptions import ValidationError

SEVERITIES = [("low", "Low"), ("medium", "Medium"), ("high", "High")]
# what a change of means that an earlier look back no longer tells about the rule
LOOKS = {
    "bound",
    "days",
    "domain",
    "false_share",
    "kind",
    "least",
    "months",
    "share",
    "stage_id",
}


class RetentionSignal(models.Model):
    """A rule about signs that a customer is leaving: which sign, whose, how grave.

    A kind of sign is a pair of methods: ``_find_<kind>(scope)`` reads set-wise and
    decides by pure functions in ``tools``, ``_say_<kind>(finding, say_day)`` says it
    in one sentence. A new kind is one more entry in :meth:`_selection_kind` and one
    more pair.
    """

    _name = "retention.signal"
    _description = "Warning Rule"
    _inherit = ["mail.thread", "retention.population"]
    _order = "company_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(
        string="Switched On",
        default=False,
        tracking=True,
        copy=False,
        help="Only rules that are switched on raise alerts. Look back first, to see "
        "how many it would have raised and how many of them were right.",
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
        index=True,
    )
    owner_id = fields.Many2one(
        comodel_name="res.users",
        required=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        tracking=True,
        help="Whom the rule watches is read with this person's rights.",
    )
    domain = fields.Char(
        string="Watched Customers",
        default="[]",
        required=True,
        tracking=True,
        help="Which customers the rule watches. Empty: all of them.",
    )
    kind = fields.Selection(
        selection="_selection_kind", required=True, tracking=True, string="Sign"
    )
    severity = fields.Selection(
        selection=SEVERITIES,
        default="medium",
        required=True,
        tracking=True,
        help="How grave the sign is. A customer of a high tier, or a sign that shows "
        "very clearly, makes an alert one level graver; of a low tier, or a vague one, "
        "one level lighter.",
    )
    days = fields.Integer(help="How many days back the rule looks.", tracking=True)
    months = fields.Integer(
        default=3, help="How many months back the rule looks.", tracking=True
    )
    share = fields.Float(string="Limit (%)", digits=(16, 1), tracking=True)
    bound = fields.Float(string="Limit", digits=(16, 2), tracking=True)
    least = fields.Integer(
        string="Fewest Observations",
        default=4,
        tracking=True,
        help="With fewer than these, the rule says nothing about a customer.",
    )
    stage_id = fields.Many2one(
        comodel_name="retention.stage", ondelete="restrict", tracking=True
    )
    false_share = fields.Float(
        string="False Alarms (%)",
        digits=(16, 2),
        default=2.0,
        tracking=True,
        help="How many of a hundred customers whose behaviour has not changed may be "
        "warned of by chance in one month. Fewer false alarms also means that fewer of "
        "those who leave are noticed in time.",
    )
    horizon_days = fields.Integer(
        string="Comes True within (days)",
        default=90,
        required=True,
        tracking=True,
        help="A warning was right if the customer buys nothing in so many days after "
        "it.",
    )
    cooldown_days = fields.Integer(
        string="Silent after Closing (days)",
        default=60,
        required=True,
        tracking=True,
        help="So long after an alert was closed the rule raises no other one for the "
        "same customer.",
    )
    budget_week = fields.Integer(
        string="Alerts a Person and Week",
        default=10,
        required=True,
        tracking=True,
        help="No more new alerts of this rule in seven days for one person, those "
        "first for whom most is at stake; the others wait. 0: no limit.",
    )
    responsible = fields.Selection(
        selection=[
            ("salesperson", "The customer's salesperson"),
            ("lead", "The lead of the salesperson's team"),
            ("person", "One person"),
        ],
        default="salesperson",
        required=True,
        tracking=True,
        help="Whose alert it is. Who has left the company is passed over: then it is "
        "the team lead, the person named here, or the first manager.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person",
        ondelete="set null",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Gets the alerts, or those of customers who have no salesperson.",
    )
    explanation = fields.Text(
        string="What It Looks For", compute="_compute_explanation"
    )

    _lengths = models.Constraint(
        """CHECK (horizon_days BETWEEN 1 AND 3650 AND cooldown_days BETWEEN 0 AND 3650
            AND budget_week >= 0 AND COALESCE(days, 0) BETWEEN 0 AND 3650
            AND COALESCE(months, 0) BETWEEN 0 AND 120 AND COALESCE(least, 0) >= 0)""",
        "Days are at most 3650, months at most 120, and nothing is negative.",
    )
    _shares = models.Constraint(
        """CHECK (false_share > 0 AND false_share <= 50
            AND COALESCE(share, 0) BETWEEN 0 AND 100)""",
        "A limit in percent is from 0 to 100, false alarms are from 0.01 to 50 %.",
    )

    @api.model
    def _selection_kind(self):
        """Return the kinds of signs: ``[(kind, label)]``; each file adds its own."""
        return []

    @api.depends("kind")
    def _compute_explanation(self):
        texts = self._get_explanations()
        for signal in self:
            signal.explanation = texts.get(signal.kind, "")

    @api.model
    def _get_explanations(self):
        """Return ``{kind: how it is found and how little it may know}``."""
        return {}

    @api.constrains("domain", "owner_id")
    def _check_domain(self):
        self._check_population()

    @api.constrains("responsible", "user_id")
    def _check_responsible(self):
        for signal in self:
            if signal.responsible == "person" and not signal.user_id:
                raise ValidationError(
                    self.env._(
                        "%(name)s: choose the person who gets the alerts.",
                        name=signal.name,
                    )
                )

    def copy_data(self, default=None):
        return [
            dict(vals, name=self.env._("%s (copy)", vals["name"]))
            for vals in super().copy_data(default)
        ]

    def _population_owner(self):
        return self.owner_id

    # ---- looking -----------------------------------------------------------------

    def _find(self, scope):
        """Look for this rule's sign among the customers of ``scope``, as of its day.

        Reads, never writes. Only what was so on the day ``scope.as_of``: documents by
        their dates, not figures of the profile, which are those of now.
        :return: (list of :class:`signals.Finding`, number of customers of whom too
            little is known), customers outside the population left out.
        """
        self.ensure_one()
        self.env.flush_all()
        findings, few = getattr(self, f"_find_{self.kind}")(scope)
        if findings and not self._takes_all():
            watched = self._get_takers([each.customer_id for each in findings])
            findings = [each for each in findings if each.customer_id in watched]
        return findings, few

    def _say(self, finding, say_day):
        """Say in one sentence with numbers what was found.

        :param say_day: turns a date into text, in the company's language.
        """
        self.ensure_one()
        return getattr(self, f"_say_{self.kind}")(finding, say_day)

    def _can_look_back(self):
        """Tell whether what this kind reads is known for days of the past, too."""
        self.ensure_one()
        return True
