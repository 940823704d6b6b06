"""Charts as pictures: pure text that a browser and a printer draw alike.

Colours are told apart by people who see few of them, and never the only sign: every
value stands in the picture or in its title, and series differ in pattern or shape too.
A picture is drawn for the width at which it is shown, so that its texts stay readable.
"""

import re
from collections.abc import Callable, Sequence

from . import svg_marks as marks
from .svg_marks import COLORS, DASHES, MUTED, Canvas, clean, write
from .svg_plot import SIZE, Plot, number, shorten, text_width, ticks

FONT = "'Liberation Sans','DejaVu Sans',sans-serif"
GRID = "#e5e7eb"
GAP = 8
ROW = 26  # of a flat chart: pixels a name has
WHOLE = ("integer", "minutes")


def draw(chart, width: int, say: Callable, tell: Callable | None = None) -> str:
    """Return the picture of a :class:`tools.blocks.Chart`.

    :param width: in pixels; on a phone about 340.
    :param say: writes a value as the reader does, short: at axes and ends of bars.
    :param tell: writes it whole, for what is pointed at.
    """
    tell = tell or say
    key = re.sub(r"\W", "-", str(chart.name))
    if not any(value is not None for one in chart.series for value in one.values):
        pieces = [write(width / 2, 34, "–", size=16, color=MUTED)]
        return _picture(chart, width, 60, pieces)
    legend, top = _legend(chart, width, key)
    plot = _place(chart, width, say, top)
    canvas = Canvas(chart, plot, say, tell, key)
    pieces = ["<defs>", *marks.patterns(key, len(chart.series)), "</defs>", *legend]
    pieces += (
        _grid(canvas) + _names(canvas) + _draw_series(canvas) + _references(canvas)
    )
    return _picture(chart, width, plot.height, pieces)


def _picture(chart, width, height, pieces) -> str:
    """Return the whole picture.

    >>> from .blocks import Chart, Series
    >>> chart = Chart("c", "Bought <once>", ["Jan", "Feb"], [Series("New", [4, None])])
    >>> found = draw(chart, 400, str)
    >>> found.startswith("<svg") and "Bought &lt;once&gt;" in found
    True
    >>> found.count("<rect"), "<title>Jan: 4</title>" in found
    (1, True)
    >>> empty = Chart("c", "Nothing", [], [Series("New", [])])
    >>> "–</text>" in draw(empty, 400, str)
    True
    >>> flow = Chart("w", "Flow", ["Start", "New", "End"], [
    ...     Series("", [10, -3, 7], look="step")], totals=[0, 2])
    >>> found = draw(flow, 400, str)
    >>> found.count("<rect"), ">-3</text>" in found
    (3, True)
    >>> long = Chart("p", "Causes", ["The parcel came late", "The parcel was wet"],
    ...     [Series("Tickets", [7, 2])])
    >>> _is_flat(long, 340), _is_flat(long, 1200), _is_flat(chart, 340)
    (True, False, False)
    >>> two = Chart("b", "B", ["A"], [Series("N", [1]), Series("R", [2])])
    >>> found = draw(two, 400, str)
    >>> "url(#b-1)" in found and found.count("<pattern") == 1
    True
    """
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{number(width)}"'
        f' height="{number(height)}" viewBox="0 0 {number(width)} {number(height)}"'
        f' font-family="{FONT}" role="img" aria-label="{clean(chart.title)}">'
        f"{''.join(pieces)}</svg>"
    )


# ---- room ------------------------------------------------------------------------


def _is_flat(chart, width) -> bool:
    """Tell whether names would not fit below each other's bars, but do beside them."""
    if chart.marks or any(one.look == "line" for one in chart.series):
        return False
    longest = max((text_width(str(label)) for label in chart.labels), default=0)
    slot = (width - 70) / max(len(chart.labels), 1)
    return longest > slot - 2 and longest > text_width("Sept 2024")


def reach_of(chart) -> tuple[float, float]:
    """Return the lowest and the highest value that the chart has to hold.

    Bars begin at 0, and lines too, unless all of them lie far above it.

    >>> from .blocks import Chart, Series
    >>> bars = [Series("A", [1, 5]), Series("B", [2, -1])]
    >>> reach_of(Chart("c", "", ["x", "y"], bars))
    (-1, 5)
    >>> reach_of(Chart("c", "", ["x", "y"], bars, stacked=True))
    (-1, 5)
    >>> reach_of(Chart("c", "", ["x"], [Series("A", [3]), Series("B", [4])], stacked=1))
    (0, 7)
    >>> both = [Series("A", [3]), Series("B", [4], look="line")]
    >>> reach_of(Chart("c", "", ["x"], both, stacked=1))
    (0, 4)
    >>> high = Series("A", [92, 95], [90, 93], [94, 97], look="line")
    >>> reach_of(Chart("c", "", ["x", "y"], [high]))
    (90, 97)
    >>> reach_of(Chart("c", "", ["x", "y"], [high], bounds=[(50, "Target")]))
    (0, 97)
    >>> step = Series("", [10, 5, -20], look="step")
    >>> reach_of(Chart("c", "", ["x", "y", "z"], [step], totals=[0]))
    (-5, 15)
    >>> step = Series("", [10, -2], [4, None], [30, None], look="step")
    >>> reach_of(Chart("c", "", ["x", "y"], [step], totals=[0]))
    (0, 30)
    """
    values = [value for value, _text in chart.bounds]
    for one in chart.series:
        if one.look == "step":
            levels = marks.waterfall(one.values, chart.totals)
            values += [value for pair in levels for value in pair]
        ends = [*(one.low or ()), *(one.high or ())]
        if one.look != "step":
            ends += one.values
        values += [value for value in ends if value is not None]
    values += _stacks(chart) if chart.stacked else ()
    low, high = min(values), max(values)
    loose = all(one.look in ("line", "point") for one in chart.series)
    if loose and low > 0.6 * high > 0:
        return low, high
    return min(low, 0), max(high, 0)


def _stacks(chart) -> list[float]:
    """Return how high and how low the bars that stand on each other reach."""
    found = []
    for place in range(len(chart.labels)):
        parts = [one.values[place] or 0 for one in chart.series if one.look == "bar"]
        found.append(sum(part for part in parts if part > 0))
        found.append(sum(part for part in parts if part < 0))
    return found


def _place(chart, width, say, top) -> Plot:
    """Return the field of the marks, with room for names and values around it."""
    flat = _is_flat(chart, width)
    low, high = reach_of(chart)
    lines = max(3, round(width / 110)) if flat else 5
    scale = ticks(low, high, min(lines, 8), chart.unit in WHOLE)
    texts = [text_width(say(value), SIZE - 1) for value in scale]
    count = len(chart.labels)
    top += 16 + (16 if chart.marks or flat and chart.bounds else 0)
    axis = 18 if chart.axis else 0
    if not flat:
        height = top + min(max(width * 0.36, 170), 290) + 22 + axis
        left = max(texts) + GAP
        return Plot(width, height, left, 10, top, 22 + axis, count, scale)
    names = max(text_width(str(label)) for label in chart.labels) + GAP
    lanes = 1 if chart.stacked else len(chart.series)
    height = top + count * max(ROW, 15 * lanes + 8) + 22 + axis
    left, right = min(names, width * 0.42), max(texts) + 14
    return Plot(width, height, left, right, top, 22 + axis, count, scale, flat=True)


# ---- what stands around the marks ------------------------------------------------


def _legend(chart, width, key) -> tuple[list[str], float]:
    """Return the names of the series, and how high they stand."""
    if len(chart.series) < 2:
        return [], 4
    found, x, y = [], 0, 12
    for index, one in enumerate(chart.series):
        name = shorten(str(one.name), width - 30)
        room = text_width(name) + 40
        if x and x + room > width:
            x, y = 0, y + 20
        found.append(_sample(one, index, x, y, key))
        found.append(write(x + 26, y + 4, name, "start", SIZE))
        x += room
    return found, y + 12


def _sample(one, index, x, y, key) -> str:
    """Return what the marks of a series look like."""
    if one.look == "line":
        dash = DASHES[index % len(DASHES)]
        line = (
            f'<line x1="{number(x)}" y1="{y}" x2="{number(x + 22)}" y2="{y}"'
            f' stroke="{COLORS[index % len(COLORS)]}" stroke-width="2"'
            f' stroke-dasharray="{dash or "none"}"/>'
        )
        return line + marks.shape(index, number(x + 11), str(y), "", 3.5)
    if one.look == "point":
        return marks.shape(index, number(x + 11), str(y), "", 4.5)
    canvas = Canvas(None, None, str, str, key)
    return (
        f'<rect x="{number(x + 4)}" y="{y - 6}" width="16" height="12"'
        f' fill="{canvas.fill(index)}"/>'
    )


def _grid(canvas) -> list[str]:
    """Return the lines of round values with their texts, and that of zero."""
    plot, found = canvas.plot, []
    every = 1
    if plot.flat:
        widest = max(text_width(canvas.say(value)) for value in plot.scale) + GAP
        gap = abs(plot.at(plot.scale[1]) - plot.at(plot.scale[0]))
        every = max(1, -int(-widest // gap))
    for place, value in enumerate(plot.scale):
        color = "#6b7280" if value == 0 else GRID
        line = plot.line(0, value, plot.count, value)
        found.append(f'<line {line} stroke="{color}" stroke-width="1"/>')
        if place % every:
            continue
        text = canvas.say(value)
        if plot.flat:
            below = plot.height - plot.bottom + 15
            found.append(write(plot.at(value), below, text, color=MUTED))
        else:
            found.append(
                write(plot.left - 5, plot.at(value) + 4, text, "end", color=MUTED)
            )
    if canvas.chart.axis:
        middle = (plot.left + plot.width - plot.right) / 2
        text = shorten(str(canvas.chart.axis), plot.width)
        found.append(write(middle, plot.height - 5, text, color=MUTED))
    return found


def _names(canvas) -> list[str]:
    """Return the labels: all where they fit, else every second, third … one."""
    plot, labels = canvas.plot, [str(label) for label in canvas.chart.labels]
    found = []
    if plot.flat:
        for place, label in enumerate(labels):
            text = shorten(label, plot.left - GAP)
            y = plot.along(place + 0.5) + 4
            name = write(plot.left - 6, y, text, "end", SIZE)
            found.append(_tip(name, text, label))
        return found
    room = max(plot.slot - GAP, plot.width / 3)
    texts = [shorten(label, room, SIZE - 1) for label in labels]
    widest = max(text_width(text, SIZE - 1) for text in texts) + GAP
    every = max(1, -int(-widest // plot.slot))
    for place in range(0, len(labels), every):
        x = plot.along(place + 0.5)
        half = text_width(texts[place], SIZE - 1) / 2
        x = min(max(x, half), plot.width - half)
        below = plot.height - plot.bottom + 15
        name = write(x, below, texts[place], color=MUTED)
        found.append(_tip(name, texts[place], labels[place]))
    return found


def _tip(name, text, label) -> str:
    """Return a name that says itself whole when pointed at, where it was cut."""
    tip = f"<title>{clean(label)}</title></text>"
    return name.replace("</text>", tip) if text != label else name


def _draw_series(canvas) -> list[str]:
    """Return the marks: bars behind, lines before them, points in front."""
    found, numbered = [], list(enumerate(canvas.chart.series))
    bars = [(index, one) for index, one in numbered if one.look == "bar"]
    if bars:
        found += marks.bars(canvas, bars)
    for _index, one in numbered:
        if one.look == "step":
            found += marks.steps(canvas, one)
    for index, one in numbered:
        if one.look == "line":
            found += marks.lines(canvas, index, one)
    dots = [(index, one) for index, one in numbered if one.look == "point"]
    for lane, (index, one) in enumerate(dots, 1):
        found += marks.points(canvas, index, one, lane / (len(dots) + 1))
    return found


def _references(canvas) -> list[str]:
    """Return the lines of reference values and of moments, with what they are."""
    found, plot, chart = [], canvas.plot, canvas.chart
    dashed = 'stroke="#111827" stroke-width="1.2" stroke-dasharray="5 3"'
    for value, text in chart.bounds:
        found.append(f"<line {plot.line(0, value, plot.count, value)} {dashed}/>")
        place = plot.at(value)
        if plot.flat:
            found.append(_label(plot, place, plot.top - 5, text, "middle"))
        else:
            found.append(_label(plot, plot.width - plot.right, place - 4, text, "end"))
    for place, text in chart.marks:
        low, high = plot.scale[0], plot.scale[-1]
        line = plot.line(place + 0.5, low, place + 0.5, high)
        found.append(f'<line {line} stroke="#111827" stroke-dasharray="2 3"/>')
        x = plot.along(place + 0.5)
        anchor = "start" if x < plot.width / 2 else "end"
        found.append(_label(plot, x, plot.top - 5, text, anchor))
    return found


def _label(plot: Plot, x, y, text, anchor) -> str:
    """Return a text on a light ground that does not leave the picture."""
    text = shorten(str(text), plot.width - GAP, SIZE - 1)
    wide = text_width(text, SIZE - 1)
    left = x - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
    left = min(max(left, 0), plot.width - wide)
    ground = (
        f'<rect x="{number(left - 2)}" y="{number(y - SIZE + 2)}"'
        f' width="{number(wide + 4)}" height="{SIZE + 2}" fill="#fff"'
        ' fill-opacity="0.8"/>'
    )
    return ground + write(left, y, text, "start", weight="600")


def sparkline(values: Sequence, width=120, height=30, title="") -> str:
    """Return a small line without axes; its last point is marked.

    >>> found = sparkline([1, 2, None, 4], title="NPS: 1, 2, –, 4")
    >>> found.count("<polyline"), found.count("<circle")
    (1, 1)
    >>> sparkline([None, None]), sparkline([])
    ('', '')
    >>> 'points="4,15 116,15"' in sparkline([5, 5])
    True
    """
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    step = (width - 8) / max(len(values) - 1, 1)

    def at(place):
        part = (values[place] - low) / (high - low) if high > low else 0.5
        return number(4 + place * step), number(height - 5 - part * (height - 10))

    pieces = [f"<title>{clean(title)}</title>"] if title else []
    runs = marks.runs(values)
    for run in runs:
        if len(run) > 1:
            line = " ".join(",".join(at(place)) for place in run)
            pieces.append(
                f'<polyline points="{line}" fill="none" stroke="{COLORS[0]}"'
                ' stroke-width="1.5"/>'
            )
        elif run != runs[-1]:
            x, y = at(run[0])
            pieces.append(f'<circle cx="{x}" cy="{y}" r="1.5" fill="{COLORS[0]}"/>')
    x, y = at(runs[-1][-1])
    pieces.append(f'<circle cx="{x}" cy="{y}" r="3" fill="{COLORS[0]}"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" role="img"'
        f' aria-label="{clean(title)}">{"".join(pieces)}</svg>'
    )
