from werkzeug.exceptions import NotFound

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request, route

from odoo.addons.helpdesk_mgmt.controllers.main import HelpdeskTicketController
from odoo.addons.portal.controllers.portal import CustomerPortal

from ..tools import complaint, service

MESSAGE = "retention_complaint_message"  # what came of a form, for the next page
LONGEST = 1000  # characters of a reason
LARGEST_ID = 2**31 - 1


class ComplaintFiling(HelpdeskTicketController):
    """A customer says himself whether it is a complaint."""

    def _prepare_submit_ticket_vals(self, **kw):
        vals = super()._prepare_submit_ticket_vals(**kw)
        kind = kw.get("kind")
        # sudo: what its category is, which customers may choose but not read whole
        categories = request.env["helpdesk.ticket.category"].sudo()
        known = categories.browse(vals.get("category_id") or [])._retention_find_kind()
        if kind == service.COMPLAINT or (
            kind in (service.QUESTION, service.REQUEST) and not known
        ):
            vals["retention_kind"] = kind
        return vals


class ComplaintPortal(CustomerPortal):
    """The customer's side of his complaint: how far it is, confirming, reopening."""

    def _get_complaint(self, ticket_id, access_token):
        """Return one's own complaint, with all rights; anything else is not there."""
        token = str(access_token or "")
        try:
            ticket = self._document_check_access(
                "helpdesk.ticket",
                ticket_id if 0 < ticket_id <= LARGEST_ID else 0,
                access_token=token if token.isascii() else None,
            )
        except (AccessError, MissingError):
            raise NotFound() from None
        if ticket.retention_kind != service.COMPLAINT:
            raise NotFound()
        return ticket

    def _get_author(self, ticket):
        """Return who speaks: the person logged in, or whom the link was sent to."""
        user = request.env.user
        return ticket.partner_id if user._is_public() else user.partner_id

    def _back_to_complaint(self, ticket, access_token, kind, text):
        request.session[MESSAGE] = {"kind": kind, "text": text}
        query = f"?access_token={ticket.access_token}" if access_token else ""
        return request.redirect(f"/my/complaint/{ticket.id}{query}", code=303)

    @route(
        "/my/complaint/<int:ticket_id>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
    )
    def my_complaint(self, ticket_id, access_token=None, **_others):
        """Show what was promised, with a button to confirm and one to go on."""
        ticket = self._get_complaint(ticket_id, access_token)
        values = self._prepare_portal_layout_values() | {
            "page_name": "ticket",
            "ticket": ticket,
            "complaint": ticket._retention_get_portal_values(),
            "access_token": access_token,
            "message": request.session.pop(MESSAGE, None),
        }
        response = request.render("crm_retention.portal_my_complaint", values)
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers["Content-Security-Policy"] = "frame-ancestors 'self'"
        response.headers["Referrer-Policy"] = "same-origin"  # the address is a key
        return response

    @route(
        "/my/complaint/<int:ticket_id>/confirm",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
    )
    def confirm_complaint(self, ticket_id, access_token=None, **_others):
        """Keep that the customer is content."""
        ticket = self._get_complaint(ticket_id, access_token)
        try:
            with request.env.cr.savepoint():
                ticket._retention_confirm(
                    complaint.CUSTOMER, author=self._get_author(ticket)
                )
        except UserError as error:
            return self._back_to_complaint(ticket, access_token, "danger", str(error))
        text = request.env._("Thank you. We are glad that it is settled.")
        return self._back_to_complaint(ticket, access_token, "success", text)

    @route(
        "/my/complaint/<int:ticket_id>/reopen",
        type="http",
        auth="public",
        website=True,
        methods=["POST"],
    )
    def reopen_complaint(self, ticket_id, access_token=None, reason=None, **_others):
        """Take the complaint up again, with what the customer says."""
        ticket = self._get_complaint(ticket_id, access_token)
        try:
            with request.env.cr.savepoint():
                ticket._retention_reopen_by_customer(
                    str(reason or "").replace("\x00", "")[:LONGEST],
                    self._get_author(ticket),
                )
        except UserError as error:
            return self._back_to_complaint(ticket, access_token, "danger", str(error))
        text = request.env._("Thank you. We look at it again.")
        return self._back_to_complaint(ticket, access_token, "success", text)
