from odoo import models


class HelpdeskTicket(models.Model):
    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "retention.marking"]

    _retention_marking_fields = frozenset(
        {"partner_id", "stage_id", "company_id", "active"}
    )

    _retention_customer_idx = models.Index("(commercial_partner_id)")
    _retention_written_idx = models.Index("(write_date)")
