from odoo import api, fields, models
from odoo.tools import SQL

STATES = [
    ("planned", "Planned"),
    ("doing", "In Progress"),
    ("done", "Done"),
    ("dropped", "Dropped"),
]
OPEN = ("planned", "doing")
DAYS = 90  # complaints of so long before and after a measure are compared


class RetentionComplaintMeasure(models.Model):
    """What is done so that a cause of complaints goes away, and whether it did."""

    _name = "retention.complaint.measure"
    _description = "Corrective Measure"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, date_due, id desc"
    _check_company_auto = True

    name = fields.Char(string="Measure", required=True, tracking=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    cause_id = fields.Many2one(
        comodel_name="retention.complaint.cause",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
        tracking=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        default=lambda self: self.env.user,
        required=True,
        ondelete="restrict",
        domain="[('share', '=', False)]",
        tracking=True,
    )
    date_due = fields.Date(string="Until", tracking=True)
    state = fields.Selection(
        selection=STATES,
        default="planned",
        required=True,
        tracking=True,
        group_expand=True,
    )
    done_on = fields.Date(
        string="Done on",
        compute="_compute_done_on",
        store=True,  # complaints are counted from it by SQL
        readonly=False,
    )
    description = fields.Html(string="What is to be done")
    is_effective = fields.Selection(
        selection=[("yes", "Yes"), ("no", "No")],
        string="Effective",
        tracking=True,
        help="Whether the cause went away. The complaints before and after tell.",
    )
    ticket_ids = fields.Many2many(
        comodel_name="helpdesk.ticket",
        relation="retention_complaint_measure_ticket_rel",
        column1="measure_id",
        column2="ticket_id",
        string="Complaints",
        check_company=True,
        domain="[('retention_kind', '=', 'complaint'),"
        " ('company_id', '=', company_id)]",
    )
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    count_before = fields.Integer(
        string="Complaints Before",
        compute="_compute_counts",
        help="Complaints of this cause in the 90 days before it was done.",
    )
    count_after = fields.Integer(
        string="Complaints After",
        compute="_compute_counts",
        help="Complaints of this cause in the 90 days after it was done, as far as "
        "they have passed.",
    )

    _open_idx = models.Index("(cause_id) WHERE state IN ('planned', 'doing')")

    @api.depends("state")
    def _compute_done_on(self):
        for measure in self:
            if measure.state != "done":
                measure.done_on = False
            elif not measure.done_on:
                measure.done_on = measure.company_id._retention_today()

    @api.depends("date_due", "state")
    def _compute_is_late(self):
        for measure in self:
            today = (measure.company_id or self.env.company)._retention_today()
            measure.is_late = bool(
                measure.state in OPEN and measure.date_due and measure.date_due < today
            )

    def _search_is_late(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        today = self.env.company._retention_today()
        return [("state", "in", OPEN), ("date_due", "<", today)]

    @api.depends("done_on", "cause_id", "company_id")
    def _compute_counts(self):
        """Count complaints of the cause and its parts, the same time before and after.

        Of all tickets, whoever looks: only the numbers are told.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT measure.id,
                       count(*) FILTER (WHERE received < measure.done_on),
                       count(*) FILTER (WHERE received >= measure.done_on)
                  FROM retention_complaint_measure measure
                  JOIN retention_complaint_cause top ON top.id = measure.cause_id
                  JOIN retention_complaint_cause cause
                    ON cause.parent_path LIKE top.parent_path || '%%'
                  JOIN helpdesk_ticket ticket
                    ON ticket.retention_cause_id = cause.id
                   AND ticket.company_id = measure.company_id
                   AND ticket.retention_kind = 'complaint'
                   AND ticket.duplicate_id IS NULL
                 CROSS JOIN LATERAL (SELECT ticket.retention_received_at::date
                                         AS received) day
                 WHERE measure.id = ANY(%(ids)s)
                   AND received BETWEEN measure.done_on - %(days)s
                                    AND measure.done_on + %(days)s - 1
                 GROUP BY measure.id
                """,
                ids=self.ids,
                days=DAYS,
            )
        )
        counts = {row[0]: row[1:] for row in rows}
        for measure in self:
            before, after = counts.get(measure._origin.id, (0, 0))
            measure.count_before, measure.count_after = before, after
