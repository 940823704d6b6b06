from odoo import api, fields, models
from odoo.exceptions import ValidationError

# kind → what it can be about
ABOUT = {
    "missing": (
        *("reach", "email", "phone", "street", "zip", "city", "country_id"),
        *("vat", "user_id", "industry_id"),
    ),
    "malformed": ("email", "phone", "vat"),
    "bounced": (),
    "stale": (),
    "duplicate": ("email", "phone", "vat", "name"),
}
# kind, what, customers, weight: the rules with which a company begins
DEFAULT = (
    ("missing", "reach", "all", 30),
    ("missing", "user_id", "all", 10),
    ("missing", "city", "all", 5),
    ("missing", "country_id", "all", 5),
    ("missing", "vat", "company", 5),
    ("malformed", "email", "all", 15),
    ("malformed", "phone", "all", 10),
    ("bounced", False, "all", 15),
    ("stale", False, "all", 20),
    ("duplicate", "email", "all", 15),
    ("duplicate", "phone", "all", 10),
    ("duplicate", "vat", "company", 20),
    ("duplicate", "name", "all", 10),
)


class RetentionQualityRule(models.Model):
    """One thing that may be wrong with a customer's data, and how much it weighs."""

    _name = "retention.quality.rule"
    _description = "Data Quality Rule"
    _order = "company_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
        index=True,
    )
    kind = fields.Selection(
        selection=[
            ("missing", "Is missing"),
            ("malformed", "Is not written correctly"),
            ("bounced", "E-mail came back"),
            ("stale", "Not confirmed for long"),
            ("duplicate", "Another contact has the same"),
        ],
        string="Fault",
        default="missing",
        required=True,
    )
    what = fields.Selection(
        selection=[
            ("reach", "E-mail and phone"),
            ("email", "E-mail"),
            ("phone", "Phone"),
            ("street", "Street"),
            ("zip", "Postcode"),
            ("city", "City"),
            ("country_id", "Country"),
            ("vat", "Tax ID"),
            ("user_id", "Salesperson"),
            ("industry_id", "Industry"),
            ("name", "Name and postcode"),
        ],
        string="Of",
        help="“E-mail and phone” is a fault when both are missing. Names are compared "
        "without capitals, punctuation and legal forms, and only with the same "
        "postcode.",
    )
    months = fields.Integer(
        default=12,
        help="Since the data was last confirmed, or since the contact was recorded.",
    )
    customers = fields.Selection(
        selection=[
            ("all", "All customers"),
            ("company", "Companies"),
            ("person", "Persons"),
        ],
        string="Counts for",
        default="all",
        required=True,
    )
    weight = fields.Integer(
        default=10,
        required=True,
        help="The score of a customer is 100 less the share of the weights of faults "
        "in all weights that count for the customer.",
    )

    _sane = models.Constraint(
        """CHECK (weight BETWEEN 1 AND 100
            AND (kind <> 'stale' OR months BETWEEN 1 AND 120))""",
        "Weights are from 1 to 100, months from 1 to 120.",
    )

    @api.depends_context("lang")
    @api.depends("kind", "what", "months")
    def _compute_name(self):
        what = dict(self._fields["what"]._description_selection(self.env))
        for rule in self:
            rule.name = rule._describe(what.get(rule.what, ""))

    def _describe(self, what):
        """Return the fault in a few words, as it is shown on a customer."""
        sentences = {
            "missing": self.env._("No %(what)s", what=what),
            "malformed": self.env._("%(what)s is not valid", what=what),
            "bounced": self.env._("E-mails come back"),
            "stale": self.env._("Not confirmed for %(n)s months", n=self.months),
            "duplicate": self.env._("Another contact: same %(what)s", what=what),
        }
        if self.kind == "missing" and self.what == "reach":
            return self.env._("Neither e-mail nor phone")
        return sentences.get(self.kind, "")

    @api.constrains("kind", "what")
    def _check_what(self):
        for rule in self:
            about = ABOUT[rule.kind]
            if about and rule.what not in about:
                raise ValidationError(
                    self.env._(
                        "“%(kind)s” can not be about this. Choose another field.",
                        kind=dict(
                            self._fields["kind"]._description_selection(self.env)
                        )[rule.kind],
                    )
                )

    @api.onchange("kind")
    def _onchange_kind(self):
        if self.what not in ABOUT.get(self.kind, ()):
            self.what = False

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._note_change()
        return rules

    def write(self, vals):
        result = super().write(vals)
        self._note_change()
        return result

    def unlink(self):
        self._note_change()
        return super().unlink()

    def _note_change(self):
        """Have everybody judged again with the next evaluation."""
        # sudo: managers of retention change rules, not companies
        self.company_id.sudo().retention_quality_pending = True

    @api.model
    def _create_default(self, companies):
        """Give companies that have none the rules to begin with."""
        known = self.with_context(active_test=False).search(
            [("company_id", "in", companies.ids)]
        )
        self.create(
            [
                {
                    "company_id": company.id,
                    "sequence": place,
                    "kind": kind,
                    "what": what,
                    "customers": customers,
                    "weight": weight,
                }
                for company in companies - known.company_id
                for place, (kind, what, customers, weight) in enumerate(DEFAULT, 1)
            ]
        )
