"""Races for points at full size: 50 rounds of 40 spenders, 10,000 events told thrice.

What :mod:`tests.test_points_race` does small. Ends with the line ``BENCH points_race
key=value …``; fails where anything is not as it must be.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from _common import say_result

from tests.test_points_race import judge

WORKER = Path(__file__).parents[1] / "points_worker.py"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--rounds", default="50")
    parser.add_argument("--events", default="10000")
    options = vars(parser.parse_args())
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", WORKER, *words],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found = json.loads(done.stdout)
    judge(found)
    seconds = [spending["seconds"] for spending in found["spending"]]
    events = found["events"]
    say_result(
        "points_race",
        {
            "rounds": len(seconds),
            "accepted_each": 20,
            "longest_round_s": max(seconds),
            "events": events["entries"],
            "altered_refused": events["altered"],
            "failed_checks": len(found["failed_checks"]),
        },
    )


if __name__ == "__main__":
    main()
