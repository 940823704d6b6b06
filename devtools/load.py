"""Loads purchases from elsewhere into a database: a CSV file, or public data.

Run by ./dev load with the environment's Python. All rows or none: whatever is
wrong is said in one sentence, and nothing is kept.
"""

import argparse
import csv
import datetime
import importlib.util
import logging
import sys
from pathlib import Path

from odoo import api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config

NEEDED = {"customer", "date", "amount", "reference"}
CDNOW = {"cdnow": "CDNOW_sample.txt", "cdnow-master": "CDNOW_master.txt"}


class Bad(Exception):
    """What is wrong with the file, in a sentence for whoever loads it."""


def read_csv(path):
    """Return the rows of a CSV file with at least the columns of NEEDED."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Bad(f"{path} cannot be read as CSV: {error}") from error
    missing = NEEDED - set(rows[0] if rows else ())
    if missing:
        raise Bad(f"{path} lacks the column {', '.join(sorted(missing))}")
    return rows


def read_cdnow(name):
    """Return the purchases of a public data set that ships in a Python package.

    The master's lines are customer, day, CDs, dollars; the sample's have a number
    of its own for each customer in second place.
    """
    package = importlib.util.find_spec("lifetimes").submodule_search_locations[0]
    lines = (Path(package) / "datasets" / CDNOW[name]).read_text().splitlines()
    fields = [
        line.split() for line in lines if line[:1].isspace() or line[:1].isdigit()
    ]
    return [
        {
            "customer": f"CDNOW {parts[0]}",
            "date": str(datetime.datetime.strptime(parts[-3], "%Y%m%d").date()),
            "amount": parts[-1],
            "reference": f"{name}-{number}",
        }
        for number, parts in enumerate(fields, 1)
        if parts
    ]


def customers(env, names):
    """Return ``{name: id}`` of contacts by reference or name; unknown ones are made."""
    Partner = env["res.partner"].with_context(tracking_disable=True)
    known = {}
    for field in ("name", "ref"):  # a reference counts for more than a name
        found = Partner.search([(field, "in", names)], order="id desc")
        known.update({partner[field]: partner.id for partner in found})
    new = [name for name in names if name not in known]
    made = Partner.create([{"name": name, "ref": name} for name in new])
    known.update(zip(new, made.ids, strict=True))
    return known, len(new)


def currencies(env, rows):
    """Return ``{code: id}`` of the currencies that the rows name."""
    codes = {row["currency"] for row in rows if row.get("currency")}
    found = env["res.currency"].search([("name", "in", list(codes))])
    if codes - set(found.mapped("name")):
        unknown = ", ".join(sorted(codes - set(found.mapped("name"))))
        raise Bad(f"No active currency {unknown}")
    return {currency.name: currency.id for currency in found}


def load(env, rows):
    """Load the rows into the main company; return a sentence on what was done."""
    ids, made = customers(env, sorted({row["customer"] for row in rows}))
    codes = currencies(env, rows)
    counts = env["retention.purchase"].load_purchases(
        [
            {
                "partner_id": ids[row["customer"]],
                "date": row["date"],
                "amount": row["amount"],
                "reference": row["reference"],
                "currency_id": codes.get(row.get("currency")),
                "note": row.get("note"),
            }
            for row in rows
        ]
    )
    env["retention.run"]._wake()
    return (
        f"{counts['created']} purchases loaded, {counts['unchanged']} were there"
        f" already; {made} new contacts. They are judged within a minute if Odoo runs."
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", required=True)
    parser.add_argument("--config", required=True)
    parser.add_argument("source")
    args = parser.parse_args()
    config.parse_config(["-c", args.config, "-d", args.database, "--log-level=error"])
    logging.getLogger("odoo").setLevel(logging.ERROR)
    try:
        rows = (
            read_cdnow(args.source) if args.source in CDNOW else read_csv(args.source)
        )
        with Registry(args.database).cursor() as cr:
            print(load(api.Environment(cr, api.SUPERUSER_ID, {}), rows))
    except (Bad, UserError) as error:
        print(f"./dev: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
