from odoo import api, fields, models
from odoo.fields import Domain


class RetentionRun(models.Model):
    """Runs come when somebody is to be asked."""

    _inherit = "retention.run"

    @api.model
    def _get_due_kind(self, company):
        kind = super()._get_due_kind(company)
        if kind or not company.retention_sending:
            return kind
        waiting = self.env["retention.feedback"].search_count(
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "planned")
            & Domain("ask_at", "<=", fields.Datetime.now()),
            limit=1,
        )
        return "light" if waiting else None
