"""The virtual environment: Odoo's packages, OCA addons, test and build tools."""

import os
import shutil
import sys
from pathlib import Path

from . import debian, paths, ui
from .ui import Problem

BUILD_REQUIREMENTS = paths.TOOLS / "build.txt"
REQUIREMENTS = paths.TOOLS / "requirements.txt"
# These ask for a package called odoo, so they go in without their dependencies.
ADDON_REQUIREMENTS = paths.TOOLS / "addons.txt"


def pins():
    """Changes with the version of any package."""
    files = (BUILD_REQUIREMENTS, REQUIREMENTS, ADDON_REQUIREMENTS)
    return [paths.file_hash(path) for path in files]


def folder():
    """The environment for these pins, this Python and this Odoo."""
    name = paths.key(
        pins(),
        debian.PINS,
        sys.version_info[:3],
        sys.base_prefix,
    )
    return paths.CACHE / "venv" / name


def python():
    """Its interpreter."""
    return folder() / "bin" / "python"


def inside():
    """True when this very process runs in it."""
    return Path(sys.prefix) == folder()


def ensure():
    """Make the environment, once."""
    with paths.locked("venv"):
        if paths.stamp(folder()):
            return
        venv = paths.afresh(folder())
        with ui.step(
            f"Python packages for {sys.version.split()[0]}",
            note=lambda: ui.size(ui.tree_size(venv)),
        ):
            pip = _create(venv)
            # Two packages come as source only: their build tools must be there first.
            _install(pip, "-r", BUILD_REQUIREMENTS)
            _install(pip, "--no-build-isolation", "-r", REQUIREMENTS)
            _install(pip, "--no-deps", "-r", ADDON_REQUIREMENTS)
            _site_packages(venv).joinpath("odoo.pth").write_text(
                f"{debian.odoo_packages()}\n"
            )
        paths.complete(venv)


def _site_packages(venv):
    (found,) = venv.glob("lib/python3.*/site-packages")
    return found


def _create(venv):
    """Make it bare; returns the command that is its pip."""
    command = [sys.executable, "-m", "venv"]
    python_here = venv / "bin" / "python"
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        ui.run([*command, "--without-pip", venv], "python3 -m venv failed")
        return [python_here, _pip_of_debian() / "pip"]
    ui.run([*command, venv], "python3 -m venv failed")
    return [python_here, "-m", "pip"]


def _pip_of_debian():
    """pip as Debian ships it to those who have python3-venv: one wheel."""
    debian.require_debian()
    target = paths.CACHE / "pip" / debian.codename()
    if not paths.stamp(target):
        paths.afresh(target)
        apt = debian.Apt(debian.codename())
        apt.update()
        package = "python3-pip-whl"
        version = apt.offered(package)[0]
        debs = apt.fetch({package: version}, target / "debs")
        debian.unpack(debs, target)
        paths.complete(target, version=version)
    (wheel,) = target.glob("usr/share/python-wheels/pip-*.whl")
    return wheel


def _install(pip, *arguments):
    environment = os.environ | {
        "PIP_REQUIRE_VIRTUALENV": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    ui.run(
        [*pip, "install", "--quiet", "--require-hashes", *arguments],
        "Python packages could not be installed",
        env=environment,
    )


def enter(argv):
    """Go on as the same command inside the environment."""
    ensure()
    if shutil.which(str(python())) is None:
        raise Problem(f"{python()} cannot be run: delete {folder()} and start again")
    os.environ.pop("PYTHONPATH", None)
    os.execv(python(), [str(python()), str(paths.REPO / "dev"), *argv])
