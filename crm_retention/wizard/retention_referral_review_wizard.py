from odoo import fields, models


class RetentionReferralReviewWizard(models.TransientModel):
    """A manager decides on referrals that wait, or that the rules refused."""

    _name = "retention.referral.review.wizard"
    _description = "Accept or Refuse Referrals"

    referral_ids = fields.Many2many(
        comodel_name="retention.referral", string="Referrals", required=True
    )
    decision = fields.Selection(
        selection=[("accept", "Accept"), ("refuse", "Refuse")],
        default="accept",
        required=True,
    )
    reason = fields.Char(required=True)

    def action_apply(self):
        """Carry out the decision."""
        self.ensure_one()
        self.referral_ids._check_may_review()
        # sudo: referrals are written by these methods only; checked above
        self.referral_ids.sudo()._decide(self.decision == "accept", self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
