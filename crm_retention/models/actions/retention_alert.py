from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools import alerts
from ..decisions.retention_signal import SEVERITIES

STATES = [
    ("new", "New"),
    ("acknowledged", "Acknowledged"),
    ("working", "In Work"),
    ("saved", "Saved"),
    ("lost", "Lost"),
    ("false", "False Alarm"),
    ("over", "Over by Itself"),
]
RESULTS = [
    ("waiting", "Not Known Yet"),
    ("right", "Confirmed by What Followed"),
    ("wrong", "Contradicted by What Followed"),
]
OPEN = alerts.STATES_OPEN


class RetentionAlert(models.Model):
    """One customer who shows one sign of leaving: what, since when, whose, what came.

    Opened, brought up to date and closed by the watch step; acknowledged, worked on
    and judged by people. At most one is open for a customer and rule.
    """

    _name = "retention.alert"
    _description = "Alert"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "is_open desc, severity_rank desc, stake desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    signal_id = fields.Many2one(
        comodel_name="retention.signal",
        string="Rule",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    kind = fields.Selection(related="signal_id.kind")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        selection=STATES,
        default="new",
        required=True,
        readonly=True,
        tracking=True,
        group_expand=True,
    )
    is_open = fields.Boolean(
        string="Open",
        compute="_compute_is_open",
        store=True,  # the unique index and every list go by it
    )
    severity = fields.Selection(selection=SEVERITIES, required=True, readonly=True)
    severity_rank = fields.Integer(
        compute="_compute_severity_rank",
        store=True,  # lists are ordered by it
        aggregator=None,
    )
    value = fields.Monetary(
        string="At Stake",
        readonly=True,
        help="What the customer bought in the twelve months before the alert.",
    )
    strength = fields.Float(
        digits=(16, 4),
        readonly=True,
        aggregator="avg",
        help="How clearly the sign shows, from 0 to 1.",
    )
    stake = fields.Float(
        string="Order in the List",
        readonly=True,
        aggregator=None,
        help="At stake × how clearly the sign shows.",
    )
    reason = fields.Char(string="Why", readonly=True)
    before = fields.Float(digits=(16, 2), readonly=True, aggregator=None)
    after = fields.Float(string="Now", digits=(16, 2), readonly=True, aggregator=None)
    since = fields.Date(readonly=True)
    opened_on = fields.Date(required=True, readonly=True)
    changed_on = fields.Date(
        string="Figures of",
        readonly=True,
        help="The day on which the figures last became different.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        ondelete="set null",
        tracking=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    snooze_until = fields.Date(string="Snoozed until", readonly=True, tracking=True)
    snooze_reason = fields.Char(readonly=True)
    is_snoozed = fields.Boolean(
        string="Snoozed", compute="_compute_is_snoozed", search="_search_is_snoozed"
    )
    closed_on = fields.Date(readonly=True)
    closed_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, ondelete="set null"
    )
    closing_note = fields.Char(readonly=True)
    closed_by_itself = fields.Boolean(
        readonly=True, help="The cause was gone before anybody closed it."
    )
    cooldown_until = fields.Date(
        string="Silent until",
        readonly=True,
        help="Until then the rule raises no other alert for this customer.",
    )
    result = fields.Selection(
        selection=RESULTS,
        default="waiting",
        readonly=True,
        help="Saved and lost are compared with what the customer did afterwards: "
        "saved and false alarms should buy, lost ones should not.",
    )
    checked_on = fields.Date(readonly=True)

    _open_unique = models.UniqueIndex(
        "(partner_id, signal_id) WHERE is_open",
        "This customer has an open alert of this rule already.",
    )
    _company_idx = models.Index("(company_id, signal_id, partner_id)")
    _waiting_idx = models.Index(
        "(company_id, closed_on) WHERE result = 'waiting' AND is_open IS NOT TRUE"
    )

    @api.depends("state")
    def _compute_is_open(self):
        for alert in self:
            alert.is_open = alert.state in OPEN

    @api.depends("severity")
    def _compute_severity_rank(self):
        for alert in self:
            alert.severity_rank = alerts.LEVELS.index(alert.severity or "low")

    @api.depends("snooze_until", "state")
    def _compute_is_snoozed(self):
        for alert in self:
            today = (alert.company_id or self.env.company)._retention_today()
            alert.is_snoozed = bool(
                alert.is_open and alert.snooze_until and alert.snooze_until > today
            )

    def _search_is_snoozed(self, operator, value):
        if operator != "in" or True not in value:
            return NotImplemented
        today = self.env.company._retention_today()
        return Domain("is_open", "=", True) & Domain("snooze_until", ">", today)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        if not self.env.context.get("retention_customer_gone"):
            raise UserError(
                self.env._(
                    "Alerts tell how good a rule is, and stay. Close it instead."
                )
            )

    # ---- what people do --------------------------------------------------------------

    def _check_open(self):
        """Refuse to work on alerts that are closed already."""
        closed = self.filtered(lambda alert: not alert.is_open)
        if closed:
            raise UserError(
                self.env._(
                    "The alert on %(customer)s is closed already.",
                    customer=closed[0].partner_id.display_name,
                )
            )

    def _acknowledge(self):
        """Note that somebody has seen these alerts; one without an owner is his now."""
        self._check_open()
        self.filtered(lambda alert: alert.state == "new").state = "acknowledged"
        self.filtered(lambda alert: not alert.user_id).user_id = self.env.user

    def _start_work(self):
        """Note that somebody works on these alerts."""
        self._check_open()
        self._acknowledge()
        self.filtered(lambda alert: alert.state == "acknowledged").state = "working"

    def _snooze(self, until, reason):
        """Hide these alerts until a day; they go on following the figures."""
        self._check_open()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why this alert can wait."))
        if any(until <= alert.company_id._retention_today() for alert in self):
            raise UserError(self.env._("Choose a day after today."))
        self.write({"snooze_until": until, "snooze_reason": reason.strip()})

    def _close(self, state, note, day=None, by_itself=False):
        """Close these alerts with what came of them.

        :param state: one of ``alerts.STATES_CLOSED``.
        """
        self._check_open()
        for alert in self:  # each has a rule and a company of its own; flushed at once
            closed_on = day or alert.company_id._retention_today()
            alert.write(
                {
                    "state": state,
                    "closed_on": closed_on,
                    "closing_note": note,
                    "closed_by_itself": by_itself,
                    "closed_by_id": False if by_itself else self.env.uid,
                    "cooldown_until": closed_on
                    + timedelta(days=alert.signal_id.cooldown_days),
                    "snooze_until": False,
                    "result": False if state == alerts.OVER else "waiting",
                }
            )
        self._closed()

    # ---- for later files of this room ------------------------------------------------

    def _opened(self):
        """Called with alerts that the watch step has just opened."""

    def _closed(self):
        """Called with alerts that have just been closed, by a person or by itself."""
