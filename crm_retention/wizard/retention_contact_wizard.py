from odoo import api, fields, models

from ..models.facts.retention_touch import DIRECTIONS, OUTCOMES

NOT_REACHED = "not_reached"


class RetentionContactWizard(models.TransientModel):
    """Log a contact that took place: a call, a visit, a chat outside Odoo."""

    _name = "retention.contact.wizard"
    _description = "Log Contact"

    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", required=True
    )
    customer_id = fields.Many2one(
        related="partner_id.commercial_partner_id", string="Commercial Entity"
    )
    channel_id = fields.Many2one(
        comodel_name="retention.channel",
        required=True,
        default=lambda self: self._default_channel_id(),
    )
    direction = fields.Selection(selection=DIRECTIONS, default="out", required=True)
    outcome = fields.Selection(
        selection=[each for each in OUTCOMES if each[0] != "bought"],
        default="reached",
        required=True,
    )
    done_at = fields.Datetime(string="When", required=True, default=fields.Datetime.now)
    note = fields.Text()
    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        help="What the contact was about; reaching the customer answers it.",
    )

    @api.model
    def _default_channel_id(self):
        channels = self.env["retention.channel"]
        return channels.search([("code", "=", "phone")]) or channels.search([], limit=1)

    def action_log(self):
        """Keep the contact, and close."""
        self.ensure_one()
        self.env["retention.touch"].log_contact(
            {
                "partner_id": self.partner_id.id,
                "channel": self.channel_id.id,
                "direction": self.direction,
                "outcome": self.outcome,
                "done_at": self.done_at,
                "note": self.note,
            }
        )
        if self.ticket_id and self.direction == "out" and self.outcome != NOT_REACHED:
            self.ticket_id._retention_answered(self.done_at)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Contact with %s logged.", self.partner_id.display_name
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
