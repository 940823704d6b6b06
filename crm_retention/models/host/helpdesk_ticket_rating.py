from odoo import fields, models

from ...tools import service

OVER = (service.CONFIRMED, service.CLOSED)  # a complaint is asked about from then on


class HelpdeskTicket(models.Model):
    """A ticket is rated once, when it is over.

    Odoo's helpdesk would ask in every stage with a rating mail, also when a change
    of team moves the ticket there.
    """

    _inherit = "helpdesk.ticket"

    retention_feedback_id = fields.Many2one(
        comodel_name="retention.feedback",
        string="About This Answer",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="crm_retention.group_retention_user",
        help="The answer to a survey of which this complaint came.",
    )
    retention_feedback_ids = fields.One2many(
        comodel_name="retention.feedback",
        inverse_name="ticket_id",
        string="Satisfaction",
        groups="crm_retention.group_retention_user,"
        "helpdesk_mgmt.group_helpdesk_user_own",
    )

    def write(self, vals):
        moving = not {"stage_id", "retention_step"}.isdisjoint(vals)
        before = moving and {each.id: each._retention_place() for each in self}
        result = super().write(vals)
        if moving and "team_id" not in vals:
            self.filtered(
                lambda each: each._retention_place() != before[each.id]
            )._retention_ask_rating()
        return result

    def _retention_place(self):
        self.ensure_one()
        return self.stage_id, self.retention_step

    def _send_ticket_rating_mail(self, force_send=False):
        """Do nothing: ``write`` knows whether the ticket moved, and asks once."""

    def _retention_csat_key(self):
        """Return what names the question about this ticket."""
        self.ensure_one()
        return f"helpdesk.ticket:{self.id}:csat"

    def _retention_may_ask(self):
        """Tell whether the ticket is over, and somebody is to say how it was."""
        self.ensure_one()
        return bool(
            self.active
            and self.partner_id
            and not self.partner_id._retention_is_own()
            and self.closed
            and self.stage_id.rating_mail_template_id
            and self.rating_status == "stage_change"
            and not self.duplicate_id
            and (
                self.retention_kind != service.COMPLAINT or self.retention_step in OVER
            )
        )

    def _retention_ask_rating(self):
        """Have the customers of those that are over asked, each ticket once."""
        # sudo: whoever closes a ticket need not read its customer or the stage
        over = self.sudo().filtered(lambda each: each._retention_may_ask())
        at_once = over.filtered(lambda each: each._retention_asks_at_once())
        at_once._retention_rate_at_once()
        if over - at_once:
            self.env["retention.feedback"]._plan_csat(over - at_once)

    def _retention_asks_at_once(self):
        """Tell whether the company asks by its own mail, apart from this suite.

        It set a mail of its own on the stage and has not switched sending on: then
        that mail is its own affair as before, only that it goes out once.
        """
        self.ensure_one()
        ours = self.env.ref(
            "crm_retention.mail_template_rating", raise_if_not_found=False
        )
        return (
            not self.company_id.retention_sending
            and self.stage_id.rating_mail_template_id != ours
        )

    def _retention_rate_at_once(self):
        """Ask by the stage's own mail, and keep the invitations."""
        # sudo: kept for whoever closes
        rows = self.env["retention.feedback"].sudo()
        known = set(
            rows.search(
                [("key", "in", [each._retention_csat_key() for each in self])]
            ).mapped("key")
        )
        new = self.filtered(lambda each: each._retention_csat_key() not in known)
        if not new:
            return
        rows._plan_csat(new)
        for ticket in new:  # each renders and posts a message of its own
            ticket.rating_send_request(
                ticket.stage_id.rating_mail_template_id,
                lang=ticket.partner_id.lang,
                force_send=False,
            )
        rows.search([("ticket_id", "in", new.ids)])._note_invited()
