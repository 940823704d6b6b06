from odoo import models
from odoo.tools import format_date


class RetentionTouch(models.Model):
    """Contacts in one line each, for those who work on the customer's tickets."""

    _inherit = "retention.touch"

    def _retention_say_planned(self):
        """Say when which contact is planned, and who is to make it."""
        self.ensure_one()
        return self.env._(
            "%(date)s by %(channel)s (%(user)s)",
            date=format_date(self.env, self.due_date),
            channel=self.channel_id.name,
            user=self.user_id.name or self.env._("nobody yet"),
        )

    def _retention_say_done(self):
        """Say when which contact took place, and what came of it."""
        self.ensure_one()
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        return self.env._(
            "%(date)s by %(channel)s: %(outcome)s",
            date=format_date(self.env, self.done_at),
            channel=self.channel_id.name,
            outcome=outcomes.get(self.outcome) or self.env._("no outcome noted"),
        )
