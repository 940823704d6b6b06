from odoo import fields, models


class RetentionServicePause(models.Model):
    """A time in which a ticket waited for the customer: its promises moved by it."""

    _name = "retention.service.pause"
    _description = "Ticket on Hold"
    _order = "ticket_id, started_at"
    _log_access = False

    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="ticket_id.company_id")
    started_at = fields.Datetime(string="From", required=True)
    ended_at = fields.Datetime(string="Until")

    _ticket_idx = models.Index("(ticket_id, started_at)")
    _open_unique = models.UniqueIndex(
        "(ticket_id) WHERE ended_at IS NULL", "A ticket is on hold once at a time."
    )
