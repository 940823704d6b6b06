from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools import alerts


class RetentionSignal(models.Model):
    """How good a rule is: what became of its alerts."""

    _inherit = "retention.signal"

    watched_on = fields.Date(
        string="Last Looked on",
        readonly=True,
        copy=False,
        help="The last night on which the rule looked at all its customers.",
    )
    few_count = fields.Integer(
        string="Too Little Known of",
        readonly=True,
        copy=False,
        help="Customers of whom too little is known for this rule: none of them is "
        "warned of, whatever happens.",
    )
    held_back = fields.Integer(
        readonly=True,
        copy=False,
        help="Customers who show the sign and wait: their salesperson has enough new "
        "alerts this week.",
    )
    found_count = fields.Integer(
        string="Show the Sign",
        readonly=True,
        copy=False,
        help="Customers in whom the sign was found on the last night.",
    )
    alert_ids = fields.One2many(
        comodel_name="retention.alert", inverse_name="signal_id", string="Alerts"
    )
    open_count = fields.Integer(string="Open Alerts", compute="_compute_figures")
    closed_count = fields.Integer(string="Closed Alerts", compute="_compute_figures")
    precision = fields.Float(
        string="Worth It (%)",
        digits=(16, 1),
        compute="_compute_figures",
        aggregator=None,
        help="Saved and lost ones among all closed alerts: the customer was really "
        "about to leave.",
    )
    false_percent = fields.Float(
        string="False Alarms so Far (%)",
        digits=(16, 1),
        compute="_compute_figures",
        aggregator=None,
        help="Those that people closed as false alarm, among all closed ones.",
    )
    confirmed_count = fields.Integer(
        string="Confirmed",
        compute="_compute_figures",
        help="Closed alerts after which the customer did what was said of him.",
    )
    checked_count = fields.Integer(
        string="Checked",
        compute="_compute_figures",
        help="Closed alerts of which it is known by now what the customer did.",
    )

    @api.depends("alert_ids.state", "alert_ids.result")
    def _compute_figures(self):
        # sudo: how good a rule is depends on all its alerts, whoever looks at it
        rows = (
            self.env["retention.alert"]
            .sudo()
            ._read_group(
                [("signal_id", "in", self.ids)],
                ["signal_id", "state", "result"],
                ["__count"],
            )
        )
        states, results = {}, {}
        for signal, state, result, count in rows:
            for book, key in ((states, state), (results, result)):
                own = book.setdefault(signal.id, {})
                own[key] = own.get(key, 0) + count
        for signal in self:
            counts = states.get(signal.id, {})
            judged = results.get(signal.id, {})
            worth, false = alerts.precision(counts)
            signal.open_count = sum(counts.get(each, 0) for each in alerts.STATES_OPEN)
            signal.closed_count = sum(
                counts.get(each, 0) for each in alerts.STATES_CLOSED
            )
            signal.precision = worth or 0.0
            signal.false_percent = false or 0.0
            signal.confirmed_count = judged.get("right", 0)
            signal.checked_count = judged.get("right", 0) + judged.get("wrong", 0)

    def _note_watched(self, watch, held_back, everybody):
        """Note what the night saw, where it is something else than before.

        :param everybody: whether it looked at all customers, so that numbers of them
            are known.
        """
        self.ensure_one()
        fresh = {"watched_on": watch.as_of}
        if everybody:
            fresh |= {
                "looked_on": watch.as_of,
                "few_count": watch.few,
                "held_back": held_back,
                "found_count": len(watch.findings),
            }
        if any(self[name] != value for name, value in fresh.items()):
            self.with_context(tracking_disable=True).write(fresh)

    def write(self, vals):
        """Close the open alerts of rules that are switched off."""
        result = super().write(vals)
        if vals.get("active") is False:
            self._close_alerts()
        return result

    def _close_alerts(self):
        # sudo: who may switch a rule off ends its alerts, also those of others
        model = self.env["retention.alert"].sudo()
        still_open = model.search(
            [("signal_id", "in", self.ids), ("is_open", "=", True)]
        )
        if still_open:
            note = self.env._("The rule was switched off.")
            still_open._close(alerts.OVER, note, by_itself=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # sudo: whether there are any, whoever asks
        used = self.env["retention.alert"].sudo()
        if used.search_count([("signal_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "This rule has raised alerts, which tell how good it is. Switch it "
                    "off instead."
                )
            )
