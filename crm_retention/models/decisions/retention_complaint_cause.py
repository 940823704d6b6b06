from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RetentionComplaintCause(models.Model):
    """Why customers complain, as a tree; what measures and analyses go by."""

    _name = "retention.complaint.cause"
    _description = "Cause of Complaints"
    _parent_store = True
    _order = "sequence, name, id"
    _rec_name = "complete_name"
    _rec_names_search = ["name", "parent_id.name"]
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        ondelete="cascade",
        help="Empty: all companies share it.",
    )
    parent_id = fields.Many2one(
        comodel_name="retention.complaint.cause",
        string="Part of",
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many(
        comodel_name="retention.complaint.cause",
        inverse_name="parent_id",
        string="Parts",
    )
    complete_name = fields.Char(
        string="Cause",
        compute="_compute_complete_name",
        recursive=True,
    )
    guidance = fields.Text(
        translate=True,
        help="What an agent should ask and offer; shown on the complaint.",
    )

    @api.depends("name", "parent_id.complete_name")
    @api.depends_context("lang")
    def _compute_complete_name(self):
        for cause in self:
            names = (cause.parent_id.complete_name, cause.name)
            cause.complete_name = " / ".join(filter(None, names))

    @api.constrains("parent_id")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A cause cannot be a part of itself: choose another one.")
            )
