"""Running Odoo itself: its settings file, installs and updates, the web server."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

from . import debian, paths, ui
from .ui import Problem

PYTHON = sys.executable
HOST = "127.0.0.1"
START_SECONDS = 120


def data_dir():
    """Odoo's files (attachments, sessions), for all databases of a server."""
    server = paths.key(os.environ["PGHOST"], os.environ["PGPORT"])
    return paths.CACHE / "odoo-data" / server


def configuration(server):
    """Write this checkout's odoo.conf and return its path."""
    addons = f"{debian.odoo_packages()}/odoo/addons,{paths.REPO}"
    settings = {
        "addons_path": addons,
        "data_dir": data_dir(),
        "db_host": server.host,
        "db_port": server.port,
        "db_user": server.user,
        "http_interface": HOST,
        "list_db": "False",
        "max_cron_threads": "0",
        "screenshots": paths.workspace() / "screenshots",
        # Mail goes nowhere by accident: nothing listens on this port.
        "smtp_port": "1",
    }
    path = paths.workspace() / "odoo.conf"
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    text = f"[options]\n{lines}"
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
    return path


def command(server, database, *arguments):
    """Odoo's command line for one database."""
    subcommand = [arguments[0]] if arguments and arguments[0] == "shell" else []
    rest = arguments[len(subcommand) :]
    settings = ["-c", configuration(server), "-d", database]
    return [PYTHON, "-m", "odoo", *subcommand, *settings, *rest]


def _progress(log):
    """How far an install is, from its log: 12/80."""
    with contextlib.suppress(OSError):
        found = re.findall(r"Loading module (\S+) \((\d+/\d+)\)", log.read_text())
        if found:
            return f"{found[-1][1]} {found[-1][0]}"
    return ""


def last(log):
    """The last thing a log tells, in short."""
    with contextlib.suppress(OSError, IndexError):
        return log.read_text().splitlines()[-1][24:100]
    return ""


def install(server, database, title, *arguments):
    """Run one install or update to its end; returns its log for a look."""
    log = paths.workspace() / f"{database}.log"
    log.unlink(missing_ok=True)
    arguments = (*arguments, "--stop-after-init", "--no-http", f"--logfile={log}")
    with ui.step(title, note=lambda: _progress(log)):
        try:
            printed = ui.run(
                command(server, database, *arguments), title, cwd=paths.REPO
            )
        except Problem as problem:
            tail = log.read_text().splitlines()[-40:] if log.exists() else []
            print("\n".join(tail), file=sys.stderr)
            raise Problem(f"{problem}\n  the whole log: {log}") from problem
    # Modules that fail to load do not change the exit code: the log tells.
    if re.search(r"^.{20,40} (ERROR|CRITICAL) ", log.read_text(), re.M):
        lines = re.findall(r"^.* (?:ERROR|CRITICAL) .*$", log.read_text(), re.M)
        first = "\n  ".join(line[:300] for line in lines[:5])
        raise Problem(f"{title}: errors in {log}\n  {first}")
    if "Traceback" in printed:
        raise Problem(f"{title}: {printed.strip().splitlines()[-1]}")
    return log


def load_language(server, database, language):
    """Load a language's translations of everything installed."""
    line = [PYTHON, "-m", "odoo", "i18n", "loadlang"]
    line += ["-c", configuration(server), "-d", database, "-l", language]
    with ui.step(f"Language {language}: load"):
        ui.run(line, f"Language {language} could not be loaded", cwd=paths.REPO)


def free_port(wanted):
    """The wanted port, or the next free one above it."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((HOST, port))
                return port
    raise Problem(f"No port from {wanted} to {wanted + 99} is free on {HOST}")


def answers(port):
    """True when an Odoo shows its login page there."""
    address = f"http://{HOST}:{port}/web/login"
    try:
        with urllib.request.urlopen(address, timeout=60) as page:
            return page.status == 200
    except OSError:
        return False


def server_log(database):
    """Where a web server writes."""
    return paths.workspace() / f"{database}.server.log"


@contextlib.contextmanager
def serving(server, database, port, *arguments):
    """A web server for as long as the block lasts; yields its process."""
    log = server_log(database)
    line = command(server, database, f"--http-port={port}", *arguments)
    with open(log, "a") as stream:
        child = subprocess.Popen(
            [str(part) for part in line],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            cwd=paths.REPO,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            # Ctrl-C is ours to pass on, once: a second signal would cut Odoo short.
            start_new_session=True,
            preexec_fn=ui.die_with_parent,
        )
    try:
        _wait(child, port, log)
        yield child
    finally:
        ui.stop(child)


def _wait(child, port, log):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise Problem(f"Odoo stopped at once, its reason is in {log}")
        if answers(port):
            return
        time.sleep(0.3)
    raise Problem(f"Odoo did not answer within {START_SECONDS} s, see {log}")
