"""The clock of service against one that counts minute by minute."""

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.crm_retention.models.decisions.service_worktime import WorkTimes
from odoo.addons.crm_retention.tools import service_clock
from odoo.addons.crm_retention.tools.service import ANSWER, SOLVE

from .common import RetentionCommon

FIRST = datetime(2024, 3, 25)  # the week in which Europe's clocks change
DAYS, TICKETS, CALENDARS = 40, 2000, 12
ZONES = ("UTC", "Europe/Paris", "Asia/Kolkata", "America/New_York")
UTC = ZoneInfo("UTC")


class Counter:
    """Counts the minutes of one promise, one by one."""

    def __init__(self, limits):
        self.limits = limits  # (minutes, which minutes count) of each
        self.counts = [0] * len(limits)
        self.due = None
        self.binding = None

    def pass_minute(self, minute):
        for place, (most, counts) in enumerate(self.limits):
            self.counts[place] += counts[minute]
            if self.counts[place] == most and counts[minute] and self.due is None:
                self.due, self.binding = minute + 1, place

    def finish(self, minute):
        """Return (state, minutes over) of a promise kept at this minute."""
        if self.due is None or minute <= self.due:
            return "met", 0
        most, _counts = self.limits[self.binding]
        return "missed", max(self.counts[self.binding] - most, 1)


@tagged("post_install", "-at_install")
class TestReference(RetentionCommon):
    def test_equal_to_the_minute(self):
        rng = random.Random(5)
        calendars = [self.random_calendar(rng) for _number in range(CALENDARS)]
        minutes = [self.count_minutes(calendar) for calendar in calendars]
        now = FIRST + timedelta(days=DAYS - 10)
        times = WorkTimes(self.company, FIRST, now, 3000)
        seen = {"met": 0, "missed": 0, "due": 0, "rounds": 0}
        for _number in range(TICKETS):
            place = rng.randrange(CALENDARS)
            limit = service_clock.Limit(
                rng.choice((1, 20, 60, 480, rng.randrange(1, 3000))),
                rng.random() < 0.7,
                rng.choice((0, 0, 60, 1440)),
            )
            events = self.random_events(rng)
            found = self.by_clock(times.of(calendars[place]), limit, events)
            expected = self.by_counting(minutes[place], limit, events)
            self.assertEqual(found, expected, (calendars[place], limit, events))
            for round_of in found:
                seen[round_of[2]] = seen.get(round_of[2], 0) + 1
                seen["rounds"] += round_of[0] > 1
        for kind in ("met", "missed", "rounds", "running", "paused"):
            self.assertGreater(seen.get(kind, 0), 50, seen)

    # ---- making -------------------------------------------------------------------

    def random_calendar(self, rng):
        days = sorted(rng.sample(range(7), rng.randrange(2, 7)))
        hours = sorted(rng.sample(range(0, 24), 4))
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Random",
                "tz": rng.choice(ZONES),
                "company_id": self.company.id,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": "Shift",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": end,
                            "day_period": period,
                        }
                    )
                    for day in days
                    for start, end, period in (
                        (hours[0], hours[1], "morning"),
                        (hours[2], hours[3], "afternoon"),
                    )
                ],
            }
        )
        for _number in range(2):
            start = FIRST + timedelta(minutes=rng.randrange(DAYS * 1440))
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Holiday",
                    "calendar_id": calendar.id,
                    "date_from": start,
                    "date_to": start + timedelta(minutes=rng.randrange(60, 4000)),
                }
            )
        return calendar

    def count_minutes(self, calendar):
        """Return for every minute whether it is worked (1) or not (0)."""
        zone = ZoneInfo(calendar.tz)
        shifts = {
            (int(line.dayofweek), minute)
            for line in calendar.attendance_ids
            for minute in range(int(line.hour_from * 60), int(line.hour_to * 60))
        }
        leaves = [
            (leave.date_from, leave.date_to)
            for leave in calendar.leave_ids.filtered(lambda each: not each.resource_id)
        ]
        worked = bytearray()
        for number in range(DAYS * 1440):
            moment = FIRST + timedelta(minutes=number)
            local = moment.replace(tzinfo=UTC).astimezone(zone)
            is_shift = (local.weekday(), local.hour * 60 + local.minute) in shifts
            is_leave = any(start <= moment < end for start, end in leaves)
            worked.append(is_shift and not is_leave)
        return worked

    def random_events(self, rng):
        """Return (minute, what happens), the first being the creation."""
        begin = rng.randrange(20 * 1440)
        span = rng.choice((60, 600, 6000))
        count = rng.randrange(0, 7)
        minutes = sorted(rng.sample(range(begin + 1, begin + 1 + span), count))
        events, state = [(begin, "open")], "open"
        for minute in minutes:
            state = rng.choice([s for s in ("open", "hold", "closed") if s != state])
            events.append((minute, state))
        return events + [(begin + span + rng.randrange(1, 2000), "look")]

    # ---- the two ways -------------------------------------------------------------

    def by_clock(self, work, limit, events):
        """Return (round, due, state, over) of each round, as the product finds them."""
        clocks, pauses, held, begin = [], [], None, None
        for minute, state in events:
            now = FIRST + timedelta(minutes=minute)
            if state == "look":
                for clock in clocks:
                    clock.check(now)
                break
            begin = begin or now
            if held and state != "hold":
                pauses.append((held, now))
                held = None
            elif state == "hold":
                held = now
            ticket = service_clock.Ticket(
                "question",
                None,
                begin,
                is_closed=state == "closed",
                is_held=state == "hold",
                is_new=not clocks,
            )
            clocks = service_clock.follow(
                ticket,
                clocks,
                lambda part: (limit, 1) if part == SOLVE else None,
                pauses,
                work,
                now,
            )
        self.assertNotIn(ANSWER, [clock.part for clock in clocks])
        return [
            (
                clock.round,
                clock.due and (clock.due - FIRST).total_seconds() / 60,
                clock.state,
                clock.over,
            )
            for clock in clocks
        ]

    def by_counting(self, worked, limit, events):
        """Return the same, found by counting every minute."""
        always = bytes([1]) * len(worked)
        limits = [(limit.minutes, worked if limit.is_working else always)]
        if limit.latest:
            limits.append((limit.latest, always))
        rounds, counter, state = [], None, None
        happens = dict(events)
        for minute in range(events[0][0], events[-1][0] + 1):
            before, state = state, happens.get(minute, state)
            if state == "look":
                break
            if counter is None and state in ("open", "hold"):
                counter = Counter(limits)
            if state == "closed" and before != "closed":
                rounds.append((counter.due, *counter.finish(minute), minute, before))
                counter = None
            if state == "open":
                counter.pass_minute(minute)
        end, found = events[-1][0], []
        for number, (due, kept, over, stopped, was) in enumerate(rounds, 1):
            if due is None and was == "open":
                due = self.go_on(limits, rounds, number, stopped, events)
            found.append((number, due, kept, over))
        if counter:
            found.append(self.look(counter, len(rounds) + 1, before, end, limits))
        return found

    def look(self, counter, number, state, end, limits):
        """Return how a promise stands that was not kept yet."""
        if counter.due is not None and counter.due < end:
            return number, counter.due, "missed", 0
        if state == "hold" and (counter.due is None or counter.due >= end):
            return number, None, "paused", 0
        minute = end
        while counter.due is None:
            counter.pass_minute(minute)
            minute += 1
        return number, counter.due, "running", 0

    def go_on(self, limits, rounds, number, stopped, events):
        """Return when a promise that was kept in time would have been due."""
        begin = events[0][0] if number == 1 else None
        if begin is None:
            begin = next(
                minute
                for minute, state in events
                if minute > rounds[number - 2][3] and state != "closed"
            )
        counter, state = Counter(limits), None
        happens = dict(events)
        minute = begin
        while counter.due is None:
            state = happens.get(minute, state) if minute < stopped else "open"
            if state == "open":
                counter.pass_minute(minute)
            minute += 1
        return counter.due
