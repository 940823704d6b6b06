from odoo import fields, models
from odoo.exceptions import UserError

from ..tools import complaint, service


class RetentionComplaintWizard(models.TransientModel):
    """A person says what became of a complaint, and why."""

    _name = "retention.complaint.wizard"
    _description = "What Became of a Complaint"

    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        string="Complaint",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    what = fields.Selection(
        selection=[
            ("phone", "The customer confirmed on the phone"),
            ("reopen", "It is not solved"),
            ("none", "It is no complaint"),
        ],
        required=True,
        readonly=True,
    )
    kind = fields.Selection(
        selection=[
            (service.QUESTION, "A question"),
            (service.REQUEST, "A request"),
        ],
        string="It Is",
        default=service.QUESTION,
        required=True,
    )
    reason = fields.Char(string="Why")

    def action_apply(self):
        """Do it, and keep the words on the ticket."""
        self.ensure_one()
        self.ticket_id.check_access("write")
        reason = (self.reason or "").strip()
        if self.what != "phone" and not reason:
            raise UserError(self.env._("Say why."))
        getattr(self, f"_apply_{self.what}")(reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _apply_phone(self, note):
        """Confirm the solution, and keep the call as a contact that took place."""
        ticket = self.ticket_id
        ticket._retention_confirm(complaint.PHONE, note)
        # sudo: contacts are written by the suite only; agents may log this one
        channel = self.env["retention.channel"].sudo()._get_ids_by_code().get("phone")
        customer = ticket.sudo().commercial_partner_id  # sudo: as above
        if not customer or not channel:
            return
        self.env["retention.touch"].sudo().create(  # sudo: as above
            {
                "partner_id": customer.id,
                "person_id": ticket.partner_id.id,
                "company_id": ticket.company_id.id,
                "channel_id": channel,
                "category": "service",
                "state": "done",
                "done_at": fields.Datetime.now(),
                "user_id": self.env.uid,
                "outcome": "reached",
                "note": note or False,
                "origin": "manual",
                "res_model": "helpdesk.ticket",
                "res_id": ticket.id,
            }
        )

    def _apply_reopen(self, reason):
        self.ticket_id._retention_reopen(reason)

    def _apply_none(self, reason):
        """Make a question or a request of it: it has no steps any more."""
        if self.ticket_id.retention_kind != service.COMPLAINT:
            raise UserError(self.env._("%s is no complaint.", self.ticket_id.name))
        self.ticket_id.retention_kind = self.kind
        self.ticket_id._message_log(
            body=self.env._("No complaint: %s", reason),
            author_id=self.env.user.partner_id.id,
        )
