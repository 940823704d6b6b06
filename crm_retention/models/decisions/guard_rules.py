"""The rules that bind one request, and the guard's answer in words."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from odoo.tools import format_date

from ...tools import caps
from .guard_facts import MONTH_HOURS, TWIN_HOURS

CATEGORIES = caps.CATEGORIES
UNSUBSCRIBED = frozenset({"relationship", "promotion"})
PROMOTION = frozenset({"promotion"})
CALENDAR_DAYS = 60  # closed days are looked up so far ahead
WISH_DAYS = 14  # the longest wait for what a customer's wish puts off


class GuardRules:
    """Turns limits, consents and wishes into rules for ``caps.judge``."""

    def __init__(self, env, company, facts, now):
        self.env = env
        self.company = company
        self.facts = facts
        self.now = now
        self.company_zone = self._zone(company.resource_calendar_id.tz) or caps.UTC
        self.closed = {}
        self.common = {}
        self.said = {}

    @staticmethod
    def _zone(name):
        try:
            return ZoneInfo(name) if name else None
        except (ZoneInfoNotFoundError, ValueError):
            return None

    def zone_of(self, request):
        """Return the time zone of the person, else of the company's working hours."""
        person = self.facts.person_of(request)
        return self._zone(person and person.zone) or self.company_zone

    def of(self, request):
        """Return the rules for one request; refusals first."""
        if request.category == "transactional":
            return self._limits(request)
        return [
            *self._refusals(request),
            *self._wishes(request),
            *self._limits(request),
        ]

    # ---- what the customer said ------------------------------------------------------

    def _never(self, cause, name, obeys=caps.BUT_TRANSACTIONAL):
        return caps.Never(name=name, cause=cause, obeys=obeys)

    def _refusals(self, request):
        facts = self.facts
        person = facts.person_of(request)
        kind = facts.kinds.get(request.channel_id)
        yield from self._consent(request)
        address = person and kind and (person.mail if kind == "mail" else person.phone)
        if address in facts.blacklist:
            words = (
                self.env._("The e-mail address is on the blacklist")
                if kind == "mail"
                else self.env._("The phone number is on the blacklist")
            )
            yield self._never("blacklist", words)
        if kind == "mail" and address in facts.opted_out:
            words = self.env._("Has unsubscribed from the mailing list")
            yield self._never("optout", words, UNSUBSCRIBED)
        if kind == "mail" and not address:
            yield self._never("address", self.env._("Has no e-mail address"))
        if kind == "sms" and not address:
            yield self._never("address", self.env._("Has no phone number"))
        if kind == "mail" and address:
            yield caps.Twin(
                name=self.env._("The same address gets it already"),
                cause="twin",
                person_id=request.person_id,
                source=request.source,
                address=address,
                window=timedelta(hours=TWIN_HOURS),
            )
        if request.category == "promotion" and self.env["retention.guard"]._is_held_out(
            self.company, request.customer_id
        ):
            words = self.env._(
                "Belongs to the customers who get no promotion, for comparison"
            )
            yield self._never("holdout", words, PROMOTION)

    def _consent(self, request):
        facts = self.facts
        words = facts.words.get(request.customer_id, [])
        if request.person_id != request.customer_id:
            words = words + facts.words.get(request.person_id, [])
        word = caps.latest_word(words, request.channel_id, request.purpose_id)
        if word and word.state != "granted":
            text = (
                self.env._("Has refused this kind of contact")
                if word.state == "refused"
                else self.env._("Has withdrawn consent to this kind of contact")
            )
            yield self._never("consent", text)
        purpose = facts.purposes.get(request.purpose_id)
        if not word and purpose and purpose.must_agree:
            text = self.env._("Has not agreed to: %(purpose)s", purpose=purpose.name)
            yield self._never("consent", text)

    def _wishes(self, request):
        for partner_id in {request.customer_id, request.person_id}:
            if wish := self.facts.wishes.get(partner_id):
                yield from self._wish(wish, request)

    def _wish(self, wish, request):
        if wish.channel_id and wish.channel_id != request.channel_id:
            channel = self.env["retention.channel"].browse(wish.channel_id)
            text = self.env._(
                "Wishes to be contacted by %(channel)s", channel=channel.name
            )
            yield self._never("wish", text)
        if wish.pause_until:
            start = datetime.combine(wish.pause_until, time.min)
            yield caps.After(
                name=self.env._(
                    "Wishes no contact before %(date)s",
                    date=format_date(self.env, wish.pause_until),
                ),
                cause="wish",
                days=WISH_DAYS,
                start=caps.first_instant(start, self.zone_of(request)),
            )
        if wish.most_a_month:
            yield caps.Rolling(
                name=self.env._(
                    "Wishes at most %(count)s contacts a month", count=wish.most_a_month
                ),
                cause="wish",
                days=WISH_DAYS,
                most=wish.most_a_month,
                window=timedelta(hours=MONTH_HOURS),
            )

    # ---- the company's limits ---------------------------------------------------

    def _limits(self, request):
        tier_id, band = self.facts.standing.get(request.customer_id, (None, None))
        zone = self.zone_of(request)
        complains = request.customer_id in self.facts.complaining
        key = (tier_id, band, zone.key, complains, request.is_survey)
        if key not in self.common:
            self.common[key] = [
                rule
                for cap in self.facts.caps
                if cap._fits(tier_id, band)
                and (cap.kind != "survey" or request.is_survey)
                if (rule := self._limit(cap, zone, complains))
            ]
        return self.common[key]

    def _limit(self, cap, zone, complains):
        """Return the rule of one limit, or None if it limits nothing."""
        base = {
            "name": cap.name,
            "cause": "complaint" if cap.kind == "complaint" else "cap",
            "cap_id": cap.id,
            "obeys": cap._get_categories("obey"),
            "channels": frozenset(cap.channel_ids.ids),
            "action": cap.when_capped,
            "days": cap.defer_days,
        }
        if cap.kind in ("rolling", "gap"):
            most = 1 if cap.kind == "gap" else cap.most
            window = timedelta(hours=cap.window_hours)
            counts = cap._get_categories("count")
            if not most or not window:
                return None
            return caps.Rolling(**base, most=most, window=window, counts=counts)
        if cap.kind == "survey":
            return self._survey_rule(cap, base)
        if cap.kind == "quiet":
            start, end = round(cap.quiet_from * 60), round(cap.quiet_to * 60)
            return caps.Quiet(**base, start=start, end=end, zone=zone)
        if cap.kind == "closed":
            return self._closed_rule(cap, base)
        if cap.kind == "complaint":
            return caps.Complaint(**base, now=self.now) if complains else None
        return caps.Never(**base)

    def _survey_rule(self, cap, base):
        """Every invitation counts and every survey obeys, whatever its category."""
        window = timedelta(hours=cap.window_hours)
        if not cap.most or not window:
            return None
        base |= {"cause": "survey", "obeys": frozenset(CATEGORIES)}
        return caps.Rolling(**base, most=cap.most, window=window, counts=caps.SURVEY)

    def _closed_rule(self, cap, base):
        calendar = cap.calendar_id or self.company.resource_calendar_id
        if calendar not in self.closed:
            self.closed[calendar] = self._closed_days(calendar)
        return caps.Closed(**base, **self.closed[calendar])

    def _closed_days(self, calendar):
        """Return closed weekdays and dates of a calendar, as ``Closed`` has them."""
        zone = self._zone(calendar.tz) or self.company_zone
        first = self.facts.first.replace(tzinfo=caps.UTC) - timedelta(days=1)
        last = self.facts.last.replace(tzinfo=caps.UTC) + timedelta(days=CALENDAR_DAYS)
        days = calendar._get_unusual_days(first, last, self.company)
        worked = {int(day) for day in calendar.attendance_ids.mapped("dayofweek")}
        weekdays = set(range(7)) - worked if worked else set()
        return {
            "weekdays": frozenset(weekdays),
            "dates": frozenset(
                datetime.strptime(day, "%Y-%m-%d").date()
                for day, closed in days.items()
                if closed
            ),
            "zone": zone,
        }

    # ---- the answer --------------------------------------------------------------

    def say(self, request, finding):
        """Return the verdict of a finding, with its reason as a sentence."""
        rule = finding.rule
        if not rule:
            return caps.Verdict(caps.ALLOWED)
        key = (rule.name, finding.is_late)
        if key not in self.said:
            self.said[key] = self._sentence(rule, finding)
        return caps.Verdict(
            finding.state,
            finding.until,
            self.said[key],
            rule.cap_id,
            finding.action,
            rule.cause,
        )

    def _sentence(self, rule, finding):
        if not finding.is_late:
            return rule.name
        return self.env._("%(rule)s, and it may not wait longer", rule=rule.name)
