from odoo import fields, models


class RetentionPointsAllocation(models.Model):
    """That an entry drew points from an award, or (below 0) gave some back to it."""

    _name = "retention.points.allocation"
    _description = "Points Allocation"
    _inherit = ["retention.points.guarded"]
    _order = "id"
    _rec_name = "entry_id"
    _log_access = False

    entry_id = fields.Many2one(
        comodel_name="retention.points.entry",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    award_id = fields.Many2one(
        comodel_name="retention.points.award",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    points = fields.Integer(required=True, readonly=True)

    _not_zero = models.Constraint("CHECK (points <> 0)", "An allocation moves points.")
