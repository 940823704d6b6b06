from odoo import api, models
from odoo.fields import Domain

from ...tools.points_earning import base_points
from .points_documents import PointsDocuments


class RetentionPointsProgram(models.Model):
    """What a document that is still being written would earn."""

    _inherit = "retention.points.program"

    @api.model
    def _estimate(self, document, lines, day, get_sold):
        """Return (program, points) that a quotation or invoice would earn now.

        :param lines: its lines, with ``product_id`` and ``price_subtotal``.
        :param day: its day; None: today.
        :param get_sold: returns the line of the sales order that a line stands for.
        """
        company = document.company_id
        customer = document.partner_id.commercial_partner_id
        day = day or company._retention_today()
        program = self.browse()
        if customer and not document.retention_no_points:
            collecting = self._assign(company, customer._origin.ids)
            program = collecting.get(customer._origin.id, program)
        if not program or program.start_date > day:
            return program, 0
        amount = sum(
            line.price_subtotal * program._get_product_factor(line.product_id)
            for line in program._get_earning_lines(lines, get_sold)
        )
        amount = document.currency_id._convert(
            amount, program.currency_id, company, day
        )
        tier = program._get_tier_on(customer._origin, day)
        number = base_points(
            amount,
            program.earn_points,
            program.earn_amount,
            [tier.points_factor if tier else 1],
        )
        return program, number + program._estimate_extra(customer, tier, day, number)

    def _get_earning_lines(self, lines, get_sold):
        """Return those of the lines that earn: as in :class:`PointsDocuments`."""
        prepaid = set(PointsDocuments(self.env, self.company_id).prepaid_ids)

        def is_delivery(sold):
            free = sold.reward_id.reward_type == "shipping"
            return free or ("is_delivery" in sold._fields and sold.is_delivery)

        return lines.filtered(
            lambda line: (
                line.display_type in (False, "product")
                and line.product_id._origin.id not in prepaid
                and not is_delivery(get_sold(line))
            )
        )

    def _get_product_factor(self, product):
        """Return the factor of the exception that holds for a product, or 1."""
        self.ensure_one()
        if not self.rule_ids or not product:
            return 1
        template = product.product_tmpl_id._origin
        own = self.rule_ids.filtered(lambda rule: rule.product_tmpl_id == template)
        if own:
            return own[0].factor
        path = template.categ_id.parent_path or ""
        above = self.rule_ids.filtered(
            lambda rule: (
                rule.category_id and path.startswith(rule.category_id.parent_path)
            )
        ).sorted(lambda rule: len(rule.category_id.parent_path), reverse=True)
        return above[0].factor if above else 1

    def _get_tier_on(self, customer, day):
        """Return the tier that a customer held on a day, or none."""
        open_then = Domain("date_to", "=", False) | Domain("date_to", ">", day)
        row = self.env["retention.membership"].search(
            Domain("partner_id", "=", customer.id)
            & Domain("company_id", "=", self.company_id.id)
            & Domain("date_from", "<=", day)
            & open_then,
            order="date_from desc, id desc",
            limit=1,
        )
        return row.tier_id

    def _estimate_extra(self, customer, tier, day, number):
        """Return what campaigns add, as far as their budgets go."""
        extra = 0
        for campaign in self._get_campaigns(day, day):
            if campaign.tier_ids and tier not in campaign.tier_ids:
                continue
            if customer._origin.id in campaign._get_takers(customer._origin.ids):
                most = campaign._get_extra(number)
                if campaign.budget:
                    most = min(most, max(campaign.budget - campaign.granted, 0))
                extra += most
        return extra

    def _get_campaigns(self, first, last):
        """Return the campaigns of this program in which days between take part."""
        return self.env["retention.campaign"].search(
            [
                ("program_id", "=", self.id),
                ("date_from", "<=", last),
                ("date_to", ">=", first),
            ],
            order="date_from, id",
        )
