"""Points at the same moment: nobody spends twice, no event counts twice.

Small here; ``./dev bench points_race`` does the same 50 times and with 10,000 events.
"""

import os

from .test_crash import scratch_copy, work


def judge(found):
    """What must be so, however many rounds and events there were."""
    for spending in found["spending"]:
        assert spending["accepted"] == 20, spending
        assert spending["refused"] == 20, spending
        assert spending["gave_up"] == 0, spending
        assert spending["lowest"] == 0, spending
        assert spending["left"] == 0, spending
    # one of twelve gets the last one, the others keep their points
    last = found["last_one"]
    assert last["got_it"] == last["taken"] == last["exchanges"] == 1, last
    assert last["refused"] == 11, last
    assert last["left"] == 11 * 50, last
    events = found["events"]
    first, second, again = events["told"]
    assert first["accepted"] == second["accepted"] == events["entries"], events
    assert again.get("refused", 0) == events["altered"] > 0, events
    assert events["points"] == events["expected_points"], events
    assert found["failed_checks"] == [], found


def test_nobody_spends_twice():
    with scratch_copy(os.environ["CRM_RETENTION_DB"]) as database:
        judge(work(database, "points_worker.py"))
