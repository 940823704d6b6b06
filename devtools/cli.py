"""The command line of ./dev: what may be asked, and the way into the environment."""

import argparse
import os
import signal
import sys
import traceback

from . import debian, paths, python_env, ui

DESCRIPTION = f"""\
Everything to run and develop the customer retention addons, on Debian 12 with
Python 3.10 to 3.13. The first command gets what it needs (about 600 MB to download,
3 GB on disk) into {paths.CACHE}.
Nothing is installed on the machine and root is not needed; as root, PostgreSQL runs
under a system user made for it.
"""
EPILOG = """\
environment:
  CRM_RETENTION_CACHE   another folder for the cache
  CRM_RETENTION_DEBUG   1: a traceback with every error
  CRM_RETENTION_MIRROR  another Debian mirror than the machine's own
  PGHOST, PGPORT, PGUSER, PGPASSWORD
                        a PostgreSQL server to use instead of the embedded one; the
                        user must be allowed to create databases
"""


def _parser():
    parser = argparse.ArgumentParser(
        prog="./dev",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name, summary, text=""):
        return commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.\n\n{text}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    for group in (_demo, _databases, _shots, _checks, _bench):
        group(add)
    return parser


def _demo(add):
    demo = add(
        "demo",
        "start Odoo with both addons and demo data",
        "Makes the database the first time, takes changed addons in at later starts,\n"
        "and runs until Ctrl-C.",
    )
    demo.add_argument("--port", type=int, default=8069, help="if free (8069)")
    demo.add_argument("--lang", help="load a language and use it, such as zh_CN")
    demo.add_argument("--fresh", action="store_true", help="make the database anew")
    demo.add_argument(
        "--no-start", action="store_true", help="only make the database ready"
    )


def _databases(add):
    update = add(
        "update",
        "take the addons' present sources into a prepared database",
        "Without a name: the addons that changed since the last time.",
    )
    update.add_argument("addons", nargs="*", help="of crm_retention[_reports]")
    shell = add("shell", "open a Python shell in Odoo (env, self)")
    for sub in (update, shell):
        sub.add_argument("--db", choices=("demo", "test"), default="demo")

    load = add(
        "load",
        "load purchases from elsewhere into the demo database",
        "A CSV file with the columns customer (reference or name), date (YYYY-MM-DD),\n"
        "amount and reference, and where wanted currency and note; or cdnow or\n"
        "cdnow-master, a public purchase history. Unknown customers are made. Loading\n"
        "a file again changes nothing.",
    )
    load.add_argument("source", metavar="FILE", help="or cdnow, cdnow-master")
    load.add_argument("--db", choices=("demo", "test"), default="demo")


def _shots(add):
    shots = add(
        "shots",
        "take pictures of pages of the demo database",
        "Uses the running ./dev demo or starts one meanwhile. Exit code 1 if the\n"
        "browser's console showed errors.\n\n"
        "  ./dev shots --url /odoo/contacts --width 1400 --width 390 --out pictures\n"
        "  ./dev shots --user retention_user --url /odoo --click '.o_app' \\\n"
        "              --wait .o_list_view",
    )
    shots.add_argument("--user", default="admin", help="login (admin)")
    shots.add_argument("--password", help="the same as the login unless given")
    shots.add_argument("--url", nargs="+", default=["/odoo"], help="pages to open")
    shots.add_argument("--width", type=int, action="append", help="1400 and 390")
    shots.add_argument("--out", default=".", help="folder for the pictures (here)")
    shots.add_argument("--full", action="store_true", help="the page's whole length")
    for name, text in (("click", "click on it"), ("wait", "wait until it is there")):
        shots.add_argument(
            f"--{name}",
            dest="steps",
            metavar="SELECTOR",
            action="append",
            type=lambda selector, name=name: (name, selector),
            help=f"{text}, after each page has come up; in the order given",
        )


def _checks(add):
    test = add(
        "test",
        "check everything: linters, install, update, tests",
        "Other arguments go to pytest:\n\n"
        "  ./dev test --quick crm_retention/tests/test_score.py -k ties",
    )
    test.add_argument(
        "--quick",
        action="store_true",
        help="no linters; the last test database, updated if sources changed",
    )
    test.add_argument(
        "--fresh", action="store_true", help="with --quick: a new database all the same"
    )
    test.add_argument(
        "--database", metavar="NAME", help="another one, to run two tests at once"
    )
    test.add_argument(
        "--with",
        dest="extra",
        metavar="ADDONS",
        help="install Odoo addons beside ours, such as point_of_sale",
    )
    test.add_argument(
        "--host",
        action="store_true",
        help="instead: Odoo's own tests of what we extend (or of the addons named),"
        " without and with us",
    )
    lint = add("lint", "run the linters only")
    lint.add_argument("--fix", action="store_true", help="mend what can be mended")
    add("i18n", "write the .pot files anew and merge them into the translations")


def _bench(add):
    bench = add(
        "bench",
        "run a benchmark on a scratch database of its own",
        "./dev bench lists them; ./dev bench NAME --help tells a benchmark's options.\n"
        "tests/bench/NAME.py is run with --database and --config and the options.",
    )
    bench.add_argument("name", nargs="?", help="a file of tests/bench, without .py")
    bench.add_argument("--keep", action="store_true", help="keep the database")


def _arguments(argv):
    parser = _parser()
    # A benchmark answers --help itself.
    helpless = argv[:1] == ["bench"] and argv[1:2] and not argv[1].startswith("-")
    if helpless:
        keep = "--keep" in argv
        rest = [part for part in argv[2:] if part != "--keep"]
        return argparse.Namespace(command="bench", name=argv[1], keep=keep, rest=rest)
    arguments, rest = parser.parse_known_args(argv)
    if rest and arguments.command != "test":
        parser.error(f"unknown: {' '.join(rest)}")
    arguments.rest = rest
    return arguments


def _interrupt(_number, _frame):
    raise KeyboardInterrupt


def main():
    """Do what the command line asks; returns the exit code."""
    arguments = _arguments(sys.argv[1:])
    os.umask(0o022)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        if not python_env.inside():
            if arguments.command != "lint":
                debian.odoo()
            python_env.enter(sys.argv[1:])
        from . import commands

        return getattr(commands, arguments.command)(arguments)
    except KeyboardInterrupt:
        ui.warn("stopped")
        return 130
    except (ui.Problem, OSError) as error:
        if ui.DEBUG:
            traceback.print_exc()
        print(f"./dev: {error}", file=sys.stderr)
        return 1
    except Exception as error:
        if ui.DEBUG:
            raise
        kind = type(error).__name__
        print(f"./dev: {kind}: {error} (CRM_RETENTION_DEBUG=1 tells more)")
        return 1
