from odoo import models

from ...tools import service


class HelpdeskTicket(models.Model):
    """What a customer may see of a ticket, and do with it."""

    _inherit = "helpdesk.ticket"

    def _retention_may_close_in_portal(self, user):
        """Tell whether ``user`` may say that it is done with.

        His own or his company's, or one that he may change as staff; who only
        follows it may read it. A complaint is confirmed, step by step.
        """
        self.ensure_one()
        if self.closed or self.retention_kind == service.COMPLAINT:
            return False
        if user.share:
            customer = self.commercial_partner_id
            # sudo: whose person the visitor is
            return bool(customer) and customer == user.sudo().commercial_partner_id
        return self.with_user(user).has_access("write")

    def _retention_get_closing_stages(self, user):
        """Return the stages into which ``user`` may close it in the portal."""
        self.ensure_one()
        if not self._retention_may_close_in_portal(user):
            return self.stage_id.browse()
        # sudo: the stages of the ticket's team, whoever looks
        team = self.sudo().with_company(self.company_id).team_id
        return team._get_applicable_stages().filtered("close_from_portal")

    def _retention_get_portal_attachments(self):
        """Return the papers of a ticket without those of internal notes."""
        self.ensure_one()
        inner = self.message_ids.filtered(
            lambda message: (
                message.is_internal
                or not message.subtype_id
                or message.subtype_id.internal
            )
        )
        return self.attachment_ids - inner.attachment_ids
