from odoo import api, fields, models
from odoo.tools import SQL

from ...tools import service
from .helpdesk_ticket_complaint import AGENTS

MOST_TOLD = 2


class HelpdeskTicket(models.Model):
    """What helped other customers with the same cause, for who looks for a remedy."""

    _inherit = "helpdesk.ticket"

    retention_helped_text = fields.Text(
        string="What Helped",
        compute="_compute_retention_helped_text",
        groups=AGENTS,
        help="Remedies after which complaints of the same cause were settled and not "
        "reopened.",
    )

    @api.depends_context("lang")
    @api.depends("retention_cause_id", "company_id", "retention_kind")
    def _compute_retention_helped_text(self):
        self.retention_helped_text = False
        tickets = self.filtered("retention_cause_id")
        if not tickets:
            return
        kinds = dict(
            self.env["retention.complaint.remedy"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        told = {}
        for cause, company, kind, helped, given in tickets._retention_count_helped():
            lines = told.setdefault((cause, company), [])
            if len(lines) < MOST_TOLD:
                lines.append(
                    self.env._(
                        "%(remedy)s: settled %(helped)s of %(given)s complaints",
                        remedy=kinds[kind],
                        helped=helped,
                        given=given,
                    )
                )
        for ticket in tickets:
            key = (ticket.retention_cause_id.id, ticket.company_id.id)
            ticket.retention_helped_text = "\n".join(told.get(key, ())) or False

    def _retention_count_helped(self):
        """Return rows (cause, company, kind, helped, given), what helped most first.

        Of all complaints of these causes, whoever looks: only numbers are told.
        """
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                SELECT ticket.retention_cause_id, ticket.company_id, remedy.kind,
                       count(DISTINCT ticket.id) FILTER (
                           WHERE ticket.retention_step = ANY(%(settled)s)
                             AND COALESCE(ticket.retention_reopen_count, 0) = 0
                       ) AS helped,
                       count(DISTINCT ticket.id) AS given
                  FROM retention_complaint_remedy remedy
                  JOIN helpdesk_ticket ticket ON ticket.id = remedy.ticket_id
                 WHERE remedy.state = 'given'
                   AND ticket.retention_cause_id = ANY(%(causes)s)
                   AND ticket.company_id = ANY(%(companies)s)
                   AND ticket.id <> ALL(%(own)s)
                 GROUP BY 1, 2, 3
                HAVING count(*) FILTER (
                           WHERE ticket.retention_step = ANY(%(settled)s)
                             AND COALESCE(ticket.retention_reopen_count, 0) = 0) > 0
                 ORDER BY helped DESC, given, 3
                """,
                settled=[service.CONFIRMED, service.CLOSED],
                causes=self.retention_cause_id.ids,
                companies=self.company_id.ids,
                own=self.ids if len(self) == 1 else [0],
            )
        )
