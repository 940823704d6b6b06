from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal


class FeedbackPortal(CustomerPortal):
    """The customer's own page of opinions: what is asked, and thanks.

    Whose page it is says the login alone; the browser sends nothing that chooses.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:  # the page itself, not the numbers on it
            values["retention_opinion"] = self._get_opinion_values()
        return values

    def _get_opinion_values(self):
        return request.env["retention.feedback"]._get_portal_values(
            request.env.user.partner_id, request.env.company
        )

    @route("/my/feedback", type="http", auth="user", website=True, methods=["GET"])
    def my_feedback(self, **_others):
        """Ask when it is time to, and say thanks otherwise."""
        values = self._prepare_portal_layout_values() | {
            "page_name": "retention_feedback",
            "opinion": self._get_opinion_values(),
        }
        return request.render("crm_retention.portal_my_feedback", values)

    @route(
        "/my/feedback/start", type="http", auth="user", website=True, methods=["POST"]
    )
    def start_feedback(self, **_others):
        """Open the survey for the person who is logged in."""
        url = request.env["retention.feedback"]._start_in_portal(
            request.env.user.partner_id, request.env.company
        )
        return request.redirect(url or "/my/feedback", code=303)
