from odoo import models


class RetentionGuard(models.AbstractModel):
    """Answers for a set of customers whether they may be contacted now, and why not."""

    _name = "retention.guard"
    _description = "Contact Guard"
