from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ...tools import signals
from ...tools.signals import Finding


class RetentionSignal(models.Model):
    """Tiers about to be lost: no longer earned, and the promise ends soon."""

    _inherit = "retention.signal"

    @api.model
    def _selection_kind(self):
        return [
            *super()._selection_kind(),
            ("tier_loss", self.env._("Tier about to be lost")),
        ]

    @api.model
    def _get_explanations(self):
        return super()._get_explanations() | {
            "tier_loss": self.env._(
                "Customers whose figures earn a lower tier than they hold, and who "
                "will fall within the days ahead. Known for today only: this rule "
                "cannot look back."
            )
        }

    def _can_look_back(self):
        """What was earned on a day of the past is not kept."""
        return self.kind != "tier_loss" and super()._can_look_back()

    def _find_tier_loss(self, scope):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT held.partner_id, profile.id, tier.id, earned.id,
                       held.valid_until + program.grace_days + 1 AS falls_on
                  FROM retention_membership held
                  JOIN retention_program program ON program.id = held.program_id
                  JOIN retention_tier tier ON tier.id = held.tier_id
                  JOIN retention_profile profile
                    ON profile.partner_id = held.partner_id
                   AND profile.company_id = held.company_id
                  JOIN retention_tier earned ON earned.id = profile.earned_tier_id
                   AND earned.program_id = held.program_id
                 WHERE held.company_id = %(company)s AND held.date_to IS NULL
                   AND (earned.sequence, earned.id) > (tier.sequence, tier.id)
                   AND held.valid_until + program.grace_days + 1 <= %(last)s
                   AND held.valid_until + program.grace_days + 1 > %(day)s
                   AND COALESCE(profile.override_until < %(day)s, TRUE)
                   AND %(customers)s
                """,
                company=scope.company.id,
                day=scope.as_of,
                last=scope.as_of + timedelta(days=self.days),
                customers=scope.of(SQL("held.partner_id")),
            )
        )
        profiles = self.env["retention.profile"].browse([row[1] for row in rows])
        missing = {profile.id: profile.fall_text for profile in profiles}
        return [
            Finding(
                customer_id,
                signals.by_distance((falls_on - scope.as_of).days, self.days, 0),
                since=falls_on,
                words={"tier": tier, "earned": earned, "missing": missing[profile_id]},
            )
            for customer_id, profile_id, tier, earned, falls_on in rows
        ], 0

    def _say_tier_loss(self, finding, say_day):
        if finding.words["missing"]:
            return finding.words["missing"]
        tiers = self.env["retention.tier"]
        return self.env._(
            "Loses %(tier)s on %(day)s: the figures earn %(earned)s",
            tier=tiers.browse(finding.words["tier"]).name,
            earned=tiers.browse(finding.words["earned"]).name,
            day=say_day(finding.since),
        )
