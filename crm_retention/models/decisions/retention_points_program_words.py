from odoo import api, fields, models


class RetentionPointsProgram(models.Model):
    """The rules of a program as people read them, and what customers are shown."""

    _inherit = "retention.points.program"

    portal_visible = fields.Boolean(
        string="Customers See Their Points",
        default=True,
        tracking=True,
        help="On their page in the portal: balance, movements, what expires, rewards.",
    )
    portal_tier = fields.Boolean(
        string="And Their Tier",
        default=True,
        tracking=True,
        help="Also the tier they hold, and how far it is to the next one.",
    )
    terms = fields.Html(
        translate=True, help="What customers read below the rules in words."
    )
    earn_text = fields.Char(string="A Purchase Earns", compute="_compute_texts")
    expiry_text = fields.Char(string="Expiry", compute="_compute_texts")
    rules_text = fields.Text(string="Rules in Words", compute="_compute_texts")

    @api.depends(lambda self: self._get_word_fields())
    @api.depends_context("lang")
    def _compute_texts(self):
        for program in self:
            program.earn_text = program._describe_earning()
            program.expiry_text = program._describe_expiry()
            program.rules_text = "\n".join(program._describe_rules())

    @api.model
    def _get_word_fields(self):
        """Return the fields whose values are in the words."""
        return (
            "point_name",
            "currency_id",
            "earn_points",
            "earn_amount",
            "earn_on",
            "pending_days",
            "expiry_model",
            "expiry_months",
            "expiry_day",
            "expiry_month",
        )

    def _describe_rules(self):
        """Return the rules as sentences that a customer understands."""
        self.ensure_one()
        rules = [self._describe_earning()]
        rules += self._describe_tiers() + self._describe_events()
        if self.pending_days:
            rules.append(
                self.env._(
                    "They can be spent after %s days, when the time for returns is "
                    "over.",
                    self.pending_days,
                )
            )
        rules.append(self._describe_expiry())
        rules.append(
            self.env._("What is returned takes its %s back.", self.point_name or "")
        )
        return rules

    def _describe_earning(self):
        self.ensure_one()
        values = {
            "number": self.earn_points,
            "points": self.point_name or "",
            "amount": self.currency_id.format(self.earn_amount),
        }
        if self.earn_on == "paid":
            return self.env._(
                "Purchases earn %(points)s: %(number)s for every %(amount)s, once the "
                "invoice is paid.",
                **values,
            )
        return self.env._(
            "Purchases earn %(points)s: %(number)s for every %(amount)s.", **values
        )

    def _describe_expiry(self):
        self.ensure_one()
        if self.expiry_model == "months":
            return self.env._(
                "They expire %s months after they were earned.", self.expiry_months
            )
        if self.expiry_model == "inactive":
            return self.env._(
                "They expire after %s months without earning or spending.",
                self.expiry_months,
            )
        if self.expiry_model == "day":
            months = dict(self._fields["expiry_month"]._description_selection(self.env))
            return self.env._(
                "They expire on %(day)s %(month)s, at the earliest %(months)s months "
                "after they were earned.",
                day=self.expiry_day,
                month=months.get(self.expiry_month, ""),
                months=self.expiry_months,
            )
        return self.env._("They never expire.")

    def _describe_tiers(self):
        # sudo: what a tier earns is told to everybody
        tiers = self.env["retention.tier"].sudo()
        more = tiers.search(
            [("company_id", "=", self.company_id.id), ("points_factor", "!=", 1)]
        )
        if not more:
            return []
        return [
            self.env._(
                "Times %s.",
                self.env._(", ").join(
                    self.env._(
                        "%(factor)s for %(tier)s",
                        factor=f"{tier.points_factor:g}",
                        tier=tier.name,
                    )
                    for tier in more
                ),
            )
        ]

    def _describe_events(self):
        events = self.event_ids.filtered("active")
        if not events:
            return []
        return [
            self.env._(
                "Also: %s.",
                self.env._(", ").join(
                    f"{event.display_name} {event.points}" for event in events
                ),
            )
        ]
