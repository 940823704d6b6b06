from odoo import fields, models


class HelpdeskTicketCategory(models.Model):
    _inherit = "helpdesk.ticket.category"

    retention_is_complaint = fields.Boolean(
        string="Complaints",
        help="While a ticket of this category, or of one below it, is open, its "
        "customer is left in peace as the contact limits say.",
    )
