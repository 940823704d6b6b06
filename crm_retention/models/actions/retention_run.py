from odoo import api, fields, models
from odoo.fields import Domain


class RetentionRun(models.Model):
    """Runs that carry planned touches out."""

    _inherit = "retention.run"

    @api.model
    def _get_due_kind(self, company):
        """Also run when the guard now allows what it put off."""
        kind = super()._get_due_kind(company)
        if kind or not company.retention_sending:
            return kind
        waiting = self.env["retention.touch"].search_count(
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "planned")
            & Domain("activity_id", "=", False)
            & Domain("due_date", "<=", company._retention_today())
            & Domain("act_at", "<=", fields.Datetime.now()),
            limit=1,
        )
        return "light" if waiting else None

    def _note_bad(self, row, error):
        """Also tell it on the planned touch that could not be carried out."""
        result = super()._note_bad(row, error)
        if self.step == "act":
            row._note_error(error)
        return result
