from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

from ...tools import service

KINDS = [
    (service.QUESTION, "Question"),
    (service.REQUEST, "Request"),
    (service.COMPLAINT, "Complaint"),
]
STEPS = [
    (service.RECEIVED, "Received"),
    (service.CLASSIFIED, "Classified"),
    (service.INVESTIGATED, "Investigated"),
    (service.SOLVED, "Solved"),
    (service.CONFIRMED, "Confirmed"),
    (service.CLOSED, "Closed"),
]


class HelpdeskTicket(models.Model):
    """What a ticket is, when it came in, and what became of it."""

    _inherit = "helpdesk.ticket"

    retention_kind = fields.Selection(
        selection=KINDS,
        string="Kind",
        compute="_compute_retention_kind",
        store=True,
        readonly=False,
        tracking=True,
        help="What was promised depends on it; complaints go through steps.",
    )
    retention_step = fields.Selection(
        selection=STEPS,
        string="Step",
        compute="_compute_retention_step",
        store=True,
        readonly=True,
        tracking=True,
        help="How far the complaint has come.",
    )
    retention_received_at = fields.Datetime(
        string="Received on",
        default=fields.Datetime.now,
        required=True,
        readonly=True,
        copy=False,
    )
    retention_answered_at = fields.Datetime(
        string="First Answer on",
        readonly=True,
        copy=False,
        help="The first public message or call by staff to the customer.",
    )
    retention_first_closed_at = fields.Datetime(
        string="First Closed on", readonly=True, copy=False
    )
    retention_last_closed_at = fields.Datetime(
        string="Last Closed on", readonly=True, copy=False
    )
    retention_reopen_count = fields.Integer(
        string="Times Reopened", readonly=True, copy=False
    )

    _retention_kind_idx = models.Index(
        "(commercial_partner_id, retention_received_at)"
        " WHERE retention_kind = 'complaint'"
    )

    def _auto_init(self):
        """Fill the new columns of tickets that are there already, in one statement."""
        table = self._table
        is_new = not column_exists(self.env.cr, table, "retention_kind")
        if is_new:
            for name, kind in (
                ("retention_kind", "varchar"),
                ("retention_step", "varchar"),
                ("retention_received_at", "timestamp"),
            ):
                create_column(self.env.cr, table, name, kind)
            self.env.cr.execute(
                SQL(
                    """UPDATE helpdesk_ticket
                          SET retention_kind = %s,
                              retention_received_at = create_date""",
                    service.QUESTION,
                )
            )
        result = super()._auto_init()
        if is_new:
            self._retention_fill_history()
        return result

    @api.model
    def _retention_fill_history(self, ids=None):
        """Find when tickets from before were first answered and closed.

        :param ids: of these; None: of all
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE helpdesk_ticket ticket
                   SET retention_answered_at = said.moment,
                       retention_is_closed = COALESCE(stage.closed, FALSE),
                       retention_solved_at = ended.moment,
                       retention_first_closed_at = ended.moment,
                       retention_last_closed_at = ended.moment
                  FROM helpdesk_ticket known
                  LEFT JOIN helpdesk_ticket_stage stage ON stage.id = known.stage_id
                  LEFT JOIN (
                       SELECT message.res_id, min(message.date) AS moment
                         FROM mail_message message
                         JOIN res_users staff ON staff.partner_id = message.author_id
                          AND NOT staff.share AND staff.id <> %(root)s
                        WHERE message.model = 'helpdesk.ticket'
                          AND message.message_type IN ('comment', 'email')
                          AND message.subtype_id = %(comment)s
                          AND message.is_internal IS NOT TRUE
                        GROUP BY message.res_id) said ON said.res_id = known.id
                 CROSS JOIN LATERAL (
                       SELECT CASE WHEN stage.closed
                              THEN COALESCE(known.closed_date, known.last_stage_update)
                              END AS moment) ended
                 WHERE known.id = ticket.id AND %(which)s
                """,
                root=SUPERUSER_ID,
                comment=self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"),
                which=SQL("TRUE") if ids is None else SQL("ticket.id = ANY(%s)", ids),
            )
        )

    @api.depends("category_id", "channel_id", "team_id")
    def _compute_retention_kind(self):
        self._retention_apply_kind()

    def _retention_apply_kind(self):
        """Set the kind that category, channel or team say; else it stays."""
        for ticket in self:
            ticket.retention_kind = (
                ticket.category_id._retention_find_kind()
                or ticket.channel_id.retention_kind
                or ticket.team_id.retention_kind
                or ticket.retention_kind
                or service.QUESTION
            )

    @api.depends("retention_kind")
    def _compute_retention_step(self):
        """Let complaints begin; what is none has no steps."""
        for ticket in self:
            if ticket.retention_kind != service.COMPLAINT:
                ticket.retention_step = False
            elif not ticket.retention_step:
                ticket.retention_step = (
                    service.CLOSED if ticket.closed else service.RECEIVED
                )
