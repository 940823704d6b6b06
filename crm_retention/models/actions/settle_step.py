from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .points_documents import INVOICES, POS, PURCHASES, PointsDocuments
from .points_earning import Earning

BATCH = 2_000  # documents a transaction
PARTS = (
    INVOICES,
    PURCHASES,
    POS,
    "gone",
    "events",
    "release",
    "expire",
    "warn",
    "others",
    "close",
)
DAILY = {"gone", "events", "warn", "others", "close"}  # not in the passes of the day
ALWAYS = {"others", "close"}  # tiers give benefits without points, too
TABLES = {
    INVOICES: "account_move",
    PURCHASES: "retention_purchase",
    POS: "pos_order",
}
# what also comes and goes with the days
OTHERS = (
    ("retention.reward.exchange", "_settle"),
    ("retention.referral", "_settle"),
    ("retention.benefit", "_apply"),
)


class RetentionPointsAccount(models.Model):
    """The settle step: documents earn, refunds reverse, points ripen and expire."""

    _inherit = "retention.points.account"

    @api.model
    def _step_settle(self, run):
        """Do one batch of the settle step; as ``retention.profile._step_score``.

        The cursor is ``{"part": name, "after": where the part goes on}``.
        """
        programs = self._get_programs(run)
        parts = [
            part
            for part in PARTS
            if not (part in DAILY and run.kind == "light")
            and not (part == POS and POS not in self.env)
            and (programs or part in ALWAYS)
        ]
        if not parts:
            return 0, 0, None
        cursor = run.cursor or {"part": parts[0]}
        part = cursor["part"]
        work = (
            self._settle_documents
            if part in TABLES
            else getattr(self, f"_settle_{part}")
        )
        seen, changed, after = work(run, programs, part, cursor.get("after"))
        if after:
            return seen, changed, {"part": part, "after": after}
        later = parts[parts.index(part) + 1 :]
        return seen, changed, {"part": later[0]} if later else None

    @api.model
    def _get_programs(self, run):
        """Return all programs of the company; of archived ones points still expire."""
        # sudo: the job settles, whoever started it
        programs = self.env["retention.points.program"].sudo()
        return programs.with_context(active_test=False).search(
            [("company_id", "=", run.company_id.id)]
        )

    # ---- documents -------------------------------------------------------------------

    @api.model
    def _settle_documents(self, run, programs, source, after):
        """Look at the next documents: all of the program's time, or what changed."""
        documents = PointsDocuments(self.env, run.company_id)
        # a new program, or one that now begins on another day, looks at all there was
        is_new = not all(programs.mapped("settled_on"))
        anew = run.kind == "full" or (run.kind == "night" and is_new)
        last = None if anew else run._get_last_start()
        self.env.flush_all()
        last_id, ids = documents.waiting(
            source,
            min(programs.mapped("start_date")),
            last - timedelta(hours=1) if last else None,
            after or 0,
            BATCH,
        )
        changed = self._settle_ids(run, documents, source, ids)
        if source == POS:
            invoices = documents.get_invoices(ids)
            changed += self._settle_ids(run, documents, INVOICES, invoices)
        return len(ids), changed, last_id

    @api.model
    def _settle_ids(self, run, documents, source, ids):
        """Settle these documents; one that cannot be is noted, the others are done."""

        def settle(rows):
            earning = Earning(self.env, documents, run.as_of)
            return earning.settle(source, [row["id"] for row in rows])

        return run._in_pieces([{"id": key} for key in ids], settle) if ids else 0

    @api.model
    def _settle_gone(self, run, programs, _part, _after):
        """Look at documents that were deleted after they had earned or refunded."""
        documents = PointsDocuments(self.env, run.company_id)
        seen = changed = 0
        for source in documents.sources:
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT COALESCE(root.res_model, entry.res_model),
                           COALESCE(root.res_id, entry.res_id)
                      FROM retention_points_entry entry
                      JOIN retention_points_account account
                        ON account.id = entry.account_id
                      LEFT JOIN retention_points_entry root
                        ON root.id = entry.reverses_id AND root.kind = 'earn'
                      LEFT JOIN %(table)s doc ON doc.id = entry.res_id
                     WHERE entry.res_model = %(model)s AND doc.id IS NULL
                       AND account.program_id = ANY(%(programs)s)
                       AND (entry.kind = 'earn'
                            OR entry.points < 0 AND root.id IS NOT NULL)
                    """,
                    table=SQL.identifier(TABLES[source]),
                    model=source,
                    programs=programs.ids,
                )
            )
            for model in {row[0] for row in rows} & set(TABLES):
                ids = sorted(row[1] for row in rows if row[0] == model)
                seen += len(ids)
                changed += self._settle_ids(run, documents, model, ids)
        return seen, changed, None

    # ---- time ------------------------------------------------------------------------

    @api.model
    def _settle_events(self, run, programs, _part, _after):
        events = programs.filtered("active").event_ids
        return 0, events._award(run.as_of), None

    @api.model
    def _settle_release(self, run, programs, _part, _after):
        return self._settle_each(programs, lambda each: self._release(each, run.as_of))

    @api.model
    def _settle_expire(self, run, programs, _part, _after):
        return self._settle_each(programs, lambda each: self._expire(each, run.as_of))

    @api.model
    def _settle_each(self, programs, work):
        """Do one batch of each program; come again while one of them has more."""
        changed, again = 0, False
        for program in programs:
            count, more = work(program)
            changed += count
            again |= more
        return changed, changed, 1 if again else None

    @api.model
    def _settle_warn(self, run, programs, _part, after):
        """Warn customers, program by program."""
        place, after = after or (0, 0)
        seen, told, last = self._warn(programs[place], run.as_of, after)
        if last:
            return seen, told, [place, last]
        more = place + 1 < len(programs)
        return seen, told, [place + 1, 0] if more else None

    # ---- once a night ----------------------------------------------------------------

    @api.model
    def _settle_others(self, run, programs, _part, after):
        """Let the others do a batch each in turn, until nothing moves any more."""
        [place] = after or [0]
        model, method = OTHERS[place]
        changed = getattr(self.env[model], method)(run.company_id, run.as_of)
        if not changed:
            place += 1
        return changed, changed, [place] if place < len(OTHERS) else None

    @api.model
    def _settle_close(self, run, programs, _part, _after):
        """Note how far all is settled, and check that the books are right."""
        late = programs.filtered(
            lambda each: not each.settled_on or each.settled_on < run.as_of
        )
        late.with_context(tracking_disable=True).write({"settled_on": run.as_of})
        if programs:
            self.env["retention.points.check"]._run(run.company_id)
        return 0, 0, None
