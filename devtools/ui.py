"""Talking to the person at the terminal: steps with sizes and times, plain errors."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

DEBUG = bool(os.environ.get("CRM_RETENTION_DEBUG"))
TAIL_LINES = 6
STOP_SECONDS = 15
PR_SET_PDEATHSIG = 1
# Looked up here: between fork and exec nothing may be loaded.
_libc = ctypes.CDLL(None)


class Problem(Exception):
    """Something the person can understand and mend: printed as one sentence."""


def say(text=""):
    """Print one line at once, so that a log file shows it too."""
    print(text, flush=True)


def warn(text):
    """Print one line of warning."""
    print(f"warning: {text}", file=sys.stderr, flush=True)


def size(count):
    """Bytes for people: 122 MB."""
    for unit in ("B", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def tree_size(path):
    """Bytes below a folder, or of a file; files that vanish meanwhile do not count."""
    if not path.is_dir():
        return path.stat().st_size if path.exists() else 0
    total = 0
    for folder, _dirs, files in os.walk(path):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_size
    return total


@contextlib.contextmanager
def step(title, note=lambda: ""):
    """Announce a piece of work, tell how it goes on, and how long it took.

    ``note`` returns a few words on how far the work is, such as a size.
    """
    start = time.monotonic()
    done = threading.Event()
    every = 1 if sys.stdout.isatty() else 30
    say(f"- {title} ...")

    def tick():
        while not done.wait(every):
            line = f"    {time.monotonic() - start:.0f} s {note()}"
            if every == 1:
                print(f"\r\033[K{line}", end="", flush=True)
            else:
                say(line)

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    finally:
        done.set()
        ticker.join()
        if every == 1:
            print("\r\033[K", end="")
    say(f"    {time.monotonic() - start:.1f} s {note()}")


def die_with_parent():
    """In a child about to start: have the kernel end it when ./dev is killed."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def run(command, problem, **kwargs):
    """Run quietly and return what it printed; a failure is a Problem with its tail."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            preexec_fn=die_with_parent,
            **kwargs,
        )
    except FileNotFoundError as error:
        raise Problem(f"{problem}: {error.filename} is missing here") from error
    if done.returncode:
        tail = "\n  ".join(done.stdout.strip().splitlines()[-TAIL_LINES:])
        raise Problem(f"{problem} (exit {done.returncode})\n  {tail}")
    return done.stdout


def show(command, **kwargs):
    """Run with its output shown and return its exit code; Ctrl-C ends it first."""
    command = [str(part) for part in command]
    with subprocess.Popen(command, preexec_fn=die_with_parent, **kwargs) as child:
        try:
            return child.wait()
        except KeyboardInterrupt:
            # The terminal has told the child too: let it tidy up.
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(STOP_SECONDS)
            raise
        finally:
            stop(child)


def stop(child):
    """End a child we started: politely, then by force."""
    if child.poll() is None:
        child.send_signal(signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
        child.wait(STOP_SECONDS)
    if child.poll() is None:
        child.kill()
        child.wait()
