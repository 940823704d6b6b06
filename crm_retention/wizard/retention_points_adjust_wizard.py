from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..models.actions.points_preview import LedgerPreview
from ..tools import points


class RetentionPointsAdjustWizard(models.TransientModel):
    """A person gives or takes points: with a reason, and the outcome shown before."""

    _name = "retention.points.adjust.wizard"
    _description = "Adjust Points"

    account_id = fields.Many2one(
        comodel_name="retention.points.account",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    point_name = fields.Char(related="account_id.point_name")
    available = fields.Integer(related="account_id.available")
    direction = fields.Selection(
        selection=[("give", "Give"), ("take", "Take away")],
        string="What",
        default="give",
        required=True,
    )
    number = fields.Integer(string="Points")
    expires_on = fields.Date(
        compute="_compute_expires_on",
        store=True,
        readonly=False,
        help="The last day on which these points can be spent. Empty: they never "
        "expire.",
    )
    reason = fields.Char(required=True, help="The customer can read it, too.")
    # made when the dialog opens, so that pressing the button twice posts once
    key = fields.Char(default=lambda self: str(uuid4()), required=True, readonly=True)
    preview = fields.Text(compute="_compute_preview")
    is_possible = fields.Boolean(compute="_compute_preview")

    @api.depends("account_id", "direction")
    def _compute_expires_on(self):
        """Begin with what points earned today would get."""
        for wizard in self:
            program = wizard.account_id.program_id
            wizard.expires_on = False
            if program and wizard.direction == "give":
                today = program.company_id._retention_today()
                wizard.expires_on = program._get_expiry(today) or False

    @api.depends("account_id", "direction", "number", "expires_on")
    def _compute_preview(self):
        for wizard in self:
            wizard.is_possible = False
            wizard.preview = False
            if not wizard.account_id or wizard.number <= 0:
                continue
            account = wizard.account_id._origin
            account.check_access("read")
            try:
                before, after, _drawn = LedgerPreview(
                    self.env,
                    account.program_id,
                    account.company_id._retention_today(),
                ).look([wizard._prepare_posting()])
            except UserError as error:
                wizard.preview = str(error)
                continue
            wizard.is_possible = True
            wizard.preview = account._describe_change(before, after)

    def _prepare_posting(self):
        """Return what is to be posted, for the preview."""
        self.ensure_one()
        return points.Posting(
            self.account_id._origin.id,
            f"adjust:{self.key}",
            points.ADJUST,
            self._get_number(),
            expires_on=self.expires_on,
        )

    def _get_number(self):
        return self.number if self.direction == "give" else -self.number

    def action_apply(self):
        """Post it, once however often the button is pressed."""
        self.ensure_one()
        self.account_id._check_may_move()
        self.account_id.check_access("read")
        if self.number <= 0:
            raise ValidationError(self.env._("Say how many points."))
        today = self.account_id.company_id._retention_today()
        if self.direction == "give" and self.expires_on and self.expires_on < today:
            raise ValidationError(
                self.env._("Points cannot expire before they are given.")
            )
        # sudo: postings are written by the ledger only; the right was checked above
        self.account_id.sudo()._adjust(
            self._get_number(), self.reason, self.key, self.expires_on or None
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}
