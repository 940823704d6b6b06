from odoo import api, models
from odoo.fields import Command


class RetentionContactPolicy(models.Model):
    """The shipped policies, by band: much for a few, little for many."""

    _inherit = "retention.contact.policy"

    @api.model
    def _get_template(self, name):
        """Return the values of the policies of one template, the first in order."""
        return getattr(self, f"_get_template_{name}")()

    @api.model
    def _prepare_line(self, name, channels, interval, **values):
        """Return the command that creates one rhythm.

        :param channels: codes of the channels, the preferred one first.
        :param interval: the ideal one in days, or (ideal, shortest, slowest) of a
            rhythm that adapts.
        """
        Channel = self.env["retention.channel"]
        ideal, *bounds = interval if isinstance(interval, tuple) else (interval,)
        shortest, slowest = bounds or (ideal, 4 * ideal)
        fields = ("channel_id", "second_channel_id", "third_channel_id")
        found = {channel.code: channel.id for channel in Channel.search([])}
        used = [found[code] for code in channels if code in found]
        if not used:  # somebody deleted it: the first channel there is
            used = list(found.values())[:1]
        purpose = values.pop("purpose", None)
        keydate = values.pop("keydate", None)
        template = values.pop("template", None)
        template = template and self._ref(f"mail_template_{template}")
        return Command.create(
            dict(zip(fields, used, strict=False))
            | {
                "name": name,
                "interval_days": ideal,
                "longest_days": min(ideal + ideal // 2 + 1, 3650),
                "adapts": bool(bounds),
                "shortest_days": shortest,
                "slowest_days": min(slowest, 3650),
                "mode": "automatic" if template else "personal",
                "mail_template_id": template and template.id,
                "purpose_id": purpose and self._ref(f"purpose_{purpose}").id,
                "keydate_id": keydate and self._ref(f"keydate_{keydate}").id,
            }
            | values
        )

    @api.model
    def _ref(self, name):
        """Return a shipped record, or none where somebody deleted it."""
        record = self.env.ref(f"crm_retention.{name}", raise_if_not_found=False)
        return record or self.browse()

    @api.model
    def _get_template_default(self):
        return [
            {
                "name": self.env._("High value"),
                "band": "high",
                "by_engagement": True,
                "description": self.env._(
                    "A person who knows them, in time with how warm the contact is."
                ),
                "cadence_ids": self._get_talks_high() + self._get_mails_high(),
            },
            {
                "name": self.env._("Middle value"),
                "band": "middle",
                "description": self.env._(
                    "Worth knowing every month, a talk every quarter."
                ),
                "cadence_ids": self._get_lines_middle(),
            },
            {
                "name": self.env._("Low value"),
                "band": "low",
                "description": self.env._(
                    "Little, and nothing that costs a person's time."
                ),
                "cadence_ids": self._get_lines_low(),
            },
        ]

    @api.model
    def _get_talks_high(self):
        return [
            self._prepare_line(
                self.env._("Call with a short briefing"),
                ["phone", "wechat"],
                (14, 7, 180),
                guidance=self.env._(
                    "Two minutes: what changed for them, what we do about it, what "
                    "they need from us."
                ),
            ),
            self._prepare_line(
                self.env._("Deep conversation"),
                ["meeting", "phone"],
                (30, 30, 180),
                depth="conversation",
                guidance=self.env._(
                    "Their plans, what works, what does not. Note the needs."
                ),
            ),
            self._prepare_line(
                self.env._("Strategic review"),
                ["meeting", "visit", "phone"],
                90,
                depth="review",
                guidance=self.env._(
                    "Results of the quarter, goals of the next, with whoever decides "
                    "there."
                ),
            ),
        ]

    @api.model
    def _get_mails_high(self):
        return [
            self._prepare_line(
                self.env._("Report and exclusive offer"),
                ["email"],
                30,
                category="promotion",
                purpose="offers",
                template="report",
            ),
            self._prepare_line(
                self.env._("Customer success cases"),
                ["wechat", "email"],
                7,
                purpose="cases",
                guidance=self.env._("A case close to their business, in three lines."),
            ),
            self._prepare_birthday(["phone", "wechat", "email"]),
            *self._prepare_survey(180),
        ]

    @api.model
    def _get_lines_middle(self):
        return [
            self._prepare_line(
                self.env._("Deep conversation"),
                ["phone", "email"],
                (90, 60, 180),
                depth="conversation",
                guidance=self.env._("What they use, what they miss, what comes next."),
            ),
            self._prepare_line(
                self.env._("Value information"), ["email"], 30, template="value"
            ),
            self._prepare_line(
                self.env._("Points statement"),
                ["email"],
                30,
                category="service",
                purpose="service",
                template="points",
            ),
            self._prepare_line(
                self.env._("Industry news"),
                ["email"],
                7,
                purpose="news",
                template="news",
            ),
            self._prepare_birthday(["email"], template="birthday"),
            self._prepare_jubilee(),
            *self._prepare_survey(365),
        ]

    @api.model
    def _get_lines_low(self):
        return [
            self._prepare_line(
                self.env._("Value information"), ["email"], 90, template="value"
            ),
            self._prepare_line(
                self.env._("What leaving would cost"),
                ["email"],
                180,
                template="leaving",
            ),
            self._prepare_birthday(["email"], template="birthday"),
            self._prepare_jubilee(),
        ]

    @api.model
    def _prepare_birthday(self, channels, **values):
        return self._prepare_line(
            self.env._("Birthday"),
            channels,
            365,
            depth="greeting",
            keydate="birthday",
            **values,
        )

    @api.model
    def _prepare_jubilee(self):
        return self._prepare_line(
            self.env._("Anniversary of the first purchase"),
            ["email"],
            365,
            depth="greeting",
            keydate="first_purchase",
            template="jubilee",
        )

    @api.model
    def _prepare_survey(self, interval):
        """Return the rhythm that asks how satisfied they are, if it is there."""
        survey, template = self._ref("survey_nps"), self._ref("mail_template_survey")
        if not survey or not template:
            return []
        return [
            self._prepare_line(
                self.env._("How are we doing?"),
                ["email"],
                interval,
                depth="greeting",
                template="survey",
                survey_id=survey.id,
            )
        ]
