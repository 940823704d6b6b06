"""What the guard reads: about all requests at once, in a fixed number of queries."""

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo.tools import SQL

from ...tools import caps
from . import guard_sql

MONTH_HOURS = 30 * 24
TWIN_HOURS = 24
# what a contact is for when nobody says so: codes of shipped purposes
PURPOSES = {"promotion": "offers", "relationship": "care", "service": "service"}


class Person(NamedTuple):
    """Whom a request would reach."""

    id: int
    customer_id: int
    mail: str | None
    phone: str | None
    zone: str | None


class Wish(NamedTuple):
    """How a customer wishes to be contacted."""

    channel_id: int | None
    most_a_month: int
    pause_until: object


class GuardFacts:
    """The facts about the customers and persons of some requests."""

    def __init__(self, guard, company, requests, now):
        self.guard = guard
        self.env = guard.env
        self.company = company
        self.customers = sorted({request.customer_id for request in requests})
        self.ids = sorted(
            {request.person_id or request.customer_id for request in requests}
            | set(self.customers)
        )
        self.asks = any(request.is_survey for request in requests)
        self.touches = [each.touch_id for each in requests if each.touch_id] or [0]
        moments = [request.moment or now for request in requests]
        self.first, self.last = min(moments), max(moments)
        self.caps = self.env["retention.cap"].search([("company_id", "=", company.id)])
        self.kinds = {
            channel.id: channel._get_address_kind()
            for channel in self.env["retention.channel"]
            .with_context(active_test=False)
            .search([])
        }
        self.values = {"company": company.id, "customers": self.customers}
        self.env.flush_all()
        self._read_persons()
        self._read_customers()
        self._read_words()
        self._read_refusals()
        self._read_touches()

    # ---- reading -------------------------------------------------------------------

    def _query(self, statement, **values):
        return self.env.execute_query(SQL(statement, **self.values, **values))

    def _read_persons(self):
        rows = self._query(guard_sql.PERSONS, persons=self.ids)
        self.persons = {row[0]: Person(*row) for row in rows}
        self.mails = sorted({person.mail for person in self.persons.values()} - {None})
        self.phones = sorted({each.phone for each in self.persons.values()} - {None})
        self.address_of = {}  # by contact
        self.sharing = defaultdict(set)  # by address: whose customers share it
        self.owner = {}  # by address or number: the oldest contact and its customer
        self.customer_of = {}
        for address, partner_id, customer_id in self._query(
            guard_sql.SHARING, mails=self.mails
        ):
            self.address_of[partner_id] = address
            self.customer_of[partner_id] = customer_id
            self.sharing[address].add(customer_id)
            self.owner.setdefault(address, partner_id)
        for person in self.persons.values():
            self.customer_of[person.id] = person.customer_id
            self.owner.setdefault(person.phone, person.id)

    def _read_customers(self):
        rows = self._query(guard_sql.STANDING)
        self.standing = {row[0]: row[1:] for row in rows}
        rows = self._query(guard_sql.WISHES, persons=self.ids)
        self.wishes = {row[0]: Wish(*row[1:]) for row in rows}
        self.complaining = set()
        if "complaint" in self.caps.mapped("kind"):
            self.complaining = {row[0] for row in self._query(guard_sql.COMPLAINTS)}

    def _read_words(self):
        self.words = defaultdict(list)
        for partner_id, *word in self._query(guard_sql.WORDS, persons=self.ids):
            self.words[partner_id].append(caps.Word(*word))
        purposes = self.env["retention.purpose"].search([])
        self.purposes = {purpose.id: purpose for purpose in purposes}
        codes = {purpose.code: purpose.id for purpose in purposes}
        self.usual_purpose = {
            category: codes.get(code) for category, code in PURPOSES.items()
        }

    def _read_refusals(self):
        addresses = {"mails": self.mails, "phones": self.phones}
        self.blacklist = {
            row[0] for row in self._query(guard_sql.BLACKLIST, **addresses)
        }
        self.opted_out = {
            row[0] for row in self._query(guard_sql.OPTED_OUT, mails=self.mails)
        }

    def _read_touches(self):
        """Read the contacts that may count for one of the requests."""
        windows = [TWIN_HOURS, MONTH_HOURS if self.wishes else 0]
        windows += self.caps.mapped("window_hours")
        reach = timedelta(hours=max(windows))
        shared = set().union(*(self.sharing[mail] for mail in self.mails))
        queued, moment = self.guard._queued_sql()
        rows = self._query(
            guard_sql.TOUCHES,
            whose=sorted({*self.customers, *shared}),
            first=self.first - reach,
            last=self.last + reach,
            queued=queued,
            moment=moment,
            touches=self.touches,
        )
        waiting = self._query(guard_sql.WAITING, touches=self.touches)
        self.waiting_since = dict(waiting)  # by touch
        self.contacts = defaultdict(list)  # by customer
        self.shared = defaultdict(list)  # by address: (customer, contact)
        self.cadences = {}  # by touch
        asked = set(self.touches)
        for customer_id, touch_id, cadence_id, mailing_id, *contact in rows:
            source = ("cadence", cadence_id) if cadence_id else None
            if touch_id in asked:
                self.cadences[touch_id] = source
                continue  # does not stand in its own way
            if mailing_id:
                source = ("mailing", mailing_id)
            address = self._address(contact[3], contact[1])
            self._add(customer_id, caps.Contact(*contact, source, address))
        self._add_uncollected(self.first - reach)
        if self.asks:
            self._add_surveys(reach, sorted({*self.customers, *shared}))

    def _add_surveys(self, reach, customers):
        """Add the invitations to surveys, whatever app they came from."""
        rows = self._query(
            guard_sql.SURVEYS,
            whose=customers,
            first=self.first - reach,
            last=self.last + reach,
            mail=self.env["retention.channel"]._get_ids_by_code().get("email"),
        )
        for customer_id, moment, channel_id, person_id in rows:
            address = self._address(person_id, channel_id)
            contact = caps.Contact(
                moment, channel_id, "survey", person_id, None, address
            )
            self._add(customer_id, contact)

    def _add_uncollected(self, since):
        """Add what mailings sent a moment ago, each contact once."""
        rows = self.guard._get_uncollected(self.company, self.mails, self.phones, since)
        for (
            mailing_id,
            address,
            moment,
            channel_id,
            category,
            person_id,
            number,
        ) in rows:
            if person_id not in self.customer_of:
                person_id = self.owner.get(address) or self.owner.get(number)
            if not person_id:
                continue
            source = ("mailing", mailing_id)
            customer_id = self.customer_of[person_id]
            known = self.contacts[customer_id]
            if not any(
                (each.source, each.person_id) == (source, person_id) for each in known
            ):
                contact = caps.Contact(
                    moment,
                    channel_id,
                    category,
                    person_id,
                    source,
                    self._address(person_id, channel_id),
                )
                self._add(customer_id, contact)

    # ---- answering -------------------------------------------------------------------

    def _address(self, person_id, channel_id):
        if self.kinds.get(channel_id) == "mail":
            return self.address_of.get(person_id)
        return None

    def _add(self, customer_id, contact):
        self.contacts[customer_id].append(contact)
        if contact.address and len(self.sharing[contact.address]) > 1:
            self.shared[contact.address].append((customer_id, contact))

    def person_of(self, request):
        """Return the person that a request would reach, or None."""
        return self.persons.get(request.person_id or request.customer_id)

    def complete(self, requests):
        """Give each request its person, its purpose and the name of what is sent.

        A planned touch waits since it was first put off.
        """
        for request in requests:
            yield request._replace(
                person_id=request.person_id or request.customer_id,
                purpose_id=request.purpose_id
                or self.usual_purpose.get(request.category),
                since=request.since or self.waiting_since.get(request.touch_id),
                source=request.source
                or self.cadences.get(request.touch_id)
                or ("together", request.category),
            )

    def contacts_of(self, request):
        """Return what counts for a request: the customer's, and those of its inbox."""
        contacts = self.contacts[request.customer_id]
        address = self._address(request.person_id, request.channel_id)
        if not address or len(self.sharing[address]) < 2:
            return contacts
        return contacts + [
            contact
            for customer_id, contact in self.shared[address]
            if customer_id != request.customer_id
        ]

    def count(self, request, now):
        """Let an allowed request count for those after it."""
        contact = caps.Contact(
            request.moment or now,
            request.channel_id,
            request.category,
            request.person_id,
            request.source,
            self._address(request.person_id, request.channel_id),
        )
        self._add(request.customer_id, contact)
        if request.is_survey:
            invitation = contact._replace(category="survey", source=None)
            self._add(request.customer_id, invitation)
