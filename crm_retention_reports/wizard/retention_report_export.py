import ast
import base64
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..report.scope import MOST_YEARS, own_days, period_days
from ..tools import xlsx
from ..tools.periods_back import label, spans_back

_logger = logging.getLogger(__name__)

PERIODS = [
    ("month", "Months"),
    ("quarter", "Quarters"),
    ("year", "Years"),
    ("months_12", "The Last 12 Months"),
    ("own", "Own Days"),
]

LONGEST = 100  # signs of a title in the name of a file
REPORT = "crm_retention_reports.evaluation"
MEDIA = {"pdf": "application/pdf", "html": "text/html"}


class RetentionReportExport(models.TransientModel):
    """The evaluation as a file: which reports, of which periods, about whom."""

    _name = "retention.report.export"
    _description = "Evaluation Report"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    title = fields.Char(help="Stands above every page; empty: Evaluation.")
    period = fields.Selection(
        selection=PERIODS,
        required=True,
        default="month",
        help="Months, quarters and years that are over, counted back from today.",
    )
    number = fields.Integer(
        string="How Many",
        default=1,
        help="Months, quarters or years, the last one first: each begins a new page.",
    )
    first = fields.Date(string="From", default=lambda self: self._default_days()[0])
    last = fields.Date(string="To", default=lambda self: self._default_days()[1])
    page_ids = fields.Many2many(
        comodel_name="retention.report.page",
        relation="retention_report_export_page_rel",
        string="Reports",
        default=lambda self: self._default_page_ids(),
    )
    allowed_page_ids = fields.Many2many(
        comodel_name="retention.report.page", compute="_compute_allowed_page_ids"
    )
    domain = fields.Char(
        string="Customers",
        default="[]",
        help="Only these customers; empty: all that you may see.",
    )
    file = fields.Binary(readonly=True, attachment=False)
    file_name = fields.Char(readonly=True)

    @api.model
    def _default_days(self):
        return period_days("month", self.env.company._retention_today())

    @api.model
    def _default_page_ids(self):
        return self.env["retention.report.page"]._get_all()._filter_allowed()

    @api.depends_context("uid")
    def _compute_allowed_page_ids(self):
        self.allowed_page_ids = self._default_page_ids()

    @api.constrains("number")
    def _check_number(self):
        if any(not 1 <= wizard.number <= 24 for wizard in self):
            raise ValidationError(self.env._("Choose 1 to 24 periods."))

    @api.constrains("period", "first", "last")
    def _check_days(self):
        for wizard in self.filtered(lambda one: one.period == "own"):
            if not wizard.first or not wizard.last or wizard.last < wizard.first:
                raise ValidationError(
                    self.env._("Give the first and the last day, in this order.")
                )
            days, today = (
                (wizard.first, wizard.last),
                self.env.company._retention_today(),
            )
            if own_days(*days, today) != days:
                raise ValidationError(
                    self.env._(
                        "Choose at most %(years)s years, until the end of next year.",
                        years=MOST_YEARS,
                    )
                )

    def _get_reader(self):
        """Return the environment in which the reports are read: the user's own."""
        self.ensure_one()
        return self.with_company(self.company_id).env

    def _get_spans(self):
        """Return (first, last) day of each period, the latest first."""
        self.ensure_one()
        if self.period == "own":
            return [(self.first, self.last)]
        today = self.company_id._retention_today()
        number = 1 if self.period == "months_12" else self.number
        return spans_back(*period_days(self.period, today), number)

    def _get_domain(self):
        """Return the condition on customers."""
        try:
            return Domain(ast.literal_eval(self.domain or "[]"))
        except (SyntaxError, TypeError, ValueError) as error:
            raise UserError(
                self.env._("The condition on customers cannot be read.")
            ) from error

    def action_print(self):
        """Open the PDF file; where none can be made, the page in the browser."""
        self.ensure_one()
        self._check_pages()
        report = self.env.ref("crm_retention_reports.retention_evaluation_report")
        return report.report_action(self)

    def _make_document(self):
        """Return (name, content, media type) of the document: a PDF file, or a page
        for the browser where no program makes PDF files."""
        Report = self.env["ir.actions.report"]
        spans = self._get_spans()
        title = (self.title or self.env._("Evaluation"))[:LONGEST]
        name = f"{title} {spans[-1][0]} {spans[0][1]}"
        content, kind = self._print_pdf() or Report._render_qweb_html(REPORT, self.ids)
        return f"{name}.{kind}", content, MEDIA[kind]

    def _print_pdf(self):
        """Return (content, kind) of the document; None if no PDF file can be made."""
        Report = self.env["ir.actions.report"]
        if Report.get_wkhtmltopdf_state() not in ("ok", "workers", "upgrade"):
            return None
        try:
            content, kind = Report._render_qweb_pdf(REPORT, self.ids)
        except UserError:
            _logger.warning("No PDF file: a page instead", exc_info=True)
            return None
        # where it fails in silence, the file is empty
        is_made = kind != "pdf" or content.startswith(b"%PDF")
        return (content, kind) if is_made else None

    def action_make_xlsx(self):
        """Make the spreadsheet file and download it."""
        self.ensure_one()
        self._check_pages()
        name, content = self._make_xlsx()
        self.write({"file": base64.b64encode(content), "file_name": name})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file?filename_field=file_name"
            "&download=true",
            "target": "download",
        }

    def _check_pages(self):
        if not self.page_ids._filter_allowed():
            raise UserError(self.env._("Choose at least one report."))

    def _make_xlsx(self):
        """Return (name, content) of the spreadsheet file."""
        env = self._get_reader()
        spans, domain = self._get_spans(), self._get_domain()
        pages = self.page_ids.with_env(env)
        analysis = env["retention.analysis"]
        title = self.title or env._("Evaluation")
        about, parts = [], []
        for first, last in spans:
            found = pages._get_reports(first, last, domain)
            book = analysis._make_book(title, found)
            about += book.about
            end = f" {label(first, last)}" if len(spans) > 1 else ""
            parts += [(name, tables, end) for name, tables in book.parts]
        book = analysis._make_book(title, [])
        book.about = list(dict.fromkeys(about))
        book.parts = [
            (f"{name[: xlsx.LONGEST - len(end)]}{end}", tables)
            for name, tables, end in parts
        ]
        days = f"{spans[-1][0]} {spans[0][1]}"
        return f"{title[:LONGEST]} {days}.xlsx", xlsx.write(book)
