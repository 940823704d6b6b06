from odoo import api, fields, models


class RetentionSignal(models.Model):
    """The buttons and sentences of a rule's page."""

    _inherit = "retention.signal"

    precision_text = fields.Char(
        string="So Far", compute="_compute_precision_text", help="What became of it."
    )
    watched_text = fields.Char(string="Last Night", compute="_compute_watched_text")

    @api.depends("closed_count", "precision", "false_percent", "checked_count")
    @api.depends_context("lang")
    def _compute_precision_text(self):
        for signal in self:
            signal.precision_text = signal._describe_precision()

    def _describe_precision(self):
        """Say how good the alerts of this rule were."""
        self.ensure_one()
        if not self.closed_count:
            return self.env._("No alert of this rule has been closed yet.")
        text = self.env._(
            "Of %(closed)s closed alerts %(worth)s %% were worth it, %(false)s %% were "
            "false alarms.",
            closed=self.closed_count,
            worth=f"{self.precision:.0f}",
            false=f"{self.false_percent:.0f}",
        )
        if not self.checked_count:
            return text
        return self.env._(
            "%(text)s In %(right)s of %(checked)s the customer then did what was said.",
            text=text,
            right=self.confirmed_count,
            checked=self.checked_count,
        )

    @api.depends("watched_on", "found_count", "few_count", "held_back")
    @api.depends_context("lang")
    def _compute_watched_text(self):
        for signal in self:
            if not signal.watched_on:
                signal.watched_text = False
                continue
            signal.watched_text = self.env._(
                "%(found)s customers show the sign; too little is known of %(few)s "
                "others; %(held)s wait, as their salesperson has enough new alerts.",
                found=signal.found_count,
                few=signal.few_count,
                held=signal.held_back,
            )

    def action_switch_on(self):
        """Have these rules look at everybody from the coming night on."""
        self.write({"active": True})

    def action_switch_off(self):
        """Switch these rules off; their open alerts are closed."""
        self.write({"active": False})

    def action_view_alerts(self):
        """Open every alert of this rule."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_alert_action"
        )
        return action | {"domain": [("signal_id", "=", self.id)], "context": {}}

    def action_view_lines(self):
        """Open the alerts that the rule would have raised last year."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_retention.retention_backtest_line_action"
        )
        return action | {"domain": [("signal_id", "=", self.id)]}
