from odoo import api, fields, models
from odoo.exceptions import UserError


class RetentionReferralWizard(models.TransientModel):
    """Staff record that a customer brought somebody in."""

    _name = "retention.referral.wizard"
    _description = "Record a Referral"

    account_id = fields.Many2one(
        comodel_name="retention.points.account", required=True, readonly=True
    )
    friend_id = fields.Many2one(
        comodel_name="res.partner", required=True, help="The new customer."
    )
    refusal = fields.Char(string="Will Be Refused", compute="_compute_refusal")

    @api.depends("friend_id", "account_id")
    def _compute_refusal(self):
        for wizard in self:
            wizard.refusal = False
            if wizard.friend_id and wizard.account_id:
                # sudo: only whether they are the same, not what they have
                Referral = self.env["retention.referral"].sudo()
                reason = Referral._find_refusal(
                    wizard.account_id.sudo(), wizard.friend_id.sudo()
                )
                wizard.refusal = reason and Referral._say_refusal(reason)

    def action_apply(self):
        """Record it, and show what became of it."""
        self.ensure_one()
        self.env["retention.touch"]._check_may_act()
        self.account_id.check_access("read")
        if not self.account_id.program_id.has_referral:
            raise UserError(
                self.env._("The points program gives nothing for bringing friends.")
            )
        referral = self.env["retention.referral"]._record(
            self.account_id, self.friend_id, "staff"
        )
        return referral.with_env(self.env)._get_records_action()
