from odoo import api, fields, models
from odoo.exceptions import UserError


class HelpdeskTicket(models.Model):
    """What to offer the customer of a ticket; never while something is wrong."""

    _inherit = "helpdesk.ticket"

    retention_offer_text = fields.Char(
        string="Next Best Offer",
        compute="_compute_retention_offer_text",
        help="What customers who bought the same went on to buy. Not on complaints, "
        "and not while one is open.",
    )

    @api.depends_context("uid", "lang")
    @api.depends("partner_id", "company_id", "user_id", "team_id", "retention_kind")
    def _compute_retention_offer_text(self):
        self.retention_offer_text = False
        shown = self._retention_shown().filtered(
            lambda ticket: ticket.partner_id and ticket.retention_kind != "complaint"
        )
        for ticket in shown:  # the screen of one ticket; a list never reads this field
            ticket.retention_offer_text = (
                ticket._get_retention_offer()._describe_offer()
            )

    def _get_retention_offer(self):
        """Return the best offer for the customer of this ticket; maybe none."""
        self.ensure_one()
        # sudo: for those who may know the customer of this ticket, an offer only
        ticket = self.sudo()
        customer = ticket.partner_id.commercial_partner_id
        profile = ticket.env["retention.profile"].search(
            [
                ("partner_id", "=", customer.id),
                ("company_id", "=", ticket.company_id.id),
            ]
        )
        rules = ticket.env["retention.offer.rule"]
        if not profile or ticket._has_open_complaint(customer):
            return rules
        return rules._suggest(ticket.company_id, customer, limit=1)[customer]

    def _has_open_complaint(self, customer):
        """Tell whether this customer waits for a complaint to be settled."""
        return bool(
            self.search_count(
                [
                    ("commercial_partner_id", "=", customer.id),
                    ("company_id", "=", self.company_id.id),
                    ("retention_kind", "=", "complaint"),
                    ("stage_id.closed", "=", False),
                ],
                limit=1,
            )
        )

    def action_retention_offer(self):
        """Open a new opportunity with the best offer for this ticket's customer."""
        self.ensure_one()
        self.check_access("read")
        if not self.retention_offer_text:
            raise UserError(self.env._("There is nothing to offer this customer now."))
        rule = self._get_retention_offer()
        customer = rule.env["res.partner"].browse(self._retention_key()[0])
        # the offer is known by now; the opportunity needs the reader's own rights
        return self.env["retention.offer.rule"]._open_opportunity(
            rule._prepare_opportunity(customer, self.company_id),
            rule._describe_offer(),
        )
