"""Senders at the same time, in a scratch database: does anybody get too much?

Processes with connections of their own, which really commit. What was found goes to
the standard output as JSON, for :mod:`tests.test_race` to judge.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import sys
import traceback

import odoo
from odoo import api, fields
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import config

ROUNDS = 8
SENDERS = 3
PEOPLE = 140  # more than Odoo sends at once: the mails stay in the queue


class Race:
    def __init__(self, database):
        self.database = database
        self.registry = Registry(database)
        self.tries = 0  # of this process

    @contextlib.contextmanager
    def env(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, api.SUPERUSER_ID, {})

    def prepare(self):
        with self.env() as env:
            env["retention.cap"].search([]).unlink()
            env["retention.cap"].create(
                {
                    "name": "One a day",
                    "most": 1,
                    "window_hours": 24,
                    "when_capped": "skip",
                }
            )
            people = env["res.partner"].create(
                [
                    {"name": f"Race {n}", "email": f"race{n}@example.com"}
                    for n in range(PEOPLE)
                ]
            )
            env["res.users"].browse(api.SUPERUSER_ID).email = "us@example.com"
            return people.ids

    # ---- one customer, several senders ---------------------------------------------

    def send_once(self, env, customer_id, is_held, barrier):
        """What every sender does: hold, judge, send."""
        from odoo.addons.crm_retention.tools import caps

        env.cr.execute("SELECT 1")  # from here on it sees the database as of now
        if not self.tries:
            barrier.wait(timeout=20)  # only the first try is simultaneous
        self.tries += 1
        guard, company = env["retention.guard"], env.company
        if is_held:
            guard._hold(company, [customer_id])
        mail = env.ref("crm_retention.channel_email").id
        request = caps.Request(customer_id, customer_id, mail, "promotion")
        [verdict] = guard._judge(company, [request])
        if verdict.state == caps.ALLOWED:
            env["retention.touch"].create(
                {
                    "partner_id": customer_id,
                    "channel_id": mail,
                    "category": "promotion",
                    "state": "done",
                    "done_at": fields.Datetime.now(),
                }
            )

    def sender(self, customer_id, is_held, barrier):
        with self.env() as env:
            retrying(lambda: self.send_once(env, customer_id, is_held, barrier), env)

    def race_for(self, customer_id, is_held):
        """Let several senders run at once; return how many contacts came of it."""
        barrier = multiprocessing.Barrier(SENDERS)
        self.together(
            [lambda: self.sender(customer_id, is_held, barrier)] * SENDERS,
        )
        with self.env() as env:
            return env["retention.touch"].search_count(
                [("partner_id", "=", customer_id), ("state", "=", "done")]
            )

    # ---- two mailings at once ------------------------------------------------------

    def make_mailing(self, ids, name):
        with self.env() as env:
            mailing = env["mailing.mailing"].create(
                {
                    "subject": name,
                    "name": name,
                    "body_html": "<p>Spring</p>",
                    "mailing_model_id": env["ir.model"]._get_id("res.partner"),
                    "mailing_domain": repr([("id", "in", ids)]),
                    "state": "in_queue",
                }
            )
            return mailing.id

    def send_mailing(self, mailing_id, barrier):
        with self.env() as env:
            mailing = env["mailing.mailing"].browse(mailing_id)
            env.cr.execute("SELECT 1")
            barrier.wait(timeout=20)
            mailing._action_send_mail()

    def race_of_mailings(self, ids):
        """Return (most mails to one person, persons with none, states)."""
        mailings = [self.make_mailing(ids, f"Mailing {n}") for n in range(2)]
        barrier = multiprocessing.Barrier(2)
        self.together(
            [lambda m=mailing: self.send_mailing(m, barrier) for mailing in mailings]
        )
        most_at_first = self.mails_each(ids)[0]
        with self.env() as env:
            waiting = env["mailing.mailing"].browse(mailings)
            waiting = waiting.filtered(lambda mailing: mailing.state == "in_queue")
            waiting.write({"schedule_date": False, "schedule_type": "now"})
        with self.env() as env:
            env["mailing.mailing"]._process_mass_mailing_queue()
        most, none = self.mails_each(ids)
        with self.env() as env:
            states = env["mailing.mailing"].browse(mailings).mapped("state")
        return {
            "most_at_first": most_at_first,
            "most": most,
            "none": none,
            "states": states,
        }

    def mails_each(self, ids):
        with self.env() as env:
            rows = env["mailing.trace"]._read_group(
                [("model", "=", "res.partner"), ("res_id", "in", ids)],
                ["res_id"],
                ["__count"],
            )
            counts = dict(rows)
            return max(counts.values(), default=0), len(set(ids) - set(counts))

    # ---- processes -----------------------------------------------------------------

    def together(self, works):
        odoo.sql_db.close_all()
        children = []
        for work in works:
            child = os.fork()
            if not child:
                self.work_and_exit(work)
            children.append(child)
        for child in children:
            _pid, status = os.waitpid(child, 0)
            if os.waitstatus_to_exitcode(status):
                raise RuntimeError("A sender failed")

    def work_and_exit(self, work):
        status = 1
        try:
            work()
            status = 0
        except Exception:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(status)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--database", required=True)
    options = parser.parse_args()
    config.parse_config(
        ["-c", options.config, "-d", options.database, "--log-level=critical"]
    )
    race = Race(options.database)
    ids = race.prepare()
    held, free = ids[:ROUNDS], ids[ROUNDS : 2 * ROUNDS]
    found = {
        "held": [race.race_for(customer_id, True) for customer_id in held],
        "free": [race.race_for(customer_id, False) for customer_id in free],
        "mailings": race.race_of_mailings(ids[2 * ROUNDS :]),
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
