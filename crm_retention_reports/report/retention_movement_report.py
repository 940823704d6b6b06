from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_retention.models.judgement.retention_membership import (
    CAUSES,
    END_CAUSES,
)

DIRECTIONS = [
    ("new", "First tier"),
    ("up", "Up"),
    ("down", "Down"),
    ("same", "Same level"),
    ("program", "Other program"),
    ("left", "Left the tiers"),
]


class RetentionMovementReport(models.Model):
    """Every time a customer came into a tier or left the tiers: one row each.

    Read only, over the memberships. What came in minus what went out of a tier is
    what it holds today.
    """

    _name = "retention.movement.report"
    _inherit = ["retention.amounts"]
    _description = "Tier Movement"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    date = fields.Date(readonly=True)
    program_id = fields.Many2one(comodel_name="retention.program", readonly=True)
    previous_tier_id = fields.Many2one(
        comodel_name="retention.tier", string="From Tier", readonly=True
    )
    tier_id = fields.Many2one(
        comodel_name="retention.tier", string="To Tier", readonly=True
    )
    direction = fields.Selection(selection=DIRECTIONS, readonly=True)
    cause = fields.Selection(
        selection=[*CAUSES, *END_CAUSES, ("left", "No purchase counts any more")],
        readonly=True,
    )
    reason = fields.Char(readonly=True)
    revenue = fields.Monetary(
        string="Revenue at the Time",
        readonly=True,
        help="In the months that the program counts, up to the day of the movement, "
        "by the documents of today; refunds deducted.",
    )
    customer_count = fields.Integer(
        string="Customers",
        readonly=True,
        aggregator="count_distinct",
        help="Customers who moved, each counted once however often he moved.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        readonly=True,
        help="The customer's salesperson today.",
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales Team",
        readonly=True,
        help="The team of the customer's salesperson today.",
    )
    segment_id = fields.Many2one(
        comodel_name="retention.segment", string="Segment Today", readonly=True
    )
    industry_id = fields.Many2one(comodel_name="res.partner.industry", readonly=True)
    country_id = fields.Many2one(comodel_name="res.country", readonly=True)
    state_id = fields.Many2one(
        comodel_name="res.country.state", string="Region", readonly=True
    )

    _depends = {
        "retention.membership": [
            "partner_id",
            "company_id",
            "program_id",
            "tier_id",
            "previous_tier_id",
            "date_from",
            "date_to",
            "cause",
            "end_cause",
            "reason",
        ],
        "retention.program": ["window_months"],
        "retention.tier": ["program_id", "sequence"],
        "retention.transaction": ["partner_id", "company_id", "date", "amount"],
        "res.company": ["currency_id"],
        "res.partner": ["user_id", "industry_id", "country_id", "state_id"],
        "res.users": ["sale_team_id"],
        "retention.profile": ["partner_id", "company_id", "segment_id"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL("%s %s", self._select(), self._from())

    def _select(self) -> SQL:
        return SQL(
            """
            SELECT move.id, move.partner_id, move.partner_id AS customer_count,
                   move.company_id, company.currency_id, move.date, move.program_id,
                   move.previous_tier_id, move.tier_id, move.cause, move.reason,
                   %(direction)s AS direction, %(revenue)s AS revenue,
                   customer.user_id, customer.industry_id, customer.country_id,
                   customer.state_id, seller.sale_team_id AS team_id,
                   profile.segment_id
            """,
            direction=self._direction(),
            revenue=self._revenue(),
        )

    def _from(self) -> SQL:
        return SQL(
            """
              FROM (%s UNION ALL %s) move
              JOIN res_company company ON company.id = move.company_id
              LEFT JOIN res_partner customer ON customer.id = move.partner_id
              LEFT JOIN res_users seller ON seller.id = customer.user_id
              LEFT JOIN retention_profile profile
                ON profile.partner_id = move.partner_id
               AND profile.company_id = move.company_id
              LEFT JOIN retention_program program ON program.id = move.program_id
              LEFT JOIN retention_tier tier ON tier.id = move.tier_id
              LEFT JOIN retention_tier before ON before.id = move.previous_tier_id
            """,
            self._select_entries(),
            self._select_exits(),
        )

    def _select_entries(self) -> SQL:
        """A membership begins: from the tier before, if any, to its own."""
        return SQL(
            """
            SELECT id::bigint * 2 AS id, partner_id, company_id, program_id,
                   date_from AS date, previous_tier_id, tier_id, cause, reason
              FROM retention_membership
            """
        )

    def _select_exits(self) -> SQL:
        """A membership ends and no other follows from it."""
        return SQL(
            """
            SELECT ended.id::bigint * 2 + 1, ended.partner_id, ended.company_id,
                   ended.program_id, ended.date_to, ended.tier_id, NULL::integer,
                   COALESCE(ended.end_cause, 'left'), NULL
              FROM retention_membership ended
             WHERE ended.date_to IS NOT NULL
               AND NOT EXISTS (
                 SELECT FROM retention_membership next
                  WHERE next.partner_id = ended.partner_id
                    AND next.company_id = ended.company_id
                    AND next.previous_tier_id = ended.tier_id
                    AND next.date_from = ended.date_to AND next.id > ended.id)
            """
        )

    def _direction(self) -> SQL:
        """Sequences grow downwards: a smaller one is the better tier."""
        return SQL(
            """
            CASE WHEN tier.id IS NULL THEN 'left'
                 WHEN before.id IS NULL THEN 'new'
                 WHEN before.program_id <> tier.program_id THEN 'program'
                 WHEN tier.sequence < before.sequence THEN 'up'
                 WHEN tier.sequence > before.sequence THEN 'down'
                 ELSE 'same' END
            """
        )

    def _revenue(self) -> SQL:
        """A sub-select on purpose: it costs nothing where nobody asks for it."""
        return SQL(
            """
            (SELECT COALESCE(sum(doc.amount), 0) FROM (%s) doc
              WHERE doc.partner_id = move.partner_id
                AND doc.company_id = move.company_id AND doc.date <= move.date
                AND (program.window_months = 0 OR doc.date
                     > move.date - make_interval(months => program.window_months)))
            """,
            self.env["retention.transaction"]._table_query,
        )

    def action_open_customer(self):
        """Open the customer's contact form."""
        self.ensure_one()
        return self.partner_id.get_formview_action()
