import io
import json
from datetime import date

from openpyxl import load_workbook

from odoo import http
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tests.common import BaseCase

from odoo.addons.crm_retention.tests.common import TODAY, RetentionCommon

from ..tools import xlsx
from ..tools.blocks import Cell, Column, Row, Table

NAMES = ["陈伟", "Amélie Großmann", '=HYPERLINK("http://x.example")', "@sum", "-2+3"]


class TestXlsx(BaseCase):
    """A file holds what the tables hold, as numbers, days and texts."""

    def read_file(self, *parts, **values):
        book = xlsx.Book("Evaluation", [("Period", "2024")], parts, **values)
        return load_workbook(io.BytesIO(xlsx.write(book)))

    def test_cells_are_typed_and_never_formulas(self):
        columns = [
            Column("name", "Customer"),
            Column("count", "Purchases", "integer"),
            Column("part", "Share", "percent"),
            Column("money", "Revenue", "money"),
            Column("month", "Month", "month"),
        ]
        rows = [
            Row([Cell(name), Cell(n), Cell(12.5), Cell(3.25), Cell(date(2024, 2, 1))])
            for n, name in enumerate(NAMES)
        ]
        rows.append(Row([Cell("All"), Cell(), Cell(state="open"), Cell(), Cell()]))
        table = Table("t", "Customers", columns, rows)
        file = self.read_file(("Customers", [table]), money='#,##0.00 "€"')
        sheet = file["Customers"]
        self.assertEqual(sheet.freeze_panes, "B2")
        found = list(sheet.iter_rows(values_only=True))
        self.assertEqual(found[0], tuple(column.title for column in columns))
        self.assertEqual([row[0] for row in found[1:6]], NAMES)
        self.assertEqual(found[2][1:4], (1, 0.125, 3.25))
        self.assertEqual(found[2][4].date(), date(2024, 2, 1))
        self.assertEqual(found[6], ("All", None, None, None, None))
        self.assertEqual(sheet["C2"].number_format, "0.0%")
        self.assertIn("€", sheet["D2"].number_format)
        kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
        self.assertEqual(kinds, {"s", "n", "d"})

    def test_names_of_sheets(self):
        table = Table("t", "T", [Column("a", "A")])
        rocket = "\N{ROCKET}"  # two signs for the format
        wished = ["Won/Lost", "won lost", "x" * 40, "x" * 41, rocket * 20]
        file = self.read_file(*((name, [table]) for name in wished))
        names = ["Won Lost", "won lost 2", "x" * 31, "x" * 29 + " 2", rocket * 15]
        self.assertEqual(file.sheetnames, ["Contents", *names])

    def test_what_the_format_cannot_hold(self):
        days = [date(1899, 12, 31), date(1900, 1, 1), "0205-03-01"]
        values = ["x" * 40_000, float("nan"), float("-inf"), 1e300]
        rows = [Row([Cell(day, kind="date")]) for day in days]
        rows += [Row([Cell(value, kind="number")]) for value in values]
        table = Table("t", "T", [Column("a", "A" * 40_000, help="H" * 40_000)], rows)
        file = self.read_file(("S", [table]))
        found = [value for (value,) in file["S"].iter_rows(min_row=2, values_only=True)]
        self.assertEqual(found[0], "1899-12-31")
        self.assertEqual(found[1].date(), days[1])
        self.assertEqual(found[2:], [days[2], "x" * 32_767, None, None, 1e300])


class ReportFileCase(RetentionCommon):
    """Two customers, one of them the salesperson's, who bought for a year."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own, cls.other = cls.make_customers(2)
        cls.buy(cls.own, *((ago, 100) for ago in range(5, 300, 30)))
        cls.buy(cls.other, *((ago, 50) for ago in range(10, 200, 60)))
        cls.seller = cls.make_user("user")
        cls.own.user_id = cls.seller
        cls.run_pass("full", TODAY)
        cls.classPatch(type(cls.company), "_retention_today", lambda self: TODAY)
        cls.env.invalidate_all()
        cls.page = cls.env["retention.report.page"].search(
            [("model", "=", "retention.cohort")]
        )

    def make_reviews(self):
        reviews = self.env["retention.review"].create(
            [
                {"period": "month", "date_from": day, "company_id": self.company.id}
                for day in (date(2024, 4, 1), date(2024, 5, 1))
            ]
        )
        for review in reviews:
            review.action_compute()
        return reviews

    def export(self, user=None, **values):
        Export = self.env["retention.report.export"].with_user(user or self.env.user)
        return Export.create(
            {"page_ids": [Command.set(self.page.ids)], "period": "months_12", **values}
        )


@tagged("post_install", "-at_install")
class TestReportFile(ReportFileCase):
    """Files of reports show the screen's figures, to each reader his own."""

    def tables(self, user):
        """Return {place of the sheet: values of its rows} as the screen has them."""
        found = self.env["retention.cohort"].with_user(user).get_analysis({})
        held = [block for block in found["blocks"] if block["block"] != "note"]
        return {
            place: [[cell["value"] for cell in row["cells"]] for row in block["rows"]]
            for place, block in enumerate(held, 1)
            if block["block"] == "table"
        }

    def test_the_file_says_what_the_screen_says(self):
        manager = self.make_user("manager")
        for user in (self.seller, manager):
            name, content = self.env["retention.cohort"].with_user(user)._get_file()
            self.assertTrue(name.endswith(".xlsx"))
            file = load_workbook(io.BytesIO(content))
            expected = self.tables(user)
            self.assertTrue(expected)
            for place, wanted in expected.items():
                sheet = file[file.sheetnames[place]]
                rows = list(sheet.iter_rows(min_row=2, values_only=True))
                self.assertEqual(len(rows), len(wanted))
                for row, values in zip(rows, wanted, strict=True):
                    self.check_row(row, values)
        self.assertNotEqual(self.tables(self.seller), self.tables(manager))

    def check_row(self, row, values):
        """The cells hold the values; of a percentage its hundredth."""
        for cell, value in zip(row, values, strict=True):
            if isinstance(value, float):
                self.assertIn(round(cell, 6), (round(value, 6), round(value / 100, 6)))
            elif isinstance(value, int) or value is None:
                self.assertEqual(cell, value)

    def test_several_periods_in_one_file(self):
        wizard = self.export(period="month", number=12)
        spans = wizard._get_spans()
        self.assertEqual(len(set(spans)), 12)
        self.assertTrue(
            all(one[0] > other[1] for one, other in zip(spans, spans[1:], strict=False))
        )
        _name, content = wizard._make_xlsx()
        file = load_workbook(io.BytesIO(content))
        self.assertGreater(len(file.sheetnames), 1)
        self.assertTrue(all(len(name) <= 31 for name in file.sheetnames))
        action = wizard.action_make_xlsx()
        self.assertIn(f"/{wizard.id}/file", action["url"])
        self.assertTrue(wizard.file)

    def test_everybody_gets_all_that_he_may_open(self):
        pages = self.env["retention.report.page"]._get_all()
        for kind in ("user", "lead", "manager", "auditor"):
            reader = self.seller if kind == "user" else self.make_user(kind)
            wizard = self.env["retention.report.export"].with_user(reader).create({})
            mine = {
                page.model
                for page in pages.with_user(reader)
                if self.may_open(self.env[page.model].with_user(reader))
            }
            self.assertEqual(set(wizard.page_ids.mapped("model")), mine)
            self.assertEqual("retention.roi" in mine, kind in ("manager", "auditor"))
            wizard.page_ids = pages
            _name, content = wizard._make_xlsx()
            self.assertTrue(load_workbook(io.BytesIO(content)).sheetnames)

    def may_open(self, report):
        try:
            report._check_reader()
        except AccessError:
            return False
        return True

    def test_the_printed_report(self):
        self.own.name = "陈伟"
        wizard = self.export(self.seller, title="Évaluation <2024>")
        html, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.seller)
            ._render_qweb_html("crm_retention_reports.evaluation", wizard.ids)
        )
        text = html.decode()
        self.assertIn("Évaluation &lt;2024&gt;", text)
        self.assertIn(self.page.name, text)
        self.assertIn(self.seller.name, text)
        self.assertNotIn("&lt;svg", text)
        for period in self.export(period="quarter", number=3)._get_spans():
            self.assertTrue(period[0] < period[1])

    def test_reviews_are_printed_with_their_figures(self):
        manager = self.make_user("manager")
        reviews = self.make_reviews()
        reviews[0].write({"summary": "<p>All <b>well</b></p>"})
        Report = self.env["ir.actions.report"]
        html, _kind = Report.with_user(manager)._render_qweb_html(
            "crm_retention_reports.review", reviews.ids
        )
        text = html.decode()
        self.assertIn("All <b>well</b>", text)
        for review in reviews:
            self.assertIn(review.name, text)
            self.assertTrue(review.line_ids)
            for line in review.line_ids:
                self.assertIn(line.kpi_id.name, text)
        with self.assertRaises(AccessError):
            Report.with_user(self.seller)._render_qweb_html(
                "crm_retention_reports.review", reviews.ids
            )

    def test_what_cannot_be_chosen(self):
        with self.assertRaises(ValidationError):
            self.export(number=0, period="month")
        with self.assertRaises(ValidationError):
            self.export(period="own", first="2024-02-01", last="2024-01-01")
        with self.assertRaises(ValidationError):
            self.export(period="own", first="2002-02-01", last="2024-01-01")
        name, _content = self.export(title="x" * 40_000)._make_xlsx()
        self.assertLess(len(name), 150)
        with self.assertRaises(UserError):
            self.export(domain="__import__('os')")._get_domain()
        empty = self.export(page_ids=[Command.clear()])
        with self.assertRaises(UserError):
            empty.action_make_xlsx()
        with self.assertRaises(UserError):
            self.env["retention.cohort"].with_user(self.make_user("none"))._get_file()

    def test_companies_apart(self):
        """A file is of one company, and of one that its reader may enter."""
        manager, other = self.make_user("manager"), self.make_company()
        self.buy(self.other, (40, 77777), company=other)
        self.run_pass("full", TODAY, other)
        with self.assertRaises(AccessError):
            self.export(manager, company_id=other.id)._make_xlsx()
        manager.company_ids |= other
        sums = []
        for company in (self.company, other):
            wizard = self.export(manager, company_id=company.id)
            _name, content = wizard._make_xlsx()
            file = load_workbook(io.BytesIO(content))
            about = dict(
                row[:2] for row in file["Contents"].iter_rows(values_only=True)
            )
            self.assertEqual(about["Company"], company.name)
            sums.append([list(sheet.values) for sheet in file.worksheets[1:]])
        self.assertNotEqual(*sums)

    def test_all_that_one_may_open(self):
        """What is only for managers is left out for the others, and stops nothing."""
        pages = self.env["retention.report.page"].search([])
        roi = pages.filtered(lambda page: page.model == "retention.roi")
        self.assertTrue(roi)
        for kind, closed in (("lead", roi), ("manager", pages.browse())):
            user = self.make_user(kind)
            Export = self.env["retention.report.export"].with_user(user)
            wizard = Export.create({"period": "month"})
            self.assertEqual(wizard.page_ids, pages - closed)
            wizard.page_ids = pages.ids  # by whoever chose for him
            _name, content = wizard._make_xlsx()
            names = {
                row[0] for row in load_workbook(io.BytesIO(content))["Contents"].values
            }
            self.assertEqual(roi.name in names, not closed)

    def test_every_report_is_in_the_list_once(self):
        pages = self.env["retention.report.page"].search([])
        actions = self.env["retention.analysis"]._get_actions()
        self.assertEqual(sorted(pages.mapped("model")), sorted(actions))
        pages._sync()
        self.assertEqual(self.env["retention.report.page"].search([]), pages)
        self.assertTrue(all(page.with_user(self.seller).name for page in pages))


@tagged("post_install", "-at_install")
class TestReportRoute(ReportFileCase, HttpCase):
    """The download: only of reports, only for who may open them."""

    def fetch(self, login, model, options="{}"):
        self.authenticate(login, login)
        data = {
            "model": model,
            "options": options,
            "csrf_token": http.Request.csrf_token(self),
        }
        return self.url_open("/retention/analysis/xlsx", data=data)

    def test_download(self):
        login = self.seller.login
        answer = self.fetch(login, "retention.cohort", json.dumps({"period": "year"}))
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(load_workbook(io.BytesIO(answer.content)).sheetnames)
        for model in ("res.users", "retention.analysis", "no.model", ""):
            self.assertEqual(self.fetch(login, model).status_code, 404)
        for junk in ("[", "[" * 100_000):
            answer = self.fetch(login, "retention.cohort", junk)
            self.assertEqual(answer.status_code, 404)

    def test_the_screen(self):
        """Chart, table, period, words, records and back."""
        manager = self.make_user("manager")
        self.buy(self.own, *((ago, 10) for ago in range(330, 1200, 30)))
        self.run_pass("full", TODAY)
        self.start_tour(
            "/odoo/retention-churn",
            "crm_retention_reports_analysis",
            login=manager.login,
        )

    def test_not_for_others(self):
        other = self.make_user("none")
        self.assertEqual(self.fetch(other.login, "retention.cohort").status_code, 422)
