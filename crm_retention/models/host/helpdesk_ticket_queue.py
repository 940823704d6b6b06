from odoo import fields, models


class HelpdeskTicket(models.Model):
    """The queue: complaints by step, everything by what is due next."""

    _inherit = "helpdesk.ticket"

    # every step is a column of the queue, also while nothing waits in it
    retention_step = fields.Selection(group_expand=True)
