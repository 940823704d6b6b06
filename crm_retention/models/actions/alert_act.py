from odoo import api, models
from odoo.exceptions import AccessError, MissingError
from odoo.tools import SQL, format_date

from ...tools import alerts as arithmetic

RISKS = {"overdue_invoices": "credit", "contacts": "person", "silent": "competitor"}


class RetentionAlert(models.Model):
    """What people do with alerts, by the buttons of the inbox."""

    _inherit = "retention.alert"

    # ---- rights ------------------------------------------------------------------

    def _check_may_act(self):
        """Refuse auditors, and alerts that the user may not see."""
        if not self.env["retention.touch"]._may_act():
            raise AccessError(
                self.env._("Auditors read everything and change nothing.")
            )
        if not self:
            raise MissingError(self.env._("There is no alert here that you may see."))
        self.check_access("read")

    def _for_acting(self):
        """Return these alerts with the rights to change them, after checking."""
        self._check_may_act()
        # sudo: alerts are written by methods only; the right was checked above
        return self.sudo()

    # ---- buttons -----------------------------------------------------------------

    def action_acknowledge(self):
        """Note that these were seen."""
        self._for_acting()._acknowledge()

    def action_work(self):
        """Note that somebody works on these now."""
        self._for_acting()._start_work()

    def action_wake(self):
        """End the snooze of these alerts."""
        alerts = self._for_acting()
        alerts._check_open()
        alerts.write({"snooze_until": False, "snooze_reason": False})

    def action_snooze(self):
        """Ask until when and why these can wait."""
        return self._open_dialog("snooze", self.env._("Snooze"))

    def action_saved(self):
        """Ask what saved these customers."""
        return self._open_dialog(arithmetic.SAVED, self.env._("Saved"))

    def action_lost(self):
        """Ask why these customers were lost."""
        return self._open_dialog(arithmetic.LOST, self.env._("Lost"))

    def action_false(self):
        """Ask why these were false alarms."""
        return self._open_dialog(arithmetic.FALSE, self.env._("False Alarm"))

    def action_hand_over(self):
        """Ask who takes these alerts."""
        return self._open_dialog("hand", self.env._("Hand to a Colleague"))

    def _open_dialog(self, kind, title):
        self._check_may_act()
        self._check_open()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "retention.alert.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_kind": kind,
                "default_alert_ids": self.ids,
                "dialog_size": "medium",
            },
        }

    def action_run_play(self):
        """Show what the suggested play would do, to run it or another one."""
        self._check_may_act()
        self._check_open()
        self._check_not_played()
        plays = self.play_id
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Run a Play"),
            "res_model": "retention.play.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_alert_ids": self.ids,
                "default_play_id": plays.id if len(plays) == 1 else False,
            },
        }

    def action_note_risk(self):
        """Open a new risk of this customer, filled in from the alert."""
        self.ensure_one()
        self._check_may_act()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Note a Risk"),
            "res_model": "retention.risk",
            "view_mode": "form",
            "target": "current",
            "context": {
                "default_name": self.signal_id.name,
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
                "default_kind": RISKS.get(self.kind, "other"),
                "default_description": self.reason,
                "default_alert_id": self.id,
                "default_user_id": self.user_id.id or self.env.uid,
            },
        }

    def action_view_profile(self):
        """Open the customer's profile."""
        self.ensure_one()
        profile = self.env["retention.profile"]._with_archived()
        profile = profile.search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
            ],
            limit=1,
        )
        return (profile or self.partner_id).get_formview_action()

    def action_view_partner(self):
        """Open the customer's contact form."""
        self.ensure_one()
        return self.partner_id.get_formview_action()

    # ---- the list ----------------------------------------------------------------

    @api.model
    def _read_group_orderby(self, order, groupby_terms, query):
        """Put groups by severity in its order, the gravest first."""
        found = super()._read_group_orderby(order, groupby_terms, query)
        if order or "severity" not in groupby_terms:
            return found
        return SQL(
            "CASE %s WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END, %s",
            groupby_terms["severity"],
            found,
        )

    # ---- the empty list ----------------------------------------------------------

    @api.model
    def get_empty(self):
        """Return what an empty inbox says: no alerts, or no rule that finds any."""
        company = self.env.company
        signals = self.env["retention.signal"].search([("company_id", "=", company.id)])
        rules = {"xmlid": "crm_retention.retention_signal_action"}
        may_rule = signals.has_access("write")
        if not signals:
            return {
                "title": self.env._("No warning rule is switched on."),
                "text": self.env._(
                    "Rules look at every customer each night. Look back at last year "
                    "first: then you see how often a rule would have been right."
                ),
                "button": may_rule and self.env._("Warning rules"),
                "open": rules,
            }
        looked = [each.watched_on for each in signals if each.watched_on]
        if not looked:
            return {
                "title": self.env._("The rules have not looked yet."),
                "text": self.env._(
                    "They look at every customer in the coming night for the first "
                    "time."
                ),
                "button": may_rule and self.env._("Warning rules"),
                "open": rules,
            }
        return {
            "title": self.env._("No customer shows a warning sign."),
            "text": self.env._(
                "%(rules)s rules looked at everybody, last on %(day)s. The filters "
                "find alerts that were closed or snoozed.",
                rules=len(signals),
                day=format_date(self.env, max(looked)),
            ),
            "button": False,
            "open": False,
        }
