from odoo import api, models
from odoo.fields import Command


class RetentionContactPolicy(models.Model):
    """Templates of policies by line of business."""

    _inherit = "retention.contact.policy"

    # ---- finance: frequent, since markets move and money is a matter of trust --------

    @api.model
    def _get_template_finance(self):
        return [
            {
                "name": self.env._("Finance: private clients"),
                "band": "high",
                "by_engagement": True,
                "cadence_ids": self._get_lines_private_clients(),
            },
            {
                "name": self.env._("Finance: retail clients"),
                "band": "middle",
                "cadence_ids": self._get_lines_retail_clients(),
            },
        ]

    @api.model
    def _get_lines_private_clients(self):
        return [
            self._prepare_line(
                self.env._("Market briefing by phone"),
                ["phone", "wechat"],
                (7, 7, 90),
                guidance=self.env._("What moved, what it means for their portfolio."),
            ),
            self._prepare_line(
                self.env._("Portfolio talk"),
                ["meeting", "phone"],
                30,
                depth="conversation",
                guidance=self.env._("Goals, risk, liquidity: anything new?"),
            ),
            self._prepare_line(
                self.env._("Investment review"),
                ["meeting", "visit"],
                90,
                depth="review",
                guidance=self.env._("Results against goals; is the risk still right?"),
            ),
            self._prepare_birthday(["phone", "wechat"]),
        ]

    @api.model
    def _get_lines_retail_clients(self):
        return [
            self._prepare_line(
                self.env._("Talk about goals"),
                ["phone", "email"],
                (90, 30, 180),
                depth="conversation",
                guidance=self.env._("Savings, cover, what is planned this year."),
            ),
            self._prepare_line(
                self.env._("Market news"),
                ["email"],
                7,
                purpose="news",
                template="news",
            ),
            self._prepare_line(
                self.env._("Value information"), ["email"], 30, template="value"
            ),
            self._prepare_birthday(["email"], template="birthday"),
        ]

    # ---- medical devices: few, prepared contacts by people who know the device -------

    @api.model
    def _get_template_medical(self):
        return [
            {
                "name": self.env._("Medical devices: hospitals and key accounts"),
                "band": "high",
                "cadence_ids": self._get_lines_hospitals(),
            },
            {
                "name": self.env._("Medical devices: practices"),
                "band": "middle",
                "cadence_ids": [
                    self._prepare_line(
                        self.env._("Call by the product specialist"),
                        ["phone", "email"],
                        (90, 60, 180),
                        depth="conversation",
                        guidance=self.env._(
                            "Satisfied with the device? Anything to order?"
                        ),
                    ),
                    self._prepare_line(
                        self.env._("Value information"), ["email"], 90, template="value"
                    ),
                ],
            },
        ]

    @api.model
    def _get_lines_hospitals(self):
        return [
            self._prepare_line(
                self.env._("Visit by the product specialist"),
                ["visit", "meeting", "phone"],
                30,
                depth="conversation",
                guidance=self.env._("Devices in use, open questions of the staff."),
            ),
            self._prepare_line(
                self.env._("Application training"),
                ["meeting", "visit"],
                90,
                category="service",
                purpose="service",
                guidance=self.env._("New staff, new functions, safety notes."),
            ),
            self._prepare_line(
                self.env._("Review of contract and maintenance"),
                ["meeting", "phone"],
                180,
                depth="review",
                guidance=self.env._("Running times, failures, what ends when."),
            ),
        ]

    # ---- SaaS: who begins, who uses it and who stops are not one group ---------------

    @api.model
    def _get_template_saas(self):
        return [
            {
                "name": self.env._("SaaS: beginners"),
                "stage_ids": self._get_stages("new", "won_back"),
                "cadence_ids": [
                    self._prepare_line(
                        self.env._("Getting started"),
                        ["phone", "meeting", "email"],
                        14,
                        depth="onboarding",
                        guidance=self.env._(
                            "Logged in? First result? What is in the way?"
                        ),
                    ),
                ],
            },
            {
                "name": self.env._("SaaS: use is falling"),
                "stage_ids": self._get_stages("at_risk", "dormant"),
                "cadence_ids": [
                    self._prepare_line(
                        self.env._("Why is it used less?"),
                        ["phone", "meeting", "email"],
                        (14, 7, 60),
                        depth="conversation",
                        guidance=self.env._("Who stopped using what, and since when?"),
                    ),
                ],
            },
            self._get_policy_in_use(),
        ]

    @api.model
    def _get_policy_in_use(self):
        return {
            "name": self.env._("SaaS: in use"),
            "stage_ids": self._get_stages("active", "loyal"),
            "by_engagement": True,
            "cadence_ids": [
                self._prepare_line(
                    self.env._("Word about use"),
                    ["email", "phone"],
                    (30, 14, 180),
                    guidance=self.env._(
                        "What they use most, what would save them time."
                    ),
                ),
                self._prepare_line(
                    self.env._("Business review"),
                    ["meeting", "phone"],
                    90,
                    depth="review",
                    guidance=self.env._("Use, value, renewal, who else could use it."),
                ),
            ],
        }

    @api.model
    def _get_stages(self, *codes):
        stages = self.env["retention.stage"].search([("code", "in", codes)])
        return [Command.set(stages.ids)]
