"""Debian packages unpacked into the cache, never installed.

An apt state of our own stands beside the machine's: the mirror's address comes from
the machine's own sources, the signatures are checked with Debian's own keys, and
neither root nor a change to the machine is needed.
"""

import glob
import os
import re
import shutil
from pathlib import Path

from . import paths, ui
from .ui import Problem

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
ODOO = "odoo-19"
ODOO_VERSION = "19.0.0+dfsg-1"
ODOO_SHA256 = "9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf"
ODOO_SERIES = "19.0."
# Odoo's package links to files of these; the second group's newer versions moved them.
ASSETS = {
    "sid": {
        "libjs-jquery": "3.7.1+dfsg+~3.5.33-1",
        "libjs-jquery-form": "12-4",
        "libjs-underscore": "1.13.8~dfsg+~1.13.0-1",
        "fonts-roboto-unhinted": "2:3.016-1",
        "fonts-montserrat": "9.000-6",
        "fonts-ocr-b": "0.3.1~dfsg-2",
        "fonts-glyphicons-halflings": "1.009~3.4.1+dfsg-7",
    },
    "bookworm": {
        "fonts-font-awesome": "5.0.10+really4.7.0~dfsg-4.1",
        "fonts-inconsolata": "001.010-6",
    },
}
# Left out of Debian's build; without it every page logs an error in the browser.
MISSING_FILE = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
# For all that the first start brings, not only Odoo.
NEEDED_BYTES = 4_500_000_000
PINS = paths.key(ODOO_VERSION, ODOO_SHA256, ASSETS)


def mirror():
    """The Debian mirror the machine itself uses."""
    if os.environ.get("CRM_RETENTION_MIRROR"):
        return os.environ["CRM_RETENTION_MIRROR"]
    folder = Path("/etc/apt")
    files = [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]
    for path in files:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        text = re.sub(r"#.*", "", path.read_text(errors="replace"))
        for uri in re.findall(r"\b(?:https?|file|mirror\+\w+):/\S+", text):
            if uri.rstrip("/").endswith("/debian"):
                return uri
    raise Problem(
        "No Debian mirror is named in /etc/apt: set CRM_RETENTION_MIRROR to one"
    )


def codename():
    """The machine's own Debian release."""
    text = Path("/etc/os-release").read_text()
    found = re.search(r"^VERSION_CODENAME=(\w+)", text, re.M)
    return found.group(1) if found else "bookworm"


class Apt:
    """An apt of our own for one release; used as ``Apt("sid").fetch(...)``."""

    def __init__(self, suite):
        self.suite = suite
        self.folder = paths.CACHE / "apt" / suite
        for name in ("lists/partial", "cache/archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        options = {
            "Dir::Etc::sourcelist": self.folder / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::Lists": self.folder / "lists",
            "Dir::Cache": self.folder / "cache",
            "APT::Sandbox::User": "",
            "APT::Get::List-Cleanup": "false",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
            "Acquire::IndexTargets::deb::DEP-11-icons-small::DefaultEnabled": "false",
            "Debug::NoLocking": "1",
        }
        self.options = [f"-o{name}={value}" for name, value in options.items()]

    def call(self, tool, *arguments, problem, **kwargs):
        """Run one of apt's tools on our state."""
        environment = os.environ | {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
        command = [tool, *self.options, *arguments]
        return ui.run(command, problem, env=environment, **kwargs)

    def update(self):
        """Get the list of what the release offers today."""
        signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
        sources = self.folder / "sources.list"
        sources.write_text(f"deb {signed}{mirror()} {self.suite} main\n")
        self.call(
            "apt-get",
            "update",
            "-q",
            "--error-on=any",
            problem=f"Debian's list of packages ({self.suite}) could not be fetched",
        )

    def offered(self, package):
        """The versions the release offers, newest first."""
        text = self.call(
            "apt-cache", "madison", package, problem=f"apt does not know {package}"
        )
        rows = [line.split("|") for line in text.splitlines() if line.count("|") == 2]
        return [row[1].strip() for row in rows]

    def choose(self, package, version):
        """The pinned version, or else the newest one offered, with a warning."""
        offered = self.offered(package)
        if not offered:
            raise Problem(f"Debian {self.suite} does not offer {package} any more")
        if version in offered:
            return version
        ui.warn(f"{package} {version} is gone, taking {offered[0]} (signed by Debian)")
        return offered[0]

    def fetch(self, wanted, folder):
        """Download ``{package: version}`` into a folder; returns the files.

        apt checks each file against the signed list and goes on where it stopped.
        """
        folder.mkdir(parents=True, exist_ok=True)
        names = [f"{package}={version}" for package, version in wanted.items()]
        self.call(
            "apt-get",
            "download",
            "-q",
            *names,
            problem=f"Debian packages could not be fetched: {' '.join(wanted)}",
            cwd=folder,
        )
        return [
            next(folder.glob(f"{package}_{_file_version(version)}_*.deb"))
            for package, version in wanted.items()
        ]


def _file_version(version):
    """A version as it stands in a package's file name."""
    return glob.escape(version.replace(":", "%3a"))


def unpack(debs, folder):
    """Lay the packages' files into one folder."""
    for deb in debs:
        ui.run(["dpkg", "-x", deb, folder], f"{deb.name} could not be unpacked")


def lay_out(title, packages, root):
    """Unpack packages with those of their dependencies that the machine lacks."""
    require_debian()
    debs = root.with_suffix(".debs")
    apt = Apt(codename())
    with ui.step(f"{title}: download", note=lambda: ui.size(ui.tree_size(debs))):
        apt.update()
        plan = apt.call(
            "apt-get",
            "install",
            "--simulate",
            "--no-install-recommends",
            *packages,
            problem=f"apt finds no way to {title}",
        )
        wanted = dict(re.findall(r"^Inst (\S+) (?:\[\S+\] )?\((\S+)", plan, re.M))
        files = apt.fetch(wanted, debs) if wanted else []
    with ui.step(f"{title}: unpack", note=lambda: ui.size(ui.tree_size(root))):
        unpack(files, root)
    shutil.rmtree(debs, ignore_errors=True)


def require_debian():
    """Say so at once where Debian's tools are missing."""
    for tool in ("apt-get", "apt-cache", "dpkg"):
        if not shutil.which(tool):
            raise Problem(f"{tool} is missing: this needs Debian 12 or a relative")


def odoo_root():
    """The folder under which this pin of Odoo is unpacked."""
    return paths.CACHE / "odoo" / PINS


def odoo_packages():
    """The folder to put on Python's path."""
    return odoo_root() / "usr/lib/python3/dist-packages"


def odoo():
    """Make sure Odoo and the files it links to are here; returns the facts."""
    root = odoo_root()
    with paths.locked("odoo"):
        facts = paths.stamp(root)
        if facts:
            return facts
        require_debian()
        free = shutil.disk_usage(paths.CACHE).free
        if free < NEEDED_BYTES:
            wanted = ui.size(NEEDED_BYTES)
            raise Problem(f"{paths.CACHE} has {ui.size(free)} free, {wanted} is needed")
        debs = paths.CACHE / "odoo" / f"{PINS}.debs"
        title = f"Odoo {ODOO_VERSION} and its web assets: download"
        with ui.step(title, note=lambda: ui.size(ui.tree_size(debs))):
            version, files = _download_odoo(debs)
        paths.afresh(root)
        with ui.step("Odoo: unpack", note=lambda: ui.size(ui.tree_size(root))):
            unpack(files, root)
            _mend(root)
        facts = paths.complete(root, version=version)
        shutil.rmtree(debs)
        return facts


def _download_odoo(debs):
    version, files = None, []
    for suite, packages in ASSETS.items():
        apt = Apt(suite)
        apt.update()
        wanted = {name: apt.choose(name, pin) for name, pin in packages.items()}
        if suite == "sid":
            version = wanted[ODOO] = apt.choose(ODOO, ODOO_VERSION)
            if not version.startswith(ODOO_SERIES):
                raise Problem(f"Debian offers {ODOO} {version}, not a {ODOO_SERIES}x")
        files += apt.fetch(wanted, debs)
    deb = next(path for path in files if path.name.startswith(f"{ODOO}_"))
    if version == ODOO_VERSION and paths.file_hash(deb) != ODOO_SHA256:
        deb.unlink()
        raise Problem(f"{deb.name} does not have the SHA-256 pinned for it")
    return version, files


def _mend(root):
    addons = root / "usr/lib/python3/dist-packages/odoo/addons"
    missing = addons / MISSING_FILE
    if not missing.exists():
        missing.parent.mkdir(parents=True, exist_ok=True)
        missing.write_text("/* left out of this build of Odoo */\n")
    broken = [path for path in addons.rglob("*") if not path.exists()]
    if broken:
        names = ", ".join(str(path.relative_to(addons)) for path in broken[:5])
        raise Problem(
            f"{len(broken)} of Odoo's links point nowhere (the packages in"
            f" devtools/debian.py ASSETS changed): {names}"
        )
