from odoo import api, models


class RetentionProfile(models.Model):
    """The sentences of health: a part's reason with its numbers."""

    _inherit = "retention.profile"

    def _explain_health(self):
        """Return ``{profile id: {part: sentence}}``, of the day it was judged on."""
        found = {}
        for (company, day), profiles in self.grouped(
            lambda each: (each.company_id, each.health_on)
        ).items():
            if not day:
                continue
            say_day = self._get_day_sayer()
            verdicts = self._get_health_verdicts(company, profiles.partner_id.ids, day)
            for profile in profiles:
                verdict = verdicts.get(profile.partner_id.id)
                found[profile.id] = {
                    name: profile._explain_part(name, part, say_day)
                    for name, part in (verdict.parts if verdict else {}).items()
                }
        return found

    def _explain_part(self, name, part, say_day):
        """Return the sentence of a part, and whether more has come to light since."""
        self.ensure_one()
        text = self._describe_part(part, say_day)
        if part.score is None or part.score == self[f"health_{name}"]:
            return text
        return self.env._(
            "%(text)s. Changed since: judged anew with the next evaluation", text=text
        )

    @api.model
    def _describe_part(self, part, say_day):
        """Turn a :class:`health.Part` into one sentence."""
        name, _dash, _how = part.key.partition("_")
        numbers = {
            key: say_day(value) if hasattr(value, "toordinal") else value
            for key, value in part.numbers.items()
        }
        if part.key.endswith("_none"):
            return self._describe_unknown_part(name, numbers)
        return getattr(self, f"_describe_{name}_part")(part.key, numbers)

    @api.model
    def _describe_unknown_part(self, name, numbers):
        if name == "purchases":
            return self.env._("Not enough data: nothing bought yet")
        if name == "contact":
            return self.env._("Not enough data: no contact known")
        if name == "service":
            return self.env._("Not enough data: no ticket in %(days)s days", **numbers)
        if name == "satisfaction":
            return self.env._("Not enough data: no answer in %(days)s days", **numbers)
        if name == "payment":
            return self.env._("Not enough data: no invoice in %(days)s days", **numbers)
        return self.env._(
            "Not enough data: no visit or use in %(days)s days", **numbers
        )

    @api.model
    def _describe_purchases_part(self, key, numbers):
        numbers["interval"] = f"{numbers['interval']:g}"
        if key.startswith("purchases_own"):
            text = self.env._(
                "Last purchase on %(last)s; buys every %(interval)s days as a rule",
                **numbers,
            )
        else:
            text = self.env._(
                "Last purchase on %(last)s; %(count)s so far, %(interval)s days are "
                "taken as usual",
                **numbers,
            )
        if not key.endswith("_change"):
            return text
        return self.env._(
            "%(text)s. Revenue %(change)s %% on the year before",
            text=text,
            change=f"{numbers['change']:+d}",
        )

    @api.model
    def _describe_contact_part(self, key, numbers):
        if key == "contact_few" and not numbers["answered"]:
            return self.env._(
                "Not enough data: contacts in %(days)s days: %(contacts)s, no answer "
                "known",
                **numbers,
            )
        if key == "contact_few":
            return self.env._("Last heard from on %(answered)s", **numbers)
        if key == "contact_silent":
            return self.env._(
                "Never heard from; %(answers)s of our %(contacts)s contacts in "
                "%(days)s days were answered",
                **numbers,
            )
        return self.env._(
            "Last heard from on %(answered)s; %(answers)s of our %(contacts)s contacts "
            "in %(days)s days were answered",
            **numbers,
        )

    @api.model
    def _describe_service_part(self, key, numbers):
        if key == "service_calm":
            return self.env._(
                "Tickets: %(tickets)s, no complaint in %(days)s days", **numbers
            )
        return self.env._(
            "Complaints in %(days)s days: %(complaints)s, open: %(open)s, reopened: "
            "%(reopened)s",
            **numbers,
        )

    @api.model
    def _describe_satisfaction_part(self, _key, numbers):
        return self.env._(
            "Last answers: %(answers)s, good: %(good)s, bad: %(bad)s", **numbers
        )

    @api.model
    def _describe_payment_part(self, key, numbers):
        if key == "payment_calm":
            return self.env._(
                "Invoices in %(days)s days: %(invoices)s, none overdue", **numbers
            )
        return self.env._(
            "Invoices overdue: %(overdue)s, the oldest since %(since)s", **numbers
        )

    @api.model
    def _describe_use_part(self, _key, numbers):
        return self.env._(
            "Visits and uses in %(days)s days: %(used)s, in the %(days)s before: "
            "%(before)s; the last on %(last)s",
            **numbers,
        )
