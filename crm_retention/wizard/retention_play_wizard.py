from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError


class RetentionPlayWizard(models.TransientModel):
    """Shows what a play would do about alerts, before it is run."""

    _name = "retention.play.wizard"
    _description = "Run a Play"

    alert_ids = fields.Many2many(
        comodel_name="retention.alert", string="Alerts", required=True, readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", compute="_compute_what")
    what = fields.Char(compute="_compute_what")
    play_id = fields.Many2one(
        comodel_name="retention.play",
        domain="[('company_id', 'in', [company_id, False])]",
    )
    guidance = fields.Text(related="play_id.guidance")
    preview = fields.Html(
        string="What Will Happen", compute="_compute_preview", sanitize=False
    )

    @api.depends("alert_ids")
    def _compute_what(self):
        for wizard in self:
            alerts = wizard.alert_ids
            companies = alerts.company_id
            wizard.company_id = companies if len(companies) == 1 else False
            wizard.what = (
                self.env._(
                    "%(customer)s: %(reason)s",
                    customer=alerts.partner_id.display_name,
                    reason=alerts.reason or "",
                )
                if len(alerts) == 1
                else self.env._("%s alerts", len(alerts))
            )

    @api.depends("play_id", "alert_ids")
    @api.depends_context("lang", "uid")
    def _compute_preview(self):
        for wizard in self:
            alerts, play = wizard.alert_ids._origin, wizard.play_id._origin
            if not (alerts and play):
                wizard.preview = False
                continue
            alerts._check_may_act()
            lines = alerts._preview_play(play)
            wizard.preview = Markup("<ul class='mb-0'>%s</ul>") % Markup().join(
                Markup("<li>%s</li>") % line for line in lines
            )

    def action_apply(self):
        """Run it."""
        self.ensure_one()
        if not self.play_id:
            raise UserError(self.env._("Choose the play to run."))
        self.alert_ids._run_play(self.play_id)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
