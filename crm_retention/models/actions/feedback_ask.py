from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command, Domain

from ...tools import caps

BATCH = 400  # invitations a transaction
SENSIBLE = timedelta(days=7)  # a ticket is not asked about later than this
TEMPLATE = "crm_retention.mail_template_rating"


class RetentionFeedback(models.Model):
    """Customers are asked about a ticket once it is closed, each ticket once.

    Closing only notes that there is something to ask; the act step asks a little
    later, if sending is on, the ticket is still closed, and the guard allows it.
    """

    _inherit = "retention.feedback"

    @api.model
    def _plan_csat(self, tickets):
        """Note that the customers of these closed tickets are to be asked.

        A ticket that was asked about stays as it is, whatever becomes of it.
        """
        # sudo: agents close tickets and have no rights on what is asked afterwards
        rows = self.sudo()
        keys = {each._retention_csat_key(): each for each in tickets.sudo()}
        known = rows.search([("key", "in", list(keys))])
        for row in known.filtered(lambda row: row.state in ("planned", "skipped")):
            ticket = keys[row.key]
            row.update(row._prepare_csat(ticket))  # flushed as one statement
        new = keys.keys() - set(known.mapped("key"))
        rows.create(
            [
                {"key": key, "kind": "csat", **rows._prepare_csat(keys[key])}
                for key in keys
                if key in new
            ]
        )

    @api.model
    def _prepare_csat(self, ticket):
        company = ticket.company_id
        ask_at = fields.Datetime.now() + timedelta(hours=company.retention_csat_hours)
        return {
            "state": "planned",
            "partner_id": ticket.commercial_partner_id.id,
            "person_id": ticket.partner_id.id,
            "company_id": company.id,
            "ticket_id": ticket.id,
            "team_id": ticket.team_id.id,
            "user_id": ticket.user_id.id or ticket.commercial_partner_id.user_id.id,
            "ask_at": ask_at,
            "ask_until": ask_at + SENSIBLE,
            "reason": False,
        }

    # ---- the act step ------------------------------------------------------------

    @api.model
    def _get_due(self, company, after):
        return self.search(
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "planned")
            & Domain("ask_at", "<=", fields.Datetime.now())
            & Domain("id", ">", after),
            order="id",
            limit=BATCH,
        )

    def _ask(self):
        """Ask about these tickets what the guard allows; return how many were asked."""
        rows = self._drop_senseless()
        requests = [row._prepare_request() for row in rows]
        allowed = self.browse()
        if requests:
            guard, company = self.env["retention.guard"], rows.company_id
            guard._hold(company, rows.partner_id.ids)
            verdicts = guard._judge(company, requests)
            guard._log(company, requests, verdicts)
            for row, verdict in zip(rows, verdicts, strict=True):
                if verdict.state == caps.ALLOWED:
                    allowed |= row
                elif verdict.state == caps.DEFERRED:
                    row.ask_at = verdict.until
                else:
                    row.update({"state": "skipped", "reason": verdict.reason})
        for template, group in allowed.grouped(
            lambda row: row.ticket_id.stage_id.rating_mail_template_id
        ).items():
            group._invite_to_rate(template)
        return len(allowed)

    def _note_error(self, error):
        """Keep why this could not be asked; it is tried again a day later."""
        self.write(
            {
                "reason": str(error) or type(error).__name__,
                "ask_at": fields.Datetime.now() + timedelta(days=1),
            }
        )

    def _drop_senseless(self):
        """Give up those of these that are not to be asked any more."""
        now = fields.Datetime.now()
        reasons = {
            row: row.ask_until < now
            and self.env._("It could not be asked in the week after the ticket.")
            or not row.ticket_id._retention_may_ask()
            and self.env._("The ticket is not closed, or is not to be rated.")
            for row in self
        }
        for row, reason in reasons.items():
            if reason:
                row.update({"state": "skipped", "reason": reason})
        return self.filtered(lambda row: not reasons[row])

    def _prepare_request(self):
        """Return what the guard is asked."""
        self.ensure_one()
        return caps.Request(
            customer_id=self.partner_id.id,
            person_id=self.person_id.id,
            channel_id=self.env["retention.channel"]._get_ids_by_code()["email"],
            category="service",
            last=self.ask_until,
            source=("ticket", self.ticket_id.id),
            is_survey=True,
        )

    def _invite_to_rate(self, template):
        """Queue one mail a ticket, and keep each as an invitation and a contact."""
        if self.env["retention.cadence"]._find_unfinished(template):
            self._note_error(self.env["retention.touch"]._say_unfinished(template))
            return
        self._make_ratings()
        mails = template.send_mail_batch(self.ticket_id.ids, force_send=False)
        by_ticket = dict(zip(self.ticket_id.ids, mails, strict=True))
        self._note_invited()
        self._note_contacts({row: by_ticket[row.ticket_id.id] for row in self})

    def _make_ratings(self):
        """Give each ticket the open rating that its mail links to, in one batch."""
        model_id = self.env["ir.model"]._get_id("helpdesk.ticket")
        # sudo: as Odoo does when a mail asks for a rating
        ratings = self.env["rating.rating"].sudo()
        known = ratings.search(
            [
                ("res_model", "=", "helpdesk.ticket"),
                ("res_id", "in", self.ticket_id.ids),
                ("consumed", "=", False),
            ]
        )
        open_of = {(each.res_id, each.partner_id): each for each in known}
        lacking = self.filtered(
            lambda row: (row.ticket_id.id, row.person_id) not in open_of
        )
        made = ratings.create(
            [
                {
                    "partner_id": row.person_id.id,
                    "rated_partner_id": row.ticket_id.user_id.partner_id.id,
                    "res_model_id": model_id,
                    "res_id": row.ticket_id.id,
                    "is_internal": False,
                }
                for row in lacking
            ]
        )
        open_of |= {(each.res_id, each.partner_id): each for each in made}
        for row in self:
            row.rating_id = open_of[row.ticket_id.id, row.person_id]
        self.ticket_id.invalidate_recordset(["rating_ids"])

    def _note_invited(self):
        """Keep that these were asked by mail, now."""
        channels = self.env["retention.channel"]._get_ids_by_code()
        self.write(
            {
                "state": "asked",
                "invited_at": fields.Datetime.now(),
                "channel_id": channels.get("email"),
                "reason": False,
            }
        )

    @api.model
    def _note_contacts(self, mails):
        """Keep invitations as contacts that took place: ``{feedback: mail}``."""
        for row, mail in mails.items():
            if not mail.recipient_ids and not mail.email_to:
                mail.recipient_ids = [Command.link(row.person_id.id)]
        self.env["retention.touch"].create(
            [
                {
                    "partner_id": row.partner_id.id,
                    "person_id": row.person_id.id,
                    "company_id": row.company_id.id,
                    "channel_id": row.channel_id.id,
                    "category": "service",
                    "state": "done",
                    "done_at": row.invited_at,
                    "outcome": "reached",
                    "is_bulk": True,
                    "origin": "message",
                    "key": f"retention.feedback:{row.id}:{row.partner_id.id}",
                    "mail_id": mail.id,
                }
                for row, mail in mails.items()
            ]
        )
