"""The database is torn down in the middle of settling and spending: nothing is lost.

On a server of its own (a copy of the database on it), because it is restarted with
``pg_ctl restart -m immediate``, which is what pulling the plug does. Meanwhile the
job settles and people spend; whoever was told that his points were spent must find
them spent, once. Ends with the line ``BENCH points_crash key=value …``.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from _common import say_result

import odoo
from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tools import config

from devtools import paths, postgres
from tests.worker import DAY, FILL, RESET, Worker


class ScratchCluster(postgres.Cluster):
    """A server of our own that may be torn down."""

    def __init__(self):
        super().__init__()
        self.root = paths.CACHE / f"postgres-scratch-{os.getpid()}"
        self.data = self.root / "data"
        self.socket = self._socket_folder()

    def begin(self, source, database):
        """Start it with a copy of ``database`` as it is on ``source``."""
        self.root.mkdir(parents=True)
        self._initialise()
        self._start()
        self._create_role()
        there = ["-h", str(self.socket), "-U", "odoo"]
        with tempfile.NamedTemporaryFile() as copy:
            dump = [self.bin / "pg_dump", "-h", source, "-U", "odoo", "-Fc", "-f"]
            subprocess.run([*dump, copy.name, database], check=True)
            subprocess.run([self.bin / "createdb", *there, database], check=True)
            restore = [self.bin / "pg_restore", *there, "-d", database, "--no-comments"]
            subprocess.run([*restore, copy.name], check=True)

    def pull_the_plug(self):
        """Stop every process of the server at once, and start it again."""
        command = [str(part) for part in self._pg_ctl("-m", "immediate", "stop")]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, **self._as_owner()
        )
        self._start()

    def end(self):
        """Stop it and forget it."""
        subprocess.run(
            [str(part) for part in self._pg_ctl("-m", "immediate", "stop")],
            check=False,
            stdout=subprocess.DEVNULL,
            **self._as_owner(),
        )
        shutil.rmtree(self.root, ignore_errors=True)


class CrashBench(Worker):
    def __init__(self, database, cluster):
        super().__init__(database)
        self.cluster = cluster
        self.told = Path(tempfile.mkdtemp()) / "told.jsonl"
        self.told.touch()

    def plan_settling(self):
        """Plan one pass over everything, of which only the last step is to be done."""
        self.plan("full", DAY)
        with self.cursor() as env:
            env["retention.run"].search([("step", "!=", "settle")]).unlink()

    def earned(self):
        """Return what documents earned, without numbers that depend on the order."""
        with self.cursor() as env:
            env.cr.execute(
                """SELECT res_model, res_id, points FROM retention_points_entry
                    WHERE kind = 'earn' ORDER BY 1, 2, 3"""
            )
            return env.cr.fetchall()

    def post(self, account, key):
        from odoo.addons.crm_retention.tools import points

        posting = points.Posting(
            account, key, points.REDEEM, -1, res_model="res.partner"
        )
        with self.cursor() as env:
            program = env["retention.points.account"].browse(account).program_id
            accounts = env["retention.points.account"]
            retrying(lambda: accounts._post(program, [posting], DAY), env)

    def spend(self):
        """Spend single points, and write down each time what was promised."""
        chance = random.Random(os.getpid())
        with self.told.open("a") as told:
            while True:
                with self.cursor() as env:
                    accounts = env["retention.points.account"]
                    ids = accounts.search([("available", ">", 0)], limit=200).ids
                if not ids:
                    time.sleep(0.05)
                    continue
                account = chance.choice(ids)
                key = f"redeem:{os.getpid()}:{time.monotonic_ns()}"
                try:
                    self.post(account, key)
                except UserError:
                    continue
                told.write(json.dumps([account, key]) + "\n")
                told.flush()

    def run(self, restarts, chance):
        """Settle and spend, torn down so often; return how long each took."""
        back = []
        for _restart in range(restarts):
            children = [
                self.fork(self.job),
                self.fork(self.spend),
                self.fork(self.spend),
            ]
            time.sleep(chance.uniform(0.2, 2))
            odoo.sql_db.close_all()
            start = time.monotonic()
            self.cluster.pull_the_plug()
            back.append(time.monotonic() - start)
            for child in children:
                os.kill(child, 9)
                os.waitpid(child, 0)
            odoo.sql_db.close_all()
        while self.is_open():
            self.job()
        return back

    def is_open(self):
        """Also runs that failed when the ground went away are to be finished."""
        with self.cursor() as env:
            failed = env["retention.run"].search([("state", "=", "failed")])
            failed.write({"state": "todo", "attempts": 0, "finished_at": False})
            return env["retention.run"].search_count([("state", "!=", "done")])

    def missing(self):
        """Return (promises, those not kept exactly once); tell each once more."""
        promised = [json.loads(line) for line in self.told.read_text().splitlines()]
        for account, key in promised:
            self.post(account, key)
        with self.cursor() as env:
            env.cr.execute("SELECT key FROM retention_points_entry")
            keys = [row[0].split(":", 1)[1] for row in env.cr.fetchall()]
        wrong = sum(keys.count(key) != 1 for _account, key in promised)
        return len(promised), wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--restarts", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    cluster = ScratchCluster()
    try:
        cluster.begin(os.environ["PGHOST"], options.database)
        os.environ["PGHOST"] = str(cluster.socket)
        line = ["-c", options.config, "-d", options.database, "--log-level=critical"]
        config.parse_config([*line, f"--db_host={cluster.socket}"])
        bench = CrashBench(options.database, cluster)
        bench.sql(FILL)
        for kind in ("undisturbed", "disturbed"):
            bench.sql(RESET)
            bench.plan_settling()
            if kind == "undisturbed":
                bench.job()
                expected = bench.earned()
        back = bench.run(options.restarts, random.Random(options.seed))
        promises, wrong = bench.missing()
        points = bench.wrong_points(DAY)
        say_result(
            "points_crash",
            {
                "restarts": options.restarts,
                "back_s": max(back),
                "earned": len(expected),
                "earned_differs": int(bench.earned() != expected),
                "promises": promises,
                "promises_broken": wrong,
                "failed_checks": len(points["failed"]),
                "awards_differ": points["changed"],
            },
        )
    finally:
        cluster.end()


if __name__ == "__main__":
    main()
