from odoo import models

from ...tools import points


class RetentionPointsProgram(models.Model):
    """What becomes of points that were taken back after they had been spent."""

    _inherit = "retention.points.program"

    def _follow_up(self, postings, done, today):
        """Do as the program's policy says with what these reversals made owed.

        And take back what was written off of those that are undone now.

        :param done: ``{key: entry id}`` of the postings.
        """
        self.ensure_one()
        reversals = [each for each in postings if each.kind == points.REVERSE]
        undone = {each.reverses_id: each for each in reversals if each.points > 0}
        taken = [done[each.key] for each in reversals if each.points < 0]
        # sudo: the job posts, whoever started it
        accounts = self.env["retention.points.account"].sudo()
        new = accounts._prepare_undo_write_off(undone)
        owed = accounts._get_owed(taken) if self.debt_policy != "debt" else []
        if self.debt_policy == "write_off":
            reason = self.env._("Written off: refunded after it was spent")
            new += accounts._prepare_write_off(owed, reason)
        elif owed:
            accounts.browse(sorted({row[1] for row in owed}))._ask_about_debt()
        if new:
            accounts._post(self, new, today)
