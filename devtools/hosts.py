"""Odoo's own tests of the addons that ours extend, without and with ours.

Some of them fail on any given build of Odoo; what counts is the difference.
"""

import json
import re

from . import browser, database, odoo, paths, postgres, ui
from .ui import Problem, say

ADDONS = (
    "sale",
    "loyalty",
    "sale_loyalty",
    "portal",
    "auth_signup",
    "crm",
    "helpdesk_mgmt",
    "helpdesk_mgmt_rating",
    "privacy_lookup",
    "rating",
    "survey",
    "mass_mailing",
    "sms",
    "calendar",
    "digest",
    "spreadsheet_dashboard",
)
TEST_PORT = 8270
# One line of Odoo's log about a test that did not pass, and the one about them all.
FAILED = re.compile(r" ERROR \S+ \S+: (?:FAIL|ERROR): (?:Subtest )?(setUp\w+ \S+|\S+)")
COUNTED = re.compile(r"(\d+ failed, \d+ error\(s\)) of (\d+) tests")


def compare(chosen=()):
    """Run them both ways and tell the difference; 1 if ours make it worse.

    ``chosen`` are the addons to look at, if not all.
    """
    if unknown := set(chosen) - set(ADDONS):
        raise Problem(f"Ours do not extend: {', '.join(sorted(unknown))}")
    addons = tuple(chosen) or ADDONS
    browser.ensure()
    with postgres.running() as server:
        without, count = _without(server, addons)
        name = database.own("host_with")
        with paths.locked(name):
            database.fresh(server, name)
            ours, our_count = _run(server, name, "with", addons)
            database.drop(name)
    _tell("fail on this build of Odoo anyway", ours & without)
    _tell("fail only without our addons", without - ours)
    _tell("FAIL ONLY WITH OUR ADDONS", ours - without)
    if our_count != count:
        say(f"{count} tests without our addons, {our_count} with them")
    return 1 if ours - without or our_count < count else 0


def _tell(title, tests):
    say(f"{len(tests)} {title}")
    for test in sorted(tests):
        say(f"  {test}")


def _without(server, addons):
    """The failures without our addons: they change with Odoo only, so are kept."""
    source = database.prepared(server)
    kept = paths.CACHE / "host" / f"{source}-{paths.key(addons)}.json"
    if not kept.exists():
        name = database.own("host_without")
        with paths.locked(name):
            database.copy(source, name)
            failed, count = _run(server, name, "without", addons)
            database.drop(name)
        kept.parent.mkdir(exist_ok=True)
        partial = kept.with_suffix(".partial")
        partial.write_text(json.dumps([sorted(failed), count]))
        partial.rename(kept)
    failed, count = json.loads(kept.read_text())
    return set(failed), count


def _run(server, name, kind, addons):
    """Run the tests by Odoo's own runner; those that failed, and how many there are."""
    log = paths.workspace() / f"{name}.log"
    log.unlink(missing_ok=True)
    tags = ",".join(f"/{addon}" for addon in addons)
    port = odoo.free_port(TEST_PORT)
    line = odoo.command(server, name, "-u", ",".join(addons), f"--test-tags={tags}")
    line += ["--stop-after-init", f"--http-port={port}", f"--logfile={log}"]
    with ui.step(f"Odoo's own tests {kind} our addons", note=lambda: odoo.last(log)):
        ui.show(line, cwd=paths.REPO)
    text = log.read_text()
    counted = COUNTED.findall(text)
    if not counted:
        raise Problem(f"Odoo's tests did not come to their end, see {log}")
    result, count = counted[-1]
    say(f"    {result} of {count} tests")
    return set(FAILED.findall(text)), int(count)
