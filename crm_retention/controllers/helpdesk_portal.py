import os
from datetime import date

from werkzeug.exceptions import NotFound

from odoo.exceptions import AccessError, MissingError
from odoo.http import request, route

from odoo.addons.helpdesk_mgmt.controllers.main import HelpdeskTicketController
from odoo.addons.helpdesk_mgmt.controllers.myaccount import CustomerPortalHelpdesk
from odoo.addons.portal.controllers.portal import CustomerPortal

from .points_portal import as_number

LARGEST_ID = 2**31 - 1
LONGEST_SEARCH = 100
LONGEST_SUBJECT = 200
MOST_FILES = 10
# what a customer may send: papers, pictures, sound and films; nothing that a browser
# or a desk would run
FILE_TYPES = frozenset(
    "bmp csv doc docx eml gif heic heif jpeg jpg m4a mov mp3 mp4 odp ods odt ogg pdf"
    " png ppt pptx tif tiff txt wav webm webp xls xlsx zip".split()
)
# what links in mails add to the address of a ticket, for the messages below it
PAGE_WORDS = frozenset({"error", "warning", "success", "pid", "hash"})


def as_id(text):
    """Return an id that a browser sent, or None."""
    number = as_number(text)
    return number if number and number <= LARGEST_ID else None


def as_text(text, longest=None):
    """Return a text that a database can hold."""
    return str(text or "").replace("\0", "").strip()[:longest]


def as_day(text):
    """Return a day as the page's links write it, or None."""
    try:
        return date.fromisoformat(str(text or "")[:10]).isoformat()
    except ValueError:
        return None


class TicketPages(CustomerPortalHelpdesk):
    """The customer's tickets: whatever an address says, a page or a refusal."""

    @route()
    def portal_my_tickets(
        self,
        page=1,
        date_begin=None,
        date_end=None,
        sortby=None,
        filterby=None,
        search=None,
        search_in=None,
        groupby=None,
        **_others,
    ):
        """Sort, filter and search only by what the page offers."""

        def offered(chosen, offers):
            return chosen if chosen in offers else None

        return super().portal_my_tickets(
            page=as_number(page) or 1,
            date_begin=as_day(date_begin),
            date_end=as_day(date_end),
            sortby=offered(sortby, self._ticket_get_searchbar_sortings()),
            filterby=str(as_id(filterby) or "all"),
            search=as_text(search, LONGEST_SEARCH) or None,
            search_in=offered(search_in, self._ticket_get_searchbar_inputs()),
            groupby=offered(groupby, self._ticket_get_searchbar_groupby()),
        )

    @route()
    def portal_my_ticket(self, ticket_id, access_token=None, **others):
        """Show a ticket to whom it concerns, or who was sent its link."""
        token = str(access_token or "")
        return super().portal_my_ticket(
            ticket_id if 0 < ticket_id <= LARGEST_ID else 0,
            access_token=token if token.isascii() else None,
            **{name: others[name] for name in PAGE_WORDS & others.keys()},
        )

    def _ticket_get_page_view_values(self, ticket, access_token, **kwargs):
        """Offer to close it only to whom it may be closed by, and no inner papers."""
        values = super()._ticket_get_page_view_values(ticket, access_token, **kwargs)
        closing = ticket._retention_get_closing_stages(request.env.user)
        values["closed_stages"] = closing
        values["attachments"] = ticket._retention_get_portal_attachments()
        return values


class TicketForms(HelpdeskTicketController):
    """Closing and sending tickets: by a form of our own page, and one's own only."""

    @route(methods=["POST"])
    def support_ticket_close(self, ticket_id=None, stage_id=None, **_others):
        """Close one's own ticket; a complaint is confirmed instead.

        :raise NotFound: for everything that is not the visitor's.
        """
        try:
            ticket = CustomerPortal()._document_check_access(
                "helpdesk.ticket", as_id(ticket_id) or 0
            )
        except (AccessError, MissingError):
            raise NotFound() from None
        stage = as_id(stage_id)
        if stage in ticket._retention_get_closing_stages(request.env.user).ids:
            return super().support_ticket_close(ticket_id=ticket.id, stage_id=stage)
        return request.redirect(f"/my/ticket/{ticket.id}", code=302)

    @route()
    def create_new_ticket(self, **_others):
        return super().create_new_ticket()

    @route(methods=["POST"])
    def submit_ticket(self, **form):
        """Take a ticket in, or show the form again with what is wrong with it."""
        form |= {
            "subject": as_text(form.get("subject"), LONGEST_SUBJECT),
            "description": as_text(form.get("description")),
        }
        problem = self._find_problem(form)
        if not problem:
            return super().submit_ticket(**form)
        values = self._get_create_new_ticket_values()
        values |= {"problem": problem, "form": form}
        response = request.render("helpdesk_mgmt.portal_create_ticket", values)
        response.status_code = 422
        return response

    def _find_problem(self, form):
        """Say what keeps a form from being taken in, or return None."""
        if not form["subject"] or not form["description"]:
            return request.env._("Please write a subject and what it is about.")
        files = [
            each
            for each in request.httprequest.files.getlist("attachment")
            if each.filename
        ]
        if len(files) > MOST_FILES:
            return request.env._("At most %s files, please.", MOST_FILES)
        # their size the server limits, for the form as a whole
        for file in files:
            ending = os.path.splitext(file.filename)[1].lower().lstrip(".")
            if ending not in FILE_TYPES:
                return request.env._(
                    "Files like %(file)s cannot be sent here. Send a picture, a film, "
                    "a document or a zip file.",
                    file=file.filename,
                )
        return None

    def _prepare_submit_ticket_vals(self, **form):
        """Take only categories and teams that the page offers.

        :raise NotFound: for any other.
        """
        form["category"] = self._choose("helpdesk.ticket.category", "category", form)
        form["team"] = self._choose("helpdesk.ticket.team", "team", form)
        return super()._prepare_submit_ticket_vals(**form)

    def _choose(self, model, name, form):
        """Return the id chosen of ``model`` if customers may choose it, else 0."""
        if not form.get(name):
            return 0
        # with the visitor's rights: what he may not read is not there
        offered = request.env[model].search(
            [("id", "=", as_id(form[name]) or 0), ("show_in_portal", "=", True)]
        )
        if not offered:
            raise NotFound()
        return offered.id
