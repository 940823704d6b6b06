"""Tickets in the portal: one's own, whatever a browser sends, on every route."""

import inspect
import re
from base64 import b64encode
from io import BytesIO
from urllib.parse import quote, urlencode

from odoo import http
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import RetentionCommon

HARMLESS = (200, 302, 303, 400, 403, 404, 405, 422)
SECRET = "Words of somebody else"
INNER = "what-staff-think.txt"
# what breaks numbers, dates, choices, tokens and texts
WRONG = ("-1", "9" * 30, "²", "zzz'--", "a\0b", "é")


class TicketPortalCommon(RetentionCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person, cls.stranger = cls.make_customers(2)
        cls.elsewhere = cls.make_company()
        cls.users = {
            "portal": cls.make_user("portal", partner_id=cls.person.id),
            "other": cls.make_user(
                "portal", login="other_portal", partner_id=cls.stranger.id
            ),
            "staff elsewhere": cls.make_user(
                "manager",
                company_id=cls.elsewhere.id,
                company_ids=cls.elsewhere.ids,
                groups="helpdesk_mgmt.group_helpdesk_manager",
            ),
        }
        cls.done = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        cls.ticket = cls.make_ticket(cls.person, name="My words")
        cls.foreign = cls.make_ticket(cls.stranger, name=SECRET)
        for ticket in cls.ticket + cls.foreign:
            ticket._portal_ensure_token()

    @classmethod
    def make_ticket(cls, partner, **values):
        return cls.env["helpdesk.ticket"].create(
            {"name": "Help", "description": "x", "partner_id": partner.id, **values}
        )

    def login(self, kind):
        user = self.users[kind] if kind else None
        self.authenticate(user and user.login, user and user.login)

    def page(self, path, **arguments):
        return self.url_open(path, allow_redirects=False, **arguments)

    def send(self, path, files=None, **data):
        token = http.Request.csrf_token(self)
        return self.page(path, data={"csrf_token": token, **data}, files=files)


@tagged("post_install", "-at_install")
class TestTicketPortal(TicketPortalCommon):
    def close(self, ticket=None, stage=None):
        ticket, stage = ticket or self.ticket, stage or self.done
        return self.send("/ticket/close", ticket_id=ticket.id, stage_id=stage.id)

    def test_close_own_only_and_by_form(self):
        self.login("portal")
        path = f"/ticket/close?ticket_id={self.ticket.id}&stage_id={self.done.id}"
        with mute_logger("odoo.http"):
            self.assertEqual(self.page(path).status_code, 405)
            self.assertEqual(self.page(path, data={"x": "1"}).status_code, 400)
            self.assertEqual(self.close(self.foreign).status_code, 404)
        self.assertFalse((self.ticket + self.foreign).filtered("closed"))
        waiting = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_awaiting")
        theirs = self.done.copy({"company_id": self.elsewhere.id})
        for stage in (waiting, theirs):
            self.close(stage=stage)
            self.assertFalse(self.ticket.closed)
        text = self.page(f"/my/ticket/{self.ticket.id}").text
        self.assertRegex(text, r'<form method="POST"[^>]*action="/ticket/close"')
        self.assertEqual(self.close().status_code, 302)
        self.assertEqual(self.ticket.stage_id, self.done)

    def test_following_is_not_owning(self):
        self.foreign.message_subscribe(self.person.ids)
        complaint = self.make_ticket(self.person, retention_kind="complaint")
        self.login("portal")
        for ticket in (self.foreign, complaint):
            page = self.page(f"/my/ticket/{ticket.id}")
            self.assertEqual(page.status_code, 200)
            self.assertNotIn('action="/ticket/close"', page.text)
            self.close(ticket)
            self.assertFalse(ticket.closed)

    def test_papers_of_internal_notes(self):
        for name, subtype in (
            (INNER, "mail.mt_note"),
            ("answer.txt", "mail.mt_comment"),
        ):
            self.ticket.message_post(
                body="x", attachments=[(name, b"x")], subtype_xmlid=subtype
            )
        self.login("portal")
        text = self.page(f"/my/ticket/{self.ticket.id}").text
        self.assertIn("answer.txt", text)
        self.assertNotIn(INNER, text)

    def test_choices_of_the_list(self):
        self.env["helpdesk.ticket"].search([("partner_id", "=", self.person.id)])
        self.login("portal")
        for query, shown in (
            ("sortby=zzz&filterby=zzz&groupby=zzz&search_in=zzz&date_begin=x", True),
            ("sortby=name&groupby=stage&search_in=name&search=words", True),
            ("search=nothing+like+it", False),
            (f"filterby={self.done.id}", False),
            ("date_begin=2020-01-01&date_end=2020-02-01", False),
        ):
            with self.subTest(query):
                page = self.page(f"/my/tickets?{query}")
                self.assertEqual(page.status_code, 200)
                self.assertEqual("My words" in page.text, shown)
                self.assertNotIn(SECRET, page.text)

    def submit(self, name="note.txt", content=b"x", **values):
        form = {"subject": "New words", "description": "It broke"} | values
        files = [("attachment", (name, BytesIO(content), "text/plain"))]
        return self.send("/submitted/ticket", files=files if name else None, **form)

    def sent(self):
        return self.env["helpdesk.ticket"].search(
            [("partner_id", "=", self.person.id), ("name", "=", "New words")]
        )

    def test_send_a_ticket(self):
        self.login("portal")
        with mute_logger("odoo.http"):
            self.assertEqual(
                self.page("/submitted/ticket?subject=a&description=b").status_code, 405
            )
        self.assertEqual(self.submit().status_code, 302)
        self.assertEqual(self.sent().attachment_ids.mapped("name"), ["note.txt"])

    def test_a_wrong_form_comes_back(self):
        self.login("portal")
        for values, said in (
            ({"subject": " \0 "}, "Please write"),
            ({"description": ""}, "Please write"),
            ({"name": "page.html"}, "cannot be sent"),
            ({"name": "run.me.EXE"}, "cannot be sent"),
        ):
            with self.subTest(values):
                answer = self.submit(kind="complaint", **values)
                self.assertEqual(answer.status_code, 422)
                self.assertIn(said, answer.text)
                self.assertRegex(answer.text, 'value="complaint"[^>]*checked')
        self.assertIn("It broke", answer.text)
        self.env["ir.config_parameter"].set_param("web.max_file_upload_size", 99)
        self.assertEqual(self.submit(name="a.png", content=b"x" * 99).status_code, 413)
        self.assertFalse(self.sent())

    def test_only_categories_and_teams_offered(self):
        self.company.helpdesk_mgmt_portal_select_team = True
        category = {"name": "C", "company_id": self.elsewhere.id}
        theirs = self.env["helpdesk.ticket.category"].create(category)
        hidden = self.env["helpdesk.ticket.team"].create(
            {"name": "T", "show_in_portal": False}
        )
        self.login("portal")
        for values in ({"category": theirs.id}, {"team": hidden.id}):
            with mute_logger("odoo.http"):
                self.assertEqual(self.submit(**values).status_code, 404)
        self.assertFalse(self.sent())


@tagged("post_install", "-at_install")
class TestEveryRoute(TicketPortalCommon):
    """Whoever asks for whatever: no error, nothing foreign shown or changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        paper = {"name": "a.txt", "datas": b64encode(SECRET.encode())}
        cls.env["ir.attachment"].create(
            paper | {"res_model": "helpdesk.ticket", "res_id": cls.foreign.id}
        )
        cls.routes = cls.find_routes()

    @classmethod
    def find_routes(cls):
        """Return {address: (names of arguments, methods)} of what is ours in part."""
        found = {}
        modules = sorted(cls.registry._init_modules)
        Http = cls.env["ir.http"]
        rules = Http._generate_routing_rules(modules, Http._get_converters())
        for rule, endpoint in rules:
            method = endpoint.func
            own = [
                vars(each)[method.__name__]
                for each in type(method.__self__).__mro__
                if method.__name__ in vars(each)
            ]
            if any(".crm_retention." in each.__module__ for each in own):
                originals = [getattr(each, "original_endpoint", each) for each in own]
                names = {
                    parameter.name
                    for each in originals
                    for parameter in inspect.signature(each).parameters.values()
                    if parameter.kind is not parameter.VAR_KEYWORD
                }
                methods = endpoint.routing["methods"] or ["GET", "POST"]
                found[rule] = (sorted(names - {"self"}), methods)
        return found

    def get_requests(self, ticket):
        """Yield (path, form or None): every argument wrong, and somebody else's."""
        extra = ("ticket", "values", "document", "session_history", "category", "team")
        for rule, (names, methods) in self.routes.items():
            known = {
                "ticket_id": ticket.id,
                "ticket": ticket.id,
                "stage_id": self.done.id,
                "access_token": "x" * 36,
                "subject": "a",
                "description": "b",
            }
            for value in (*WRONG, None):
                said = dict.fromkeys((*names, *extra), value) if value else known

                def fill(part, said=said, known=known):
                    kind, name = part[1], part[2]
                    text = str(said.get(name, 1))
                    # what is no number finds no route of ours
                    wrong = kind == "int:" and not (text.isascii() and text.isdigit())
                    return quote(str(known.get(name, 1)) if wrong else text, safe="")

                path = re.sub(r"<([^:<>]+:)?([^<>]+)>", fill, rule)
                if "POST" in methods:
                    yield path, said
                if "GET" in methods:
                    yield f"{path}?{urlencode(said)}", None

    def look(self, ticket):
        """Return what must not change without its owner."""
        ticket.invalidate_recordset()
        kept = [name for name in ticket._fields if name.startswith("retention_")]
        kept = [name for name in kept if ticket._fields[name].store]
        return ticket.read(["stage_id", "name", "message_ids", "active", *kept])

    def test_all(self):
        self.assertGreaterEqual(
            self.routes.keys(),
            {"/my/tickets", "/my/ticket/<int:ticket_id>", "/ticket/close"}
            | {"/new/ticket", "/submitted/ticket", "/my/points"},
        )
        before = self.look(self.foreign)
        for kind in (None, "portal", "staff elsewhere"):
            self.login(kind)
            for path, form in self.get_requests(self.foreign):
                with self.subTest(kind, path=path, form=form), mute_logger("odoo.http"):
                    answer = self.send(path, **form) if form else self.page(path)
                    self.assertIn(answer.status_code, HARMLESS)
                    self.assertNotIn(SECRET, answer.text)
        self.assertEqual(self.look(self.foreign), before)
        # the other one looks at the first one's
        before = self.look(self.ticket)
        self.login("other")
        for path, form in self.get_requests(self.ticket):
            if str(self.ticket.id) in path + str(form):
                with mute_logger("odoo.http"):
                    answer = self.send(path, **form) if form else self.page(path)
                self.assertNotIn("My words", answer.text)
        self.assertEqual(self.look(self.ticket), before)
