"""Where things lie: the tree, the cache, and the keys under which the cache is kept."""

import ast
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from pathlib import Path

from .ui import Problem, say

REPO = Path(__file__).resolve().parent.parent
TOOLS = REPO / "devtools"
ADDONS = ("crm_retention", "crm_retention_reports")
ENV = "CRM_RETENTION_CACHE"


def _cache_root():
    if os.environ.get(ENV):
        return Path(os.environ[ENV]).expanduser().resolve()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).resolve() / "crm-retention"


CACHE = _cache_root()


def key(*parts):
    """A short name for a combination of versions, hashes and lists."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def file_hash(path):
    """SHA-256 of a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def tree_hash(folder):
    """One hash for all that counts for installing an addon: not its tests."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts)
        if path.is_file() and not hidden and not {"__pycache__", "tests"} & set(parts):
            digest.update("/".join(parts).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def source_hashes():
    """Addon -> hash of its sources, to see which ones changed."""
    return {addon: tree_hash(REPO / addon) for addon in ADDONS}


def manifest(addon):
    """An addon's manifest, as a dictionary."""
    path = REPO / addon / "__manifest__.py"
    try:
        return ast.literal_eval(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError) as error:
        raise Problem(f"{addon}/__manifest__.py cannot be read: {error}") from error


def dependencies():
    """Every addon ours need, ours left out, in order."""
    wanted = {name for addon in ADDONS for name in manifest(addon)["depends"]}
    return sorted(wanted - set(ADDONS))


def workspace():
    """This checkout's own corner of the cache: settings, logs, pictures."""
    folder = CACHE / "work" / key(str(REPO))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def locked(name):
    """Hold a lock file of the cache; the kernel frees it should we be killed."""
    folder = CACHE / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / name, "a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"  (waiting for another ./dev that is busy with: {name})")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def stamp(folder):
    """What was written when the folder was completed, or None if it never was."""
    with contextlib.suppress(OSError, ValueError):
        return json.loads((folder / ".complete").read_text())
    return None


def complete(folder, **facts):
    """Write the stamp that makes a folder of the cache count, as the last thing."""
    partial = folder / ".complete.partial"
    facts["complete"] = True
    partial.write_text(json.dumps(facts))
    partial.rename(folder / ".complete")
    return facts


def afresh(folder):
    """Throw away what an interrupted start left, and make the folder anew."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder
