"""How a share with its range is written in a cell of a report."""

from ..tools import frequency
from ..tools.blocks import Cell


def say_range(report, low, high, kind="percent"):
    """Return "from low to high" as the reader writes it."""
    return report.env._(
        "%(low)s to %(high)s",
        low=report._say(low, kind),
        high=report._say(high, kind),
    )


def share_cell(report, hits, n, target=None, shaded=False):
    """Return the cell of a share with its range; of too few it says so.

    :param shaded: colour it by its size, for a table with the look "heat".
    """
    found = frequency.share(hits, n)
    if not found:
        return Cell()
    if n < frequency.FEWEST:
        text = report.env._("too few")
        title = report.env._("%(hits)s of %(n)s", hits=hits, n=n)
        return Cell(None, title=title, text=text, target=target)
    title = report.env._(
        "%(hits)s of %(n)s; in truth %(range)s",
        hits=hits,
        n=n,
        range=say_range(report, found.low, found.high),
    )
    shade = found.value / 100 if shaded else None
    return Cell(found.value, shade=shade, title=title, target=target)
