from odoo import fields, models


class RetentionCap(models.Model):
    """One rule of the guard: how often, when, and in which case nobody is contacted.

    All rules that fit hold together, the strictest wins. A limit of 0 or empty means
    that the rule limits nothing.
    """

    _name = "retention.cap"
    _description = "Contact Limit"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    kind = fields.Selection(
        selection=[
            ("rolling", "At most so many in a time"),
            ("gap", "A minimum time between two"),
            ("quiet", "Quiet hours"),
            ("closed", "Closed days"),
            ("complaint", "Pause while a complaint is open"),
        ],
        required=True,
        default="rolling",
    )
    most = fields.Integer(string="At Most", help="0: no limit.")
    window_hours = fields.Integer(
        string="In (hours)", default=168, help="A rolling time: 168 hours are a week."
    )
    quiet_from = fields.Float(string="Quiet from", default=20.0)
    quiet_to = fields.Float(string="Quiet until", default=8.0)
    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        ondelete="restrict",
        help="Whose days off are closed. Empty: the company's working hours.",
    )
    channel_ids = fields.Many2many(
        comodel_name="retention.channel",
        string="Channels",
        help="Empty: all of them together.",
    )
    band = fields.Selection(
        selection=[("high", "High"), ("middle", "Middle"), ("low", "Low")],
        help="Customers of this band. Empty: everybody.",
    )
    tier_ids = fields.Many2many(
        comodel_name="retention.tier", string="Tiers", check_company=True
    )
    obey_transactional = fields.Boolean(string="Transactional")
    obey_service = fields.Boolean(string="Service")
    obey_relationship = fields.Boolean(string="Relationship", default=True)
    obey_promotion = fields.Boolean(string="Promotion", default=True)
    count_transactional = fields.Boolean(string="Counts Transactional")
    count_service = fields.Boolean(string="Counts Service")
    count_relationship = fields.Boolean(string="Counts Relationship", default=True)
    count_promotion = fields.Boolean(string="Counts Promotion", default=True)
    when_capped = fields.Selection(
        selection=[
            ("defer", "Wait until it is allowed"),
            ("skip", "Leave it out this time"),
            ("person", "Hand it to a person"),
        ],
        required=True,
        default="defer",
    )
    defer_days = fields.Integer(
        string="Wait at Most (days)",
        default=14,
        help="Later than this it is left out.",
    )

    _sane = models.Constraint(
        """CHECK (most >= 0 AND window_hours >= 0 AND defer_days >= 0
            AND quiet_from >= 0 AND quiet_from < 24
            AND quiet_to >= 0 AND quiet_to < 24)""",
        "A limit, its hours and its days are numbers from 0 up; hours of the day are "
        "from 0:00 to 23:59.",
    )
