"""The whole test suite in several runs of pytest at once, each on its own database."""

import contextlib
import os
import re
import subprocess
import time

from . import database, paths, ui
from .pytest_share import QUEUE

MOST = 4  # databases at once
COUNTS = re.compile(r"(\d+) (passed|failed|skipped|errors?|xfailed|xpassed|warnings?)")
PLURAL = ("error", "warning")
ORDER = ("failed", "error", "passed", "skipped", "xfailed", "xpassed", "warning")


def number():
    """Return how many runs at once this machine is good for."""
    return max(1, min(MOST, len(os.sched_getaffinity(0))))


def run(command, name):
    """Run pytest's ``command(database)`` on ``name`` and on copies of it at once.

    Shows what the first prints as it comes, and what the others printed at the end; the
    last line sums up all of them as pytest does. Returns the worst exit code.
    """
    begun = time.monotonic()
    copies = [f"{name}_{place}" for place in range(2, number() + 1)]
    queue = paths.workspace() / f"{name}.queue"
    queue.write_text("")
    logs = {copy: paths.workspace() / f"{copy}.log" for copy in copies}
    try:
        for copy in copies:
            database.copy(name, copy)
        with contextlib.ExitStack() as children:
            others = [
                children.enter_context(_start(command(copy), copy, queue, logs[copy]))
                for copy in copies
            ]
            first = paths.workspace() / f"{name}.pytest.log"
            with _start(command(name), name, queue, first) as child:
                codes = [_follow(child, first)]
            codes += [other.wait() for other in others]
    finally:
        for copy in copies:
            database.drop(copy)
    texts = [first.read_text(errors="replace")]
    for log in logs.values():
        texts.append(log.read_text(errors="replace"))
        ui.say(texts[-1])
    ui.say(summary(texts, time.monotonic() - begun))
    return max(codes)


@contextlib.contextmanager
def _start(command, name, queue, log):
    """A run of pytest that tells its tests where its own database is."""
    environment = os.environ | {"CRM_RETENTION_DB": name, QUEUE: str(queue)}
    with (
        open(log, "w") as stream,
        subprocess.Popen(
            [str(part) for part in command],
            cwd=paths.REPO,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            preexec_fn=ui.die_with_parent,
        ) as child,
    ):
        try:
            yield child
        finally:
            ui.stop(child)


def _follow(child, log):
    """Print what a run writes until it ends; return its exit code."""
    with open(log, errors="replace") as stream:
        while True:
            over = child.poll() is not None
            if text := stream.read():
                print(text, end="", flush=True)
            if over:
                return child.returncode
            time.sleep(0.5)


def summary(texts, seconds):
    """Return pytest's last line for several runs together.

    >>> one = "...\\n=== 2 failed, 10 passed, 1 skipped in 3.20s ==="
    >>> summary([one, "=== 5 passed in 4.00s ==="], 4.5)
    '========== 2 failed, 15 passed, 1 skipped in 4.50s =========='
    >>> summary(["INTERNALERROR"], 1)
    '========== no tests ran in 1.00s =========='
    """
    found = dict.fromkeys(ORDER, 0)
    for text in texts:
        lines = text.strip().splitlines()
        for count, what in COUNTS.findall(lines[-1] if lines else ""):
            found[what if what in found else what.removesuffix("s")] += int(count)
    parts = [
        f"{count} {what}{'s' if what in PLURAL and count > 1 else ''}"
        for what, count in found.items()
        if count
    ]
    said = ", ".join(parts) or "no tests ran"
    return f"{'=' * 10} {said} in {seconds:.2f}s {'=' * 10}"
