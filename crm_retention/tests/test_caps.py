"""The guard's arithmetic against a scan of every minute, for any rules."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.crm_retention.tools import caps

MINUTE = timedelta(minutes=1)
ASK = caps.Request(1, 1, 1, "promotion")
# the clock goes forward or back in these days, in some of the zones
DAYS = (
    datetime(2024, 3, 30),
    datetime(2024, 10, 26),
    datetime(2024, 4, 6),
    datetime(2024, 11, 2),
    datetime(2024, 9, 7),
    datetime(2024, 6, 15),
)
ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",  # by half an hour
            "America/Santiago",  # at midnight
            "Asia/Kathmandu",
        )
    ]
)
STARTS = st.builds(
    lambda day, minutes: day + minutes * MINUTE,
    st.sampled_from(DAYS),
    st.integers(0, 2 * 1440),
)
CATEGORIES = st.sampled_from(caps.CATEGORIES)
CONTACTS = st.lists(
    st.tuples(st.integers(-72 * 60, 72 * 60), st.integers(1, 2), CATEGORIES), max_size=6
)
ROLLING = st.builds(
    caps.Rolling,
    most=st.integers(0, 3),
    window=st.integers(0, 48).map(lambda hours: timedelta(hours=hours)),
    counts=st.frozensets(CATEGORIES),
    channels=st.frozensets(st.integers(1, 2)),
)
QUIET = st.builds(
    caps.Quiet, start=st.integers(0, 1439), end=st.integers(0, 1439), zone=ZONES
)
CLOSED = st.builds(
    caps.Closed,
    weekdays=st.frozensets(st.integers(0, 6), max_size=3),
    dates=st.frozensets(
        st.sampled_from(DAYS).map(lambda day: (day + timedelta(days=1)).date()),
        max_size=2,
    ),
    zone=ZONES,
)
RULES = st.lists(ROLLING, max_size=2).flatmap(
    lambda rolling: st.lists(QUIET | CLOSED, max_size=2).map(
        lambda more: rolling + more
    )
)
exactly = settings(derandomize=True, deadline=None, max_examples=250, database=None)


def is_allowed(rule, moment, contacts):
    """Say the rule again, as plainly as possible."""
    if isinstance(rule, caps.Rolling):
        return rolling_allows(rule, moment, contacts)
    local = moment.replace(tzinfo=caps.UTC).astimezone(rule.zone)
    if isinstance(rule, caps.Quiet):
        minute = local.hour * 60 + local.minute
        if rule.start <= rule.end:
            return not rule.start <= minute < rule.end
        return rule.end <= minute < rule.start
    return local.weekday() not in rule.weekdays and local.date() not in rule.dates


def rolling_allows(rule, moment, contacts):
    """No stretch of the window that holds ``moment`` holds too many with it."""
    if not rule.most or not rule.window:
        return True
    if rule.channels and ASK.channel_id not in rule.channels:
        return True
    times = [
        contact.moment
        for contact in contacts
        if contact.category in rule.counts
        and (not rule.channels or contact.channel_id in rule.channels)
    ]
    for first in [*times, moment]:
        inside = [each for each in times if first <= each < first + rule.window]
        if first <= moment < first + rule.window and len(inside) + 1 > rule.most:
            return False
    return True


@tagged("post_install", "-at_install")
class TestAgainstEveryMinute(BaseCase):
    @exactly
    @given(STARTS, RULES, CONTACTS)
    def test_until_is_the_first_minute_that_all_allow(self, start, rules, around):
        contacts = [
            caps.Contact(start + minutes * MINUTE, channel, category)
            for minutes, channel, category in around
        ]
        finding = caps.judge(ASK, rules, contacts, start)
        moment, end = start, start + timedelta(days=9)
        while moment < end and not all(
            is_allowed(rule, moment, contacts) for rule in rules
        ):
            moment += MINUTE
        if moment == end:
            self.assertNotEqual(finding.state, caps.ALLOWED)
            return
        self.assertEqual(finding.until or start, moment)
        self.assertEqual(finding.state == caps.ALLOWED, moment == start)
        self.assertEqual(caps.judge(ASK, rules, contacts, moment).state, caps.ALLOWED)

    @exactly
    @given(STARTS, RULES, CONTACTS, st.integers(1, 10))
    def test_more_rules_never_allow_earlier(self, start, rules, around, days):
        contacts = [
            caps.Contact(start + minutes * MINUTE, channel, category)
            for minutes, channel, category in around
        ]
        few = caps.judge(ASK, rules[:-1], contacts, start)
        many = caps.judge(ASK, rules, contacts, start)
        if many.until and few.until:
            self.assertGreaterEqual(many.until, few.until)
        last = start + timedelta(days=days)
        late = caps.judge(ASK._replace(last=last), rules, contacts, start)
        if late.state == caps.DEFERRED:
            self.assertLessEqual(late.until, last)
        never = caps.judge(ASK, [*rules, caps.Never()], contacts, start)
        self.assertEqual(never.state, caps.BLOCKED)

    @exactly
    @given(ROLLING, STARTS, st.lists(st.integers(0, 300), max_size=30))
    def test_whoever_obeys_is_never_over_the_cap(self, rule, start, waits):
        """Send whenever it is allowed: no window ever holds more than the limit."""
        contacts, now = [], start
        for minutes in waits:
            now += minutes * MINUTE
            finding = caps.judge(ASK, [rule], contacts, now)
            now = finding.until or now
            contacts.append(caps.Contact(now, 1, "promotion"))
        counted = "promotion" in rule.counts and rule.binds(1, "promotion")
        if rule.most and rule.window and counted:
            for one in contacts:
                inside = [
                    each
                    for each in contacts
                    if one.moment <= each.moment < one.moment + rule.window
                ]
                self.assertLessEqual(len(inside), rule.most)

    @exactly
    @given(ZONES, STARTS, st.times())
    def test_the_first_instant_is_the_first(self, zone, day, wall_time):
        wall = datetime.combine(day.date(), wall_time.replace(microsecond=0))
        found = caps.first_instant(wall, zone)

        def shown(moment):
            local = moment.replace(tzinfo=caps.UTC).astimezone(zone)
            return local.replace(tzinfo=None)

        self.assertGreaterEqual(shown(found), wall)
        self.assertLess(shown(found - timedelta(seconds=1)), wall)


@tagged("post_install", "-at_install")
class TestShare(BaseCase):
    @exactly
    @given(st.text(max_size=20), st.floats(0, 100), st.floats(0, 100))
    def test_a_small_share_lies_in_a_greater_one(self, key, one, other):
        small, great = sorted((one, other))
        if caps.in_share(key, small):
            self.assertTrue(caps.in_share(key, great))
        self.assertFalse(caps.in_share(key, 0))
        self.assertTrue(caps.in_share(key, 100))

    def test_a_share_is_about_as_large_as_it_says(self):
        inside = sum(caps.in_share(f"holdout:1:{n}", 10) for n in range(20_000))
        self.assertAlmostEqual(inside / 20_000, 0.1, delta=0.01)


@tagged("post_install", "-at_install")
class TestQuiet(BaseCase):
    def test_no_quiet_time_at_all(self):
        noon = datetime.combine(DAYS[0].date(), time(12))
        self.assertEqual(caps.Quiet(start=480, end=480).earliest(noon, ()), noon)
