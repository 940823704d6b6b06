from odoo import fields, models
from odoo.http import request


class SaleOrder(models.Model):
    """A friend's first order may name who brought him."""

    _inherit = "sale.order"

    retention_referral_code = fields.Char(
        string="Brought by (code)",
        copy=False,
        help="The referral code that the customer tells, with his first order.",
    )

    def action_confirm(self):
        """Record who brought these customers, while it is still their first order."""
        for order in self:
            code = order.retention_referral_code or self._get_visitors_code()
            if code:
                order._record_referral(code.strip())
        return super().action_confirm()

    def _get_visitors_code(self):
        """Return the code of the link that the visitor at work came by."""
        if not request or not self.env.user.share:
            return False
        return request.session.get("retention_friend")

    def _record_referral(self, code):
        """Keep who brought this customer; a code that nobody has changes nothing."""
        self.ensure_one()
        Referral = self.env["retention.referral"]
        account = Referral._find_account(code)
        if account.company_id == self.company_id:
            Referral._record(account, self.partner_id, "order")
