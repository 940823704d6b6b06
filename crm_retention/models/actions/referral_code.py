import secrets

from odoo import fields, models

from ...tools import referral


class RetentionPointsAccount(models.Model):
    """The code by which a customer brings friends in."""

    _inherit = "retention.points.account"

    referral_code = fields.Char(
        readonly=True,
        copy=False,
        help="Friends use the link with it, or tell it with their first order.",
    )
    referral_ids = fields.One2many(
        comodel_name="retention.referral", inverse_name="account_id"
    )

    _referral_code_unique = models.UniqueIndex(
        "(referral_code) WHERE referral_code IS NOT NULL",
        "A code belongs to one customer.",
    )

    def _get_referral_code(self):
        """Return the code of this account, made up when it is first asked for."""
        self.ensure_one()
        # sudo: customers ask for their own; nobody has rights to write accounts
        account = self.sudo()
        if not account.referral_code:
            account.referral_code = "".join(
                secrets.choice(referral.ALPHABET) for _place in range(referral.LENGTH)
            )
        return account.referral_code

    def _get_referral_url(self):
        """Return the link to pass on, or False where friends bring nothing."""
        self.ensure_one()
        # sudo: what the program offers, to the customer himself
        account = self.sudo()
        if not account.program_id.has_referral:
            return False
        base = account.company_id.get_base_url()
        return f"{base}/retention/friend/{account._get_referral_code()}"
