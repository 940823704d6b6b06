from collections import Counter

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from ...tools import service_desk
from ..facts.retention_touch import ANSWERS

LAST = 3  # of each kind: a glance, not a file
YEAR = relativedelta(years=1)


class HelpdeskTicket(models.Model):
    """What was promised to the customer of a ticket, what was said, and what helps.

    Shown to whom the customer is shown (``_retention_shown``), in lines of words.
    """

    _inherit = "helpdesk.ticket"

    retention_promise_text = fields.Text(
        string="Open Promises",
        compute="_compute_retention_history",
        help="Contacts that are planned and rewards that were not used yet.",
    )
    retention_contact_text = fields.Text(
        string="Last Contacts", compute="_compute_retention_history"
    )
    retention_hint_text = fields.Text(
        string="Good to Know",
        compute="_compute_retention_history",
        help="From the customer's history: last purchases, and how he is best reached.",
    )

    @api.depends_context("uid", "lang")
    @api.depends("partner_id", "company_id", "user_id", "team_id")
    def _compute_retention_history(self):
        names = (
            "retention_promise_text",
            "retention_contact_text",
            "retention_hint_text",
        )
        self.update(dict.fromkeys(names, False))
        shown = self._retention_shown().filtered("partner_id")
        if not shown:
            return
        # sudo: these readers were checked one by one, these lines are for them
        facts = shown.sudo()._retention_get_history()
        for ticket in shown:
            key = ticket._retention_key()
            lines = (facts["promises"], facts["contacts"], facts["hints"])
            for name, said in zip(names, lines, strict=True):
                ticket[name] = "\n".join(said.get(key, ())) or False

    def _retention_get_history(self):
        """Return ``{what: {(customer, company): lines}}``, with all rights."""
        mine = self._retention_profile_domain()
        since = fields.Datetime.now() - YEAR
        touches = self.env["retention.touch"].search(
            mine
            & Domain("is_bulk", "=", False)
            & Domain("origin", "!=", "order")  # these are told as purchases
            & (
                Domain("state", "=", "planned")
                | Domain("state", "=", "done") & Domain("done_at", ">=", since)
            )
        )
        planned = touches.filtered(lambda each: each.state == "planned")
        done = touches - planned
        said = {"promises": {}, "contacts": {}, "hints": {}}
        by_customer = self._retention_by_customer
        for key, rows in by_customer(planned.sorted("due_date")).items():
            said["promises"][key] = [
                row._retention_say_planned() for row in rows[:LAST]
            ]
        rewards = self._retention_get_rewards(mine)
        for key, lines in rewards.items():
            said["promises"].setdefault(key, []).extend(lines)
        for key, rows in by_customer(done.sorted("done_at", reverse=True)).items():
            said["contacts"][key] = [row._retention_say_done() for row in rows[:LAST]]
        said["hints"] = self._retention_get_hints(mine, done)
        return said

    def _retention_get_rewards(self, mine):
        """Return the lines of rewards that were not used yet."""
        rewards = self.env["retention.reward.exchange"].search(
            mine & Domain("state", "=", "issued"), order="expires_on, id"
        )
        return {
            key: [row._retention_say_promise() for row in rows[:LAST]]
            for key, rows in self._retention_by_customer(rewards).items()
        }

    def _retention_get_hints(self, mine, done):
        """Return the lines of what is good to know."""
        purchases = self.env["retention.transaction"].search(
            mine & Domain("kind", "=", "sale"),
            order="date desc, id desc",
            limit=LAST if len(self) == 1 else None,
        )
        hints = {
            key: [
                self.env._(
                    "Bought on %(date)s: %(amount)s (%(reference)s)",
                    date=format_date(self.env, row.date),
                    amount=format_amount(self.env, row.amount, row.currency_id),
                    reference=row.reference or "",
                )
                for row in rows[:LAST]
            ]
            for key, rows in self._retention_by_customer(purchases).items()
        }
        for key, line in self._retention_get_channels(mine, done).items():
            hints.setdefault(key, []).insert(0, line)
        return hints

    def _retention_get_channels(self, mine, done):
        """Return by what channel each customer wishes, or uses, to be reached."""
        asked = done.filtered(lambda row: row.direction == "out")
        lines = {}
        for key, rows in self._retention_by_customer(asked).items():
            tried = Counter(row.channel_id for row in rows)
            answered = Counter(row.channel_id for row in rows if row.outcome in ANSWERS)
            best = service_desk.best_channel(tried, answered)
            if best:
                lines[key] = self.env._(
                    "Answers by %(channel)s: %(answers)s of %(count)s times in a year",
                    channel=best.name,
                    answers=answered[best],
                    count=tried[best],
                )
        wishes = self.env["retention.wish"].search(
            mine & Domain("channel_id", "!=", False)
        )
        for key, wish in self._retention_by_customer(wishes).items():
            lines[key] = self.env._("Wishes to be reached by %s", wish.channel_id.name)
        return lines
