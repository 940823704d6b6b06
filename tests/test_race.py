"""Several senders at the same moment: nobody gets more than the limit allows."""

import json
import os
import subprocess
import sys
from pathlib import Path

from .test_crash import scratch_copy

WORKER = Path(__file__).with_name("race_worker.py")


def work(database):
    line = [sys.executable, "-W", "ignore", str(WORKER)]
    line += ["--config", os.environ["CRM_RETENTION_CONF"], "--database", database]
    done = subprocess.run(
        line, capture_output=True, text=True, timeout=300, cwd=WORKER.parents[1]
    )
    assert done.returncode == 0, done.stderr[-5000:]
    sys.stderr.write(done.stderr)
    return json.loads(done.stdout)


def test_a_limit_of_one_means_one():
    with scratch_copy(os.environ["CRM_RETENTION_DB"]) as database:
        found = work(database)
    # whoever holds the customer first: one contact, whatever happens at once
    assert set(found["held"]) == {1}, found
    # the race is a real one: without holding, more than one got through
    assert max(found["free"]) > 1, found
    # two mailings to the same people at once: one mail each, and both end
    mailings = found["mailings"]
    assert mailings["most_at_first"] == 1, found
    assert mailings["most"] == 1, found
    assert mailings["none"] == 0, found
    assert mailings["states"] == ["done", "done"], found
