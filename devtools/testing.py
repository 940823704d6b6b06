"""What needs a database: install, update, tests, translations, benchmarks."""

import os
import sys
from pathlib import Path

from . import (
    browser,
    checks,
    database,
    odoo,
    paths,
    postgres,
    printer,
    shards,
    translations,
    ui,
)
from .ui import Problem, say

BENCHES = paths.REPO / "tests" / "bench"


def _announce(server, name):
    """Tell tests and benchmarks by the environment where their database is."""
    configuration = odoo.configuration(server)
    os.environ["CRM_RETENTION_DB"] = name
    os.environ["CRM_RETENTION_CONF"] = str(configuration)
    return configuration


def _clean(log):
    """No warning and no error may stand in the log of an install or an update."""
    tool = Path(sys.executable).parent / "checklog-odoo"
    ui.run([tool, log], f"Warnings in {log}")


def run(arguments):
    """The whole check list, with pytest's summary as its last line."""
    if not arguments.quick:
        checks.static()
    browser.ensure()
    printer.ensure()
    with postgres.running() as server:
        kind = "test_with" if arguments.extra else "test"
        name = arguments.database or database.own(kind)
        with paths.locked(name):
            _prepare(server, name, arguments)
            return _pytest(server, name, arguments.rest)


def _prepare(server, name, arguments):
    """A test database with the addons as they are now."""
    database.drop_abandoned(server)
    reused = arguments.quick and not arguments.fresh and database.usable(name)
    if not reused or database.facts(name).get("with") != arguments.extra:
        _install(server, name, arguments.extra)
    elif changed := database.changed(name):
        database.update(server, name, changed)
    database.keep_statistics(name)
    if not arguments.quick:
        _clean(database.update(server, name, paths.ADDONS))
        if rows := list(translations.stale(server, name)):
            raise Problem("\n  ".join(["The .pot files are stale:", *rows[:20]]))


def _install(server, name, extra):
    """Our addons on a copy of the prepared database, and others asked for."""
    _clean(database.fresh(server, name))
    if extra:
        title = f"Database {name}: install {extra}"
        _clean(odoo.install(server, name, title, "-i", extra))
    database.note(name, **{"with": extra})


def _pytest(server, name, rest):
    """Run pytest; the whole suite in as many runs at once as there are processors."""
    configuration = _announce(server, name)

    def command(database_name, *more):
        pytest = [sys.executable, "-m", "pytest", "-p", "devtools.pytest_guard"]
        pytest += [f"--odoo-config={configuration}"]
        pytest += [f"--odoo-database={database_name}", "--odoo-http"]
        return [*pytest, *more]

    if rest or shards.number() == 1:
        return ui.show(command(name, *rest), cwd=paths.REPO)
    return shards.run(lambda one: command(one, "-p", "devtools.pytest_share"), name)


def renew_translations():
    """Write the .pot files anew from a fresh database and merge them."""
    with postgres.running() as server:
        name = database.own("i18n")
        try:
            database.fresh(server, name)
            translations.renew(server, name)
        finally:
            database.drop(name)
    return 0


# -- benchmarks -----------------------------------------------------------------


def bench(arguments):
    """Run one benchmark on a scratch database, or list what there is."""
    scripts = {path.stem: path for path in sorted(BENCHES.glob("[a-z]*.py"))}
    if arguments.name is None:
        say("\n".join(scripts) or "There are no benchmarks yet (tests/bench/NAME.py).")
        return 0
    if arguments.name not in scripts:
        raise Problem(f"No benchmark {arguments.name}; there are: {', '.join(scripts)}")
    script = scripts[arguments.name]
    if {"-h", "--help"} & set(arguments.rest):
        return ui.show([sys.executable, script, "--help"], cwd=paths.REPO)
    with postgres.running() as server:
        name = database.own(f"bench_{arguments.name}")
        with paths.locked(name):
            return _bench(server, name, script, arguments)


def _bench(server, name, script, arguments):
    database.fresh(server, name)
    configuration = _announce(server, name)
    # benchmarks may use what the tests and ./dev itself are made of
    os.environ["PYTHONPATH"] = str(paths.REPO)
    line = [sys.executable, script, "--database", name, "--config", configuration]
    try:
        return ui.show([*line, *arguments.rest], cwd=paths.REPO)
    finally:
        if arguments.keep:
            say(f"The database {name} is kept.")
        else:
            database.drop(name)
