"""Keeps the clocks of tickets: reads all, decides one by one, writes what changed."""

from collections import defaultdict
from dataclasses import replace

from odoo.tools import SQL

from ...tools import service, service_clock
from ...tools.service_clock import ALL, HALF, MISSED, MOST, PAUSED, RUNNING
from ..decisions.service_worktime import WorkTimes
from ..running.columns_sql import insert_rows, update_rows

READ_TICKETS = """
SELECT ticket.id, ticket.company_id, ticket.team_id, ticket.priority,
       ticket.retention_kind, ticket.retention_step, ticket.retention_received_at,
       ticket.retention_answered_at, ticket.retention_outside_hours,
       COALESCE(stage.closed, FALSE) AS is_closed,
       COALESCE(stage.retention_on_hold, FALSE) AS is_held,
       ticket.duplicate_id IS NOT NULL OR NOT ticket.active AS is_gone,
       COALESCE(tier.origin_id, profile.tier_id) AS tier_id, tier.band,
       COALESCE(team.retention_calendar_id, company.resource_calendar_id)
         AS calendar_id,
       %(columns)s
  FROM helpdesk_ticket ticket
  JOIN res_company company ON company.id = ticket.company_id
  LEFT JOIN helpdesk_ticket_stage stage ON stage.id = ticket.stage_id
  LEFT JOIN helpdesk_ticket_team team ON team.id = ticket.team_id
  LEFT JOIN retention_profile profile
    ON profile.partner_id = ticket.commercial_partner_id
   AND profile.company_id = ticket.company_id
  LEFT JOIN retention_tier tier ON tier.id = profile.tier_id
 WHERE ticket.id = ANY(%(ids)s)
"""
READ_CLOCKS = """
SELECT id, ticket_id, part, round, limit_id, minutes, is_working, latest_minutes,
       started_at, half_at, most_at, due_at, stopped_at, state, left_minutes,
       over_minutes, warned
  FROM retention_service_clock
 WHERE ticket_id = ANY(%s)
 ORDER BY ticket_id, round
"""
READ_PAUSES = """
SELECT id, ticket_id, started_at, ended_at FROM retention_service_pause
 WHERE ticket_id = ANY(%s)
 ORDER BY ticket_id, started_at
"""
CLOCK = {
    "limit_id": "int4",
    "minutes": "float8",
    "is_working": "bool",
    "latest_minutes": "float8",
    "started_at": "timestamp",
    "half_at": "timestamp",
    "most_at": "timestamp",
    "due_at": "timestamp",
    "stopped_at": "timestamp",
    "state": "varchar",
    "left_minutes": "int4",
    "over_minutes": "int4",
    "warn_at": "timestamp",
}
NEW_CLOCK = CLOCK | {
    "ticket_id": "int4",
    "company_id": "int4",
    "tier_id": "int4",
    "part": "varchar",
    "round": "int4",
    "warned": "int4",
}
TICKET = {
    "retention_next_due": "timestamp",
    "retention_next_part": "varchar",
    "retention_answer_state": "varchar",
    "retention_solve_state": "varchar",
    "retention_is_paused": "bool",
    "retention_is_closed": "bool",
    "retention_outside_hours": "bool",
    "retention_solved_at": "timestamp",
    "retention_first_closed_at": "timestamp",
    "retention_last_closed_at": "timestamp",
    "retention_reopen_count": "int4",
}
PAUSE = {"ticket_id": "int4", "started_at": "timestamp", "ended_at": "timestamp"}


class Following:
    """Brings clocks and pauses of some tickets in line with them.

    :param new: the first clocks of these tickets may start
    :param again: take the targets of now for what still runs and is not missed
    """

    def __init__(self, tickets, now, new=False, again=False):
        self.env = tickets.env
        self.ids = tickets.ids
        self.now, self.new, self.again = now, new, again

    def run(self):
        """Do it; return how many tickets or clocks changed."""
        self.env.flush_all()
        self._read()
        by_company = defaultdict(list)
        for row in self.rows:
            by_company[row["company_id"]].append(row)
        self.fresh, self.moved, self.written = [], [], []
        for company_id, rows in by_company.items():
            self._follow_company(self.env["res.company"].browse(company_id), rows)
        self._write()
        return len(self.fresh) + len(self.moved) + len(self.written)

    # ---- reading -------------------------------------------------------------------

    def _query(self, statement, *args, **kwargs):
        self.env.cr.execute(SQL(statement, *args, **kwargs))
        return self.env.cr.dictfetchall()

    def _read(self):
        columns = SQL(", ").join(
            SQL.identifier("ticket", name)
            for name in TICKET
            if name != "retention_outside_hours"
        )
        self.rows = self._query(READ_TICKETS, columns=columns, ids=self.ids)
        self.clocks, self.pauses = defaultdict(list), defaultdict(list)
        for row in self._query(READ_CLOCKS, self.ids):
            self.clocks[row["ticket_id"]].append(_clock(row))
        for row in self._query(READ_PAUSES, self.ids):
            self.pauses[row["ticket_id"]].append(row)
        self.new_pauses, self.ended_pauses = [], []

    def _follow_company(self, company, rows):
        """Decide about the tickets of one company."""
        targets = self.env["retention.service.target"]
        limits = self.env["retention.service.limit"]
        rules = defaultdict(list)
        for rule in targets._get_rules(company):
            rules[rule.part].append(rule)
        self.rules, self.limits = rules, {}
        for rule in (each for part in rules.values() for each in part):
            self.limits[rule.id] = limits.browse(rule.id)._prepare_limit()
        self.work = WorkTimes(company, *self._find_span(rows))
        for row in rows:
            self._follow_ticket(row)

    def _find_span(self, rows):
        """Return since when working time counts, now, and the longest promise in it."""
        running = [
            clock
            for row in rows
            for clock in self.clocks[row["id"]]
            if not clock.stopped
        ]
        limits = [clock.limit for clock in running] + list(self.limits.values())
        moments = [clock.started for clock in running]
        moments += [row["retention_received_at"] for row in rows]
        longest = max((each.minutes for each in limits if each.is_working), default=1)
        return min(moments), self.now, longest

    # ---- deciding ------------------------------------------------------------------

    def _follow_ticket(self, row):
        """Decide about one ticket, and note what is to be written."""
        calendar = self.env["resource.calendar"].browse(row["calendar_id"])
        work = self.work.of(calendar)
        ticket = self._get_ticket(row)
        held_since = self._follow_pause(row, ticket)
        pauses = [
            (pause["started_at"], pause["ended_at"])
            for pause in self.pauses[row["id"]]
            if pause["ended_at"]
        ]
        before = self.clocks[row["id"]]
        clocks = [replace(clock) for clock in before]
        find_limit = self._get_finder(row)
        if self.again and not ticket.is_closed:
            service_clock.apply_again(
                clocks, find_limit, pauses, work, held_since or self.now, self.now
            )
        clocks = service_clock.follow(
            ticket, clocks, find_limit, pauses, work, self.now
        )
        known = {clock.id: clock for clock in before}
        for clock in clocks:
            if not clock.id:
                self.fresh.append((row, clock))
            elif clock != known[clock.id]:
                self.moved.append((row, clock))
        self._note_ticket(row, ticket, clocks, work)

    def _get_ticket(self, row):
        return service_clock.Ticket(
            row["retention_kind"] or service.QUESTION,
            row["retention_step"],
            row["retention_received_at"],
            row["retention_answered_at"],
            row["is_closed"],
            row["is_held"] and not row["is_closed"],
            row["is_gone"],
            self.new or self.again,
            bool(row["retention_solved_at"]),
        )

    def _follow_pause(self, row, ticket):
        """Begin or end a pause; return since when the ticket is on hold, or None."""
        current = next(
            (each for each in self.pauses[row["id"]] if not each["ended_at"]), None
        )
        if ticket.is_held and not current:
            current = {"ticket_id": row["id"], "started_at": self.now, "ended_at": None}
            self.pauses[row["id"]].append(current)
            self.new_pauses.append(current)
        elif current and not ticket.is_held:
            current["ended_at"] = self.now
            self.ended_pauses.append(current)
            return None
        return current and current["started_at"]

    def _get_finder(self, row):
        """Return the function that finds what is promised about a ticket."""
        case = service.Case(
            row["team_id"],
            row["tier_id"],
            row["band"],
            row["retention_kind"] or service.QUESTION,
            row["priority"],
        )

        def find_limit(part):
            rule = service.pick(self.rules[part], case)
            return rule and (self.limits[rule.id], rule.id)

        return find_limit

    def _note_ticket(self, row, ticket, clocks, work):
        """Note what the ticket itself keeps of its clocks, where it is different."""
        due, part = service_clock.find_next(clocks)
        values = {
            "retention_next_due": due,
            "retention_next_part": part,
            "retention_answer_state": service_clock.get_state(clocks, service.ANSWER),
            "retention_solve_state": service_clock.get_state(clocks, service.SOLVE),
            "retention_is_paused": any(clock.state == PAUSED for clock in clocks),
            "retention_is_closed": ticket.is_closed,
            "retention_outside_hours": (
                isinstance(work, service_clock.Working)
                and not work.is_open(ticket.received)
                if self.new
                else row["retention_outside_hours"]
            ),
            **self._get_history(row, ticket),
        }
        if any(row[name] != value for name, value in values.items()):
            self.written.append({"id": row["id"], **values})

    def _get_history(self, row, ticket):
        """Return when it was solved and closed, and how often it came back."""
        names = (
            "retention_solved_at",
            "retention_first_closed_at",
            "retention_last_closed_at",
            "retention_reopen_count",
        )
        solved, first, last, times = (row[name] for name in names)
        if ticket.is_closed and not row["retention_is_closed"]:
            first, last = first or self.now, self.now
        if ticket.is_solved and not solved and not ticket.is_gone:
            solved = self.now
        elif solved and not ticket.is_solved:
            solved, times = None, (times or 0) + 1
        return dict(zip(names, (solved, first, last, times), strict=True))

    # ---- writing -------------------------------------------------------------------

    def _write(self):
        rows = [
            {
                **_values(clock),
                "ticket_id": row["id"],
                "company_id": row["company_id"],
                "tier_id": row["tier_id"],
                "part": clock.part,
                "round": clock.round,
                "warned": 0,
            }
            for row, clock in self.fresh
        ]
        table = "retention_service_clock"
        insert_rows(self.env, table, NEW_CLOCK, rows)
        rows = [{"id": clock.id, **_values(clock)} for _row, clock in self.moved]
        update_rows(self.env, table, CLOCK, rows)
        # one begun and ended at once holds nothing
        insert_rows(self.env, "retention_service_pause", PAUSE, self.new_pauses)
        update_rows(self.env, "retention_service_pause", PAUSE, self.ended_pauses)
        update_rows(self.env, "helpdesk_ticket", TICKET, self.written)
        for name in ("retention.service.clock", "retention.service.pause"):
            self.env[name].invalidate_model()
        self.env["helpdesk.ticket"].browse(self.ids).invalidate_recordset(
            [*TICKET, "retention_clock_ids"]
        )


def _clock(row):
    """Return a stored clock as the arithmetic knows it."""
    limit = service_clock.Limit(
        row["minutes"], row["is_working"], row["latest_minutes"]
    )
    return service_clock.Clock(
        row["part"],
        row["started_at"],
        limit,
        round=row["round"],
        id=row["id"],
        limit_id=row["limit_id"],
        state=row["state"],
        due=row["due_at"],
        half=row["half_at"],
        most=row["most_at"],
        stopped=row["stopped_at"],
        left=row["left_minutes"] or 0,
        over=row["over_minutes"] or 0,
        warned=row["warned"] or 0,
        is_timed=bool(row["due_at"]) or row["state"] == PAUSED,
    )


def _values(clock):
    """Return the columns of a clock."""
    return {
        "limit_id": clock.limit_id or None,
        "minutes": clock.limit.minutes,
        "is_working": clock.limit.is_working,
        "latest_minutes": clock.limit.latest,
        "started_at": clock.started,
        "half_at": clock.half,
        "most_at": clock.most,
        "due_at": clock.due,
        "stopped_at": clock.stopped,
        "state": clock.state,
        "left_minutes": clock.left,
        "over_minutes": clock.over,
        "warn_at": find_warning(clock),
    }


def find_warning(clock):
    """Return when somebody is to be warned about a clock next, or None."""
    if clock.stopped or clock.state not in (RUNNING, MISSED):
        return None
    levels = {HALF: clock.half, MOST: clock.most, ALL: clock.due}
    return next((at for level, at in levels.items() if level > clock.warned), None)
