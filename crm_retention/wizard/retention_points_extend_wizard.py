from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date


class RetentionPointsExtendWizard(models.TransientModel):
    """A person lets points expire later than was promised; kept with the reason."""

    _name = "retention.points.extend.wizard"
    _description = "Extend Points"

    award_ids = fields.Many2many(
        comodel_name="retention.points.award", string="Points", required=True
    )
    until = fields.Date(
        string="New Expiry",
        required=True,
        compute="_compute_until",
        store=True,
        readonly=False,
    )
    reason = fields.Char(required=True)
    preview = fields.Text(compute="_compute_preview")
    is_possible = fields.Boolean(compute="_compute_preview")

    @api.depends("award_ids")
    def _compute_until(self):
        """Propose three months more than the points that expire first have."""
        today = self.env.company._retention_today()
        for wizard in self:
            left = wizard.award_ids.filtered("remaining").mapped("expires_on")
            first = min(filter(None, left), default=today)
            wizard.until = max(first, today) + relativedelta(months=3)

    @api.depends("award_ids", "until")
    def _compute_preview(self):
        for wizard in self:
            awards = wizard._get_later()
            wizard.is_possible = bool(awards)
            wizard.preview = wizard._describe(awards)

    def _get_later(self):
        """Return the awards that would expire before the new day."""
        until = self.until
        self.award_ids._origin.check_access("read")
        return self.award_ids._origin.filtered(
            lambda award: (
                award.remaining
                and award.expires_on
                and until
                and award.expires_on < until
            )
        )

    def _describe(self, awards):
        if not awards:
            return self.env._(
                "Nothing to extend: choose points that are left and expire, and a "
                "later day."
            )
        days = awards.mapped("expires_on")
        text = self.env._(
            "Points: %(points)s. Customers: %(customers)s. Until now they expire from "
            "%(first)s to %(last)s.",
            points=sum(awards.mapped("remaining")),
            customers=len(awards.account_id),
            first=format_date(self.env, min(days)),
            last=format_date(self.env, max(days)),
        )
        left_out = len(self.award_ids) - len(awards)
        if left_out:
            text += "\n" + self.env._(
                "%s are left out: used up, or expiring later already.", left_out
            )
        return text

    def action_apply(self):
        """Extend them; what expires on the new day or later stays as it is."""
        self.ensure_one()
        accounts = self.award_ids.account_id
        accounts._check_may_move()
        accounts.check_access("read")
        if not self.reason.strip():
            raise ValidationError(self.env._("An extension needs a reason."))
        if self.until < max(
            company._retention_today() for company in accounts.company_id
        ):
            raise UserError(self.env._("Choose today or a later day."))
        # sudo: awards are written by the ledger only; the right was checked above
        for awards in self._get_later().sudo().grouped("program_id").values():
            awards.account_id._extend(awards, self.until, self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
