from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..models.actions.points_preview import LedgerPreview


class RetentionPointsReverseWizard(models.TransientModel):
    """A person takes back what an entry did, or a part of it, with a reason."""

    _name = "retention.points.reverse.wizard"
    _description = "Reverse Points"

    entry_id = fields.Many2one(
        comodel_name="retention.points.entry",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    account_id = fields.Many2one(related="entry_id.account_id")
    kind = fields.Selection(related="entry_id.kind")
    points = fields.Integer(related="entry_id.points")
    date = fields.Date(related="entry_id.date")
    origin = fields.Char(related="entry_id.origin")
    point_name = fields.Char(related="entry_id.account_id.point_name")
    most = fields.Integer(compute="_compute_most", string="Can Be Reversed")
    number = fields.Integer(
        string="Points to Reverse",
        compute="_compute_number",
        store=True,
        readonly=False,
    )
    reason = fields.Char(required=True, help="The customer can read it, too.")
    # made when the dialog opens, so that pressing the button twice posts once
    key = fields.Char(default=lambda self: str(uuid4()), required=True, readonly=True)
    preview = fields.Text(compute="_compute_preview")
    is_possible = fields.Boolean(compute="_compute_preview")

    @api.depends("entry_id")
    def _compute_most(self):
        for wizard in self:
            wizard.most = abs(wizard.entry_id._origin.reversible)

    @api.depends("entry_id")
    def _compute_number(self):
        for wizard in self:
            wizard.number = abs(wizard.entry_id._origin.reversible)

    @api.depends("entry_id", "number")
    def _compute_preview(self):
        for wizard in self:
            wizard.is_possible = False
            wizard.preview = False
            if not wizard.entry_id or wizard.number <= 0:
                continue
            account = wizard.account_id._origin
            account.check_access("read")
            ledger = LedgerPreview(
                self.env, account.program_id, account.company_id._retention_today()
            )
            try:
                before, after, drawn = ledger.look([wizard._prepare_posting()])
            except UserError as error:
                wizard.preview = str(error)
                continue
            wizard.is_possible = True
            wizard.preview = "\n".join(
                [account._describe_change(before, after), *self._describe_draws(drawn)]
            )

    def _describe_draws(self, drawn):
        """Say which points are taken, or come back, until when they live."""
        awards = self.env["retention.points.award"].browse(
            award_id for award_id in drawn if award_id > 0
        )
        for award in awards.sorted(lambda each: (each.expires_on is False, each.id)):
            number = drawn[award.id]
            values = {
                "number": abs(number),
                "day": format_date(self.env, award.date),
                "end": format_date(self.env, award.expires_on),
            }
            if number > 0 and award.expires_on:
                yield self.env._(
                    "%(number)s are taken from those of %(day)s (until %(end)s)",
                    **values,
                )
            elif number > 0:
                yield self.env._("%(number)s are taken from those of %(day)s", **values)
            elif award.expires_on:
                yield self.env._(
                    "%(number)s come back to those of %(day)s (until %(end)s)", **values
                )
            else:
                yield self.env._("%(number)s come back to those of %(day)s", **values)

    def _prepare_posting(self):
        self.ensure_one()
        entry = self.entry_id._origin
        return entry.account_id._prepare_reversal(
            entry, self.number, f"reverse:{self.key}", (self.reason or "").strip()
        )

    def action_apply(self):
        """Post it, once however often the button is pressed."""
        self.ensure_one()
        self.account_id._check_may_move()
        self.account_id.check_access("read")
        if self.number <= 0:
            raise ValidationError(self.env._("Say how many points."))
        if not self.reason.strip():
            raise ValidationError(self.env._("A reversal needs a reason."))
        # sudo: postings are written by the ledger only; the right was checked above
        self.account_id.sudo()._post_one(self._prepare_posting())
        return {"type": "ir.actions.client", "tag": "soft_reload"}
