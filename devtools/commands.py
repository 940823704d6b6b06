"""What the subcommands of ./dev do, once everything they need can be imported."""

import contextlib
import fcntl
import signal
import sys
from pathlib import Path

from . import browser, checks, database, hosts, odoo, paths, postgres, testing, ui
from . import shots as pictures
from .ui import Problem, say

# Logins of the demo data; each one's password is its login.
DEMO_USERS = {
    "admin": "administrator",
    "retention_user": "salesperson",
    "retention_lead": "team lead",
    "retention_manager": "manager",
    "retention_auditor": "auditor",
    "retention_portal": "customer",
}
SHOTS_PORT = 8170


# -- demo, update, shell, shots -------------------------------------------------


def _ready_demo(server, fresh=False):
    """The demo database with the addons as they are now."""
    name = database.own("demo")
    with paths.locked(name):
        if fresh or not database.usable(name, demo=True):
            database.fresh(server, name, demo=True)
        elif changed := database.changed(name):
            database.update(server, name, changed)
    return name


def _speak(server, name, language):
    """Load a language and give it to the demo users."""
    if database.facts(name).get("lang") == language:
        return
    odoo.load_language(server, name, language)
    database.query(
        name,
        "UPDATE res_partner SET lang = %s WHERE id IN (SELECT partner_id FROM res_users"
        " WHERE login = ANY(%s)) RETURNING id",
        language,
        list(DEMO_USERS),
    )
    database.note(name, lang=language)


@contextlib.contextmanager
def _announced(name, port):
    """Let other commands find the running demo, for as long as it runs."""
    with open(paths.workspace() / f"{name}.port", "a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Problem(
                f"The demo runs already: http://{odoo.HOST}:{_announced_port(name)}"
            ) from error
        stream.truncate(0)
        stream.write(str(port))
        stream.flush()
        yield


def _announced_port(name):
    """The port of the running demo, or None."""
    with open(paths.workspace() / f"{name}.port", "a+") as stream:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
        stream.seek(0)
        return int(stream.read())


def demo(arguments):
    """Start Odoo with demo data and run until Ctrl-C."""
    with postgres.running() as server:
        name = database.own("demo")
        port = odoo.free_port(arguments.port)
        with contextlib.ExitStack() as stack:
            stack.enter_context(_announced(name, port))
            _ready_demo(server, arguments.fresh)
            if arguments.lang:
                _speak(server, name, arguments.lang)
            if arguments.no_start:
                return 0
            with ui.step("Odoo: start"):
                child = stack.enter_context(
                    odoo.serving(server, name, port, "--max-cron-threads=1")
                )
            _welcome(name, port)
            child.wait()
            raise Problem(f"Odoo ended by itself, see {odoo.server_log(name)}")


def _welcome(name, port):
    there = database.query(
        name,
        "SELECT login FROM res_users WHERE active AND login = ANY(%s)",
        list(DEMO_USERS),
    )
    say(f"\nOdoo runs: http://{odoo.HOST}:{port}\n")
    for login, role in DEMO_USERS.items():
        if (login,) in there:
            say(f"  {role:15} login {login}, password {login}")
    say(f"\n  log: {odoo.server_log(name)}\n  Ctrl-C stops it.\n")


def _existing(kind):
    name = database.own(kind)
    if name not in database.names():
        raise Problem(f"There is no {kind} database yet: ./dev {kind} makes it")
    return name


def update(arguments):
    """Take the addons' present sources into the demo or the test database."""
    unknown = set(arguments.addons) - set(paths.ADDONS)
    if unknown:
        raise Problem(f"Not an addon of this project: {', '.join(sorted(unknown))}")
    with postgres.running() as server:
        name = _existing(arguments.db)
        addons = arguments.addons or database.changed(name)
        if addons:
            database.update(server, name, addons)
        else:
            say("Nothing has changed since the last time.")
    return 0


def shell(arguments):
    """Odoo's own Python shell."""
    with postgres.running() as server:
        line = odoo.command(server, _existing(arguments.db), "shell", "--no-http")
        # Ctrl-C is for the shell alone.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return ui.show(line, cwd=paths.REPO)


def load(arguments):
    """Purchases from elsewhere, from a file or public data."""
    with postgres.running() as server:
        name = _existing(arguments.db)
        source = arguments.source
        if Path(source).exists():
            source = Path(source).resolve()
        line = [sys.executable, "-m", "devtools.load", "--database", name]
        line += ["--config", odoo.configuration(server), source]
        return ui.show(line, cwd=paths.REPO)


def shots(arguments):
    """Pictures of pages, from the running demo or one started for this."""
    executable = browser.ensure()
    with postgres.running() as server, contextlib.ExitStack() as stack:
        name = database.own("demo")
        port = _announced_port(name)
        if port is None:
            port = odoo.free_port(SHOTS_PORT)
            _ready_demo(server)
            with ui.step("Odoo: start"):
                stack.enter_context(odoo.serving(server, name, port))
        address = f"http://{odoo.HOST}:{port}"
        with browser.libraries():
            return pictures.take(address, executable, arguments)


# -- checks ---------------------------------------------------------------------


def test(arguments):
    """The whole check list, or Odoo's own tests."""
    return hosts.compare(arguments.rest) if arguments.host else testing.run(arguments)


def lint(arguments):
    """The static checks."""
    checks.static(arguments.fix)
    say("All in order.")
    return 0


def i18n(_arguments):
    """The translations' texts, anew from the code."""
    return testing.renew_translations()


def bench(arguments):
    """A benchmark."""
    return testing.bench(arguments)
