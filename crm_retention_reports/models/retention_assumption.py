from odoo import api, fields, models

# what a new one takes over from the one before
CARRIED = (
    "margin_basis",
    "margin",
    "launched_on",
    "holdout_from",
    "people",
    "expected_gain",
    "least",
)


class RetentionAssumption(models.Model):
    """What the return on investment takes for granted; the latest is in force.

    Never changed: whoever assumes something else saves another one, so that it stays
    known who assumed what, and when.
    """

    _name = "retention.assumption"
    _description = "Assumptions"
    _order = "id desc"
    _rec_name = "reason"

    reason = fields.Char(
        string="Why", required=True, help="Where these figures come from."
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    margin_basis = fields.Selection(
        selection=[
            ("products", "By what products cost"),
            ("assumed", "Assumed"),
        ],
        default="products",
        required=True,
        help="Products: the cost on the products of the documents, where at least half "
        "of the revenue has one. Assumed: the share of the revenue entered below.",
    )
    margin = fields.Float(
        string="Assumed Margin (%)",
        digits=(5, 1),
        help="What is left of the price before discounts after what products cost.",
    )
    launched_on = fields.Date(
        string="Work Began on",
        help="Before and after: compared with the same months of the last year that "
        "was over before this day. Empty: with the year before.",
    )
    holdout_from = fields.Date(
        string="Comparison Group since",
        help="Since when its share has been the same. Empty: since the first promotion "
        "that was kept from somebody.",
    )
    people = fields.Float(
        string="People at Work",
        digits=(8, 2),
        help="Full-time places, for the gain a person. 0: not shown.",
    )
    expected_gain = fields.Monetary(
        string="Expected Gain a Year",
        help="On margin, before costs; compared with what is measured. 0: nothing was "
        "expected.",
    )
    least = fields.Integer(
        string="Customers a Group at Least",
        default=100,
        required=True,
        help="With fewer customers in a group nothing is said about the difference.",
    )
    create_uid = fields.Many2one(
        comodel_name="res.users", string="Saved by", readonly=True
    )
    create_date = fields.Datetime(string="Saved on", readonly=True)

    _margin_sane = models.Constraint(
        """CHECK (margin BETWEEN 0 AND 100
            AND (margin_basis <> 'assumed' OR margin > 0))""",
        "An assumed margin is above 0 and at most 100 %.",
    )
    _numbers_sane = models.Constraint(
        "CHECK (people >= 0 AND expected_gain >= 0 AND least >= 30)",
        "People and the expected gain are not negative; below 30 customers a group the "
        "ranges do not hold.",
    )

    @api.model
    def default_get(self, fields):
        """Take over what was assumed last."""
        result = super().default_get(fields)
        last = self._get_latest(self.env.company)
        for name in CARRIED:
            if name in fields and last and f"default_{name}" not in self.env.context:
                result[name] = last[name]
        return result

    @api.model
    def _get_latest(self, company):
        """Return what is assumed of a company today; nobody saved any: empty."""
        return self.search([("company_id", "=", company.id)], limit=1)
