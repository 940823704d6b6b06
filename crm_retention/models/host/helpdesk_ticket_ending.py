from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ...tools import caps, complaint, service
from .helpdesk_ticket_complaint import AGENTS

TEMPLATE = "crm_retention.mail_template_complaint_solved"
UNTOLD = "crm_retention.untold"  # tickets that our job closes in a dry run


class HelpdeskTicket(models.Model):
    """How a complaint ends: confirmed, silent, reopened, and the care afterwards."""

    _inherit = "helpdesk.ticket"

    retention_confirm_url = fields.Char(
        string="Confirmation Page",
        compute="_compute_retention_confirm_url",
        groups=AGENTS,
        help="Where the customer confirms the solution or reopens the complaint.",
    )

    def _compute_retention_confirm_url(self):
        for ticket in self:
            # sudo: the token opens this ticket alone, to whom it is sent
            token = ticket.sudo().access_token or ""
            path = f"/my/complaint/{ticket.id}?access_token={token}"
            ticket.retention_confirm_url = f"{ticket.get_base_url()}{path}"

    # ---- asking ----------------------------------------------------------------

    def _retention_ask_confirmation(self):
        """Queue our mail that asks whether all is well, unless this is a dry run."""
        template = self.env.ref(TEMPLATE, raise_if_not_found=False)
        # sudo: the mail is the company's, whoever solved the complaint
        tickets = self.sudo().filtered(
            lambda ticket: (
                ticket.company_id.retention_sending
                and ticket.partner_id.email_normalized
            )
        )
        if not template:
            return
        for company, group in tickets.grouped("company_id").items():
            for until, same in group._retention_get_told(company).items():
                for ticket in same:  # each has a token of its own
                    ticket._portal_ensure_token()
                mails = template.sudo().send_mail_batch(  # sudo: as above
                    same.ids,
                    force_send=False,
                    email_values={"scheduled_date": until} if until else None,
                )
                for ticket, mail in zip(same, mails, strict=True):
                    if not mail.recipient_ids and not mail.email_to:
                        mail.recipient_ids = [Command.link(ticket.partner_id.id)]

    def _retention_get_told(self, company):
        """Return ``{moment: tickets}`` that mail may be sent on; False: now."""
        guard = self.env["retention.guard"].sudo()  # sudo: the mail is the company's
        # sudo: agents of the helpdesk need not have rights on channels
        channel = self.env["retention.channel"].sudo()._get_ids_by_code().get("email")
        requests = [
            caps.Request(
                customer_id=ticket.commercial_partner_id.id,
                person_id=ticket.partner_id.id,
                channel_id=channel,
                category="transactional",
            )
            for ticket in self
        ]
        guard._hold(company, self.commercial_partner_id.ids)
        verdicts = guard._judge(company, requests)
        guard._log(company, requests, verdicts)
        told = {}
        for ticket, verdict in zip(self, verdicts, strict=True):
            if verdict.state != caps.BLOCKED:
                waits = verdict.until if verdict.state == caps.DEFERRED else False
                told.setdefault(waits, []).append(ticket.id)
        return {until: self.browse(ids) for until, ids in told.items()}

    # ---- confirmed -------------------------------------------------------------

    def _retention_confirm(self, how, note=None, author=None):
        """Keep that the customer is content; nothing happens the second time.

        :param how: ``complaint.CUSTOMER`` or ``PHONE``.
        :raises UserError: where there is nothing to confirm yet.
        """
        self.ensure_one()
        self.lock_for_update()
        self.invalidate_recordset(["retention_step"])
        if self.retention_step in (service.CONFIRMED, service.CLOSED):
            return
        if self.retention_step != service.SOLVED:
            raise UserError(self.env._("There is no solution to confirm yet."))
        # sudo: the path decides what is written; the caller has checked who asks
        self.sudo().write(
            {"retention_confirmed_by": how, "retention_step": service.CONFIRMED}
        )
        text = self.env._("The customer confirmed the solution.")
        if note:
            text = self.env._(
                "The customer confirmed the solution: %(note)s", note=note
            )
        author = author or self.env.user.partner_id
        self.sudo()._message_log(body=text, author_id=author.id)  # sudo: as above

    def _retention_close_quiet(self):
        """Close these: those the customer confirmed, and those nothing was heard of."""
        silent = self.filtered(lambda ticket: not ticket.retention_confirmed_by)
        silent.write({"retention_confirmed_by": complaint.SILENCE})
        unsent = self.filtered(lambda ticket: not ticket.company_id.retention_sending)
        # changes are told at the end of the transaction, whatever the context was
        self.env.cr.precommit.data.setdefault(UNTOLD, set()).update(unsent.ids)
        self.write({"retention_step": service.CLOSED})
        bodies = {
            ticket.id: ticket.env._(
                "Closed: nothing was heard of the customer for %(days)s days.",
                days=ticket.company_id.retention_silence_days,
            )
            for ticket in silent
        }
        if silent:
            silent._message_log_batch(bodies)
        return len(self)

    @api.model
    def _retention_find_quiet(self, company, as_of, after, limit):
        """Return complaints to close on a day: confirmed, or solved and quiet since."""
        self.env.flush_all()
        days = company.retention_silence_days
        begin, _end = company._retention_day_bounds(as_of - timedelta(days=days), as_of)
        statement = SQL(
            """
            SELECT ticket.id FROM helpdesk_ticket ticket
             WHERE ticket.company_id = %(company)s AND ticket.id > %(after)s
               AND ticket.retention_kind = 'complaint' AND ticket.active
               AND ticket.duplicate_id IS NULL
               AND (ticket.retention_step = 'confirmed'
                    OR ticket.retention_step = 'solved' AND %(days)s > 0
                   AND ticket.retention_solved_at < %(begin)s
                   AND NOT EXISTS (
                       SELECT FROM mail_message message
                         LEFT JOIN res_partner author
                                ON author.id = message.author_id
                        WHERE message.model = 'helpdesk.ticket'
                          AND message.res_id = ticket.id
                          AND message.message_type IN ('comment', 'email')
                          AND message.date > ticket.retention_solved_at
                          AND (author.id IS NULL
                               OR author.commercial_partner_id
                                = ticket.commercial_partner_id)))
             ORDER BY ticket.id LIMIT %(limit)s
            """,
            company=company.id,
            after=after,
            days=days,
            begin=begin,
            limit=limit,
        )
        return self.browse([row[0] for row in self.env.execute_query(statement)])

    def _track_template(self, tracking):
        """Let no stage write to customers where our job moves it in a dry run."""
        templates = super()._track_template(tracking)
        if self[:1].id in self.env.cr.precommit.data.get(UNTOLD, ()):
            templates.pop("stage_id", None)
        return templates

    # ---- reopened --------------------------------------------------------------

    def _retention_may_reopen(self):
        """Tell whether the customer may still take a confirmed complaint up again."""
        self.ensure_one()
        days = self.company_id.retention_reopen_days
        since = self.retention_confirmed_at or self.retention_solved_at
        return bool(
            self.retention_kind == service.COMPLAINT
            and self.retention_step in service.SOLVED_STEPS
            and (
                self.retention_step == service.SOLVED
                or not since
                or since + timedelta(days=days) >= fields.Datetime.now()
            )
        )

    def _retention_reopen(self, reason, author=None):
        """Take a solved complaint up again, with a reason.

        :param author: the customer, where he asks for it; else it is the user's note.
        """
        self.ensure_one()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why it is not solved."))
        if (
            self.retention_kind != service.COMPLAINT
            or self.retention_step not in service.SOLVED_STEPS
        ):
            raise UserError(self.env._("It is open already."))
        # sudo: the path decides what is written; the caller has checked who asks
        ticket = self.sudo()
        ticket.write(
            {
                "retention_step": ticket._retention_get_restart(),
                "retention_reopen_reason": reason,
            }
        )
        text = ticket.env._("Reopened: %s", reason)
        if author:
            ticket.message_post(
                body=text,
                author_id=author.id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        else:
            ticket._message_log(body=text, author_id=self.env.user.partner_id.id)

    def _retention_after_reopening(self):
        """Take back the care that was planned because it was closed."""
        # sudo: touches are written by methods only
        touches = self.env["retention.touch"].sudo()
        planned = touches.search(
            [
                ("res_model", "=", "helpdesk.ticket"),
                ("res_id", "in", self.ids),
                ("state", "=", "planned"),
            ]
        )
        planned.write({"state": "dropped"})

    # ---- care ------------------------------------------------------------------

    def _retention_plan_care(self):
        """Plan a call to customers of the high band some days after the end."""
        # sudo: the plan is the company's, whoever closed the complaint
        tickets = self.sudo().filtered(
            lambda ticket: (
                ticket.retention_kind == service.COMPLAINT
                and not ticket.duplicate_id
                and ticket.company_id.retention_care_days
            )
        )
        channel = self.env["retention.channel"].sudo()._get_ids_by_code().get("phone")
        if not tickets or not channel:
            return
        high = self.env["retention.profile"].sudo()._search_high(tickets)  # sudo: same
        touches = self.env["retention.touch"].sudo()  # sudo: as above
        touches.create(
            [
                ticket._retention_prepare_care(channel)
                for ticket in tickets
                if (ticket.commercial_partner_id.id, ticket.company_id.id) in high
            ]
        )

    def _retention_prepare_care(self, channel):
        self.ensure_one()
        company, customer = self.company_id, self.commercial_partner_id
        today = company._retention_today()
        user = customer.user_id if customer.user_id.active else self.user_id
        return {
            "partner_id": customer.id,
            "person_id": self.partner_id.id,
            "company_id": company.id,
            "channel_id": channel,
            "category": "service",
            "depth": "conversation",
            "due_date": today + timedelta(days=company.retention_care_days),
            "user_id": user.id,
            "reason": self.env._(
                "Is all well after complaint %(number)s?", number=self.number
            ),
            "origin": "manual",
            "res_model": "helpdesk.ticket",
            "res_id": self.id,
        }
