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
        for settings in self:
            settings.retention_last_text = settings._describe_last_evaluation()

    def _describe_last_evaluation(self):
        """Say when customers were last judged, and how many; False: never."""
        self.ensure_one()
        last = (
            self.env["retention.run"]
            .sudo()  # sudo: only administrators see settings; a date and two numbers
            .search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("step", "=", "score"),
                    ("state", "=", "done"),
                ],
                limit=1,
            )
        )
        if not last:
            return False
        return self.env._(
            "%(date)s: %(seen)s customers looked at, %(changed)s changed",
            date=format_datetime(self.env, last.finished_at),
            seen=last.seen,
            changed=last.changed,
        )
