from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ...tools import complaint, points

KINDS = [
    (complaint.APOLOGY, "Apology"),
    (complaint.REPAIR, "Repair"),
    (complaint.REPLACEMENT, "Replacement"),
    (complaint.REFUND, "Refund"),
    (complaint.POINTS, "Points"),
    (complaint.DISCOUNT, "Discount Coupon"),
]
STATES = [
    ("proposed", "Waits for Approval"),
    ("given", "Given"),
    ("refused", "Refused"),
]
MOST = points.MOST
APPROVERS = (
    "crm_retention.group_retention_manager",
    "helpdesk_mgmt.group_helpdesk_manager",
)


class RetentionComplaintRemedy(models.Model):
    """What a customer gets for a complaint: one row for each thing.

    Written by methods only: what is worth more than the company's limits waits for a
    manager, points come from the ledger, each once.
    """

    _name = "retention.complaint.remedy"
    _description = "Remedy"
    _order = "id desc"
    _rec_name = "kind"
    _check_company_auto = True

    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        string="Complaint",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(
        related="ticket_id.company_id",
        store=True,  # stored for the company rule
    )
    partner_id = fields.Many2one(
        related="ticket_id.commercial_partner_id",
        string="Customer",
        store=True,  # stored for the rules of one's own customers
        index=True,
    )
    cause_id = fields.Many2one(
        related="ticket_id.retention_cause_id",
        store=True,  # what helped against a cause is looked up by it
        index="btree_not_null",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        selection=KINDS, string="Remedy", required=True, readonly=True
    )
    amount = fields.Monetary(
        readonly=True, help="What is refunded, or what it costs the company."
    )
    points = fields.Integer(readonly=True)
    reward_id = fields.Many2one(
        comodel_name="retention.reward",
        string="Coupon of",
        readonly=True,
        ondelete="restrict",
    )
    reason = fields.Char(
        required=True, readonly=True, help="The customer can read it, too."
    )
    state = fields.Selection(
        selection=STATES, default="proposed", required=True, readonly=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Proposed by",
        default=lambda self: self.env.user,
        readonly=True,
        ondelete="set null",
    )
    decided_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Decided by",
        readonly=True,
        ondelete="set null",
        help="Empty: it was within the limits.",
    )
    decided_at = fields.Datetime(string="Decided on", readonly=True)
    activity_id = fields.Many2one(
        comodel_name="mail.activity",
        string="Asked by",
        readonly=True,
        ondelete="set null",
    )
    entry_id = fields.Many2one(
        comodel_name="retention.points.entry",
        string="Movement",
        readonly=True,
        ondelete="set null",
    )
    card_id = fields.Many2one(
        comodel_name="loyalty.card",
        string="Coupon",
        readonly=True,
        ondelete="set null",
    )
    code = fields.Char(readonly=True)
    expires_on = fields.Date(readonly=True)

    _worth_sane = models.Constraint(
        f"""CHECK (points >= 0 AND points <= {MOST} AND amount >= 0
               AND (kind <> 'points' OR points > 0)
               AND (kind <> 'refund' OR amount > 0)
               AND (kind <> 'discount' OR reward_id IS NOT NULL))""",
        "Points and a refund are more than 0, and a discount is a coupon of the "
        "catalogue.",
    )
    _waiting_idx = models.Index("(ticket_id) WHERE state = 'proposed'")

    @api.constrains("reason")
    def _check_reason(self):
        if not all((remedy.reason or "").strip() for remedy in self):
            raise ValidationError(self.env._("Say why: the customer can read it."))

    # ---- who decides --------------------------------------------------------------

    @api.model
    def _may_approve(self, user=None):
        """Tell whether somebody may agree to remedies above the limits."""
        user = user or self.env.user
        return any(user.has_group(group) for group in APPROVERS)

    def _get_value(self):
        """Return what counts against the limit; None: nobody can tell."""
        self.ensure_one()
        if self.kind == complaint.POINTS:
            return self.points
        if self.kind != complaint.DISCOUNT:
            return self.amount
        return self.reward_id.amount if self.reward_id._is_money_coupon() else None

    def _is_within_limits(self):
        """Tell whether this needs nobody's approval, after what its ticket got."""
        self.ensure_one()
        is_points = self.kind == complaint.POINTS
        # sudo: what others gave for this complaint counts, too
        others = self.sudo().ticket_id.retention_remedy_ids.filtered(
            lambda each: (
                each.id != self.id
                and each.state != "refused"
                and (each.kind == complaint.POINTS) == is_points
            )
        )
        company = self.company_id
        limit = (
            company.retention_remedy_points
            if is_points
            else company.retention_remedy_amount
        )
        return not complaint.needs_approval(
            self._get_value(), sum(each._get_value() or 0 for each in others), limit
        )

    @api.model
    def _propose(self, ticket, values):
        """Keep what is to be done for a complaint; give it if nobody has to agree.

        :return: the remedy, with all rights.
        :raises AccessError: where the user may not change the ticket.
        """
        ticket.ensure_one()
        ticket.check_access("write")
        ticket._retention_check_open_complaint()
        may_decide = self._may_approve()
        self._hold(ticket)
        # sudo: remedies are written by methods only; the right was checked above
        remedy = self.sudo().create(
            dict(values, ticket_id=ticket.id, user_id=self.env.uid, state="proposed")
        )
        remedy.flush_recordset()  # what makes no sense is refused here
        if remedy._is_within_limits():
            remedy._give()
        elif may_decide:
            remedy.decided_by_id = self.env.user
            remedy._give()
        else:
            remedy._ask_approval()
        return remedy

    @api.model
    def _hold(self, ticket):
        """Keep what is given for this ticket: a second giver fails and is tried again.

        Both would count what was given before (REPEATABLE READ), and go over the
        limit together.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE helpdesk_ticket SET write_date = write_date WHERE id = %s",
                ticket.id,
            )
        )

    def _ask_approval(self):
        """Tell on the ticket that it waits; ask the leader of its team, if he may."""
        self.ensure_one()
        ticket = self.ticket_id
        text = self.env._(
            "%(remedy)s waits for a manager's approval: %(reason)s",
            remedy=self._describe(),
            reason=self.reason,
        )
        ticket._message_log(body=text, author_id=self.env.user.partner_id.id)
        leader = ticket.team_id.user_id
        if leader.active and self._may_approve(leader):
            self.activity_id = ticket.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Approve a remedy"),
                note=text,
                user_id=leader.id,
            )

    def _get_waiting(self):
        """Return those that wait, locked; refuse who may not decide."""
        if not self._may_approve():
            raise AccessError(
                self.env._("Remedies above the limit are approved by managers only.")
            )
        self.check_access("read")
        # sudo: remedies are written by methods only; the right was checked above
        waiting = self.sudo().filtered(lambda remedy: remedy.state == "proposed")
        waiting.lock_for_update()
        if not waiting:
            raise UserError(self.env._("This was decided already. Reload the page."))
        waiting.activity_id.action_done()
        return waiting

    def action_approve(self):
        """Agree to these remedies, and give them."""
        waiting = self._get_waiting()
        waiting.write({"decided_by_id": self.env.uid})
        for remedy in waiting:  # each is handed out by a way of its own
            remedy._give()

    def action_refuse(self):
        """Say no to these remedies."""
        waiting = self._get_waiting()
        waiting.write(
            {
                "state": "refused",
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )
        author = self.env.user.partner_id.id
        bodies = {
            remedy.ticket_id.id: self.env._("Not approved: %s", remedy._describe())
            for remedy in waiting
        }
        waiting.ticket_id._message_log_batch(bodies, author_id=author)

    # ---- giving -------------------------------------------------------------------

    def _give(self):
        """Hand this remedy out; called with the rights of the system, once."""
        self.ensure_one()
        hand_out = {
            complaint.POINTS: self._give_points,
            complaint.DISCOUNT: self._give_coupon,
        }.get(self.kind, dict)
        self.write(hand_out() | {"state": "given", "decided_at": fields.Datetime.now()})
        self.ticket_id._message_log(
            body=self.env._(
                "%(remedy)s was given: %(reason)s",
                remedy=self._describe(),
                reason=self.reason,
            ),
            author_id=self.env.user.partner_id.id,
        )

    def _get_customer(self):
        customer = self.partner_id
        if not customer:
            raise UserError(
                self.env._("Say on the ticket who the customer is, then try again.")
            )
        return customer

    def _give_points(self):
        """Post the points, once by the key; return what is kept of it."""
        customer, company = self._get_customer(), self.company_id
        programs = self.env["retention.points.program"]
        program = programs._assign(company, customer.ids).get(customer.id)
        if not program:
            raise UserError(
                self.env._(
                    "%s collects no points: choose another remedy.", customer.name
                )
            )
        accounts = self.env["retention.points.account"]
        account_id = accounts._open(program, customer.ids)[customer.id]
        expires_on = program._get_expiry(company._retention_today())
        entry = accounts.browse(account_id)._post_one(
            points.Posting(
                account_id,
                f"remedy:{self.id}",
                points.ADJUST,
                self.points,
                expires_on=expires_on,
                res_model="helpdesk.ticket",
                res_id=self.ticket_id.id,
                reason=self.reason.strip(),
            )
        )
        return {"entry_id": entry.id, "expires_on": expires_on or False}

    def _give_coupon(self):
        """Make a coupon that can be used once; return what is kept of it."""
        customer, reward = self._get_customer(), self.reward_id
        if not reward.is_ready:
            raise UserError(
                self.env._("%s cannot be handed out yet: set it up first.", reward.name)
            )
        today = self.company_id._retention_today()
        values = reward._issue_coupon(customer, None, today)
        return {name: values[name] for name in ("card_id", "code", "expires_on")}

    def _describe(self):
        """Return what this is, in a few words that a customer may read."""
        self.ensure_one()
        # sudo: the name of the coupon, for agents without rights on the catalogue
        reward = self.sudo().reward_id
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        name = kinds[self.kind]
        if self.kind == complaint.POINTS:
            return self.env._("%(points)s points", points=self.points)
        if self.kind == complaint.DISCOUNT:
            name = reward.name
        if self.code:
            name = self.env._("%(name)s, code %(code)s", name=name, code=self.code)
        if self.kind == complaint.REFUND:
            worth = self.currency_id.format(self.amount)
            return self.env._("%(name)s of %(amount)s", name=name, amount=worth)
        return name

    @api.depends("kind", "points", "amount", "code", "reward_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for remedy in self:
            remedy.display_name = remedy._describe() if remedy.kind else False


class RetentionReward(models.Model):
    """Which rewards can be a remedy."""

    _inherit = "retention.reward"

    def _is_money_coupon(self):
        """Tell whether this coupon is worth a known amount."""
        self.ensure_one()
        return self.discount_kind == "amount" and self.amount > 0
