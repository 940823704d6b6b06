"""What a report consists of: cards, tables, charts and notes, without their looks.

The same blocks are drawn on the screen, written to a spreadsheet file and printed.
Values are plain numbers, dates and texts; how they are written follows from ``kind``.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

# text, integer, number (2 digits), percent (0–100), money (company currency), date,
# month (first day of one), minutes
KINDS = ("text", "integer", "number", "percent", "money", "date", "month", "minutes")


@dataclass(frozen=True)
class Target:
    """The records behind a number: a list of ``model`` by ``domain``."""

    model: str
    domain: list
    name: str = ""


@dataclass
class Cell:
    """One value in a table.

    ``shade`` 0..1 colours it (a heat map); ``state`` is "" or one of open (the period
    is not over: hatched, never 0), good, bad, same (text and sign say it too).
    ``title`` is shown when pointed at, ``text`` is filled in for the reader's language.
    """

    value: Any = None
    shade: float | None = None
    state: str = ""
    title: str = ""
    text: str = ""
    target: Target | None = None
    kind: str = ""  # empty: that of the column


@dataclass(frozen=True)
class Column:
    """A column: its name for programs, its title for people, what its values are."""

    name: str
    title: str
    kind: str = "text"
    help: str = ""


@dataclass
class Row:
    """A row of cells, one a column; ``kind`` is "", total or average."""

    cells: list[Cell]
    kind: str = ""


@dataclass
class Table:
    """A table; ``look`` is table, heat (cells shaded) or matrix (from × to)."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: list[Row] = field(default_factory=list)
    notes: Sequence[str] = ()
    look: str = "table"
    block: str = "table"


@dataclass
class Series:
    """One line or one set of bars: a value a label, None where there is none.

    ``low`` and ``high`` are the range in which each value lies; ``look`` is bar, line,
    point, or step (a bar of a waterfall: ``values`` are changes, "total" bars are named
    in the chart's ``totals``).
    """

    name: str
    values: Sequence[float | None]
    low: Sequence[float | None] | None = None
    high: Sequence[float | None] | None = None
    look: str = "bar"


@dataclass
class Chart:
    """A chart over labels. ``unit`` is a kind of value (see KINDS).

    ``stacked`` bars stand on each other; ``totals`` are places of a waterfall that
    show a level instead of a change; ``marks`` are vertical lines (place, text);
    ``bounds`` are horizontal reference lines (value, text). ``axis`` says what the
    labels are. ``markup`` and ``values``, the same as a table, are filled in.
    """

    name: str
    title: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = "number"
    stacked: bool = False
    totals: Sequence[int] = ()
    marks: Sequence[tuple[int, str]] = ()
    bounds: Sequence[tuple[float, str]] = ()
    notes: Sequence[str] = ()
    axis: str = ""
    markup: str = ""
    values: Table | None = None
    block: str = "chart"


@dataclass
class Card:
    """One figure with what to make of it; ``tone`` is "", good, bad or warning.

    ``trend`` are the values before it, oldest first, with itself as the last one: drawn
    as a small line (``markup`` is filled in), ``trend_title`` says of which periods.
    """

    label: str
    value: Any = None
    kind: str = "integer"
    note: str = ""
    tone: str = ""
    text: str = ""
    target: Target | None = None
    trend: Sequence[float | None] = ()
    trend_title: str = ""
    markup: str = ""


@dataclass
class Cards:
    """Some figures in a row."""

    cards: list[Card]
    name: str = "cards"
    title: str = ""
    block: str = "cards"


@dataclass
class Note:
    """A sentence or two; ``tone`` is info, warning or empty."""

    text: str
    tone: str = ""
    name: str = "note"
    title: str = ""
    block: str = "note"


def plain(block) -> dict:
    """Return a block as what JSON knows.

    >>> plain(Note("Counted by months.", "info"))["text"]
    'Counted by months.'
    >>> table = Table("t", "T", [Column("a", "A", "integer")], [Row([Cell(1)])])
    >>> found = plain(table)
    >>> found["block"], found["rows"][0]["cells"][0]["value"]
    ('table', 1)
    >>> plain(Cards([Card("Customers", 3)]))["cards"][0]["label"]
    'Customers'
    >>> plain(Chart("c", "C", ["Jan"], [Series("New", [1])]))["series"][0]["look"]
    'bar'
    """
    return asdict(block)


def share(part, whole):
    """Return a percentage, or None where there is nothing to take it of.

    >>> share(1, 4), share(0, 4), share(0, 0), share(3, None)
    (25.0, 0.0, None, None)
    """
    if not whole or part is None:
        return None
    return 100 * part / whole
