"""Blocks as tables: what of a report goes into a spreadsheet file."""

from collections.abc import Sequence

from .blocks import Cell, Column, Row, Table

DATES = ("date", "month")


def of_chart(chart, label: str = "") -> Table:
    """Return a chart's values as a table: a row a label, a column a series.

    Where the range of the values is known, its ends stand in columns of their own.

    >>> from .blocks import Chart, Series
    >>> new = Series("New", [1, None], [0, 0], [2, 3])
    >>> chart = Chart("c", "C", ["Jan", "Feb"], [new])
    >>> found = of_chart(chart, "Month")
    >>> [column.title for column in found.columns]
    ['Month', 'New', 'New ≥', 'New ≤']
    >>> [[cell.value for cell in row.cells] for row in found.rows]
    [['Jan', 1, 0, 2], ['Feb', None, 0, 3]]
    """
    columns, values = [Column("label", label)], []
    for index, one in enumerate(chart.series):
        ends = (("", one.values), (" ≥", one.low), (" ≤", one.high))
        for end, found in ends:
            if found:
                name = f"{one.name or chart.title}{end}"
                columns.append(Column(f"series_{index}{end}", name, chart.unit))
                values.append(found)
    rows = [
        Row([Cell(str(name)), *(Cell(found[place]) for found in values)])
        for place, name in enumerate(chart.labels)
    ]
    return Table(chart.name, chart.title, columns, rows, chart.notes)


def of_cards(cards, titles: Sequence[str]) -> Table:
    """Return figures as a table.

    :param titles: those of the three columns: name, value, note.

    >>> from .blocks import Card, Cards
    >>> found = of_cards(Cards([Card("NPS", 50, "number", "of 12")]), "abc")
    >>> [(cell.value, cell.kind) for cell in found.rows[0].cells]
    [('NPS', ''), (50, 'number'), ('of 12', '')]
    """
    columns = [
        Column(name, title)
        for name, title in zip(("label", "value", "note"), titles, strict=True)
    ]
    rows = [
        Row([Cell(card.label), Cell(card.value, kind=card.kind), Cell(card.note)])
        for card in cards.cards
    ]
    return Table(cards.name, cards.title, columns, rows)


def tables(blocks: Sequence, titles: Sequence[str]) -> list[Table]:
    """Return the tables of all blocks that hold values.

    >>> from .blocks import Card, Cards, Chart, Note
    >>> blocks = [Note("n"), Cards([Card("A", 1)]), Chart("c", "C", [], [])]
    >>> [table.name for table in tables(blocks, "abc")]
    ['cards', 'c']
    >>> tables([Table("t", "T", [])], "abc")[0].name
    't'
    """
    found = []
    for block in blocks:
        if block.block == "table":
            found.append(block)
        elif block.block == "chart":
            found.append(of_chart(block, block.axis))
        elif block.block == "cards":
            found.append(of_cards(block, titles))
    return found


def said(blocks: Sequence) -> list[str]:
    """Return the sentences that stand between tables and charts.

    >>> from .blocks import Note
    >>> said([Note("One."), Table("t", "T", [], notes=["Two."])])
    ['One.']
    """
    return [str(block.text) for block in blocks if block.block == "note"]
