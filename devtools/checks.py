"""What can be checked without a database: style, Odoo's rules, words, packaging."""

import ast
import importlib.util
import os
import sys
import tempfile
import zipfile
from pathlib import Path

from . import idioms, paths, translations, ui
from .ui import Problem, say

PYTHON = sys.executable
BIN = Path(PYTHON).parent
PYTHON_PLACES = (*paths.ADDONS, "tests", "devtools", "dev")
# One README stands at the root; a model may have a file for each of its rooms. (The
# settings file could not take these out of the group it switches on.)
PYLINT_OFF = "missing-readme,consider-merging-classes-inherited"
# The rest of what this tool has to say is about names on sites we do not use.
OCA_OFF = "weblate-component-too-long,prefer-readme-rst"
PO_OFF = "po-pretty-format,po-duplicate-model-definition"


def _there(names):
    return [name for name in names if (paths.REPO / name).exists()]


def _tool(title, command):
    """Run a checker with its findings shown; its title if it found something."""
    say(f"- {title}")
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    return [title] if ui.show(command, cwd=paths.REPO, env=environment) else []


def _rows(title, rows):
    """Show rows of findings; the title if there are any."""
    say(f"- {title}")
    found = list(rows)
    for row in found:
        say(row)
    return [title] if found else []


def static(fix=False):
    """Run every static check and raise a Problem that names those that found faults."""
    ruff, places = BIN / "ruff", _there(PYTHON_PLACES)
    if fix:
        ui.show([ruff, "check", "--fix", "--quiet", *places], cwd=paths.REPO)
        ui.show([ruff, "format", *places], cwd=paths.REPO)
    addons = [paths.REPO / name for name in paths.ADDONS]
    faults = _tool("ruff format", [ruff, "format", "--check", *places])
    faults += _tool("ruff check", [ruff, "check", *places])
    pylint = [PYTHON, "-m", "pylint", f"--disable={PYLINT_OFF}", *paths.ADDONS]
    pylint += _there(["tests"])
    faults += _tool("pylint with Odoo's rules", pylint)
    oca = [BIN / "oca-checks-odoo-module", f"--disable={OCA_OFF}", *paths.ADDONS]
    faults += _tool("OCA's checks of XML and CSV", oca)
    if translations.files():
        po = [BIN / "oca-checks-po", f"--disable={PO_OFF}", *translations.files()]
        faults += _tool("OCA's checks of translations", po)
    faults += _rows("habits of older versions", _each(idioms.rows, addons))
    faults += _rows("complete translations", translations.rows())
    tools = [addon / "tools" for addon in addons if (addon / "tools").is_dir()]
    faults += _tool("examples in pure modules", [PYTHON, _doctests(), *tools])
    faults += _rows("packages", _each(_package_rows, addons))
    if faults:
        raise Problem(f"Not in order: {', '.join(faults)}")


def _each(function, places):
    for place in places:
        yield from function(place)


def _doctests():
    return importlib.util.find_spec("devtools.doctests").origin


def _package_rows(addon):
    """Build the addon's wheel and see that every file of the manifest is in it."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [PYTHON, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        pip += ["--no-build-isolation", "--wheel-dir", folder, addon]
        ui.run(pip, f"{addon.name} could not be built by whool")
        (wheel,) = Path(folder).glob("*.whl")
        inside = set(zipfile.ZipFile(wheel).namelist())
    text = (addon / "__manifest__.py").read_text(encoding="utf-8")
    manifest = ast.literal_eval(text)
    for name in [*manifest.get("data", []), *manifest.get("demo", [])]:
        if f"odoo/addons/{addon.name}/{name}" not in inside:
            yield f"{addon.name}: {name} is not in the built package"
