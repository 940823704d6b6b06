from odoo import http
from odoo.http import request

from odoo.addons.auth_signup.controllers.main import AuthSignupHome

REMEMBERED = "retention_friend"  # in the session: the code of who brought the visitor


class ReferralHome(AuthSignupHome):
    """A friend comes by a link, and signs up or signs in."""

    @http.route(
        "/retention/friend/<string:code>",
        type="http",
        auth="public",
        methods=["GET"],
        sitemap=False,
        readonly=False,
    )
    def retention_friend(self, code, **_ignored):
        """Remember who brought the visitor; keep it at once if he is signed in."""
        account = request.env["retention.referral"]._find_account(code)
        if not account:
            raise request.not_found()
        if request.env.user._is_public():
            request.session[REMEMBERED] = account.referral_code
            signup = self.get_auth_signup_config()["signup_enabled"]
            return request.redirect("/web/signup" if signup else "/web/login")
        if request.env.user.share:  # staff looking at a link bring nobody
            request.env["retention.referral"]._record(
                account, request.env.user.partner_id, "link"
            )
        return request.redirect("/my")

    def do_signup(self, qcontext, do_login=True):
        result = super().do_signup(qcontext, do_login=do_login)
        self._keep_friend(qcontext.get("login"))
        return result

    def _keep_friend(self, login):
        """Record who brought the person that has just signed up."""
        code = request.session.get(REMEMBERED)
        if not code or not login:
            return
        Referral = request.env["retention.referral"]
        account = Referral._find_account(code)
        # sudo: the new user himself, by the name he has just given
        user = request.env["res.users"].sudo().search([("login", "=", login)], limit=1)
        if account and user:
            Referral._record(account, user.partner_id, "signup")
        request.session.pop(REMEMBERED, None)
