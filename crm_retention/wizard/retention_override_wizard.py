from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class RetentionOverrideWizard(models.TransientModel):
    """A person decides on a customer's tier: with a reason, and until a day.

    The decision wins over the rules until it ends; then the rules resume by
    themselves.
    """

    _name = "retention.override.wizard"
    _description = "Set Tier by Decision"

    profile_ids = fields.Many2many(
        comodel_name="retention.profile", string="Customers", required=True
    )
    company_id = fields.Many2one(
        comodel_name="res.company", compute="_compute_program_id"
    )
    program_id = fields.Many2one(
        comodel_name="retention.program", compute="_compute_program_id"
    )
    action = fields.Selection(
        selection=[("set", "Set a tier"), ("end", "End the decision now")],
        default="set",
        required=True,
    )
    tier_id = fields.Many2one(
        comodel_name="retention.tier", domain="[('program_id', '=', program_id)]"
    )
    until = fields.Date(
        default=lambda self: fields.Date.context_today(self) + relativedelta(months=6),
        help="The last day of the decision; then the rules decide again.",
    )
    reason = fields.Char(help="Kept in the customer's history.")
    has_override = fields.Boolean(compute="_compute_program_id")

    @api.depends("profile_ids")
    def _compute_program_id(self):
        for wizard in self:
            programs = wizard.profile_ids.program_id
            wizard.program_id = programs[:1] if len(programs) == 1 else False
            wizard.company_id = wizard.program_id.company_id
            wizard.has_override = any(wizard.profile_ids.mapped("has_override"))

    def _check_ready(self):
        """Refuse what cannot be carried out, saying what to do."""
        private = self.profile_ids.filtered("no_profiling")
        if private:
            raise UserError(
                self.env._(
                    "%(customer)s wishes not to be profiled, and holds no tier.",
                    customer=private[0].display_name,
                )
            )
        if not self.program_id:
            raise UserError(
                self.env._("Choose customers of one program: tiers differ by program.")
            )
        if not all(self.profile_ids.mapped("purchase_count")):
            raise UserError(
                self.env._("A prospect has no tier: it begins with the first purchase.")
            )
        if self.action == "end":
            return
        if not self.tier_id or not (self.reason or "").strip():
            raise ValidationError(self.env._("A decision needs a tier and a reason."))
        if self.tier_id not in self.program_id.tier_ids:
            raise ValidationError(
                self.env._("Choose a tier of the program “%s”.", self.program_id.name)
            )
        if not self.until or self.until < fields.Date.context_today(self):
            raise ValidationError(
                self.env._("The decision must end today or on a later day.")
            )

    def action_apply(self):
        """Write the decision and place the customers at once."""
        self.ensure_one()
        self.env["retention.program"].check_access("write")
        self._check_ready()
        # sudo: profiles are written by the rules only; the right was checked above
        profiles = self.profile_ids.sudo()
        ending = self.action == "end"
        profiles.write(
            {
                "override_tier_id": False if ending else self.tier_id.id,
                "override_until": False if ending else self.until,
                "override_reason": False if ending else self.reason,
                "override_user_id": False if ending else self.env.uid,
            }
        )
        company = self.program_id.company_id
        profiles._place_customers(company, profiles.partner_id.ids)
        if not ending:
            profiles._promise_override(self.until)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
