from odoo import api, models


class RetentionReviewDocument(models.AbstractModel):
    """The same for reviews: of their periods, with all reports one may open."""

    _name = "report.crm_retention_reports.review"
    _inherit = "report.crm_retention_reports.evaluation"
    _description = "Evaluation Report of Reviews"

    @api.model
    def _get_report_values(self, docids, data=None):
        docs = self.env["retention.review"].browse(docids)
        pages = self.env["retention.report.page"]._get_all()
        periods = [
            self._get_period(
                pages.with_company(review.company_id),
                review.name,
                (review.date_from, review.date_to),
            )
            for review in docs
        ]
        return {"docs": docs, "doc_model": docs._name, "periods": periods}
