from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools import satisfaction
from ..facts.retention_feedback import KINDS


class SurveyQuestion(models.Model):
    """Which questions measure satisfaction."""

    _inherit = "survey.question"

    retention_kind = fields.Selection(
        selection=KINDS,
        string="Measures Satisfaction as",
        help="Answers become customer feedback. Recommending (NPS) is asked on a scale "
        "from 0 to 10, all else from 1 to 5, where more is better.",
    )

    @api.constrains("retention_kind", "question_type", "scale_min", "scale_max")
    def _check_retention_kind(self):
        for question in self.filtered("retention_kind"):
            scale = satisfaction.SCALES[question.retention_kind]
            if question.question_type != "scale" or scale != (
                question.scale_min,
                question.scale_max,
            ):
                raise ValidationError(
                    self.env._(
                        "“%(question)s” measures satisfaction: it needs a scale from "
                        "%(least)s to %(most)s.",
                        question=question.title,
                        least=scale[0],
                        most=scale[1],
                    )
                )
