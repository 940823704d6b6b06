from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

LATE_DAYS = 2


class RetentionRun(models.Model):
    """What the first page says of the evaluation, to who may read runs."""

    _inherit = "retention.run"

    @api.model
    def _today_banner(self):
        """Return what is under way, failed or overdue in this company, or False."""
        if not self.has_access("read"):
            return False
        company = Domain("company_id", "=", self.env.company.id)
        *_others, final = self._get_steps()
        last = self.search(
            company & Domain("step", "=", final) & Domain("state", "=", "done"),
            limit=1,
        )
        rows = self.search(company & Domain("id", ">", last.id or 0), order="id")
        failed = rows.filtered(lambda run: run.state == "failed")
        at_work = rows.filtered(lambda run: run.kind != "light")
        if failed:
            return self._banner("failed", failed[0].message, failed[0])
        if at_work:
            part = sum(at_work.mapped("progress")) // len(at_work)
            started = any(run.state != "todo" for run in at_work)
            text = (
                self.env._("Customers are being judged: %s %% done.", part)
                if started
                else self.env._("An evaluation of all customers waits for its turn.")
            )
            kind = "running" if started else "waiting"
            progress = started and part  # an empty bar would look broken
            return self._banner(kind, text, at_work[0]) | {"progress": progress}
        return self._banner_of_late(last)

    @api.model
    def _banner_of_late(self, last):
        """Say so if the nightly job has not run for days."""
        today = self.env.company._retention_today()
        night = self._get_last(self.env.company, ("night", "full"))
        if not night or (today - night.as_of).days < LATE_DAYS:
            return False
        text = self.env._(
            "Nobody was judged since %s: the scheduled job does not run.",
            format_date(self.env, night.as_of),
        )
        return self._banner("late", text, night)

    @api.model
    def _banner(self, kind, text, run):
        return {"kind": kind, "text": text, "run_id": run.id, "progress": False}
