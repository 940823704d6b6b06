from odoo import api, fields, models
from odoo.tools import SQL

# an activity that an open touch has, and the other way round
ACTIVITY_TYPES = {
    "phone": "mail.mail_activity_data_call",
    "hotline": "mail.mail_activity_data_call",
    "email": "mail.mail_activity_data_email",
    "meeting": "mail.mail_activity_data_meeting",
    "visit": "mail.mail_activity_data_meeting",
}
OTHER_TYPE = "mail.mail_activity_data_todo"
# touches whose open activity differs, and whether it is to be closed
OUT_OF_STEP = """
SELECT touch.id, touch.state <> 'planned'
       OR (touch.due_date <> activity.date_deadline
           AND touch.due_date > %(today)s)
       OR touch.user_id IS NULL
  FROM retention_touch touch
  JOIN mail_activity activity ON activity.id = touch.activity_id
 WHERE %(which)s AND activity.active
   AND activity.res_model = 'res.partner'
   AND (touch.state <> 'planned'
        OR touch.due_date <> activity.date_deadline
        OR touch.user_id IS DISTINCT FROM activity.user_id)
 ORDER BY touch.id
"""


class RetentionTouch(models.Model):
    """Planned touches as activities, in step with them in both directions."""

    _inherit = "retention.touch"

    def _quiet(self):
        """Return these records with a context in which nobody is told or subscribed.

        ``retention_follows`` keeps a change that comes from one side from coming back.
        """
        return self.with_context(
            mail_activity_quick_update=True,
            retention_quiet=True,
            retention_follows=True,
        )

    # ---- touch to activity -------------------------------------------------------

    @api.model
    def _get_activity_types(self):
        """Return ``{code of a channel: activity type}``; None: of any other."""
        ref = self.env.ref
        types = {
            code: ref(name, raise_if_not_found=False)
            for code, name in ACTIVITY_TYPES.items()
        }
        types[None] = ref(OTHER_TYPE, raise_if_not_found=False)
        return types

    def _create_activities(self):
        """Give each of these planned touches its activity, in one batch.

        On the customer's contact, assigned to who is responsible. A touch without
        such a person gets none: nobody would see it but on Today.
        """
        touches = self.filtered(lambda touch: touch.user_id.active)
        types = touches._get_activity_types()
        model_id = self.env["ir.model"]._get_id("res.partner")
        values = [
            touch._prepare_activity_values(types) | {"res_model_id": model_id}
            for touch in touches
        ]
        # read at once what core reads for one activity after the other
        touches._quiet().partner_id.mapped("display_name")
        activities = self._quiet().env["mail.activity"].create(values)
        for touch, activity in zip(touches, activities, strict=True):
            touch.activity_id = activity  # flushed as one statement
            # as the collect step names it, so that the done activity is not a second
            # contact
            touch.key = f"mail.activity:{activity.id}:{touch.partner_id.id}"
        return activities

    def _prepare_activity_values(self, types):
        self.ensure_one()
        kind = types.get(self.channel_id.code) or types[None]
        guidance = self.cadence_id.with_context(lang=self.user_id.lang).guidance
        return {
            "res_id": self.partner_id.id,
            "activity_type_id": kind.id if kind else False,
            "summary": self.cadence_id.name or self.reason,
            "note": "\n".join(filter(None, (self.reason, guidance))),
            "date_deadline": self.due_date,
            "user_id": self.user_id.id,
            "automated": True,
        }

    def _sync_activities(self, touch_ids=None, company=None):
        """Bring the activities in line with their touches, where these have moved.

        Of these touches, or of all of a company. An activity whose touch is no longer
        planned, or is due later than today, is closed; it comes again on its day.
        """
        self.env.flush_all()
        which = (
            SQL("touch.company_id = %s", company.id)
            if company
            else SQL("touch.id = ANY(%s)", list(touch_ids))
        )
        rows = self.env.execute_query(
            SQL(
                OUT_OF_STEP,
                today=self.env.company._retention_today(),
                which=which,
            )
        )
        closed = self.browse([id_ for id_, closes in rows if closes])
        closed._close_activities()
        moved = self.browse([id_ for id_, closes in rows if not closes])
        for (due, user), touches in moved.grouped(
            lambda touch: (touch.due_date, touch.user_id)
        ).items():
            touches._quiet().activity_id.write(
                {"date_deadline": due, "user_id": user.id}
            )
        return len(rows)

    def _close_activities(self):
        """Remove the activities of these touches, without a trace in the chatter."""
        activities = self._quiet().activity_id.exists().filtered("active")
        self.write({"activity_id": False})
        undone = self.filtered(lambda touch: touch.state != "done")
        undone.write({"key": False})
        activities.unlink()

    def _finish_activities(self, feedback):
        """Mark the open activities of these touches done; return the notes posted."""
        activities = self.activity_id.filtered("active")
        if not activities:
            return self.env["mail.message"]
        # sudo: whoever may finish the contact may finish its activity, as its author
        following = activities.sudo().with_context(retention_follows=True)
        return following._action_done(feedback=feedback)[0]

    # ---- activity to touch -------------------------------------------------------

    @api.model
    def _get_open_of(self, activities):
        """Return the planned touches that these activities carry."""
        # sudo: who may change his activity changes the touch behind it
        return self.sudo().search(
            [("activity_id", "in", activities.ids), ("state", "=", "planned")]
        )

    def _activity_moved(self, date):
        """A person put the activity on another day: the touch is due then."""
        self.write({"due_date": date, "snoozed_until": date})

    def _activity_assigned(self, user_id):
        self.write({"user_id": user_id})

    def _activity_done(self):
        """The activities were done: so are the touches, and reached."""
        self.write(
            {
                "state": "done",
                "done_at": fields.Datetime.now(),
                "outcome": "reached",
            }
        )

    def _activity_noted(self, activities, note):
        """What a person wrote on finishing activities is the note of the touches."""
        self.sudo().search(  # sudo: as in _get_open_of
            [("activity_id", "in", activities.ids), ("state", "=", "done")]
        ).write({"note": note})

    def _activity_reopened(self, activities):
        """A done activity was taken up again: its touch is planned again."""
        # sudo: as in _get_open_of
        touches = self.sudo().search(
            [("activity_id", "in", activities.ids), ("state", "=", "done")]
        )
        touches._drop_twins()
        touches.write({"state": "planned", "done_at": False, "outcome": False})

    def _activity_deleted(self):
        """A person removed the activity: the touch is left out this time."""
        self.write(
            {
                "state": "skipped",
                "skip_reason": self.env._("The activity was deleted."),
                "key": False,
            }
        )
        self._replan_customers()

    def _drop_twins(self):
        """Remove planned touches that took the place of these, before these return."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT twin.id
                  FROM retention_touch twin
                  JOIN retention_touch touch
                    ON touch.partner_id = twin.partner_id
                   AND touch.company_id = twin.company_id
                   AND touch.cadence_id = twin.cadence_id
                 WHERE touch.id = ANY(%(ids)s) AND twin.state = 'planned'
                   AND NOT twin.id = ANY(%(ids)s)
                """,
                ids=self.ids,
            )
        )
        twins = self.browse([row[0] for row in rows])
        twins._close_activities()
        twins.unlink()
        self.env.flush_all()

    def _replan_customers(self):
        """Have the plan look at the customers of these touches again, now."""
        for company, touches in self.grouped("company_id").items():
            self._replan(company, touches.partner_id.ids)
