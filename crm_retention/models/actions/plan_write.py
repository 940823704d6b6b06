from odoo import api, models
from odoo.tools import SQL

from ..running.columns_sql import arrays, names

# what a planned touch has of its draft, with the type in the database
COLUMNS = {
    "due_date": "date",
    "wanted_on": "date",
    "user_id": "int4",
    "channel_id": "int4",
    "depth": "varchar",
    "category": "varchar",
    "reason": "varchar",
    "anchor_on": "date",
    "anchor_channel_id": "int4",
    "interval_days": "int4",
    "act_at": "timestamp",
    "held_by": "varchar",
}
HALF_YEAR = 183


class RetentionTouch(models.Model):
    """Brings the planned touches in line with what the planner proposes."""

    _inherit = "retention.touch"

    @api.model
    def _reconcile(self, company, facts, drafts, words):
        """Create, move and drop planned touches of a batch; return how many.

        Exactly one stays for each draft that is not refused. What somebody snoozed is
        left until its day, unless the customer was contacted since; what is being
        sent is left alone.
        """
        new, moved, dropped = [], [], []
        for key, draft in drafts.items():
            planned = facts.planned.get(key)
            if draft.refused:
                continue
            row = self._get_values(draft, words)
            if not planned:
                new.append((key, row))
            elif not self._is_kept(planned, draft, facts):
                if draft.occurrence and self._is_missed(planned, draft):
                    dropped.append((planned, self.env._("The day has passed.")))
                    new.append((key, row))
                elif any(getattr(planned, name) != row[name] for name in COLUMNS):
                    moved.append((planned, row))
        for key, planned in facts.planned.items():
            if planned.mail_id or planned.partner_id not in facts.known:
                continue  # on its way, or of somebody whom nobody judged yet
            if key not in drafts or drafts[key].refused:
                dropped.append((planned, self._get_drop_reason(planned, drafts)))
        count = self._drop_planned(dropped)
        count += self._move_planned(moved) + self._create_planned(company, new, drafts)
        self._log_plan(company, facts, drafts, moved, dropped)
        return count

    @api.model
    def _get_values(self, draft, words):
        """Return the columns of the touch that a draft calls for."""
        return {
            "due_date": draft.due,
            "wanted_on": draft.wanted,
            "user_id": draft.user_id,
            "channel_id": draft.channel_id,
            "depth": draft.depth,
            "category": draft.line.category,
            "reason": words.reason(draft),
            "anchor_on": draft.anchor,
            "anchor_channel_id": draft.anchor_channel,
            "interval_days": draft.interval,
            "act_at": draft.act_at,
            "held_by": draft.held_by,
        }

    @api.model
    def _is_kept(self, planned, draft, facts):
        """Tell whether a planned touch is not the plan's to move now."""
        if planned.mail_id:
            return True
        snoozed = planned.snoozed_until and planned.snoozed_until >= facts.as_of
        return snoozed and planned.anchor_on == draft.anchor

    @api.model
    def _is_missed(self, planned, draft):
        """Tell whether this is last year's key date, of which nothing became."""
        return planned.wanted_on and (draft.wanted - planned.wanted_on).days > HALF_YEAR

    @api.model
    def _get_drop_reason(self, planned, drafts):
        draft = drafts.get((planned.partner_id, planned.line_id))
        if draft:
            return draft.refused
        return self.env._("No policy asks for it any more.")

    @api.model
    def _log_plan(self, company, facts, drafts, moved, dropped):
        """Keep what the guard said where it changed the plan."""
        changed = {(each.partner_id, each.line_id) for each, _why in dropped}
        changed |= {
            (each.partner_id, each.line_id)
            for each, row in moved
            if row["act_at"] and row["act_at"] != each.act_at
        }
        said = [
            drafts[key]
            for key in sorted(changed)
            if key in drafts and drafts[key].verdict
        ]
        self.env["retention.guard"]._log(
            company,
            [draft.request for draft in said],
            [draft.verdict for draft in said],
        )

    # ---- statements ------------------------------------------------------------------

    @api.model
    def _create_planned(self, company, new, drafts):
        """Insert one planned touch for each draft, if no one else did meanwhile."""
        if not new:
            return 0
        columns = {"partner_id": "int4", "cadence_id": "int4"} | COLUMNS
        rows = [{"partner_id": key[0], "cadence_id": key[1]} | row for key, row in new]
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO retention_touch
                  (company_id, direction, state, origin, is_bulk, is_real,
                   create_uid, write_uid, create_date, write_date, %(names)s)
                SELECT %(company)s, 'out', 'planned', 'plan',
                       fresh.is_bulk, FALSE, %(uid)s, %(uid)s,
                       now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC', %(values)s
                  FROM unnest(%(bulk)s::bool[], %(arrays)s)
                    AS fresh (is_bulk, %(names)s)
                    ON CONFLICT DO NOTHING
                """,
                company=company.id,
                uid=self.env.uid,
                names=names(columns),
                values=SQL(", ").join(
                    SQL.identifier("fresh", name) for name in columns
                ),
                bulk=[not drafts[key].line.personal for key, _row in new],
                arrays=arrays(columns, rows),
            )
        )
        self.invalidate_model()
        return self.env.cr.rowcount

    @api.model
    def _move_planned(self, moved):
        """Write what is different of these planned touches."""
        if not moved:
            return 0
        rows = [{"id": planned.id} | row for planned, row in moved]
        columns = {"id": "int4"} | COLUMNS
        self.env.cr.execute(
            SQL(
                """
                UPDATE retention_touch touch
                   SET (%(names)s) = (%(values)s), write_uid = %(uid)s,
                       snoozed_until = CASE
                         WHEN touch.anchor_on IS DISTINCT FROM fresh.anchor_on
                         THEN NULL ELSE touch.snoozed_until END,
                       write_date = now() AT TIME ZONE 'UTC'
                  FROM unnest(%(arrays)s) AS fresh (id, %(names)s)
                 WHERE touch.id = fresh.id AND touch.state = 'planned'
                """,
                names=names(COLUMNS),
                values=SQL(", ").join(
                    SQL.identifier("fresh", name) for name in COLUMNS
                ),
                uid=self.env.uid,
                arrays=arrays(columns, rows),
            )
        )
        count = self.env.cr.rowcount
        self.invalidate_model()
        self._sync_activities([each.id for each, _row in moved if each.activity_id])
        return count

    @api.model
    def _drop_planned(self, dropped):
        """Note of these planned touches that they are no longer due, and why."""
        if not dropped:
            return 0
        self.env.cr.execute(
            SQL(
                """
                UPDATE retention_touch touch
                   SET state = 'dropped', skip_reason = gone.reason,
                       write_uid = %s, write_date = now() AT TIME ZONE 'UTC'
                  FROM unnest(%s::int4[], %s::varchar[]) AS gone (id, reason)
                 WHERE touch.id = gone.id AND touch.state = 'planned'
                """,
                self.env.uid,
                [planned.id for planned, _why in dropped],
                [why for _planned, why in dropped],
            )
        )
        count = self.env.cr.rowcount
        self.invalidate_model()
        self._sync_activities([each.id for each, _why in dropped if each.activity_id])
        return count
