from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.tools import SQL

BATCH = 10_000  # rows a call: the job calls again as long as some remain


class RetentionRun(models.Model):
    """What is forgotten when its time is over, night by night, company by company."""

    _inherit = "retention.run"

    @api.autovacuum
    def _gc_events(self):
        """Remove visits, logins and uses that are older than the company keeps."""
        return self._forget_old("retention_event", "moment", "retention_keep_events")

    @api.autovacuum
    def _gc_decisions(self):
        """Remove old lines of why something was sent or not."""
        return self._forget_old(
            "retention_decision", "decided_at", "retention_keep_decisions"
        )

    @api.autovacuum
    def _gc_notes(self):
        """Empty the texts of old contacts; that there was a contact stays."""
        done = 0
        for company, before in self._get_limits("retention_keep_notes"):
            self.env.cr.execute(
                SQL(
                    """UPDATE retention_touch SET note = NULL
                        WHERE id IN (
                              SELECT id FROM retention_touch
                               WHERE company_id = %s AND done_at < %s
                                 AND state <> 'planned' AND note IS NOT NULL
                               LIMIT %s)""",
                    company.id,
                    before,
                    BATCH,
                )
            )
            done = max(done, self.env.cr.rowcount)
        self.env["retention.touch"].invalidate_model(["note"])
        return done, done == BATCH

    @api.model
    def _forget_old(self, table, column, setting):
        """Remove rows older than the companies keep; (removed, whether some remain)."""
        done = 0
        for company, before in self._get_limits(setting):
            self.env.cr.execute(
                SQL(
                    """DELETE FROM %(table)s WHERE id IN (
                         SELECT id FROM %(table)s
                          WHERE company_id = %(company)s AND %(column)s < %(before)s
                          LIMIT %(limit)s)""",
                    table=SQL.identifier(table),
                    column=SQL.identifier(column),
                    company=company.id,
                    before=before,
                    limit=BATCH,
                )
            )
            done = max(done, self.env.cr.rowcount)
        self.env[table.replace("_", ".")].invalidate_model()
        return done, done == BATCH

    @api.model
    def _get_limits(self, setting):
        """Yield (company, UTC moment before which nothing is kept) where one is set."""
        self.env.flush_all()
        for company in self.env["res.company"].search([(setting, ">", 0)]):
            day = company._retention_today() - relativedelta(months=company[setting])
            yield company, company._retention_day_bounds(day, day)[0]
