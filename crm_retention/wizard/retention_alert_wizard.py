from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class RetentionAlertWizard(models.TransientModel):
    """The small dialogs of the inbox: snooze, saved, lost, false alarm, hand over."""

    _name = "retention.alert.wizard"
    _description = "What Became of an Alert"

    kind = fields.Selection(
        selection=[
            ("snooze", "Snooze"),
            ("saved", "Saved"),
            ("lost", "Lost"),
            ("false", "False Alarm"),
            ("hand", "Hand Over"),
        ],
        required=True,
        readonly=True,
    )
    alert_ids = fields.Many2many(
        comodel_name="retention.alert", string="Alerts", required=True, readonly=True
    )
    what = fields.Char(compute="_compute_what")
    until = fields.Date(
        default=lambda self: self.env.company._retention_today() + timedelta(days=14)
    )
    note = fields.Char(
        string="Reason", help="Kept with the alert; from it the rules are made better."
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Colleague",
        domain="[('share', '=', False), ('company_ids', 'in', company_ids)]",
    )
    company_ids = fields.Many2many(
        comodel_name="res.company", compute="_compute_what", string="Companies"
    )

    @api.depends("alert_ids")
    def _compute_what(self):
        for wizard in self:
            customers = wizard.alert_ids.partner_id
            wizard.company_ids = wizard.alert_ids.company_id
            wizard.what = (
                self.env._(", ").join(customers.mapped("display_name"))
                if len(customers) <= 3
                else self.env._("%s customers", len(customers))
            )

    def action_apply(self):
        """Do it."""
        self.ensure_one()
        alerts = self.alert_ids._for_acting()
        note = (self.note or "").strip()
        if self.kind == "hand":
            self._hand_over(alerts)
        elif not note:
            raise UserError(self.env._("Say why: the reason is kept."))
        elif self.kind == "snooze":
            if not self.until:
                raise UserError(self.env._("Choose until when."))
            alerts._snooze(self.until, note)
        else:
            alerts._close(self.kind, note)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _hand_over(self, alerts):
        alerts._check_open()
        if not self.user_id:
            raise UserError(self.env._("Choose who takes it."))
        if self.user_id.share or not self.user_id.active:
            raise UserError(self.env._("Choose a colleague who works here."))
        if alerts.company_id - self.user_id.company_ids:
            raise UserError(
                self.env._("%s does not work for this company.", self.user_id.name)
            )
        alerts.user_id = self.user_id
