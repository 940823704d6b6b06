from odoo import fields, models


class SurveyUserInput(models.Model):
    """Answers to surveys are known as feedback at once."""

    _inherit = "survey.user_input"

    retention_invited_at = fields.Datetime(
        string="Invited on",
        readonly=True,
        copy=False,
        help="When an invitation was sent, last; counts for the limit on surveys.",
    )

    _retention_written_idx = models.Index("(write_date) WHERE state = 'done'")

    def _mark_done(self):
        result = super()._mark_done()
        # sudo: the customer answers; the suite keeps it
        self.env["retention.feedback"].sudo()._take_in_surveys(self.ids)
        return result
