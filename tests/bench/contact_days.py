"""Ninety days of contacts with ten thousand customers under random rules.

The property test of ``tests/test_contact_days.py`` at full size: an independent
judge recounts every contact. Ends with an error if one was against a rule.

The last line printed is ``BENCH contact_days key=value …``.
"""

import sys
import time
from pathlib import Path

from _common import Bench, memory, parser, say_result

sys.path.insert(0, str(Path(__file__).parents[2]))

TABLES = (
    "retention_touch",
    "retention_profile",
    "retention_stage_history",
    "retention_cadence_state",
    "retention_hold",
    "res_partner",
    "mail_message",
    "mail_activity",
)


def main():
    options = parser(__doc__)
    options.set_defaults(customers=10_000, orders=0, rounds=1)
    options.add_argument("--days", type=int, default=90)
    options.add_argument("--seed", type=int, default=1)
    args = options.parse_args()
    bench = Bench(args)

    def live(env):
        from tests.contact_days import Simulation  # after the addons are found

        context = {"tracking_disable": True, "no_reset_password": True}
        env = env(context=dict(env.context, **context))
        simulation = Simulation(env, args.seed, bench.customers)

        def rest(number):
            """Commit, and have PostgreSQL look at its tables as it does by itself."""
            env.cr.commit()
            if number < 5 or number % 5 == 0:
                bench.vacuum(*TABLES)
                print(f"day {number}: {simulation.seen} contacts", flush=True)

        found = simulation.run(args.days, rest)
        for customer, line, moment in simulation.missing[:20]:
            print(f"not planned: {customer.name}, line {line}, {moment}")
        return found

    start = time.monotonic()
    found = bench.work(live)
    print(found)
    result = {
        "wrong": sum(found["wrong"].values()),
        "contacts": found["contacts"],
        "seconds": time.monotonic() - start,
        "rss_mb": memory(),
        "customers": bench.customers,
        "days": args.days,
        "seed": args.seed,
    }
    say_result("contact_days", result)
    if found["wrong"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
