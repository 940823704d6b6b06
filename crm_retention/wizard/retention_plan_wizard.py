from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.facts.retention_touch import DEPTHS


class RetentionPlanWizard(models.TransientModel):
    """A person plans one contact with a customer, beside what the policies plan."""

    _name = "retention.plan.wizard"
    _description = "Plan a Contact"

    profile_id = fields.Many2one(
        comodel_name="retention.profile", required=True, ondelete="cascade"
    )
    channel_id = fields.Many2one(
        comodel_name="retention.channel",
        required=True,
        default=lambda self: self.env["retention.channel"].search([], limit=1),
    )
    due_date = fields.Date(
        string="When",
        required=True,
        default=lambda self: self.env.company._retention_today() + timedelta(days=1),
    )
    depth = fields.Selection(selection=DEPTHS)
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Who",
        required=True,
        domain="[('share', '=', False)]",
        default=lambda self: self.env.user,
    )
    reason = fields.Char(string="Why", required=True)

    def action_apply(self):
        """Plan it."""
        self.ensure_one()
        touches = self.env["retention.touch"]
        touches._check_may_act()
        self.profile_id.check_access("read")
        if self.due_date < self.env.company._retention_today():
            raise UserError(self.env._("Choose today or a later day."))
        # sudo: touches are written by methods only; the right was checked above
        touch = touches.sudo().create(
            {
                "partner_id": self.profile_id.partner_id.id,
                "company_id": self.profile_id.company_id.id,
                "channel_id": self.channel_id.id,
                "due_date": self.due_date,
                "depth": self.depth,
                "user_id": self.user_id.id,
                "reason": self.reason,
                "origin": "manual",
            }
        )
        if touch.due_date <= touch.company_id._retention_today():
            touch._create_activities()
        return {"type": "ir.actions.client", "tag": "soft_reload"}
