from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...tools import pilot, tiering

CHECK_DAYS = 7  # how often a pilot is looked at: more often, chance stops it sooner


class RetentionProgram(models.Model):
    """A pilot: other rules for a share of the customers, compared with the rest.

    Always the same customers: by a number that depends on program and customer alone.
    """

    _name = "retention.program"
    _inherit = ["retention.program", "mail.activity.mixin"]

    pilot_share = fields.Integer(
        string="Pilot on (%)",
        default=100,
        tracking=True,
        copy=False,
        help="The share of the customers that a pilot takes, always the same ones.",
    )
    pilot_of_id = fields.Many2one(
        comodel_name="retention.program",
        string="Pilot of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="cascade",
    )
    pilot_ids = fields.One2many(
        comodel_name="retention.program", inverse_name="pilot_of_id", string="Pilots"
    )
    pilot_from = fields.Date(readonly=True, copy=False)
    pilot_ended = fields.Date(readonly=True, copy=False)
    pilot_end_reason = fields.Char(readonly=True, copy=False)
    pilot_checked_on = fields.Date(readonly=True, copy=False)
    stop_points = fields.Float(
        string="Stop if Fewer Buy by (points)",
        default=5,
        digits=(5, 1),
        help="The pilot ends by itself if the share of its customers who bought is "
        "surely lower than among the rest, by so many percentage points or more. "
        "Looked at once a week.",
    )
    stop_least = fields.Integer(
        string="And Each Group Has",
        default=100,
        help="With fewer customers in one of the groups, the pilot does not end by "
        "itself.",
    )
    pilot_text = fields.Text(string="Pilot and Rest", compute="_compute_pilot_text")

    _pilot_sane = models.Constraint(
        "CHECK (pilot_share BETWEEN 1 AND 100 AND stop_points > 0 AND stop_least > 0)",
        "A pilot takes 1 to 100 % of the customers; its limits are above 0.",
    )
    _pilot_unique = models.UniqueIndex(
        "(pilot_of_id) WHERE active", "A program has one pilot at a time."
    )

    # ---- who is in it --------------------------------------------------------

    def _pilot_key(self):
        """Return the number that decides, with the customer's, who is in the pilot."""
        self.ensure_one()
        return self.id

    def _in_turn(self):
        """Return [(program, programs whose conditions a customer must meet)].

        A pilot stands right before its program and takes only customers of it.
        """
        turns = []
        for program in self.filtered(lambda row: not row.pilot_of_id):
            mine = self.filtered(lambda row, whose=program: row.pilot_of_id == whose)
            turns += [(each, program | each) for each in mine]
            turns.append((program, program))
        return turns

    def _rung_of(self, tier):
        """Return the rung of ``tier`` here, also of one that stands for it; or None."""
        self.ensure_one()
        rungs = self.tier_ids._rungs()
        if tier in rungs:
            return rungs[tier]
        if tier.program_id.pilot_of_id == self:
            return rungs.get(tier.origin_id)
        if self.pilot_of_id and tier.program_id == self.pilot_of_id:
            mine = self.tier_ids.filtered(lambda row: row.origin_id == tier)
            return rungs.get(mine)
        return None

    @api.model
    def _carry_over(self, verdict, standing):
        """Return the verdict on who comes into a pilot or back: promises are kept."""
        if verdict and verdict.cause != tiering.RENEW:
            return verdict
        cause = tiering.OVERRIDE if standing.overridden else tiering.PROGRAM
        until = verdict.valid_until if verdict else standing.valid_until
        return tiering.Verdict(cause, standing.rung, until)

    # ---- beginning and end -----------------------------------------------------

    def action_start_pilot(self):
        """Let a share of the customers be judged by this draft."""
        self.ensure_one()
        self.check_access("write")
        original = self.draft_of_id
        if not original or self.pilot_of_id:
            raise UserError(self.env._("Only a draft of a program becomes a pilot."))
        if self.pilot_share > 90:
            raise UserError(
                self.env._("Leave at least 10 % of the customers to compare with.")
            )
        self._start_pilot()
        return self.action_apply()

    def _start_pilot(self):
        """Put the draft in force for its share, beside its original."""
        original = self.draft_of_id
        self.write(
            {
                "pilot_of_id": original.id,
                "active": True,
                "sequence": original.sequence,
                "pilot_from": self.company_id._retention_today(),
                "name": self.env._("%s (pilot)", original.name),
            }
        )
        original._rules_changed()

    def action_stop_pilot(self):
        """End the pilot: its customers return to the program, with what they hold."""
        self.ensure_one()
        self.check_access("write")
        self._end_pilot(self.env._("Stopped by %s", self.env.user.name))
        return self.draft_of_id.action_apply()

    def _end_pilot(self, reason):
        """Put this pilot out of force."""
        self.ensure_one()
        self.write(
            {
                "active": False,
                "pilot_ended": self.company_id._retention_today(),
                "pilot_end_reason": reason,
            }
        )
        self.pilot_of_id._rules_changed()
        if not self.env.context.get("retention_preview"):
            self.message_post(body=reason)

    # ---- how it does -----------------------------------------------------------

    @api.model
    def _watch_pilots(self, company, as_of):
        """End the pilots whose customers surely do worse; asked once a week."""
        due = self.search(
            [
                ("company_id", "=", company.id),
                ("pilot_of_id", "!=", False),
                ("pilot_from", "<", as_of),
            ]
        ).filtered(
            lambda row: (
                (row.pilot_checked_on or row.pilot_from)
                <= as_of - timedelta(days=CHECK_DAYS)
            )
        )
        for program in due:  # one or two
            program.pilot_checked_on = as_of
            mine, rest = program._get_pilot_groups(as_of)
            if pilot.must_stop(mine, rest, program.stop_points, program.stop_least):
                program._stop_by_itself(mine, rest, as_of)
        return len(due)

    def _stop_by_itself(self, mine, rest, as_of):
        text = self._describe_groups(mine, rest)
        self._end_pilot(self.env._("Stopped by itself. %s", text))
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            date_deadline=as_of,
            summary=self.env._("Pilot stopped by itself: fewer customers buy"),
            note=text,
            user_id=self._get_pilot_owner().id,
        )

    def _get_pilot_owner(self):
        """Return who is told: the owner, or the first manager of the company."""
        owner = self.owner_id
        if owner.active and not owner.share:
            return owner
        managers = self.env.ref("crm_retention.group_retention_manager").all_user_ids
        company = self.company_id
        fits = managers.filtered(lambda row: row.active and company in row.company_ids)
        return fits.sorted("id")[:1] or self.env.user

    def _get_pilot_groups(self, as_of):
        """Return (pilot, rest) as :class:`tools.pilot.Group` since the pilot began.

        Only customers who had bought before, and of the rest only those of the
        pilot's population.
        """
        self.ensure_one()
        fits = SQL("TRUE")
        if not self._takes_all():
            fits = SQL("profile.partner_id IN %s", self._population().subselect())
        self.env.flush_all()
        rows = self.env.execute_query(self._count_groups(as_of, fits))
        groups = {row[0]: pilot.Group(*row[1:]) for row in rows}
        none = pilot.Group(0, 0)
        return groups.get(self.id, none), groups.get(self.pilot_of_id.id, none)

    def _count_groups(self, as_of, fits):
        """Return the query of (program, customers, buyers, revenue, its squares)."""
        return SQL(
            """
            SELECT program_id, count(*), count(*) FILTER (WHERE bought),
                   COALESCE(sum(revenue), 0)::float8,
                   COALESCE(sum(revenue * revenue), 0)::float8
              FROM (
                SELECT profile.program_id, COALESCE(doc.bought, FALSE) AS bought,
                       COALESCE(doc.revenue, 0) AS revenue
                  FROM retention_profile profile
                  LEFT JOIN (
                    SELECT partner_id, sum(amount) AS revenue,
                           bool_or(amount > 0) AS bought
                      FROM (%(transactions)s) transaction
                     WHERE company_id = %(company)s
                       AND date >= %(since)s AND date <= %(as_of)s
                     GROUP BY partner_id) doc
                    ON doc.partner_id = profile.partner_id
                 WHERE profile.company_id = %(company)s
                   AND profile.program_id = ANY(%(programs)s)
                   AND profile.first_purchase < %(since)s AND %(fits)s) customer
             GROUP BY program_id
            """,
            transactions=self.env["retention.transaction"]._table_query,
            company=self.company_id.id,
            since=self.pilot_from,
            as_of=as_of,
            programs=[self.id, self.pilot_of_id.id],
            fits=fits,
        )

    @api.depends_context("lang")
    @api.depends("pilot_of_id", "pilot_from", "pilot_end_reason")
    def _compute_pilot_text(self):
        for program in self:
            text = False
            if program.pilot_ended:
                text = program.pilot_end_reason
            elif program.pilot_of_id and program.active:
                today = program.company_id._retention_today()
                # sudo: sums over all customers, shown to who may read the program
                groups = program.sudo()._get_pilot_groups(today)
                text = program._describe_groups(*groups)
            program.pilot_text = text

    def _describe_groups(self, mine, rest):
        """Say in figures how pilot and rest did."""
        found = pilot.share_difference(mine, rest)
        if not found:
            return self.env._("Nobody to compare with yet.")
        money = self.currency_id.format
        lines = [
            self.env._(
                "Since %(day)s bought: %(buyers)s of %(count)s customers of the pilot, "
                "%(rest_buyers)s of %(rest)s of the rest: %(value)s points "
                "(%(low)s to %(high)s).",
                day=format_date(self.env, self.pilot_from),
                buyers=mine.buyers,
                count=mine.customers,
                rest_buyers=rest.buyers,
                rest=rest.customers,
                value=f"{found.value:+.1f}",
                low=f"{found.low:+.1f}",
                high=f"{found.high:+.1f}",
            )
        ]
        worth = pilot.revenue_difference(mine, rest)
        if worth:
            lines.append(
                self.env._(
                    "Revenue a customer: %(value)s (%(low)s to %(high)s) against the "
                    "rest.",
                    value=money(worth.value),
                    low=money(worth.low),
                    high=money(worth.high),
                )
            )
        return "\n".join(lines)
