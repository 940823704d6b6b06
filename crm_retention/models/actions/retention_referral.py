from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools import referral

REVIEW, WAITING, HOLD = "review", "waiting", "hold"
REWARDED, REVERSED, REFUSED = "rewarded", "reversed", "refused"
STATES = [
    (REVIEW, "To review"),
    (WAITING, "Waiting for the first paid order"),
    (HOLD, "On hold"),
    (REWARDED, "Rewarded"),
    (REVERSED, "Taken back"),
    (REFUSED, "Refused"),
]
MANY_DAYS = 30


class RetentionReferral(models.Model):
    """That a customer brought a friend: who whom, how it came in, what became of it.

    Both get points after the friend's first paid order and the hold; they are taken
    back if that order is refunded. Written by the methods here alone.
    """

    _name = "retention.referral"
    _description = "Referral"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _rec_name = "friend_id"

    account_id = fields.Many2one(
        comodel_name="retention.points.account",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Brought by")
    program_id = fields.Many2one(
        related="account_id.program_id",
        store=True,  # stored: a friend is new once in a program
    )
    company_id = fields.Many2one(
        related="account_id.company_id",
        store=True,  # stored for the company rule
    )
    user_id = fields.Many2one(related="partner_id.user_id", string="Salesperson")
    friend_id = fields.Many2one(
        comodel_name="res.partner",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    date = fields.Date(string="Recorded", required=True, readonly=True)
    source = fields.Selection(
        selection=[
            ("link", "Link, signed in"),
            ("signup", "Link, signed up"),
            ("order", "Code on the first order"),
            ("staff", "By staff"),
        ],
        string="How",
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, index=True, tracking=True
    )
    reason = fields.Char(readonly=True, tracking=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(
        string="First Paid Order", model_field="res_model", readonly=True
    )
    hold_until = fields.Date(
        readonly=True, help="From this day on both get their points."
    )
    round = fields.Integer(readonly=True, help="How often a first order was found.")
    is_merged = fields.Boolean(
        readonly=True, help="The friend was merged with another one brought in before."
    )

    _friend_unique = models.UniqueIndex(
        "(program_id, friend_id) WHERE is_merged IS NOT TRUE",
        "Somebody is brought in once.",
    )

    # ---- recording ------------------------------------------------------------------

    @api.model
    def _find_account(self, code):
        """Return the account whose code this is, if its program rewards friends."""
        if not isinstance(code, str) or len(code) != referral.LENGTH:
            return self.env["retention.points.account"]
        # sudo: a code is all that a visitor shows; nothing else is told of the account
        account = (
            self.env["retention.points.account"]
            .sudo()
            .search([("referral_code", "=", code.upper())], limit=1)
        )
        return account.filtered(
            lambda row: row.program_id.has_referral and not row.merged_into_id
        )

    @api.model
    def _record(self, account, person, source):
        """Keep that the customer of ``account`` brought ``person`` in; return it.

        Who was recorded before stays with who brought him first. One that the rules
        refuse is kept, too, with the reason.
        """
        # sudo: the friend himself, or a salesperson, records it; no rights on points
        self, account = self.sudo(), account.sudo()
        friend = person.sudo().commercial_partner_id
        known = self.search(
            [
                ("program_id", "=", account.program_id.id),
                ("friend_id", "=", friend.id),
                ("is_merged", "!=", True),
            ]
        )
        if known:
            return known
        # sudo: as above
        reason = self._find_refusal(account, person.sudo())
        state = REFUSED if reason else self._choose_state(account)
        return self.create(
            {
                "account_id": account.id,
                "friend_id": friend.id,
                "date": account.company_id._retention_today(),
                "source": source,
                "state": state,
                "reason": reason and self._say_refusal(reason),
            }
        )

    @api.model
    def _record_for(self, program_id, partner_id, friend_ids):
        """Record that a customer brought these contacts, told by staff."""
        program = self.env["retention.points.program"].browse(program_id)
        Account = self.env["retention.points.account"]
        account = Account.browse(Account._open(program, [partner_id])[partner_id])
        for friend in self.env["res.partner"].browse(friend_ids):
            self._record(account, friend, "staff")

    @api.model
    def _find_refusal(self, account, person):
        """Return why ``person`` is no new customer brought by this one, or None."""
        customer, friend = account.partner_id, person.commercial_partner_id
        if person == customer:
            return referral.SELF
        if friend == customer or (friend.vat and friend.vat == customer.vat):
            return referral.COMPANY
        shared = referral.same_person(
            self._describe_person(customer), self._describe_person(friend)
        )
        if shared:
            return shared
        return referral.CUSTOMER if self._has_bought(account, friend) else None

    @api.model
    def _describe_person(self, customer):
        """Return what tells a customer, with all his contacts, from others."""
        contacts = (
            self.env["res.partner"]
            .with_context(active_test=False)
            .search([("commercial_partner_id", "=", customer.id)])
        )
        return referral.Person(
            referral.known(contacts.mapped("email_normalized")),
            referral.known(map(referral.plain_phone, contacts.mapped("phone"))),
            referral.known(
                referral.plain_address(each.street, each.zip, each.city)
                for each in contacts
            ),
            referral.known(contacts.bank_ids.mapped("sanitized_acc_number")),
        )

    @api.model
    def _has_bought(self, account, friend):
        """Tell whether this is a customer of the company already."""
        ours = [("company_id", "=", account.company_id.id)]
        orders = self.env["sale.order"].search_count(
            ours
            + [
                ("state", "=", "sale"),
                ("partner_id.commercial_partner_id", "=", friend.id),
            ],
            limit=1,
        )
        return bool(orders) or bool(
            self.env["retention.transaction"].search_count(
                ours + [("partner_id", "=", friend.id)], limit=1
            )
        )

    @api.model
    def _choose_state(self, account):
        """Return whether a person looks first at what this customer brings."""
        program = account.program_id
        if program.referral_review != "many":
            return REVIEW if program.referral_review == "always" else WAITING
        since = account.company_id._retention_today() - timedelta(days=MANY_DAYS)
        recent = self.search_count(
            [
                ("account_id", "=", account.id),
                ("date", ">", since),
                ("state", "!=", REFUSED),
            ]
        )
        return REVIEW if recent >= program.referral_many else WAITING

    @api.model
    def _say_refusal(self, reason):
        """Say why somebody is no friend brought in."""
        env = self.env
        return {
            referral.SELF: env._("Nobody brings himself."),
            referral.COMPANY: env._("Belongs to the same company."),
            referral.EMAIL: env._("Has the same e-mail address."),
            referral.PHONE: env._("Has the same telephone number."),
            referral.ADDRESS: env._("Lives at the same address."),
            referral.BANK: env._("Has the same bank account."),
            referral.CUSTOMER: env._("Was a customer before."),
        }[reason]

    # ---- review ---------------------------------------------------------------------

    def _check_may_review(self):
        """Refuse all but managers."""
        if not self.env.user.has_group("crm_retention.group_retention_manager"):
            raise AccessError(self.env._("Only managers decide on referrals."))
        self.check_access("read")

    def _decide(self, accepts, reason):
        """Let a person accept or refuse these, with a reason.

        What was refused by the rules can be accepted; what was rewarded cannot be
        refused any more.
        """
        open_states = (REVIEW, REFUSED) if accepts else (REVIEW, WAITING, HOLD)
        if any(row.state not in open_states for row in self):
            raise UserError(
                self.env._("This has been decided meanwhile. Reload the page.")
            )
        if not (reason or "").strip():
            raise UserError(self.env._("A decision needs a reason."))
        self.write(
            {
                "state": WAITING if accepts else REFUSED,
                "reason": reason.strip(),
                "res_model": False,
                "res_id": False,
                "hold_until": False,
            }
        )

    def action_review(self):
        """Open the dialog that accepts or refuses them."""
        self._check_may_review()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Accept or Refuse"),
            "res_model": "retention.referral.review.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_referral_ids": self.ids, "dialog_size": "medium"},
        }

    def action_view_document(self):
        """Open the friend's first paid order."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id)._get_records_action()

    # ---- when customers merge -------------------------------------------------------

    @api.model
    def _merge(self, sources, target):
        """Let one referral of a friend count where several contacts become one."""
        rows = self.search(
            [("friend_id", "in", (sources | target).ids), ("is_merged", "!=", True)]
        )
        best = [REWARDED, HOLD, REVERSED, WAITING, REVIEW, REFUSED]
        for same in rows.grouped("program_id").values():
            ranked = same.sorted(lambda row: (best.index(row.state), row.id))
            ranked[1:].is_merged = True
        self.flush_model()
