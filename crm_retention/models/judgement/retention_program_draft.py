from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

# what of a program a draft of it may change
DRAFTED = (
    "domain",
    "owner_id",
    "metric",
    "rank_by",
    "window_kind",
    "anniversary_of",
    "window_months",
    "period_months",
    "grace_days",
    "one_step",
    "up_waits",
    "recency_basis",
    "break_mode",
    "refresh_days",
    "min_customers",
    "marks_high",
    "amount_bound",
    "steady_share",
    "steady_period",
    "brought_least",
    "brought_recurring",
    "top_share",
    "review_mode",
)
AT_ONCE = 5_000  # customers judged while the person waits; more in the background


class RetentionProgram(models.Model):
    """A draft of a program: rules to try, which count for nobody until applied."""

    _inherit = "retention.program"

    draft_of_id = fields.Many2one(
        comodel_name="retention.program",
        string="Draft of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="cascade",
    )
    silent_version = fields.Integer(readonly=True, copy=False)
    silent_on = fields.Date(readonly=True, copy=False)

    def action_try_change(self):
        """Open the draft of this program, made anew if there is none."""
        self.ensure_one()
        self.check_access("write")
        drafts = self.with_context(active_test=False).search(
            [("draft_of_id", "=", self.id), ("active", "=", False)], order="id desc"
        )
        draft = drafts.filtered(lambda row: not row._is_past_pilot())[:1]
        return (draft or self._create_draft())._open_form()

    def _is_past_pilot(self):
        """Tell whether this draft has been tried as a pilot: it is a record now."""
        return bool(self.pilot_from)

    def _create_draft(self):
        """Return a copy of this program to try changes on."""
        self.ensure_one()
        draft = self.copy({"draft_of_id": self.id, "pilot_share": 20})
        draft.name = self.env._("%s (draft)", self.name)
        pairs = zip(self.tier_ids.sorted(), draft.tier_ids.sorted(), strict=True)
        for tier, copied in pairs:  # a handful
            copied.origin_id = tier
        return draft

    def _open_form(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "retention.program",
            "res_id": self.id,
            "view_mode": "form",
            "context": {"active_test": False},
        }

    def action_open_original(self):
        """Open the program that this is a draft of."""
        self.check_access("write")
        return self.draft_of_id._open_form()

    def action_preview(self):
        """Show what applying the rules would do: who moves, and what he is worth."""
        self.ensure_one()
        preview = self.env["retention.program.preview"]._create_of(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Preview: %s", self.name),
            "res_model": "retention.program.preview",
            "res_id": preview.id,
            "view_mode": "form",
            "target": "current",
        }

    # ---- a draft becomes the rules ---------------------------------------------

    def _get_ruled(self):
        """Return the program whose rules these are: of a draft, its original."""
        self.ensure_one()
        return self.draft_of_id or self

    def _put_in_force(self):
        """Make these rules count: a draft's become its original's.

        The same for a preview as for applying, so that the one shows the other.
        """
        self.ensure_one()
        ruled = self._get_ruled()
        if self.draft_of_id:
            ruled.write(self._get_draft_changes())
            if self.active:  # it ran as a pilot
                self._end_pilot(self.env._("Live for all customers"))
        elif not self.active:
            self.active = True
        return ruled

    def _get_draft_changes(self):
        """Return the values that make the original's rules those of this draft."""
        self.ensure_one()
        ruled, changes = self.draft_of_id, {}
        [mine], [known] = self.read(DRAFTED, load=None), ruled.read(DRAFTED, load=None)
        changes = {name: mine[name] for name in DRAFTED if mine[name] != known[name]}
        tiers = self._get_tier_changes()
        breaks = self._get_break_changes()
        return (
            changes
            | ({"tier_ids": tiers} if tiers else {})
            | ({"break_ids": breaks} if breaks else {})
        )

    def _get_tier_changes(self):
        """Return the commands that make the original's tiers those of this draft."""
        ruled, commands = self.draft_of_id, []
        kept = self.tier_ids.origin_id
        commands += [Command.delete(tier.id) for tier in ruled.tier_ids - kept]
        for tier in self.tier_ids.sorted():
            vals = tier._copy_rules()
            if not tier.origin_id:
                commands.append(Command.create(vals))
                continue
            known = tier.origin_id._copy_rules()
            changed = {key: vals[key] for key in vals if vals[key] != known.get(key)}
            if changed:
                commands.append(Command.update(tier.origin_id.id, changed))
        return commands

    def _get_break_changes(self):
        """Return the commands for own break points; fifths are computed anew."""
        if self.break_mode != "own":
            return []
        points = [f"point_{n}" for n in range(1, 5)]
        known = {row.dimension: row for row in self.draft_of_id.break_ids}
        return [
            Command.update(
                known[row.dimension].id, {name: row[name] for name in points}
            )
            for row in self.break_ids
            if any(row[name] != known[row.dimension][name] for name in points)
        ]

    def _apply_rules(self, silently, as_of=None):
        """Put these rules in force and judge everybody by them.

        :param silently: customers who move get no note, and no event that tells it.
        :return: whether everybody has been judged; otherwise it goes on in the
            background.
        """
        ruled = self._put_in_force()
        today = ruled.company_id._retention_today()
        if silently:
            ruled.write({"silent_version": ruled.version, "silent_on": as_of or today})
        if self != ruled and not self._is_past_pilot():
            self.unlink()
        if ruled._count_profiles() > AT_ONCE:
            self.env["retention.run"].action_recalculate_all(ruled.company_id)
            return False
        ruled._judge_everybody(as_of or today)
        return True

    def _count_profiles(self):
        return self.env["retention.profile"].search_count(
            [("company_id", "=", self.company_id.id)]
        )

    def _judge_everybody(self, as_of, steps=("score", "place")):
        """Judge every customer of the company on a day, in this transaction."""
        # sudo: runs are written by the job only; asked after a check of the right
        runs = self.env["retention.run"].sudo()
        runs = runs._plan(self.company_id, "full", as_of)
        idle = runs.filtered(lambda run: run.step not in steps)
        idle.unlink()
        (runs - idle)._execute()

    def _is_silent(self, as_of):
        """Tell whether moves by the present rules on a day are to be told to nobody."""
        self.ensure_one()
        return (
            bool(self.silent_on)
            and self.silent_version == self.version
            and as_of <= self.silent_on + timedelta(days=1)
        )

    @api.constrains("active", "draft_of_id")
    def _check_draft(self):
        for program in self:
            if program.active and program.draft_of_id and not program.pilot_of_id:
                raise UserError(
                    self.env._(
                        "%s is a draft: start it as a pilot, or apply it to the "
                        "program.",
                        program.name,
                    )
                )


class RetentionTier(models.Model):
    """Which tier of the program in force a draft's tier stands for."""

    _inherit = "retention.tier"

    origin_id = fields.Many2one(
        comodel_name="retention.tier",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    def _copy_rules(self):
        """Return what a draft of this tier may change, as values to write."""
        self.ensure_one()
        [vals] = self.copy_data()
        for name in ("program_id", "has_cut", "cut_value", "cut_tie"):
            vals.pop(name, None)
        return vals
