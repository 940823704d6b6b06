from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

FILL_FACTOR = 30  # every posting updates its account twice, in one transaction
# what postings alone write
LEDGER_FIELDS = frozenset(
    {
        "program_id",
        "partner_id",
        "balance",
        "pending",
        "debt",
        "version",
        "entry_count",
        "checksum",
        "active_on",
        "merged_into_id",
    }
)


class LongInteger(fields.Integer):
    """A whole number as long as the sum of what identifies entries gets."""

    _column_type = ("int8", "int8")


class RetentionPointsAccount(models.Model):
    """What one customer has in one points program.

    ``balance`` counts every entry, ``pending`` what may not be spent yet, ``debt``
    what was taken back after it had been spent. Available is balance less pending;
    below 0 it is the debt. All of it is written by :meth:`_post`, nobody sets it.
    """

    _name = "retention.points.account"
    _description = "Points Account"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "balance desc, id"
    _rec_name = "partner_id"
    _rec_names_search = ["partner_id"]
    _mail_post_access = "read"

    program_id = fields.Many2one(
        comodel_name="retention.points.program",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="program_id.company_id", store=True)  # rules
    point_name = fields.Char(related="program_id.point_name")
    active = fields.Boolean(related="partner_id.active")
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    balance = fields.Integer(readonly=True, help="All entries together.")
    pending = fields.Integer(
        readonly=True, help="Earned, but the time for returns is not over."
    )
    debt = fields.Integer(
        string="Owed",
        readonly=True,
        help="Taken back after it had been spent; the next points pay it.",
    )
    available = fields.Integer(
        compute="_compute_available",
        search="_search_available",
        help="What may be spent now. Below 0: owed.",
    )
    version = fields.Integer(readonly=True, aggregator=None)
    entry_count = fields.Integer(string="Entries", readonly=True)
    checksum = LongInteger(readonly=True, aggregator=None)
    active_on = fields.Date(
        string="Last Movement",
        readonly=True,
        help="When points were last earned or spent.",
    )
    merged_into_id = fields.Many2one(
        comodel_name="retention.points.account",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The contact was merged with another one: its points went there.",
    )
    entry_ids = fields.One2many(
        comodel_name="retention.points.entry", inverse_name="account_id"
    )
    award_ids = fields.One2many(
        comodel_name="retention.points.award", inverse_name="account_id"
    )

    _live_unique = models.UniqueIndex(
        "(program_id, partner_id) WHERE merged_into_id IS NULL",
        "A customer has one account in a program.",
    )
    _pending_sane = models.Constraint(
        "CHECK (pending >= 0)", "Pending points cannot be below 0."
    )
    _debt_sane = models.Constraint(
        "CHECK (debt >= 0 AND balance - pending + debt >= 0)",
        "More points would be spent than there are.",
    )

    def init(self):
        """Let updates find room on the page of the row that they replace."""
        self.env.cr.execute(
            SQL(
                "ALTER TABLE %s SET (fillfactor = %s)",
                SQL.identifier(self._table),
                SQL(str(FILL_FACTOR)),
            )
        )
        return super().init()

    @api.depends("balance", "pending")
    def _compute_available(self):
        for account in self:
            account.available = account.balance - account.pending

    def _search_available(self, operator, value):
        if operator not in ("=", "!=", "<", "<=", ">", ">=") or not isinstance(
            value, int | float
        ):
            return NotImplemented
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s - %s %s %s",
                SQL.identifier(alias, "balance"),
                SQL.identifier(alias, "pending"),
                SQL(operator),
                value,
            )
        )

    # nobody opens an account by hand: _open does, and does not ask the ORM
    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        raise UserError(
            self.env._("An account is opened by its first points, not by hand.")
        )

    def write(self, vals):
        if LEDGER_FIELDS & set(vals):
            raise UserError(
                self.env._(
                    "Points are moved by postings only. To correct an account, use "
                    "“Adjust”, with a reason."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(account.entry_count for account in self):
            raise UserError(self.env._("An account with entries cannot be deleted."))

    @api.model
    def _open(self, program, partner_ids):
        """Return ``{customer id: account id}`` in ``program``; open what is missing.

        :param partner_ids: ids of commercial partners.
        """
        ids = sorted(set(partner_ids))
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO retention_points_account
                       (program_id, partner_id, company_id, balance, pending, debt,
                        version, entry_count, checksum, create_uid, create_date)
                SELECT %(program)s, partner_id, %(company)s, 0, 0, 0, 0, 0, 0,
                       %(user)s, now() AT TIME ZONE 'UTC'
                  FROM unnest(%(partners)s::integer[]) partner_id
                 WHERE NOT EXISTS (SELECT FROM retention_points_account known
                                    WHERE known.program_id = %(program)s
                                      AND known.partner_id = partner_id.partner_id
                                      AND known.merged_into_id IS NULL)
                    ON CONFLICT DO NOTHING
                """,
                program=program.id,
                company=program.company_id.id,
                user=self.env.uid,
                partners=ids,
            )
        )
        self.invalidate_model()
        return self._get_live(program, ids)

    @api.model
    def _get_live(self, program, partner_ids):
        """Return ``{customer id: account id}`` of those who have one."""
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT partner_id, id FROM retention_points_account
                     WHERE program_id = %s AND partner_id = ANY(%s)
                       AND merged_into_id IS NULL
                    """,
                    program.id,
                    list(partner_ids),
                )
            )
        )
