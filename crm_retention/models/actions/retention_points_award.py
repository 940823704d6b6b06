from odoo import api, fields, models
from odoo.exceptions import UserError

STATES = [
    ("pending", "Pending"),
    ("open", "Available"),
    ("used", "Used up"),
    ("expired", "Expired"),
]


class RetentionPointsAward(models.Model):
    """How an entry that gave points stands today: what is left, and until when.

    Nothing here is known from here alone: entries, allocations and extensions say
    the same (:meth:`_rebuild`).
    """

    _name = "retention.points.award"
    _description = "Points Award"
    _inherit = ["retention.points.kept"]
    _order = "expires_on, id"
    _rec_name = "entry_id"
    _log_access = False

    entry_id = fields.Many2one(
        comodel_name="retention.points.entry",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    account_id = fields.Many2one(
        comodel_name="retention.points.account",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    program_id = fields.Many2one(related="account_id.program_id")
    company_id = fields.Many2one(related="account_id.company_id")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    points = fields.Integer(related="entry_id.points", string="Given")
    reason = fields.Char(related="entry_id.reason")
    date = fields.Date(related="entry_id.date", string="Earned")
    remaining = fields.Integer(string="Left", readonly=True)
    state = fields.Selection(selection=STATES, required=True, readonly=True)
    available_on = fields.Date(readonly=True)
    expires_on = fields.Date(readonly=True, help="Empty: never.")
    extension_ids = fields.One2many(
        comodel_name="retention.points.extension", inverse_name="award_id"
    )

    _entry_unique = models.UniqueIndex("(entry_id)", "An entry makes one award.")
    _remaining_sane = models.Constraint(
        "CHECK (remaining >= 0)", "No more can be drawn from an award than it has."
    )
    _left_idx = models.Index("(account_id) WHERE remaining > 0")
    _expires_idx = models.Index("(expires_on) WHERE state = 'open'")
    _available_idx = models.Index("(available_on) WHERE state = 'pending'")

    @api.model
    def _refuse_change(self):
        raise UserError(
            self.env._(
                "Awards follow their entries. To keep points longer, use “Extend”."
            )
        )
