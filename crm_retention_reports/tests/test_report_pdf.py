import io

from pypdf import PdfReader

from odoo.tests import HttpCase, tagged

from .test_report_file import ReportFileCase


@tagged("post_install", "-at_install")
class TestReportPdf(ReportFileCase, HttpCase):
    """The printed report: a page and more a period, its text can be selected."""

    def test_twelve_months(self):
        Report = self.env["ir.actions.report"]
        if Report.get_wkhtmltopdf_state() == "install":
            self.skipTest("no wkhtmltopdf here: the report opens as a page")
        self.env["ir.config_parameter"].set_param("report.url", self.base_url())
        self.seller.name = "陈伟 Größmann"
        wizard = self.export(self.seller, period="month", number=12)
        # tests print HTML unless told otherwise
        printer = Report.with_user(self.seller).with_context(
            force_report_rendering=True
        )
        content, kind = printer._render_qweb_pdf(
            "crm_retention_reports.evaluation", wizard.ids
        )
        self.assertEqual(kind, "pdf")
        pages = PdfReader(io.BytesIO(content)).pages
        self.assertGreaterEqual(len(pages), 12)
        open("/tmp/h7_eval.pdf", "wb").write(content)
        texts = [page.extract_text() for page in pages]
        firsts = [text for text in texts if "Größmann" in text]
        self.assertEqual(len(firsts), 12)
        self.assertIn("陈伟", firsts[0])
        self.assertTrue(any(self.page.name in text for text in texts))
        for first, last in wizard._get_spans():
            said = self.env["retention.analysis"]._say_days(first, last)
            self.assertEqual(sum(said in text for text in firsts), 1)
