"""A pytest plugin: several runs of pytest share the files of one collection.

Each collects everything, takes the next file that nobody has taken, the largest first,
and runs its tests; so all end at about the same time, however long each file takes. The
place of the next file stands in a file that they share.
"""

import fcntl
import os
from itertools import groupby

import pytest

QUEUE = "CRM_RETENTION_QUEUE"


def take(path):
    """Return the number of the next piece of work, and note that it is taken."""
    with open(path, "a+") as queue:
        fcntl.flock(queue, fcntl.LOCK_EX)
        queue.seek(0)
        place = int(queue.read() or 0)
        queue.seek(0)
        queue.truncate()
        queue.write(str(place + 1))
    return place


def _files(items):
    """Return the collected tests, a list a file, the largest file first."""
    files = [list(group) for _path, group in groupby(items, lambda item: item.path)]
    return sorted(files, key=lambda tests: (-len(tests), str(tests[0].path)))


def _mine(files):
    """Yield the tests of the files that this run takes."""
    while (place := take(os.environ[QUEUE])) < len(files):
        yield from files[place]


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """Run the tests of this run's files; the next one is known before one ends.

    So what lasts for the session (Odoo's registry, its web server) stays up.
    """
    if QUEUE not in os.environ or session.testsfailed:
        return None
    mine = _mine(_files(session.items))
    item = next(mine, None)
    while item:
        following = next(mine, None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        item = following
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
    return True
