from odoo import api, models
from odoo.tools import SQL


class RetentionGuard(models.AbstractModel):
    """A planned touch whose mail is in the queue counts like one that took place."""

    _inherit = "retention.guard"

    @api.model
    def _queued_sql(self):
        return (
            SQL("touch.mail_id IS NOT NULL"),
            SQL("COALESCE(touch.act_at, touch.write_date)"),
        )
