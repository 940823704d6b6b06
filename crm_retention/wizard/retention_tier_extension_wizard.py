from dateutil.relativedelta import relativedelta

from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

LONGEST_YEARS = 10


class RetentionTierExtensionWizard(models.TransientModel):
    """A person extends the tier period of customers: with a reason, until a day."""

    _name = "retention.tier.extension.wizard"
    _description = "Extend the Tier Period"

    profile_ids = fields.Many2many(
        comodel_name="retention.profile", string="Customers", required=True
    )
    until = fields.Date(
        required=True,
        default=lambda self: fields.Date.context_today(self) + relativedelta(months=6),
        help="The last day of the tier period; the grace comes after it.",
    )
    reason = fields.Char(required=True, help="Kept in the customer's history.")

    def action_apply(self):
        """Promise the tiers until the later day."""
        self.ensure_one()
        self.env["retention.program"].check_access("write")
        self.profile_ids.check_access("read")
        # sudo: memberships are written by the rules only; the right was checked above
        wizard = self.sudo()
        held = wizard.env["retention.membership"]._get_current(wizard.profile_ids)
        self._check_ready(wizard.profile_ids, held)
        rows = wizard.env["retention.membership"].union(*held.values())
        rows._extend(self.until, self.reason.strip())
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _check_ready(self, profiles, held):
        """Refuse what cannot be carried out, saying what to do."""
        today = fields.Date.context_today(self)
        if not self.reason.strip():
            raise ValidationError(self.env._("An extension needs a reason."))
        if self.until > today + relativedelta(years=LONGEST_YEARS):
            raise ValidationError(
                self.env._("An extension is for at most %s years.", LONGEST_YEARS)
            )
        without = profiles.filtered(lambda profile: profile not in held)
        if without:
            raise UserError(
                self.env._("%s holds no tier to extend.", without[0].display_name)
            )
        for profile, row in held.items():
            if profile.has_override:
                raise UserError(
                    self.env._(
                        "%s holds the tier by decision: change the day of the decision "
                        "instead.",
                        profile.display_name,
                    )
                )
            if row.valid_until >= self.until:
                raise ValidationError(
                    self.env._(
                        "%(customer)s: the tier is promised until %(day)s already.",
                        customer=profile.display_name,
                        day=row.valid_until,
                    )
                )
