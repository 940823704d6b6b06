from odoo import api, models

from ...tools import service


class HelpdeskTicket(models.Model):
    """A ticket marks its customer; a complaint moves what is planned for him."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "retention.marking"]

    _retention_marking_fields = frozenset(
        {"partner_id", "stage_id", "company_id", "active", "retention_kind"}
    )

    _retention_customer_idx = models.Index("(commercial_partner_id)")
    _retention_written_idx = models.Index("(write_date)")

    @api.model
    def _retention_mark(self, pairs):
        result = super()._retention_mark(pairs)
        partners = self.env["res.partner"].union(*(each for _company, each in pairs))
        # sudo: whoever writes a ticket need not read its customer, nor the others' ones
        customers = partners.sudo().commercial_partner_id
        # sudo: as above
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        complaining = tickets.search(
            [
                ("commercial_partner_id", "in", customers.ids),
                ("retention_kind", "=", service.COMPLAINT),
            ]
        )
        customers = complaining.commercial_partner_id
        self.env["retention.touch"]._replan_at_once(customers)
        return result
