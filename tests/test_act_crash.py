"""The act step killed in the middle: every mail is queued exactly once."""

import os

from .test_crash import scratch_copy, work


def test_killed_while_sending():
    with scratch_copy(os.environ["CRM_RETENTION_DB"]) as database:
        found = work(database, "act_worker.py")
    assert found["kills"] >= 5, found
    assert found["touches"] >= 1500, found
    # every planned mail is queued once, and every touch knows its own
    assert found["mails"] == found["touches"], found
    assert found["persons"] == found["touches"], found
    assert found["unlinked"] == 0, found
    assert found["not_done"] == 0, found
    # every personal one has one activity
    assert found["calls"] == found["activities"] > 0, found
    assert found["errors"] == 0, found
    assert found["cut_off"] >= 2, found  # of the kills, in the middle of the work
