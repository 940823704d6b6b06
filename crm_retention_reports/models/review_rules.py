from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

# rules whose changes are tracked in their chatter, and belong to a company
RULES = (
    "retention.program",
    "retention.contact.policy",
    "retention.points.program",
    "retention.campaign",
    "retention.signal",
)
MOST = 40  # changes that are told; of more how many there are


class RetentionReview(models.Model):
    """Which rules changed within the period of a review."""

    _inherit = "retention.review"

    def _find_rule_changes(self):
        """Return in words what changed in the rules of the company; "": nothing."""
        self.ensure_one()
        company = self.company_id
        # sudo: that a rule changed belongs to the figures, whoever may read the rule
        self = self.sudo().with_context(
            lang=company._retention_lang(), tz=company.resource_calendar_id.tz
        )
        lines = self._find_versions() + self._find_tracked()
        left = len(lines) - MOST
        if left > 0:
            lines = lines[:MOST] + [
                self.env._("and %(count)s more changes", count=left)
            ]
        return "\n".join(lines)

    def _find_versions(self):
        """Say of which tier programs other rules were applied than before."""
        self.env["retention.membership"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT program_id,
                       max(rule_version) FILTER (WHERE date_from < %(first)s),
                       max(rule_version) FILTER (WHERE date_from >= %(first)s)
                  FROM retention_membership
                 WHERE company_id = %(company)s AND date_from <= %(last)s
                   AND program_id IS NOT NULL
                 GROUP BY program_id ORDER BY program_id
                """,
                company=self.company_id.id,
                first=self.date_from,
                last=self.date_to,
            )
        )
        Program = self.env["retention.program"]
        return [
            self.env._(
                "%(program)s: customers were judged by version %(new)s of its rules, "
                "before by version %(old)s",
                program=Program.browse(program).name,
                new=new,
                old=old,
            )
            for program, old, new in rows
            if old and new and new > old
        ]

    def _find_tracked(self):
        """Say day, rule and field of what was changed in the rules, oldest first."""
        begin, end = self.company_id._retention_day_bounds(self.date_from, self.date_to)
        result = []
        for model in RULES:
            rules = self.env[model].with_context(active_test=False)
            own = rules.search([("company_id", "=", self.company_id.id)])
            messages = self.env["mail.message"].search(
                Domain("model", "=", model)
                & Domain("res_id", "in", own.ids)
                & Domain("date", ">=", begin)
                & Domain("date", "<", end)
                & Domain("tracking_value_ids", "!=", False),
                order="date",
            )
            names = {rule.id: rule.display_name for rule in own}
            result += [
                (
                    message.date,
                    names[message.res_id],
                    ", ".join(
                        value.field_id.field_description or ""
                        for value in message.tracking_value_ids
                    ),
                )
                for message in messages
            ]
        return [
            self.env._(
                "%(date)s, %(rule)s: %(what)s",
                date=format_date(self.env, moment),
                rule=rule,
                what=what,
            )
            for moment, rule, what in sorted(result, key=lambda row: row[0])
        ]
