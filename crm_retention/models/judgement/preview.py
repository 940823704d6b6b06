"""What applying a program's rules would do, found by doing it and undoing it.

The very steps of the nightly pass run inside a savepoint that is rolled back: a
preview in code of its own would one day say something else than what happens.
"""

from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from ...tools import tiering

FIRST, UP, DOWN, LATER, OTHER = "first", "up", "down", "later", "other"


class _Undo(Exception):
    """Leaves the savepoint."""


class RetentionProgram(models.Model):
    _inherit = "retention.program"

    def _preview(self, as_of=None):
        """Return who would move on ``as_of`` if these rules were applied, as dicts.

        Keys: ``profile_id`` (None: has no profile yet), ``partner_id``, ``before``
        and ``after`` (names of tiers or None), ``cause``, ``direction``, ``day`` and
        ``revenue`` in the window. Those who fall only when their tier period is over
        come as LATER.
        """
        self.ensure_one()
        as_of = as_of or self.company_id._retention_today()
        trial = self.with_context(tracking_disable=True, retention_preview=True)
        rows = []
        try:
            with self.env.cr.savepoint():
                rows = trial._try_rules(as_of)
                raise _Undo
        except _Undo:
            self.env.invalidate_all()
            self.env.registry.clear_cache()
        return rows

    def _try_rules(self, as_of):
        """Put the rules in force, judge everybody, and return who moves."""
        before = self._get_earned()
        ruled = self._put_in_force()
        ruled._judge_everybody(as_of, steps=("score",))
        rows = []
        Profile = self.env["retention.profile"].with_context(active_test=False)
        after = 0
        while ids := Profile._get_unsettled(ruled.company_id, as_of, after):
            after = ids[-1]
            moves, rungs = Profile._get_moves(
                Profile._get_candidates(ids, as_of), as_of
            )
            moving = [
                self._describe_trial(*move, rungs, as_of)
                for move in moves
                if move[1].cause != tiering.RENEW
            ]
            gone = {row["profile_id"] for row in moving}
            rows += moving + self._get_later(set(ids) - gone, before)
        self._add_revenue(rows)
        for row in rows:
            if row["profile_id"] not in before:  # made by the trial: gone with it
                row["profile_id"] = None
        return rows

    def _get_earned(self):
        """Return ``{profile id: tier by figures}`` as of now."""
        self.env.flush_all()
        return dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, earned_tier_id FROM retention_profile"
                    " WHERE company_id = %s",
                    self.company_id.id,
                )
            )
        )

    def _describe_trial(self, row, verdict, rungs, as_of):
        """Return one customer who would move."""
        tiers = self.env["retention.tier"]
        held = tiers.browse(row["held_tier_id"] or ())
        program = self.env["retention.program"].browse(row["program_id"] or ())
        fits = program.tier_ids.filtered(
            lambda tier: rungs.get(tier.id) == verdict.rung
        )
        return {
            "profile_id": row["id"],
            "partner_id": row["partner_id"],
            "before": held.name or None,
            "after": fits.name or None,
            "cause": verdict.cause,
            "direction": _direction(program._rung_of(held), verdict, bool(held)),
            "day": as_of,
        }

    def _get_later(self, profile_ids, before):
        """Return those of these profiles who fall when their tier period is over.

        Only whose tier by figures is another one than before the change.
        """
        Profile = self.env["retention.profile"].with_context(active_test=False)
        profiles = Profile.browse(
            each for each in profile_ids if each in before
        ).filtered(
            lambda row: row.is_falling and row.earned_tier_id.id != before[row.id]
        )
        held = self.env["retention.membership"]._get_current(profiles)
        rungs = profiles.tier_id._rungs()
        return [
            {
                "profile_id": profile.id,
                "partner_id": profile.partner_id.id,
                "before": profile.tier_id.name,
                "after": profile._get_fall_tier(rungs).name,
                "cause": tiering.DOWNGRADE,
                "direction": LATER,
                "day": held[profile].valid_until
                + timedelta(days=profile.program_id.grace_days + 1),
            }
            for profile in profiles
            if profile in held and not profile.has_override
        ]

    def _add_revenue(self, rows):
        """Add to each row what the customer bought for in the window."""
        found = dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, window_revenue FROM retention_profile"
                    " WHERE id = ANY(%s)",
                    [row["profile_id"] for row in rows],
                )
            )
        )
        for row in rows:
            row["revenue"] = float(found[row["profile_id"]] or 0)


def _direction(held_rung, verdict, has_held):
    """Return where a customer goes from the rung he holds (None: not comparable)."""
    if not has_held:
        return FIRST
    if verdict.rung < 0 or held_rung is None or verdict.rung == held_rung:
        return OTHER
    return UP if verdict.rung > held_rung else DOWN
