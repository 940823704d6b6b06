from odoo import fields, models

from .helpdesk_ticket_service import KINDS


class HelpdeskTicketCategory(models.Model):
    """Says what its tickets are: a complaint, a question or a request."""

    _inherit = "helpdesk.ticket.category"

    retention_kind = fields.Selection(
        selection=KINDS,
        string="Kind of Ticket",
        help="What tickets of this category are. While a complaint is open, its "
        "customer is left in peace as the contact limits say. Empty: as the category "
        "above, else as the channel or the team says.",
    )

    def _retention_find_kind(self):
        """Return the kind that this category or the nearest one above it sets."""
        category = self
        while category and not category.retention_kind:
            category = category.parent_id
        return category.retention_kind

    def write(self, vals):
        changed = self.filtered(
            lambda each: (
                "retention_kind" in vals
                and each.retention_kind != vals["retention_kind"]
            )
        )
        result = super().write(vals)
        if changed:
            # sudo: who may set up categories decides about the tickets in them
            tickets = self.env["helpdesk.ticket"].sudo()
            tickets = tickets.search(
                [("category_id", "child_of", changed.ids), ("closed", "=", False)]
            )
            tickets._retention_apply_kind()
        return result
