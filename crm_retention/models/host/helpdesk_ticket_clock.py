from odoo import api, fields, models
from odoo.exceptions import UserError

from ..actions.retention_service_clock import STATES
from ..actions.service_follow import Following
from ..decisions.retention_service_limit import TICKET_PARTS

MOVING = frozenset(
    {
        "stage_id",
        "retention_step",
        "retention_kind",
        "category_id",
        "duplicate_id",
        "active",
    }
)
# a system's own words: notes of changes, templates of stages, absence
SPOKEN = ("comment", "email")
BATCH = 5000  # tickets whose clocks are kept in memory at once


class HelpdeskTicket(models.Model):
    """The promises about a ticket: kept current whatever happens to it."""

    _inherit = "helpdesk.ticket"

    retention_clock_ids = fields.One2many(
        comodel_name="retention.service.clock",
        inverse_name="ticket_id",
        string="Promises",
        copy=False,
    )
    retention_next_due = fields.Datetime(
        string="Next Due",
        readonly=True,
        copy=False,
        help="When the next promise about it is due; past: it is overdue.",
    )
    retention_next_part = fields.Selection(
        selection=TICKET_PARTS, string="What Is Due", readonly=True, copy=False
    )
    retention_answer_state = fields.Selection(
        selection=STATES, string="First Answer", readonly=True, copy=False
    )
    retention_solve_state = fields.Selection(
        selection=STATES,
        string="Solution",
        readonly=True,
        copy=False,
        help="Once missed it stays missed, also when the ticket is reopened.",
    )
    retention_is_paused = fields.Boolean(
        string="On Hold",
        readonly=True,
        copy=False,
        help="The clock stands still until the customer has answered.",
    )
    retention_is_closed = fields.Boolean(
        string="Is Closed",
        readonly=True,
        copy=False,
        help="As its stage says; kept here so that the queue is found quickly.",
    )
    retention_outside_hours = fields.Boolean(
        string="Outside Working Hours",
        readonly=True,
        copy=False,
        help="It came in when nobody works.",
    )
    retention_solved_at = fields.Datetime(string="Solved on", readonly=True, copy=False)

    _retention_next_due_idx = models.Index(
        "(retention_next_due, id) WHERE retention_next_due IS NOT NULL"
    )

    @api.model_create_multi
    def create(self, vals_list):
        tickets = super().create(vals_list)
        tickets._retention_follow(new=True)
        return tickets

    def write(self, vals):
        result = super().write(vals)
        if not MOVING.isdisjoint(vals):
            again = self.browse()
            if not {"retention_kind", "category_id"}.isdisjoint(vals):
                # a complaint, or no longer one: other promises begin to hold; not for
                # tickets from before there were clocks, answered nobody knows when
                # sudo: as following itself
                again = self.filtered(lambda each: each.sudo().retention_clock_ids)
            again._retention_follow(new=True)
            (self - again)._retention_follow()
        return result

    def _retention_follow(self, new=False, again=False):
        """Bring the clocks of these tickets in line with them; return what changed.

        :param new: the first clocks may start
        :param again: take the targets of now for what still runs
        """
        changed = 0
        # sudo: whoever answers or closes a ticket keeps its clocks
        tickets = self.sudo()
        for start in range(0, len(tickets), BATCH):
            batch = tickets[start : start + BATCH]
            following = Following(batch, fields.Datetime.now(), new, again)
            changed += following.run()
            batch._retention_end_warnings()
        return changed

    # ---- the first answer ----------------------------------------------------------

    def _message_post_after_hook(self, message, msg_vals):
        if self._retention_is_answer(message):
            self._retention_answered(message.date)
        return super()._message_post_after_hook(message, msg_vals)

    def _retention_is_answer(self, message):
        """Tell whether a message is one by staff that the customer may read."""
        # sudo: an author's users are read by whoever posts
        author = message.author_id.sudo()
        customer = self.sudo().commercial_partner_id
        return (
            message.message_type in SPOKEN
            and not message.is_internal
            and not message.subtype_id.internal
            and message.subtype_id == self.env.ref("mail.mt_comment")
            and any(not user.share for user in author.user_ids)
            and author != self.env.ref("base.partner_root")
            and (not customer or author.commercial_partner_id != customer)
        )

    def _retention_answered(self, moment):
        """Keep that staff answered for the first time at ``moment``."""
        # sudo: who may write to a customer need not be able to write the ticket
        waiting = self.sudo().filtered(lambda ticket: not ticket.retention_answered_at)
        if waiting:
            waiting.write({"retention_answered_at": moment or fields.Datetime.now()})
            waiting._retention_follow()

    # ---- buttons -------------------------------------------------------------------

    def action_retention_log_contact(self):
        """Open the dialog that logs a contact with the customer about this ticket."""
        self.ensure_one()
        if not self.partner_id:
            raise UserError(self.env._("Choose the ticket's contact first."))
        action = self.partner_id.action_log_retention_contact()
        action["context"]["default_ticket_id"] = self.id
        return action

    def action_retention_reapply(self):
        """Take the service targets of now for tickets that are still open."""
        self.check_access("write")
        open_tickets = self.filtered(lambda ticket: not ticket.closed)
        if not open_tickets:
            raise UserError(
                self.env._("Closed tickets keep what was promised about them.")
            )
        return open_tickets._retention_apply_again()

    def _retention_apply_again(self):
        """Take the targets of now, and say in a notification what changed."""
        changed = self._retention_follow(again=True)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(tickets)s tickets looked at, %(changed)s changes.",
                    tickets=len(self),
                    changed=changed,
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
