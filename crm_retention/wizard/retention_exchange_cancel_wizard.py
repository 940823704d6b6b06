from odoo import fields, models


class RetentionExchangeCancelWizard(models.TransientModel):
    """Staff take back a reward that was not used, and say why."""

    _name = "retention.exchange.cancel.wizard"
    _description = "Cancel an Exchange"

    exchange_id = fields.Many2one(
        comodel_name="retention.reward.exchange", required=True, readonly=True
    )
    points = fields.Integer(related="exchange_id.points")
    return_policy = fields.Selection(related="exchange_id.reward_id.return_policy")
    reason = fields.Char(required=True)

    def action_apply(self):
        """Cancel it."""
        self.ensure_one()
        self.exchange_id._check_may_change()
        # sudo: exchanges are written by these methods only; checked above
        self.exchange_id.sudo()._cancel(self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
