"""Policies and facts to planned contacts: the decisions, without writing any."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.tools import SQL

from ...tools import cadence, caps
from ..decisions.cadence_adapt import Pair
from .open_days import OpenDays
from .plan_facts import NOTHING, Customer, PlanFacts
from .plan_rules import Line, PlanRules
from .plan_words import PlanWords

HORIZON = 14  # days ahead in which the guard is asked: farther off it cannot know
LATE = timedelta(days=cadence.LATE_DAYS)
HOUR = time(10)  # of the day for which it is asked
HOLDING = ("cap", "twin")  # what depends on other contacts, which may move too
UTC = ZoneInfo("UTC")


@dataclass(slots=True)
class Draft:
    """One contact that the plan calls for; ``refused`` says why there is none."""

    customer: Customer
    line: Line
    interval: int
    depth: str
    wanted: date
    anchor: date | None = None
    anchor_channel: int | None = None
    occurrence: date | None = None
    due: date | None = None
    user_id: int | None = None
    channel_id: int | None = None
    act_at: datetime | None = None
    blocked: str = ""
    deferred: str = ""
    refused: str = ""
    held_by: str | None = None
    is_held: bool = False  # put off until its day, whatever is moved meanwhile
    reason: str = ""  # as it stands, where nothing is to be asked
    verdict: object = None
    request: object = None

    @property
    def key(self):
        return self.customer.partner_id, self.line.id


class Planner:
    """Plans the contacts of batches of customers of one company on one day.

    Use: create it, then call :meth:`propose` for each batch.
    """

    def __init__(self, company, as_of, policies=None):
        self.env = company.env
        self.company = company
        self.as_of = as_of
        self.rules = PlanRules(company, as_of, policies)
        self.days = OpenDays(company, as_of)
        self.words = PlanWords(self.env)
        self.now = self._get_now()

    def _get_now(self):
        """The moment for which the guard is asked: now, or the hour of another day."""
        if self.as_of == self.company._retention_today():
            return fields.Datetime.now()
        return self._moment(self.as_of)

    def _moment(self, day):
        zone = ZoneInfo(self.company.resource_calendar_id.tz or "UTC")
        local = datetime.combine(day, HOUR, zone)
        return local.astimezone(UTC).replace(tzinfo=None)

    def _local_day(self, moment):
        zone = ZoneInfo(self.company.resource_calendar_id.tz or "UTC")
        return moment.replace(tzinfo=UTC).astimezone(zone).date()

    def propose(self, ids, adapts=True):
        """Return (facts, drafts) of these customers; drafts by (customer, line).

        :param adapts: judge the intervals before; False leaves them as they are.
        """
        facts = PlanFacts(self.company, self.as_of, ids, self.rules.keydates)
        chosen = self.rules.choose(facts.customers)
        served = [
            (customer, self.rules.lines[chosen[customer.partner_id]])
            for customer in facts.customers
            if customer.partner_id in chosen
        ]
        if adapts:
            self.env["retention.cadence.state"]._adapt(
                self.company, self._get_pairs(served), self.as_of
            )
        facts.read_intervals()
        drafts = {}
        for customer, lines in served:
            for draft in self._draft_lines(customer, lines, facts):
                drafts[draft.key] = draft
        self._ask_guard(drafts, facts)
        return facts, drafts

    def read_customers(self):
        """Return all customers of the company, without what happened to them."""
        facts = PlanFacts(self.company, self.as_of, (), self.rules.keydates)
        return facts.read_customers(SQL("TRUE"))

    # ---- intervals -----------------------------------------------------------------

    def _get_pairs(self, served):
        return [
            Pair(
                customer.partner_id,
                line,
                self._start_interval(customer, line),
                customer.engagement,
            )
            for customer, lines in served
            for line in lines
            if line.adapts and not line.keydate
        ]

    def _start_interval(self, customer, line):
        if not (line.adapts and line.by_engagement):
            return line.interval_days
        return cadence.start_interval(
            customer.engagement,
            line.interval_days,
            line.active_days,
            line.warm_days,
            (line.shortest_days, line.slowest_days),
        )

    def _interval(self, customer, line, facts):
        """Return (the interval in force, whether a person pinned it)."""
        known = facts.intervals.get((customer.partner_id, line.id))
        if known and (line.adapts or known[1]):
            return known
        return self._start_interval(customer, line), False

    # ---- the day by the policy -----------------------------------------------------

    def _draft_lines(self, customer, lines, facts):
        """Yield a draft for each line that asks something for this customer."""
        frozen = customer.engagement == "frozen"
        for line in lines:
            if line.keydate:
                draft = self._draft_keydate(customer, line, facts)
            elif frozen and line.by_engagement and not line.leads:
                continue  # a greeting now and then is all they get
            else:
                draft = self._draft_interval(customer, line, facts)
            if draft:
                planned = facts.planned.get(draft.key)
                draft.user_id = self._get_user(draft, planned)
                draft.channel_id = line.channels[0]
                if self._is_held(draft, planned):
                    self._hold(draft, planned)
                else:
                    draft.due = self._get_due(draft, planned)
                yield draft

    def _is_held(self, draft, planned):
        """Tell whether a limit put this contact off until a day to come.

        It stays so: the contacts that filled the limit may themselves be moved, and
        the two would otherwise change places with every run.
        """
        return (
            planned
            and planned.held_by in HOLDING
            and planned.act_at
            and planned.act_at > self.now
            and planned.wanted_on >= draft.wanted
            and planned.anchor_on == draft.anchor
            and planned.interval_days == draft.interval
            and planned.channel_id in draft.line.channels
        )

    def _hold(self, draft, planned):
        draft.is_held, draft.held_by = True, planned.held_by
        draft.wanted, draft.due = planned.wanted_on, planned.due_date
        draft.channel_id, draft.act_at = planned.channel_id, planned.act_at
        draft.reason = planned.reason

    def _get_user(self, draft, planned):
        """Return who does it; what has been handed to somebody stays with him."""
        if planned and planned.activity_id and planned.anchor_on == draft.anchor:
            if planned.user_id in self.rules.people.users:
                return planned.user_id
        return self.rules.responsible(draft.line, draft.customer)

    def _draft_keydate(self, customer, line, facts):
        day = customer.days.get(line.keydate.id)
        if not day:
            return None
        history = facts.histories.get((customer.partner_id, line.id), NOTHING)
        when, due = cadence.keydate(
            day, line.keydate.lead_days, self.as_of, history.handled
        )
        return Draft(customer, line, 365, line.depth, due, occurrence=when)

    def _draft_interval(self, customer, line, facts):
        key = (customer.partner_id, line.id)
        history = facts.histories.get(key, NOTHING)
        days, pinned = self._interval(customer, line, facts)
        depth = line.depth
        if line.personal:
            depth = cadence.depth_for(customer.stage, depth)
        if line.by_engagement and customer.engagement == "frozen":
            depth = "greeting"
            days = days if pinned else max(days, line.slowest_days)
        anchor, channel = history.done, None
        if line.personal:
            anchor, channel = self._get_anchor(customer, depth, history, facts)
        tried = history.tried
        if tried and anchor and tried <= anchor:
            tried = None
        wanted = cadence.wanted(
            days,
            max(line.started_on, customer.since or line.started_on),
            cadence.draw(*key),
            anchor,
            history.skipped,
            tried,
        )
        return Draft(customer, line, days, depth, wanted, anchor, channel)

    def _get_anchor(self, customer, depth, history, facts):
        """Return (day, channel) of the last real contact that is deep enough."""
        least = cadence.rank(depth)
        found = [
            contact
            for known, contact in facts.contacts.get(customer.partner_id, {}).items()
            if cadence.rank(known) >= least
        ]
        day, channel = max(found, default=(None, None))
        if history.done and (not day or history.done > day):
            return history.done, None
        return day, channel

    def _get_due(self, draft, planned):
        """Return the day before the guard is asked: what stands stays, if it can."""
        due = max(draft.wanted, self.as_of)
        if planned and planned.wanted_on == draft.wanted:
            overdue = planned.due_date < self.as_of
            if overdue or not planned.act_at:
                due = planned.due_date
            if overdue:
                return due
        if draft.line.personal:
            due = self.days.next(draft.user_id, due)
        return due

    # ---- the guard -----------------------------------------------------------------

    def _ask_guard(self, drafts, facts):
        """Let the guard judge what is due soon; try the next channels where it must."""
        until = self.as_of + timedelta(days=HORIZON)
        asked = sorted(
            (draft for draft in drafts.values() if draft.due <= until),
            key=lambda draft: (draft.customer.partner_id, draft.due, draft.line.id),
        )
        again = asked
        for number in range(3):
            again = self._ask(again, facts, number)
            if not again:
                break
        for draft in asked:
            self._settle(draft, facts.planned.get(draft.key))
        for draft in drafts.values():
            if not draft.verdict and not draft.is_held:
                self._leave(draft, facts.planned.get(draft.key))

    def _leave(self, draft, planned):
        """Leave what the guard said of a contact that has gone far off meanwhile."""
        if (
            planned
            and planned.wanted_on == draft.wanted
            and planned.anchor_on == draft.anchor
            and planned.interval_days == draft.interval
            and planned.channel_id in draft.line.channels
        ):
            draft.channel_id, draft.act_at = planned.channel_id, planned.act_at
            draft.reason = planned.reason

    def _ask(self, asked, facts, number):
        """Ask for these drafts; return those of customers who have a next channel.

        All drafts of such a customer are asked again: what is allowed for one of them
        counts for the others.
        """
        if not asked:
            return []
        for draft in asked:
            planned = facts.planned.get(draft.key)
            draft.request = caps.Request(
                customer_id=draft.customer.partner_id,
                person_id=draft.customer.partner_id,
                channel_id=draft.channel_id,
                category=draft.line.category,
                purpose_id=draft.line.purpose_id,
                moment=max(self._moment(draft.due), self.now),
                touch_id=planned and planned.id,
                last=draft.occurrence and self._moment(draft.occurrence + LATE),
                source=("cadence", draft.line.id),
            )
        verdicts = self.env["retention.guard"]._judge(
            self.company, [draft.request for draft in asked], now=self.now
        )
        moved = set()
        for draft, verdict in zip(asked, verdicts, strict=True):
            draft.verdict = verdict
            place = draft.line.channels.index(draft.channel_id) + 1
            if verdict.state == "blocked" and place < len(draft.line.channels):
                draft.blocked = draft.blocked or verdict.reason
                draft.channel_id = draft.line.channels[place]
                moved.add(draft.customer.partner_id)
        return [draft for draft in asked if draft.customer.partner_id in moved]

    def _settle(self, draft, planned):
        """Bring what the guard said of the last channel asked into the draft."""
        verdict = draft.verdict
        final = verdict.state == "blocked" and verdict.action != "person"
        passes = bool(verdict.cap_id) or verdict.cause == "twin"
        if draft.is_held and (passes or not final):
            return
        if verdict.state == "allowed" and planned and planned.due_date == draft.due:
            draft.act_at = planned.act_at  # an hour of the day, found on acting
        elif verdict.state == "deferred" and verdict.until:
            self._defer(draft, planned, verdict)
        elif verdict.state == "blocked" and not final:
            draft.deferred = verdict.reason
        elif final and passes:
            self._leave_out(draft, verdict)
        elif final:
            draft.refused = verdict.reason

    def _defer(self, draft, planned, verdict):
        """Put a contact on the first day on which the guard allows it."""
        day = max(self._local_day(verdict.until), self.as_of)
        if draft.line.personal and draft.due < self.as_of:
            if day <= self.days.next(draft.user_id, self.as_of):
                return  # overdue, and seen to be so when people are back
        if planned and planned.act_at == verdict.until:
            day = max(day, planned.due_date)  # moved on for other reasons
        draft.act_at, draft.held_by = verdict.until, verdict.cause or None
        draft.deferred = verdict.reason
        if day > draft.due:
            draft.due = day
            if draft.line.personal:
                draft.due = self.days.next(draft.user_id, day)

    def _leave_out(self, draft, verdict):
        """Leave this time out: the next one is an interval later."""
        draft.wanted = draft.due + timedelta(days=draft.interval)
        draft.due, draft.deferred = draft.wanted, verdict.reason
        draft.channel_id = draft.line.channels[0]
        if draft.line.personal:
            draft.due = self.days.next(draft.user_id, draft.due)
        draft.act_at, _end = self.company._retention_day_bounds(draft.due, draft.due)
        draft.held_by = verdict.cause or None
