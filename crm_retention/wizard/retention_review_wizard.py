from odoo import fields, models
from odoo.exceptions import ValidationError

from ..tools import contribution


class RetentionReviewWizard(models.TransientModel):
    """A person says whether customers are of high value, and why."""

    _name = "retention.review.wizard"
    _description = "Review of High Value"

    profile_ids = fields.Many2many(
        comodel_name="retention.profile", string="Customers", required=True
    )
    decision = fields.Selection(
        selection=[
            (contribution.CONFIRMED, "They are of high value"),
            (contribution.EXCLUDED, "Exclude them"),
            ("back", "Take the review back"),
        ],
        default=contribution.CONFIRMED,
        required=True,
    )
    reason = fields.Char(help="Kept with the customer, with your name and the day.")

    def action_apply(self):
        """Keep the review and judge the customers by it at once."""
        self.ensure_one()
        self.env["retention.program"].check_access("write")
        self.profile_ids.check_access("read")
        reason = (self.reason or "").strip()
        if self.decision == contribution.EXCLUDED and not reason:
            raise ValidationError(self.env._("To exclude a customer, say why."))
        # sudo: profiles are written by the rules only; the right was checked above
        profiles = self.profile_ids.sudo()
        profiles._review(False if self.decision == "back" else self.decision, reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
