from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import service_clock
from ..decisions.retention_service_limit import TICKET_PARTS

STATES = [
    (service_clock.RUNNING, "Running"),
    (service_clock.PAUSED, "On Hold"),
    (service_clock.MET, "Met"),
    (service_clock.MISSED, "Missed"),
    (service_clock.VOID, "Dropped"),
]


class RetentionServiceClock(models.Model):
    """One promise about one ticket: since when it runs, when it is due, what became.

    Written by :class:`service_follow.Following` alone. What was promised is kept as it
    was when the clock started; *Apply Targets Again* takes it anew while it runs.
    ``state`` missed stays missed, also before the promise is kept (``stopped_at``).
    """

    _name = "retention.service.clock"
    _description = "Service Clock"
    _order = "ticket_id, round, id"
    _rec_name = "part"
    _log_access = False

    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, ondelete="cascade"
    )
    part = fields.Selection(selection=TICKET_PARTS, string="Promise", required=True)
    round = fields.Integer(
        required=True, default=1, help="Another one begins when a ticket is reopened."
    )
    tier_id = fields.Many2one(
        comodel_name="retention.tier",
        ondelete="set null",
        help="The customer's tier when the clock started.",
    )
    limit_id = fields.Many2one(
        comodel_name="retention.service.limit",
        string="By Promise",
        ondelete="set null",
    )
    minutes = fields.Float(string="Minutes Allowed")
    is_working = fields.Boolean(string="In Working Time")
    latest_minutes = fields.Float(string="At the Latest After (minutes)")
    started_at = fields.Datetime(string="Since", required=True)
    half_at = fields.Datetime(string="Half Used on")
    most_at = fields.Datetime(string="80 % Used on")
    due_at = fields.Datetime(string="Due on")
    stopped_at = fields.Datetime(string="Kept or Ended on")
    state = fields.Selection(selection=STATES, required=True)
    left_minutes = fields.Integer(
        string="Minutes Left", help="While on hold: what will be left afterwards."
    )
    over_minutes = fields.Integer(
        string="Minutes Over",
        help="By how much it was missed, in the time in which it is counted.",
    )
    warned = fields.Integer(string="Warned at (%)", aggregator=None)
    warn_at = fields.Datetime(string="Next Warning on")
    is_overdue = fields.Boolean(
        string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _round_unique = models.UniqueIndex(
        "(ticket_id, part, round)", "A promise is made once a round."
    )
    _warn_idx = models.Index("(warn_at) WHERE warn_at IS NOT NULL")
    _report_idx = models.Index("(company_id, part, started_at)")

    @api.depends("state", "due_at", "stopped_at")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for clock in self:
            clock.is_overdue = not clock.stopped_at and bool(
                clock.due_at and clock.due_at < now
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("stopped_at", "=", False) & Domain(
            "due_at", "<", fields.Datetime.now()
        )
