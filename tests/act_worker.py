"""A program that kills the act step again and again, in a scratch database.

As :mod:`tests.worker`, whose processes it uses; judged by :mod:`tests.test_act_crash`.
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

from odoo.tools import config

sys.path.insert(0, str(Path(__file__).parent))
from worker import Worker  # noqa: E402

MAILS, CALLS = 1500, 300
PREPARE = """
UPDATE retention_contact_policy SET active = FALSE;
UPDATE retention_cap SET active = FALSE;
UPDATE res_company SET retention_sending = TRUE WHERE id = %(company)s;
INSERT INTO res_partner (name, complete_name, ref, active, type, autopost_bills, email,
                         email_normalized)
SELECT 'Crash ' || n, 'Crash ' || n, 'crash', TRUE, 'contact', 'ask',
       'crash' || n || '@example.com', 'crash' || n || '@example.com'
  FROM generate_series(1, %(mails)s) n;
UPDATE res_partner SET commercial_partner_id = id WHERE ref = 'crash';
"""
PLAN = """
INSERT INTO retention_touch (partner_id, company_id, channel_id, cadence_id, direction,
                             category, state, due_date, user_id, origin, reason,
                             is_bulk, is_real)
SELECT id, %(company)s, %(channel)s, %(line)s, 'out', 'relationship', 'planned',
       %(day)s, %(user)s, 'plan', 'Planned', FALSE, FALSE
  FROM res_partner WHERE ref = 'crash' ORDER BY id LIMIT %(limit)s;
"""
FOUND = """
SELECT (SELECT count(*) FROM retention_touch WHERE cadence_id = %(mail)s) AS touches,
       (SELECT count(*) FROM mail_mail) AS mails,
       (SELECT count(DISTINCT res_partner_id)
          FROM mail_mail_res_partner_rel) AS persons,
       (SELECT count(*) FROM retention_touch touch
         WHERE cadence_id = %(mail)s
           AND NOT EXISTS (SELECT FROM mail_mail_res_partner_rel rel
                            WHERE rel.mail_mail_id = touch.mail_id
                              AND rel.res_partner_id = touch.partner_id)) AS unlinked,
       (SELECT count(*) FROM retention_touch
         WHERE cadence_id = %(mail)s AND state <> 'done') AS not_done,
       (SELECT count(*) FROM retention_touch WHERE cadence_id = %(call)s) AS calls,
       (SELECT count(*) FROM mail_activity activity
          JOIN retention_touch touch ON touch.activity_id = activity.id
         WHERE touch.cadence_id = %(call)s
           AND activity.res_id = touch.partner_id) AS activities,
       (SELECT COALESCE(sum(errors), 0) FROM retention_run) AS errors
"""


class ActWorker(Worker):
    def prepare(self):
        from odoo.addons.crm_retention.models.actions import act_step

        act_step.BATCH = 60  # many commits, so that a kill falls between some
        self.sql(
            "DELETE FROM retention_run; DELETE FROM retention_mark;"
            "DELETE FROM retention_touch; DELETE FROM mail_mail;"
        )
        self.sql(PREPARE, mails=MAILS)
        with self.cursor() as env:
            ids = self.make_policy(env)
        for name, count in (("mail", MAILS), ("call", CALLS)):
            self.sql(PLAN, line=ids[name], limit=count, day=ids["day"], **ids["all"])
        return ids

    def make_policy(self, env):
        template = env["mail.template"].create(
            {
                "name": "Crash",
                "model_id": env["ir.model"]._get_id("res.partner"),
                "subject": "News for {{ object.name }}",
                "body_html": "<p t-out='object.name'/>",
                "partner_to": "{{ object.id }}",
            }
        )
        channel = env.ref("crm_retention.channel_email")
        policy = env["retention.contact.policy"].create({"name": "Crash"})
        shared = {"policy_id": policy.id, "channel_id": channel.id}
        mail, call = env["retention.cadence"].create(
            [
                shared
                | {
                    "name": "Mail",
                    "mode": "automatic",
                    "mail_template_id": template.id,
                },
                shared | {"name": "Call"},
            ]
        )
        day = env.company._retention_today()
        everywhere = {"channel": channel.id, "user": env.ref("base.user_admin").id}
        return {"mail": mail.id, "call": call.id, "day": day, "all": everywhere}

    def plan_act(self, day):
        with self.cursor() as env:
            env["retention.run"].create(
                {
                    "company_id": env.company.id,
                    "step": "act",
                    "kind": "night",
                    "as_of": day,
                }
            )

    def count(self):
        with self.cursor() as env:
            env.cr.execute("SELECT count(*) FROM mail_mail")
            return env.cr.fetchone()[0]

    def kill_often(self, kills):
        """Run the step, killed ``kills`` times while it works; count what it cut."""
        done = cut_off = 0
        while self.is_open():
            before = self.count()
            child = self.fork(self.job)
            if done < kills:
                # once it has committed something, somewhere in the next batches
                while self.count() == before and not _is_over(child):
                    time.sleep(0.02)
                time.sleep(self.chance.uniform(0.0, 0.3))
                os.kill(child, signal.SIGKILL)
                cut_off += before < self.count() < MAILS
            _pid, status = os.waitpid(child, 0)
            done += os.WIFSIGNALED(status)
            if os.WIFEXITED(status) and os.WEXITSTATUS(status):
                return -1, cut_off
        return done, cut_off


def _is_over(child):
    """Tell whether the process has ended, without taking its status away."""
    found = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    return found is not None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--kills", type=int, default=5)
    options = parser.parse_args()
    config.parse_config(
        ["-c", options.config, "-d", options.database, "--log-level=critical"]
    )
    worker = ActWorker(options.database)
    ids = worker.prepare()
    worker.plan_act(ids["day"])
    kills, cut_off = worker.kill_often(options.kills)
    worker.plan_act(ids["day"])  # another pass finds nothing to do
    worker.job()
    with worker.cursor() as env:
        env.cr.execute(FOUND, ids)
        found = env.cr.dictfetchone()
    found |= {"kills": kills, "cut_off": cut_off}
    sys.stdout.write(json.dumps(found, default=int))


if __name__ == "__main__":
    main()
