from odoo import api, fields, models

from ..actions.points_earning_read import read_grants


class AccountMove(models.Model):
    """What an invoice earns."""

    _inherit = "account.move"

    retention_no_points = fields.Boolean(
        string="No Points",
        tracking=True,
        copy=False,
        help="This document earns its customer no points.",
    )
    retention_points_text = fields.Char(
        string="Points",
        compute="_compute_retention_points",
        compute_sudo=True,
        help="How many points the document has earned its customer, or will.",
    )
    retention_points_print = fields.Char(
        string="Points for the Customer",
        compute="_compute_retention_points",
        compute_sudo=True,
        help="The same, if the program has it printed on documents.",
    )

    @api.depends(
        "state",
        "payment_state",
        "partner_id",
        "invoice_date",
        "invoice_line_ids.price_subtotal",
        "retention_no_points",
    )
    def _compute_retention_points(self):
        self.retention_points_text = self.retention_points_print = False
        invoices = self.filtered(
            lambda move: move.move_type in ("out_invoice", "out_receipt")
        )
        earned = invoices._retention_get_earned()
        for move in invoices:
            program, number = move._retention_estimate()
            known = earned.get(move._origin.id)
            text = program and move._retention_say_points(program, number, known)
            move.retention_points_text = text
            move.retention_points_print = program.show_on_documents and text

    def _retention_say_points(self, program, number, known):
        """Say what was earned, or what will be; False: nothing."""
        if known is None and number > 0:
            return self.env._(
                "This invoice earns %(points)s %(name)s.",
                points=number,
                name=program.point_name,
            )
        if known and known > 0:
            return self.env._(
                "This invoice has earned %(points)s %(name)s.",
                points=known,
                name=program.point_name,
            )
        return False

    def _retention_get_earned(self):
        """Return ``{id: points}`` of what stands posted for these invoices."""
        grants = read_grants(self.env, self._name, self._origin.ids)
        return {
            move_id: sum(grant.points - sum(grant.held().values()) for grant in granted)
            for move_id, granted in grants.items()
        }

    def _retention_estimate(self):
        """Return (program, points) of what this invoice would earn."""
        self.ensure_one()
        lines = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        return self.env["retention.points.program"]._estimate(
            self, lines, self.invoice_date, lambda line: line.sale_line_ids[:1]
        )

    def _notify_by_email_prepare_rendering_context(self, message, *args, **options):
        """Tell it at the head of its mails, too, if the program has it printed."""
        context = super()._notify_by_email_prepare_rendering_context(
            message, *args, **options
        )
        text = context["record"].retention_points_print
        if text:
            context["subtitles"] = [*context.get("subtitles", ()), text]
        return context
