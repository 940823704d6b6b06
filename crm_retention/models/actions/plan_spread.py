from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ...tools import cadence
from .open_days import OpenDays


class RetentionTouch(models.Model):
    """Nobody gets more than his number a day, and nothing on a closed day."""

    _inherit = "retention.touch"

    @api.model
    def _spread(self, company, as_of, user_ids=None):
        """Move what does not fit into the days of people; return how many.

        Overdue ones stay where they are: they are seen as such. Of a full day the
        longest overdue stay, then the most valuable. What a person put on a day, and
        key dates, stay and take room.

        :param user_ids: whose days; None: everybody's.
        """
        days = OpenDays(company, as_of)
        loads = self._read_loads(company, as_of, user_ids)
        count = self._leave_closed_days(company, loads, days)
        if count:
            loads = self._read_loads(company, as_of, user_ids)
        capacity = company.retention_daily_capacity
        full = [
            (user, day)
            for user, its in loads.items()
            for day, load in its.items()
            if capacity and load > capacity
        ]
        moved = {}
        for user, waiting in self._read_queues(company, full).items():
            moved |= cadence.spread(
                loads[user],
                waiting,
                capacity,
                lambda day, user=user: days.next(user, day),
            )
        return count + self._write_days(moved)

    @api.model
    def _leave_closed_days(self, company, loads, days):
        """Move what is planned for days on which its person no longer works."""
        closed = [
            (user, day)
            for user, its in loads.items()
            for day in its
            if not days.is_open(user, day)
        ]
        return self._write_days(
            {
                touch: days.next(user, day)
                for user, its in self._read_queues(company, closed).items()
                for day, touches in its.items()
                for touch in touches
            }
        )

    @api.model
    def _read_loads(self, company, as_of, user_ids):
        """Return ``{user: {day: planned personal touches}}`` from ``as_of`` on."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT touch.user_id, touch.due_date, count(*)
                  FROM retention_touch touch
                  LEFT JOIN retention_cadence line ON line.id = touch.cadence_id
                 WHERE touch.company_id = %s AND touch.state = 'planned'
                   AND touch.due_date >= %s AND touch.user_id IS NOT NULL
                   AND (line.id IS NULL OR line.mode = 'personal') AND %s
                 GROUP BY 1, 2
                """,
                company.id,
                as_of,
                SQL("touch.user_id = ANY(%s)", list(user_ids))
                if user_ids is not None
                else SQL("TRUE"),
            )
        )
        loads = defaultdict(dict)
        for user, day, count in rows:
            loads[user][day] = count
        return loads

    @api.model
    def _read_queues(self, company, places):
        """Return ``{user: {day: ids}}`` of what can be moved, the most urgent first.

        :param places: pairs of a user and a day.
        """
        queues = defaultdict(lambda: defaultdict(list))
        if not places:
            return queues
        rows = self.env.execute_query(
            SQL(
                """
                SELECT touch.user_id, touch.due_date, touch.id
                  FROM unnest(%(users)s::int4[], %(days)s::date[]) place (user_id, day)
                  JOIN retention_touch touch
                    ON touch.user_id = place.user_id AND touch.due_date = place.day
                   AND touch.company_id = %(company)s AND touch.state = 'planned'
                  JOIN retention_cadence line ON line.id = touch.cadence_id
                  LEFT JOIN retention_profile profile
                    ON profile.partner_id = touch.partner_id
                   AND profile.company_id = touch.company_id
                 WHERE line.mode = 'personal' AND line.keydate_id IS NULL
                   AND touch.snoozed_until IS NULL AND touch.activity_id IS NULL
                   AND touch.mail_id IS NULL
                 ORDER BY touch.wanted_on, profile.lifetime_revenue DESC NULLS LAST,
                          touch.partner_id, touch.cadence_id
                """,
                users=[user for user, _day in places],
                days=[day for _user, day in places],
                company=company.id,
            )
        )
        for user, day, touch in rows:
            queues[user][day].append(touch)
        return queues

    @api.model
    def _write_days(self, moved):
        """Put touches on other days, ``{id: day}``; return how many."""
        if not moved:
            return 0
        self.env.cr.execute(
            SQL(
                """
                UPDATE retention_touch touch
                   SET due_date = fresh.day, write_date = now() AT TIME ZONE 'UTC'
                  FROM unnest(%s::int4[], %s::date[]) AS fresh (id, day)
                 WHERE touch.id = fresh.id AND touch.due_date <> fresh.day
                """,
                list(moved),
                list(moved.values()),
            )
        )
        self.invalidate_model(["due_date"])
        return self.env.cr.rowcount
