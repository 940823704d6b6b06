from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..models.host.helpdesk_ticket_service import KINDS
from ..tools import service


class RetentionCallWizard(models.TransientModel):
    """Somebody calls: the number says who, and a ticket is there in two clicks."""

    _name = "retention.call.wizard"
    _description = "Log a Call"

    number = fields.Char(string="Phone Number")
    found_ids = fields.Many2many(
        comodel_name="res.partner", string="Known by It", compute="_compute_found_ids"
    )
    found_count = fields.Integer(compute="_compute_found_ids")
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Caller",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
    )
    name = fields.Char(string="What It Is About")
    kind = fields.Selection(selection=KINDS, default=service.QUESTION, required=True)
    note = fields.Text()

    @api.depends("number")
    def _compute_found_ids(self):
        for wizard in self:
            found = wizard.env["res.partner"]._retention_find_callers(wizard.number)
            wizard.found_ids = found
            wizard.found_count = len(found)

    @api.depends("number")
    def _compute_partner_id(self):
        """Take the one whose number it is; of several a person chooses."""
        for wizard in self:
            found = wizard.found_ids
            if len(found) == 1 and wizard.partner_id not in found:
                wizard.partner_id = found
            elif len(found) > 1 and wizard.partner_id not in found:
                wizard.partner_id = False

    def action_create_ticket(self):
        """Make the ticket of this call, and open it."""
        self.ensure_one()
        if not self.partner_id and not self.number:
            raise UserError(
                self.env._("Choose who calls, or enter the number of the call.")
            )
        ticket = self.env["helpdesk.ticket"].create(self._prepare_ticket_values())
        # the customer is talking to somebody: the first answer is given
        ticket._retention_answered(fields.Datetime.now())
        return {
            "type": "ir.actions.act_window",
            "res_model": "helpdesk.ticket",
            "res_id": ticket.id,
            "views": [(False, "form")],
        }

    def _prepare_ticket_values(self):
        """Return the values of the ticket: whoever took the call has it."""
        caller = self.partner_id.name or self.number
        subject = self.name or self.env._("Call by %s", caller)
        phone = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_channel_phone", raise_if_not_found=False
        )
        return {
            "name": subject,
            "description": plaintext2html(self.note or subject),
            "partner_id": self.partner_id.id,
            "partner_name": caller,
            "partner_email": self.partner_id.email,
            "channel_id": phone and phone.id,
            "retention_kind": self.kind,
            "user_id": self.env.uid,
        }
