from odoo import api, fields, models
from odoo.tools import format_datetime


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    retention_revenue_source = fields.Selection(
        related="company_id.retention_revenue_source", readonly=False, required=True
    )
    retention_night_hour = fields.Integer(
        related="company_id.retention_night_hour", readonly=False
    )
    retention_last_text = fields.Char(compute="_compute_retention_last_text")

    @api.depends("company_id")
    def _compute_retention_last_text(self):
        # sudo: the settings are open to administrators only; a date and two numbers
        runs = self.env["retention.run"].sudo()
        for settings in self:
            last = runs.search(
                [
                    ("company_id", "=", settings.company_id.id),
                    ("step", "=", "score"),
                    ("state", "=", "done"),
                ],
                limit=1,
            )
            settings.retention_last_text = last and self.env._(
                "%(date)s: %(seen)s customers looked at, %(changed)s changed",
                date=format_datetime(self.env, last.finished_at),
                seen=last.seen,
                changed=last.changed,
            )
