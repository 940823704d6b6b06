"""The scorecard dashboard as Odoo's spreadsheets store it: live, and with sample data.

The files in ``data/files`` are written by ``python -m tools.dashboard
data/files`` in the folder of the addon.
"""

import json
import sys
from pathlib import Path

from .dashboard_figures import (
    CARDS,
    CHAINS,
    CHARTS,
    COUNTS,
    DAYS,
    FILTERS,
    LINES,
    NAMES,
    PERCENT,
    PERIOD,
    PROFILE,
    RATIOS,
    RED,
    STATE,
    WHOLE,
)

VERSION = "18.5.10"  # of the format of Odoo 19.0
WIDTH, GAP = 1000, 12
COLUMNS = (250, 140, 225, 235, 150)  # the list's headings are read whole
CHART_TOP = 398  # pixels, below three rows of cards
LIST_LINE = 51  # of the sheet, below two rows of charts
LIST = ("partner_id", "tier_id", "quiet_risk", "year_value", "last_purchase")
SAMPLE_LINE = 40  # of the sheet behind, where the months of the charts stand
SAMPLE_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun")
SAMPLE_BOUGHT = (118, 124, 121, 133, 140, 138)
SAMPLE_REVENUE = (41200, 43900, 42100, 47800, 51300, 50200)
SAMPLE_COUNTS = ((212, 198), (31, 27), (9, 6), (276500, 251900), (187, 171), (121, 98))
SAMPLE_COUNTS += ((14, 19), (3, 4), (11, 8), (1840, 1710), (164, 150), (17, 22))
SAMPLE_COUNTS += ((2900, 2100), (62, 55), (4100, 3800), (48, 46))


def build() -> dict:
    """Return the live dashboard.

    >>> found = build()
    >>> [sheet["name"] for sheet in found["sheets"]], len(found["pivots"])
    (['Dashboard', 'Data'], 31)
    >>> data = found["sheets"][1]["cells"]
    >>> data["B2"]
    '=IFERROR(PIVOT.VALUE(1,"customer_count")+0,0)'
    >>> found["pivots"]["2"]["fieldMatching"]["period"]["offset"]
    -1
    >>> data[f"B{LINES['each']}"], data[f"B{LINES['promises']}"]
    ('=IF(B2<1,"",B5/(B2))', '=IF(B12+B13<1,"",B12/(B12+B13))')
    >>> data[f"B{LINES['nps']}"]
    '=IF(B15<20,"",B14/(B15))'
    >>> {figure["data"]["type"] for figure in found["sheets"][0]["figures"]} == {
    ...     "scorecard", "odoo_line", "odoo_bar", "odoo_treemap"}
    True
    >>> len({figure["id"] for figure in found["sheets"][0]["figures"]})
    19
    """
    cells, pivots = {}, {}
    for key, _name, model, measure, domain in COUNTS:
        for column, offset in (("B", 0), ("C", -1)):
            if offset and key in STATE:
                continue
            number = len(pivots) + 1
            pivots[str(number)] = _pivot(number, key, model, measure, domain, offset)
            value = f'PIVOT.VALUE({number},"{measure}")'
            cells[f"{column}{LINES[key]}"] = f"=IFERROR({value}+0,0)"
    found = _whole(cells, _charts(), _list_cells())
    found |= {"pivots": pivots, "pivotNextId": len(pivots) + 1}
    found["globalFilters"] = _filters()
    found |= {"lists": {"1": _list()}, "listNextId": 2}
    found["chartOdooMenusReferences"] = {
        "buyers": "crm_retention_reports.retention_cohort_menu"
    }
    return found


def sample() -> dict:
    """Return the same look with made-up figures, for a database without any.

    >>> found = sample()
    >>> data = found["sheets"][1]["cells"]
    >>> data["B2"], data[f"B{LINES['response']}"]
    ('212', '=IF(B6<1,"",B7/(B6))')
    >>> found["pivots"], found["lists"]
    ({}, {})
    >>> any(figure["data"]["type"].startswith("odoo_")
    ...     for figure in found["sheets"][0]["figures"])
    False
    """
    cells = {}
    for line, values in enumerate(SAMPLE_COUNTS, 2):
        for column, value in zip("BC", values, strict=True):
            cells[f"{column}{line}"] = str(value)
    rows = zip(SAMPLE_MONTHS, SAMPLE_BOUGHT, SAMPLE_REVENUE, strict=True)
    for line, (month, bought, revenue) in enumerate(rows, SAMPLE_LINE + 1):
        cells |= {f"A{line}": month, f"B{line}": str(bought), f"C{line}": str(revenue)}
    cells[f"B{SAMPLE_LINE}"] = '=_t("Customers Who Bought")'
    cells[f"C{SAMPLE_LINE}"] = '=_t("Revenue")'
    charts = [
        _sample_chart("buyers", "line", "Sample: Customers Who Bought", "B", 0),
        _sample_chart("revenue", "bar", "Sample: Revenue", "C", 1),
    ]
    said = {"A1": '=_t("Sample figures: nothing counted yet")'}
    return _whole(cells, charts, said, is_sample=True)


# ---- parts -----------------------------------------------------------------------


def _whole(data_cells, charts, list_cells, is_sample=False) -> dict:
    """Return the document: the sheet that is seen and the sheet behind it."""
    # a phone shows cards and charts without the cells around them
    said = "sample figure" if is_sample else "vs. the time before"
    figures = [_card(place, *card, said) for place, card in enumerate(CARDS)]
    return {
        "version": VERSION,
        "sheets": [
            _sheet("dashboard", "Dashboard", list_cells, [*figures, *charts]),
            _sheet("data", "Data", _data_cells() | data_cells, []),
        ],
        "styles": {
            "1": {"textColor": "#01666b", "bold": True, "fontSize": 16},
            "2": {"bold": True, "textColor": "#434343"},
        },
        "formats": {"1": "0.0%"},
        "borders": {},
        "revisionId": "START_REVISION",
        "uniqueFigureIds": True,
        "settings": {},
        "pivots": {},
        "pivotNextId": 1,
        "customTableStyles": {},
        "globalFilters": [],
        "lists": {},
        "listNextId": 1,
        "chartOdooMenusReferences": {},
    }


def _data_cells() -> dict:
    """Return the rows behind the cards: now, the period before, and how it is shown.

    Where too little is below there is no quotient, where the period before is nothing
    no change to tell: no division by 0.
    """
    cells = {"A1": '=_t("Figure")', "B1": '=_t("Current")', "C1": '=_t("Previous")'}
    for key, _name, above, below, least, one in RATIOS:
        for column in "BC":
            parts = "+".join(f"{column}{LINES[each]}" for each in below)
            top = f"{column}{LINES[above]}"
            top = top if one == 1 else f"{top}/{one}"
            cells[f"{column}{LINES[key]}"] = f'=IF({parts}<{least},"",{top}/({parts}))'
    for key, line in LINES.items():
        cells[f"A{line}"] = f'=_t("{NAMES[key]}")'
    for key, _color in CARDS:
        line = LINES[key]
        shown = f"FORMAT.LARGE.NUMBER(B{line})"
        if key in PERCENT:
            shown = f"B{line}"
        elif key in WHOLE:
            shown = f"ROUND(B{line})"
        cells[f"D{line}"] = f'=IF(B{line}="",_t("too few"),{shown})'
        cells[f"E{line}"] = f'=IF(C{line}=0,"",C{line})'
    return cells


def _sheet(sheet, name, cells, figures) -> dict:
    data = sheet == "data"
    percents = {f"B{LINES[key]}:E{LINES[key]}": 1 for key in PERCENT}
    return {
        "id": sheet,
        "name": name,
        "colNumber": 8,
        "rowNumber": 80,
        "rows": {},
        "cols": {str(n): {"size": size} for n, size in enumerate(COLUMNS)},
        "merges": [],
        "cells": cells,
        "styles": {"A1:E1": 2}
        if data
        else {
            "A1": 1,
            f"A{LIST_LINE}": 1,
            f"A{LIST_LINE + 1}:E{LIST_LINE + 1}": 2,
        },
        "formats": percents if data else {},
        "borders": {},
        "conditionalFormats": [],
        "dataValidationRules": [],
        "figures": figures,
        "tables": [],
        "areGridLinesVisible": data,
        "isVisible": not data,
        "headerGroups": {"ROW": [], "COL": []},
        "comments": {},
    }


def _figure(key, x, y, width, height, data) -> dict:
    return {
        "id": key,
        "col": 0,
        "row": 0,
        "offset": {"x": x, "y": y},
        "width": width,
        "height": height,
        "tag": "chart",
        "data": {"chartId": key, "background": "#FFFFFF", **data},
    }


def _card(place, key, color, said) -> dict:
    """Return a card: five stand beside each other."""
    wide = (WIDTH - 4 * GAP) // 5
    x, y = (place % 5) * (wide + GAP), 30 + (place // 5) * 118
    data = {
        "type": "scorecard",
        "title": {
            "text": NAMES[key],
            "bold": True,
            "color": "#434343",
            "fontSize": 10,
        },
        "background": color,
        "keyValue": f"Data!D{LINES[key]}",
        "baseline": f"Data!E{LINES[key]}",
        # points of an index are told as a difference, all else in percent
        "baselineMode": "difference" if key in WHOLE else "percentage",
        "baselineDescr": {"text": said, "fontSize": 10},
        # more complaints or opt-outs are no good news
        "baselineColorUp": "#DC6965" if color == RED else "#00A04A",
        "baselineColorDown": "#00A04A" if color == RED else "#DC6965",
        "humanize": False,
    }
    return _figure(f"card_{key}", x, y, wide, 106, data)


def _charts() -> list[dict]:
    """Return the live charts, two beside each other."""
    half = (WIDTH - GAP) // 2
    return [
        _chart(*spec, (place % 2) * (half + GAP), CHART_TOP + 370 * (place // 2), half)
        for place, spec in enumerate(CHARTS)
    ]


def _chart(key, kind, title, model, measure, domain, group, x, y, width) -> dict:
    data = {
        "type": f"odoo_{kind}",
        "title": {"text": title, "bold": True, "color": "#01666b", "fontSize": 16},
        "legendPosition": "top" if len(group) > 1 else "none",
        "metaData": {
            "groupBy": group,
            "measure": measure,
            "order": None,
            "resModel": model,
            "mode": "line" if kind == "line" else "bar",
        },
        "searchParams": {
            "comparison": None,
            "context": {},
            "domain": domain,
            "groupBy": group,
            "orderBy": [],
        },
        "dataSets": [{}],
        "verticalAxisPosition": "left",
        "stacked": len(group) > 1,
        "fieldMatching": _matching(model),
    }
    return _figure(key, x, y, width, 350, data)


def _sample_chart(key, kind, title, column, place) -> dict:
    half = (WIDTH - GAP) // 2
    data = {
        "type": kind,
        "title": {"text": title, "bold": True, "color": "#01666b", "fontSize": 16},
        "legendPosition": "none",
        "dataSets": [
            {"dataRange": f"Data!{column}{SAMPLE_LINE}:{column}{SAMPLE_LINE + 6}"}
        ],
        "dataSetsHaveTitle": True,
        "labelRange": f"Data!A{SAMPLE_LINE + 1}:A{SAMPLE_LINE + 6}",
        "stacked": False,
        "verticalAxisPosition": "left",
        "aggregated": False,
    }
    return _figure(key, place * (half + GAP), CHART_TOP, half, 350, data)


def _pivot(number, key, model, measure, domain, offset) -> dict:
    field, _colon, how = measure.partition(":")
    spec = {"id": measure, "fieldName": field}
    if how:
        spec["aggregator"] = how
    return {
        "type": "ODOO",
        "id": str(number),
        "formulaId": str(number),
        "name": NAMES[key],
        "model": model,
        "domain": domain,
        "context": {},
        "measures": [spec],
        "rows": [],
        "columns": [],
        "sortedColumn": None,
        "fieldMatching": _matching(model, offset),
    }


def _matching(model, offset=0) -> dict:
    """Return which field each filter looks at."""
    found = {}
    if model in DAYS:
        chain, kind = DAYS[model]
        found[PERIOD] = {"chain": chain, "type": kind, "offset": offset}
    for (key, _label, _model), chain in zip(FILTERS, CHAINS[model], strict=True):
        found[key] = {"chain": chain, "type": "many2one"}
    return found


def _filters() -> list[dict]:
    found = [
        {
            "id": PERIOD,
            "type": "date",
            "label": "Period",
            "defaultValue": "last_12_months",
        }
    ]
    for key, label, model in FILTERS:
        found.append(
            {
                "id": key,
                "type": "relation",
                "label": label,
                "modelName": model,
                "defaultValueDisplayNames": [],
            }
        )
    return found


def _list() -> dict:
    """Return the customers with most to lose, of those who probably stay away."""
    return {
        "id": "1",
        "name": "Customers Who Probably Stay Away",
        "model": PROFILE,
        "columns": list(LIST),
        "domain": [["quiet_risk", ">=", 50]],
        "context": {},
        "orderBy": [{"name": "year_value", "asc": False}],
        "fieldMatching": _matching(PROFILE),
    }


def _list_cells() -> dict:
    cells = {f"A{LIST_LINE}": '=_t("Customers Who Probably Stay Away")'}
    for column, name in zip("ABCDE", LIST, strict=True):
        cells[f"{column}{LIST_LINE + 1}"] = f'=ODOO.LIST.HEADER(1,"{name}")'
        for line in range(1, 11):
            cells[f"{column}{LIST_LINE + 1 + line}"] = f'=ODOO.LIST(1,{line},"{name}")'
    return cells


def texts() -> dict[str, str]:
    """Return the files by their names.

    >>> sorted(texts())
    ['scorecard_dashboard.json', 'scorecard_sample_dashboard.json']
    """
    made = {
        "scorecard_dashboard.json": build(),
        "scorecard_sample_dashboard.json": sample(),
    }
    return {
        name: json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        for name, content in made.items()
    }


if __name__ == "__main__":
    for file_name, text in texts().items():
        Path(sys.argv[1], file_name).write_text(text)
