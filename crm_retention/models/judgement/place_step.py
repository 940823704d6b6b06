from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ...tools import tiering
from .retention_profile import UNSETTLED

BATCH = 2_000  # memberships are written through the ORM
LOOK_AHEAD = 20_000
QUIET = (tiering.ENTER, tiering.RENEW)


class RetentionProfile(models.Model):
    """The place step: earned tiers to memberships, only where something happens."""

    _inherit = "retention.profile"

    @api.model
    def _step_place(self, run):
        """Do one batch of the place step; as :meth:`_step_score`."""
        self._tune()
        after = (run.cursor or {}).get("after", 0)
        ids = self._get_unsettled(run.company_id, run.as_of, after)
        if not ids:
            if run.kind != "light" and not run.env.context.get("retention_replay"):
                self.env["retention.program"]._watch_pilots(run.company_id, run.as_of)
            return 0, 0, None
        rows = self._get_candidates(ids, run.as_of, BATCH)
        changed = run._in_pieces(rows, lambda part: self._place(part, run.as_of))
        last = rows[-1]["id"] if len(rows) == BATCH else ids[-1]
        return len(rows), changed, {"after": last}

    @api.model
    def _place_customers(self, company, customer_ids, as_of=None):
        """Give these customers of one company the tiers they are due; count them."""
        as_of = as_of or company._retention_today()
        profiles = self._with_archived().search(
            [("company_id", "=", company.id), ("partner_id", "in", list(customer_ids))]
        )
        return self._place(self._get_candidates(profiles.ids, as_of), as_of)

    @api.model
    def _get_unsettled(self, company, as_of, after=0):
        """Return the next ids of profiles to which something might happen, in order.

        Those whose tier is not the earned one, who have a decision, or whose
        promise has run out: each by an index, so that all others cost nothing.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM retention_profile
                 WHERE company_id = %(company)s AND %(unsettled)s AND id > %(after)s
                 UNION
                SELECT id FROM retention_profile
                 WHERE company_id = %(company)s AND override_until IS NOT NULL
                   AND id > %(after)s
                 UNION
                SELECT known.id
                  FROM retention_membership held
                  JOIN retention_profile known
                    ON known.partner_id = held.partner_id
                   AND known.company_id = held.company_id
                 WHERE held.company_id = %(company)s AND held.date_to IS NULL
                   AND held.valid_until < %(as_of)s AND known.id > %(after)s
                 ORDER BY id
                 LIMIT %(limit)s
                """,
                company=company.id,
                unsettled=SQL(UNSETTLED),
                as_of=as_of,
                after=after,
                limit=LOOK_AHEAD,
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _get_candidates(self, profile_ids, as_of, limit=None):
        """Return those of these profiles whose time has come, as dictionaries.

        The conditions are those of :func:`tools.tiering.decide` in SQL, so that the
        many who wait (for the end of a tier period, say) are not even read.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT profile.id, profile.program_id, profile.earned_tier_id,
                       profile.override_tier_id, profile.override_until,
                       held.id AS membership_id, held.tier_id AS held_tier_id,
                       held.program_id AS held_program_id, held.valid_until,
                       held.cause = 'override' AS overridden,
                       profile.partner_id, profile.first_purchase,
                       (customer.create_date AT TIME ZONE 'UTC'
                         AT TIME ZONE COALESCE(calendar.tz, 'UTC'))::date AS joined
                  FROM retention_profile profile
                  JOIN res_partner customer ON customer.id = profile.partner_id
                  JOIN res_company company ON company.id = profile.company_id
                  LEFT JOIN resource_calendar calendar
                    ON calendar.id = company.resource_calendar_id
                  LEFT JOIN retention_membership held
                    ON held.partner_id = profile.partner_id
                   AND held.company_id = profile.company_id
                   AND held.date_to IS NULL
                  LEFT JOIN retention_tier now ON now.id = held.tier_id
                  LEFT JOIN retention_tier due ON due.id = profile.earned_tier_id
                  LEFT JOIN retention_program program ON program.id = profile.program_id
                 WHERE profile.id = ANY(%s) AND %s
                 ORDER BY profile.id
                 LIMIT %s
                """,
                list(profile_ids),
                self._is_time(as_of),
                limit,
            )
        )
        return self.env.cr.dictfetchall()

    def _is_time(self, as_of):
        """Return the condition of :meth:`_get_candidates` that something happens.

        Sequence grows downwards: a smaller one is the better tier.
        """
        return SQL(
            """CASE
               WHEN due.id IS NULL THEN held.id IS NOT NULL
               WHEN held.id IS NULL THEN TRUE
               WHEN held.program_id <> profile.program_id THEN TRUE
               WHEN profile.override_until >= %(as_of)s
                 THEN held.cause <> 'override'
                      OR held.tier_id <> profile.override_tier_id
               WHEN held.cause = 'override' THEN TRUE
               WHEN due.sequence < now.sequence
                 THEN program.up_waits IS NOT TRUE OR held.valid_until < %(as_of)s
               WHEN due.sequence = now.sequence THEN held.valid_until < %(as_of)s
               ELSE held.valid_until + program.grace_days < %(as_of)s
               END""",
            as_of=as_of,
        )

    @api.model
    def _place(self, rows, as_of):
        """Carry out what :func:`tools.tiering.decide` says for these candidates."""
        self._lock(rows)
        moves, rungs = self._get_moves(rows, as_of)
        self._write_moves(moves, rungs, as_of)
        return len(moves)

    @api.model
    def _get_moves(self, rows, as_of):
        """Return ([(candidate, verdict)], {tier id: rung}) of those who move."""
        rows = self._without_later_history(rows, as_of)
        tiers = self.env["retention.tier"].browse(
            {row[name] for row in rows for name in ("earned_tier_id", "held_tier_id")}
            - {None}
        )
        rungs = {tier.id: rung for tier, rung in tiers._rungs().items()}
        moves = []
        for row in rows:
            verdict = self._decide(row, rungs, as_of)
            if verdict:
                moves.append((row, verdict))
        return moves, rungs

    @api.model
    def _lock(self, rows):
        """Have whoever places the same customers at this moment wait for us, or retry.

        Without it two first memberships of one customer meet only at the index that
        allows one, and that is an error and no reason to try again.
        """
        self.env.cr.execute(
            SQL(
                "SELECT FROM retention_profile WHERE id = ANY(%s)"
                " ORDER BY id FOR NO KEY UPDATE",
                [row["id"] for row in rows],
            )
        )

    @api.model
    def _without_later_history(self, rows, as_of):
        """Return the candidates without history after ``as_of``: it is never rewritten.

        There is some only where a day in the past is judged again.
        """
        profiles = self.browse(row["id"] for row in rows)
        later = self.env["retention.membership"].search(
            [
                ("partner_id", "in", profiles.partner_id.ids),
                ("company_id", "in", profiles.company_id.ids),
                "|",
                ("date_from", ">", as_of),
                ("date_to", ">", as_of),
            ]
        )
        gone = set(later.partner_id.ids)
        return [row for row in rows if self.browse(row["id"]).partner_id.id not in gone]

    def _decide(self, row, rungs, as_of):
        """Return the verdict on one candidate; "leave" where no program fits."""
        if not row["earned_tier_id"]:
            return tiering.Verdict("leave", -1, as_of)
        program = self.env["retention.program"].browse(row["program_id"])
        override = standing = None
        decided = row["override_tier_id"] and program._rung_of(
            self.env["retention.tier"].browse(row["override_tier_id"])
        )
        if row["override_tier_id"] and decided is not None:
            override = tiering.Override(decided, row["override_until"])
        moved = row["held_program_id"] not in (None, program.id)
        if row["membership_id"]:
            standing = self._get_standing(row, program, rungs)
        earned = rungs[row["earned_tier_id"]]
        rules = program._rules_on(as_of, row)
        verdict = tiering.decide(earned, standing, rules, as_of, override)
        if moved and standing:  # a pilot begins or ends: what was promised stays
            return program._carry_over(verdict, standing)
        if moved and verdict.cause == tiering.ENTER:
            return tiering.Verdict(tiering.PROGRAM, verdict.rung, verdict.valid_until)
        return verdict

    def _get_standing(self, row, program, rungs):
        """Return what is held in ``program``; None if it is in an unrelated one."""
        rung = rungs.get(row["held_tier_id"])
        if row["held_program_id"] != program.id:
            held = self.env["retention.tier"].browse(row["held_tier_id"])
            rung = program._rung_of(held)
        if rung is None:
            return None
        return tiering.Standing(rung, row["valid_until"], row["overridden"])

    @api.model
    def _write_moves(self, moves, rungs, as_of):
        """Write verdicts: ends, promises, new rows, the tier shown, the chatter."""
        Membership = self.env["retention.membership"]
        at_rung = {
            (tier.program_id.id, rungs[tier.id]): tier
            for tier in self.env["retention.tier"].browse(rungs)
        }
        promised, ended, new = defaultdict(list), [], []
        profiles_at = defaultdict(list)
        for row, verdict in moves:
            if verdict.cause == tiering.RENEW:
                promised[verdict.valid_until].append(row["membership_id"])
                continue
            if row["membership_id"]:
                ended.append(row["membership_id"])
            tier = at_rung.get(
                (row["program_id"], verdict.rung), self.env["retention.tier"]
            )
            profiles_at[tier].append(row["id"])
            if tier:
                new.append((row, verdict, tier))
        for until, ids in promised.items():
            Membership.browse(ids).valid_until = until
        Membership.browse(ended).date_to = as_of
        Membership.flush_model()  # ends before begins: one open row at a time
        for tier, ids in profiles_at.items():
            self.browse(ids).tier_id = tier
        profiles = self.browse([row["id"] for row, _verdict, _tier in new])
        created = Membership.create(
            [
                profile._prepare_membership(*each, as_of)
                for profile, each in zip(profiles, new, strict=True)
            ]
        )
        created._log_on_customers()

    def _prepare_membership(self, row, verdict, tier, as_of):
        """Return the values of the new membership that ``verdict`` calls for."""
        self.ensure_one()
        before = self.env["retention.tier"].browse(row["held_tier_id"] or ())
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "program_id": row["program_id"],
            "tier_id": tier.id,
            "previous_tier_id": before.id,
            "date_from": as_of,
            "valid_until": verdict.valid_until,
            "cause": verdict.cause,
            "metric_value": self._metric_pair()[0],
            "reason": self._describe_move(verdict.cause, tier, before),
            "rule_version": tier.program_id.version,
        }
