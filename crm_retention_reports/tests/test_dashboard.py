import json
import re

from odoo.tests import tagged
from odoo.tools import file_open

from ..tools import dashboard
from ..tools.dashboard_figures import FILTERS, NAMES
from .test_report_file import TODAY, ReportFileCase

FOLDER = "crm_retention_reports/data/files"


@tagged("post_install", "-at_install")
class TestDashboard(ReportFileCase):
    """The dashboard is what its generator says, and counts what is there."""

    def test_the_files_are_those_of_the_generator(self):
        for name, text in dashboard.texts().items():
            with file_open(f"{FOLDER}/{name}") as file:
                self.assertEqual(file.read(), text, f"{name}: see tools/dashboard.py")

    def test_every_field_is_there(self):
        live = dashboard.build()
        sources = [*live["pivots"].values(), *live["lists"].values()]
        sources += [
            figure["data"] | {"model": figure["data"]["metaData"]["resModel"]}
            for figure in live["sheets"][0]["figures"]
            if "metaData" in figure["data"]
        ]
        for source in sources:
            names = [match["chain"] for match in source["fieldMatching"].values()]
            names += [one["fieldName"] for one in source.get("measures", ())]
            names += source.get("columns", [])
            for one in (source.get("metaData") or {}).get("groupBy", []):
                names.append(one.split(":")[0])
            for name in set(names) - {"__count"}:
                Model = self.env[source["model"]]
                for part in name.split("."):
                    self.assertIn(part, Model._fields, f"{source['model']}.{name}")
                    field = Model._fields[part]
                    Model = self.env[field.comodel_name] if field.relational else Model
            domain = source.get("domain") or source.get("searchParams", {}).get(
                "domain"
            )
            self.env[source["model"]].search(domain or [], limit=1)

    def test_no_quotient_without_a_guard(self):
        for content in (dashboard.build(), dashboard.sample()):
            for sheet in content["sheets"]:
                for cell in sheet["cells"].values():
                    if cell.startswith("=") and "/" in re.sub(r'"[^"]*"', "", cell):
                        self.assertRegex(cell, r"^=IF\([B-E\d+]+<(1|20),\"\",")

    def test_made_up_figures_are_called_so(self):
        """A phone shows cards and charts alone: each says so."""
        figures = dashboard.sample()["sheets"][0]["figures"]
        self.assertEqual(len(figures), 17)
        for figure in figures:
            data = figure["data"]
            if data["type"] == "scorecard":
                self.assertEqual(data["baselineDescr"]["text"], "sample figure")
                line = data["baseline"].removeprefix("Data!E")
                cells = dashboard.sample()["sheets"][1]["cells"]
                # without a figure to compare with no card shows the words
                self.assertTrue(cells[f"C{line}"], data["title"]["text"])
            else:
                self.assertTrue(data["title"]["text"].startswith("Sample: "))

    def test_the_counts_of_a_reader(self):
        """The pivots' own reading, against the customers in plain words."""
        pivots = dashboard.build()["pivots"]
        for user, bought, new in (
            (self.seller, self.own, 1),
            (self.make_user("manager"), self.own | self.other, 2),
        ):
            Month = self.env["retention.month"].with_user(user)
            for number, expected in (("1", len(bought)), ("3", new), ("5", 0)):
                spec = pivots[number]
                [(found,)] = Month._read_group(
                    spec["domain"], [], ["customer_count:count_distinct"]
                )
                self.assertEqual(found, expected, spec["name"])

    def test_answers_and_alerts_of_a_reader(self):
        """What the cards of satisfaction and alerts divide, by the pivots' own rows."""
        answers = [("nps", 10, "promoter", 100)] * 3 + [("nps", 2, "detractor", -100)]
        answers += [("csat", 5, "good", 100), ("csat", 1, "bad", 0)]
        self.env["retention.feedback"].create(
            [
                {
                    "partner_id": (self.other if n == 3 else self.own).id,
                    "company_id": self.company.id,
                    "kind": kind,
                    "state": "answered",
                    "raw": raw,
                    "grade": grade,
                    "score": score,
                    "answered_at": f"{TODAY} 10:00:00",
                    "key": f"test:{n}:{kind}",
                }
                for n, (kind, raw, grade, score) in enumerate(answers)
            ]
        )
        for user, nps, csat in (
            (self.seller, [300, 3], [100, 2]),
            (self.make_user("manager"), [200, 4], [100, 2]),
        ):
            found = {spec["name"]: spec for spec in self.get_current_pivots()}
            for keys, expected in (("nps", nps), ("csat", csat)):
                values = [
                    self.read_pivot(found[NAMES[f"{keys}_{part}"]], user)
                    for part in ("sum", "count")
                ]
                self.assertEqual(values, expected, keys)

    def test_filters_reach_every_figure(self):
        """A tier, person, team, country that nobody has leaves nothing."""
        for spec in self.get_current_pivots():
            for key, _label, _model in FILTERS:
                chain = spec["fieldMatching"][key]["chain"]
                narrow = spec | {"domain": [*spec["domain"], [chain, "in", [0]]]}
                self.assertFalse(self.read_pivot(narrow, self.env.user), spec["name"])

    def get_current_pivots(self):
        pivots = dashboard.build()["pivots"].values()
        return [
            spec
            for spec in pivots
            if not spec["fieldMatching"].get("period", {}).get("offset")
        ]

    def read_pivot(self, spec, user):
        [measure] = spec["measures"]
        Model = self.env[spec["model"]].with_user(user)
        if measure["id"] == "__count":
            return Model.search_count(spec["domain"])
        field = Model._fields[measure["fieldName"]]
        how = measure.get("aggregator") or field.aggregator
        name = f"{measure['fieldName']}:{how}"
        [(found,)] = Model._read_group(spec["domain"], [], [name])
        return found

    def test_who_sees_it(self):
        record = self.env.ref("crm_retention_reports.retention_scorecard_dashboard")
        self.assertTrue(record.with_user(self.seller).has_access("read"))
        self.assertFalse(record.with_user(self.make_user("none")).has_access("read"))
        shown = json.loads(
            record.with_user(self.seller)._get_serialized_readonly_dashboard()
        )
        self.assertEqual(len(shown["snapshot"]["sheets"]), 2)
        self.assertTrue(record._get_sample_dashboard()["sheets"])
