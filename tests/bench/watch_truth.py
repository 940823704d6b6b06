"""Who falls and is seen in time: our rules beside naive ones, the truth being known.

20,000 customers who buy by chance, two of a hundred unchanged ones may be warned of a
month. The last line printed is ``BENCH watch_truth key=value …``; it ends with an error
if fewer than 40 % of falls are seen within three months, if false alarms exceed the
budget, or if a person gets more alerts than that of a week.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

SHARE = 0.02
SLACK = 1.15  # of a share estimated from purchases alone
CUSTOMERS_EACH = 500  # a salesperson's


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--database", help="not needed")
    options.add_argument("--config", required=True)
    options.add_argument("--customers", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--budget", type=int, default=10)
    args = options.parse_args()
    find_addons(args.config)
    from tests.watch_truth import compare

    start = time.monotonic()
    seen, truth, warned = compare(args.customers, args.seed, SHARE)
    print(f"{'rule':24} false alarms  seen in 3 months, by purchases a month")
    for name, each in seen.items():
        rates = ", ".join(f"{key}: {of:.0%}" for key, of in each.by_rate.items())
        false = f"{each.false_share:12.2%}"
        print(f"{name:24} {false}  {each.detected:.1%}  ({rates})")
    people = max(args.customers // CUSTOMERS_EACH, 1)
    most, opened, right, falls = truth.live(warned, people, args.budget)
    print(
        f"{people} people, 5 % fall, at most {args.budget} alerts a week each: "
        f"{opened} alerts in 12 weeks, {right} of them about the {falls} falls"
    )
    drop = seen["Gamma-Poisson (drop)"]
    failed = (
        drop.detected < 0.4 or drop.false_share > SHARE * SLACK or most > args.budget
    )
    figures = {
        "detected": round(drop.detected, 4),
        "false_share": round(drop.false_share, 5),
        "ewma": round(seen["EWMA (slow)"].detected, 4),
        "z_score": round(seen["own z-score"].detected, 4),
        "cusum": round(seen["Poisson CUSUM"].detected, 4),
        "ratio": round(seen["ratio to own mean"].detected, 4),
        "most_week": most,
        "precision": round(right / opened, 4) if opened else 0.0,
        "seconds": round(time.monotonic() - start, 1),
        "result": "failed" if failed else "ok",
    }
    print("BENCH watch_truth", *(f"{key}={value}" for key, value in figures.items()))
    return int(failed)


def find_addons(config_file):
    """Let the addons be imported: Odoo puts their folders where they are found."""
    from odoo.modules.module import initialize_sys_path
    from odoo.tools import config

    config.parse_config(["-c", config_file, "--log-level=warn"])
    initialize_sys_path()


if __name__ == "__main__":
    sys.exit(main())
