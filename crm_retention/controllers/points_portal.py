import re
from datetime import date
from uuid import uuid4

from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ..models.actions.points_portal import MOVEMENTS_A_PAGE

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
AMOUNT = re.compile(r"[0-9]{1,9}([.,][0-9]{1,3})?")
NUMBER = re.compile(r"[0-9]{1,9}")
MESSAGE = "retention_points_message"


def as_number(text):
    """Return a whole number from 0 that a form sent, or None."""
    match = NUMBER.fullmatch(str(text or ""))
    return int(match[0]) if match else None


def as_amount(text):
    """Return an amount of money above 0 that a form sent, or None."""
    match = AMOUNT.fullmatch(str(text or "").strip())
    return float(match[0].replace(",", ".")) or None if match else None


def as_date(text):
    """Return the day that a form sent, or False."""
    try:
        return date.fromisoformat(text or "")
    except (TypeError, ValueError):
        return False


class PointsPortal(CustomerPortal):
    """The customer's own page of points.

    Whose account it is says the login alone; what the browser sends only chooses
    among one's own accounts and what is offered to them.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if not counters:  # the page itself, not the numbers on it
            values["retention_points"] = [
                {"available": account.available, "points": account.point_name}
                for account in self._get_points_accounts()
            ]
        return values

    def _get_points_accounts(self):
        """Return the accounts of the person who is logged in, with all rights."""
        return request.env["retention.points.account"]._get_of_portal(
            request.env.user.partner_id, request.env.company
        )

    def _choose_account(self, accounts, chosen):
        """Return one of one's own accounts; anything else is not there."""
        if chosen in (None, ""):
            return accounts[:1]
        account = accounts.filtered(lambda each: each.id == as_number(chosen))
        if not account:
            raise NotFound()
        return account

    @route(
        ["/my/points", "/my/points/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def my_points(self, page=1, account=None, **_others):
        """Show balance, what expires, movements, rewards, link and wishes."""
        accounts = self._get_points_accounts()
        account = self._choose_account(accounts, account)
        partner, company = request.env.user.partner_id, request.env.company
        # sudo: a person's own wishes and words
        wishes = request.env["retention.wish"].sudo()
        values = self._prepare_portal_layout_values() | {
            "page_name": "retention_points",
            "message": request.session.pop(MESSAGE, None),
            "accounts": [
                {"id": each.id, "program": each.program_id.name} for each in accounts
            ],
            "account": None,
            "wishes": wishes._get_portal_values(partner, company),
        }
        if account:
            values |= self._get_account_values(account, page, len(accounts) > 1)
        response = request.render("crm_retention.portal_my_points", values)
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers["Content-Security-Policy"] = "frame-ancestors 'self'"
        return response

    def _get_account_values(self, account, page, several):
        """Return what is shown of the chosen account."""
        numbers = pager(
            url="/my/points",
            total=account.entry_count,
            page=page,
            step=MOVEMENTS_A_PAGE,
            url_args={"account": account.id} if several else None,
        )
        return {
            "account": account._get_portal_values(),
            "movements": account._get_portal_movements(numbers["offset"]),
            "pager": numbers,
            "offers": [
                self._describe_offer(offer) for offer in self._get_offers(account)
            ],
            "exchange_key": str(uuid4()),
            "exchanges": account._get_portal_exchanges(),
            "referral_url": account._get_referral_url(),
        }

    def _get_offers(self, account):
        """Return what the catalogue offers to this customer: dicts with ``reward``."""
        # sudo: customers have no rights on rewards; these are offered to them
        return request.env["retention.reward"].sudo()._get_offers(account)

    def _describe_offer(self, offer):
        """Return of an offer what the page shows."""
        reward = offer["reward"]
        digits = reward.currency_id.decimal_places
        return {
            "id": reward.id,
            "name": reward.name,
            "gives": reward.gives_text if reward.gives_text != reward.name else "",
            "text": reward.description,
            "cost": offer["cost"],
            "is_within_reach": offer["is_within_reach"],
            "reason": offer["reason"],
            "is_any_amount": reward.is_any_amount,
            "amount": f"{reward.amount:.{digits}f}",
            "least": f"{reward.least_amount:.{digits}f}",
            "step": 10**-digits,
            "currency": reward.currency_id.symbol,
        }

    def _back(self, account, kind, text):
        """Return to the page, and say there what came of it."""
        request.session[MESSAGE] = {"kind": kind, "text": text}
        query = f"?account={account.id}" if account else ""
        return request.redirect(f"/my/points{query}", code=303)

    @route(
        "/my/points/exchange", type="http", auth="user", website=True, methods=["POST"]
    )
    def exchange_points(
        self, account=None, reward=None, key=None, amount=None, **_others
    ):
        """Exchange points for a reward, once however often the form is sent."""
        account = self._choose_account(self._get_points_accounts(), account)
        if not account or not UUID.fullmatch(str(key or "")):
            raise NotFound()
        offer = next(
            (
                each
                for each in self._get_offers(account)
                if each["reward"].id == as_number(reward)
            ),
            None,
        )
        if not offer:
            raise NotFound()
        try:
            with request.env.cr.savepoint():
                exchange = offer["reward"]._exchange(
                    account, f"{account.id}:{key}", as_amount(amount)
                )
        except UserError as error:
            return self._back(account, "danger", str(error))
        return self._back(account, "success", exchange._describe_for_customer())

    @route(
        "/my/points/wishes", type="http", auth="user", website=True, methods=["POST"]
    )
    def note_wishes(self, channel=None, most=None, pause=None, **_others):
        """Keep how the person wants to be contacted, and about what."""
        partner, company = request.env.user.partner_id, request.env.company
        # sudo: a person's own wishes and words, nobody else's
        wishes = request.env["retention.wish"].sudo()
        offered = wishes._get_portal_values(partner, company)
        channels = {each["id"] for each in offered["channels"]}
        chosen = as_number(channel)
        purposes = {
            as_number(each) for each in request.httprequest.form.getlist("purpose")
        }
        try:
            wishes._note_portal(
                partner,
                company,
                {
                    "channel_id": chosen if chosen in channels else False,
                    "most_a_month": as_number(most) or 0,
                    "pause_until": as_date(pause),
                },
                purposes,
            )
        except UserError as error:
            return self._back(None, "danger", str(error))
        return self._back(
            None, "success", request.env._("Thank you. It holds from now on.")
        )
