import io

from pypdf import PdfReader

from odoo.tests import HttpCase, tagged

from .test_report_file import ReportFileCase


@tagged("post_install", "-at_install")
class TestReportPdf(ReportFileCase, HttpCase):
    """The printed report: a page and more a period, its text can be selected."""

    def print(self, report, records, user):
        """Return the texts of the pages of a PDF file."""
        Report = self.env["ir.actions.report"]
        if Report.get_wkhtmltopdf_state() == "install":
            self.skipTest("no wkhtmltopdf here: the report opens as a page")
        self.env["ir.config_parameter"].set_param("report.url", self.base_url())
        # tests print HTML unless told otherwise
        printer = Report.with_user(user).with_context(force_report_rendering=True)
        content, kind = printer._render_qweb_pdf(
            f"crm_retention_reports.{report}", records.ids
        )
        self.assertEqual(kind, "pdf")
        pages = PdfReader(io.BytesIO(content)).pages
        return [" ".join(page.extract_text().split()) for page in pages]

    def test_twelve_months(self):
        self.seller.name = "陈伟 Größmann"
        wizard = self.export(self.seller, period="month", number=12)
        texts = self.print("evaluation", wizard, self.seller)
        self.assertGreaterEqual(len(texts), 12)
        firsts = [text for text in texts if "Größmann" in text]
        self.assertEqual(len(firsts), 12)
        self.assertIn("陈伟", firsts[0])
        self.assertTrue(any(self.page.name in text for text in texts))
        for first, last in wizard._get_spans():
            said = self.env["retention.analysis"]._say_days(first, last)
            with self.subTest(period=said):
                self.assertEqual(sum(said in text for text in firsts), 1)

    def test_several_reviews(self):
        reviews = self.make_reviews()
        text = " ".join(self.print("review", reviews, self.make_user("manager")))
        for review in reviews:
            self.assertIn(review.name, text)
        self.assertIn(reviews.line_ids[0].kpi_id.name, text)
