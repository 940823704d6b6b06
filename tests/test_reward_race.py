"""A reward asked for at the same moment: once is once, a double click buys once.

And remedies for one complaint, given at once: together they keep to the limit.

Who gets the last one of a reward is raced for in :mod:`tests.test_points_race`.
"""

import os

from .test_crash import scratch_copy, work

CROWD = 8
COST = 10


def test_once_is_once():
    with scratch_copy(os.environ["CRM_RETENTION_DB"]) as database:
        found = work(database, "reward_worker.py")
    once, same = found["once_each"], found["same_key"]
    for race in (once, same):
        assert race["other"] == [], race
        assert race["exchanges"] == race["coupons"] == race["got"] == 1, race
        assert race["left"] == COST * (CROWD - 1), race
    assert once["refused"] == CROWD - 1, once
    assert same["answered"] == CROWD, same
    assert found["remedies"] == ["given"] + ["proposed"] * (CROWD - 1), found
    assert found["failed_checks"] == [], found
