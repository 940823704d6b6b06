from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .aged_sql import aged
from .compare_sql import break_points, share_limits, top_limit
from .retention_program import SHARE_METRICS
from .score_sql import ScoreSQL

BATCH = 5_000  # customers a transaction: 0.1–0.3 s each; 10,000 are 3 % faster
MARKS = 2_500  # named one by one, which takes longer to plan

# Which parts a run of each kind goes through. "compare" ends the run unless a
# comparison of all customers is due; the parts after it need that comparison.
PARTS = {
    "light": ("marks",),
    "night": ("moved", "marks", "aged", "compare", "scores", "shares", "tiers"),
    "full": ("facts", "marks", "compare", "scores", "shares", "tiers"),
}


class RetentionProfile(models.Model):
    """The score step: facts to figures, scores, segment and earned tier."""

    _inherit = "retention.profile"

    @api.model
    def _step_score(self, run):
        """Do one batch of the score step.

        :param run: the :class:`RetentionRun`, whose ``cursor`` says where to go on:
            ``{"part": name, "after": id, "programs": [ids due],
            "versions": {program id: version}}``.
        :return: (profiles looked at, changed, next cursor or None at the end).
        """
        self._tune()
        # a night builds on the evening before; without one it is a full pass
        whole = run.kind == "night" and not run._previous_as_of()
        parts = PARTS["full" if whole else run.kind]
        cursor = run.cursor or self._begin(run, parts)
        part = cursor["part"]
        if part == parts[0] and "after" not in cursor:
            self._set_fixed_limits(run.company_id)
        seen, changed, cursor = getattr(self, f"_part_{part}")(run, cursor)
        if cursor.pop("end", False):
            return seen, changed, None
        if cursor.pop("done", False):
            place = parts.index(part) + 1
            if place == len(parts):
                if parts == PARTS["full"]:  # others leave out what a rule may change
                    self._note_applied(cursor)
                return seen, changed, None
            cursor.pop("after", None)
            cursor["part"] = parts[place]
        return seen, changed, cursor

    @api.model
    def _begin(self, run, parts):
        """Return the first cursor: the rules by which this pass begins to judge."""
        programs = run.company_id.retention_program_ids
        versions = {str(program.id): program.version for program in programs}
        return {"part": parts[0], "versions": versions}

    @api.model
    def _tune(self):
        """Settings for this transaction: no spilling sorts, no parallel copies of
        hash tables, no compiling of long CASE expressions for a fraction of a second,
        and indexes taken for what they are, mostly in memory.
        """
        self.env.cr.execute(
            "SET LOCAL work_mem = '64MB'; SET LOCAL jit = off;"
            "SET LOCAL max_parallel_workers_per_gather = 0;"
            "SET LOCAL random_page_cost = 1.1"
        )

    @api.model
    def _count_anew(self):
        """Let the planner know how many rows our own tables have.

        After a large import it believes for a while that they are empty, and then
        chooses loops that never end.
        """
        self.env.flush_all()
        self.env.cr.execute("ANALYZE retention_purchase; ANALYZE retention_profile")

    @api.model
    def _execute(self, statement):
        """Run a statement of :class:`ScoreSQL`; return (looked at, written)."""
        [(seen, updated, inserted)] = self.env.execute_query(statement)
        self.invalidate_model()
        return seen, updated + inserted

    @api.model
    def _score_customers(self, company, customer_ids, as_of=None):
        """Judge these customers of one company from their documents; count changes."""
        as_of = as_of or company._retention_today()
        statement = ScoreSQL(company, as_of).recompute(_among(customer_ids))
        _seen, changed = self._execute(statement)
        return changed

    # ---- parts -----------------------------------------------------------------

    def _part_facts(self, run, cursor):
        """Everybody, some thousand contacts at a time."""
        if "after" not in cursor:
            self._count_anew()
            return 0, 0, cursor | {"after": 0}
        after = cursor["after"]
        [(last,)] = self.env.execute_query(
            SQL(
                """SELECT max(id) FROM (
                     SELECT id FROM res_partner
                      WHERE id > %s AND commercial_partner_id = id
                      ORDER BY id LIMIT %s) batch""",
                after,
                BATCH,
            )
        )
        if not last:
            return 0, 0, cursor | {"done": True}
        which = _between(after, last)
        judge = ScoreSQL(run.company_id, run.as_of)
        seen, changed = self._execute(judge.recompute(which))
        return seen, changed, cursor | {"after": last}

    def _part_moved(self, run, cursor):
        """Mark those of whom a document came into or fell out of the window today.

        A document falls out when the window moves past its day; one that was dated
        ahead comes in on its day.
        """
        since = run._previous_as_of()
        if since < run.as_of:
            spans = {(since, run.as_of)}
            customer_ids = set()
            for program in run.company_id.retention_program_ids:
                spans |= program._get_moved_spans(since, run.as_of)
                customer_ids |= program._get_moved_customers(since, run.as_of)
            for before, last in spans:
                customer_ids.update(
                    self.env["retention.transaction"]._get_customers_between(
                        run.company_id, before + timedelta(days=1), last
                    )
                )
            customers = self.env["res.partner"].browse(sorted(customer_ids))
            self.env["retention.mark"]._add(customers, run.company_id)
        return 0, 0, cursor | {"done": True}

    def _part_marks(self, run, cursor):
        """Those whose documents changed."""
        Mark = self.env["retention.mark"]
        mark_ids, customer_ids = Mark._take(run.company_id, MARKS)
        if not mark_ids:
            return 0, 0, cursor | {"done": True}
        judge = ScoreSQL(run.company_id, run.as_of)
        seen, changed = self._execute(judge.recompute(_among(customer_ids)))
        Mark._forget(mark_ids)
        return seen, changed, cursor

    def _part_aged(self, run, cursor):
        """Those who did nothing, and whose last purchase is now a step longer ago."""
        since = run._previous_as_of()
        judge = ScoreSQL(run.company_id, run.as_of)
        seen, changed = self._execute(judge.rescore(aged(judge, since)))
        return seen, changed, cursor | {"done": True}

    def _part_compare(self, run, cursor):
        """Compute break points, where the day for it has come or the rules changed."""
        due = run.company_id.retention_program_ids.filtered(
            lambda program: program._is_refresh_due(run.as_of)
        )
        if not due:
            return 0, 0, {"end": True}
        self._count_anew()  # a first fill began with an empty table
        for program in due:
            self._set_break_points(program, run.as_of)
        due.refreshed_on = run.as_of
        return 0, 0, cursor | {"programs": due.ids, "done": True}

    def _part_scores(self, run, cursor):
        return self._rescore_batch(run, cursor)

    def _part_shares(self, run, cursor):
        """Compute the limits of tiers that are shares of all customers."""
        for program in self._due_programs(cursor):
            if program.metric in SHARE_METRICS:
                self._set_share_limits(program)
            self._set_top_limit(program)
        return 0, 0, cursor | {"done": True}

    def _part_tiers(self, run, cursor):
        return self._rescore_batch(run, cursor)

    def _rescore_batch(self, run, cursor):
        """Judge the next profiles of the due programs from their stored figures."""
        after = cursor.get("after", 0)
        [(last,)] = self.env.execute_query(
            SQL(
                """SELECT max(partner_id) FROM (
                     SELECT partner_id FROM retention_profile
                      WHERE company_id = %s AND partner_id > %s
                      ORDER BY partner_id LIMIT %s) batch""",
                run.company_id.id,
                after,
                BATCH,
            )
        )
        if not last:
            return 0, 0, cursor | {"done": True}
        condition = SQL(
            "profile.program_id = ANY(%s) AND %s",
            self._due_programs(cursor).ids,
            _between(after, last)(SQL("profile.partner_id")),
        )
        judge = ScoreSQL(run.company_id, run.as_of)
        _seen, changed = self._execute(judge.rescore(condition))
        return 0, changed, cursor | {"after": last}

    def _due_programs(self, cursor):
        return self.env["retention.program"].browse(cursor["programs"]).exists()

    # ---- what depends on all customers -------------------------------------------

    def _set_break_points(self, program, as_of):
        """Store a program's fifths, or say why there are none."""
        rows = self.env.execute_query(break_points(program, as_of))
        count = rows[0][1]
        program.compared_count = count
        if program.break_mode == "own":
            program.break_ids.state = "ok"
            return
        lines = {line.dimension: line for line in program.break_ids}
        for dimension, _count, differ, *points in rows:
            state = "few" if count < program.min_customers else "ok"
            if state == "ok" and not differ:
                state = "flat"
            lines[dimension].state = state
            if state == "ok":
                exact = {f"point_{n}": point for n, point in enumerate(points, 1)}
                self._store_exact(lines[dimension], exact)

    def _set_share_limits(self, program):
        """Store from what figure on a customer belongs to each share."""
        tiers = program.tier_ids.filtered(lambda tier: not tier.is_floor)
        cuts = {}
        if program.compared_count >= program.min_customers:
            rows = self.env.execute_query(
                share_limits(program, [str(tier.threshold) for tier in tiers])
            )
            cuts = {round(share, 2): (value, tie) for share, value, tie in rows}
        for tier in tiers:
            value, tie = cuts.get(round(tier.threshold, 2), ("0", "0"))
            tier.has_cut = round(tier.threshold, 2) in cuts
            self._store_exact(tier, {"cut_value": value, "cut_tie": tie})

    def _set_top_limit(self, program):
        """Store from what score and revenue on a customer is among the best."""
        if not program.marks_high or not program.top_share:
            return
        rows = []
        if program.compared_count >= program.min_customers:
            rows = self.env.execute_query(top_limit(program))
        program.has_top_limit = bool(rows)
        for _share, score, revenue in rows:
            self._store_exact(
                program, {"top_limit_score": score, "top_limit_revenue": revenue}
            )

    @api.model
    def _store_exact(self, record, figures):
        """Write figures as the database gave them: a float holds 15 digits only."""
        assign = SQL(", ").join(
            SQL("%s = %s::numeric", SQL.identifier(name), figure)
            for name, figure in figures.items()
        )
        record.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s WHERE id = %s",
                SQL.identifier(record._table),
                assign,
                record.id,
            )
        )
        record.invalidate_recordset(list(figures))

    @api.model
    def _set_fixed_limits(self, company):
        """Copy the limits that a person set in figures, where they are not shares."""
        for tier in company.retention_program_ids.tier_ids:
            fixed = tier.metric not in SHARE_METRICS and not tier.is_floor
            if fixed and (not tier.has_cut or tier.cut_value != tier.threshold):
                tier.write({"has_cut": True, "cut_value": tier.threshold, "cut_tie": 0})

    def _note_applied(self, cursor):
        """Note the version of the rules by which everybody has now been judged."""
        for program in self._due_programs(cursor):
            begun = cursor["versions"].get(str(program.id))
            program.applied_version = begun or program.applied_version


def _between(after, last):
    """Return the condition ``after < column <= last`` as a function of the column."""
    return lambda column: SQL(
        "%(column)s > %(after)s AND %(column)s <= %(last)s",
        column=column,
        after=after,
        last=last,
    )


def _among(ids):
    """Return the condition that a column is one of ``ids``, as a function of it."""
    return lambda column: SQL("%s = ANY(%s)", column, list(ids))
