import json

from werkzeug.exceptions import NotFound, UnprocessableEntity

from odoo.exceptions import UserError
from odoo.http import (
    Controller,
    content_disposition,
    request,
    route,
    serialize_exception,
)
from odoo.tools import html_escape

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class AnalysisController(Controller):
    """The files of reports, read with the rights of who asks for them."""

    @route("/retention/analysis/xlsx", type="http", auth="user", methods=["POST"])
    def xlsx(self, model="", options="{}", **_other):
        """Return a report as a spreadsheet file.

        :param model: that of the report.
        :param options: what was chosen on the screen, as JSON.
        """
        if model not in request.env["retention.analysis"]._get_actions():
            raise NotFound()
        try:
            chosen = json.loads(options)
        except (RecursionError, ValueError) as error:
            raise NotFound() from error
        try:
            report = request.env[model]
            name, content = report._get_file(chosen if type(chosen) is dict else {})
        except UserError as error:
            said = {"code": 0, "data": serialize_exception(error)}
            answer = request.make_response(html_escape(json.dumps(said)), status=422)
            raise UnprocessableEntity(response=answer) from error
        headers = [
            ("Content-Type", XLSX),
            ("Content-Disposition", content_disposition(name)),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return request.make_response(content, headers)
