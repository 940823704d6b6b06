from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_retention.models.actions.retention_service_clock import STATES
from odoo.addons.crm_retention.models.host.helpdesk_ticket_complaint import SEVERITIES
from odoo.addons.crm_retention.models.host.helpdesk_ticket_service import KINDS, STEPS
from odoo.addons.crm_retention.tools import satisfaction, service


class RetentionServiceReport(models.Model):
    """How tickets are looked after: one row a ticket, duplicates left out.

    Who answered late has ``answer_over`` minutes, all others have none, so that their
    average is the one of those who were late.
    The shares are 1 for a promise that was kept, 0 for one that was missed and
    empty as long as neither is known, so that their average is the share kept.
    """

    _name = "retention.service.report"
    _description = "Service by Agent"
    _auto = False
    _order = "received_on desc, id desc"
    _rec_name = "ticket_id"

    ticket_id = fields.Many2one(comodel_name="helpdesk.ticket", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    team_id = fields.Many2one(comodel_name="helpdesk.ticket.team", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Agent", readonly=True, help="Of today."
    )
    kind = fields.Selection(selection=KINDS, readonly=True)
    step = fields.Selection(selection=STEPS, readonly=True)
    received_on = fields.Datetime(readonly=True)
    is_in_hours = fields.Boolean(string="Came in during Working Hours", readonly=True)
    answer_state = fields.Selection(
        selection=STATES, string="First Answer", readonly=True
    )
    ticket_count = fields.Integer(string="Tickets", readonly=True)
    open_count = fields.Integer(string="Open", readonly=True)
    overdue_count = fields.Integer(
        string="Overdue", readonly=True, help="Open, and a promise is past its time."
    )
    hold_count = fields.Integer(string="On Hold", readonly=True)
    answered_count = fields.Integer(string="Answered in Time", readonly=True)
    late_answer_count = fields.Integer(
        string="Answered Late",
        readonly=True,
        help="Or still to be answered although the time is over.",
    )
    solved_count = fields.Integer(string="Solved in Time", readonly=True)
    late_count = fields.Integer(
        string="Solved Late",
        readonly=True,
        help="Or still to be solved although the time is over.",
    )
    answered_share = fields.Float(
        string="Answered in Time (%)",
        readonly=True,
        aggregator="avg",
        help="Of the first answers that were due or given.",
    )
    solved_share = fields.Float(
        string="Solved in Time (%)",
        readonly=True,
        aggregator="avg",
        help="Of the solutions that were due or given.",
    )
    reopen_count = fields.Integer(string="Times Reopened", readonly=True)
    answer_minutes = fields.Float(
        string="Minutes to the First Answer",
        readonly=True,
        aggregator="avg",
        digits=(16, 0),
        help="From receiving it, day and night counted. Of those that were answered.",
    )
    answer_over = fields.Float(
        string="Answer: Minutes Over",
        readonly=True,
        aggregator="avg",
        digits=(16, 0),
        help="Of those answered late: by how much, in the time in which the promise "
        "is counted.",
    )
    solve_over = fields.Float(
        string="Solution: Minutes Over",
        readonly=True,
        aggregator="avg",
        digits=(16, 0),
        help="Of those solved late: by how much, in the time in which the promise is "
        "counted.",
    )
    csat_share = fields.Float(
        string="Satisfied (%)",
        readonly=True,
        aggregator="avg",
        help="Share of good answers, of those who were asked about it and answered.",
    )
    cause_id = fields.Many2one(comodel_name="retention.complaint.cause", readonly=True)
    severity = fields.Selection(selection=SEVERITIES, readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    salesperson_id = fields.Many2one(
        comodel_name="res.users", readonly=True, help="The customer's, today."
    )
    industry_id = fields.Many2one(comodel_name="res.partner.industry", readonly=True)
    country_id = fields.Many2one(comodel_name="res.country", readonly=True)
    state_id = fields.Many2one(
        comodel_name="res.country.state", string="Region", readonly=True
    )
    tier_id = fields.Many2one(
        comodel_name="retention.tier",
        string="Tier Then",
        readonly=True,
        groups="crm_retention.group_retention_user",
        help="The customer's tier when the promise was made.",
    )
    profile_id = fields.Many2one(
        comodel_name="retention.profile",
        readonly=True,
        groups="crm_retention.group_retention_user",
    )
    segment_id = fields.Many2one(
        comodel_name="retention.segment",
        string="Segment Today",
        readonly=True,
        groups="crm_retention.group_retention_user",
    )

    _depends = {
        "helpdesk.ticket": [
            "active",
            "commercial_partner_id",
            "company_id",
            "duplicate_id",
            "retention_answer_state",
            "retention_answered_at",
            "retention_cause_id",
            "retention_is_paused",
            "retention_kind",
            "retention_next_due",
            "retention_outside_hours",
            "retention_received_at",
            "retention_reopen_count",
            "retention_severity",
            "retention_solve_state",
            "retention_step",
            "stage_id",
            "team_id",
            "user_id",
        ],
        "helpdesk.ticket.stage": ["closed"],
        "res.partner": ["user_id", "industry_id", "country_id", "state_id"],
        "retention.feedback": ["ticket_id", "kind", "state", "grade"],
        "retention.profile": ["partner_id", "company_id", "segment_id"],
        "retention.service.clock": ["ticket_id", "part", "over_minutes", "tier_id"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL("%s %s", self._select(), self._from())

    def _select(self) -> SQL:
        return SQL(
            """
            SELECT ticket.id, ticket.id AS ticket_id, ticket.company_id,
                   ticket.team_id, ticket.user_id, ticket.retention_kind AS kind,
                   ticket.retention_step AS step,
                   ticket.retention_received_at AS received_on,
                   ticket.retention_outside_hours IS NOT TRUE AS is_in_hours,
                   ticket.retention_answer_state AS answer_state, 1 AS ticket_count,
                   CASE WHEN stage.closed THEN 0 ELSE 1 END AS open_count,
                   CASE WHEN stage.closed IS NOT TRUE
                         AND ticket.retention_next_due < now() AT TIME ZONE 'UTC'
                        THEN 1 ELSE 0 END AS overdue_count,
                   CASE WHEN stage.closed IS NOT TRUE AND ticket.retention_is_paused
                        THEN 1 ELSE 0 END AS hold_count,
                   %(answered)s AS answered_share, %(solved)s AS solved_share,
                   COALESCE(%(answered)s, 0)::int AS answered_count,
                   COALESCE(%(solved)s, 0)::int AS solved_count,
                   COALESCE(1 - %(answered)s, 0)::int AS late_answer_count,
                   COALESCE(1 - %(solved)s, 0)::int AS late_count,
                   COALESCE(ticket.retention_reopen_count, 0) AS reopen_count,
                   EXTRACT(epoch FROM ticket.retention_answered_at
                           - ticket.retention_received_at) / 60 AS answer_minutes,
                   %(answer_over)s AS answer_over, %(solve_over)s AS solve_over,
                   %(csat)s AS csat_share, ticket.retention_cause_id AS cause_id,
                   ticket.retention_severity AS severity,
                   ticket.commercial_partner_id AS partner_id,
                   customer.user_id AS salesperson_id, customer.industry_id,
                   customer.country_id, customer.state_id, %(tier)s AS tier_id,
                   profile.id AS profile_id, profile.segment_id
            """,
            answered=self._share("retention_answer_state"),
            solved=self._share("retention_solve_state"),
            answer_over=self._over(service.ANSWER),
            solve_over=self._over(service.SOLVE),
            csat=self._satisfied(),
            tier=self._tier(),
        )

    def _over(self, part) -> SQL:
        """Return the minutes over of all rounds of a promise; NULL: none."""
        return SQL(
            """(SELECT NULLIF(sum(clock.over_minutes), 0)
                  FROM retention_service_clock clock
                 WHERE clock.ticket_id = ticket.id AND clock.part = %s)""",
            part,
        )

    def _satisfied(self) -> SQL:
        return SQL(
            """(SELECT CASE WHEN said.grade = %s THEN 1.0 ELSE 0.0 END
                  FROM retention_feedback said
                 WHERE said.ticket_id = ticket.id AND said.kind = %s
                   AND said.state = 'answered'
                 ORDER BY said.answered_at DESC, said.id DESC LIMIT 1)""",
            satisfaction.GOOD,
            satisfaction.CSAT,
        )

    def _tier(self) -> SQL:
        return SQL(
            """(SELECT clock.tier_id FROM retention_service_clock clock
                 WHERE clock.ticket_id = ticket.id AND clock.tier_id IS NOT NULL
                 ORDER BY clock.started_at, clock.id LIMIT 1)"""
        )

    def _from(self) -> SQL:
        return SQL(
            """
              FROM helpdesk_ticket ticket
              LEFT JOIN helpdesk_ticket_stage stage ON stage.id = ticket.stage_id
              LEFT JOIN res_partner customer
                ON customer.id = ticket.commercial_partner_id
              LEFT JOIN retention_profile profile
                ON profile.partner_id = ticket.commercial_partner_id
               AND profile.company_id = ticket.company_id
             WHERE ticket.active AND ticket.duplicate_id IS NULL
            """
        )

    def _share(self, state) -> SQL:
        return SQL(
            "(CASE %s WHEN 'met' THEN 1.0 WHEN 'missed' THEN 0.0 END)",
            SQL.identifier("ticket", state),
        )

    def action_open_ticket(self):
        """Open the ticket."""
        self.ensure_one()
        return self.ticket_id.get_formview_action()
