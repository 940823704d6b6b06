"""What benchmarks share: a scratch database, passes as the job runs them, a line."""

import argparse
import logging
import resource
import time

import psycopg2.extensions

import odoo
from odoo import api
from odoo.modules.registry import Registry
from odoo.tools import SQL, config

COMPARING = ("compare", "shares")  # parts that read all customers at once


class Bench:
    """One database, one company, and the measurements on them."""

    def __init__(self, args):
        config.parse_config(
            ["-c", args.config, "-d", args.database, "--log-level=warn"]
        )
        logging.getLogger("odoo").setLevel(logging.WARNING)
        self.database = args.database
        self.customers, self.orders = args.customers, args.orders
        if args.large:
            self.customers, self.orders = 1_000_000, 10_000_000
        self.rounds = args.rounds
        self.longest = {"write": 0.0, "compare": 0.0}
        Registry(args.database)

    def work(self, job):
        """Run ``job(env)`` in a transaction of its own; return its answer."""
        with Registry(self.database).cursor() as cr:
            return job(api.Environment(cr, api.SUPERUSER_ID, {}))

    def evaluate(self, kind, day, steps=None):
        """Run one pass as the scheduled job does; return seconds and counts.

        :param steps: only these steps of the pass.
        """

        def job(env):
            runs = env["retention.run"]._plan(env.company, kind, day)
            runs = runs.filtered(lambda run: not steps or run.step in steps)
            env.cr.commit()
            last, part = [time.monotonic()], [None]

            def checkpoint(*_args, **_options):
                env.cr.commit()
                now = time.monotonic()
                does = "compare" if part[0] in COMPARING else "write"
                self.longest[does] = max(self.longest[does], now - last[0])
                last[0] = now
                working = runs.filtered(lambda run: run.state == "running")
                part[0] = (working[:1].cursor or {}).get("part")
                return float("inf")

            start = last[0]
            runs._execute(checkpoint)
            seconds = time.monotonic() - start
            if "failed" in runs.mapped("state"):
                raise SystemExit(f"a step failed: {runs.mapped('message')}")
            return seconds, sum(runs.mapped("seen")), sum(runs.mapped("changed"))

        return self.work(job)

    def sql(self, statement, **values):
        """Execute a plain statement, committed; return (seconds, row count)."""

        def job(env):
            start = time.monotonic()
            env.cr.execute(statement, values)
            env.cr.commit()
            return time.monotonic() - start, env.cr.rowcount

        return self.work(job)

    def vacuum(self, *tables):
        """Bring statistics and visibility of these tables up to date."""
        connection = odoo.sql_db.db_connect(self.database)
        with connection.cursor() as cr:
            cr._cnx.set_isolation_level(psycopg2.extensions.ISOLATION_LEVEL_AUTOCOMMIT)
            for table in tables:
                cr.execute(SQL("VACUUM ANALYZE %s", SQL.identifier(table)))


def parser(description):
    """Return the parser of the options that every benchmark takes."""
    result = argparse.ArgumentParser(description=description.splitlines()[0])
    result.add_argument("--database", required=True)
    result.add_argument("--config", required=True)
    result.add_argument("--customers", type=int, default=200_000)
    result.add_argument("--orders", type=int, default=2_000_000)
    result.add_argument("--large", action="store_true", help="1 million, 10 million")
    result.add_argument("--rounds", type=int, default=3, help="of each, in turn")
    return result


def memory():
    """Return the most memory this process had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say_result(name, result):
    """Print the one line that every benchmark ends with."""
    figures = " ".join(
        f"{key}={value:.3f}" if isinstance(value, float) else f"{key}={value}"
        for key, value in result.items()
    )
    print(f"BENCH {name} {figures}")
