from odoo import fields, models


class RetentionPointsExtension(models.Model):
    """That an award was given a later expiry: from, to, by whom, why."""

    _name = "retention.points.extension"
    _description = "Points Extension"
    _inherit = ["retention.points.guarded"]
    _order = "id desc"
    _rec_name = "reason"
    _log_access = False
    _guarded_blank = ("create_uid", "reason")

    award_id = fields.Many2one(
        comodel_name="retention.points.award",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    account_id = fields.Many2one(related="award_id.account_id")
    date_before = fields.Date(readonly=True)
    date_after = fields.Date(readonly=True)
    entry_id = fields.Many2one(
        comodel_name="retention.points.entry",
        readonly=True,
        ondelete="restrict",
        help="The points given back that needed it; empty: a person extended it.",
    )
    reason = fields.Char(readonly=True)
    create_uid = fields.Many2one(
        comodel_name="res.users", string="By", readonly=True, ondelete="set null"
    )
    create_date = fields.Datetime(string="When", readonly=True)
