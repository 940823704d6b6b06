from odoo import models
from odoo.tools import format_date

from ...tools import rfm, tiering


class RetentionProfile(models.Model):
    """The sentences in which a profile says why: each with its numbers."""

    _inherit = "retention.profile"

    def _describe_scores(self):
        """Return the scores of one profile in plain words, by field."""
        self.ensure_one()
        scores = (self.recency_score, self.frequency_score, self.monetary_score)
        names = ("rfm_text", "recency_text", "frequency_text", "monetary_text")
        if not self.purchase_count:
            nothing = self.env._("No purchase yet")
            return dict.fromkeys(names, nothing)
        if rfm.NOT_ENOUGH in scores:
            few = self.env._("Not enough customers to compare with yet")
            return dict.fromkeys(names, few)
        window = self.program_id._describe_window()
        return {
            "rfm_text": "-".join(map(str, scores)),
            "recency_text": self.env._(
                "%(score)s of 5: bought %(ago)s (%(date)s)",
                score=scores[0],
                ago=self._describe_ago(),
                date=format_date(self.env, self.last_purchase),
            ),
            "frequency_text": self.env._(
                "%(score)s of 5: %(count)s purchases %(window)s",
                score=scores[1],
                count=self.window_purchases,
                window=window,
            ),
            "monetary_text": self.env._(
                "%(score)s of 5: %(amount)s %(window)s",
                score=scores[2],
                amount=self.currency_id.format(self.window_revenue),
                window=window,
            ),
        }

    def _describe_ago(self):
        """Say how long ago the last purchase was."""
        self.ensure_one()
        if self.recency_days <= 0:
            return self.env._("today")
        if self.recency_days == 1:
            return self.env._("yesterday")
        return self.env._("%s days ago", self.recency_days)

    def _describe_standing(self, rungs, current):
        """Return tier, next tier and what is missing of one profile, by field.

        :param rungs: ``{tier: rung}`` as of :meth:`RetentionTier._rungs`.
        :param current: ``{profile: open membership}``.
        """
        self.ensure_one()
        membership = current.get(self, self.env["retention.membership"])
        values = {
            "tier_text": membership.reason or self._describe_no_tier(),
            "next_tier_id": False,
            "next_text": False,
            "progress": 0,
            "fall_date": False,
            "fall_text": False,
            "fall_tier_id": False,
            "keep_text": False,
        }
        if not self.tier_id:
            return values
        held = rungs.get(self.tier_id, 0)
        lower = rungs.get(self.earned_tier_id, 0) < held
        if lower and membership and not self.has_override:
            values |= self._get_fall(rungs, self._get_fall_date(membership))
        better = [
            tier for tier in self.program_id.tier_ids if rungs.get(tier, 0) == held + 1
        ]
        if better:
            values |= self._describe_next(better[0])
        else:
            values |= {"next_text": self.env._("Top tier"), "progress": 100}
        return values

    def _describe_no_tier(self):
        if self.purchase_count:
            return self.env._("Waits for the next evaluation")
        if self.is_prospect:
            return self.env._("Prospect: tiers begin with the first purchase")
        return self.env._("No purchase counts for this customer")

    def _describe_next(self, tier):
        """Say what is missing to ``tier``, with progress in percent."""
        values = {"next_tier_id": tier.id, "next_text": tier.limit_text, "progress": 0}
        if not tier.has_cut:
            return values
        have, need = self._metric_pair(), (tier.cut_value, tier.cut_tie)
        if have >= need and self._waits_for_review(tier):
            text = self.env._("The figures reach %s, which needs a review", tier.name)
            return values | {"next_text": text, "progress": 100}
        if have >= need and tier.program_id.up_waits:
            text = self.env._("Earned %s; begins with the next tier period", tier.name)
            return values | {"next_text": text, "progress": 100}
        if have >= need:
            text = self.env._("Earned %s; moves up with the next evaluation", tier.name)
            return values | {"next_text": text, "progress": 100}
        place = 1 if have[0] == need[0] else 0  # the tie breaker decides
        progress = have[place] / need[place] if need[place] > 0 else 0.0
        return values | {
            "next_text": self._describe_missing(tier, have, need),
            "progress": max(0, min(99, int(100 * progress))),
        }

    def _describe_missing(self, tier, have, need):
        """Say what is missing from the figures ``have`` to ``need``."""
        program, money = tier.program_id, self.currency_id.format
        if program.metric == "orders":
            return self.env._(
                "%(missing)s more purchases to %(tier)s",
                missing=round(need[0] - have[0]),
                tier=tier.name,
            )
        if program.metric == "contribution":
            return self.env._(
                "%(missing)s more signs of high value to %(tier)s",
                missing=round(need[0] - have[0]),
                tier=tier.name,
            )
        if not program._ranks_by_score():
            return self.env._(
                "%(missing)s more revenue to %(tier)s",
                missing=money(need[0] - have[0]),
                tier=tier.name,
            )
        if have[0] == need[0]:
            return self.env._(
                "%(missing)s more revenue to %(tier)s at RFM score %(value)s",
                missing=money(need[1] - have[1]),
                tier=tier.name,
                value=round(have[0]),
            )
        return self.env._(
            "RFM score %(value)s; %(tier)s needs %(limit)s",
            value=round(have[0]),
            tier=tier.name,
            limit=round(need[0]),
        )

    def _describe_figure(self):
        """Say this customer's figure in the program's metric."""
        self.ensure_one()
        program = self.program_id
        value, _tie = self._metric_pair()
        revenue = self.currency_id.format(self.window_revenue)
        if program.metric == "orders":
            return self.env._("%s purchases", round(value))
        if program.metric == "contribution":
            return self.env._("%s signs of high value", round(value))
        if program._ranks_by_score():
            if not value:
                return self.env._("not enough customers to compare with")
            return self.env._(
                "RFM %(rfm)s (score %(score)s of 15), revenue %(revenue)s",
                rfm=f"{self.recency_score}-{self.frequency_score}-{self.monetary_score}",
                score=round(value),
                revenue=revenue,
            )
        return self.env._("revenue %s", revenue)

    def _describe_move(self, cause, tier, before):
        """Say in one sentence, with its numbers, why the customer now has ``tier``."""
        figure, limit = self._describe_figure(), tier.limit_text
        names = {"tier": tier.name, "before": before.name, "figure": figure}
        if cause == tiering.OVERRIDE:
            return self.env._(
                "%(tier)s by decision of %(user)s: %(reason)s",
                tier=tier.name,
                user=self.override_user_id.name or self.env._("a manager"),
                reason=self.override_reason or self.env._("no reason given"),
            )
        if cause == tiering.UPGRADE:
            return self.env._(
                "Up from %(before)s: %(figure)s; %(tier)s needs %(limit)s",
                limit=limit,
                **names,
            )
        if cause == tiering.DOWNGRADE:
            return self.env._(
                "Down from %(before)s after tier period and grace: %(figure)s; "
                "%(before)s needs %(limit)s",
                limit=before.limit_text,
                **names,
            )
        if cause == tiering.OVERRIDE_END:
            return self.env._(
                "The decision ended; by figures %(tier)s: %(figure)s", **names
            )
        if tier.is_floor:
            return self.env._("%(tier)s: %(figure)s", **names)
        return self.env._(
            "%(tier)s: %(figure)s; needed is %(limit)s", limit=limit, **names
        )
