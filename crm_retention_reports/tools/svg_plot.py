"""Where things stand in a chart: scales, room for texts, places in pixels."""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

SIZE = 12  # of texts, in pixels at any width
STEPS = (1, 2, 2.5, 5, 10)
DUST = 1e-9  # of a value: no difference that anybody would draw


def text_width(text: str, size: float = SIZE) -> float:
    """Return about how wide a text is, in pixels; a Chinese sign is a square.

    >>> text_width("客户", 10), round(text_width("Lost", 10))
    (20.0, 22)
    """
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return size * (wide + 0.56 * (len(text) - wide))


def shorten(text: str, room: float, size: float = SIZE) -> str:
    """Return a text cut to ``room`` pixels, with a sign that it was.

    >>> shorten("Won back", 200), shorten("Won back by phone", 60)
    ('Won back', 'Won bac…')
    >>> shorten("Lost", 1)
    '…'
    """
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def ticks(low: float, high: float, count: int, whole: bool = False) -> list[float]:
    """Return about ``count`` round values that hold the range.

    :param whole: only integers.

    >>> ticks(0, 87, 4)
    [0, 25, 50, 75, 100]
    >>> ticks(-3, 9, 4)
    [-5, 0, 5, 10]
    >>> ticks(0, 2, 4, whole=True), ticks(0, 0, 4)
    ([0, 1, 2], [0, 0.25, 0.5, 0.75, 1])
    >>> ticks(0.92, 0.97, 5)
    [0.92, 0.93, 0.94, 0.95, 0.96, 0.97]
    >>> ticks(95.0, 95.00000000000001, 4), ticks(0, 1e-13, 4)  # what sums leave behind
    ([75, 100, 125, 150, 175, 200], [0, 0.25, 0.5, 0.75, 1])
    """
    if high - low <= DUST * max(abs(low), abs(high), 1):
        high = low + (abs(low) or 1)
    rough = (high - low) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(n * power for n in STEPS if n * power >= rough * (1 - 1e-9))
    if whole:
        step = max(1, math.ceil(step))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = max(0, 2 - math.floor(math.log10(step)))
    found = [round(place * step, digits) for place in range(first, last + 1)]
    return [int(value) if value == int(value) else value for value in found]


def number(value: float) -> str:
    """Return pixels as they stand in a picture.

    >>> number(3.0), number(2.449), number(-0.01)
    ('3', '2.4', '0')
    """
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass
class Plot:
    """The field in which the marks stand, inside of its margins.

    ``count`` places follow each other from left to right and values grow upwards; if
    ``flat``, the places stand below each other and values grow to the right.
    """

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    count: int
    scale: Sequence[float]
    flat: bool = False

    @property
    def slot(self) -> float:
        """Pixels a place has."""
        if self.flat:
            return (self.height - self.top - self.bottom) / max(self.count, 1)
        return (self.width - self.left - self.right) / max(self.count, 1)

    def along(self, place: float) -> float:
        """Return where ``place`` begins; its middle is at ``place + 0.5``.

        >>> plot = Plot(120, 100, 20, 0, 0, 0, 4, [0, 10])
        >>> plot.slot, plot.along(0), plot.along(2.5)
        (25.0, 20.0, 82.5)
        """
        return (self.top if self.flat else self.left) + place * self.slot

    def at(self, value: float) -> float:
        """Return where a value lies.

        >>> plot = Plot(120, 100, 20, 0, 0, 0, 4, [0, 10])
        >>> plot.at(0), plot.at(10), plot.at(5)
        (100.0, 0.0, 50.0)
        >>> Plot(120, 100, 20, 0, 0, 0, 4, [0, 10], flat=True).at(5)
        70.0
        """
        low, high = self.scale[0], self.scale[-1]
        part = (value - low) / (high - low)
        if self.flat:
            return self.left + part * (self.width - self.left - self.right)
        return self.height - self.bottom - part * (self.height - self.top - self.bottom)

    def point(self, place: float, value: float) -> tuple[str, str]:
        """Return x and y of a value at a place.

        >>> Plot(120, 100, 20, 0, 0, 0, 4, [0, 10]).point(0.5, 5)
        ('32.5', '50')
        """
        pair = (self.along(place), self.at(value))
        x, y = pair[::-1] if self.flat else pair
        return number(x), number(y)

    def box(self, start: float, end: float, one: float, other: float) -> str:
        """Return the attributes of a rectangle between two places and two values.

        >>> Plot(120, 100, 20, 0, 0, 0, 4, [0, 10]).box(0, 1, 0, 5)
        'x="20" y="50" width="25" height="50"'
        """
        places = self.along(start), self.along(end)
        values = sorted((self.at(one), self.at(other)))
        (x, right), (y, below) = (values, places) if self.flat else (places, values)
        return (
            f'x="{number(x)}" y="{number(y)}" width="{number(max(right - x, 0.5))}"'
            f' height="{number(max(below - y, 0.5))}"'
        )

    def line(self, place: float, one: float, end: float, other: float) -> str:
        """Return the attributes of a line from a place and value to another.

        >>> Plot(120, 100, 20, 0, 0, 0, 4, [0, 10]).line(0, 5, 4, 5)
        'x1="20" y1="50" x2="120" y2="50"'
        """
        (x1, y1), (x2, y2) = self.point(place, one), self.point(end, other)
        return f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"'
