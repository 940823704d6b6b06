from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools import satisfaction

KINDS = [
    (satisfaction.NPS, "Would recommend us (NPS)"),
    (satisfaction.CSAT, "Satisfied with service (CSAT)"),
    (satisfaction.EFFORT, "Easy to deal with (effort)"),
]
GRADES = [
    (satisfaction.PROMOTER, "Promoter"),
    (satisfaction.PASSIVE, "Passive"),
    (satisfaction.DETRACTOR, "Detractor"),
    (satisfaction.GOOD, "Good"),
    (satisfaction.NEUTRAL, "Neutral"),
    (satisfaction.BAD, "Bad"),
]
STATES = [
    ("planned", "To Be Asked"),
    ("asked", "Waiting for an Answer"),
    ("answered", "Answered"),
    ("skipped", "Not Asked"),
]


class RetentionFeedback(models.Model):
    """One question about satisfaction that a customer was asked, and the answer.

    Made when it is to be asked or was answered, of Odoo's own ratings and surveys;
    the row is also kept where nobody was asked, with the reason. ``key`` names what
    was asked of whom: ``helpdesk.ticket:17:csat``, ``survey.user_input:17:nps``.
    """

    _name = "retention.feedback"
    _description = "Customer Feedback"
    _order = "answered_at desc, invited_at desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
        check_company=True,
    )
    person_id = fields.Many2one(
        comodel_name="res.partner",
        readonly=True,
        index=True,
        ondelete="set null",
        help="Who was asked: the customer itself or one of its contacts.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    kind = fields.Selection(
        selection=KINDS, string="Question", required=True, readonly=True
    )
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default="planned"
    )
    raw = fields.Integer(
        string="Answer",
        readonly=True,
        aggregator="avg",
        help="Recommending from 0 to 10, all else from 1 to 5; more is better.",
    )
    grade = fields.Selection(
        selection=GRADES,
        readonly=True,
        help="Promoters answered 9 or 10, detractors 0 to 6; good is 4 or 5 of 5, bad "
        "1 or 2.",
    )
    score = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="Its average is the net promoter score, or the share of good answers.",
    )
    answer_text = fields.Char(
        string="Answered", compute="_compute_answer_text", help="Of how many points."
    )
    comment = fields.Text(readonly=True)
    channel_id = fields.Many2one(
        comodel_name="retention.channel", readonly=True, ondelete="set null"
    )
    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    team_id = fields.Many2one(
        comodel_name="helpdesk.ticket.team",
        string="Service Team",
        readonly=True,
        ondelete="set null",
        help="The team of the ticket when it was asked.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Looked After by",
        readonly=True,
        ondelete="set null",
        help="Who worked on the ticket; else the customer's salesperson.",
    )
    rating_id = fields.Many2one(
        comodel_name="rating.rating", readonly=True, ondelete="set null"
    )
    survey_id = fields.Many2one(
        comodel_name="survey.survey", readonly=True, ondelete="set null"
    )
    input_id = fields.Many2one(
        comodel_name="survey.user_input",
        string="Survey Answers",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    ask_at = fields.Datetime(
        string="To Be Asked from", readonly=True, help="It is asked at this moment."
    )
    ask_until = fields.Datetime(
        string="To Be Asked until", readonly=True, help="Later it makes no sense."
    )
    invited_at = fields.Datetime(
        string="Invited on",
        readonly=True,
        help="Empty: the customer answered without having been asked by us.",
    )
    answered_at = fields.Datetime(string="Answered on", readonly=True)
    reason = fields.Char(string="Why Not", readonly=True, help="Why it was not asked.")
    key = fields.Char(
        string="Source Key",
        required=True,
        readonly=True,
        help="Names what was asked of whom, so that it is asked and counted once.",
    )

    _key_unique = models.UniqueIndex("(key)", "This was asked before.")
    _customer_idx = models.Index("(partner_id, company_id, invited_at)")
    _answered_idx = models.Index(
        "(company_id, answered_at) WHERE answered_at IS NOT NULL"
    )
    _planned_idx = models.Index("(company_id, ask_at) WHERE state = 'planned'")

    @api.depends("state", "kind", "raw")
    def _compute_answer_text(self):
        for row in self:
            row.answer_text = row.state == "answered" and self.env._(
                "%(raw)s of %(most)s",
                raw=row.raw,
                most=satisfaction.SCALES[row.kind][1],
            )

    @api.depends("partner_id", "kind")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for row in self:
            row.display_name = self.env._(
                "%(customer)s: %(question)s",
                customer=row.partner_id.display_name,
                question=kinds.get(row.kind, ""),
            )

    def _describe_last(self):
        """Say the last answer of these, or since when one is waited for."""
        answered = self.filtered("answered_at").sorted("answered_at")
        if not answered:
            asked = [row.invited_at for row in self if row.invited_at]
            return asked and self.env._(
                "Asked on %(date)s, no answer yet",
                date=format_date(self.env, max(asked)),
            )
        last = answered[-1]
        grades = dict(self._fields["grade"]._description_selection(self.env))
        return self.env._(
            "%(grade)s: %(answer)s on %(date)s",
            grade=grades[last.grade],
            answer=last.answer_text,
            date=format_date(self.env, last.answered_at),
        )

    def action_open_source(self):
        """Open the ticket or the answers it belongs to, with the reader's rights."""
        self.ensure_one()
        document = self.ticket_id or self.input_id
        if not document:
            raise UserError(self.env._("What this answer belongs to is gone."))
        return {
            "type": "ir.actions.act_window",
            "res_model": document._name,
            "res_id": document.id,
            "views": [(False, "form")],
        }
