from odoo import models


class RetentionPointsProgram(models.Model):
    """What tiers and events give, in words."""

    _inherit = "retention.points.program"

    def _describe_rules(self):
        rules = super()._describe_rules()
        return rules[:1] + self._describe_tiers() + self._describe_events() + rules[1:]

    def _describe_tiers(self):
        # sudo: what a tier earns is told to everybody
        tiers = self.env["retention.tier"].sudo()
        more = tiers.search(
            [("company_id", "=", self.company_id.id), ("points_factor", "!=", 1)]
        )
        if not more:
            return []
        return [
            self.env._(
                "Times %s.",
                self.env._(", ").join(
                    self.env._(
                        "%(factor)s for %(tier)s",
                        factor=f"{tier.points_factor:g}",
                        tier=tier.name,
                    )
                    for tier in more
                ),
            )
        ]

    def _describe_events(self):
        events = self.event_ids.filtered("active")
        if not events:
            return []
        return [
            self.env._(
                "Also: %s.",
                self.env._(", ").join(
                    f"{event.display_name} {event.points}" for event in events
                ),
            )
        ]
