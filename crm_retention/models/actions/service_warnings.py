from collections import defaultdict

import pytz

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.service_clock import ALL, HALF, MOST
from .service_follow import Following

BATCH = 200  # warnings a transaction
ACTIVITY = "crm_retention.mail_activity_type_service"


class RetentionServiceClock(models.Model):
    """Warns before and when a promise is broken: owner, team lead, manager."""

    _inherit = "retention.service.clock"

    @api.model
    def _cron_warn(self):
        """Warn of promises whose time is half, nearly or all used up; each level once.

        A killed job leaves the warnings and what notes them, or neither.
        """
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=len(self._find_due_warnings(limit=None)))
        while clocks := self._find_due_warnings(limit=BATCH):
            clocks = clocks.try_lock_for_update()
            clocks._warn(fields.Datetime.now())
            if not clocks or not progress(len(clocks)):
                break

    @api.model
    def _find_due_warnings(self, limit):
        domain = [("warn_at", "<=", fields.Datetime.now()), ("stopped_at", "=", False)]
        return self.search(domain, order="warn_at, id", limit=limit)

    def _warn(self, now):
        """Make the warnings that are due for these clocks, and note them."""
        levels = {clock.id: clock._get_passed_levels(now) for clock in self}
        wanted = defaultdict(dict)  # by person: by clock: the highest level
        for clock in self:
            for level in levels[clock.id]:
                user = clock._get_warned_user(level)
                if user:
                    wanted[user][clock] = level
        self._create_warnings(wanted)
        rows = [(clock.id, max(levels[clock.id])) for clock in self]
        self.env.flush_all()
        for level in (HALF, MOST, ALL):
            ids = [clock_id for clock_id, highest in rows if highest == level]
            self.env.cr.execute(
                SQL(
                    """UPDATE retention_service_clock
                          SET warned = %s, warn_at = %s,
                              state = CASE WHEN %s < %s THEN state
                                           ELSE 'missed' END
                        WHERE id = ANY(%s)""",
                    level,
                    {HALF: SQL("most_at"), MOST: SQL("due_at"), ALL: SQL("NULL")}[
                        level
                    ],
                    level,
                    ALL,
                    ids,
                )
            )
        self.invalidate_model()
        Following(self.ticket_id, now).run()  # which of them are missed now

    def _get_passed_levels(self, now):
        """Return the levels, above those warned of, that this clock has passed."""
        self.ensure_one()
        moments = {HALF: self.half_at, MOST: self.most_at, ALL: self.due_at}
        return [
            level
            for level, at in moments.items()
            if level > self.warned and at and at <= now
        ]

    def _get_warned_user(self, level):
        """Return whom to warn at a level: owner, team lead, manager, or the next."""
        self.ensure_one()
        ticket = self.ticket_id
        owner, lead = ticket.user_id, ticket.team_id.user_id
        manager = self.company_id.retention_service_manager_id
        order = {
            HALF: (owner, lead, manager),
            MOST: (lead, owner, manager),
            ALL: (manager, lead, owner),
        }[level]
        return next(
            (
                user
                for user in order
                if user.active and ticket.with_user(user).has_access("read")
            ),
            self.env["res.users"],
        )

    @api.model
    def _create_warnings(self, wanted):
        """Create an activity for each person and clock; none if there is one already.

        :param wanted: ``{user: {clock: level}}``
        """
        kind = self.env.ref(ACTIVITY, raise_if_not_found=False)
        model = self.env["ir.model"]._get_id("helpdesk.ticket")
        if not kind:
            return
        self.env["mail.activity"].create(
            [
                {
                    "res_model_id": model,
                    "res_id": clock.ticket_id.id,
                    "activity_type_id": kind.id,
                    "user_id": user.id,
                    "retention_clock_id": clock.id,
                    "automated": True,
                    **clock._prepare_warning(user, level),
                }
                for user, clocks in wanted.items()
                for clock, level in clocks.items()
            ]
        )

    def _prepare_warning(self, user, level):
        """Return what a warning says, in the language and time zone of its reader."""
        clock = self.with_context(lang=user.lang)
        zone = pytz.timezone(user.tz or "UTC")
        due = pytz.utc.localize(self.due_at).astimezone(zone)
        promise = dict(self._fields["part"]._description_selection(clock.env))[
            self.part
        ]
        if level == ALL:
            summary = clock.env._("%s is overdue", promise)
        else:
            summary = clock.env._(
                "%(promise)s: %(level)s %% of the time is used",
                promise=promise,
                level=level,
            )
        return {"summary": summary, "date_deadline": due.date()}
