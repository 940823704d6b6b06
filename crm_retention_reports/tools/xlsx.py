"""Tables as a spreadsheet file: typed cells, no formulas, headers that stay in view."""

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import xlsxwriter

from .svg_plot import text_width

FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
LONGEST = 31  # signs in the name of a sheet
TEXT = 32_767  # signs in a cell
NAME = 255  # signs in the properties of a file
FIRST_YEAR = 1900  # of its days
FORMATS = {
    "integer": "#,##0",
    "minutes": '#,##0" min"',
    "number": "#,##0.00",
    "percent": "0.0%",
    "date": "yyyy-mm-dd",
    "month": "mmm yyyy",
}
SHADES = 20
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd",
}


@dataclass
class Book:
    """What a file holds: a first sheet in words, and the sheets of tables.

    ``about`` are (name, text) lines; ``parts`` are (wished name of the sheet, tables):
    one has its header at the top, several stand below each other under their titles.
    ``money`` is the format of amounts.
    """

    title: str
    about: Sequence[tuple[str, str]] = ()
    parts: Sequence[tuple[str, Sequence]] = ()
    money: str = "#,##0.00"
    contents: str = "Contents"
    made: dict = field(default_factory=dict)


def sheet_name(wished: str, taken) -> str:
    """Return a name that a sheet may have and none of ``taken`` has.

    >>> sheet_name("Won/Lost: 2024?", set()), sheet_name("'x'", set())
    ('Won Lost 2024', 'x')
    >>> sheet_name("Cohorts", {"cohorts"}), sheet_name("", set())
    ('Cohorts 2', 'Sheet')
    >>> len(sheet_name("a" * 40, {"a" * 31})), sheet_name("History", set())
    (31, 'History 2')
    """
    plain = re.sub(r"\s+", " ", FORBIDDEN.sub(" ", str(wished))).strip(" '")
    plain = _cut(plain, LONGEST).strip(" '") or "Sheet"
    used = {str(name).lower() for name in taken} | {"history"}
    name, number = plain, 1
    while name.lower() in used:
        number += 1
        end = f" {number}"
        name = _cut(plain, LONGEST - len(end)).rstrip() + end
    return name


def _cut(text: str, most: int) -> str:
    """Return a text of at most so many signs as the format counts: some are two.

    >>> _cut("abc", 2), _cut("\N{ROCKET}" * 20, 31) == "\N{ROCKET}" * 15
    ('ab', True)
    """
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")


def money_format(symbol: str, before: bool, digits: int = 2) -> str:
    """Return how amounts of a currency are written.

    >>> money_format("€", False), money_format('$"', True, 0)
    ('#,##0.00 "€"', '"$"#,##0')
    """
    plain = "#,##0" + ("." + "0" * digits if digits else "")
    if not symbol:
        return plain
    sign = '"' + symbol.replace('"', "") + '"'
    return f"{sign}{plain}" if before else f"{plain} {sign}"


def write(book: Book) -> bytes:
    """Return the file.

    >>> from .blocks import Cell, Column, Row, Table
    >>> table = Table("t", "T", [Column("a", "A", "integer")], [Row([Cell(1)])])
    >>> write(Book("Report", [("Period", "2024")], [("One", [table])]))[:2]
    b'PK'
    """
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, OPTIONS) as file:
        file.set_properties({"title": _cut(book.title, NAME)})
        paint = _Paint(file, book.money)
        first = file.add_worksheet(sheet_name(book.contents, ()))
        names = {first.get_name()}
        for wished, tables in book.parts:
            name = sheet_name(wished, names)
            names.add(name)
            book.made[name] = tables
            _write_tables(file.add_worksheet(name), wished, tables, paint)
        _write_contents(first, book, paint)
    return output.getvalue()


class _Paint:
    """The looks of cells, each made once."""

    def __init__(self, file, money):
        self.file = file
        self.formats = FORMATS | {"money": money}
        self.made = {}

    def get(self, kind="", bold=False, state="", shade=None):
        """Return the look of a cell; ``shade`` counts from 0 to SHADES."""
        key = (kind, bold, state, shade)
        if key not in self.made:
            look = {"valign": "top"}
            if kind in self.formats:
                look["num_format"] = self.formats[kind]
            if kind == "text":
                look["text_wrap"] = True
            if bold:
                look |= {"bold": True, "top": 1}
            if state == "open":
                look |= {"pattern": 14, "fg_color": "#d1d5db", "bg_color": "#ffffff"}
            if shade is not None:
                look |= _shaded(shade / SHADES)
            self.made[key] = self.file.add_format(look)
        return self.made[key]

    def head(self, right=False):
        """Return the look of a column's title."""
        key = ("head", right)
        if key not in self.made:
            look = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
            look["align"] = "right" if right else "left"
            self.made[key] = self.file.add_format(look)
        return self.made[key]


def _shaded(part: float) -> dict:
    """Return the look of a cell of a heat map, as on the screen.

    >>> _shaded(0), _shaded(1)
    ({'bg_color': '#f5f9f8'}, {'bg_color': '#115e59', 'font_color': '#ffffff'})
    """
    share = 0.04 + 0.96 * part
    color = [round(255 + (end - 255) * share) for end in (17, 94, 89)]
    look = {"bg_color": "#{:02x}{:02x}{:02x}".format(*color)}
    return look | {"font_color": "#ffffff"} if part > 0.6 else look


def _write_tables(sheet, title, tables, paint):
    """Write one table with its header on top, or several below each other."""
    line = 0
    if len(tables) > 1:
        sheet.write_string(0, 0, str(title)[:TEXT], paint.head())
        line = 2
    for table in tables:
        if len(tables) > 1:
            sheet.write_string(line, 0, str(table.title)[:TEXT], paint.get(bold=True))
            line += 1
        line = _write_table(sheet, table, paint, line) + 1
    if len(tables) == 1 and tables[0].rows:
        table = tables[0]
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    for place in range(max((len(table.columns) for table in tables), default=0)):
        wide = [_wide(table, place) for table in tables if place < len(table.columns)]
        sheet.set_column(place, place, max(wide))
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write_table(sheet, table, paint, top):
    """Write the header and the rows; returns the line after them."""
    for place, column in enumerate(table.columns):
        right = column.kind not in ("text", "date", "month")
        sheet.write_string(top, place, str(column.title)[:TEXT], paint.head(right))
        if column.help:
            sheet.write_comment(top, place, str(column.help)[:TEXT])
    for line, row in enumerate(table.rows, top + 1):
        for place, (cell, column) in enumerate(
            zip(row.cells, table.columns, strict=True)
        ):
            kind = cell.kind or column.kind
            shade = None
            if cell.shade is not None:
                shade = round(min(max(cell.shade, 0), 1) * SHADES)
            look = paint.get(kind, bool(row.kind), cell.state, shade)
            _write_cell(sheet, line, place, cell.value, kind, look)
    return top + len(table.rows) + 1


def _write_cell(sheet, line, place, value, kind, look):
    """Write one value by its kind; what is not known stays empty."""
    value = typed(value, kind)
    if value is None:
        sheet.write_blank(line, place, None, look)
    elif isinstance(value, (date, datetime)):
        sheet.write_datetime(line, place, value, look)
    elif isinstance(value, str):
        sheet.write_string(line, place, value[:TEXT], look)
    else:
        sheet.write_number(line, place, value, look)


def typed(value, kind: str):
    """Return a value as a cell holds it: a number, a day, a text, or None.

    >>> typed(12.5, "percent"), typed("=1+1", "text"), typed(None, "integer")
    (0.125, '=1+1', None)
    >>> typed(float("nan"), "number"), typed("2024-02-01", "month")
    (None, datetime.date(2024, 2, 1))
    >>> typed(False, "text"), typed(False, "integer"), typed("12", "integer")
    (None, 0, '12')
    >>> typed(date(1899, 12, 31), "date")  # older than the first day of the format
    '1899-12-31'
    """
    if value is None or value is False and kind not in ("integer", "number"):
        return None
    if isinstance(value, str):
        if kind in ("date", "month"):
            try:
                return typed(date.fromisoformat(value), kind)
            except ValueError:
                return value
        return value
    if isinstance(value, (date, datetime)):
        return value if value.year >= FIRST_YEAR else value.isoformat()
    if isinstance(value, (int, float)):
        if not math.isfinite(value):
            return None
        return value / 100 if kind == "percent" else value + 0
    return str(value)


def _wide(table, place) -> float:
    """Return the width of a column in signs, by what stands in it."""
    texts = [str(table.columns[place].title)]
    for row in table.rows[:200]:
        cell = row.cells[place]
        texts.append(str(cell.text or ("" if cell.value is None else cell.value)))
    return min(max(max(text_width(text, 1.7) for text in texts) + 2, 8), 60)


def _write_contents(sheet, book, paint):
    """Write what the file is about and where its tables are."""
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, book.title[:TEXT], paint.head())
    sheet.write_string(0, 1, "", paint.head())
    sheet.freeze_panes(1, 0)
    line = 1
    for name, text in book.about:
        sheet.write_string(line, 0, str(name)[:TEXT], paint.get("text"))
        sheet.write_string(line, 1, str(text)[:TEXT], paint.get("text"))
        line += 1
    line += 1
    for name, tables in book.made.items():
        quoted = name.replace("'", "''")
        sheet.write_url(line, 0, f"internal:'{quoted}'!A1", string=name)
        for table in tables:
            for text in (table.title, *table.notes):
                sheet.write_string(line, 1, str(text)[:TEXT], paint.get("text"))
                line += 1
