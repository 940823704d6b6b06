from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .open_days import OpenDays

AUDITOR = "crm_retention.group_retention_auditor"
MANAGER = "crm_retention.group_retention_manager"
UNDO_MINUTES = 15  # mail leaves sooner: then only the rest can still be taken back
# what an undo brings back: column -> its type
KEPT = {
    "state": "varchar",
    "due_date": "date",
    "done_at": "timestamp",
    "user_id": "int4",
    "channel_id": "int4",
    "outcome": "varchar",
    "note": "text",
    "snoozed_until": "date",
    "skip_reason": "varchar",
    "act_at": "timestamp",
    "is_bulk": "bool",
    "key": "varchar",
}


class RetentionTouch(models.Model):
    """What a person does with planned touches, each of it undone for a while."""

    _inherit = "retention.touch"

    # ---- rights ------------------------------------------------------------------

    @api.model
    def _may_act(self):
        """Tell whether the user may log and change contacts: an auditor may not."""
        user = self.env.user
        return self.env.su or user.has_group(MANAGER) or not user.has_group(AUDITOR)

    def _check_may_act(self):
        """Refuse auditors, and touches of customers that the user may not see."""
        if not self._may_act():
            raise AccessError(
                self.env._("Auditors read everything and change nothing.")
            )
        self.check_access("read")

    def _get_planned(self):
        """Return those of these touches that are still planned; refuse if none is."""
        self._check_may_act()
        # sudo: touches are written by these methods only; the right was checked above
        planned = self.sudo().filtered(lambda touch: touch.state == "planned")
        if not planned:
            raise UserError(
                self.env._("This contact is no longer planned. Reload the page.")
            )
        return planned

    # ---- doing -------------------------------------------------------------------

    def _do(self, values):
        """Mark these planned touches done.

        :param values: ``outcome``, ``note``, ``done_at``, ``channel_id`` and ``key`` of
            the touches; ``next_date`` on which the next one is due, if a person chose
            it; ``told`` if the customer's chatter tells of it already.
        :return: the touches that were still planned.
        """
        planned = self._get_planned()
        planned._remember()
        values = dict(values)
        next_date = values.pop("next_date", None)
        told = values.pop("told", False)
        without = planned.filtered(lambda touch: not touch.activity_id)
        planned.write(
            {
                "state": "done",
                "done_at": values.pop("done_at", None) or fields.Datetime.now(),
                "act_error": False,
            }
            | values
        )
        messages = planned._finish_activities(planned[:1]._describe_done())
        if not told:
            messages |= without._log_done()
        planned._remember_more("messages", messages.ids)
        if next_date:
            planned._remember_more("next", planned._plan_next(next_date).ids)
        planned._sync_customers()
        return planned

    def _describe_done(self):
        """Return what a note on the customer says of this done touch."""
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        return self.env._(": ").join(
            filter(None, (outcomes.get(self.outcome), self.note))
        )

    def _log_done(self):
        """Note these done touches on their customers."""
        if not self:
            return self.env["mail.message"]
        bodies = {
            touch.partner_id.id: self.env._(
                "%(channel)s – %(what)s",
                channel=touch.channel_id.name,
                what=touch._describe_done(),
            )
            for touch in self
        }
        author = self.env.user.partner_id.id
        return self.partner_id._message_log_batch(bodies, author_id=author)

    def _plan_next(self, date):
        """Have the next contact of these rhythms on ``date``, as a person decided.

        :return: the touches made for it, where no rhythm has planned one.
        """
        following = self.search(
            Domain("state", "=", "planned")
            & Domain("partner_id", "in", self.partner_id.ids)
            & Domain("cadence_id", "in", self.cadence_id.ids)
            & Domain("company_id", "in", self.company_id.ids)
        )
        following.write({"due_date": date, "snoozed_until": date, "act_at": False})
        known = {(each.partner_id, each.cadence_id) for each in following}
        missing = self.filtered(
            lambda touch: (touch.partner_id, touch.cadence_id) not in known
        )
        return self.create(
            [
                {
                    "partner_id": touch.partner_id.id,
                    "person_id": touch.person_id.id,
                    "company_id": touch.company_id.id,
                    "channel_id": touch.channel_id.id,
                    "category": touch.category,
                    "depth": touch.depth,
                    "due_date": date,
                    "snoozed_until": date,
                    "user_id": touch.user_id.id or self.env.uid,
                    "reason": self.env._("Agreed at the last contact."),
                    "origin": "manual",
                }
                for touch in missing
            ]
        )

    def _get_following(self):
        """Return the planned touches that follow these done ones, soonest first."""
        return self.search(
            Domain("state", "=", "planned")
            & Domain("partner_id", "in", self.partner_id.ids)
            & Domain("company_id", "in", self.company_id.ids),
            order="due_date, id",
        )

    def _get_next_date(self):
        """Return when the rhythm plans the next one if this one is done today."""
        self.ensure_one()
        line = self.cadence_id
        if not line or line.keydate_id:
            return False
        # sudo: the interval in force, of a touch that the user may read
        state = self.env["retention.cadence.state"].sudo()
        state = state.search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("cadence_id", "=", line.id),
            ],
            limit=1,
        )
        today = self.company_id._retention_today()
        day = today + timedelta(days=state.interval_days or line.interval_days)
        # sudo: the calendars of people, to see on which days they work
        return OpenDays(self.company_id.sudo(), today).next(self.user_id.id, day)

    def _snooze(self, until, reason):
        """Put these planned touches off until a day, for a reason."""
        planned = self._get_planned()
        if not until or until <= self.env.company._retention_today():
            raise UserError(self.env._("Choose a day after today."))
        planned._remember()
        planned.write(
            {
                "due_date": until,
                "snoozed_until": until,
                "skip_reason": reason,
                "act_at": False,
            }
        )
        planned._quiet().activity_id.filtered("active").write({"date_deadline": until})
        return planned

    def _skip(self, reason):
        """Leave these planned touches out this time, for a reason."""
        planned = self._get_planned()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: the reason is kept."))
        planned._remember()
        planned.write({"state": "skipped", "skip_reason": reason})
        planned._close_activities()
        planned._replan_customers()
        return planned

    def _reassign(self, user):
        """Hand these planned touches to ``user``, who finds them on Today."""
        planned = self._get_planned()
        planned._remember()
        planned.write({"user_id": user.id})
        planned._quiet().activity_id.filtered("active").write({"user_id": user.id})
        return planned

    def _sync_customers(self):
        """Close or move what activities the customers of these touches still have."""
        touches = self.search(
            [("partner_id", "in", self.partner_id.ids), ("activity_id", "!=", False)]
        )
        touches._sync_activities(touches.ids)

    # ---- undo --------------------------------------------------------------------

    def _remember(self):
        """Keep how these touches stand, in one statement, for :meth:`_undo`."""
        self.flush_recordset()
        pairs = SQL(", ").join(
            SQL("%s, %s", name, SQL.identifier(name)) for name in KEPT
        )
        until = fields.Datetime.now() + timedelta(minutes=UNDO_MINUTES)
        self.env.cr.execute(
            SQL(
                """
                UPDATE retention_touch touch
                   SET undo = jsonb_build_object(%(pairs)s, 'active',
                         EXISTS (SELECT FROM mail_activity
                                  WHERE id = touch.activity_id AND active)),
                       undo_until = %(until)s
                 WHERE id = ANY(%(ids)s)
                """,
                pairs=pairs,
                until=until,
                ids=self.ids,
            )
        )
        self.invalidate_recordset(["undo", "undo_until"])

    def _remember_more(self, name, ids):
        """Keep with the first of these touches what else an undo takes back."""
        if ids:
            first = self[:1]
            first.undo = dict(first.undo, **{name: ids})

    def _undo(self):
        """Take back what was last done with these touches, and what followed from it.

        :return: the touches that are as before.
        """
        self._check_may_act()
        # sudo: touches are written by these methods only; the right was checked above
        touches = self.sudo().filtered(
            lambda touch: touch.undo and touch.undo_until >= fields.Datetime.now()
        )
        if not touches:
            raise UserError(self.env._("It is too late to undo this."))
        touches._take_back_mail()
        kept = [touch.undo for touch in touches]
        made = self.browse(_ids_of(kept, "next")).exists()
        # sudo: these were made by what is undone
        notes = self.env["mail.message"].sudo()
        made.sudo().unlink()  # sudo: as above
        notes.browse(_ids_of(kept, "messages", "mails")).exists().unlink()
        touches._drop_twins()
        was_done = touches.filtered(lambda touch: touch.state == "done")
        touches._restore()
        touches._restore_activities(kept)
        was_done._contacts_changed()
        return touches

    def _take_back_mail(self):
        """Remove mail that still waits; refuse if some has left."""
        mails = self.mail_id
        posted = [id_ for touch in self for id_ in touch.undo.get("scheduled", [])]
        # sudo: technical; these are the messages of these touches
        queued = self.env["mail.message.schedule"].sudo()
        if len(queued.search([("mail_message_id", "in", posted)])) < len(posted):
            raise UserError(
                self.env._("The mail has left already: it cannot be taken back.")
            )
        now = fields.Datetime.now()
        waiting = mails.filtered(
            lambda mail: (
                mail.state == "outgoing"
                and mail.scheduled_date
                and mail.scheduled_date > now
            )
        )
        if mails - waiting:
            raise UserError(
                self.env._("The mail has left already: it cannot be taken back.")
            )
        if waiting and not waiting.try_lock_for_update():
            raise UserError(self.env._("The mail is leaving at this moment."))
        waiting.unlink()

    def _restore(self):
        """Set what :meth:`_remember` kept, in one statement."""
        self.flush_recordset()
        assign = SQL(", ").join(
            SQL("%s = (undo->>%s)::%s", SQL.identifier(name), name, SQL(kind))
            for name, kind in KEPT.items()
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE retention_touch
                   SET %s, is_real = FALSE, mail_id = NULL,
                       undo = NULL, undo_until = NULL,
                       write_date = now() AT TIME ZONE 'UTC', write_uid = %s
                 WHERE id = ANY(%s)
                """,
                assign,
                self.env.uid,
                self.ids,
            )
        )
        self.invalidate_recordset()

    def _restore_activities(self, kept):
        """Have the activities of these touches again, open and as the touches are."""
        had = self.browse(
            touch.id
            for touch, each in zip(self, kept, strict=True)
            if each.get("active")
        )
        there = had.filtered(lambda touch: touch.activity_id.exists())
        activities = there._quiet().activity_id
        activities.filtered(lambda each: not each.active).write(
            {"active": True, "feedback": False}
        )
        for (due, user), touches in there.grouped(
            lambda touch: (touch.due_date, touch.user_id)
        ).items():
            touches._quiet().activity_id.write(
                {"date_deadline": due, "user_id": user.id}
            )
        (had - there)._create_activities()


def _ids_of(kept, *names):
    """Return the ids that were kept under these names."""
    return [id_ for each in kept for name in names for id_ in each.get(name, [])]
