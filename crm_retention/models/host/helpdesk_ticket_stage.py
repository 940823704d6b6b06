from odoo import fields, models


class HelpdeskTicketStage(models.Model):
    """In which stages a ticket waits for the customer."""

    _inherit = "helpdesk.ticket.stage"

    retention_on_hold = fields.Boolean(
        string="Clock Stands Still",
        help="Tickets of this stage wait for the customer: their time limits move by "
        "the working time that they spend here.",
    )
