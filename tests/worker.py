"""A program that gives evaluations a bad day, in a scratch database.

Every part runs in child processes with cursors and commits of their own, as the
scheduler's workers and the users' requests do. What was found goes to the standard
output as JSON, for :mod:`tests.test_crash` to judge.
"""

import argparse
import contextlib
import hashlib
import json
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from datetime import date, timedelta

import odoo
from odoo import api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import SQL, config

DAY = date(2024, 6, 15)
CUSTOMERS = 1500
FILL = """
INSERT INTO res_partner (name, complete_name, ref, active, type, autopost_bills)
SELECT 'Crash ' || n, 'Crash ' || n, 'crash', TRUE, 'contact', 'ask'
  FROM generate_series(1, %(customers)s) n;
UPDATE res_partner SET commercial_partner_id = id WHERE ref = 'crash';
INSERT INTO retention_purchase (partner_id, company_id, currency_id, date, amount,
                                amount_company, reference)
SELECT id, %(company)s, %(currency)s, %(day)s::date - (id * 37 + n * 101) %% 900,
       amount, amount, 'F-' || id || '-' || n
  FROM res_partner, generate_series(1, 1 + id %% 4) n,
       LATERAL (SELECT (id * 7919 + n * 13) %% 500 / 10.0 + 1 AS amount) money
 WHERE ref = 'crash';
"""
CHANGE = """
INSERT INTO retention_purchase (partner_id, company_id, currency_id, date, amount,
                                amount_company, reference)
SELECT id, %(company)s, %(currency)s, %(day)s, 400, 400, 'N-' || id
  FROM res_partner WHERE ref = 'crash' AND id %% 5 = 0;
INSERT INTO retention_mark (partner_id, company_id)
SELECT id, %(company)s FROM res_partner WHERE ref = 'crash' AND id %% 5 = 0;
"""
RESET = """
ALTER TABLE retention_points_entry DISABLE TRIGGER USER;
ALTER TABLE retention_points_allocation DISABLE TRIGGER USER;
DELETE FROM retention_points_warning; DELETE FROM retention_points_allocation;
DELETE FROM retention_points_award; DELETE FROM retention_points_entry;
DELETE FROM retention_points_account;
ALTER TABLE retention_points_entry ENABLE TRIGGER USER;
ALTER TABLE retention_points_allocation ENABLE TRIGGER USER;
UPDATE retention_points_program SET settled_on = NULL;
DELETE FROM retention_membership; DELETE FROM retention_profile;
DELETE FROM retention_stage_history; DELETE FROM retention_touch;
DELETE FROM retention_cadence_state; DELETE FROM retention_decision;
DELETE FROM retention_alert;
UPDATE retention_signal SET watched_on = NULL, looked_on = NULL, fit_json = NULL,
       held_back = 0;
DELETE FROM retention_run; DELETE FROM retention_mark;
DELETE FROM retention_purchase WHERE reference LIKE 'N-%%';
DELETE FROM mail_message WHERE model = 'res.partner';
UPDATE retention_program SET refreshed_on = NULL, compared_count = 0,
       applied_version = 0;
UPDATE retention_tier SET has_cut = FALSE, cut_value = 0, cut_tie = 0;
UPDATE retention_break SET state = 'ok', point_1 = 30, point_2 = 90, point_3 = 180,
       point_4 = 365;
"""
# all that is concluded, without ids and moments
STATE = (
    """SELECT partner_id, program_id, first_purchase, last_purchase, last_interaction,
              is_prospect, purchase_count, lifetime_revenue, average_order,
              window_purchases, window_revenue, purchase_interval, recency_score,
              frequency_score, monetary_score, segment_id, earned_tier_id, tier_id,
              rule_version
         FROM retention_profile ORDER BY partner_id, company_id""",
    """SELECT partner_id, program_id, tier_id, previous_tier_id, date_from, date_to,
              valid_until, cause, metric_value, reason, rule_version
         FROM retention_membership ORDER BY partner_id, date_from, tier_id""",
    """SELECT model, res_id, count(*) FROM mail_message
        WHERE model = 'res.partner' GROUP BY 1, 2 ORDER BY 1, 2""",
    """SELECT partner_id, company_id, stage_id, previous_stage_id, date_from, date_to,
              reason FROM retention_stage_history
        ORDER BY partner_id, date_from, stage_id""",
    """SELECT partner_id, stage_id, stage_since, engagement, last_contact, last_answer
         FROM retention_profile ORDER BY partner_id, company_id""",
    """SELECT partner_id, cadence_id, channel_id, user_id, state, origin, due_date,
              wanted_on, interval_days, act_at, reason, done_at
         FROM retention_touch
        ORDER BY partner_id, cadence_id, done_at, due_date, state""",
    """SELECT partner_id, cadence_id, interval_days, reason
         FROM retention_cadence_state ORDER BY partner_id, cadence_id""",
    """SELECT partner_id, kind, state, alert.severity, value, strength, reason, before,
              after, since, opened_on, alert.user_id, closed_on
         FROM retention_alert alert
         JOIN retention_signal signal ON signal.id = alert.signal_id
        ORDER BY 1, 2, opened_on""",
    """SELECT partner_id, company_id, month, first_month, purchases, revenue,
              gap_before, gap_after, contacts, answers, mailings, complaints,
              objections, tier_id
         FROM retention_month ORDER BY partner_id, company_id, month""",
    "SELECT count(*) FROM retention_mark",
    """SELECT partner_id, kind, points, balance_after, e.date, amount, available_on,
              expires_on, res_model, res_id, reason
         FROM retention_points_entry e
         JOIN retention_points_account account ON account.id = e.account_id
        ORDER BY partner_id, e.res_model, e.res_id, kind, e.date, points, e.id""",
    """SELECT partner_id, remaining, state, available_on, expires_on
         FROM retention_points_award award
         JOIN retention_points_account account ON account.id = award.account_id
        ORDER BY 1, 4, 5, 2, 3""",
    """SELECT partner_id, balance, pending, debt, entry_count
         FROM retention_points_account ORDER BY partner_id""",
    "SELECT version, applied_version, refreshed_on FROM retention_program ORDER BY id",
)


# in which steps a pass is killed, in the order in which it does them
KILLED = (
    "collect",
    "score",
    "score",
    "place",
    "place",
    "stage",
    "stage",
    "watch",
    "watch",
    "plan",
    "plan",
    "settle",
    "settle",
    "settle",
    "measure",
    "measure",
)


class Worker:
    def __init__(self, database):
        self.registry = Registry(database)
        # only now are the addons found
        from odoo.addons.crm_retention.models.actions import (
            plan_step,
            settle_step,
            watch_step,
        )
        from odoo.addons.crm_retention.models.judgement import (
            place_step,
            score_step,
            stage_step,
        )
        from odoo.addons.crm_retention_reports.models import measure_step

        # many commits, so that a kill falls between some
        score_step.BATCH, score_step.MARKS, place_step.BATCH = 150, 40, 100
        stage_step.BATCH = plan_step.BATCH = settle_step.BATCH = 150
        watch_step.OPENED = 30
        measure_step.BATCH = 60
        self.score_step = score_step
        self.chance = random.Random(20)
        with self.cursor() as env:
            self.steps = list(env["retention.run"]._get_steps())
            self.values = {
                "company": env.company.id,
                "currency": env.company.currency_id.id,
                "day": DAY,
                "customers": CUSTOMERS,
            }
            signals = env["retention.signal"].with_context(active_test=False)
            signals.search([("kind", "=", "overdue")]).write(
                {"active": True, "least": 1, "budget_week": 0, "share": 60}
            )
            env["retention.points.program"].create(
                {
                    "name": "Crash",
                    "start_date": DAY - timedelta(days=900),
                    "expiry_months": 12,
                }
            )

    def cursor(self):
        return _environment(self.registry)

    def sql(self, statements, **values):
        with self.cursor() as env:
            env.cr.execute(statements, self.values | values)

    def plan(self, kind, day):
        with self.cursor() as env:
            env["retention.run"]._plan(env.company, kind, day)

    def is_open(self):
        with self.cursor() as env:
            return env["retention.run"].search_count([("state", "!=", "done")])

    def state(self):
        found = hashlib.sha256()
        with self.cursor() as env:
            for query in STATE:
                env.cr.execute(query)
                rows = env.cr.fetchall()
                found.update(repr(rows).encode())
                sys.stderr.write(f"{len(rows)} rows, {found.hexdigest()[:8]}\n")
        return found.hexdigest()

    def wrong_points(self, day):
        """Return what does not hold of the points, and awards that differ anew."""
        with self.cursor() as env:
            rows = env["retention.points.check"]._run(env.company)
            failed = rows.filtered(lambda row: row.state != "ok").mapped("code")
            program = env["retention.points.program"].search([], limit=1)
            changed = env["retention.points.award"]._rebuild(program, day)
            return {
                "failed": failed,
                "changed": changed,
                "entries": env["retention.points.entry"].search_count([]),
            }

    def differing(self, day):
        """Judge everybody anew; return how many of the profiles were not right."""
        with self.cursor() as env:
            judge = self.score_step.ScoreSQL(env.company, day)
            statement = judge.recompute(lambda column: SQL("TRUE"))
            [(seen, updated, inserted)] = env.execute_query(statement)
            env.cr.rollback()
            return {"seen": seen, "wrong": updated + inserted}

    # ---- processes ---------------------------------------------------------------

    def fork(self, work):
        """Start ``work`` in a process of its own; return its id once it has begun."""
        odoo.sql_db.close_all()
        begun, tell = os.pipe()
        child = os.fork()
        if not child:
            os.write(tell, b"x")
            self._work_and_exit(work)
        os.close(tell)
        os.read(begun, 1)
        os.close(begun)
        return child

    def _work_and_exit(self, work):
        """What the forked process does: the work and nothing else of this one."""
        status = 1
        try:
            work()
            status = 0
        except Exception:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(status)

    def job(self):
        """What the scheduled job does with the runs that are open."""
        with self.cursor() as env:
            runs = env["retention.run"]
            open_runs = runs.search(runs._get_open_domain(), order="id")
            open_runs._execute(env["ir.cron"]._commit_progress)

    def wait_for(self, step):
        """Wait until a pass has come to ``step``; return whether it is in it."""
        ended = time.monotonic() + 60
        while time.monotonic() < ended:
            with self.cursor() as env:
                env.cr.execute(
                    "SELECT step FROM retention_run WHERE state <> 'done'"
                    " ORDER BY id LIMIT 1"
                )
                [now] = env.cr.fetchone() or [None]
            if not now or self.steps.index(now) > self.steps.index(step):
                return False
            if now == step:
                return True
            time.sleep(0.005)
        return False

    def run_killed(self, kills):
        """Run the open runs, killing the process in these steps; count where."""
        done = Counter()
        kills = list(kills)
        while self.is_open():
            child = self.fork(self.job)
            step = kills.pop(0) if kills else None
            if step and self.wait_for(step):
                time.sleep(self.chance.uniform(0.0, 0.06))
                os.kill(child, signal.SIGKILL)
            _pid, status = os.waitpid(child, 0)
            done[step] += os.WIFSIGNALED(status)
            if os.WIFEXITED(status) and os.WEXITSTATUS(status):
                raise SystemExit(f"the job failed after {dict(done)}")
        return done

    # ---- the bad days --------------------------------------------------------------

    def two_passes(self, kills):
        """The first evaluation and a night after; return (kills by step, state)."""
        self.sql(RESET)
        self.plan("full", DAY)
        count = self.run_killed(kills)
        tomorrow = DAY + timedelta(days=1)
        self.sql(CHANGE, day=tomorrow)
        self.plan("night", tomorrow)
        count += self.run_killed(kills)
        return count, self.state()

    def user(self, seconds):
        """Somebody who recalculates and decides while the job runs."""
        end = time.monotonic() + seconds
        chance = random.Random(os.getpid())
        while time.monotonic() < end:
            with self.cursor() as env:
                retrying(lambda env=env: self.one_click(env, chance), env)

    def one_click(self, env, chance):
        ids = env["retention.profile"].search([]).ids
        if not ids:
            return
        profiles = env["retention.profile"].browse(chance.sample(ids, 5))
        profiles._recalculate(profiles.partner_id, env.company, DAY)
        profiles.write({"override_reason": "seen"})
        profiles.partner_id.write({"comment": "edited"})

    def till(self, seconds):
        """Sales that come in while the job runs, each with its mark."""
        end = time.monotonic() + seconds
        chance = random.Random(7)
        number = 0
        while time.monotonic() < end:
            with self.cursor() as env:
                partners = env["res.partner"].search([("ref", "=", "crash")]).ids
                number += 1
                env["retention.purchase"].create(
                    {
                        "partner_id": chance.choice(partners),
                        "date": DAY,
                        "amount": 5,
                        "reference": f"T-{os.getpid()}-{number}",
                    }
                )

    def busy_day(self, seconds):
        """Job, users and sales at once; then one light pass: is everybody right?"""
        self.sql(RESET)
        self.plan("full", DAY)
        children = [
            self.fork(self.job),
            self.fork(lambda: self.user(seconds)),
            self.fork(lambda: self.user(seconds)),
            self.fork(lambda: self.till(seconds)),
        ]
        failed = [os.waitstatus_to_exitcode(os.waitpid(c, 0)[1]) for c in children]
        for _light in range(2):
            self.plan("light", DAY)
            self.job()
        with self.cursor() as env:
            runs = env["retention.run"].search([])
            found = {
                "exits": failed,
                "runs": [*set(runs.mapped("state"))],
                "errors": sum(runs.mapped("errors")),
                "sales": env["retention.purchase"].search_count(
                    [("reference", "like", "T-%")]
                ),
                "marks": env["retention.mark"].search_count([]),
                "unplaced": env["retention.profile"].search_count(
                    [("tier_id", "=", False), ("purchase_count", ">", 0)]
                ),
            }
        return found | self.differing(DAY)


@contextlib.contextmanager
def _environment(registry):
    """An environment with a cursor of its own, committed at the end."""
    with registry.cursor() as cr:
        yield api.Environment(cr, api.SUPERUSER_ID, {})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--seconds", type=float, default=6)
    options = parser.parse_args()
    config.parse_config(
        ["-c", options.config, "-d", options.database, "--log-level=critical"]
    )
    worker = Worker(options.database)
    worker.sql(FILL)
    _none, undisturbed = worker.two_passes(())
    kills, disturbed = worker.two_passes(KILLED)
    found = {
        "kills": kills,
        "same": undisturbed == disturbed,
        "after_kills": worker.differing(DAY + timedelta(days=1)),
        "points": worker.wrong_points(DAY + timedelta(days=1)),
        "busy": worker.busy_day(options.seconds),
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
