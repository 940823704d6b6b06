from odoo import api, models


class RetentionAlert(models.Model):
    """Alerts as planned contacts of their owners, who find them on Today."""

    _inherit = "retention.alert"

    def _opened(self):
        result = super()._opened()
        self._plan_contacts()
        return result

    def write(self, vals):
        result = super().write(vals)
        if not {"state", "user_id", "snooze_until"}.isdisjoint(vals):
            self._sync_contacts(again=bool({"user_id", "snooze_until"} & set(vals)))
        return result

    def _get_contacts(self):
        """Return the planned contacts that stand for these alerts on Today."""
        # sudo: planned contacts are written by methods only
        touches = self.env["retention.touch"].sudo()
        return touches.search(
            [
                ("alert_id", "in", self.ids),
                ("play_id", "=", False),
                ("state", "=", "planned"),
            ]
        )

    def _plan_contacts(self):
        """Plan one contact for each of these alerts that has an owner, in a batch."""
        owned = self.filtered(lambda alert: alert.is_open and alert.user_id.active)
        channel = self.env["retention.channel"]._get_ids_by_code().get("phone")
        # sudo: as above
        touches = self.env["retention.touch"].sudo()
        return touches.create(
            [
                {
                    "alert_id": alert.id,
                    "partner_id": alert.partner_id.id,
                    "company_id": alert.company_id.id,
                    "channel_id": channel,
                    "category": "relationship",
                    "depth": "conversation",
                    "due_date": alert._get_contact_day(),
                    "snoozed_until": alert.snooze_until,
                    "user_id": alert.user_id.id,
                    "reason": alert.reason or alert.signal_id.name,
                    "origin": "alert",
                }
                for alert in owned
            ]
        )

    def _get_contact_day(self):
        """Return on which day the owner is to look at this alert."""
        self.ensure_one()
        today = self.company_id._retention_today()
        return max(self.snooze_until or today, today)

    def _sync_contacts(self, again=False):
        """Bring the planned contacts of these alerts in line with them.

        :param again: plan one anew where there is none: somebody else has it now, or
            it was put off.
        """
        contacts = self._get_contacts().with_context(retention_of_alert=True)
        of_alert = {touch.alert_id: touch for touch in contacts}
        missing = self.browse()
        for alert in self:
            touch = of_alert.get(alert)
            if not alert.is_open or not alert.user_id:
                if touch:
                    alert._drop_contact(touch)
            elif touch:
                alert._move_contact(touch)
            elif again:
                missing |= alert
        missing._plan_contacts()
        contacts._sync_activities(contacts.ids)

    def _drop_contact(self, touch):
        self.ensure_one()
        reason = self.closing_note or self.env._("The alert is closed.")
        touch.write({"state": "dropped", "skip_reason": reason})

    def _move_contact(self, touch):
        """Put the planned contact on the day and into the hands of its alert."""
        self.ensure_one()
        values = {}
        if touch.user_id != self.user_id:
            values["user_id"] = self.user_id.id
        if self.snooze_until and touch.snoozed_until != self.snooze_until:
            values |= {
                "due_date": self._get_contact_day(),
                "snoozed_until": self.snooze_until,
                "skip_reason": self.snooze_reason,
            }
        if values:
            touch.write(values)

    @api.model
    def _prepare_today(self, company):
        """Plan contacts for alerts that got an owner in other ways; for the job.

        Those of which there never was one: done or left out, it does not come back.
        """
        fresh = self.search(
            [
                ("company_id", "=", company.id),
                ("is_open", "=", True),
                ("state", "=", "new"),
                ("user_id", "!=", False),
            ]
        )
        known = self.env["retention.touch"]._read_group(
            [("alert_id", "in", fresh.ids), ("play_id", "=", False)], ["alert_id"]
        )
        return (fresh - fresh.union(*(row[0] for row in known)))._plan_contacts()
