from odoo import api, models


class HelpdeskTicket(models.Model):
    """A ticket marks its customer; a complaint moves what is planned for him."""

    _name = "helpdesk.ticket"
    _inherit = ["helpdesk.ticket", "retention.marking"]

    _retention_marking_fields = frozenset(
        {"partner_id", "stage_id", "company_id", "active", "category_id"}
    )

    _retention_customer_idx = models.Index("(commercial_partner_id)")
    _retention_written_idx = models.Index("(write_date)")

    @api.model
    def _retention_mark(self, pairs):
        result = super()._retention_mark(pairs)
        partners = self.env["res.partner"].union(*(each for _company, each in pairs))
        customers = partners.commercial_partner_id
        # sudo: whoever writes a ticket need not read the other ones of its customer
        tickets = self.env["helpdesk.ticket"].sudo().with_context(active_test=False)
        categories = self.env["helpdesk.ticket.category"].sudo()  # sudo: as above
        complaints = categories.search([("retention_is_complaint", "=", True)])
        if customers and complaints:
            complaining = tickets.search(
                [
                    ("commercial_partner_id", "in", customers.ids),
                    ("category_id", "child_of", complaints.ids),
                ]
            )
            complaining.commercial_partner_id._retention_replan()
        return result
