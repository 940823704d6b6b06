"""Spenders and tellers at the same moment, in a scratch database.

Threads with connections of their own, which really commit and are retried as Odoo
retries a request. What was found goes to the standard output as JSON, for
:mod:`tests.test_points_race` to judge.
"""

import argparse
import contextlib
import json
import random
import sys
import threading
import time
from collections import Counter
from datetime import date

from odoo import api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import config

DAY = date(2024, 6, 15)
SPENDERS = 40
FUNDED_FOR = 20
PRICE = 5
TELLERS = 2
ALTERED = 20  # every so many-th event is told differently the last time


class Race:
    def __init__(self, database):
        self.registry = Registry(database)
        # only now are the addons found
        from odoo.addons.crm_retention.tools import points

        self.tools = points
        with self.env() as env:
            self.program = env["retention.points.program"].create(
                {"name": "Race", "start_date": DAY}
            )
            self.product = env["product.product"].create({"name": "Race"})

    @contextlib.contextmanager
    def env(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, api.SUPERUSER_ID, {})

    def in_threads(self, jobs):
        """Run jobs at the same time; return their answers, or what they raised."""
        barrier = threading.Barrier(len(jobs))
        answers = [None] * len(jobs)

        def run(place, job):
            try:
                barrier.wait(timeout=60)
                answers[place] = job()
            except Exception as error:
                answers[place] = error

        threads = [
            threading.Thread(target=run, args=row, daemon=True)
            for row in enumerate(jobs)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def accounts(self, count):
        """Make customers with empty accounts; return the accounts' ids."""
        with self.env() as env:
            people = env["res.partner"].create([{"name": "Race"} for _ in range(count)])
            return list(
                env["retention.points.account"]
                ._open(env[self.program._name].browse(self.program.id), people.ids)
                .values()
            )

    def post(self, posting):
        """Post as a request does, tried again when others were faster."""
        with self.env() as env:
            program = env["retention.points.program"].browse(self.program.id)
            account = env["retention.points.account"]
            return retrying(lambda: account._post(program, [posting], DAY), env)

    def posting(self, account, key, kind, number):
        return self.tools.Posting(
            account,
            key,
            kind,
            number,
            res_model="product.product",
            res_id=self.product.id,
            reason="Race",
        )

    # ---- one account, many spenders --------------------------------------------------

    def spend_at_once(self, number):
        """Let all spend from one account at once; return what came of it."""
        [account] = self.accounts(1)
        tools = self.tools
        self.post(
            self.posting(account, f"fund:{number}", tools.EARN, PRICE * FUNDED_FOR)
        )
        start = time.monotonic()
        answers = self.in_threads(
            [
                lambda n=n: self.post(
                    self.posting(account, f"spend:{number}:{n}", tools.REDEEM, -PRICE)
                )
                for n in range(SPENDERS)
            ]
        )
        seconds = time.monotonic() - start
        refused = sum(isinstance(answer, UserError) for answer in answers)
        accepted = sum(isinstance(answer, dict) for answer in answers)
        with self.env() as env:
            row = env["retention.points.account"].browse(account)
            lowest = min(row.entry_ids.mapped("balance_after"))
            left = row.available
        return {
            "accepted": accepted,
            "refused": refused,
            "gave_up": SPENDERS - accepted - refused,
            "lowest": lowest,
            "left": left,
            "seconds": seconds,
        }

    # ---- the last one of a reward ----------------------------------------------------

    def last_one(self, customers):
        """Let customers exchange the last one of a reward at once; who got it?"""
        accounts = self.accounts(customers)
        for account in accounts:
            self.post(self.posting(account, f"gift:{account}", self.tools.EARN, 50))
        with self.env() as env:
            reward = env["retention.reward"].create(
                {
                    "name": "The last one",
                    "program_id": self.program.id,
                    "kind": "gift",
                    "cost": 50,
                    "is_limited": True,
                    "stock": 1,
                }
            )

        def exchange(account):
            with self.env() as env:
                mine = env["retention.points.account"].browse(account)
                offer = env["retention.reward"].browse(reward.id)
                return retrying(lambda: offer._exchange(mine, f"key-{account}").id, env)

        answers = self.in_threads(
            [lambda account=account: exchange(account) for account in accounts]
        )
        with self.env() as env:
            env["retention.reward"].browse(reward.id).invalidate_recordset()
            return {
                "got_it": sum(isinstance(answer, int) for answer in answers),
                "refused": sum(isinstance(answer, UserError) for answer in answers),
                "taken": env["retention.reward"].browse(reward.id).taken,
                "exchanges": env["retention.reward.exchange"].search_count(
                    [("reward_id", "=", reward.id)]
                ),
                "left": sum(
                    env["retention.points.account"].browse(accounts).mapped("balance")
                ),
            }

    # ---- events told several times ---------------------------------------------

    def tell(self, events):
        """Tell each event; return how many were accepted and refused."""
        count = Counter()
        for account, key, number in events:
            try:
                self.post(self.posting(account, key, self.tools.EARN, number))
                count["accepted"] += 1
            except UserError:
                count["refused"] += 1
        return count

    def events_told_thrice(self, number):
        """Tell events twice at once and once more, some differently; count."""
        accounts = self.accounts(max(2, number // 20))
        chance = random.Random(5)
        events = [
            (chance.choice(accounts), f"event:{n}", chance.randint(1, 50))
            for n in range(number)
        ]
        answers = self.in_threads([lambda: self.tell(events)] * TELLERS)
        again = [
            (account, key, points + (n % ALTERED == 0))
            for n, (account, key, points) in enumerate(events)
        ]
        answers.append(self.tell(again))
        with self.env() as env:
            entries = env["retention.points.entry"].search(
                [("key", "like", f"{self.program.id}:event:")]
            )
            return {
                "told": [dict(answer) for answer in answers],
                "entries": len(entries),
                "points": sum(entries.mapped("points")),
                "expected_points": sum(event[2] for event in events),
                "altered": len(range(0, number, ALTERED)),
            }

    def checks(self):
        """Return the invariants that do not hold."""
        with self.env() as env:
            rows = env["retention.points.check"]._run(self.program_of(env).company_id)
            failed = rows.filtered(lambda row: row.state != "ok").mapped("code")
            changed = env["retention.points.award"]._rebuild(self.program_of(env), DAY)
            return [*failed, *(["rebuild"] if changed else [])]

    def program_of(self, env):
        return env["retention.points.program"].browse(self.program.id)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--events", type=int, default=200)
    options = parser.parse_args()
    config.parse_config(
        ["-c", options.config, "-d", options.database, "--log-level=critical"]
    )
    race = Race(options.database)
    found = {
        "spending": [race.spend_at_once(n) for n in range(options.rounds)],
        "last_one": race.last_one(12),
        "events": race.events_told_thrice(options.events),
        "failed_checks": race.checks(),
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
