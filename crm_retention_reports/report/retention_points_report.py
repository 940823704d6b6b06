from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.crm_retention.models.actions.retention_points_entry import KINDS

from .people import get_visible_people
from .points_sql import EXPIRY, FATE
from .scope import FEW

FATES = [
    ("given", "Given"),
    ("spent", "Spent"),
    ("expired", "Expired"),
    ("back", "Taken Back"),
    ("moved", "Moved to Another Account"),
]
# measures that are quotients of sums: never the mean of the rows' quotients
SHARES = {"spent_share:avg": "spent", "expired_share:avg": "expired"}


class RetentionPointsReport(models.Model):
    """What became of points: a row for what was given, and one for every draw on it.

    Read only, over awards and allocations. Of any award, and so of any sum: given =
    spent + expired + taken back + moved + left. Money is at today's worth of a point,
    in the currency of the company.
    """

    _name = "retention.points.report"
    _inherit = ["retention.customer.report"]
    _description = "Points Analysis"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    program_id = fields.Many2one(comodel_name="retention.points.program", readonly=True)
    account_id = fields.Many2one(comodel_name="retention.points.account", readonly=True)
    entry_id = fields.Many2one(
        comodel_name="retention.points.entry",
        string="Booked by",
        readonly=True,
        help="The entry that gave these points or drew on them.",
    )
    fate = fields.Selection(selection=FATES, string="What Happened", readonly=True)
    kind = fields.Selection(
        selection=KINDS,
        string="Given as",
        readonly=True,
        help="How the points came into the account.",
    )
    date = fields.Date(readonly=True, help="The day it counts for.")
    expires_on = fields.Date(
        readonly=True,
        help="Of the points that were given. Empty: they never expire, or are used up "
        "and would have lived as long as the customer was active.",
    )
    given = fields.Integer(readonly=True)
    spent = fields.Integer(readonly=True, help="What was given back is deducted.")
    expired = fields.Integer(readonly=True)
    taken_back = fields.Integer(
        readonly=True, help="Because purchases were returned, or by correction."
    )
    moved = fields.Integer(
        string="Moved Away",
        readonly=True,
        help="To the account of the contact that this one was merged with.",
    )
    remaining = fields.Integer(string="Left", readonly=True)
    pending = fields.Integer(
        readonly=True, help="Of what is left: the time for returns is not over."
    )
    liability = fields.Monetary(
        string="Owed", readonly=True, help="What is left, at today's worth of a point."
    )
    cost = fields.Monetary(
        string="Cost of What Was Spent",
        readonly=True,
        help="Points spent, at today's worth of a point.",
    )
    is_over = fields.Boolean(
        string="Time Is Over",
        readonly=True,
        help="Their day of expiry is over: nothing can happen to them any more.",
    )
    spent_share = fields.Float(
        string="Redemption (%)",
        readonly=True,
        aggregator="avg",
        help="Of points whose time is over, the share that was spent, after what was "
        "taken back. Of younger points nothing is known yet.",
    )
    expired_share = fields.Float(
        string="Breakage (%)",
        readonly=True,
        aggregator="avg",
        help="Of points whose time is over, the share that expired, after what was "
        "taken back. Of younger points nothing is known yet.",
    )

    _depends = {
        "retention.points.account": ["program_id", "partner_id", "active_on"],
        "retention.points.allocation": ["entry_id", "award_id", "points"],
        "retention.points.award": ["entry_id", "account_id", "remaining", "expires_on"],
        "retention.points.entry": ["kind", "points", "date", "reverses_id"],
        "retention.points.program": ["point_value", "expiry_model", "expiry_months"],
        "retention.profile": ["partner_id", "company_id", "tier_id", "segment_id"],
        "res.company": ["currency_id"],
        "res.partner": ["user_id", "industry_id", "country_id", "state_id"],
        "res.users": ["sale_team_id"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL("%s %s", self._select(), self._from())

    def _select(self) -> SQL:
        return SQL(
            """
            SELECT part.id, part.fate, part.date, part.entry_id, given.kind,
                   part.account_id, part.partner_id, part.company_id,
                   part.program_id, part.expires_on, %(sums)s, part.remaining,
                   CASE WHEN part.state = 'pending' THEN part.remaining ELSE 0 END
                     AS pending,
                   part.remaining * worth.value AS liability,
                   CASE WHEN part.fate = 'spent'
                        THEN part.points * worth.value ELSE 0 END AS cost,
                   0 AS spent_share, 0 AS expired_share,
                   COALESCE(part.expires_on < %(today)s, FALSE) AS is_over, %(customer)s
            """,
            sums=SQL(", ").join(
                SQL(
                    "CASE WHEN part.fate = %s THEN part.points ELSE 0 END AS %s",
                    fate,
                    SQL.identifier({"back": "taken_back"}.get(fate, fate)),
                )
                for fate, _label in FATES
            ),
            today=SQL("(now() AT TIME ZONE COALESCE(calendar.tz, 'UTC'))::date"),
            customer=self._customer_columns(),
        )

    def _from(self) -> SQL:
        """Join from the left what only some columns need: left out where none does."""
        return SQL(
            """
              FROM (%(given)s UNION ALL %(draws)s) part
              LEFT JOIN retention_points_entry given ON given.id = part.given_id
              LEFT JOIN (%(worth)s) worth ON worth.program_id = part.program_id
              %(joins)s
              LEFT JOIN resource_calendar calendar
                ON calendar.id = company.resource_calendar_id
            """,
            given=self._select_given(),
            draws=self._select_draws(),
            worth=self._select_worth(),
            joins=self._customer_joins("part"),
        )

    def _select_given(self) -> SQL:
        """The day of expiry is known in here: a filter by it is applied first."""
        return SQL(
            """SELECT award.id::bigint * 2 AS id, award.account_id, account.partner_id,
                      account.company_id, account.program_id,
                      award.entry_id AS given_id, e.id AS entry_id, 'given' AS fate,
                      e.points, e.date, %s AS expires_on, award.remaining, award.state
                 FROM retention_points_award award
                 JOIN retention_points_account account
                   ON account.id = award.account_id
                 JOIN retention_points_program program
                   ON program.id = account.program_id
                 JOIN retention_points_entry e ON e.id = award.entry_id""",
            EXPIRY,
        )

    def _select_draws(self) -> SQL:
        """What is owed is drawn from points that come later, on their day."""
        return SQL(
            """SELECT draw.id::bigint * 2 + 1, own.account_id, account.partner_id,
                      account.company_id, account.program_id, own.entry_id, e.id, %s,
                      draw.points, GREATEST(e.date, born.date), own.expires_on, 0,
                      NULL
                 FROM retention_points_allocation draw
                 JOIN retention_points_award own ON own.id = draw.award_id
                 JOIN retention_points_account account ON account.id = own.account_id
                 JOIN retention_points_entry e ON e.id = draw.entry_id
                 LEFT JOIN retention_points_entry born ON born.id = own.entry_id""",
            FATE,
        )

    def _select_worth(self) -> SQL:
        """Return what a point of each program is worth today, as rows."""
        values = [
            SQL("(%s::integer, %s::numeric)", program_id, value)
            for program_id, value in self._get_worths().items()
        ]
        if not values:
            return SQL("SELECT 0 AS program_id, 0::numeric AS value WHERE FALSE")
        return SQL(
            "SELECT * FROM (VALUES %s) known (program_id, value)",
            SQL(", ").join(values),
        )

    @api.model
    def _get_worths(self):
        """Return ``{program id: worth of a point in the currency of its company}``."""
        # sudo: a point is worth the same whoever looks; rules hold for the rows
        programs = self.env["retention.points.program"].sudo()
        return {
            program.id: program.point_value
            * program.currency_id._get_conversion_rate(
                program.currency_id,
                program.company_id.currency_id,
                program.company_id,
                program.company_id._retention_today(),
            )
            for program in programs.with_context(active_test=False).search([])
        }

    @api.model
    def _search(self, domain, *args, **options):
        """Name the accounts of a reader who has few.

        What a record rule lets a salesperson read, the database takes for most of all
        points, and then reads everything.
        """
        if not self.env.su and self.has_access("read"):
            accounts = self._get_few_accounts()
            if accounts is not None:
                domain = Domain(domain) & Domain("account_id", "in", accounts)
        return super()._search(domain, *args, **options)

    @api.model
    def _reads_groups_apart(self):
        return self._get_few_accounts() is not None

    @api.model
    def _get_few_accounts(self):
        """Return the ids of the accounts that the reader may see; None: many."""
        if get_visible_people(self.env) is None:
            return None
        accounts = self.env["retention.points.account"]
        found = accounts.with_context(active_test=False).search([], limit=FEW + 1).ids
        return found if len(found) <= FEW else None

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec not in SHARES:
            return super()._read_group_select(aggregate_spec, query)
        column = {
            name: self._field_to_sql(self._table, name, query)
            for name in ("is_over", "given", "taken_back", "moved", "spent", "expired")
        }
        return SQL(
            """100.0 * SUM(%(part)s) FILTER (WHERE %(is_over)s)
               / NULLIF(SUM(%(given)s - %(taken_back)s - %(moved)s)
                        FILTER (WHERE %(is_over)s), 0)""",
            part=column[SHARES[aggregate_spec]],
            **column,
        )

    def action_open_account(self):
        """Open the account that these points are or were in."""
        self.ensure_one()
        return self.account_id.get_formview_action()
