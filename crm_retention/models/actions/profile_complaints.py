from odoo import api, fields, models


class RetentionProfile(models.Model):
    """The customer's complaints, on the profile."""

    _inherit = "retention.profile"

    complaint_ids = fields.Many2many(
        comodel_name="helpdesk.ticket",
        compute="_compute_complaint_ids",
        string="Complaints",
    )

    def _compute_complaint_ids(self):
        """Show those that the reader may see, newest first."""
        tickets = self.env["helpdesk.ticket"].search(
            [
                ("commercial_partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("retention_kind", "=", "complaint"),
            ],
            order="retention_received_at desc, id desc",
        )
        # sudo: whose they are; the reader may see the tickets
        by_customer = tickets.sudo().grouped(
            lambda row: (row.commercial_partner_id, row.company_id)
        )
        for profile in self:
            own = by_customer.get((profile.partner_id, profile.company_id))
            profile.complaint_ids = tickets.browse(own.ids if own else [])

    @api.model
    def _search_high(self, tickets):
        """Return (customer id, company id) of those of the high band among tickets."""
        profiles = self.search(
            [
                ("partner_id", "in", tickets.commercial_partner_id.ids),
                ("company_id", "in", tickets.company_id.ids),
                ("tier_id.band", "=", "high"),
            ]
        )
        return {(each.partner_id.id, each.company_id.id) for each in profiles}
