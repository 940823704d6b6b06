"""How good forecasts are, and how long learning takes.

On CDNOW (2,357 customers, 39 weeks to learn from, 39 to check): who buys nothing, and
how often one buys, beside the plain rates. Then 20,000 invented customers are fitted.
The last line printed is ``BENCH forecast key=value …``; it ends with an error if the
ranking (AUC) is below 0.75, the share told is off by more than 0.03, the model is not
closer than the plain rate, or a fit takes more than 5 seconds of computing.
"""

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.watch_truth import find_addons

WEEKS = 39
MOST_SECONDS = 5


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--database", help="not needed")
    options.add_argument("--config", required=True)
    options.add_argument("--customers", type=int, default=20_000)
    options.add_argument("--seed", type=int, default=1)
    args = options.parse_args()
    find_addons(args.config)
    from odoo.addons.crm_retention.tools import clv

    trials = try_cdnow()
    histories = invent(args.customers, random.Random(args.seed))
    seconds = {}
    for kind in clv.KINDS:
        start = time.process_time()
        fit = clv.fit(histories, kind)
        seconds[kind] = time.process_time() - start
        print(f"{kind}: {len(histories)} customers, {seconds[kind]:.1f} s, {fit}")
    best = trials[clv.BG]
    failed = (
        best.rank < 0.75
        or abs(best.told - best.came) > 0.03
        or best.error >= best.plain_error
        or max(seconds.values()) > MOST_SECONDS
    )
    figures = {
        "rank": round(best.rank, 4),
        "rank_by_silence": round(best.plain_rank, 4),
        "told": round(best.told, 4),
        "came": round(best.came, 4),
        "error": round(best.error, 4),
        "plain_error": round(best.plain_error, 4),
        "fit_seconds": round(max(seconds.values()), 2),
        "result": "failed" if failed else "ok",
    }
    print("BENCH forecast", *(f"{key}={value}" for key, value in figures.items()))
    return int(failed)


def try_cdnow():
    """Return ``{kind: forecast.Trial}`` of both models on real purchases."""
    from odoo.addons.crm_retention.tests import cdnow
    from odoo.addons.crm_retention.tools import clv, forecast

    past = [
        forecast.Past(cdnow.history(days), sum(day > cdnow.SPLIT for day in days))
        for days in cdnow.purchases().values()
    ]
    trials = {}
    print("model  ranking (by silence)  told to buy nothing (did)  error (plain rate)")
    for kind in clv.KINDS:
        fit = clv.fit([each.history for each in past], kind)
        found = forecast.trial(past, fit.spread, kind, WEEKS * 7)
        trials[kind] = found
        print(
            f"{kind:6} {found.rank:.3f} ({found.plain_rank:.3f})"
            f"{found.told:15.3f} ({found.came:.3f})"
            f"{found.error:20.3f} ({found.plain_error:.3f})"
        )
    return trials


def invent(count, chance):
    """Return histories as the model supposes them: own rates, and ends by chance."""
    from odoo.addons.crm_retention.tools.clv import DAYS, History

    histories = []
    for _n in range(count):
        rate, leaves = chance.gammavariate(0.8, 1 / 6), chance.betavariate(0.9, 3)
        whole = chance.randrange(7, 1000) / DAYS
        moment, repeats, last = 0.0, 0, 0.0
        while True:
            moment += chance.expovariate(max(rate, 1e-9))
            if moment > whole:
                break
            day = round(moment * DAYS) / DAYS
            repeats, last = repeats + (day > last), max(day, last)
            if chance.random() < leaves:
                break
        histories.append(History(repeats, last, whole))
    return histories


if __name__ == "__main__":
    sys.exit(main())
