from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .retention_complaint_measure import OPEN

RECENT = timedelta(days=90)


class RetentionComplaintCause(models.Model):
    """How often a cause came up, and whether something is being done about it."""

    _inherit = "retention.complaint.cause"

    measure_ids = fields.One2many(
        comodel_name="retention.complaint.measure",
        inverse_name="cause_id",
        string="Measures",
    )
    complaint_count = fields.Integer(
        string="Complaints in 90 Days",
        compute="_compute_complaint_count",
        help="Received in the last 90 days, duplicates left out.",
    )
    open_measure_count = fields.Integer(
        string="Open Measures", compute="_compute_open_measure_count"
    )
    is_recurring = fields.Boolean(
        string="Recurring",
        compute="_compute_is_recurring",
        search="_search_is_recurring",
        help="It came up so often in 90 days as the settings say, and no measure is "
        "open: propose one.",
    )

    def _count_complaints(self):
        """Return the query of how often each cause came up lately: (id, number)."""
        return SQL(
            """SELECT retention_cause_id AS id, count(*) AS number
                 FROM helpdesk_ticket
                WHERE retention_kind = 'complaint' AND duplicate_id IS NULL
                  AND retention_cause_id IS NOT NULL AND company_id = ANY(%s)
                  AND retention_received_at >= %s
                GROUP BY retention_cause_id""",
            self.env.companies.ids,
            fields.Datetime.now() - RECENT,
        )

    @api.depends_context("allowed_company_ids")
    def _compute_complaint_count(self):
        """Count all tickets, whoever looks: only the numbers are told."""
        self.env["helpdesk.ticket"].flush_model()
        counts = dict(self.env.execute_query(self._count_complaints()))
        for cause in self:
            cause.complaint_count = counts.get(cause._origin.id, 0)

    @api.depends("measure_ids.state")
    def _compute_open_measure_count(self):
        counts = dict(
            self.env["retention.complaint.measure"]._read_group(
                [("cause_id", "in", self.ids), ("state", "in", OPEN)],
                ["cause_id"],
                ["__count"],
            )
        )
        for cause in self:
            cause.open_measure_count = counts.get(cause._origin, 0)

    @api.depends("complaint_count", "open_measure_count")
    def _compute_is_recurring(self):
        least = self.env.company.retention_recurring_least
        for cause in self:
            cause.is_recurring = (
                0 < least <= cause.complaint_count and not cause.open_measure_count
            )

    def _search_is_recurring(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        least = self.env.company.retention_recurring_least
        if not least:
            return [("id", "=", False)]
        self.env["helpdesk.ticket"].flush_model()
        often = SQL(
            "(SELECT id FROM (%s) counted WHERE number >= %s)",
            self._count_complaints(),
            least,
        )
        return [
            ("id", "in", often),
            ("measure_ids", "not any", [("state", "in", OPEN)]),
        ]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: whether complaints name it, whoever may read them
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        if tickets.search_count([("retention_cause_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._("Complaints name this cause: archive it instead.")
            )

    def action_propose_measure(self):
        """Open a new measure against this cause, with the complaints of it."""
        self.ensure_one()
        tickets = self.env["helpdesk.ticket"].search(
            [
                ("retention_cause_id", "=", self.id),
                ("retention_kind", "=", "complaint"),
                ("duplicate_id", "=", False),
                ("company_id", "=", self.env.company.id),
                ("retention_received_at", ">=", fields.Datetime.now() - RECENT),
            ]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Propose a Measure"),
            "res_model": "retention.complaint.measure",
            "views": [(False, "form")],
            "context": {
                "default_cause_id": self.id,
                "default_ticket_ids": tickets.ids,
            },
        }

    def action_view_complaints(self):
        """Open the complaints of this cause and its parts."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.complete_name,
            "res_model": "helpdesk.ticket",
            "views": [(False, "list"), (False, "form")],
            "domain": [
                ("retention_cause_id", "child_of", self.id),
                ("retention_kind", "=", "complaint"),
            ],
        }
