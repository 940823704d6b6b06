from odoo import fields, models
from odoo.tools import format_date


class RetentionProfile(models.Model):
    """The warning before a tier is lost: when, to which, and what is missing."""

    _inherit = "retention.profile"

    fall_text = fields.Char(
        string="Downgrade",
        compute="_compute_standing",
        help="When the tier is lost, and what is missing to keep it.",
    )
    fall_tier_id = fields.Many2one(
        comodel_name="retention.tier", string="Falls to", compute="_compute_standing"
    )
    keep_text = fields.Char(string="Missing", compute="_compute_standing")

    def _get_fall(self, rungs, day):
        """Return what happens on ``day`` unless the tier is earned again, by field.

        :param rungs: ``{tier: rung}`` of the program.
        """
        self.ensure_one()
        lower = self._get_fall_tier(rungs)
        missing = self._describe_keep()
        if self._waits_for_review(self.tier_id):
            missing = self.env._("a review as a customer of high value")
        return {
            "fall_date": day,
            "fall_tier_id": lower.id,
            "keep_text": missing,
            "fall_text": self._describe_fall(lower, day, missing),
        }

    def _describe_fall(self, lower, day, missing):
        """Say when the customer falls to ``lower``, and what he misses."""
        if not missing:
            return self.env._(
                "Falls to %(lower)s on %(day)s",
                lower=lower.name,
                day=format_date(self.env, day),
            )
        return self.env._(
            "Falls to %(lower)s on %(day)s. Missing: %(missing)s (%(window)s)",
            lower=lower.name,
            day=format_date(self.env, day),
            missing=missing,
            window=self.program_id._describe_window(),
        )

    def _describe_keep(self):
        """Say what figures are missing to keep the tier; "" where none says it."""
        self.ensure_one()
        tier = self.tier_id
        if not tier.has_cut or self._waits_for_review(tier):
            return ""
        need = (tier.cut_value, tier.cut_tie)
        return self._describe_missing(tier, self._metric_pair(), need)

    def _get_fall_tier(self, rungs):
        """Return the tier to which the customer falls: a step, or to the earned one."""
        if not self.program_id.one_step:
            return self.earned_tier_id
        held = rungs[self.tier_id]
        below = self.program_id.tier_ids.filtered(
            lambda tier: rungs.get(tier) == held - 1
        )
        return below or self.earned_tier_id

    def action_extend_tier(self):
        """Open the dialog that extends the tier period of these customers."""
        self.env["retention.program"].check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Extend the Tier Period"),
            "res_model": "retention.tier.extension.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_profile_ids": self.ids},
        }
