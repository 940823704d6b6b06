"""What needs a database: install, update, tests, Odoo's own tests, benchmarks."""

import os
import re
import sys
from pathlib import Path

from . import browser, checks, database, odoo, paths, postgres, translations, ui
from .ui import Problem, say

BENCHES = paths.REPO / "tests" / "bench"
# Odoo's and OCA's tests of the addons that ours extend.
HOSTS = ("sale", "sale_loyalty", "crm", "helpdesk_mgmt")
# One line of Odoo's log about a test that did not pass.
FAILED = re.compile(r" ERROR \S+ \S+: (?:FAIL|ERROR): (?:Subtest )?(\S+)")
COUNTED = re.compile(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests")


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
    configuration = _announce(server, name)
    pytest = [sys.executable, "-m", "pytest", "-p", "devtools.pytest_guard"]
    pytest += [f"--odoo-config={configuration}", f"--odoo-database={name}"]
    return ui.show([*pytest, "--odoo-http", *rest], cwd=paths.REPO)


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
    line = [sys.executable, script, "--database", name, "--config", configuration]
    try:
        return ui.show([*line, *arguments.rest], cwd=paths.REPO)
    finally:
        if arguments.keep:
            say(f"The database {name} is kept.")
        else:
            database.drop(name)


# -- Odoo's own tests -----------------------------------------------------------


def host():
    """Odoo's own tests of what we extend, without and with our addons."""
    browser.ensure()
    with postgres.running() as server:
        source = database.prepared(server)
        results = {}
        for kind in ("without", "with"):
            name = database.own(f"host_{kind}")
            with paths.locked(name):
                if kind == "with":
                    database.fresh(server, name)
                else:
                    database.copy(source, name)
                results[kind] = _host_failures(server, name, kind)
                database.drop(name)
    worse = results["with"] - results["without"]
    for title, tests in (
        ("fail on this build of Odoo anyway", results["with"] & results["without"]),
        ("fail only without our addons", results["without"] - results["with"]),
        ("FAIL ONLY WITH OUR ADDONS", worse),
    ):
        say(f"{len(tests)} {title}")
        for test in sorted(tests):
            say(f"  {test}")
    return 1 if worse else 0


def _host_failures(server, name, kind):
    """Run the tests by Odoo's own runner; the names of those that failed."""
    log = paths.workspace() / f"{name}.log"
    log.unlink(missing_ok=True)
    tags = ",".join(f"/{addon}" for addon in HOSTS)
    line = odoo.command(
        server,
        name,
        "-u",
        ",".join(HOSTS),
        f"--test-tags={tags}",
        "--stop-after-init",
        f"--http-port={odoo.free_port(8270)}",
        f"--logfile={log}",
    )
    with ui.step(f"Odoo's own tests {kind} our addons", note=lambda: odoo.last(log)):
        ui.show(line, cwd=paths.REPO)
    text = log.read_text()
    counted = COUNTED.findall(text)
    if not counted:
        raise Problem(f"Odoo's tests did not come to their end, see {log}")
    say(f"    {' failed, '.join(counted[-1][:2])} errors of {counted[-1][2]} tests")
    return set(FAILED.findall(text))
