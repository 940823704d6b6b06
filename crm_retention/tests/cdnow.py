"""Purchases of customers of a music shop from January 1997 to June 1998.

From Fader & Hardie; the file comes with the package ``lifetimes``, of which nothing
else is used.
"""

import importlib.util
from collections import defaultdict
from datetime import date
from functools import cache
from pathlib import Path

from odoo.addons.crm_retention.tools.clv import DAYS, History

SPLIT = date(1997, 9, 30)  # the 39 weeks to learn from end here, 39 to check follow


@cache
def purchases():
    """Return ``{customer: {day: amount}}``: one purchase a customer and day."""
    folder = Path(importlib.util.find_spec("lifetimes").origin).parent / "datasets"
    bought = defaultdict(lambda: defaultdict(float))
    for line in (folder / "CDNOW_sample.txt").read_text().splitlines():
        _master, customer, day, _discs, amount = line.split()
        moment = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        bought[customer][moment] += float(amount)
    return bought


def history(days, until=SPLIT):
    """Return the :class:`History` of a customer who bought on these days."""
    known = sorted(day for day in days if day <= until)
    first, last = known[0], known[-1]
    return History(
        len(known) - 1, (last - first).days / DAYS, (until - first).days / DAYS
    )


def repeats(days, until=SPLIT):
    """Return (repeat purchases, their mean amount), 0 where there is none."""
    amounts = [days[day] for day in sorted(days) if day <= until][1:]
    return len(amounts), sum(amounts) / len(amounts) if amounts else 0.0
