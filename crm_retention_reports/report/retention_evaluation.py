from markupsafe import Markup

from odoo import api, models

from ..tools import blocks as plain_blocks

WIDTH = 680  # of charts on paper, in pixels
WIDE = 12  # columns, from which on a table is written small
WIDEST = 20


class RetentionEvaluation(models.AbstractModel):
    """What the printed evaluation report shows: a summary and the chosen reports.

    Several periods follow each other in one document. It opens as a page in the
    browser where no program makes PDF files.
    """

    _name = "report.crm_retention_reports.evaluation"
    _description = "Evaluation Report"

    @api.model
    def _get_report_values(self, docids, data=None):
        docs = self.env["retention.report.export"].browse(docids)
        periods = [
            self._get_period(
                doc.page_ids.with_env(doc._get_reader()),
                doc.title,
                (first, last),
                doc._get_domain(),
            )
            for doc in docs
            for first, last in doc._get_spans()
        ]
        return {"docs": docs, "doc_model": docs._name, "periods": periods}

    @api.model
    def _get_period(self, pages, title, days, domain=()):
        """Return what stands under one period.

        :param pages: the reports to show, in the environment of their reader.
        :param days: the first and the last.
        """
        env = pages.env
        found = pages._get_reports(*days, domain, WIDTH)
        analysis = env["retention.analysis"]
        about = analysis._get_about(found[0][2]) if found else []
        review = self._find_review(env, *days)
        # a review has the key figures, and what was said of them
        chapters = [
            self._get_chapter(*one)
            for one in found
            if not review or one[0]._name != "retention.scorecard"
        ]
        return {
            "title": title or env._("Evaluation"),
            "days": analysis._say_days(*days),
            "about": [(name, text) for name, text in about if text],
            "review": review,
            "summary": [chapter for chapter in chapters if chapter["cards"]],
            "chapters": chapters,
        }

    @api.model
    def _find_review(self, env, first, last):
        """Return the review of exactly these days, if the reader may see it."""
        Review = env["retention.review"]
        if not Review.has_access("read"):
            return Review
        return Review.search(
            [
                ("company_id", "=", env.company.id),
                ("date_from", "=", first),
                ("date_to", "=", last),
                ("computed_on", "!=", False),
            ],
            limit=1,
        )

    @api.model
    def _get_chapter(self, report, options, scope, blocks):
        """Return one report: its figures for the summary, the rest for its chapter."""
        cards = [
            card for block in blocks if block.block == "cards" for card in block.cards
        ]
        rest = [self._print(block) for block in blocks if block.block != "cards"]
        return {
            "title": report._get_title(),
            "cards": cards,
            "blocks": rest,
            "help": report._get_help(),
            "empty": "" if blocks else report._get_empty(scope)["text"],
        }

    @api.model
    def _print(self, block):
        """Return a block as its template reads it."""
        found = plain_blocks.plain(block)
        if block.block == "chart":
            # what is drawn is escaped by tools.svg
            found["markup"] = Markup(block.markup)
        if block.block == "table":
            found["size"] = self._get_size(len(block.columns))
            for row in found["rows"]:
                for cell in row["cells"]:
                    cell["style"] = self._get_style(cell)
        return found

    @api.model
    def _get_size(self, columns):
        """Return the class of a table by its width."""
        if columns <= WIDE:
            return ""
        return "o_small" if columns <= WIDEST else "o_smaller"

    @api.model
    def _get_style(self, cell):
        """Return the ground of a cell: of a heat map, as on the screen."""
        if cell["shade"] is None:
            return ""
        share = 0.04 + 0.96 * min(max(cell["shade"], 0), 1)
        color = ",".join(str(round(255 + (end - 255) * share)) for end in (17, 94, 89))
        ink = "#fff" if cell["shade"] > 0.6 else "#111827"
        return f"background-color: rgb({color}); color: {ink}"
