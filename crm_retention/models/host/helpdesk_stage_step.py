from odoo import fields, models

from .helpdesk_ticket_service import STEPS


class HelpdeskTicketStage(models.Model):
    """Which step of a complaint a stage stands for."""

    _inherit = "helpdesk.ticket.stage"

    retention_step = fields.Selection(
        selection=STEPS,
        string="Step of Complaints",
        help="A complaint that comes to this step moves here, and one that is moved "
        "here comes to this step if all is there that the step asks for. Closed "
        "stages end complaints in any case.",
    )
