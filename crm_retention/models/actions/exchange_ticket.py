from odoo import models
from odoo.tools import format_date


class RetentionRewardExchange(models.Model):
    """Rewards in one line each, for those who work on the customer's tickets."""

    _inherit = "retention.reward.exchange"

    def _retention_say_promise(self):
        """Say which reward waits to be used, and until when."""
        self.ensure_one()
        if not self.expires_on:
            return self.env._("%s, not used yet", self.reward_id.name)
        return self.env._(
            "%(reward)s, not used yet, valid until %(date)s",
            reward=self.reward_id.name,
            date=format_date(self.env, self.expires_on),
        )
