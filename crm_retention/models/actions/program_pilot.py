from odoo import models
from odoo.fields import Command

# what goes by the tiers that it names
BY_TIERS = (
    "retention.contact.policy",
    "retention.cap",
    "retention.campaign",
    "retention.points.event",
    "retention.reward",
)


class RetentionProgram(models.Model):
    """Customers in a pilot keep what is named by the tiers of their program."""

    _inherit = "retention.program"

    def _start_pilot(self):
        result = super()._start_pilot()
        self._name_tiers()
        return result

    def _name_tiers(self):
        """Name the pilot's tiers wherever those they stand for are named."""
        stands_for = {tier.origin_id: tier for tier in self.tier_ids if tier.origin_id}
        for model in BY_TIERS:
            rules = self.env[model].with_context(active_test=False)
            for origin, tier in stands_for.items():
                found = rules.search([("tier_ids", "in", origin.ids)])
                found.write({"tier_ids": [Command.link(tier.id)]})

    def _end_pilot(self, reason):
        result = super()._end_pilot(reason)
        tiers = self.tier_ids
        for model in BY_TIERS:
            rules = self.env[model].with_context(active_test=False)
            found = rules.search([("tier_ids", "in", tiers.ids)])
            found.write({"tier_ids": [Command.unlink(tier.id) for tier in tiers]})
        return result
