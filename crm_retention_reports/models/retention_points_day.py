from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.crm_retention.models.actions.retention_points_account import (
    LongInteger,
)

from ..report.points_sql import BOOKED, OVER, SPENT, PointsSQL
from ..report.roi_sql import RewardSQL
from ..report.scope import Scope

BEGIN = date(1900, 1, 1)  # before any points


class RetentionPointsDay(models.Model):
    """What became of the points of all customers of a company, day by day.

    Counted from the ledger at the end of every night, for whoever sees all customers:
    the report on points need not read every entry then. Good for the day on which it
    was counted; a report that finds nothing of today reads the ledger.
    """

    _name = "retention.points.day"
    _description = "Points of a Day"
    _order = "day desc, id desc"
    _log_access = False

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    program_id = fields.Many2one(
        comodel_name="retention.points.program", readonly=True, ondelete="cascade"
    )
    basis = fields.Selection(
        selection=[
            (BOOKED, "Day of Booking"),
            (OVER, "Day of Expiry"),
            (SPENT, "Day of Spending"),
        ],
        required=True,
        readonly=True,
    )
    day = fields.Date(required=True, readonly=True)
    # of what was spent: the band of the tier held then, and whether on an order
    fate = fields.Char(string="What Happened", required=True, readonly=True)
    points = LongInteger(readonly=True)
    awards = fields.Integer(readonly=True)
    counted_on = fields.Date(required=True, readonly=True)

    _company_idx = models.Index("(company_id, basis, day)")

    @api.model
    def _count(self, company, basis):
        """Count the days of a company anew, up to yesterday.

        :param basis: which days, see :data:`report.points_sql.BASES`.
        """
        today = company._retention_today()
        # sudo: of all customers; who may read it is said by its access rights
        env = self.sudo().with_company(company).env
        scope = Scope(env, BEGIN, today - timedelta(days=1))
        if basis == BOOKED:
            select = PointsSQL(scope).flow_select()
        elif basis == OVER:
            select = PointsSQL(scope).over_select()
        else:
            select = RewardSQL(scope, scope.first, scope.last).spent_select()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE company_id = %s AND basis = %s",
                SQL.identifier(self._table),
                company.id,
                basis,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO %s (company_id, basis, counted_on, program_id, day, fate,
                                points, awards)
                SELECT %s, %s, %s, counted.* FROM (%s) counted
                """,
                SQL.identifier(self._table),
                company.id,
                basis,
                today,
                select,
            )
        )
        self.invalidate_model()

    @api.model
    def _get_kept(self, company, basis) -> SQL | None:
        """Return the rows of a basis as SQL; None: not counted today, or not for him.

        They say the same as the ledger does for days up to yesterday.
        """
        if not self.has_access("read"):
            return None
        kept = SQL(
            """(SELECT * FROM retention_points_day
                 WHERE company_id = %s AND basis = %s AND counted_on = %s)""",
            company.id,
            basis,
            company._retention_today(),
        )
        found = self.env.execute_query(SQL("SELECT FROM %s kept LIMIT 1", kept))
        return kept if found else None
