from odoo import fields, models


class RetentionCadenceState(models.Model):
    """The interval in force between one customer and one line of a policy, and why."""

    _name = "retention.cadence.state"
    _description = "Rhythm of One Customer"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        ondelete="restrict",
        check_company=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, ondelete="cascade"
    )
    cadence_id = fields.Many2one(
        comodel_name="retention.cadence", required=True, ondelete="cascade"
    )
    interval_days = fields.Integer(
        string="Interval in Force (days)", required=True, aggregator="avg"
    )
    pinned = fields.Boolean(help="A person set the interval; it no longer adapts.")
    pin_reason = fields.Char(string="Reason of the Person")
    reason = fields.Char(string="Why", readonly=True)
    changed_on = fields.Date(readonly=True)
    checked_on = fields.Date(readonly=True, help="When it was last looked at.")
    touches = fields.Integer(readonly=True, help="Contacts in the window.")
    responses = fields.Integer(readonly=True, help="Of these, answered.")
    rate = fields.Float(
        string="Response before",
        readonly=True,
        aggregator="avg",
        help="Share of answers when the interval was last changed.",
    )
    assignment = fields.Selection(
        selection=[
            ("longer", "Longer"),
            ("same", "As decided"),
            ("shorter", "Shorter"),
        ],
        readonly=True,
        default="same",
        help="Chance moved the interval by a step, so that its effect can be told.",
    )
    probability = fields.Float(
        readonly=True, default=1.0, help="How likely this assignment was."
    )

    _cadence_unique = models.UniqueIndex(
        "(partner_id, company_id, cadence_id)",
        "A customer has one rhythm for each line of a policy.",
    )
    _sane = models.Constraint(
        "CHECK (interval_days BETWEEN 1 AND 3650)",
        "An interval is a number of days from 1 to 3,650.",
    )
