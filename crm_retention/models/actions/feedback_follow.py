from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import format_datetime, plaintext2html

from ...tools import satisfaction

RECENT = timedelta(days=7)  # older answers, taken in later, call nobody


class RetentionFeedback(models.Model):
    """What follows from an answer: a call to who is unhappy, thanks to who is happy.

    A customer is called once, however many bad answers came together.
    """

    _inherit = "retention.feedback"

    touch_id = fields.Many2one(
        comodel_name="retention.touch",
        string="Follow-up",
        readonly=True,
        ondelete="set null",
        help="The planned contact that came of the answer.",
    )
    touch_state = fields.Selection(related="touch_id.state", string="Follow-up State")
    call_back_by = fields.Datetime(
        string="Call Back until", readonly=True, help="Promised after a bad answer."
    )
    is_low = fields.Boolean(
        string="Low Answer", compute="_compute_is_low", search="_search_is_low"
    )
    is_high = fields.Boolean(string="High Answer", compute="_compute_is_low")
    is_late = fields.Boolean(
        string="Call-Back Late",
        compute="_compute_is_late",
        compute_sudo=True,  # of the contact only whether it was in time
        search="_search_is_late",
    )
    complaint_ids = fields.One2many(
        comodel_name="helpdesk.ticket",
        inverse_name="retention_feedback_id",
        string="Complaints",
    )

    @api.depends("grade")
    def _compute_is_low(self):
        for row in self:
            row.is_low = row.grade in satisfaction.LOW
            row.is_high = row.grade in satisfaction.HIGH

    def _search_is_low(self, operator, value):
        if operator != "in":
            return NotImplemented
        if len(set(value)) > 1:
            return Domain.TRUE
        return Domain("grade", "in" if True in value else "not in", [*satisfaction.LOW])

    @api.depends("call_back_by", "touch_id.state", "touch_id.done_at")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for row in self:
            touch = row.touch_id
            called = touch.done_at if touch.state == "done" else now
            row.is_late = bool(
                row.call_back_by
                and touch.state in ("planned", "done")
                and called > row.call_back_by
            )

    def _search_is_late(self, operator, value):
        """Those that nobody has called in time, and nobody yet."""
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return Domain("call_back_by", "<", fields.Datetime.now()) & Domain(
            "touch_id.state", "=", "planned"
        )

    # ---- by itself -------------------------------------------------------------------

    def _taken_in(self):
        result = super()._taken_in()
        self._follow_up()
        return result

    def _follow_up(self):
        """Plan a call to who answered badly; a talk with promoters if wanted."""
        fresh = self.filtered(
            lambda row: (
                not row.touch_id and row.answered_at > fields.Datetime.now() - RECENT
            )
        )
        for company, rows in fresh.grouped("company_id").items():
            if company.retention_call_back_hours:
                rows.filtered("is_low")._call_back(company)
            if company.retention_ask_promoters:
                happy = rows.filtered(lambda row: row.grade == satisfaction.PROMOTER)
                happy._plan_thanks(company._retention_today())

    def _call_back(self, company):
        """Have these customers called within the hours that the company promises."""
        hours = timedelta(hours=company.retention_call_back_hours)
        for row in self:
            row.call_back_by = row.answered_at + hours
        calling = self._find_open_calls()
        for row in self:
            row.touch_id = calling.get(row.partner_id)
        first = {row.partner_id: row for row in self if not row.touch_id}
        rows = self.browse([row.id for row in first.values()])
        touches = rows._plan_contacts(
            company._retention_today(),
            {row: row._describe_low() for row in rows},
        )
        planned = touches.grouped("partner_id")
        for row in self.filtered(lambda row: not row.touch_id):
            row.touch_id = planned[row.partner_id]

    def _find_open_calls(self):
        """Return ``{customer: call-back}`` that are planned already."""
        rows = self.search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("call_back_by", "!=", False),
                ("touch_id.state", "=", "planned"),
            ]
        )
        return {row.partner_id: row.touch_id for row in rows}

    def _plan_thanks(self, day):
        """Have these customers thanked, and asked whom else we could help."""
        urls = self._get_referral_urls()
        touches = self._plan_contacts(
            day,
            {row: row._describe_high(urls.get(row)) for row in self},
            "relationship",
        )
        for row, touch in zip(self, touches, strict=True):
            row.touch_id = touch

    def _plan_contacts(self, day, reasons, category="service"):
        """Plan one call for each of these; with its activity, for its person."""
        if not self:
            return self.env["retention.touch"]
        channels = self.env["retention.channel"]._get_ids_by_code()
        # sudo: an answer is the customer's own act, what follows is ours
        touches = self.env["retention.touch"].sudo()
        touches = touches.create(
            [
                {
                    "partner_id": row.partner_id.id,
                    "person_id": row.person_id.id,
                    "company_id": row.company_id.id,
                    "channel_id": channels["phone"],
                    "category": category,
                    "due_date": day,
                    "user_id": row._get_caller().id,
                    "reason": reasons[row],
                    "origin": "manual",
                }
                for row in self
            ]
        )
        touches._create_activities()
        return touches

    def _get_caller(self):
        """Return who follows up on this answer, as the company has it."""
        self.ensure_one()
        company, customer = self.company_id, self.partner_id
        people = [self.ticket_id.user_id, customer.user_id]
        if company.retention_call_back_first == "salesperson":
            people.reverse()
        for user in (*people, self.user_id, company.retention_call_back_user_id):
            if user.active and not user.share and company in user.company_ids:
                return user
        return self.env["res.users"]

    def _in_words_of_caller(self):
        """Return this answer in the language of who reads what it says."""
        lang = self._get_caller().lang or self.company_id._retention_lang()
        return self.with_context(lang=lang)

    def _describe_low(self):
        """Say why the customer is to be called."""
        self = self._in_words_of_caller()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return self.env._(
            "Unhappy: %(question)s %(answer)s. Call back by %(moment)s.",
            question=kinds[self.kind],
            answer=self.answer_text,
            moment=format_datetime(
                self.env,
                self.call_back_by,
                tz=self._get_caller().tz
                or self.company_id.resource_calendar_id.tz
                or "UTC",
                dt_format="short",
            ),
        )

    def _describe_high(self, url):
        """Say what to thank for, and how the customer can bring friends (``url``)."""
        self = self._in_words_of_caller()
        text = self.env._(
            "Would recommend us (%(answer)s): say thanks and ask who else we could "
            "help.",
            answer=self.answer_text,
        )
        return self.env._("%(text)s Link: %(url)s", text=text, url=url) if url else text

    def _get_referral_urls(self):
        """Return ``{answer: the customer's own link to bring friends}``, where any."""
        # sudo: the link may be passed on by whoever looks after the customer
        accounts = self.env["retention.points.account"].sudo()
        known = accounts.search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("merged_into_id", "=", False),
            ]
        )
        of_customer = known.grouped(lambda row: (row.partner_id, row.company_id))
        found = {}
        for row in self:
            mine = of_customer.get((row.partner_id, row.company_id), known.browse())
            urls = (account._get_referral_url() for account in mine)
            if url := next(filter(None, urls), False):
                found[row] = url
        return found

    # ---- by a person -----------------------------------------------------------------

    def action_ask_referral(self):
        """Have this happy customer thanked and asked for friends."""
        self.ensure_one()
        self.env["retention.touch"]._check_may_act()
        self.check_access("read")
        if not self.touch_id:
            # sudo: as the other follow-ups; the right was checked above
            self.sudo()._plan_thanks(self.company_id._retention_today())
        return self.action_open_follow_up()

    def action_open_follow_up(self):
        """Open the planned contact that came of this answer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "retention.touch",
            "res_id": self.touch_id.id,
            "views": [(False, "form")],
        }

    def action_open_complaint(self):
        """Open the complaint about it, or a new ticket that tells what was answered."""
        self.ensure_one()
        self.check_access("read")
        if not self.env["helpdesk.ticket"].has_access("create"):
            raise AccessError(
                self.env._("You may not open tickets: ask somebody of the helpdesk.")
            )
        known = self.complaint_ids[:1]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Complaint"),
            "res_model": "helpdesk.ticket",
            "res_id": known.id,
            "views": [(False, "form")],
            "context": {} if known else self._prepare_complaint(),
        }

    def _prepare_complaint(self):
        """Return the defaults of a complaint about this answer."""
        said = self.comment or self.env._("No comment.")
        return {
            "default_name": self.env._("Unhappy with %(what)s", what=self._say_what()),
            "default_partner_id": self.person_id.id or self.partner_id.id,
            "default_partner_name": (self.person_id or self.partner_id).name,
            "default_partner_email": (self.person_id or self.partner_id).email,
            "default_retention_kind": "complaint",
            "default_description": plaintext2html(
                self.env._(
                    "Answered %(answer)s: %(comment)s",
                    answer=self.answer_text,
                    comment=said,
                )
            ),
            "default_company_id": self.company_id.id,
            "default_retention_feedback_id": self.id,
        }

    def _say_what(self):
        """Name what was asked about."""
        # sudo: the names of a ticket and a survey that the customer knows
        row = self.sudo()
        return row.ticket_id.number or row.survey_id.title or self.env._("us")
