from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

ALERT_POINTS = {"high": 40, "medium": 25, "low": 10}


class RetentionTouch(models.Model):
    """An alert on Today: one planned contact of its owner, put off and done with it."""

    _inherit = "retention.touch"

    alert_id = fields.Many2one(
        comodel_name="retention.alert",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        copy=False,
    )
    origin = fields.Selection(
        selection_add=[("alert", "Early warning")], ondelete={"alert": "set default"}
    )
    play_id = fields.Many2one(
        comodel_name="retention.play",
        readonly=True,
        ondelete="set null",
        copy=False,
        help="The play of which this is a part.",
    )

    _alert_unique = models.UniqueIndex(
        "(alert_id) WHERE state = 'planned' AND alert_id IS NOT NULL"
        " AND play_id IS NULL",
        "There is a planned contact for this alert already.",
    )

    # ---- what the list shows -----------------------------------------------------

    @api.depends("alert_id.reason")
    def _compute_why(self):
        """Tell the figures of today, which the alert follows each night."""
        result = super()._compute_why()
        for touch in self:
            if touch.alert_id and not touch.play_id and touch.state == "planned":
                # sudo: the reason, for whoever may read the planned contact
                touch.why = touch.sudo().alert_id.reason or touch.reason
        return result

    def _describe_channel(self):
        if self.alert_id and not self.cadence_id and not self.play_id:
            return self.env._(
                "%s: ask in person what has changed.", self.channel_id.name
            )
        return super()._describe_channel()

    def _get_priority_labels(self):
        return super()._get_priority_labels() | {"alert": self.env._("early warning")}

    @api.model
    def _get_priority_parts(self, alias):
        self.env["retention.alert"].flush_model(["severity", "is_open"])
        cases = SQL(" ").join(
            SQL("WHEN %s THEN %s", severity, points)
            for severity, points in ALERT_POINTS.items()
        )
        return super()._get_priority_parts(alias) | {
            "alert": SQL(
                "(SELECT CASE alert.severity %s END FROM retention_alert alert"
                " WHERE alert.id = %s AND alert.is_open)",
                cases,
                SQL.identifier(alias, "alert_id"),
            )
        }

    @api.model
    def _get_mine(self):
        """Messages of plays leave by themselves: they are no work either."""
        return super()._get_mine() & (
            Domain("play_id", "=", False)
            | Domain("is_bulk", "=", False)
            | Domain("for_person", "=", True)
        )

    def action_open_alert(self):
        """Open the alert for which this contact is planned."""
        self.ensure_one()
        if not self.alert_id:
            raise UserError(self.env._("This contact belongs to no alert."))
        return self.alert_id.get_formview_action()

    # ---- the act step ------------------------------------------------------------

    @api.model
    def _personal_sql(self):
        """Alerts come to their owners in one notice a day, not as one activity each."""
        return SQL(
            "%s AND (touch.alert_id IS NULL OR touch.play_id IS NOT NULL)",
            super()._personal_sql(),
        )

    # ---- back to the alert -------------------------------------------------------

    def _get_first_contacts(self):
        """Return those of these contacts that stand for an open alert on Today."""
        # sudo: who may do the contact works on its alert
        return self.sudo().filtered(
            lambda touch: touch.alert_id.is_open and not touch.play_id
        )

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "done":
            self.sudo().filtered(  # sudo: as above
                lambda touch: touch.alert_id.is_open and not touch.is_bulk
            ).alert_id._start_work()
        if "user_id" in vals and not self.env.context.get("retention_of_alert"):
            for touch in self._get_first_contacts():
                if touch.alert_id.user_id != touch.user_id:
                    touch.alert_id.user_id = touch.user_id
        return result

    def _snooze(self, until, reason):
        """Putting the contact off puts its alert off, too."""
        planned = super()._snooze(until, reason)
        waiting = planned._get_first_contacts().alert_id
        if waiting:
            waiting._snooze(until, reason or self.env._("The contact was put off."))
        return planned
