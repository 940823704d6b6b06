from odoo import api, models
from odoo.fields import Domain

from .retention_run import KEEP_DAYS


class RetentionRun(models.Model):
    """What people ask of the evaluation, and what is forgotten of it."""

    _inherit = "retention.run"

    @api.model
    def action_recalculate_all(self, companies=None):
        """Plan a full pass for ``companies`` (default: the active ones); start it.

        Customers are also compared anew, whatever the day.
        """
        self.env["retention.program"].check_access("write")
        companies = companies or self.env.companies
        # sudo: runs are written by the job only; the right was checked above
        runs = self.sudo()
        busy = runs.search(
            [
                ("company_id", "in", companies.ids),
                ("kind", "=", "full"),
                ("state", "in", ("todo", "running")),
            ]
        ).company_id
        for company in companies - busy:
            runs._plan(company, "full", company._retention_today())
        companies.retention_program_ids._ask_comparison()
        self._wake()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "All customers are compared and judged anew in the background. The "
                    "progress stands under Configuration / Runs."
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    @api.model
    def _wake(self):
        """Have the job start at once instead of at its next quarter of an hour."""
        # sudo: the job's record belongs to the administrator
        self.env.ref("crm_retention.ir_cron_keep_current").sudo()._trigger()

    def action_retry(self):
        """Plan failed runs again."""
        self.env["retention.program"].check_access("write")
        # sudo: runs are written by the job only; the right was checked above
        failed = self.sudo().filtered(lambda run: run.state == "failed")
        for run in failed:
            failed |= run._get_later_steps()
        failed.write(
            {"state": "todo", "attempts": 0, "message": False, "finished_at": False}
        )
        self._wake()

    @api.autovacuum
    def _gc_runs(self):
        """Forget old runs: quarter-hourly ones after two weeks, others after a year."""
        domain = Domain.OR(
            Domain("kind", "=", kind) & Domain("as_of", "<", f"today -{days}d")
            for kind, days in KEEP_DAYS.items()
        )
        self.search(domain & Domain("state", "in", ("done", "failed"))).unlink()
