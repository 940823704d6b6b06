from odoo import api, fields, models
from odoo.fields import Domain


class RetentionRun(models.Model):
    """Runs that carry planned touches out."""

    _inherit = "retention.run"

    @api.model
    def _get_due_kind(self, company):
        """Also run when the guard now allows what it put off, or invoices were paid."""
        kind = super()._get_due_kind(company)
        if kind or self._has_unsettled(company):
            return kind or "light"
        if not company.retention_sending:
            return None
        waiting = self.env["retention.touch"].search_count(
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "planned")
            & Domain("activity_id", "=", False)
            & Domain("due_date", "<=", company._retention_today())
            & Domain("act_at", "<=", fields.Datetime.now()),
            limit=1,
        )
        return "light" if waiting else None

    @api.model
    def _has_unsettled(self, company):
        """Tell whether invoices were written that may earn points by now.

        A payment marks no customer: it changes nobody's figures.
        """
        last = self.search(
            [("company_id", "=", company.id), ("step", "=", "settle")], limit=1
        )
        if last.state != "done":
            return False  # is tried again as it stands
        # sudo: whether points can be earned at all, whoever asks
        programs = self.env["retention.points.program"].sudo()
        if not last.started_at or not programs.search_count(
            [("company_id", "=", company.id)], limit=1
        ):
            return False
        moves = self.env["account.move"].sudo()  # sudo: the job looks at all of them
        return bool(
            moves.search_count(
                [
                    ("company_id", "=", company.id),
                    ("write_date", ">", last.started_at),
                    ("state", "=", "posted"),
                    ("move_type", "in", ("out_invoice", "out_refund", "out_receipt")),
                ],
                limit=1,
            )
        )

    def _note_bad(self, row, error):
        """Also tell it on the planned touch that could not be carried out."""
        result = super()._note_bad(row, error)
        if self.step == "act" and row._name == "retention.touch":
            row._note_error(error)
        return result
