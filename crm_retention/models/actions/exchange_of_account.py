from odoo import fields, models


class RetentionPointsAccount(models.Model):
    """What a customer got for his points, and whom he brought."""

    _inherit = "retention.points.account"

    reward_exchange_ids = fields.One2many(
        comodel_name="retention.reward.exchange",
        inverse_name="account_id",
        string="Rewards",
    )
    exchange_count = fields.Integer(compute="_compute_reward_counts")
    referral_count = fields.Integer(compute="_compute_reward_counts")

    def _compute_reward_counts(self):
        counts = {}
        for model in ("retention.reward.exchange", "retention.referral"):
            counts[model] = dict(
                self.env[model]._read_group(
                    [("account_id", "in", self.ids)], ["account_id"], ["__count"]
                )
            )
        for account in self:
            account.exchange_count = counts["retention.reward.exchange"].get(account, 0)
            account.referral_count = counts["retention.referral"].get(account, 0)

    def action_view_exchanges(self):
        """Open the rewards this customer got."""
        return self._open_own("crm_retention.retention_reward_exchange_action")

    def action_view_referrals(self):
        """Open the friends this customer brought."""
        return self._open_own("crm_retention.retention_referral_action")

    def _open_own(self, action):
        self.ensure_one()
        self.check_access("read")
        found = self.env["ir.actions.act_window"]._for_xml_id(action)
        return found | {"domain": [("account_id", "=", self.id)], "context": {}}


class RetentionPointsProgram(models.Model):
    """What can be had for the points of a program."""

    _inherit = "retention.points.program"

    reward_count = fields.Integer(compute="_compute_reward_count")

    def _compute_reward_count(self):
        counts = dict(
            self.env["retention.reward"]._read_group(
                [("program_id", "in", self.ids)], ["program_id"], ["__count"]
            )
        )
        for program in self:
            program.reward_count = counts.get(program, 0)

    def action_view_rewards(self):
        """Open the catalogue of this program."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_reward_action"
        )
        return action | {
            "domain": [("program_id", "=", self.id)],
            "context": {"default_program_id": self.id},
        }
