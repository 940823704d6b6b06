"""Chromium for tours and pictures: the machine's own, or Debian's in the cache."""

import contextlib
import os
import shutil
from pathlib import Path

from . import debian, paths, ui
from .ui import Problem

CHROMIUM = ("chromium", "fonts-dejavu-core", "fonts-liberation", "fonts-wqy-microhei")
# What playwright's own node needs beside.
DRIVER = ("libatomic1",)
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
    " --disable-background-networking --disable-component-update"
    " --disable-dev-shm-usage"
)
# Odoo's tests take the first of these that is on the path.
NAMES = ("google-chrome", "chromium")
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{root}/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{root}/fontcache</cachedir>
  <alias><family>sans-serif</family><prefer>
    <family>DejaVu Sans</family><family>WenQuanYi Micro Hei</family>
  </prefer></alias>
  <alias><family>monospace</family><prefer>
    <family>DejaVu Sans Mono</family><family>WenQuanYi Micro Hei Mono</family>
  </prefer></alias>
</fontconfig>
"""


def folder():
    """The folder to put on PATH."""
    return paths.CACHE / "browser" / paths.key(CHROMIUM, DRIVER, FLAGS, FONTS) / "bin"


def executable():
    """The browser to start."""
    return folder() / NAMES[0]


def ensure():
    """Make sure that a browser starts here, and put it first on PATH."""
    with paths.locked("browser"):
        root = folder().parent
        if not paths.stamp(root):
            paths.afresh(root)
            own = next(filter(None, map(shutil.which, NAMES[::-1])), None)
            packages = DRIVER if own else (*CHROMIUM, *DRIVER)
            debian.lay_out("Chromium", packages, root)
            libraries = _library_path(root)
            if own:
                _wrap(f'exec "{own}" {FLAGS} "$@"')
            else:
                _wrap_ours(root, libraries)
            _try()
            paths.complete(root, libraries=libraries)
    os.environ["PATH"] = f"{folder()}{os.pathsep}{os.environ['PATH']}"
    os.environ["CHROME_BIN"] = str(executable())
    return executable()


@contextlib.contextmanager
def libraries():
    """Let a child that is started meanwhile find the libraries we unpacked."""
    before = os.environ.get("LD_LIBRARY_PATH")
    os.environ["LD_LIBRARY_PATH"] = paths.stamp(folder().parent)["libraries"]
    try:
        yield
    finally:
        del os.environ["LD_LIBRARY_PATH"]
        if before is not None:
            os.environ["LD_LIBRARY_PATH"] = before


def _wrap_ours(root, libraries):
    (root / "fonts.conf").write_text(FONTS.format(root=root))
    _wrap(
        f"export LD_LIBRARY_PATH={libraries}\n"
        f"export FONTCONFIG_FILE={root}/fonts.conf\n"
        f'exec {root}/usr/lib/chromium/chromium {FLAGS} "$@"'
    )


def _library_path(root):
    """Every unpacked folder that holds libraries."""
    found = {path.parent for path in root.rglob("*.so*")}
    wanted = sorted(path for path in found if "chromium" not in path.parts)
    return ":".join(str(path) for path in [*wanted, root / "usr/lib/chromium"])


def _wrap(text):
    """Write the small scripts by which the browser is started."""
    folder().mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        script = folder() / name
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(0o755)


def _try():
    profile = paths.afresh(Path(folder().parent / "profile"))
    with ui.step("Chromium: first start"):
        page = ui.run(
            [
                executable(),
                "--headless",
                f"--user-data-dir={profile}",
                "--dump-dom",
                "data:text/html,<p>works</p>",
            ],
            "The browser does not start",
        )
    shutil.rmtree(profile, ignore_errors=True)
    if "works" not in page:
        raise Problem("The browser starts but shows nothing")
