"""Rewards at the same moment: the last one goes once, a double click buys once."""

import os

from .test_crash import scratch_copy, work

CROWD = 8
COST = 10


def test_the_last_one_is_handed_out_once():
    with scratch_copy(os.environ["CRM_RETENTION_DB"]) as database:
        found = work(database, "reward_worker.py")
    last, once, same = found["last_one"], found["once_each"], found["same_key"]
    for race in (last, once, same):
        assert race["other"] == [], race
        assert race["exchanges"] == race["coupons"] == race["got"] == 1, race
    assert (last["taken"], last["refused"]) == (1, CROWD - 1), last
    assert last["left"] == COST * (CROWD - 1), last
    assert once["refused"] == CROWD - 1, once
    assert once["left"] == same["left"] == COST * (CROWD - 1), (once, same)
    assert same["answered"] == CROWD, same
    assert found["failed_checks"] == [], found
