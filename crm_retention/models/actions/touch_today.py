from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date


class RetentionTouch(models.Model):
    """What stands above and, when it is empty, in the middle of the list Today."""

    _inherit = "retention.touch"

    @api.model
    def get_today_bar(self):
        """Return what the page says beside its rows, as plain values."""
        return {
            "banners": self._get_today_banners(),
            "capacity": self._get_today_capacity(),
            "empty": self._get_today_empty(),
            "steps": self._get_today_steps(),
        }

    @api.model
    def _get_mine(self):
        """The domain of what the user is to do; what is sent by itself is no work."""
        by_people = Domain.OR(
            [
                Domain("cadence_id", "=", False),
                Domain("cadence_id.mode", "=", "personal"),
                Domain("for_person", "=", True),
            ]
        )
        return by_people & (
            Domain("user_id", "=", self.env.uid)
            & Domain("state", "=", "planned")
            & Domain("company_id", "=", self.env.company.id)
        )

    # ---- banners -----------------------------------------------------------------

    @api.model
    def _get_today_banners(self):
        """Return what everybody who works here must know, worst first."""
        banners = []
        running = self.env["retention.run"]._today_banner()
        if running:
            kind = "danger" if running["kind"] in ("failed", "late") else "info"
            banners.append(
                {
                    "kind": kind,
                    "text": running["text"],
                    "button": self.env._("Details"),
                    "open": self._open_of("retention.run", running["run_id"]),
                }
            )
        if self.env["retention.profile"]._today_state() == "never":
            banners.append(
                {
                    "kind": "info",
                    "text": self.env._(
                        "Nobody has been judged yet. Contacts are planned after the "
                        "first evaluation."
                    ),
                }
            )
        if not self.env.company.retention_sending:
            banners.append(self._get_dry_banner())
        else:
            banners += self._get_unwritten_banners()
        return banners + self._get_failing_banners()

    @api.model
    def _get_unwritten_banners(self):
        """Tell managers of e-mails in force whose text is missing."""
        policies = self.env["retention.contact.policy"]
        if not policies.has_access("write"):
            return []
        running = policies.search(
            [("state", "=", "running"), ("company_id", "=", self.env.company.id)]
        )
        lines = running.cadence_ids.filtered("is_unfinished")
        if not lines:
            return []
        return [
            {
                "kind": "warning",
                "text": self.env._(
                    "Some e-mails are still to be written and are not sent: %s.",
                    ", ".join(dict.fromkeys(lines.mapped("name"))),
                ),
                "button": self.env._("Contact policies"),
                "open": {"xmlid": "crm_retention.retention_contact_policy_action"},
            }
        ]

    @api.model
    def _get_failing_banners(self):
        failing = self.search_count(
            Domain("act_error", "!=", False)
            & Domain("state", "=", "planned")
            & Domain("company_id", "=", self.env.company.id)
        )
        if not failing:
            return []
        return [
            {
                "kind": "warning",
                "text": self.env._("%s contacts could not be carried out.", failing),
                "button": self.env._("Show"),
                "open": {
                    "xmlid": "crm_retention.retention_touch_action_plan",
                    "context": {"search_default_failing": 1},
                },
            }
        ]

    @api.model
    def _get_dry_banner(self):
        manages = self.env["retention.profile"]._today_manages()
        admin = manages and self.env.user.has_group("base.group_system")
        return {
            "kind": "info",
            "text": self.env._(
                "Sending is off: automatic e-mails stay planned and nothing reaches "
                "a customer by itself. What people do works as usual."
            ),
            "button": self.env._("Settings") if admin else False,
            "open": {"xmlid": "crm_retention.res_config_settings_action"}
            if admin
            else False,
        }

    @api.model
    def _open_of(self, model, res_id):
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": res_id,
            "views": [[False, "form"]],
        }

    # ---- the day of the user -----------------------------------------------------

    @api.model
    def _get_today_capacity(self):
        """Return what the user has done today, what is left, and how much a day may be.

        False for who has nothing to do with contacts.
        """
        company = self.env.company
        today = company._retention_today()
        begin, end = company._retention_day_bounds(today, today)
        done = self.search_count(
            Domain("user_id", "=", self.env.uid)
            & Domain("state", "=", "done")
            & Domain("direction", "=", "out")
            & Domain("is_bulk", "=", False)
            & Domain("company_id", "=", company.id)
            & Domain("done_at", ">=", begin)
            & Domain("done_at", "<", end)
        )
        left = self.search_count(self._get_mine() & Domain("due_date", "<=", today))
        if not done and not left:
            return False
        most = getattr(company, "retention_daily_capacity", 0) or 0
        whole = max(done + left, most) or 1
        return {
            "done": done,
            "left": left,
            "most": most,
            "done_part": round(100 * done / whole),
            "left_part": round(100 * left / whole),
            "is_over": bool(most and done + left > most),
            "text": self.env._(
                "%(done)s done today, %(left)s to go", done=done, left=left
            ),
            "note": self.env._("planned for at most %s a day", most) if most else "",
        }

    @api.model
    def _get_today_empty(self):
        """Return what to say if nothing is due: when the next contacts are."""
        company = self.env.company
        today = company._retention_today()
        mine = self._get_mine()
        following = self.search(
            mine & Domain("due_date", ">", today), order="due_date, id", limit=1
        )
        if following:
            day = following.due_date
            count = self.search_count(mine & Domain("due_date", "=", day))
            when = (
                self.env._("tomorrow")
                if day == today + timedelta(days=1)
                else self.env._("on %s", format_date(self.env, day))
            )
            return {
                "title": self.env._("Nobody is due today."),
                "text": self.env._("Next: %(count)s %(when)s", count=count, when=when),
                "button": self.env._("Show what is planned"),
                "open": {
                    "xmlid": "crm_retention.retention_touch_action_plan",
                    "context": {"search_default_mine": 1, "search_default_planned": 1},
                },
            }
        return self._get_today_nothing()

    @api.model
    def _get_today_nothing(self):
        """Return what to say to who has no planned contact at all."""
        manages = self.env["retention.contact.policy"].has_access("write")
        action = self.env.ref(
            "crm_retention.retention_contact_policy_action", raise_if_not_found=False
        )
        if manages and action:
            return {
                "title": self.env._("Nobody is due today."),
                "text": self.env._(
                    "No contact is planned for you. Policies plan them for the people "
                    "responsible for a customer."
                ),
                "button": self.env._("Contact policies"),
                "open": {"xmlid": "crm_retention.retention_contact_policy_action"},
            }
        if not self._may_act():
            return {
                "title": self.env._("Nothing is planned for you."),
                "text": self.env._("You read what others do: here is their plan."),
                "button": self.env._("Show what is planned"),
                "open": {
                    "xmlid": "crm_retention.retention_touch_action_plan",
                    "context": {"search_default_planned": 1},
                },
            }
        return {
            "title": self.env._("Nobody is due today."),
            "text": self.env._(
                "Contacts with your customers appear here when they are due."
            ),
            "button": self.env._("My customers"),
            "open": {
                "xmlid": "crm_retention.retention_profile_action",
                "context": {"search_default_mine": 1},
            },
        }

    @api.model
    def _get_today_steps(self):
        """Return how far a manager is with the first steps, or False."""
        steps = self.env["retention.profile"]._today_steps()
        if not steps:
            return False
        return {
            "text": self.env._(
                "First steps: %(done)s of %(all)s done",
                done=steps["done"],
                all=len(steps["items"]),
            ),
            "part": round(100 * steps["done"] / len(steps["items"])),
        }
