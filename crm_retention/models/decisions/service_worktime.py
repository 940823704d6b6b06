"""Working hours of Odoo's calendars for the clock of service."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytz

from ...tools.service_clock import ELAPSED, Working

UTC = ZoneInfo("UTC")
HORIZONS = (30, 120, 400, 800)  # days ahead, tried in turn


def has_hours(calendar):
    """Tell whether a calendar says when somebody works; else it is day and night."""
    return bool(calendar) and not calendar.flexible_hours


class WorkTimes:
    """The working time of calendars, each read once.

    ``first``: nothing is asked before it; ``minutes``: the longest promise in working
    time, which must be reached from ``now``.
    """

    def __init__(self, company, first, now, minutes):
        self.company = company
        self.first, self.now, self.minutes = first, now, minutes
        self.known = {}

    def of(self, calendar):
        """Return the working time of a calendar; of none: time as it passes."""
        if not has_hours(calendar):
            return ELAPSED
        if calendar not in self.known:
            self.known[calendar] = self._load(calendar)
        return self.known[calendar]

    def _load(self, calendar):
        for days in HORIZONS:
            work = read_work(
                calendar, self.company, self.first, self.now + timedelta(days=days)
            )
            if work.after(self.now, self.minutes) is not None:
                break
        return work


def read_work(calendar, company, first, last):
    """Return a calendar's ``Working`` between two moments, holidays left out."""
    zone = pytz.timezone(calendar.tz or "UTC")
    first = first - timedelta(days=1)
    intervals = calendar._work_intervals_batch(
        first.replace(tzinfo=pytz.utc),
        last.replace(tzinfo=pytz.utc),
        domain=[
            ("time_type", "=", "leave"),
            ("company_id", "in", [False, company.id]),
        ],
        tz=zone,
    )[False]
    spans = []
    for start, end, _attendance in intervals:
        start, end = (
            moment.astimezone(UTC).replace(tzinfo=None) for moment in (start, end)
        )
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        elif end > start:
            spans.append((start, end))
    return Working(spans, last)
