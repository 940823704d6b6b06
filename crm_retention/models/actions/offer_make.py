from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Command


class RetentionOfferRule(models.Model):
    """An offer becomes a quotation, an opportunity, or a line of an order."""

    _inherit = "retention.offer.rule"

    def action_quote(self):
        """Open a new quotation with this offer for the customer on the screen."""
        profile = self._get_offered_profile()
        order = (
            self.env["sale.order"]
            .with_company(profile.company_id)
            .create(
                {
                    "partner_id": profile.partner_id.id,
                    "company_id": profile.company_id.id,
                    "order_line": [Command.create({"product_id": self.offer_id.id})],
                }
            )
        )
        order.message_post(body=self._describe_offer())
        return order._get_records_action()

    def action_opportunity(self):
        """Open a new opportunity with this offer for the customer on the screen."""
        profile = self._get_offered_profile()
        return self._open_opportunity(
            self._prepare_opportunity(profile.partner_id, profile.company_id),
            self._describe_offer(),
        )

    def _prepare_opportunity(self, partner, company):
        """Return the values of an opportunity with this offer."""
        self.ensure_one()
        return {
            "type": "opportunity",
            "name": self.env._(
                "%(offer)s for %(customer)s",
                offer=self.offer_id.display_name,
                customer=partner.display_name,
            ),
            "partner_id": partner.id,
            "company_id": company.id,
            "expected_revenue": self.offer_id.lst_price,
            "user_id": self.env.uid,
        }

    @api.model
    def _open_opportunity(self, values, why):
        """Make an opportunity with the reader's own rights, and open it."""
        lead = self.env["crm.lead"].create(values)
        lead.message_post(body=why)
        return lead._get_records_action()

    def action_add_to_order(self):
        """Add this offer to the quotation on the screen."""
        self.ensure_one()
        order = self.env["sale.order"].browse(
            self.env.context.get("retention_order_id")
        )
        if not order.exists() or order.company_id != self.company_id:
            raise AccessError(self.env._("Open a quotation first."))
        order.write({"order_line": [Command.create({"product_id": self.offer_id.id})]})
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _get_offered_profile(self):
        """Return the profile from which this offer was chosen, if one may read it."""
        self.ensure_one()
        profile = self.env["retention.profile"].browse(
            self.env.context.get("retention_profile_id")
        )
        if not profile.exists() or profile.company_id != self.company_id:
            raise AccessError(self.env._("Open a customer first."))
        profile.check_access("read")
        return profile
