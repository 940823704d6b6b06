"""The scorecard dashboard as Odoo's spreadsheets store it: live, and with sample data.

The files in ``data/files`` are written from here: ``python dashboard.py FOLDER``.
"""

import json
import sys
from pathlib import Path

VERSION = "18.5.10"  # of the format of Odoo 19.0
PERIOD, TIER, PERSON, TEAM, COUNTRY = ("period", "tier", "person", "team", "country")
MONTH = "retention.month"
BOUGHT = ["purchases", ">", 0]
WIDTH, GAP = 1000, 12

# name of the row, what is counted, of which rows, ground of the card
COUNTS = (
    ("Customers Who Bought", "customer_count", [BOUGHT], "#EFF6FF"),
    ("New Customers", "customer_count", [BOUGHT, ["gap_before", "=", 0]], "#EFF6FF"),
    (
        "Back after a Year",
        "customer_count",
        [BOUGHT, ["gap_before", ">", 12]],
        "#EFF6FF",
    ),
    ("Revenue", "revenue", [], "#FFF7ED"),
    ("Customers Contacted", "customer_count", [["contacts", ">", 0]], "#F0FDF4"),
    ("Customers Who Answered", "customer_count", [["answers", ">", 0]], "#F0FDF4"),
    ("Complaints", "complaints", [], "#FEF2F2"),
    ("Opt-outs", "objections", [], "#FEF2F2"),
)
# name, row above, row below: quotients of sums
RATIOS = (
    ("Revenue per Customer", 3, 0, "#FFF7ED"),
    ("Answered of Those Contacted", 5, 4, "#F0FDF4"),
)
PERCENT = ("Answered of Those Contacted",)
FILTERS = (
    (TIER, "Tier Today", "retention.tier", "current_tier_id", "tier_id"),
    (PERSON, "Salesperson", "res.users", "user_id", "user_id"),
    (TEAM, "Sales Team", "crm.team", "team_id", "user_id.sale_team_id"),
    (COUNTRY, "Country", "res.country", "country_id", "country_id"),
)
BY_TIER = ["month:month", "tier_id"]
# key, kind, title, measure, of which rows, by what
CHARTS = (
    ("buyers", "line", COUNTS[0][0], "customer_count", [BOUGHT], ["month:month"]),
    (
        "tiers",
        "bar",
        "Customers Who Bought, by Tier",
        "customer_count",
        [BOUGHT],
        BY_TIER,
    ),
    ("revenue", "bar", "Revenue by Tier", "revenue", [], BY_TIER),
    ("health", "treemap", "Revenue by Health", "window_revenue", [], ["health_band"]),
)
LIST = ("partner_id", "tier_id", "quiet_risk", "year_value", "last_purchase")
SAMPLE_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun")
SAMPLE_BOUGHT = (118, 124, 121, 133, 140, 138)
SAMPLE_REVENUE = (41200, 43900, 42100, 47800, 51300, 50200)
SAMPLE_COUNTS = ((212, 198), (31, 27), (9, 6), (276500, 251900), (187, 171), (121, 98))
SAMPLE_COUNTS += ((14, 19), (3, 4))


def build() -> dict:
    """Return the live dashboard.

    >>> found = build()
    >>> [sheet["name"] for sheet in found["sheets"]], len(found["pivots"])
    (['Dashboard', 'Data'], 16)
    >>> found["sheets"][1]["cells"]["B2"]
    '=IFERROR(PIVOT.VALUE(1,"customer_count")+0,0)'
    >>> found["pivots"]["2"]["fieldMatching"]["period"]["offset"]
    -1
    >>> found["sheets"][1]["cells"]["B10"]
    '=IF(B2=0,"",B5/B2)'
    >>> {figure["data"]["type"] for figure in found["sheets"][0]["figures"]} == {
    ...     "scorecard", "odoo_line", "odoo_bar", "odoo_treemap"}
    True
    >>> len({figure["id"] for figure in found["sheets"][0]["figures"]})
    14
    """
    cells = {}
    for place, (_name, measure, _domain, _color) in enumerate(COUNTS):
        for column, pivot in (("B", 2 * place + 1), ("C", 2 * place + 2)):
            value = f'PIVOT.VALUE({pivot},"{measure}")'
            cells[f"{column}{place + 2}"] = f"=IFERROR({value}+0,0)"
    pivots = {}
    for place, (name, measure, domain, _color) in enumerate(COUNTS):
        for number, offset in ((2 * place + 1, 0), (2 * place + 2, -1)):
            pivots[str(number)] = _pivot(number, name, measure, domain, offset)
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
    >>> found["sheets"][1]["cells"]["B2"], found["sheets"][1]["cells"]["B11"]
    ('212', '=IF(B6=0,"",B7/B6)')
    >>> found["pivots"], found["lists"]
    ({}, {})
    >>> any(figure["data"]["type"].startswith("odoo_")
    ...     for figure in found["sheets"][0]["figures"])
    False
    """
    cells = {}
    for place, values in enumerate(SAMPLE_COUNTS):
        for column, value in zip("BC", values, strict=True):
            cells[f"{column}{place + 2}"] = str(value)
    rows = zip(SAMPLE_MONTHS, SAMPLE_BOUGHT, SAMPLE_REVENUE, strict=True)
    for line, (month, bought, revenue) in enumerate(rows, 15):
        cells |= {f"A{line}": month, f"B{line}": str(bought), f"C{line}": str(revenue)}
    cells |= {"B14": '=_t("Customers Who Bought")', "C14": '=_t("Revenue")'}
    charts = [
        _sample_chart("buyers", "line", "Customers Who Bought", "B", 0),
        _sample_chart("revenue", "bar", "Revenue", "C", 1),
    ]
    return _whole(cells, charts, {"A1": '=_t("Sample figures: nothing counted yet")'})


# ---- parts -----------------------------------------------------------------------


def _whole(data_cells, charts, list_cells) -> dict:
    """Return the document: the sheet that is seen and the sheet behind it."""
    cards = [(name, color) for name, _measure, _domain, color in COUNTS]
    cards += [(name, color) for name, _above, _below, color in RATIOS]
    figures = [_card(place, name, color) for place, (name, color) in enumerate(cards)]
    return {
        "version": VERSION,
        "sheets": [
            _sheet("dashboard", "Dashboard", list_cells, [*figures, *charts]),
            _sheet("data", "Data", _data_cells(cards) | data_cells, []),
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


def _data_cells(cards) -> dict:
    """Return the rows behind the cards: now, the period before, and how it is shown.

    Where the period before is nothing there is no change to tell: no division by 0.
    """
    cells = {"A1": '=_t("Figure")', "B1": '=_t("Current")', "C1": '=_t("Previous")'}
    ratios = {len(COUNTS) + n: ratio for n, ratio in enumerate(RATIOS)}
    for place, (name, _color) in enumerate(cards):
        line = place + 2
        cells[f"A{line}"] = f'=_t("{name}")'
        if place in ratios:
            _name, above, below, _color = ratios[place]
            for column in "BC":
                parts = f"{column}{below + 2}", f"{column}{above + 2}"
                cells[f"{column}{line}"] = '=IF({0}=0,"",{1}/{0})'.format(*parts)
        cells[f"D{line}"] = f"=B{line}"
        cells[f"E{line}"] = f'=IF(C{line}=0,"",C{line})'
        if name not in PERCENT:
            cells[f"D{line}"] = f'=IF(B{line}="","",FORMAT.LARGE.NUMBER(B{line}))'
    return cells


def _sheet(key, name, cells, figures) -> dict:
    data = key == "data"
    ratio = len(COUNTS) + 2 + [one[0] for one in RATIOS].index(PERCENT[0])
    return {
        "id": key,
        "name": name,
        "colNumber": 8,
        "rowNumber": 80,
        "rows": {},
        "cols": {"0": {"size": 250}, **{str(n): {"size": 190} for n in range(1, 5)}},
        "merges": [],
        "cells": cells,
        "styles": {"A1:E1": 2} if data else {"A1": 1, "A46": 1, "A47:E47": 2},
        "formats": {f"B{ratio}:E{ratio}": 1} if data else {},
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


def _card(place, name, color) -> dict:
    """Return a card: five stand beside each other."""
    wide = (WIDTH - 4 * GAP) // 5
    x, y = (place % 5) * (wide + GAP), 30 + (place // 5) * 118
    data = {
        "type": "scorecard",
        "title": {"text": name, "bold": True, "color": "#434343", "fontSize": 12},
        "background": color,
        "keyValue": f"Data!D{place + 2}",
        "baseline": f"Data!E{place + 2}",
        "baselineMode": "percentage",
        "baselineDescr": {"text": "vs. the time before", "fontSize": 10},
        # more complaints or opt-outs are no good news
        "baselineColorUp": "#DC6965" if color == "#FEF2F2" else "#00A04A",
        "baselineColorDown": "#00A04A" if color == "#FEF2F2" else "#DC6965",
        "humanize": False,
    }
    return _figure(f"card_{place}", x, y, wide, 106, data)


def _charts() -> list[dict]:
    """Return the live charts, two beside each other."""
    half = (WIDTH - GAP) // 2
    return [
        _chart(*spec, (place % 2) * (half + GAP), 280 + 370 * (place // 2), half)
        for place, spec in enumerate(CHARTS)
    ]


def _chart(key, kind, title, measure, domain, group, x, y, width) -> dict:
    model = "retention.profile" if key == "health" else MONTH
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
        "dataSets": [{"dataRange": f"Data!{column}14:{column}20"}],
        "dataSetsHaveTitle": True,
        "labelRange": "Data!A15:A20",
        "stacked": False,
        "verticalAxisPosition": "left",
        "aggregated": False,
    }
    return _figure(key, place * (half + GAP), 280, half, 350, data)


def _pivot(number, name, measure, domain, offset) -> dict:
    return {
        "type": "ODOO",
        "id": str(number),
        "formulaId": str(number),
        "name": name,
        "model": MONTH,
        "domain": domain,
        "context": {},
        "measures": [{"id": measure, "fieldName": measure}],
        "rows": [],
        "columns": [],
        "sortedColumn": None,
        "fieldMatching": _matching(MONTH, offset),
    }


def _matching(model, offset=0) -> dict:
    """Return which field each filter looks at."""
    found = {}
    if model == MONTH:
        found[PERIOD] = {"chain": "month", "type": "date", "offset": offset}
    for key, _label, _model, of_month, of_profile in FILTERS:
        chain = of_month if model == MONTH else of_profile
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
    for key, label, model, _of_month, _of_profile in FILTERS:
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
        "model": "retention.profile",
        "columns": list(LIST),
        "domain": [["quiet_risk", ">=", 50]],
        "context": {},
        "orderBy": [{"name": "year_value", "asc": False}],
        "fieldMatching": _matching("retention.profile"),
    }


def _list_cells() -> dict:
    cells = {"A46": '=_t("Customers Who Probably Stay Away")'}
    for column, name in zip("ABCDE", LIST, strict=True):
        cells[f"{column}47"] = f'=ODOO.LIST.HEADER(1,"{name}")'
        for line in range(1, 11):
            cells[f"{column}{47 + line}"] = f'=ODOO.LIST(1,{line},"{name}")'
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
