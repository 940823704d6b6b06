"""On which days somebody works."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from odoo.tools import SQL

UTC = ZoneInfo("UTC")
LOOK_AHEAD = 400  # days; who works on none of them works on every day


class OpenDays:
    """Working days by the calendar of a person, else by the company's.

    A day is closed when the calendar has no hours on it, or when time off of the
    company or of the person covers them all.
    """

    def __init__(self, company, as_of):
        self.env = company.env
        self.company = company
        self.as_of = as_of
        self._known = {}

    def next(self, user_id, day):
        """Return the first working day of ``user_id`` from ``day`` on."""
        found = self._known.get((user_id, day))
        if found is None:
            found = self._known[user_id, day] = self._find(user_id, day)
        return found

    def is_open(self, user_id, day):
        return self.next(user_id, day) == day

    def _find(self, user_id, day):
        resource_id, calendar_id = self._resources.get(
            user_id, (None, self.company.resource_calendar_id.id)
        )
        closed = self._time_off.get(resource_id, set()) | self._time_off.get(
            ("calendar", calendar_id), set()
        )
        hours = self._hours.get(calendar_id)
        for ahead in range(LOOK_AHEAD):
            each = day + timedelta(days=ahead)
            if each not in closed and (not hours or self._on(hours, each)):
                return each
        return day

    @staticmethod
    def _on(hours, day):
        """Return (from, to) of the hours of ``day``, or None."""
        week = (day.toordinal() - 1) // 7 % 2  # as resource.calendar counts weeks
        return hours.get((None, day.weekday())) or hours.get((week, day.weekday()))

    @cached_property
    def _resources(self):
        """Return ``{user: (resource, calendar)}``."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT user_id, id, COALESCE(calendar_id, %(calendar)s)
                  FROM resource_resource
                 WHERE user_id IS NOT NULL AND active
                   AND (company_id = %(company)s OR company_id IS NULL)
                 ORDER BY company_id NULLS FIRST, id DESC
                """,
                calendar=self.company.resource_calendar_id.id or None,
                company=self.company.id,
            )
        )
        return {user: (resource, calendar) for user, resource, calendar in rows}

    @cached_property
    def _hours(self):
        """Return ``{calendar: {(week or None, weekday): (from, to)}}``."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT calendar_id, week_type, dayofweek, min(hour_from), max(hour_to)
                  FROM resource_calendar_attendance
                 WHERE display_type IS NULL AND day_period <> 'lunch'
                 GROUP BY calendar_id, week_type, dayofweek
                """
            )
        )
        hours = defaultdict(dict)
        for calendar, week, weekday, begin, end in rows:
            key = (int(week) if week else None, int(weekday))
            hours[calendar][key] = (begin, end)
        return dict(hours)

    @cached_property
    def _time_off(self):
        """Return the days off: ``{resource or ("calendar", calendar): {days}}``."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT off.resource_id, calendar.id, off.date_from, off.date_to,
                       COALESCE(calendar.tz, 'UTC')
                  FROM resource_calendar_leaves off
                  LEFT JOIN resource_resource resource ON resource.id = off.resource_id
                  JOIN resource_calendar calendar
                    ON calendar.id = COALESCE(off.calendar_id, resource.calendar_id)
                    OR off.calendar_id IS NULL AND off.resource_id IS NULL
                 WHERE off.time_type = 'leave' AND off.date_to >= %(as_of)s
                   AND (off.company_id = %(company)s OR off.company_id IS NULL)
                """,
                as_of=self.as_of,
                company=self.company.id,
            )
        )
        days = defaultdict(set)
        for resource, calendar, begin, end, zone in rows:
            covered = self._get_covered(begin, end, zone, self._hours.get(calendar))
            days[resource or ("calendar", calendar)].update(covered)
        return days

    def _get_covered(self, begin, end, zone, hours):
        """Return the days whose working hours lie within a time off."""
        begin, end = (
            moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            for moment in (begin, end)
        )
        day = max(begin.date(), self.as_of)
        last = min(end.date(), self.as_of + timedelta(days=3 * LOOK_AHEAD))
        while day <= last:
            span = self._on(hours, day) if hours else (0, 24)
            start = datetime.combine(day, time.min)
            if span and (
                begin <= start + timedelta(hours=span[0])
                and end >= start + timedelta(hours=span[1], minutes=-1)
            ):
                yield day
            day += timedelta(days=1)
