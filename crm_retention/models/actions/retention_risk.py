from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ...tools import credit

KINDS = [
    ("person", "Key Person Leaves"),
    ("source", "Single Source"),
    ("credit", "Credit"),
    ("competitor", "Competitor"),
    ("dependence", "Dependence on One Customer"),
    ("other", "Other"),
]
LIKELIHOODS = [
    ("1", "1 Rare"),
    ("2", "2 Unlikely"),
    ("3", "3 Possible"),
    ("4", "4 Likely"),
    ("5", "5 Almost Certain"),
]
IMPACTS = [
    ("1", "1 Negligible"),
    ("2", "2 Small"),
    ("3", "3 Noticeable"),
    ("4", "4 Grave"),
    ("5", "5 Disaster"),
]
LEVELS = [  # in the order of the columns, so that a phone begins with the gravest
    ("critical", "Critical"),
    ("high", "High"),
    ("medium", "Medium"),
    ("low", "Low"),
]
RESPONSES = [
    ("avoid", "Avoid it"),
    ("reduce", "Make it smaller"),
    ("share", "Share or insure it"),
    ("accept", "Accept and watch it"),
]
RESULTS = [
    ("gone", "No longer a risk"),
    ("reduced", "Made small enough"),
    ("happened", "It happened"),
    ("mistaken", "Was none"),
]
REVIEW = "crm_retention.mail_activity_type_risk"


class RetentionRisk(models.Model):
    """A risk of the relationship with a customer: how likely, how bad, what we do.

    Identified by an alert or by hand, reviewed on a day, closed with a result.
    """

    _name = "retention.risk"
    _description = "Customer Risk"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state, score desc, review_on, id"
    _check_company_auto = True

    name = fields.Char(string="Risk", required=True, tracking=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        domain="[('parent_id', '=', False)]",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        selection=KINDS, default="other", required=True, tracking=True
    )
    description = fields.Text(string="What Could Happen")
    likelihood = fields.Selection(
        selection=LIKELIHOODS,
        default="3",
        required=True,
        tracking=True,
        group_expand=True,
    )
    impact = fields.Selection(
        selection=IMPACTS, default="3", required=True, tracking=True, group_expand=True
    )
    score = fields.Integer(
        compute="_compute_score",
        store=True,  # risks are sorted and compared by it
        aggregator="max",
        help="Likelihood times impact, 1 to 25.",
    )
    level = fields.Selection(
        selection=LEVELS,
        compute="_compute_score",
        store=True,  # risks are grouped by it
        group_expand=True,
        help="Low up to 4, medium up to 9, high up to 19, critical from 20.",
    )
    response = fields.Selection(selection=RESPONSES, tracking=True)
    measures = fields.Text(string="What We Do")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        default=lambda self: self.env.user,
        index=True,
        ondelete="set null",
        domain="[('share', '=', False)]",
        tracking=True,
    )
    review_on = fields.Date(
        string="Review on",
        tracking=True,
        help="The owner gets an activity for this day.",
    )
    is_late = fields.Boolean(
        string="Review Overdue", compute="_compute_is_late", search="_search_is_late"
    )
    state = fields.Selection(
        selection=[("open", "Open"), ("closed", "Closed")],
        default="open",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    result = fields.Selection(
        selection=RESULTS, tracking=True, copy=False, help="How it ended."
    )
    closed_on = fields.Date(readonly=True, copy=False)
    value = fields.Monetary(
        string="Revenue at Stake",
        compute="_compute_value",
        aggregator=None,
        help="What the customer bought in the months that the program counts.",
    )

    # one open risk of a kind for each customer; of "other" there can be several
    _open_unique = models.UniqueIndex(
        "(partner_id, company_id, kind) WHERE state = 'open' AND kind <> 'other'",
        "This customer has an open risk of this kind already.",
    )
    _review_idx = models.Index("(review_on) WHERE state = 'open'")
    _closed_with_result = models.Constraint(
        "CHECK (state <> 'closed' OR result IS NOT NULL)",
        "Say how the risk ended before you close it.",
    )

    @api.depends("likelihood", "impact")
    def _compute_score(self):
        for risk in self:
            likelihood, impact = int(risk.likelihood or 0), int(risk.impact or 0)
            risk.score = likelihood * impact
            risk.level = credit.risk_level(likelihood, impact) if risk.score else False

    @api.depends("review_on", "state")
    def _compute_is_late(self):
        for risk in self:
            today = (risk.company_id or self.env.company)._retention_today()
            risk.is_late = bool(
                risk.state == "open" and risk.review_on and risk.review_on < today
            )

    def _search_is_late(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        today = self.env.company._retention_today()
        return Domain("state", "=", "open") & Domain("review_on", "<", today)

    @api.depends("partner_id", "company_id")
    @api.depends_context("uid")
    def _compute_value(self):
        profiles = self.env["retention.profile"]._with_archived()
        rows = profiles.search_fetch(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ],
            ["partner_id", "company_id", "window_revenue"],
        )
        revenue = {(row.partner_id, row.company_id): row.window_revenue for row in rows}
        for risk in self:
            risk.value = revenue.get((risk.partner_id, risk.company_id), 0.0)

    @api.constrains("partner_id")
    def _check_customer(self):
        for risk in self:
            if risk.partner_id.commercial_partner_id != risk.partner_id:
                raise ValidationError(
                    self.env._(
                        "A risk belongs to the customer, not to a contact of it: "
                        "choose %s.",
                        risk.partner_id.commercial_partner_id.name,
                    )
                )

    # ---- reviewing ---------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        risks = super().create(vals_list)
        risks._sync_review()
        return risks

    def write(self, vals):
        result = super().write(vals)
        if not {"review_on", "user_id", "state"}.isdisjoint(vals):
            self._sync_review()
        return result

    def _sync_review(self):
        """Have exactly one open activity on the day of the review, for the owner."""
        kind = self.env.ref(REVIEW, raise_if_not_found=False)
        if not kind:
            return
        # sudo: the activity follows the risk, whoever it was given to
        known = self.env["mail.activity"].sudo()
        known = known.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", kind.id),
            ]
        )
        wanted = self.filtered(
            lambda risk: risk.state == "open" and risk.review_on and risk.user_id.active
        )
        known.filtered(lambda each: each.res_id not in wanted.ids).unlink()
        activity_of = {each.res_id: each for each in known.exists()}
        missing = []
        for risk in wanted:
            activity = activity_of.get(risk.id)
            if not activity:
                missing.append(risk._prepare_review(kind))
                continue
            values = {"date_deadline": risk.review_on, "user_id": risk.user_id.id}
            if (activity.date_deadline, activity.user_id) != (
                risk.review_on,
                risk.user_id,
            ):
                activity.write(values)
        known.with_context(mail_activity_quick_update=True).create(missing)

    def _prepare_review(self, kind):
        self.ensure_one()
        return {
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "activity_type_id": kind.id,
            "summary": self.env._("Is this risk still the same?"),
            "date_deadline": self.review_on,
            "user_id": self.user_id.id,
        }

    # ---- buttons -----------------------------------------------------------------

    def _check_access(self, operation):
        """Refuse auditors, who have the rights of users, any change."""
        if operation != "read" and not self.env["retention.touch"]._may_act():
            said = self.env._("Auditors read everything and change nothing.")
            return self, lambda: AccessError(said)
        return super()._check_access(operation)

    def action_close(self):
        """Close these risks, with the result that was chosen."""
        self.check_access("write")
        for risk in self:
            if not risk.result:
                raise UserError(
                    self.env._("%s: choose first how it ended (Result).", risk.name)
                )
        for company, risks in self.grouped("company_id").items():
            risks.write({"state": "closed", "closed_on": company._retention_today()})
        self.flush_recordset()  # a new one of the kind may follow at once

    def action_reopen(self):
        """Take these risks up again."""
        self.check_access("write")
        self.write({"state": "open", "result": False, "closed_on": False})

    def action_view_profile(self):
        """Open the customer's profile."""
        self.ensure_one()
        profile = self.env["retention.profile"]._with_archived()
        profile = profile.search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
            ],
            limit=1,
        )
        return (profile or self.partner_id).get_formview_action()

    # ---- merging -----------------------------------------------------------------

    @api.model
    def _merge(self, sources, target):
        """Close all but the gravest open risk of a kind, before customers merge."""
        everyone = sources | target
        risks = self.search(
            [
                ("partner_id", "in", everyone.ids),
                ("kind", "!=", "other"),
                ("state", "=", "open"),
            ]
        )
        for _key, rows in risks.grouped(lambda row: (row.company_id, row.kind)).items():
            rest = rows.sorted(lambda row: (-row.score, row.id))[1:]
            rest.result = "gone"
            rest.action_close()
            note = self.env._("The customers were merged: see the other risk.")
            rest._message_log_batch(dict.fromkeys(rest.ids, note))
