from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .forgetting import Forgetting


class ResPartner(models.Model):
    """Forgetting a customer who asks for it."""

    _inherit = "res.partner"

    def _retention_get_persons(self):
        """Return these customers with all contacts below them, archived ones too."""
        return self.with_context(active_test=False).search(
            [("commercial_partner_id", "in", self.commercial_partner_id.ids)]
        )

    def _retention_anonymise(self, never_write=True):
        """Forget these customers as persons; see :class:`Forgetting`.

        :raise UserError: for colleagues, our own companies, and where money is owed.
        """
        persons = self._retention_get_persons()
        own = persons.filtered(lambda person: person._retention_is_own())
        if own:
            raise UserError(
                self.env._(
                    "%(person)s is a colleague or one of our companies.",
                    person=own[0].name,
                )
            )
        owing = self.env["account.move"].search(
            self._retention_owed_domain(persons), limit=1
        )
        if owing:
            raise UserError(
                self.env._(
                    "%(customer)s has documents that are not settled, such as "
                    "%(document)s. Settle or cancel them first.",
                    customer=owing.commercial_partner_id.name,
                    document=owing.display_name,
                )
            )
        Forgetting(self, never_write).run()

    def _retention_owed_domain(self, persons):
        unpaid = Domain("payment_state", "in", ("not_paid", "partial", "in_payment"))
        sent = Domain("state", "=", "posted") & unpaid
        return (
            Domain("commercial_partner_id", "in", persons.ids)
            & Domain("move_type", "in", ("out_invoice", "out_refund"))
            & (sent | Domain("state", "=", "draft"))
        )

    def _retention_describe_open(self):
        """Say in lines what is still open with these customers; empty: nothing."""
        ids = self._retention_get_persons().ids
        # sudo: managers of retention need not be accountants; numbers are shown only
        env = self.sudo().env
        owed = self._retention_owed_domain(self._retention_get_persons())
        lines = [
            (env["account.move"].search_count(owed), env._("invoices not settled")),
            (
                env["sale.order"].search_count(
                    [("partner_id", "in", ids), ("invoice_status", "=", "to invoice")]
                ),
                env._("orders to invoice"),
            ),
            (
                env["helpdesk.ticket"].search_count(
                    [("partner_id", "in", ids), ("stage_id.closed", "=", False)]
                ),
                env._("open tickets"),
            ),
            (
                env["retention.points.account"].search_count(
                    [("partner_id", "in", ids), ("balance", ">", 0)]
                ),
                env._("accounts with points"),
            ),
        ]
        return "\n".join(
            env._("%(count)s %(what)s", count=count, what=what)
            for count, what in lines
            if count
        )
