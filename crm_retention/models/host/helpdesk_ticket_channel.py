from odoo import fields, models

from .helpdesk_ticket_service import KINDS


class HelpdeskTicketChannel(models.Model):
    """Says by which channel a customer opened a ticket, and what such tickets are."""

    _inherit = "helpdesk.ticket.channel"

    retention_channel_id = fields.Many2one(
        comodel_name="retention.channel",
        string="Contact Channel",
        ondelete="set null",
        groups="crm_retention.group_retention_user",
        help="A ticket by this channel counts as a contact by that one. Empty: by the "
        "hotline.",
    )
    retention_kind = fields.Selection(
        selection=KINDS,
        string="Kind of Ticket",
        help="What tickets by this channel are, unless their category says so.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "retention_channel_id" in vals:
            self.env["retention.run"]._collect_anew()
        return result
