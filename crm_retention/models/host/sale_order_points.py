from odoo import api, fields, models


class SaleOrder(models.Model):
    """What an order will earn when it is invoiced."""

    _inherit = "sale.order"

    retention_no_points = fields.Boolean(
        string="No Points",
        tracking=True,
        copy=False,
        help="The invoices of this order earn its customer no points.",
    )
    retention_points_text = fields.Char(
        string="Points",
        compute="_compute_retention_points",
        compute_sudo=True,
        help="How many points the order will earn its customer.",
    )
    retention_points_print = fields.Char(
        string="Points for the Customer",
        compute="_compute_retention_points",
        compute_sudo=True,
        help="The same, if the program has it printed on documents.",
    )

    @api.depends(
        "state",
        "partner_id",
        "currency_id",
        "order_line.price_subtotal",
        "order_line.product_id",
        "retention_no_points",
    )
    def _compute_retention_points(self):
        self.retention_points_text = self.retention_points_print = False
        for order in self.filtered(lambda each: each.state != "cancel"):
            program, number = self.env["retention.points.program"]._estimate(
                order, order.order_line, None, lambda line: line
            )
            if number > 0:
                text = self.env._(
                    "This order earns %(points)s %(name)s.",
                    points=number,
                    name=program.point_name,
                )
                order.retention_points_text = text
                order.retention_points_print = program.show_on_documents and text

    def _prepare_invoice(self):
        """An order without points makes invoices without points."""
        values = super()._prepare_invoice()
        return values | {"retention_no_points": self.retention_no_points}

    def _notify_by_email_prepare_rendering_context(self, message, *args, **options):
        """Tell it at the head of its mails, too, if the program has it printed."""
        context = super()._notify_by_email_prepare_rendering_context(
            message, *args, **options
        )
        text = context["record"].retention_points_print
        if text:
            context["subtitles"] = [*context.get("subtitles", ()), text]
        return context
