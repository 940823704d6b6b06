from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.crm_retention.models.host.helpdesk_ticket_service import KINDS, STEPS


class RetentionServiceReport(models.Model):
    """How tickets are looked after: one row a ticket, duplicates left out.

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

    _depends = {
        "helpdesk.ticket": [
            "active",
            "company_id",
            "duplicate_id",
            "retention_answer_state",
            "retention_is_paused",
            "retention_kind",
            "retention_next_due",
            "retention_received_at",
            "retention_reopen_count",
            "retention_solve_state",
            "retention_step",
            "stage_id",
            "team_id",
            "user_id",
        ],
        "helpdesk.ticket.stage": ["closed"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT ticket.id, ticket.id AS ticket_id, ticket.company_id,
                   ticket.team_id, ticket.user_id, ticket.retention_kind AS kind,
                   ticket.retention_step AS step,
                   ticket.retention_received_at AS received_on,
                   1 AS ticket_count,
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
                   COALESCE(ticket.retention_reopen_count, 0) AS reopen_count
              FROM helpdesk_ticket ticket
              LEFT JOIN helpdesk_ticket_stage stage ON stage.id = ticket.stage_id
             WHERE ticket.active AND ticket.duplicate_id IS NULL
            """,
            answered=self._share("retention_answer_state"),
            solved=self._share("retention_solve_state"),
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
