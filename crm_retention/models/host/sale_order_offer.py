from odoo import api, fields, models

from .res_partner import USER


class SaleOrder(models.Model):
    """What to offer with what is on a quotation."""

    _inherit = "sale.order"

    retention_offer_ids = fields.Many2many(
        comodel_name="retention.offer.rule",
        string="Goes with It",
        compute="_compute_retention_offer_ids",
        compute_sudo=False,  # as far as the reader may know the customer
        groups=USER,
    )

    @api.depends_context("uid")
    @api.depends("partner_id", "company_id", "state", "order_line.product_id")
    def _compute_retention_offer_ids(self):
        rules = self.env["retention.offer.rule"]
        known = self._get_known_customers()
        for order in self:  # the screen of one order; a list never reads this field
            order.retention_offer_ids = False
            if order.state not in ("draft", "sent") or not order.company_id:
                continue
            customer = order.partner_id.commercial_partner_id._origin
            is_known = (customer.id, order.company_id.id) in known
            order.retention_offer_ids = rules._suggest_on_order(
                order.company_id,
                customer if is_known else customer.browse(),
                order.order_line.product_id.product_tmpl_id._origin,
            )

    def _get_known_customers(self):
        """Return whose profiles the reader may see: {(customer, company)}, as ids."""
        profiles = self.env["retention.profile"].search_fetch(
            [
                ("partner_id", "in", self.partner_id.commercial_partner_id._origin.ids),
                ("company_id", "in", self.company_id.ids),
            ],
            ["partner_id", "company_id"],
        )
        return {(row.partner_id.id, row.company_id.id) for row in profiles}
