from odoo import fields, models

from .helpdesk_ticket_service import KINDS


class HelpdeskTicketTeam(models.Model):
    """When the team works, and what its tickets are."""

    _inherit = "helpdesk.ticket.team"

    retention_kind = fields.Selection(
        selection=KINDS,
        string="Kind of Ticket",
        help="What tickets of this team are, also those that come in by its e-mail "
        "address, unless their category or channel says so.",
    )
    retention_calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Working Hours",
        ondelete="restrict",
        check_company=True,
        help="Time limits that run in working time count these hours and holidays, in "
        "their time zone. Empty: the working hours of the company.",
    )
