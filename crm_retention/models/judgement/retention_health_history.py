from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import health
from .score_columns import columns

KEEP_MONTHS = 36
BATCH = 50_000
PARTS = tuple(f"health_{name}" for name in health.PARTS)
TAKEN = ("health", "quiet_risk", *PARTS)


class RetentionHealthHistory(models.Model):
    """How a customer was at the beginning of a month: one narrow row each."""

    _name = "retention.health.history"
    _description = "Health by Month"
    _order = "day desc, id desc"
    _rec_name = "partner_id"
    _log_access = False
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    month = fields.Date(required=True, readonly=True, help="Its first day.")
    day = fields.Date(string="Judged on", required=True, readonly=True)
    health = fields.Integer(readonly=True, aggregator="avg")
    quiet_risk = fields.Integer(
        string="Probably No Purchase (%)", readonly=True, aggregator="avg"
    )
    health_purchases = fields.Integer(
        string="Purchases", readonly=True, aggregator="avg"
    )
    health_contact = fields.Integer(string="Contact", readonly=True, aggregator="avg")
    health_service = fields.Integer(string="Service", readonly=True, aggregator="avg")
    health_satisfaction = fields.Integer(
        string="Satisfaction", readonly=True, aggregator="avg"
    )
    health_payment = fields.Integer(string="Payment", readonly=True, aggregator="avg")
    health_use = fields.Integer(
        string="Visits and Use", readonly=True, aggregator="avg"
    )

    _month_unique = models.UniqueIndex(
        "(partner_id, company_id, month)", "One row a customer and month."
    )

    @api.model
    def _take(self, company, as_of):
        """Keep how everybody is now, if this month has not been kept yet.

        :return: how many rows were added.
        """
        month = as_of.replace(day=1)
        if self.search_count(
            [("company_id", "=", company.id), ("month", "=", month)], limit=1
        ):
            return 0
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO retention_health_history
                  (partner_id, company_id, month, day, %(columns)s)
                SELECT partner_id, company_id, %(month)s, %(day)s, %(columns)s
                  FROM retention_profile
                 WHERE company_id = %(company)s AND health IS NOT NULL
                ON CONFLICT (partner_id, company_id, month) DO NOTHING
                """,
                columns=columns(TAKEN),
                month=month,
                day=as_of,
                company=company.id,
            )
        )
        return self.env.cr.rowcount

    @api.model
    def _merge(self, sources, target):
        """Leave one row a company and month: the target's, else of one source."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM retention_health_history gone
                 USING retention_health_history kept
                 WHERE gone.partner_id = ANY(%(sources)s)
                   AND kept.company_id = gone.company_id AND kept.month = gone.month
                   AND (kept.partner_id = %(target)s
                        OR kept.partner_id = ANY(%(sources)s) AND kept.id < gone.id)
                """,
                sources=(sources - target).ids,
                target=target.id,
            )
        )
        self.invalidate_model()

    @api.autovacuum
    def _gc_months(self):
        """Forget what is older than three years."""
        before = fields.Date.today() - relativedelta(months=KEEP_MONTHS)
        rows = self.search([("month", "<", before)], limit=BATCH, order="month, id")
        rows.unlink()
        return len(rows), len(rows) == BATCH
