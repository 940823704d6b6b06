from odoo import models
from odoo.exceptions import AccessError

MANAGER = "crm_retention.group_retention_manager"


class RetentionServiceTarget(models.Model):
    """What holds from now on, also for tickets that are open already."""

    _inherit = "retention.service.target"

    def action_apply_again(self):
        """Take the targets of now for all open tickets of the companies at work."""
        if not self.env.user.has_group(MANAGER):
            raise AccessError(
                self.env._("Only retention managers apply targets to open tickets.")
            )
        # sudo: a manager of targets need not read every ticket
        tickets = self.env["helpdesk.ticket"].sudo()
        tickets = tickets.search(
            [
                ("company_id", "in", self.env.companies.ids),
                ("stage_id.closed", "=", False),
            ]
        )
        return tickets._retention_apply_again()
