from odoo import api, fields, models

KINDS = [
    ("earn", "Earned"),
    ("redeem", "Spent"),
    ("expire", "Expired"),
    ("reverse", "Reversed"),
    ("adjust", "Adjusted"),
    ("transfer", "Moved"),
    ("opening", "Taken over"),
]


class RetentionPointsEntry(models.Model):
    """One change of an account: what, how many points, why, from which document.

    Never changed, never removed. A mistake is put right by another entry that says
    which one it reverses.
    """

    _name = "retention.points.entry"
    _description = "Points Entry"
    _inherit = ["retention.points.guarded"]
    _order = "id desc"
    _rec_name = "reason"
    _log_access = False
    _guarded_blank = ("create_uid", "reason")

    account_id = fields.Many2one(
        comodel_name="retention.points.account",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    program_id = fields.Many2one(related="account_id.program_id")
    company_id = fields.Many2one(related="account_id.company_id")
    currency_id = fields.Many2one(related="account_id.program_id.currency_id")
    kind = fields.Selection(selection=KINDS, required=True, readonly=True)
    points = fields.Integer(required=True, readonly=True)
    balance_after = fields.Integer(
        string="Balance", readonly=True, aggregator=None, help="After this entry."
    )
    date = fields.Date(required=True, readonly=True, help="The day it counts for.")
    amount = fields.Monetary(
        readonly=True,
        help="What the points were given for, or bought, in the program's currency.",
    )
    key = fields.Char(
        required=True,
        readonly=True,
        help="Names the event: it is posted once, however often it is told.",
    )
    payload_hash = fields.Char(required=True, readonly=True)
    res_model = fields.Char(string="Document Model", readonly=True)
    res_id = fields.Many2oneReference(
        string="Document", model_field="res_model", readonly=True
    )
    reverses_id = fields.Many2one(
        comodel_name="retention.points.entry",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    reversed_by_ids = fields.One2many(
        comodel_name="retention.points.entry", inverse_name="reverses_id"
    )
    campaign_id = fields.Many2one(
        comodel_name="retention.campaign",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The campaign that gave these points beside the ordinary ones.",
    )
    available_on = fields.Date(
        readonly=True, help="From this day on it can be spent. Empty: at once."
    )
    expires_on = fields.Date(
        readonly=True,
        help="As it was posted; an extension is kept with the award.",
    )
    reason = fields.Char(readonly=True)
    create_uid = fields.Many2one(
        comodel_name="res.users",
        string="By",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    create_date = fields.Datetime(string="Posted", readonly=True)
    allocation_ids = fields.One2many(
        comodel_name="retention.points.allocation", inverse_name="entry_id"
    )
    award_ids = fields.One2many(
        comodel_name="retention.points.award", inverse_name="entry_id"
    )

    _key_unique = models.UniqueIndex("(key)", "This event has been posted before.")
    _not_zero = models.Constraint("CHECK (points <> 0)", "An entry moves points.")
    _adjusted_with_reason = models.Constraint(
        "CHECK (kind <> 'adjust' OR reason IS NOT NULL)",
        "An adjustment needs a reason.",
    )
    _account_idx = models.Index("(account_id, id)")
    _origin_idx = models.Index("(res_id, res_model) WHERE res_id IS NOT NULL")

    @api.depends("kind", "points", "account_id")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = f"{entry.points:+d} {entry.account_id.point_name}"
