"""Killed workers, users at the same time: nothing is lost, nothing is done twice.

In a scratch copy of the test database, by processes that really commit and are
really killed.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import psycopg2.errors
from psycopg2 import sql

import odoo

WORKER = Path(__file__).with_name("worker.py")


def drop_in_time(cursor, statement, tries=20):
    """Drop a database; again while the server's own cleaning is at work in it.

    An ordinary role may not end that worker, which goes by itself soon.
    """
    for left in reversed(range(tries)):
        try:
            cursor.execute(statement)
            return
        except psycopg2.errors.InsufficientPrivilege:
            if not left:
                raise
            time.sleep(1)


@contextlib.contextmanager
def scratch_copy(source):
    """Copy a database under a name of our own; drop the copy at the end."""
    name = f"{source}_crash_{os.getpid()}"
    connection = psycopg2.connect(dbname="postgres")
    connection.autocommit = True
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    try:
        with connection.cursor() as cursor:
            cursor.execute(drop.format(sql.Identifier(name)))
            odoo.sql_db.close_db(source)  # a template must not be in use
            cursor.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(source)
                )
            )
            yield name
            drop_in_time(cursor, drop.format(sql.Identifier(name)))
    finally:
        with contextlib.suppress(psycopg2.Error), connection.cursor() as cursor:
            cursor.execute(drop.format(sql.Identifier(name)))
        connection.close()


def work(database, program=WORKER.name):
    line = [sys.executable, "-W", "ignore", str(WORKER.with_name(program))]
    line += ["--config", os.environ["CRM_RETENTION_CONF"], "--database", database]
    done = subprocess.run(
        line, capture_output=True, text=True, timeout=400, cwd=WORKER.parents[1]
    )
    assert done.returncode == 0, done.stderr[-5000:]
    sys.stderr.write(done.stderr)  # shown by pytest if the test fails
    return json.loads(done.stdout)


def test_killed_and_disturbed():
    with scratch_copy(os.environ["CRM_RETENTION_DB"]) as database:
        found = work(database)
    # killed many times in the middle, it ends as if nothing had happened
    for step in ("score", "place", "stage", "watch", "plan", "settle", "measure"):
        assert found["kills"].get(step), found
    assert sum(found["kills"].values()) >= 8, found
    assert found["same"], found
    assert found["after_kills"]["seen"] >= 1500, found
    assert found["after_kills"]["wrong"] == 0, found
    assert found["points"]["entries"] > 3000, found
    assert found["points"]["failed"] == [], found
    assert found["points"]["changed"] == 0, found
    # and with people and tills at work everybody ends up judged by all his documents
    busy = found["busy"]
    assert busy["exits"] == [0, 0, 0, 0], found
    assert busy["runs"] == ["done"], found
    assert busy["errors"] == 0, found
    assert busy["sales"] > 10, found
    assert busy["marks"] == 0, found
    assert busy["wrong"] == 0, found
    assert busy["unplaced"] == 0, found
