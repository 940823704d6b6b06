"""wkhtmltopdf for printed reports: the machine's own, or Debian's in the cache."""

import os
import shutil

from . import browser, debian, paths, ui

NAME = "wkhtmltopdf"
PACKAGES = (NAME, "fonts-dejavu-core", "fonts-liberation", "fonts-wqy-microhei")


def folder():
    """The folder to put on PATH."""
    return paths.CACHE / "printer" / paths.key(PACKAGES, browser.FONTS) / "bin"


def ensure():
    """Make sure that PDF files can be made here, and put the program first on PATH."""
    if shutil.which(NAME):
        return shutil.which(NAME)
    with paths.locked("printer"):
        root = folder().parent
        if not paths.stamp(root):
            paths.afresh(root)
            debian.lay_out(NAME, PACKAGES, root)
            _wrap(root)
            ui.run([folder() / NAME, "--version"], "wkhtmltopdf does not start")
            paths.complete(root)
    os.environ["PATH"] = f"{folder()}{os.pathsep}{os.environ['PATH']}"
    return str(folder() / NAME)


def _wrap(root):
    """Write the small script by which it is started, without a screen."""
    libraries = ":".join(sorted({str(path.parent) for path in root.rglob("*.so*")}))
    plugins = next(iter(sorted(root.rglob("qt5/plugins"))), root)
    (root / "fonts.conf").write_text(browser.FONTS.format(root=root))
    folder().mkdir(parents=True, exist_ok=True)
    script = folder() / NAME
    script.write_text(
        "#!/bin/sh\n"
        f"export LD_LIBRARY_PATH={libraries}\n"
        f"export FONTCONFIG_FILE={root}/fonts.conf\n"
        f"export QT_PLUGIN_PATH={plugins}\n"
        "export QT_QPA_PLATFORM=offscreen\n"
        f'exec {root}/usr/bin/{NAME} "$@"\n'
    )
    script.chmod(0o755)
