from odoo import models
from odoo.fields import Command


class RetentionPointsAward(models.Model):
    """What is promised, as people look at it."""

    _inherit = "retention.points.award"

    def action_extend(self):
        """Open the dialog that lets these points expire later."""
        return self.account_id._get_dialog(
            "extend", default_award_ids=[Command.set(self.ids)]
        )

    def action_open_account(self):
        """Open the account that these points are in."""
        self.ensure_one()
        return self.account_id.get_formview_action()
