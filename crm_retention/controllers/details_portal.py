from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..models.host.res_partner_details import DETAILS
from .helpdesk_portal import as_id, as_text

MESSAGE = "retention_details_message"  # what came of a form, for the next page


class DetailsPortal(CustomerPortal):
    """The customer's own data: confirmed or corrected by himself.

    Whose data it is says the login alone; the browser sends only what is in it.
    """

    def _get_person(self):
        # sudo: the person logged in, and nobody else
        return request.env.user.partner_id.sudo()

    @route("/my/check-details", type="http", auth="user", website=True, methods=["GET"])
    def my_details(self, **_others):
        """Show one's own data with the question whether it is right."""
        return self._show(self._get_person()._retention_get_details())

    def _show(self, details, message=None, status=200):
        values = self._prepare_portal_layout_values() | {
            "page_name": "retention_details",
            "details": details,
            "message": message or request.session.pop(MESSAGE, None),
        }
        response = request.render("crm_retention.portal_my_details_check", values)
        response.status_code = status
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers["Content-Security-Policy"] = "frame-ancestors 'self'"
        return response

    def _back_to_details(self, text):
        request.session[MESSAGE] = {"kind": "success", "text": text}
        return request.redirect("/my/check-details", code=303)

    @route(
        "/my/check-details/confirm",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def confirm_details(self, **form):
        """Keep what was corrected, and that all of it is right."""
        sent = {name: as_text(form[name]) for name in DETAILS if name in form}
        sent["country_id"] = as_id(form.get("country_id"))
        person = self._get_person()
        try:
            with request.env.cr.savepoint():
                changed = person._retention_note_details(dict(sent))
        except UserError as error:
            details = person._retention_get_details() | sent
            return self._show(details, {"kind": "danger", "text": str(error)}, 422)
        return self._back_to_details(
            request.env._("Thank you. Your data was corrected.")
            if changed
            else request.env._("Thank you. We know now that your data is right.")
        )

    @route(
        "/my/check-details/profiling",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def note_profiling(self, wish=None, **_others):
        """Keep whether the customer wants to be profiled; for oneself only."""
        person = self._get_person()
        if person.commercial_partner_id == person:
            person._retention_note_profiling(
                wish == "no", request.env._("Said in the portal.")
            )
        return self._back_to_details(request.env._("Thank you. It holds from now on."))
