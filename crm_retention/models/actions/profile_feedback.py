from odoo import api, fields, models
from odoo.fields import Domain

LAST = 10  # answers shown


class RetentionProfile(models.Model):
    """What the customer said of us, on the profile."""

    _inherit = "retention.profile"

    feedback_ids = fields.One2many(
        comodel_name="retention.feedback",
        string="Last Answers",
        compute="_compute_feedback",
    )
    satisfaction_text = fields.Char(string="Satisfaction", compute="_compute_feedback")

    @api.depends_context("lang", "uid")
    def _compute_feedback(self):
        rows = self.env["retention.feedback"].search(
            Domain("partner_id", "in", self.partner_id.ids)
            & Domain("company_id", "in", self.company_id.ids)
            & Domain("state", "in", ("asked", "answered"))
        )
        by_customer = rows.grouped(lambda row: (row.partner_id, row.company_id))
        for profile in self:
            mine = by_customer.get(
                (profile.partner_id, profile.company_id), rows.browse()
            )
            profile.feedback_ids = mine[:LAST]
            profile.satisfaction_text = mine._describe_last()
