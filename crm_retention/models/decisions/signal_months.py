from odoo import fields, models

from ...tools import signals
from .retention_signal import LOOKS

MONTHLY = {"amount", "drop", "slow"}  # kinds that look at whole calendar months


class RetentionSignal(models.Model):
    """Rules about whole months look at everybody once a month, then at changes."""

    _inherit = "retention.signal"

    looked_on = fields.Date(
        string="Looked at Everybody on",
        readonly=True,
        copy=False,
        help="The last night on which the rule looked at everybody. Rules about whole "
        "months do so once a month, and weekly while alerts are held back; on other "
        "nights at customers of whom something changed.",
    )

    def write(self, vals):
        """Look at everybody again after the rule became another one."""
        if not LOOKS.isdisjoint(vals):
            vals = {"looked_on": False} | vals
        return super().write(vals)

    def _must_look_at_everybody(self, as_of, waiting):
        """Tell whether this night looks at everybody.

        :param waiting: whether customers wait for room in somebody's week.
        """
        self.ensure_one()
        last = self.looked_on
        if self.kind not in MONTHLY or not last or last > as_of:
            return True
        if signals.month_end(last) != signals.month_end(as_of):
            return True
        return waiting and (as_of - last).days >= 7
