from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..models.actions.retention_complaint_remedy import KINDS
from ..tools import complaint


class RetentionRemedyWizard(models.TransientModel):
    """An agent gives a customer something for a complaint, or proposes it."""

    _name = "retention.remedy.wizard"
    _description = "Give a Remedy"

    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        string="Complaint",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="ticket_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        selection=KINDS, string="Remedy", default=complaint.APOLOGY, required=True
    )
    amount = fields.Monetary(help="What is refunded, or what it costs the company.")
    points = fields.Integer()
    # agents have no rights on the catalogue: they choose by name
    coupon = fields.Selection(selection=lambda self: self._selection_coupon())
    reason = fields.Char(required=True, help="The customer can read it, too.")
    limit_text = fields.Char(compute="_compute_limit_text")
    solves = fields.Boolean(
        string="This Solves It",
        default=True,
        help="The complaint becomes solved, and the customer is asked to confirm.",
    )

    @api.model
    def _selection_coupon(self):
        rewards = self._get_coupons(self.env.companies)
        return [(str(reward.id), reward.name) for reward in rewards]

    @api.model
    def _get_coupons(self, companies):
        """Return the coupons of the catalogue that can be handed out."""
        # sudo: which coupons there are; agents have no rights on the catalogue
        rewards = self.env["retention.reward"].sudo()
        found = rewards.search(
            [("company_id", "in", companies.ids), ("kind", "=", "coupon")]
        )
        return found.filtered("is_ready")

    @api.depends("company_id", "kind")
    @api.depends_context("lang")
    def _compute_limit_text(self):
        for wizard in self:
            # sudo: the limit of the ticket's company is told to its agents
            company = wizard.company_id.sudo()
            if wizard.kind == complaint.POINTS:
                limit = self.env._("%s points", company.retention_remedy_points)
            elif wizard.kind in complaint.WORTH_MONEY:
                limit = company.currency_id.format(company.retention_remedy_amount)
            else:
                wizard.limit_text = False
                continue
            wizard.limit_text = self.env._(
                "More than %(limit)s for one complaint waits for a manager's approval.",
                limit=limit,
            )

    def _prepare_remedy(self):
        self.ensure_one()
        values = {"kind": self.kind, "reason": self.reason}
        if self.kind == complaint.POINTS:
            values["points"] = self.points
        elif self.kind == complaint.DISCOUNT:
            values["reward_id"] = int(self.coupon)
        elif self.kind in complaint.WORTH_MONEY:
            values["amount"] = self.amount
        return values

    def action_apply(self):
        """Give it or propose it; let the complaint be solved if it may."""
        self.ensure_one()
        if self.kind == complaint.POINTS and self.points <= 0:
            raise ValidationError(self.env._("Say how many points."))
        if self.kind == complaint.REFUND and self.amount <= 0:
            raise ValidationError(self.env._("Say how much is refunded."))
        if self.kind == complaint.DISCOUNT and int(self.coupon or 0) not in (
            self._get_coupons(self.company_id).ids
        ):
            raise ValidationError(self.env._("Choose a coupon of your company."))
        ticket = self.ticket_id
        remedies = self.env["retention.complaint.remedy"]
        remedies._propose(ticket, self._prepare_remedy())
        ticket.invalidate_recordset(["retention_remedy_ids"])
        facts = ticket._retention_get_facts()
        if self.solves and not complaint.missing("solved", facts):
            if complaint.rank(ticket.retention_step) < complaint.rank("solved"):
                ticket._retention_advance("solved")
        return {"type": "ir.actions.client", "tag": "soft_reload"}
