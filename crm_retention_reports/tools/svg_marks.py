"""The marks of a chart: bars, stacked bars, steps, lines with bands, points.

Each is a list of pieces of a picture; every mark says its value when pointed at. What
tells series apart is a pattern, a dash or a shape as well as a colour.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from .svg_plot import SIZE, Plot, number, shorten, text_width

COLORS = ("#0f766e", "#c2620a", "#1d4ed8", "#9d174d", "#4d7c0f", "#57534e", "#7e22ce")
UP, DOWN, LEVEL, TEXT, MUTED = "#15803d", "#b91c1c", "#4b5563", "#1f2937", "#4b5563"
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 4", "12 4", "2 6")
PATTERNS = (
    "",
    "M-2 2L2 -2M0 8L8 0M6 10L10 6",
    "M0 4H8",
    "M1 4H3M5 0H7M5 8H7",
    "M4 0V8",
    "M0 4H8M4 0V8",
    "M-2 6L2 10M0 0L8 8M6 -2L10 2",
)


@dataclass
class Canvas:
    """A chart on its plot, and how its values are said."""

    chart: object
    plot: Plot
    say: Callable  # short, for the ends of bars
    tell: Callable  # whole, for what is pointed at
    key: str = "c"  # begins the names of patterns

    def title(self, place: int, series, value) -> str:
        """Return what is said of a value when it is pointed at."""
        label = str(self.chart.labels[place])
        if len(self.chart.series) > 1 and series.name:
            label = f"{label} · {series.name}"
        text = f"{label}: {self.tell(value)}"
        low, high = reach(series, place)
        if low is not None and high is not None:
            text += f" ({self.tell(low)} – {self.tell(high)})"
        return f"<title>{clean(text)}</title>"

    def fill(self, index: int) -> str:
        """Return how bars of a series are filled."""
        if PATTERNS[index % len(PATTERNS)]:
            return f"url(#{self.key}-{index % len(PATTERNS)})"
        return COLORS[index % len(COLORS)]


def clean(text) -> str:
    """Return a text that can stand in a picture.

    >>> clean('<b> & "c"' + chr(8))
    '&lt;b&gt; &amp; &quot;c&quot;'
    """
    return escape("".join(sign for sign in str(text) if sign >= " " or sign == "\n"))


def reach(series, place: int) -> tuple[float | None, float | None]:
    """Return the range in which a value lies, as far as it is known.

    >>> from .blocks import Series
    >>> reach(Series("A", [1, 2], [0, 1], [2, None]), 1), reach(Series("A", [1]), 0)
    ((1, None), (None, None))
    """
    low = series.low[place] if series.low else None
    high = series.high[place] if series.high else None
    return low, high


def write(x, y, text, anchor="middle", size=SIZE - 1, color=TEXT, weight="") -> str:
    """Return a text at a place.

    >>> write(1, 2, "a&b", size=9, color="red")
    '<text x="1" y="2" text-anchor="middle" font-size="9" fill="red">a&amp;b</text>'
    """
    bold = f' font-weight="{weight}"' if weight else ""
    return (
        f'<text x="{_place(x)}" y="{_place(y)}" text-anchor="{anchor}"'
        f' font-size="{size}" fill="{color}"{bold}>{clean(text)}</text>'
    )


def _place(value) -> str:
    return value if isinstance(value, str) else number(value)


def patterns(key: str, count: int) -> list[str]:
    """Return the fillings of ``count`` series of bars but the first, which is plain.

    >>> patterns("c", 1), len(patterns("c", 3))
    ([], 2)
    """
    found = []
    for index in range(min(count, len(PATTERNS))):
        if PATTERNS[index]:
            found.append(
                f'<pattern id="{key}-{index}" width="8" height="8"'
                ' patternUnits="userSpaceOnUse">'
                f'<rect width="8" height="8" fill="{COLORS[index]}"/>'
                f'<path d="{PATTERNS[index]}" stroke="#fff" stroke-width="1.4"'
                ' stroke-opacity="0.75" fill="none"/></pattern>'
            )
    return found


def bars(canvas: Canvas, series: Sequence) -> list[str]:
    """Return bars beside each other, or on each other if the chart is stacked."""
    if canvas.chart.stacked:
        return _stacked(canvas, series)
    found = []
    wide = 0.76 / len(series)
    # what lies on the bars would cover their texts
    free = all(one.look == "bar" for one in canvas.chart.series)
    for lane, (index, one) in enumerate(series):
        texts = free and _fits(canvas, one, wide)
        for place, value in enumerate(one.values):
            if value is None:
                continue
            start = place + 0.12 + lane * wide
            box = canvas.plot.box(start, start + wide * 0.94, 0, value)
            found.append(
                f'<rect {box} fill="{canvas.fill(index)}" rx="1">'
                f"{canvas.title(place, one, value)}</rect>"
            )
            middle = start + wide * 0.47
            found += whisker(canvas, one, place, middle)
            if texts:
                found.append(_end(canvas, one, place, middle, canvas.say(value)))
    return found


def _stacked(canvas, series):
    """Return bars that stand on each other; what is below zero hangs below it."""
    found = []
    for place in range(len(canvas.chart.labels)):
        above = below = 0
        for index, one in series:
            value = one.values[place]
            if not value:
                continue
            base = above if value > 0 else below
            box = canvas.plot.box(place + 0.12, place + 0.88, base, base + value)
            found.append(
                f'<rect {box} fill="{canvas.fill(index)}" stroke="#fff"'
                f' stroke-width="0.5">{canvas.title(place, one, value)}</rect>'
            )
            if value > 0:
                above += value
            else:
                below += value
    return found


def steps(canvas: Canvas, one) -> list[str]:
    """Return a waterfall: changes hang where the one before ended."""
    found, level, plot = [], 0, canvas.plot
    levels = waterfall(one.values, canvas.chart.totals)
    texts = _fits(canvas, one, 0.9)
    for place, (value, (start, end)) in enumerate(zip(one.values, levels, strict=True)):
        if value is None:
            continue
        total = place in canvas.chart.totals
        color = LEVEL if total else UP if value >= 0 else DOWN
        if place and levels[place - 1] is not None:
            line = plot.line(place - 0.14, level, place + 0.14, level)
            found.append(f'<line {line} stroke="{MUTED}" stroke-dasharray="2 2"/>')
        box = plot.box(place + 0.14, place + 0.86, start, end)
        ranged = whisker(canvas, one, place, place + 0.5) if total else []
        pale = ' fill-opacity="0.5"' if ranged else ""  # its range is seen on it
        found.append(
            f'<rect {box} fill="{color}"{pale} rx="1">'
            f"{canvas.title(place, one, value)}</rect>"
        )
        found += ranged
        if texts and total:
            found.append(_end(canvas, one, place, place + 0.5, canvas.say(value)))
        elif texts:
            text = f"{'+' if value > 0 else ''}{canvas.say(value)}"
            found.append(_beside(canvas, place + 0.5, max(start, end), text))
        level = end
    return found


def waterfall(values: Sequence, totals: Sequence[int]) -> list[tuple[float, float]]:
    """Return from where to where each step goes.

    >>> waterfall([10, 4, -3, 11], [0, 3])
    [(0, 10), (10, 14), (14, 11), (0, 11)]
    >>> waterfall([10, None, 2], [0])
    [(0, 10), (10, 10), (10, 12)]
    """
    found, level = [], 0
    for place, value in enumerate(values):
        start = 0 if place in totals else level
        level = level if value is None else start + value
        found.append((start if value is not None else level, level))
    return found


def lines(canvas: Canvas, index: int, one) -> list[str]:
    """Return a line with gaps where nothing is known, and the band around it."""
    color = COLORS[index % len(COLORS)]
    dash = DASHES[index % len(DASHES)]
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    found, plot = band(canvas, one, color), canvas.plot
    for run in runs(one.values):
        points = " ".join(",".join(plot.point(n + 0.5, one.values[n])) for n in run)
        found.append(
            f'<polyline points="{points}" fill="none" stroke="{color}"'
            f' stroke-width="2" stroke-linejoin="round"{dashed}/>'
        )
    small = plot.slot < 8
    for place, value in enumerate(one.values):
        if value is not None:
            found.append(
                shape(
                    index,
                    *plot.point(place + 0.5, value),
                    canvas.title(place, one, value),
                    2 if small else 3.5,
                )
            )
    return found


def band(canvas: Canvas, one, color: str) -> list[str]:
    """Return the area between the low and the high ends of a series."""
    if not one.low or not one.high:
        return []
    found = []
    both = [
        None if low is None or high is None else high
        for low, high in zip(one.low, one.high, strict=True)
    ]
    for run in runs(both):
        edge = [(n, one.high[n]) for n in run]
        edge += [(n, one.low[n]) for n in reversed(run)]
        points = " ".join(
            ",".join(canvas.plot.point(n + 0.5, value)) for n, value in edge
        )
        found.append(
            f'<polygon points="{points}" fill="{color}" fill-opacity="0.16"'
            f' stroke="{color}" stroke-opacity="0.35" stroke-width="0.7"/>'
        )
    return found


def runs(values: Sequence) -> list[list[int]]:
    """Return the places that follow each other without a gap.

    >>> runs([1, 2, None, 3])
    [[0, 1], [3]]
    >>> runs([None])
    []
    """
    found = [[]]
    for place, value in enumerate(values):
        if value is None:
            found.append([])
        else:
            found[-1].append(place)
    return [run for run in found if run]


def points(canvas: Canvas, index: int, one, offset: float = 0.5) -> list[str]:
    """Return values as points with the range in which each lies."""
    found = []
    for place, value in enumerate(one.values):
        if value is None:
            continue
        found += whisker(
            canvas, one, place, place + offset, COLORS[index % len(COLORS)]
        )
        x, y = canvas.plot.point(place + offset, value)
        found.append(shape(index, x, y, canvas.title(place, one, value), 4.5))
        if canvas.plot.flat and len(canvas.chart.series) == 1:
            found.append(_end(canvas, one, place, place + offset, canvas.say(value)))
    return found


def whisker(canvas: Canvas, one, place, middle, color=TEXT) -> list[str]:
    """Return the line from the low to the high end of one value."""
    low, high = reach(one, place)
    if low is None or high is None:
        return []
    plot, cap = canvas.plot, min(0.16, 4 / max(canvas.plot.slot, 1))
    found = [f'<line {plot.line(middle, low, middle, high)} stroke="{color}"/>']
    for end in (low, high):
        line = plot.line(middle - cap, end, middle + cap, end)
        found.append(f'<line {line} stroke="{color}"/>')
    return found


def shape(index: int, x: str, y: str, title: str, size: float) -> str:
    """Return a point whose shape says to which series it belongs.

    >>> [shape(n, "1", "2", "", 3)[:8] for n in range(3)]
    ['<circle ', '<rect x=', '<path d=']
    """
    color = COLORS[index % len(COLORS)]
    paint = f'fill="{color}" stroke="#fff" stroke-width="1"'
    middle, height, form = float(x), float(y), index % 4
    if form == 0:
        return f'<circle cx="{x}" cy="{y}" r="{number(size)}" {paint}>{title}</circle>'
    if form == 1:
        left, top = number(middle - size), number(height - size)
        side = number(2 * size)
        return (
            f'<rect x="{left}" y="{top}" width="{side}" height="{side}" {paint}>'
            f"{title}</rect>"
        )
    size *= 1.25
    corners = [(0, -size), (size, size * 0.8), (-size, size * 0.8)]
    if form == 3:
        corners = [(0, -size), (size, 0), (0, size), (-size, 0)]
    path = "L".join(f"{number(middle + a)} {number(height + b)}" for a, b in corners)
    return f'<path d="M{path}Z" {paint}>{title}</path>'


def _fits(canvas, one, wide) -> bool:
    """Tell whether the values of all bars can be written at their ends."""
    if canvas.plot.flat:
        return canvas.plot.slot * wide >= SIZE - 2
    texts = [canvas.say(value) for value in one.values if value is not None]
    room = canvas.plot.slot * wide / 0.76
    return all(text_width(text, SIZE - 1) + 3 <= room for text in texts)


def _end(canvas, one, place, middle, text):
    """Return a value's text where its bar, or what is around it, ends."""
    value = one.values[place]
    _low, high = reach(one, place)
    return _beside(canvas, middle, max(value, high or value, 0), text)


def _beside(canvas, middle, value, text):
    plot = canvas.plot
    x, y = (float(place) for place in plot.point(middle, value))
    if plot.flat:
        room = plot.width - x - 4
        return write(x + 4, y + 4, shorten(text, max(room, 20)), "start")
    return write(x, y - 4, text)
