from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import SQL


class RetentionPointsAccount(models.Model):
    """What people wrote about a customer goes when he is to be forgotten."""

    _inherit = "retention.points.account"

    def action_forget(self):
        """Blank every text written into these accounts; the numbers stay.

        For managers, when a customer asks to be forgotten: books must be kept, but
        they need no names. What cannot be undone is asked for twice by the screen.
        """
        if not self.env.user.has_group("crm_retention.group_retention_manager"):
            raise AccessError(self.env._("Only managers blank what was written."))
        self.check_access("read")
        # sudo: managers write no ledger; what is blanked, the database itself guards
        self.sudo()._forget()
        return True

    def _forget(self):
        """Blank reasons of entries and extensions, and what the accounts were noted."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE retention_points_entry SET reason = ''"
                " WHERE account_id = ANY(%s) AND reason IS NOT NULL",
                self.ids,
            )
        )
        self.env.cr.execute(
            SQL(
                """UPDATE retention_points_extension SET reason = ''
                    WHERE reason IS NOT NULL AND award_id IN (
                          SELECT id FROM retention_points_award
                           WHERE account_id = ANY(%s))""",
                self.ids,
            )
        )
        self.env["retention.points.entry"].invalidate_model(["reason"])
        self.env["retention.points.extension"].invalidate_model(["reason"])
        self.message_ids.unlink()
        self.activity_ids.unlink()
