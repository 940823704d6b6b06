from markupsafe import Markup

from odoo import api, fields, models

SHOWN = 5  # alerts that the notice names
KIND = "crm_retention.mail_activity_type_watch"


class RetentionAlert(models.Model):
    """Owners hear of new alerts once a day: one notice that sums them up."""

    _inherit = "retention.alert"

    @api.model
    def _step_watch(self, run):
        seen, changed, cursor = super()._step_watch(run)
        if cursor is None and run.kind != "light":
            self._prepare_today(run.company_id)
            self._tell_owners(run.company_id, run.as_of)
        return seen, changed, cursor

    @api.model
    def _tell_owners(self, company, as_of):
        """Give who has new alerts of this day one activity; none to who had it today.

        No mail: the activity stands in the clock menu. One a person, whatever the
        number of companies.
        """
        kind = self.env.ref(KIND, raise_if_not_found=False)
        if not kind:
            return self.env["mail.activity"]
        waiting = self.search([("state", "=", "new"), ("user_id.active", "=", True)])
        waiting = waiting.filtered(lambda alert: not alert.is_snoozed)
        fresh = waiting.filtered(
            lambda alert: alert.opened_on == as_of and alert.company_id == company
        )
        begin, _end = company._retention_day_bounds(as_of, as_of)
        notices = self._get_notices(kind, fresh.user_id)
        missing = []
        for user, alerts in waiting.grouped("user_id").items():
            if user not in fresh.user_id:
                continue
            values = alerts._prepare_notice(user, as_of)
            own = notices.filtered(lambda each, user=user: each.user_id == user)
            if own.filtered("active"):
                alerts._change_notice(own.filtered("active")[0], values)
            elif not own.filtered(lambda each: each.create_date >= begin):
                missing.append(
                    values | {"user_id": user.id, "activity_type_id": kind.id}
                )
        quiet = self.env["mail.activity"].with_context(mail_activity_quick_update=True)
        return quiet.create(missing)

    @api.model
    def _get_notices(self, kind, users):
        """Return the notices of these people, also those that they have read."""
        notices = self.env["mail.activity"].with_context(active_test=False)
        return notices.search(
            [("activity_type_id", "=", kind.id), ("user_id", "in", users.ids)]
        )

    @api.model
    def _change_notice(self, notice, values):
        """Put a notice right where it says something else."""
        changed = {
            name: value for name, value in values.items() if notice[name] != value
        }
        if changed:
            notice.write(changed)

    def _prepare_notice(self, user, as_of):
        """Return what the notice says of these new alerts, in the reader's language."""
        alerts = self.with_context(lang=user.lang).sorted()
        count = len(alerts)
        text = alerts.env._
        summary = text("1 new alert") if count == 1 else text("%s new alerts", count)
        lines = [
            Markup("<li>%s: %s</li>") % (alert.partner_id.display_name, alert.reason)
            for alert in alerts[:SHOWN]
        ]
        if count > SHOWN:
            lines.append(Markup("<li>%s</li>") % text("%s more", count - SHOWN))
        link = Markup('<p><a href="/odoo/retention-alerts">%s</a></p>') % text(
            "Open the alerts"
        )
        return {
            "summary": summary,
            "note": Markup("<ul>%s</ul>%s") % (Markup().join(lines), link),
            "date_deadline": fields.Date.to_date(as_of),
        }
