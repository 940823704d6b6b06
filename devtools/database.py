"""Databases: prepared ones with all we depend on, and copies with our addons."""

import contextlib
import json
import os
import shutil
import time
from pathlib import Path

import psycopg2
import psycopg2.errors
from psycopg2.extensions import AsIs

from . import debian, odoo, paths, python_env, ui
from .ui import Problem


@contextlib.contextmanager
def _cursor(dbname="postgres"):
    try:
        connection = psycopg2.connect(dbname=dbname)
    except psycopg2.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise Problem(f"The database server cannot be used: {reason}") from error
    connection.autocommit = True
    with contextlib.closing(connection), connection.cursor() as cursor:
        yield cursor


def _execute(query, *arguments):
    with _cursor() as cursor:
        cursor.execute(query, arguments)


def query(database, text, *arguments):
    """Rows of one question to one database."""
    with _cursor(database) as cursor:
        cursor.execute(text, arguments)
        return cursor.fetchall()


def names():
    """Every database there is."""
    return [row[0] for row in query("postgres", "SELECT datname FROM pg_database")]


def filestore(name):
    """Where Odoo keeps a database's files."""
    return odoo.data_dir() / "filestore" / name


def drop(name):
    """Remove a database and its files, whoever is connected.

    While the server's own cleaning is at work in it, an ordinary role may not: it is
    soon over.
    """
    for tries_left in reversed(range(30)):
        try:
            _execute('DROP DATABASE IF EXISTS "%s" WITH (FORCE)', AsIs(name))
            break
        except psycopg2.errors.InsufficientPrivilege:
            if not tries_left:
                raise
            time.sleep(1)
    shutil.rmtree(filestore(name), ignore_errors=True)


def copy(source, name):
    """A new database like another one, with its files."""
    drop(name)
    with ui.step(f"Database {name}: copy of {source}"):
        _execute('CREATE DATABASE "%s" TEMPLATE "%s"', AsIs(name), AsIs(source))
        if filestore(source).exists():
            # Odoo never writes into a file it has stored, so a link will do.
            shutil.copytree(filestore(source), filestore(name), copy_function=os.link)


def facts(name):
    """What we noted about a database: its checkout, its sources."""
    rows = query(
        "postgres",
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname = %s",
        name,
    )
    with contextlib.suppress(TypeError, ValueError, IndexError):
        return json.loads(rows[0][0])
    return {}


def note(name, **changes):
    """Note something about a database, beside what is noted already."""
    known = facts(name) | {"repo": str(paths.REPO)} | changes
    _execute('COMMENT ON DATABASE "%s" IS %s', AsIs(name), json.dumps(known))


def prepared_name(demo):
    """The prepared database for these versions and dependencies."""
    version = (paths.stamp(debian.odoo_root()) or {}).get("version")
    name = paths.key(version, python_env.pins(), paths.dependencies())
    return f"{'demo' if demo else 'base'}_{name}"


def prepared(server, demo=False):
    """Make sure of the database with all we depend on, without our addons."""
    name = prepared_name(demo)
    with paths.locked("prepared"):
        if name in names():
            return name
        # Its real name comes last, so that it is complete if it is there.
        unfinished = f"{name}_unfinished"
        drop(unfinished)
        odoo.install(
            server,
            unfinished,
            f"Database {name}: Odoo with all we depend on",
            "-i",
            ",".join(paths.dependencies()),
            *(["--with-demo"] if demo else []),
        )
        shutil.rmtree(filestore(name), ignore_errors=True)
        filestore(unfinished).rename(filestore(name))
        _execute('ALTER DATABASE "%s" RENAME TO "%s"', AsIs(unfinished), AsIs(name))
        return name


def own(kind):
    """This checkout's database of a kind: test, demo, …"""
    return f"{kind}_{paths.key(str(paths.REPO))}"


def fresh(server, name, demo=False):
    """A copy of the prepared database with our addons installed; returns the log."""
    copy(prepared(server, demo), name)
    hashes = paths.source_hashes()
    log = odoo.install(
        server,
        name,
        f"Database {name}: install our addons",
        "-i",
        ",".join(paths.ADDONS),
        *(["--with-demo"] if demo else []),
    )
    note(name, sources=hashes, prepared=prepared_name(demo))
    return log


def usable(name, demo=False):
    """True for a database that was completed, on what we depend on today."""
    return name in names() and facts(name).get("prepared") == prepared_name(demo)


def changed(name):
    """The addons whose sources changed since the database last took them in."""
    known = facts(name).get("sources", {})
    return [a for a, value in paths.source_hashes().items() if known.get(a) != value]


def update(server, name, addons, *arguments):
    """Take the addons' present sources into a database; returns the log."""
    hashes = paths.source_hashes()
    listed = ",".join(addons)
    log = odoo.install(
        server, name, f"Database {name}: update {listed}", "-u", listed, *arguments
    )
    known = facts(name).get("sources", {})
    note(name, sources=known | {addon: hashes[addon] for addon in addons})
    return log


def keep_statistics(name):
    """Switch the vacuum daemon off for a test database's tables.

    Tests roll back what they write. The daemon would count their tables as empty, and
    every later test's queries would be planned for no rows: nested loops for minutes.
    """
    with _cursor(name) as cursor:
        cursor.execute(
            """DO $$ DECLARE name text; BEGIN
                FOR name IN SELECT oid::regclass FROM pg_class
                    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
                LOOP
                    EXECUTE 'ALTER TABLE ' || name || ' SET (autovacuum_enabled = off)';
                END LOOP;
            END $$"""
        )


def drop_abandoned(server):
    """Drop the databases of checkouts that are gone, on our own server only."""
    for name in names() if server.ours else ():
        repo = facts(name).get("repo")
        if repo and not Path(repo).exists():
            drop(name)
