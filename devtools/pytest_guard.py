"""A pytest plugin: a test that needs a browser or the web server is never skipped."""

import re

BROWSER = re.compile(r"http|chrom|browser|devtools|websocket", re.I)
_skipped = []


def pytest_runtest_logreport(report):
    """Note the skips that hide a missing browser."""
    if report.skipped and BROWSER.search(str(report.longrepr)):
        _skipped.append(f"{report.nodeid}: {report.longrepr}")


def pytest_sessionfinish(session):
    """Fail the run for them."""
    if _skipped and session.exitstatus == 0:
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter):
    """Name them above pytest's last line."""
    for line in _skipped:
        terminalreporter.write_line(f"MUST NOT BE SKIPPED {line}", red=True)
