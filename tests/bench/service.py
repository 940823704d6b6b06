"""Benchmark of the clocks of service.

Makes tickets with clocks, holds and customers of every tier in a scratch database,
then measures

* computing all deadlines anew, as *Apply to Open Tickets* does after the targets
  changed, beside plain SQL that writes the same rows of clocks and tickets with what
  was computed (all but the calendars);
* the first page of the queue: the tickets whose promise is due next, as its list asks;
* the scheduled job's search for due warnings;
* closing a hundred tickets at once, as from the list.

The last line printed is ``BENCH service key=value …``.
"""

import datetime
import statistics
import time

from _common import Bench, memory, parser, say_result

from odoo.fields import Command

NOW = datetime.datetime.now().replace(microsecond=0)  # clocks go by the real time
LONGER = 60  # times the shipped promises: tickets of a month are still in time
PAGE = 80
PAGES = 20
CLOSED = 100

PARTNERS = """
INSERT INTO res_partner (name, complete_name, active, type, is_company, create_date,
                         write_date, create_uid, write_uid, autopost_bills)
SELECT 'Bench ' || n, 'Bench ' || n, TRUE, 'contact', TRUE, now(), now(), 1, 1, 'ask'
  FROM generate_series(1, %(customers)s) n;
UPDATE res_partner SET commercial_partner_id = id
 WHERE name LIKE 'Bench %%' AND is_company;
INSERT INTO retention_profile (partner_id, company_id, program_id, tier_id)
SELECT id, %(company)s, %(program)s,
       (%(tiers)s::integer[])[1 + id %% 4]
  FROM res_partner WHERE name LIKE 'Bench %%' AND is_company;
"""
# one in ten is on hold now, three in ten were; a third are complaints
TICKETS = """
INSERT INTO helpdesk_ticket (number, name, description, active, partner_id,
    commercial_partner_id, company_id, stage_id, team_id, user_id, priority,
    retention_kind, retention_step, retention_received_at, create_date, write_date,
    create_uid, write_uid, rating_status)
SELECT 'B' || n, 'Bench', '<p>x</p>', TRUE, p.id, p.id, %(company)s,
       CASE WHEN n %% 10 = 0 THEN %(waiting)s ELSE %(open)s END,
       (%(teams)s::integer[])[1 + n %% 4], %(agent)s, (n %% 3)::text,
       CASE n %% 3 WHEN 0 THEN 'complaint' WHEN 1 THEN 'question' ELSE 'request' END,
       CASE n %% 3 WHEN 0 THEN 'received' END, moment, moment, moment, 1, 1,
       'stage_change'
  FROM (SELECT n, %(now)s::timestamp
               - make_interval(secs => 86400 * 30.0 * (hashint4(n) & 65535) / 65536)
                 AS moment
          FROM generate_series(1, %(tickets)s) n) t
  JOIN (SELECT id, row_number() OVER () AS place FROM res_partner
         WHERE name LIKE 'Bench %%' AND is_company) p
    ON p.place = 1 + n %% %(customers)s;
INSERT INTO retention_service_pause (ticket_id, started_at, ended_at)
SELECT id, retention_received_at + interval '20 minutes',
       retention_received_at + interval '5 hours'
  FROM helpdesk_ticket WHERE number LIKE 'B%%' AND id %% 10 < 3
   AND stage_id = %(open)s;
"""
PLAIN_CLOCKS = """
CREATE TABLE bench_clock (LIKE retention_service_clock INCLUDING ALL);
INSERT INTO bench_clock SELECT * FROM retention_service_clock;
ALTER TABLE bench_clock ADD FOREIGN KEY (ticket_id) REFERENCES helpdesk_ticket,
                        ADD FOREIGN KEY (company_id) REFERENCES res_company,
                        ADD FOREIGN KEY (tier_id) REFERENCES retention_tier,
                        ADD FOREIGN KEY (limit_id) REFERENCES retention_service_limit;
ANALYZE bench_clock;
"""
PLAIN_CLOCK = """
UPDATE bench_clock clock
   SET minutes = clock.minutes * 2,
       due_at = clock.started_at + make_interval(mins => (clock.minutes * 2)::int)
                + COALESCE(held.time, interval '0'),
       half_at = clock.started_at + make_interval(mins => clock.minutes::int),
       most_at = clock.started_at + make_interval(mins => (clock.minutes * 1.6)::int),
       warn_at = clock.started_at + make_interval(mins => clock.minutes::int),
       limit_id = clock.limit_id
  FROM bench_clock base
  LEFT JOIN (SELECT ticket_id, sum(ended_at - started_at) AS time
               FROM retention_service_pause WHERE ended_at IS NOT NULL
              GROUP BY ticket_id) held ON held.ticket_id = base.ticket_id
 WHERE base.id = clock.id AND clock.stopped_at IS NULL AND clock.state = 'running'
"""
PLAIN_TICKET = """
UPDATE helpdesk_ticket ticket
   SET retention_next_due = next.due_at, retention_next_part = next.part
  FROM (SELECT DISTINCT ON (ticket_id) ticket_id, due_at, part
          FROM bench_clock WHERE stopped_at IS NULL AND due_at IS NOT NULL
         ORDER BY ticket_id, due_at) next
 WHERE next.ticket_id = ticket.id
   AND ticket.retention_next_due IS DISTINCT FROM next.due_at
"""


class ServiceBench(Bench):
    """Many tickets of a few teams with working hours of their own."""

    def prepare(self):
        def job(env):
            company = env.company
            calendars = env["resource.calendar"].create(
                [
                    {"name": f"Hours {zone}", "tz": zone, "company_id": company.id}
                    for zone in ("UTC", "Europe/Paris", "Asia/Tokyo", "US/Pacific")
                ]
            )
            env["resource.calendar.leaves"].create(
                [
                    {
                        "name": "Holiday",
                        "calendar_id": each.id,
                        "date_from": NOW - datetime.timedelta(days=9),
                        "date_to": NOW - datetime.timedelta(days=8),
                    }
                    for each in calendars
                ]
            )
            agent = env.ref("base.user_admin")
            teams = env["helpdesk.ticket.team"].create(
                [
                    {
                        "name": f"Team {place}",
                        "retention_calendar_id": each.id,
                        "user_ids": [Command.set(agent.ids)],
                    }
                    for place, each in enumerate(calendars)
                ]
            )
            program = company.retention_program_ids
            values = {
                "customers": self.customers,
                "tickets": self.orders,
                "company": company.id,
                "program": program.id,
                "tiers": program.tier_ids[:4].ids,
                "teams": teams.ids,
                "agent": agent.id,
                "now": NOW,
                "open": env.ref("helpdesk_mgmt.helpdesk_ticket_stage_new").id,
                "waiting": env.ref("helpdesk_mgmt.helpdesk_ticket_stage_awaiting").id,
            }
            for statement in (PARTNERS, TICKETS):
                env.cr.execute(statement, values)
            env.cr.execute("ANALYZE res_partner, retention_profile, helpdesk_ticket")
            env.cr.commit()

        self.work(job)

    def follow(self, **options):
        """Bring all tickets' clocks in line; return (seconds, changes, queries)."""

        def job(env):
            tickets = env["helpdesk.ticket"].search([("number", "=like", "B%")])
            before, start = env.cr.sql_log_count, time.monotonic()
            changed = tickets._retention_follow(**options)
            env.cr.commit()
            seconds = time.monotonic() - start
            return seconds, changed, env.cr.sql_log_count - before

        return self.work(job)

    def promise(self, times):
        """Promise so many times the time."""

        def job(env):
            limits = env["retention.service.limit"].search([])
            for limit in limits.sorted("minutes", reverse=True):
                limit.with_context(retention_promises_together=True).write(
                    {
                        "amount": limit.amount * times,
                        "latest_hours": limit.latest_hours * times,
                    }
                )
            env["retention.service.target"].search([])._check_promises()
            env.cr.commit()

        self.work(job)

    def page(self):
        """Return milliseconds of the queue's first pages (median, slowest)."""

        def job(env):
            spent = []
            fields = {
                name: {}
                for name in (
                    "number",
                    "name",
                    "retention_next_due",
                    "retention_answer_state",
                    "retention_solve_state",
                    "retention_is_paused",
                    "retention_kind",
                    "retention_step",
                    "priority",
                    "user_id",
                    "partner_id",
                )
            }
            for _number in range(PAGES):
                env.invalidate_all()
                start = time.monotonic()
                env["helpdesk.ticket"].web_search_read(
                    [("stage_id.closed", "=", False)],
                    fields,
                    limit=PAGE,
                    order="retention_next_due, id",
                )
                spent.append(1000 * (time.monotonic() - start))
            return statistics.median(spent), max(spent)

        return self.work(job)

    def warn(self):
        """Return milliseconds of finding what is to be warned of."""

        def job(env):
            start = time.monotonic()
            env["retention.service.clock"]._find_due_warnings(limit=200)
            return 1000 * (time.monotonic() - start)

        return self.work(job)

    def close(self):
        """Return seconds of closing many tickets at once."""

        def job(env):
            tickets = env["helpdesk.ticket"].search(
                [("number", "=like", "B%"), ("retention_kind", "=", "question")],
                limit=CLOSED,
            )
            stage = env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
            start = time.monotonic()
            tickets.with_context(tracking_disable=True).stage_id = stage
            env.cr.commit()
            return time.monotonic() - start

        return self.work(job)


def main():
    arguments = parser(__doc__)
    arguments.set_defaults(customers=20_000, orders=200_000)
    bench = ServiceBench(arguments.parse_args())
    before = memory()
    bench.prepare()
    bench.promise(LONGER)
    first, fresh, _queries = bench.follow(new=True)
    print(f"first clocks: {fresh} rows in {first:.1f} s", flush=True)
    bench.sql(PLAIN_CLOCKS)
    bench.promise(2)
    full, changed, queries = bench.follow(again=True)
    again, none, _queries = bench.follow(again=True)
    clocks, moved = bench.sql(PLAIN_CLOCK)
    tickets, _rows = bench.sql(PLAIN_TICKET)
    bench.sql("ANALYZE helpdesk_ticket; ANALYZE retention_service_clock")
    page, slowest = bench.page()
    warn, close = bench.warn(), bench.close()
    print(
        f"again: {changed} changes in {full:.1f} s, {queries} statements; once more "
        f"{again:.1f} s, {none} changes; plain: {moved} clocks in {clocks:.1f} s, "
        f"tickets {tickets:.1f} s; page {page:.0f} ms",
        flush=True,
    )
    result = {
        "full_ratio": full / (clocks + tickets),
        "first_s": first,
        "full_s": full,
        "again_s": again,
        "changed": changed,
        "changed_again": none,
        "statements": queries,
        "page_ms": page,
        "page_max_ms": slowest,
        "warn_ms": warn,
        "close_100_s": close,
        "rss_mb": memory() - before,
        "tickets": bench.orders,
    }
    say_result("service", result)


if __name__ == "__main__":
    main()
