from uuid import uuid4

from odoo import api, fields, models


class RetentionExchangeWizard(models.TransientModel):
    """Staff exchange a customer's points for a reward, on his wish."""

    _name = "retention.exchange.wizard"
    _description = "Exchange Points"

    # made once, when the dialog opens: pressing twice exchanges once
    key = fields.Char(default=lambda self: str(uuid4()), required=True)
    account_id = fields.Many2one(
        comodel_name="retention.points.account", required=True, readonly=True
    )
    program_id = fields.Many2one(related="account_id.program_id")
    currency_id = fields.Many2one(related="account_id.program_id.currency_id")
    point_name = fields.Char(related="account_id.point_name")
    available = fields.Integer(related="account_id.available")
    reward_id = fields.Many2one(
        comodel_name="retention.reward",
        required=True,
        domain="[('program_id', '=', program_id)]",
    )
    is_any_amount = fields.Boolean(related="reward_id.is_any_amount")
    amount = fields.Monetary()
    cost = fields.Integer(compute="_compute_cost")
    available_after = fields.Integer(
        string="Available Afterwards", compute="_compute_cost"
    )
    reason = fields.Char(string="Not Possible", compute="_compute_cost")

    @api.onchange("reward_id")
    def _onchange_reward_id(self):
        self.amount = self.reward_id.amount

    @api.depends("reward_id", "amount", "account_id")
    def _compute_cost(self):
        for wizard in self:
            wizard.cost = 0
            wizard.available_after = wizard.available
            wizard.reason = False
            reward, account = wizard.reward_id, wizard.account_id
            if reward and account:
                wizard.cost, wizard.reason = reward._preview(account, wizard.amount)
                wizard.available_after = wizard.available - wizard.cost

    def action_apply(self):
        """Exchange, and show what was handed out."""
        self.ensure_one()
        self.env["retention.touch"]._check_may_act()
        self.account_id.check_access("read")
        exchange = self.reward_id._exchange(self.account_id, self.key, self.amount)
        return exchange.with_env(self.env)._get_records_action()
