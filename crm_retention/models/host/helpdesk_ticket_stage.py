from odoo import fields, models


class HelpdeskTicketStage(models.Model):
    """In which stages a ticket waits for the customer."""

    _inherit = "helpdesk.ticket.stage"

    retention_on_hold = fields.Boolean(
        string="Clock Stands Still",
        help="Tickets of this stage wait for the customer: their time limits move by "
        "the working time that they spend here.",
    )

    def write(self, vals):
        changed = self.filtered(
            lambda stage: any(
                stage[name] != bool(vals[name])
                for name in ("closed", "retention_on_hold")
                if name in vals
            )
        )
        result = super().write(vals)
        if changed:
            # sudo: who sets up stages decides about the clocks of what is in them
            tickets = self.env["helpdesk.ticket"].sudo()
            tickets.search([("stage_id", "in", changed.ids)])._retention_follow()
        return result
